//! What an answer of the management API shows can be asked for: every value of every kind of object finds it again,
//! under the name that the answer gives it, in v3 and in v4.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::Setup;
use conformance::client::{Management, context, list};
use serde_json::{Value, json};

const EDC: &str = "https://w3id.org/edc/v0.0.1/ns/";

/// Members whose form in the answer is not the form that they are stored in, and why.
const REWRITTEN: [(&str, &str); 2] = [
    ("policy", "ODRL, written in the terms of each version; an agreement or definition is found by its ids"),
    ("claims", "of the counterparty, in one object for people"),
];

/// Single values below `value` with their paths.
fn values(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    let Value::Object(members) = value else {
        if !value.is_array() && !value.is_null() {
            found.push((at.to_owned(), value.clone()));
        }
        return;
    };
    for (name, member) in members {
        let known = REWRITTEN.iter().any(|(rewritten, _)| rewritten == name);
        if ["@context", "@type"].contains(&name.as_str()) || known {
            continue;
        }
        let name = if name.contains([':', '.']) { format!("'{name}'") } else { name.clone() };
        let path = if at.is_empty() { name } else { format!("{at}.{name}") };
        match member {
            // Any entry of a list meets a criterion, so what must not be found is another question there.
            Value::Array(_) => {}
            one => values(one, &path, found),
        }
    }
}

struct Asked<'a> {
    api: &'a Management,
    version: &'a str,
    kind: &'a str,
}

impl Asked<'_> {
    async fn query(&self, members: Value) -> Vec<String> {
        let mut body = json!({"@context": context(), "@type": "QuerySpec"});
        if self.version == "v4" {
            body["@context"] = json!(["https://w3id.org/edc/connector/management/v2"]);
        }
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let answer = self.api.post(&format!("/{}/{}/request", self.version, self.kind), &body).await;
        list(&answer).iter().map(|entry| entry["@id"].as_str().unwrap().to_owned()).collect()
    }

    async fn found(&self, left: &str, operator: &str, right: &Value) -> Vec<String> {
        let criterion = json!({"@type": "Criterion", "operandLeft": left, "operator": operator,
            "operandRight": right});
        self.query(json!({"filterExpression": [criterion]})).await
    }

    /// Each value of `object` finds it with each operator that must, and not with those that must not.
    async fn each_value_finds(&self, object: &Value) -> usize {
        let id = object["@id"].as_str().unwrap().to_owned();
        let mut all = Vec::new();
        values(object, "", &mut all);
        for (path, value) in &all {
            let mut ways = vec![
                ("=", value.clone(), true),
                ("in", json!([value, "other"]), true),
                ("!=", value.clone(), false),
                ("not in", json!([value]), false),
                ("!=", json!("other"), true),
            ];
            if let Some(text) = value.as_str() {
                ways.push(("like", json!(format!("{text}%")), true));
                ways.push(("ILIKE", json!(text.to_uppercase()), true));
                ways.push(("contains", value.clone(), true));
            }
            if path != "state" {
                ways.extend([
                    ("<=", value.clone(), true),
                    (">=", value.clone(), true),
                    ("<", value.clone(), false),
                    (">", value.clone(), false),
                ]);
            }
            for (operator, right, expected) in ways {
                let found = self.found(path, operator, &right).await;
                assert_eq!(
                    found.contains(&id),
                    expected,
                    "{} {}: {path} {operator} {right}: {found:?} of {object:#}",
                    self.version,
                    self.kind
                );
            }
            for order in ["ASC", "DESC"] {
                let sorted = self.query(json!({"sortField": path, "sortOrder": order})).await;
                assert!(sorted.contains(&id), "{} {}: sorted by {path}", self.version, self.kind);
            }
        }
        all.len()
    }

    /// One entry per page gives each once, and no page has more than was asked for.
    async fn pages(&self) {
        let all = self.query(json!({"limit": 50})).await;
        let mut seen = Vec::new();
        for offset in 0..=all.len() {
            let page = self.query(json!({"offset": offset, "limit": 1})).await;
            assert!(page.len() <= 1);
            seen.extend(page);
        }
        assert_eq!(seen, all, "{} {}", self.version, self.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_answer_shows_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tides.csv");
    std::fs::write(&path, "hour,height\n1,2\n").unwrap();
    let provider = Setup::new("Provider", folder.path()).start();
    let consumer = Setup::new("Consumer", folder.path()).start();
    let (did, address) = (provider.setup.did(), provider.setup.address());
    for dataset in ["tides", "waves"] {
        provider.management().publish_file(dataset, &path).await;
        let agreement = consumer.management().agree(&did, &address, dataset, &[]).await;
        let transfer = consumer.management().transfer(&address, &agreement).await;
        consumer.management().wait("transferprocesses", &transfer, &["STARTED"]).await;
    }
    let described = json!({"@context": context(), "@id": "described",
        "properties": {"name": "Described", "year": 2025, "http://purl.org/dc/terms/title": "A title",
            "nested": {"deep": "value"}, "tags": ["x", "y"]},
        "privateProperties": {"shelf": 7}, "dataAddress": {"type": "HttpData", "baseUrl": "http://127.0.0.1:9/"}});
    provider.management().post("/v3/assets", &described).await;
    let mut checked = 0;
    for participant in [&provider, &consumer] {
        let api = participant.management();
        for version in ["v3", "v4"] {
            for kind in [
                "assets",
                "policydefinitions",
                "contractdefinitions",
                "contractnegotiations",
                "contractagreements",
                "transferprocesses",
                "edrs",
            ] {
                if (version, kind) == ("v4", "edrs") {
                    continue;
                }
                let asked = Asked { api: &api, version, kind };
                let answer = api.call("POST", &format!("/{version}/{kind}/request"), None).await.1;
                for object in list(&answer) {
                    checked += asked.each_value_finds(&object).await;
                }
                asked.pages().await;
            }
        }
    }
    assert!(checked > 300, "{checked} values");
    // The limit and the offset are checked before anything is read.
    for bad in [json!({"limit": 0}), json!({"offset": -1}), json!({"sortField": format!("{EDC}name'")})] {
        let (status, answer) = provider.management().call("POST", "/v3/assets/request", Some(&bad)).await;
        assert_eq!(status, 400, "{bad}: {answer:#}");
    }
}
