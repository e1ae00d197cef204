//! Catalogues of peers.

use super::bench::{Bench, PEER, PEER_ADDRESS};
use super::{EDC, context};
use crate::web::manage::{jsonld, negotiations};
use ::policies::Policy;
use serde_json::{Value, json};

/// What a peer answers: DSP plain JSON.
fn told(datasets: &[Value]) -> Value {
    json!({
        "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"], "@id": "cat", "@type": "Catalog",
        "participantId": PEER, "http://purl.org/dc/terms/title": "Peer",
        "service": [{"@id": "s", "@type": "DataService", "endpointURL": PEER_ADDRESS,
            "endpointDescription": "dspace:connector"}],
        "dataset": datasets,
    })
}

fn dataset(id: &str, title: &str) -> Value {
    json!({
        "@id": id, "@type": "Dataset", "http://purl.org/dc/terms/title": title,
        "https://w3id.org/edc/v0.0.1/ns/year": 2025,
        "hasPolicy": [offer()],
        "distribution": [{"@type": "Distribution", "format": "HttpData-PULL",
            "accessService": {"@id": "s", "@type": "DataService", "endpointURL": PEER_ADDRESS}}],
    })
}

fn offer() -> Value {
    json!({"@id": "b:1:2", "@type": "Offer", "profile": ["https://w3id.org/dspace/2025/1/odrl-profile.jsonld"],
        "permission": [{"action": "use", "constraint": [{"or": [
            {"leftOperand": "spatial", "operator": "eq", "rightOperand": "FR"},
            {"leftOperand": "https://w3id.org/edc/v0.0.1/ns/inForceDate", "operator": "lteq",
                "rightOperand": {"@value": "2030-01-01T00:00:00Z", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}}]}]}],
        "prohibition": [{"action": "sell"}]})
}

