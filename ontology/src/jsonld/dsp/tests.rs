use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;

fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: {} is not here", path.display());
    None
}

fn documents(folder: &Path, found: &mut Vec<(String, Value)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), serde_json::from_str(&text).unwrap()));
        }
    }
}

/// Request and response bodies with a protocol context, from recorded exchanges.
fn wire() -> Vec<(String, Value)> {
    let Some(folder) = shared("edc/wire") else { return Vec::new() };
    let mut files = Vec::new();
    documents(&folder, &mut files);
    let mut bodies = Vec::new();
    for (name, exchange) in files {
        for side in ["request", "response"] {
            let body = &exchange[side]["body"];
            if body.get("@context").is_some() {
                bodies.push((format!("{name} {side}"), body.clone()));
            }
        }
    }
    assert!(bodies.len() > 150, "{}", bodies.len());
    bodies
}

#[test]
fn protocol_examples_are_plain() {
    let Some(folder) = shared("dsp/examples") else { return };
    let mut examples = Vec::new();
    documents(&folder, &mut examples);
    assert!(examples.len() >= 24);
    for (name, example) in examples {
        assert_eq!(to_dsp_plain(example.clone()).unwrap(), example, "{name}");
    }
}

#[test]
fn protocol_examples_survive_the_long_way() {
    let Some(folder) = shared("dsp/examples") else { return };
    let mut examples = Vec::new();
    documents(&folder, &mut examples);
    for (name, example) in examples {
        // The rest is not JSON-LD, or of a DID document.
        if example.get("@type").is_some() {
            let expanded = super::super::expand(&example).unwrap();
            assert!(!recognise::is_plain(&expanded), "{name}");
            assert_eq!(to_dsp_plain(expanded).unwrap(), example, "{name}");
        }
    }
}

#[test]
fn wire_bodies_of_this_version_are_plain() {
    for (name, body) in wire() {
        let contexts = body["@context"].as_array();
        if contexts.is_some_and(|all| all.iter().all(Value::is_string)) {
            assert_eq!(to_dsp_plain(body.clone()).unwrap(), body, "{name}");
        }
    }
}

#[test]
fn wire_bodies_of_older_versions_become_plain() {
    for (name, body) in wire() {
        let plain = to_dsp_plain(body.clone()).unwrap();
        assert!(recognise::is_plain(&plain), "{name}: {plain:#}");
        assert_eq!(plain["@context"][0], json!(DSPACE_CONTEXT), "{name}");
        assert_eq!(to_dsp_plain(plain.clone()).unwrap(), plain, "{name}");
        assert!(!plain["@type"].as_str().unwrap().contains(':'), "{name}");
        assert!(!plain.to_string().contains("\"odrl:"), "{name}: {plain:#}");
        assert!(!plain.to_string().contains("\"dspace:p"), "{name}: {plain:#}");
    }
}

const OLD: &str = r#"{
  "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
  "odrl": "http://www.w3.org/ns/odrl/2/", "dspace": "https://w3id.org/dspace/2024/1/",
  "@vocab": "https://w3id.org/edc/v0.0.1/ns/", "edc": "https://w3id.org/edc/v0.0.1/ns/"
}"#;

fn old(mut message: Value) -> Value {
    message["@context"] = serde_json::from_str(OLD).unwrap();
    to_dsp_plain(message).unwrap()
}

