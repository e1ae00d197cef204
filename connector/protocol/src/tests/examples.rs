//! The protocol's own examples, and what another implementation really sent. Both lie outside the repository.

use crate::message::{self as m, Malformed};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn shared(below: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(below);
    if !path.is_dir() {
        println!("skipped: there is no shared/{below} beside the repository");
        return None;
    }
    Some(path)
}

fn files(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), serde_json::from_str(&text).unwrap()));
        }
    }
    found
}

/// Parses by `@type` and writes again; `None` for types of other crates.
fn round_trip(value: Value) -> Option<Result<Value, Malformed>> {
    macro_rules! by_type {
        ($($name:ident)*) => {
            match value.get("@type").and_then(Value::as_str) {
                $(Some(m::$name::TYPE) => Some(m::$name::parse(value).map(|message| message.to_json())),)*
                _ => None,
            }
        };
    }
    if value.get("protocolVersions").is_some() {
        return Some(m::VersionResponse::parse(value).map(|versions| versions.to_json()));
    }
    by_type! {
        CatalogRequestMessage DatasetRequestMessage CatalogError
        ContractRequestMessage ContractOfferMessage ContractAgreementMessage
        ContractAgreementVerificationMessage ContractNegotiationEventMessage
        ContractNegotiationTerminationMessage ContractNegotiation ContractNegotiationError
        TransferRequestMessage TransferStartMessage TransferSuspensionMessage TransferCompletionMessage
        TransferTerminationMessage TransferProcess TransferError
    }
}

#[test]
fn the_protocols_examples_come_out_as_they_went_in() {
    let Some(folder) = shared("dsp/examples") else { return };
    let mut count = 0;
    for (path, value) in files(&folder) {
        if let Some(result) = round_trip(value.clone()) {
            assert_eq!(result, Ok(value), "{path}");
            count += 1;
        }
    }
    assert_eq!(count, 22, "examples of message types");
}

#[test]
fn captured_traffic_of_edc_is_read() {
    let Some(folder) = shared("edc/wire") else { return };
    let mut count = 0;
    for version in ["0.14.1-dsp-2025-1", "0.15.1-dsp-2025-1", "0.18.0"] {
        for (path, exchange) in files(&folder.join(version)) {
            for body in [&exchange["request"]["body"], &exchange["response"]["body"]] {
                let error = body["@type"].as_str().is_some_and(|t| t.ends_with("Error"));
                let Some(result) = round_trip(body.clone()) else { continue };
                assert!(error || result.is_ok(), "{path}: {result:?}");
                if let Ok(again) = result {
                    let mut body = body.clone();
                    if body["@type"] == json!(m::CatalogRequestMessage::TYPE) && body.get("filter").is_none()
                    {
                        // We always write it; an empty filter and none are the same.
                        body["filter"] = json!([]);
                    }
                    assert_eq!(again, body, "{path}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 80, "only {count} messages");
}

#[test]
fn edc_puts_the_endpoint_among_the_properties() {
    let Some(folder) = shared("edc/wire/0.14.1-dsp-2025-1") else { return };
    let mut starts = 0;
    for (path, exchange) in files(&folder) {
        let body = &exchange["request"]["body"];
        if body["@type"] != json!("TransferStartMessage") || body.get("dataAddress").is_none() {
            continue;
        }
        let address = m::TransferStartMessage::parse(body.clone()).unwrap().data_address.unwrap();
        assert_eq!(address.endpoint, None);
        assert!(address.url().is_some_and(|url| url.starts_with("http://")), "{path}");
        assert_eq!(address.property("authType"), Some("bearer"));
        assert!(address.property("authorization").is_some());
        starts += 1;
    }
    assert!(starts > 0);
}
