//! v4: strict bodies, and answers that say the same as those of v3.

use super::EDC;
use super::bench::{Bench, PEER, PEER_ADDRESS};
use ontology::jsonld::{EDC_MANAGEMENT_V2, expand_with};
use serde_json::{Map, Value, json};

const ODRL: &str = "http://www.w3.org/ns/odrl/2/";

fn context() -> Value {
    json!([EDC_MANAGEMENT_V2])
}

fn with(value: Value, more: Value) -> Value {
    let mut value = value;
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

fn body(kind: &str, members: Value) -> Value {
    with(json!({"@context": context(), "@type": kind}), members)
}

fn asset() -> Value {
    body(
        "Asset",
        json!({"@id": "a1",
            "properties": {"name": "n", "http://purl.org/dc/terms/conformsTo": "urn:x", "edc:format": "csv", "list": [1, 2]},
            "privateProperties": {"k": "v"},
            "dataAddress": {"@type": "DataAddress", "type": "HttpData", "baseUrl": "http://src.example"}}),
    )
}

fn policy() -> Value {
    body(
        "PolicyDefinition",
        json!({"@id": "p1", "policy": {"@type": "Set", "permission": [{"action": "use", "constraint": [
            {"leftOperand": "inForceDate", "operator": "lteq", "rightOperand": "contractAgreement+30d"}]}],
            "prohibition": [], "obligation": []}}),
    )
}

fn definition() -> Value {
    body(
        "ContractDefinition",
        json!({"@id": "c1", "accessPolicyId": "p1", "contractPolicyId": "p1", "assetsSelector": [
            {"@type": "Criterion", "operandLeft": format!("{EDC}id"), "operator": "=", "operandRight": "a1"}]}),
    )
}

fn request() -> Value {
    body(
        "ContractRequest",
        json!({"counterPartyAddress": PEER_ADDRESS, "protocol": "dataspace-protocol-http:2025-1",
            "policy": {"@type": "Offer", "@id": "o:1:2", "assigner": PEER, "target": "a1",
                "permission": [{"action": "use"}], "prohibition": [], "obligation": []},
            "callbackAddresses": [{"uri": "http://cb.example/hook", "events": ["contract.negotiation"]}]}),
    )
}

/// The graph that a document says, without what is empty, and with lists in one order.
fn said(document: &Value) -> Value {
    fn tidy(value: &Value) -> Value {
        match value {
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(tidy).collect();
                items.sort_by_key(Value::to_string);
                Value::Array(items)
            }
            Value::Object(members) => {
                let kept = members.iter().filter(|(_, v)| **v != json!([]));
                let mut kept: Vec<(String, Value)> = kept.map(|(k, v)| (k.clone(), tidy(v))).collect();
                kept.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(Map::from_iter(kept))
            }
            other => other.clone(),
        }
    }
    tidy(&expand_with(document, None).unwrap())
}

#[tokio::test]
async fn answers_say_the_same_as_those_of_v3() {
    let bench = Bench::new().await;
    bench.ok("POST", "/v4/assets", &asset()).await;
    bench.ok("POST", "/v4/policydefinitions", &policy()).await;
    bench.ok("POST", "/v4/contractdefinitions", &definition()).await;
    let made = bench.ok("POST", "/v4/contractnegotiations", &request()).await;
    assert_eq!(made["@context"], context());
    let negotiation = format!("contractnegotiations/{}", made["@id"].as_str().unwrap());
    for path in [
        "assets/a1",
        "policydefinitions/p1",
        "contractdefinitions/c1",
        &negotiation,
        &format!("{negotiation}/state"),
    ] {
        let old = bench.ok("GET", &format!("/v3/{path}"), &Value::Null).await;
        let mut new = bench.ok("GET", &format!("/v4/{path}"), &Value::Null).await;
        assert_eq!(
            new.as_object().unwrap().iter().next_back().unwrap(),
            (&"@context".to_owned(), &context())
        );
        if path == negotiation {
            assert_eq!(new["profile"], new["protocol"], "v4 names the profile too");
            new.as_object_mut().unwrap().remove("profile");
        }
        assert_eq!(said(&old), said(&new), "{path}: {old:#} {new:#}");
    }
    let validated = bench.ok("POST", "/v4/policydefinitions/p1/validate", &Value::Null).await;
    assert_eq!((&validated["isValid"], &validated["errors"]), (&json!(true), &json!([])));
    let scope = body("PolicyEvaluationPlanRequest", json!({"policyScope": "catalog"}));
    let plan = bench.ok("POST", "/v4/policydefinitions/p1/evaluationplan", &scope).await;
    assert!(plan["permissionSteps"][0]["constraintSteps"][0]["filteringReasons"].is_array(), "{plan:#}");
    let planes = bench.ok("GET", "/v4/dataplanes", &Value::Null).await;
    assert!(planes[0]["allowedTransferTypes"].is_array(), "{planes:#}");
}

