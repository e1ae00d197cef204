//! Policies in the less usual shapes that we accept reach an agreement; what a message of the Dataspace Protocol
//! cannot carry is refused when it would be offered, and not when a counterparty finds out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "an integration test")]

use conformance::Setup;
use conformance::client::{Management, anybody, context, file};
use serde_json::{Value, json};

fn atom(left: &str, operator: &str, right: Value) -> Value {
    json!({"leftOperand": left, "operator": operator, "rightOperand": right})
}

/// Each with what makes it unusual.
fn shapes() -> Vec<(&'static str, Value)> {
    let later = || atom("dateTime", "lt", json!("2090-01-01T00:00:00Z"));
    let here = || atom("spatial", "isAnyOf", json!(["FR", "DE"]));
    let typed =
        json!({"@value": "2090-01-01T00:00:00Z", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"});
    vec![
        ("an-action-as-node", json!({"permission": [{"action": {"@id": "odrl:use"}}]})),
        ("one-rule-without-a-list", json!({"permission": {"action": "use", "constraint": later()}})),
        (
            "a-number",
            json!({"permission": [{"action": "use", "constraint": [atom("count", "lteq", json!(5))]}]}),
        ),
        (
            "a-typed-date",
            json!({"permission": [{"action": "use", "constraint": [atom("dateTime", "lt", typed)]}]}),
        ),
        ("a-list-of-places", json!({"permission": [{"action": "use", "constraint": [here()]}]})),
        (
            "logic-in-logic",
            json!({"permission": [{"action": "use", "constraint": [
                {"or": [{"and": [later(), here()]}, {"xone": [atom("spatial", "eq", json!("BE")), later()]}]}]}]}),
        ),
        (
            "prefixed-terms",
            json!({"odrl:permission": [{"odrl:action": {"@id": "odrl:use"}, "odrl:constraint": [
            {"odrl:leftOperand": {"@id": "odrl:dateTime"}, "odrl:operator": {"@id": "odrl:lt"},
             "odrl:rightOperand": "2090-01-01T00:00:00Z"}]}]}),
        ),
        ("a-duty-of-ours", json!({"permission": [{"action": "use", "duty": [{"action": "log"}]}]})),
        (
            "a-prohibition-and-an-obligation",
            json!({"permission": [{"action": "use"}], "prohibition": [{"action": "distribute"}],
                "obligation": [{"action": "delete", "constraint": [later()]}]}),
        ),
        (
            "a-term-of-contract",
            json!({"permission": [{"action": "use"}], "obligation": [{"action": "use", "constraint": [
                atom("https://w3id.org/catenax/2025/9/policy/Warranty", "eq", json!("none"))]}]}),
        ),
        ("profiles", json!({"profile": ["http://www.w3.org/ns/odrl/2/"], "permission": [{"action": "use"}]})),
        ("a-compact-policy", json!({"action": "use", "permission": [{"constraint": [later()]}]})),
    ]
}

async fn define(host: &Management, id: &str, policy: &Value) {
    let mut policy = policy.clone();
    policy["@context"] = json!("http://www.w3.org/ns/odrl.jsonld");
    policy["@type"] = json!("Set");
    let body = json!({"@context": context(), "@type": "PolicyDefinition", "@id": id, "policy": policy});
    host.post("/v3/policydefinitions", &body).await;
}

fn offer_of(terms: &str) -> Value {
    json!({"@context": context(), "@type": "ContractDefinition", "@id": format!("{terms}-offer"),
        "accessPolicyId": terms, "contractPolicyId": terms, "assetsSelector": []})
}

#[tokio::test]
async fn unusual_policies_reach_an_agreement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    let provider = Setup::new("Provider", folder.path()).start();
    let consumer = Setup::new("Consumer", folder.path()).start();
    let (host, guest) = (provider.management(), consumer.management());
    let (did, address) = (provider.setup.did(), provider.setup.address());
    for (id, policy) in shapes() {
        host.publish(id, file(&path), policy, anybody()).await;
        guest.agree(&did, &address, id, &[]).await;
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_offered() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Setup::new("Provider", folder.path()).start();
    let host = provider.management();
    let refined = json!({"rdf:value": {"@id": "odrl:delete"},
        "refinement": [atom("dateTime", "lt", json!("2090-01-01T00:00:00Z"))]});
    for (id, policy, place) in [
        ("aimed", json!({"permission": [{"action": "use", "target": "urn:other"}]}), "permission[0].target"),
        (
            "refined",
            json!({"permission": [{"action": "use"}], "obligation": [{"action": refined}]}),
            "obligation[0].action",
        ),
    ] {
        define(&host, id, &policy).await;
        let (status, told) = host.call("POST", "/v3/contractdefinitions", Some(&offer_of(id))).await;
        assert_eq!(status, 400, "{told:#}");
        let message = told[0]["message"].as_str().unwrap();
        assert!(
            message.contains(place) && told[0]["path"].as_str().unwrap().ends_with("contractPolicyId"),
            "{told:#}"
        );
    }
    // A policy on offer does not become one that cannot be.
    define(&host, "plain", &json!({"permission": [{"action": "use"}]})).await;
    host.post("/v3/contractdefinitions", &offer_of("plain")).await;
    let changed = json!({"@context": context(), "@type": "PolicyDefinition", "@id": "plain", "policy": {
        "@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set",
        "permission": [{"action": "use", "target": "urn:other"}]}});
    let (status, told) = host.call("PUT", "/v3/policydefinitions/plain", Some(&changed)).await;
    assert_eq!(status, 400, "{told:#}");
    let kept = host.get("/v3/policydefinitions/plain").await;
    assert!(!kept.to_string().contains("urn:other"), "{kept:#}");
}