#[test]
fn prefixed_catalogue() {
    let plain = old(json!({
        "@id": "c1", "@type": "dcat:Catalog",
        "dcat:dataset": {
            "@id": "asset-1", "@type": "dcat:Dataset",
            "odrl:hasPolicy": {
                "@id": "o1", "@type": "odrl:Offer",
                "odrl:permission": {
                    "odrl:action": {"@id": "odrl:use"},
                    "odrl:constraint": {
                        "odrl:leftOperand": {"@id": "edc:inForceDate"},
                        "odrl:operator": {"@id": "odrl:lteq"},
                        "odrl:rightOperand": "contractAgreement+30d"
                    }
                },
                "odrl:prohibition": [], "odrl:obligation": []
            },
            "dcat:distribution": {
                "@type": "dcat:Distribution", "dct:format": {"@id": "HttpData-PULL"},
                "dcat:accessService": {"@id": "s1"}
            },
            "name": "asset one", "id": "asset-1", "dct:title": "Asset"
        },
        "dcat:service": {"@id": "s1", "@type": "dcat:DataService", "dcat:endpointURL": "http://p/protocol"},
        "dcat:catalog": [],
        "dspace:participantId": {"@id": "provider"}
    }));
    let expected = json!({
        "@context": [DSPACE_CONTEXT],
        "@id": "c1", "@type": "Catalog",
        "dataset": [{
            "@id": "asset-1", "@type": "Dataset",
            "hasPolicy": [{
                "@id": "o1", "@type": "Offer",
                "permission": [{
                    "action": "use",
                    "constraint": [{
                        "leftOperand": "inForceDate", "operator": "lteq", "rightOperand": "contractAgreement+30d"
                    }]
                }]
            }],
            "distribution": [{"@type": "Distribution", "format": "HttpData-PULL", "accessService": "s1"}],
            "edc:name": "asset one", "id": "asset-1", "dct:title": "Asset"
        }],
        "service": [{"@id": "s1", "@type": "DataService", "endpointURL": "http://p/protocol"}],
        "participantId": "provider"
    });
    assert_eq!(plain, expected);
}

#[test]
fn states_errors_and_queries() {
    let ack = old(json!({
        "@id": "n1", "@type": "dspace:ContractNegotiation", "dspace:consumerPid": {"@id": "c"},
        "dspace:providerPid": "p", "dspace:state": {"@id": "dspace:FINALIZED"}
    }));
    assert_eq!(ack["state"], "FINALIZED");
    assert_eq!((&ack["consumerPid"], &ack["providerPid"]), (&json!("c"), &json!("p")));
    let ack = old(
        json!({"@type": "dspace:TransferProcess", "dspace:state": "https://w3id.org/dspace/v0.8/STARTED"}),
    );
    assert_eq!(ack["state"], "STARTED");
    let error = old(json!({"@type": "dspace:TransferError", "dspace:code": "400", "dspace:reason": "no"}));
    assert_eq!(error["reason"], json!(["no"]));
    let request = old(json!({"@type": "dspace:CatalogRequestMessage",
        "dspace:filter": {"@type": "QuerySpec", "limit": 50, "filterExpression": []}}));
    let filter = json!([{"@type": "QuerySpec", "limit": 50, "filterExpression": []}]);
    assert_eq!((&request["@type"], &request["filter"]), (&json!("CatalogRequestMessage"), &filter));
}

#[test]
fn single_objects_in_a_current_message_become_arrays() {
    let plain = to_dsp_plain(json!({
        "@context": [DSPACE_CONTEXT, "https://example.org/profile"],
        "@type": "ContractRequestMessage", "consumerPid": "urn:uuid:1", "note": {"kept": [1, null]},
        "offer": {"@id": "o", "@type": "Offer", "permission": {"action": "odrl:use"}}
    }));
    let expected = json!({
        "@context": [DSPACE_CONTEXT, "https://example.org/profile"],
        "@type": "ContractRequestMessage", "consumerPid": "urn:uuid:1", "note": {"kept": [1, null]},
        "offer": {"@id": "o", "@type": "Offer", "permission": [{"action": "use"}]}
    });
    assert_eq!(plain.unwrap(), expected);
}

#[test]
fn values_of_the_wrong_kind_are_left_for_the_reader_to_refuse() {
    for wrong in [json!(7), json!(true), json!(null)] {
        let message =
            json!({"@context": [DSPACE_CONTEXT], "@type": "ContractOfferMessage", "providerPid": wrong});
        assert_eq!(to_dsp_plain(message.clone()).unwrap(), message);
    }
    let plain = to_dsp_plain(json!({"@context": OLD, "@type": "x"}));
    assert!(plain.is_ok(), "a context by address is not looked at while the rest is plain");
}

