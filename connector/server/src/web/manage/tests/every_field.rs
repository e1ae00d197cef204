//! What an answer shows can be asked for: each of its fields is found, sorted by and told apart.

use super::bench::{Bench, PEER, open_policy};
use super::contracts::{keep_contract, requests, transfer_request};
use super::{EDC, context};
use engine::record::Edr;
use ontology::time::Timestamp;
use protocol::message::DataAddress;
use serde_json::{Value, json};

/// One of each kind, and a second of most.
async fn filled() -> Bench {
    let bench = Bench::new().await;
    for id in ["a1", "a2"] {
        let body = json!({"@context": context(), "@id": id, "properties": {"name": format!("Name of {id}"), "n": 7},
            "privateProperties": {"shelf": id}, "dataAddress": {"type": "HttpData", "baseUrl": "https://x.example/"}});
        bench.ok("POST", "/v3/assets", &body).await;
        bench.ok("POST", "/v3/policydefinitions", &open_policy(&format!("p-{id}"))).await;
        let policy = format!("p-{id}");
        let body = json!({"@context": context(), "@id": format!("d-{id}"), "accessPolicyId": policy,
            "contractPolicyId": policy, "assetsSelector": [{"@type": "Criterion", "operandLeft": format!("{EDC}id"),
                "operator": "=", "operandRight": id}]});
        bench.ok("POST", "/v3/contractdefinitions", &body).await;
    }
    keep_contract(&bench).await;
    bench.ok("POST", "/v3/contractnegotiations", &requests()[0]).await;
    let mut transfer = transfer_request();
    transfer["callbackAddresses"] =
        json!([{"uri": "http://cb.example/hook", "events": ["transfer.process"]}]);
    bench.ok("POST", "/v3/transferprocesses", &transfer).await;
    let made = bench.ok("POST", "/v3/transferprocesses", &transfer_request()).await;
    let path = format!("/v3/transferprocesses/{}/terminate", made["@id"].as_str().unwrap());
    bench.done("POST", &path, &json!({"@context": context(), "reason": "over"})).await;
    for id in ["t1", "t2"] {
        bench
            .keep(&Edr {
                transfer_pid: id.to_owned(),
                agreement_id: "agr".to_owned(),
                negotiation_pid: "neg".to_owned(),
                dataset_id: "a1".to_owned(),
                provider: PEER.to_owned(),
                address: DataAddress::http_pull("https://peer.example/data/t", id),
                created_at: Timestamp::from_millis(1_700_000_000_500),
            })
            .await;
    }
    bench
}

/// Paths of the scalars in an answer, with their values.
fn scalars(value: &Value, at: &str, out: &mut Vec<(String, Value)>) {
    let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !name.starts_with('@') || *name == "@id")
            {
                scalars(member, &below(name), out);
            }
        }
        Value::Array(_) | Value::Null => {}
        scalar => out.push((at.to_owned(), scalar.clone())),
    }
}

async fn ask(bench: &Bench, version: &str, kind: &str, mut query: Value) -> Vec<Value> {
    query["@type"] = json!("QuerySpec");
    query["@context"] = match version {
        "v4" => json!(["https://w3id.org/edc/connector/management/v2"]),
        _ => context(),
    };
    let answer = bench.ok("POST", &format!("/{version}/{kind}/request"), &query).await;
    answer.as_array().unwrap().clone()
}

#[tokio::test]
async fn each_field_of_an_answer_is_found_and_sorted_by() {
    let bench = filled().await;
    let mut asked = 0;
    for (version, kind) in [
        ("v3", "assets"),
        ("v3", "policydefinitions"),
        ("v3", "contractdefinitions"),
        ("v3", "contractnegotiations"),
        ("v3", "contractagreements"),
        ("v3", "transferprocesses"),
        ("v3", "edrs"),
        ("v4", "assets"),
        ("v4", "policydefinitions"),
        ("v4", "contractdefinitions"),
        ("v4", "contractnegotiations"),
        ("v4", "contractagreements"),
        ("v4", "transferprocesses"),
    ] {
        let all = ask(&bench, version, kind, json!({})).await;
        assert!(!all.is_empty(), "{kind}");
        for one in &all {
            let mut fields = Vec::new();
            scalars(one, "", &mut fields);
            // Terms are kept without the prefixes that answers give them, and claims are lists.
            fields.retain(|(field, _)| !field.contains("odrl:") && !field.starts_with("claims"));
            fields.retain(|(field, _)| !field.starts_with("policy.") || field == "policy.target");
            for (field, value) in fields {
                let same = |other: &&Value| {
                    let pointer = format!("/{}", field.replace('.', "/"));
                    let collapsed = other.pointer(&pointer);
                    collapsed == Some(&value)
                };
                let wanted: Vec<&Value> = all.iter().filter(same).map(|other| &other["@id"]).collect();
                for (operator, right) in [("=", value.clone()), ("IN", json!([value.clone()]))] {
                    let criterion = json!({"@type": "Criterion", "operandLeft": field, "operator": operator,
                        "operandRight": right});
                    let found = ask(&bench, version, kind, json!({"filterExpression": [criterion]})).await;
                    let ids: Vec<&Value> = found.iter().map(|found| &found["@id"]).collect();
                    assert_eq!(ids, wanted, "{version} {kind}: {field} {operator} {right}");
                    asked += 1;
                }
                let sorted =
                    ask(&bench, version, kind, json!({"sortField": field, "sortOrder": "DESC", "limit": 1}))
                        .await;
                assert_eq!(sorted.len(), 1, "{kind}: {field}");
            }
        }
    }
    assert!(asked > 200, "{asked}");
}

#[tokio::test]
async fn paths_into_lists_and_agreements_are_found() {
    let bench = filled().await;
    for (kind, left, operator, right, hits) in [
        ("contractdefinitions", "assetsSelector.operandRight", "=", json!("a2"), 1),
        ("contractdefinitions", "assetsSelector.operandLeft", "like", json!("%/id"), 2),
        ("contractdefinitions", "assetsSelector.operandRight", "=", json!("none"), 0),
        ("contractnegotiations", "callbackAddresses.events", "contains", json!("contract.negotiation"), 1),
        ("contractnegotiations", "contractAgreement.providerId", "=", json!(PEER), 1),
        ("contractnegotiations", "contractAgreement.policy.target", "=", json!("a1"), 1),
        ("contractagreements", "contractSigningDate", "in", json!([1_700_000_000]), 1),
        ("contractagreements", "contractSigningDate", "!=", json!(1_700_000_000), 0),
        ("contractagreements", "policy.target", "=", json!("a1"), 1),
        ("transferprocesses", "callbackAddresses.uri", "=", json!("http://cb.example/hook"), 1),
        ("transferprocesses", "state", "!=", json!(850), 1),
        ("transferprocesses", "state", "not in", json!([500, 850]), 0),
    ] {
        let criterion =
            json!({"@type": "Criterion", "operandLeft": left, "operator": operator, "operandRight": right});
        for version in ["v3", "v4"] {
            let found = ask(&bench, version, kind, json!({"filterExpression": [criterion]})).await;
            assert_eq!(found.len(), hits, "{version} {kind}: {left} {operator} {right}");
        }
    }
}