fn request(more: Value) -> Value {
    let mut body = json!({"@context": context(), "@type": "CatalogRequest", "counterPartyAddress": PEER_ADDRESS,
        "counterPartyId": PEER, "protocol": "dataspace-protocol-http:2025-1"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn catalogues_have_the_prefixes_that_clients_look_for() {
    let bench = Bench::new().await;
    bench.tell(200, told(&[dataset("a1", "One")]));
    let found = bench.ok("POST", "/v3/catalog/request", &request(json!({}))).await;
    assert_eq!((&found["@id"], &found["@type"]), (&json!("cat"), &json!("dcat:Catalog")));
    assert_eq!(found["dspace:participantId"], json!({"@id": PEER}));
    assert_eq!(found["dct:title"], "Peer");
    assert_eq!(
        found["dcat:service"],
        json!({"@id": "s", "@type": "dcat:DataService", "dcat:endpointURL": PEER_ADDRESS,
            "dcat:endpointDescription": "dspace:connector"})
    );
    let dataset = &found["dcat:dataset"];
    assert_eq!(
        (
            &dataset["@id"],
            &dataset["id"],
            &dataset["@type"],
            &dataset["name"],
            &dataset["dct:title"],
            &dataset["year"]
        ),
        (&json!("a1"), &json!("a1"), &json!("dcat:Dataset"), &json!("One"), &json!("One"), &json!(2025))
    );
    assert_eq!(dataset["dcat:distribution"]["dct:format"], json!({"@id": "HttpData-PULL"}));
    assert_eq!(dataset["dcat:distribution"]["dcat:accessService"]["@type"], "dcat:DataService");
    let policy = &dataset["odrl:hasPolicy"];
    assert_eq!((&policy["@id"], &policy["@type"]), (&json!("b:1:2"), &json!("odrl:Offer")));
    assert_eq!(
        policy["odrl:permission"]["odrl:constraint"]["odrl:or"][0]["odrl:operator"],
        json!({"@id": "odrl:eq"})
    );
    let in_force = &policy["odrl:permission"]["odrl:constraint"]["odrl:or"][1]["odrl:leftOperand"];
    assert_eq!(in_force, &json!({"@id": "edc:inForceDate"}));
    assert_eq!(policy["odrl:obligation"], json!([]));
    let context = found.as_object().unwrap().iter().next_back().unwrap();
    assert_eq!(
        (context.0.as_str(), &context.1["@vocab"], &context.1["dcat"]),
        ("@context", &json!(EDC), &json!("http://www.w3.org/ns/dcat#"))
    );
    let calls = bench.peers.calls.lock().unwrap().clone();
    assert_eq!((calls[0].0.as_str(), calls[0].1.clone()), (PEER, format!("{PEER_ADDRESS}/catalog/request")));
}

#[tokio::test]
async fn an_offer_from_a_catalogue_comes_back_with_the_same_terms() {
    let bench = Bench::new().await;
    bench.tell(200, told(&[dataset("a1", "One")]));
    let found = bench.ok("POST", "/v3/catalog/request", &request(json!({}))).await;
    let mut policy = found["dcat:dataset"]["odrl:hasPolicy"].clone();
    // As edcpy does it.
    let members = policy.as_object_mut().unwrap();
    members.insert("@context".to_owned(), json!("http://www.w3.org/ns/odrl.jsonld"));
    members.insert("@type".to_owned(), json!("Offer"));
    members.insert("assigner".to_owned(), json!(PEER));
    members.insert("target".to_owned(), json!("a1"));
    let body = json!({"@context": context(), "@type": "ContractRequest", "counterPartyAddress": PEER_ADDRESS,
        "protocol": "dataspace-protocol-http", "policy": policy});
    let order = negotiations::read(&jsonld::expand(&body).unwrap()).unwrap();
    assert_eq!(
        (order.peer.as_str(), &order.offer["@id"], &order.offer["target"]),
        (PEER, &json!("b:1:2"), &json!("a1"))
    );
    let (sent, offered) = (Policy::parse(&order.offer).unwrap(), Policy::parse(&offer()).unwrap());
    assert!(sent.same_terms(&offered), "{:#}", order.offer);
}

#[tokio::test]
async fn a_query_narrows_the_catalogue() {
    let bench = Bench::new().await;
    let ids = async |spec: Value| -> Vec<String> {
        bench.tell(200, told(&[dataset("a1", "Ships"), dataset("a2", "Berths"), dataset("a3", "Storms")]));
        let found = bench.ok("POST", "/v3/catalog/request", &request(json!({"querySpec": spec}))).await;
        match &found["dcat:dataset"] {
            Value::Null => Vec::new(),
            Value::Array(items) => items.iter().map(|d| d["id"].as_str().unwrap().to_owned()).collect(),
            one => vec![one["id"].as_str().unwrap().to_owned()],
        }
    };
    let equal =
        |left: &str, right: Value| json!({"operandLeft": left, "operator": "=", "operandRight": right});
    let name = format!("{EDC}name");
    assert_eq!(ids(json!({"offset": 0, "limit": 2, "filterExpression": []})).await, ["a1", "a2"]);
    assert_eq!(ids(json!({"offset": 2})).await, ["a3"]);
    assert_eq!(ids(json!({"sortField": name, "sortOrder": "ASC"})).await, ["a2", "a1", "a3"]);
    assert_eq!(ids(json!({"sortField": "id", "sortOrder": "DESC"})).await, ["a3", "a2", "a1"]);
    assert_eq!(ids(json!({"filterExpression": [equal(&format!("{EDC}id"), json!("a2"))]})).await, ["a2"]);
    assert_eq!(ids(json!({"filterExpression": [equal(&name, json!("Storms"))]})).await, ["a3"]);
    assert_eq!(
        ids(json!({"filterExpression": [equal("http://purl.org/dc/terms/title", json!("Ships"))]})).await,
        ["a1"]
    );
    assert_eq!(
        ids(json!({"filterExpression": [equal("year", json!(2025)), equal("id", json!("a1"))]})).await,
        ["a1"]
    );
    assert!(ids(json!({"filterExpression": [equal("id", json!("none"))]})).await.is_empty());
    let (status, error) =
        bench.call("POST", "/v3/catalog/request", &request(json!({"querySpec": {"limit": 0}}))).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}limit"))));
}

#[tokio::test]
async fn a_missing_counterparty_is_looked_up_by_address() {
    let bench = Bench::new().await;
    bench.tell(200, told(&[]));
    let body = |address: &str| json!({"@context": context(), "counterPartyAddress": address, "protocol": "dataspace-protocol-http"});
    for (address, did) in
        [(PEER_ADDRESS, PEER), ("https://other.example:8443/dsp", "did:web:other.example%3A8443")]
    {
        let found = bench.ok("POST", "/v2/catalog/request", &body(address)).await;
        assert_eq!(found["@id"], "cat");
        assert_eq!(bench.peers.calls.lock().unwrap().last().unwrap().0, did);
    }
    bench.tell(401, json!({"code": "401", "reason": ["no"]}));
    let (status, error) = bench.call("POST", "/v2/catalog/request", &body("https://other.example/dsp")).await;
    assert_eq!((status, &error[0]["type"]), (502, &json!("BadGateway")));
    assert!(error[0]["message"].as_str().unwrap().contains("did:web:other.example was assumed"), "{error:#}");
    let (status, error) = bench.call("POST", "/v3/catalog/request", &json!({"@context": context()})).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}counterPartyAddress"))));
}

#[tokio::test]
async fn one_dataset_is_asked_for_by_id() {
    let bench = Bench::new().await;
    let mut told = dataset("a 1", "One");
    told["@context"] = json!(["https://w3id.org/dspace/2025/1/context.jsonld"]);
    bench.tell(200, told);
    let found = bench
        .ok("POST", "/v3/catalog/dataset/request", &request(json!({"@type": "DatasetRequest", "@id": "a 1"})))
        .await;
    assert_eq!((&found["@type"], &found["id"]), (&json!("dcat:Dataset"), &json!("a 1")));
    assert_eq!(bench.peers.calls.lock().unwrap()[0].1, format!("{PEER_ADDRESS}/catalog/datasets/a%201"));
    let (status, error) = bench.call("POST", "/v3/catalog/dataset/request", &request(json!({}))).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!("@id")));
}