#[test]
fn unknown_members_of_a_plain_message_are_not_touched() {
    let message = json!({
        "@context": [DSPACE_CONTEXT, "https://example.org/profile"],
        "@type": "TransferRequestMessage", "spdx:checksum": {"@type": "x:y"}, "extra": {"@context": {"a": "b:"}}
    });
    assert_eq!(to_dsp_plain(message.clone()).unwrap(), message);
}

#[test]
fn right_operands() {
    let one = |right: Value| {
        let constraint = json!({
            "odrl:leftOperand": {"@id": "odrl:count"}, "odrl:operator": {"@id": "odrl:lteq"},
            "odrl:rightOperand": right
        });
        let policy = old(json!({"@type": "odrl:Set", "odrl:permission": {"odrl:constraint": constraint}}));
        policy["permission"][0]["constraint"][0]["rightOperand"].clone()
    };
    assert_eq!(one(json!(5)), "5");
    assert_eq!(one(json!("5")), "5");
    assert_eq!(one(json!({"@id": "http://e/EU"})), json!({"@id": "http://e/EU"}));
    assert_eq!(one(json!(["a", "b"])), json!(["a", "b"]));
    assert_eq!(one(json!({"@list": ["a", "b"]})), json!(["a", "b"]));
    let typed = json!({"@value": "2026-01-01", "@type": "http://www.w3.org/2001/XMLSchema#date"});
    assert_eq!(one(typed.clone()), typed);
}

#[test]
fn actions_in_their_many_spellings() {
    for action in [
        json!("odrl:use"),
        json!("http://www.w3.org/ns/odrl/2/use"),
        json!({"@id": "odrl:use"}),
        json!([{"@id": "odrl:use"}]),
        json!({"@type": "odrl:use"}),
        json!({"odrl:type": "http://www.w3.org/ns/odrl/2/use"}),
        json!({"http://www.w3.org/1999/02/22-rdf-syntax-ns#value": {"@id": "odrl:use"}}),
    ] {
        let policy = old(json!({"@type": "odrl:Set", "odrl:permission": {"odrl:action": action}}));
        assert_eq!(policy["permission"][0]["action"], "use", "{action}");
    }
    let rich = json!({"@id": "odrl:use", "odrl:refinement": {"odrl:operator": {"@id": "odrl:eq"}}});
    let policy = old(json!({"@type": "odrl:Set", "odrl:permission": {"odrl:action": rich}}));
    let kept = &policy["permission"][0]["action"];
    assert_eq!(
        kept["refinement"],
        json!([{"operator": "eq"}]),
        "a refined action must not lose its refinement"
    );
}

#[test]
fn operands_outside_odrl_keep_their_iri() {
    let of = |operand: &str| {
        let constraint = json!({"odrl:leftOperand": {"@id": operand}});
        let policy = old(json!({"@type": "odrl:Set", "odrl:permission": {"odrl:constraint": constraint}}));
        policy["permission"][0]["constraint"][0]["leftOperand"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("odrl:spatial"), "spatial");
    assert_eq!(of("edc:inForceDate"), "inForceDate");
    assert_eq!(of("edc:region"), "https://w3id.org/edc/v0.0.1/ns/region");
    assert_eq!(
        of("https://w3id.org/catenax/policy/UsagePurpose"),
        "https://w3id.org/catenax/policy/UsagePurpose"
    );
    assert_eq!(of("plain"), "plain");
}

#[test]
fn faults_name_their_place() {
    let inline = json!({"@context": [{"a": "http://a/"}, "https://example.org/x"], "@type": "a:b"});
    let fault = to_dsp_plain(inline).unwrap_err();
    assert_eq!(fault.path(), "/@context/1");
    assert!(fault.to_string().contains("https://example.org/x"));
    assert!(to_dsp_plain(json!([])).is_err());
    assert!(to_dsp_plain(json!("text")).is_err());
}