#[tokio::test]
async fn lists_stay_lists_and_rules_have_no_prefix() {
    let bench = Bench::new().await;
    bench.ok("POST", "/v4/policydefinitions", &policy()).await;
    bench.ok("POST", "/v4/contractdefinitions", &definition()).await;
    let read = bench.ok("GET", "/v4/policydefinitions/p1", &Value::Null).await;
    let id = read["policy"]["@id"].clone();
    assert_eq!(
        read["policy"],
        json!({"@id": id, "@type": "Set", "permission": [{"action": "use", "constraint": [
            {"leftOperand": "inForceDate", "operator": "lteq", "rightOperand": "contractAgreement+30d"}]}],
            "prohibition": [], "obligation": []})
    );
    let read = bench.ok("GET", "/v4/contractdefinitions/c1", &Value::Null).await;
    assert_eq!(
        read["assetsSelector"],
        json!([{"@type": "Criterion", "operandLeft": format!("{EDC}id"), "operator": "=", "operandRight": "a1"}])
    );
    let query = body(
        "QuerySpec",
        json!({"filterExpression": [
        {"@type": "Criterion", "operandLeft": "id", "operator": "in", "operandRight": ["c1"]}]}),
    );
    assert_eq!(bench.ok("POST", "/v4/contractdefinitions/request", &query).await, json!([read]));
    assert_eq!(bench.ok("POST", "/v4/contractdefinitions/request", &Value::Null).await, json!([read]));
    // What was read can be written, but for what the server adds.
    let mut back = bench.ok("GET", "/v4/policydefinitions/p1", &Value::Null).await;
    back.as_object_mut().unwrap().remove("createdAt");
    bench.done("PUT", "/v4/policydefinitions/p1", &back).await;
}

#[tokio::test]
async fn a_catalogue_says_what_the_peer_said() {
    let bench = Bench::new().await;
    let told = json!({
        "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"], "@id": "cat", "@type": "Catalog",
        "participantId": PEER, "dct:title": "Peer",
        "service": [{"@id": "s", "@type": "DataService", "endpointURL": PEER_ADDRESS}],
        "dataset": [{"@id": "a1", "@type": "Dataset", "dct:title": "One", "spdx:x": 1,
            "https://w3id.org/edc/v0.0.1/ns/year": 2025,
            "hasPolicy": [{"@id": "b:1:2", "@type": "Offer", "permission": [{"action": "use"}]}],
            "distribution": [{"@type": "Distribution", "format": "HttpData-PULL",
                "accessService": {"@id": "s", "@type": "DataService", "endpointURL": PEER_ADDRESS}}]}],
    });
    bench.tell(200, told.clone());
    let ask = body(
        "CatalogRequest",
        json!({"counterPartyAddress": PEER_ADDRESS, "counterPartyId": PEER,
        "profile": "dataspace-protocol-http:2025-1"}),
    );
    let found = bench.ok("POST", "/v4/catalog/request", &ask).await;
    assert_eq!(found["@context"], context());
    let dataset = &found["dataset"][0];
    assert_eq!((&dataset["@id"], &dataset["year"]), (&json!("a1"), &json!(2025)), "{found:#}");
    assert_eq!(dataset["hasPolicy"][0]["permission"], json!([{"action": "use"}]));
    assert_eq!(said(&found), said(&told), "{found:#}");
}

