//! Snapshots of every message as it goes over the wire.

use super::{agreement, offer};
use crate::agreement::SIGNATURE_PROPERTY;
use crate::message as m;
use crate::{negotiation, transfer};
use serde_json::{Value, json};

fn p() -> String {
    "urn:uuid:provider".to_owned()
}
fn c() -> String {
    "urn:uuid:consumer".to_owned()
}
fn address() -> m::DataAddress {
    m::DataAddress::http_pull("https://p.example/data", "token")
}

fn messages() -> Vec<(&'static str, Value)> {
    let code = || Some("policy".to_owned());
    let reason = || vec![json!("not in force")];
    vec![
        (
            "request_initial",
            m::ContractRequestMessage::initial(c(), offer(), "https://c.example/dsp")
                .with_id("urn:uuid:1")
                .to_json(),
        ),
        ("request_counter", m::ContractRequestMessage::counter(c(), p(), offer()).to_json()),
        ("offer_initial", m::ContractOfferMessage::initial(p(), offer(), "https://p.example/dsp").to_json()),
        ("offer_reply", m::ContractOfferMessage::reply(p(), c(), offer()).with_id("urn:uuid:2").to_json()),
        ("agreement", m::ContractAgreementMessage::new(p(), c(), agreement()).to_json()),
        (
            "verification",
            m::ContractAgreementVerificationMessage::new(p(), c())
                .with_extra(SIGNATURE_PROPERTY, json!({"payload": "e30", "signatures": []}))
                .to_json(),
        ),
        (
            "event_accepted",
            m::ContractNegotiationEventMessage::new(p(), c(), m::EventType::Accepted).to_json(),
        ),
        (
            "event_finalized",
            m::ContractNegotiationEventMessage::new(p(), c(), m::EventType::Finalized).to_json(),
        ),
        (
            "negotiation_termination",
            m::ContractNegotiationTerminationMessage::new(p(), c(), code(), reason()).to_json(),
        ),
        ("negotiation_ack", m::ContractNegotiation::new(p(), c(), negotiation::State::Requested).to_json()),
        (
            "negotiation_error",
            m::ContractNegotiationError::new(m::NIL_PID.to_owned(), c(), code(), reason()).to_json(),
        ),
        (
            "transfer_request",
            m::TransferRequestMessage::new(
                c(),
                "urn:agreement:1".into(),
                "HttpData-PULL".into(),
                "https://c.example/dsp".into(),
                None,
            )
            .to_json(),
        ),
        ("transfer_start", m::TransferStartMessage::new(p(), c(), Some(address())).to_json()),
        ("transfer_resumption", m::TransferStartMessage::new(p(), c(), None).to_json()),
        ("transfer_suspension", m::TransferSuspensionMessage::new(p(), c(), None, reason()).to_json()),
        ("transfer_completion", m::TransferCompletionMessage::new(p(), c()).to_json()),
        ("transfer_termination", m::TransferTerminationMessage::new(p(), c(), code(), Vec::new()).to_json()),
        ("transfer_ack", m::TransferProcess::new(p(), c(), transfer::State::Started).to_json()),
        ("transfer_error", m::TransferError::new(p(), c(), code(), reason()).to_json()),
        ("catalog_request", m::CatalogRequestMessage::new(Vec::new()).to_json()),
        ("dataset_request", m::DatasetRequestMessage::new("urn:dataset:1".to_owned()).to_json()),
        ("catalog_error", m::CatalogError::new(code(), reason()).to_json()),
        ("version", m::version_response("/dsp/2025-1").to_json()),
    ]
}

#[test]
fn every_message_has_its_form() {
    for (name, message) in messages() {
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&message).unwrap());
    }
}

#[test]
fn the_context_comes_first_then_type_and_id() {
    for (name, message) in messages() {
        let keys: Vec<&str> = message.as_object().unwrap().keys().map(String::as_str).collect();
        if name == "version" {
            assert_eq!(keys, ["protocolVersions"]);
            continue;
        }
        assert_eq!(&keys[..2], ["@context", "@type"], "{name}");
        assert!(keys.iter().position(|key| *key == "@id").is_none_or(|at| at == 2), "{name}");
    }
}

#[test]
fn what_we_write_we_read() {
    for (name, message) in messages() {
        let typ = message["@type"].as_str().unwrap_or_default().to_owned();
        let read = if typ.starts_with("Contract") && typ.ends_with("Message") {
            m::parse_negotiation(message.clone()).map(|read| (read.kind(), read.to_json()))
        } else if typ.starts_with("Transfer") && typ.ends_with("Message") {
            m::parse_transfer(message.clone()).map(|read| (read.kind(), read.to_json()))
        } else {
            continue;
        };
        let (kind, again) = read.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(kind.to_string(), typ);
        assert_eq!(again, message, "{name}");
    }
}

#[test]
fn unknown_members_and_ids_are_kept() {
    let wire = m::TransferCompletionMessage::new(p(), c())
        .with_id("urn:uuid:9")
        .with_extra("https://example.org/note", json!({"deep": [1, 2.5, null]}))
        .to_json();
    let read = m::parse_transfer(wire.clone()).unwrap();
    assert_eq!(read.message_id(), Some("urn:uuid:9"));
    assert_eq!(read.to_json(), wire);
}

#[test]
fn callback_addresses_join_with_one_slash() {
    for (base, path) in [("https://a/b", "c/d"), ("https://a/b/", "c/d"), ("https://a/b/", "/c/d")] {
        assert_eq!(m::join(base, path), "https://a/b/c/d");
    }
}

#[test]
fn the_plain_name_of_a_property_wins_over_edcs() {
    let address = m::DataAddress::new("t")
        .with_property("https://w3id.org/edc/v0.0.1/ns/authorization", "edc")
        .with_property("authorization", "plain")
        .with_property("https://w3id.org/edc/v0.0.1/ns/endpoint", "http://x");
    assert_eq!(address.property("authorization"), Some("plain"));
    assert_eq!(address.property("authType"), None);
    assert_eq!(address.url(), Some("http://x"));
    assert_eq!(address.with_endpoint("http://y").url(), Some("http://y"));
}

#[test]
fn secrets_of_an_address_are_not_printed() {
    let shown = format!("{:?}", address());
    assert!(shown.contains("authorization") && !shown.contains("\"token\""), "{shown}");
}