#[tokio::test]
async fn bodies_are_held_to_their_schema() {
    let bench = Bench::new().await;
    let at = |term: &str| format!("{EDC}{term}");
    let changed = |body: Value, member: &str, value: Value| with(body, json!({member: value}));
    let without = |mut body: Value, member: &str| {
        body.as_object_mut().unwrap().remove(member);
        body
    };
    let mut deep = asset();
    deep["dataAddress"]["@type"] = json!("Address");
    let mut rule = policy();
    rule["policy"]["permission"][0]["constraints"] = json!([]);
    let mut selector = definition();
    selector["assetsSelector"][0]["value"] = json!(1);
    let (asset_at, definition_at) = ("/v4/assets", "/v4/contractdefinitions");
    let (policy_at, request_at) = ("/v4/policydefinitions", "/v4/contractnegotiations");
    for (path, body, place, part) in [
        (asset_at, without(asset(), "@context"), "@context".to_owned(), "missing"),
        (asset_at, without(asset(), "@type"), "@type".to_owned(), "missing"),
        (asset_at, changed(asset(), "@type", json!("asset")), "@type".to_owned(), "must be \"Asset\""),
        (asset_at, changed(asset(), "@context", json!({"@vocab": EDC})), "@context".to_owned(), "array"),
        (asset_at, changed(asset(), "@context", json!(EDC_MANAGEMENT_V2)), "@context".to_owned(), "array"),
        (asset_at, changed(asset(), "@context", json!([])), "@context".to_owned(), "must contain"),
        (
            asset_at,
            changed(asset(), "@context", json!([EDC_MANAGEMENT_V2, "https://nowhere.example"])),
            "@context/1".to_owned(),
            "must be one of",
        ),
        (asset_at, changed(asset(), "colour", json!("red")), at("colour"), "colour is not known here"),
        (asset_at, changed(asset(), "properties", json!([])), at("properties"), "must be of type object"),
        (asset_at, changed(asset(), "@id", json!(" ")), "@id".to_owned(), "cannot be blank"),
        (asset_at, deep, format!("{}/@type", at("dataAddress")), "DataAddress"),
        (
            policy_at,
            rule,
            format!("{}/{ODRL}permission/0/{ODRL}constraints", at("policy")),
            "constraints is not known here",
        ),
        (definition_at, selector, format!("{}/0/{}", at("assetsSelector"), at("value")), "not known"),
        (request_at, without(request(), "protocol"), at("protocol"), "exactly one of protocol, profile"),
        (
            request_at,
            changed(request(), "profile", json!("dataspace-protocol-http:2025-1")),
            at("protocol"),
            "exactly one of protocol, profile must be there, not 2",
        ),
        (request_at, changed(request(), "protocol", json!("gopher")), at("protocol"), "must be one of"),
    ] {
        let (status, error) = bench.call("POST", path, &body).await;
        assert_eq!((status, &error[0]["type"]), (400, &json!("ValidationFailure")), "{error:#}");
        assert_eq!(error[0]["path"], place, "{error:#}");
        assert!(error[0]["message"].as_str().unwrap().contains(part), "{error:#}");
    }
    let (status, error) = bench.call("POST", asset_at, &json!({})).await;
    assert_eq!((status, error.as_array().unwrap().len()), (400, 3), "all that is missing at once: {error:#}");
    assert_eq!(bench.call("POST", asset_at, &Value::Null).await.0, 400);
    assert_eq!(bench.ok("POST", "/v4/assets/request", &Value::Null).await, json!([]), "nothing was made");
    let (status, error) = bench.text("POST", "/v4/assets/request", " \t\n").await;
    assert_eq!((status, &error[0]["message"]), (400, &json!("the body is blank, not JSON")));
}
