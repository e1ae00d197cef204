//! Negotiations and transfers steered by hand on both sides, watched through the event streams.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::client::{Management, anybody, context, file, list, segment};
use conformance::{Participant, Setup};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::time::Duration;

const DATASET: &str = "tides";

struct Pair {
    provider: Participant,
    consumer: Participant,
    _folder: tempfile::TempDir,
}

impl Pair {
    /// The dataset is published, and the contract definition handled as said.
    async fn new(handling: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tides.csv");
        std::fs::write(&path, "hour,height\n1,2\n").unwrap();
        let pair = Self {
            provider: Setup::new("Provider", folder.path()).start(),
            consumer: Setup::new("Consumer", folder.path()).start(),
            _folder: folder,
        };
        let host = pair.host();
        host.publish(DATASET, file(&path), anybody(), anybody()).await;
        host.handle(DATASET, handling).await;
        pair
    }

    fn host(&self) -> Management {
        self.provider.management()
    }

    fn guest(&self) -> Management {
        self.consumer.management()
    }

    /// The consumer asks, with everything on its side by hand; gives the ids of both processes.
    async fn ask(&self, handling: &str) -> (String, String) {
        let (did, address) = (self.provider.setup.did(), self.provider.setup.address());
        let guest = self.guest();
        let body = guest.contract_request(&did, &address, DATASET, &[]).await;
        let mut body = body;
        body["handling"] = json!(handling);
        let ours = guest.post("/v3/contractnegotiations", &body).await["@id"].as_str().unwrap().to_owned();
        let theirs = self.waiting(&self.host(), "REQUESTED").await;
        (ours, theirs["@id"].as_str().unwrap().to_owned())
    }

    /// The entry of the inbox in this state, once it is there.
    async fn waiting(&self, side: &Management, state: &str) -> Value {
        for _ in 0..200 {
            let inbox = side.get("/v1/inbox").await;
            if let Some(found) = list(&inbox).into_iter().find(|e| e["state"] == state) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nothing in state {state} came to the inbox: {:#}", side.get("/v1/inbox").await);
    }
}

async fn reaches(side: &Management, path: &str, state: &str) -> Value {
    let mut last = Value::Null;
    for _ in 0..200 {
        last = side.get(path).await;
        if last["state"] == state {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{path} did not reach {state}: {last:#}");
}

fn at(pid: &str) -> String {
    format!("/v1/negotiations/{}", segment(pid))
}

/// Orders an act and expects it to be taken.
async fn act(side: &Management, pid: &str, act: &str, body: Value) -> Value {
    side.post(&format!("{}/{act}", at(pid)), &body).await
}

/// Orders an act that is not possible now; gives the acts that are.
async fn refused(side: &Management, path: &str) -> Value {
    let (status, error) = side.call("POST", path, Some(&json!({}))).await;
    assert_eq!(status, 409, "{path}: {error:#}");
    error[0]["legalActions"].clone()
}

#[tokio::test]
async fn each_act_by_hand_from_request_to_finalized_and_through_a_transfer() {
    let pair = Pair::new(json!("manual")).await;
    let (host, guest) = (pair.host(), pair.guest());
    let (ours, theirs) = pair.ask("manual").await;

    let entry = pair.waiting(&host, "REQUESTED").await;
    assert_eq!(entry["comparison"], "same");
    assert_eq!(entry["report"]["permitted"], true);
    assert_eq!(entry["report"]["sentences"], json!({"en": [], "fr": []}), "a permission needs no reasons");
    assert!(entry["claims"].to_string().contains("FR"), "{entry:#}");
    assert_eq!(entry["legalActions"], json!(["offer", "agree", "terminate"]));
    assert_eq!(
        refused(&host, &format!("{}/finalize", at(&theirs))).await,
        json!(["offer", "agree", "terminate"])
    );
    assert_eq!(refused(&guest, &format!("{}/accept", at(&ours))).await, json!(["terminate"]));

    // The provider offers other terms, the consumer counters, the provider comes back to its own.
    let narrower = json!({"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "permission": [{
        "action": "use", "constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "research"}]}]});
    act(&host, &theirs, "offer", json!({"policy": narrower})).await;
    let entry = pair.waiting(&guest, "OFFERED").await;
    assert_eq!(entry["comparison"], "within", "{entry:#}");
    assert!(entry["offer"].to_string().contains("research"));
    assert_eq!(
        refused(&guest, &format!("{}/verify", at(&ours))).await,
        json!(["request", "accept", "terminate"])
    );
    let wider = json!({"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer",
        "permission": [{"action": "use"}, {"action": "transfer"}]});
    act(&guest, &ours, "request", json!({"policy": wider})).await;
    let entry = reaches(&host, &at(&theirs), "REQUESTED").await;
    assert_eq!(entry["comparison"], "wider", "{entry:#}");
    act(&host, &theirs, "offer", json!({})).await;
    let entry = pair.waiting(&guest, "OFFERED").await;
    assert_eq!(entry["comparison"], "same", "{entry:#}");

    act(&guest, &ours, "accept", json!({})).await;
    pair.waiting(&host, "ACCEPTED").await;
    act(&host, &theirs, "agree", json!({})).await;
    let entry = pair.waiting(&guest, "AGREED").await;
    assert_eq!(entry["legalActions"], json!(["verify", "terminate"]));
    act(&guest, &ours, "verify", json!({})).await;
    pair.waiting(&host, "VERIFIED").await;
    act(&host, &theirs, "finalize", json!({})).await;
    let entry = reaches(&guest, &at(&ours), "FINALIZED").await;
    assert_eq!(entry["legalActions"], json!([]));
    let agreement = entry["contractAgreementId"].as_str().unwrap().to_owned();
    for side in [&host, &guest] {
        let check = side.post(&format!("/v1/agreements/{}/verify", segment(&agreement)), &json!({})).await;
        assert_eq!(check["valid"], true, "{check:#}");
        assert_eq!(side.get("/v1/inbox").await, json!([]));
    }

    // The transfer waits too.
    let started = guest
        .post(
            "/v3/transferprocesses",
            &json!({"@context": context(), "counterPartyAddress": pair.provider.setup.address(),
                "contractId": agreement, "transferType": "HttpData-PULL", "protocol": "dataspace-protocol-http:2025-1"}),
        )
        .await;
    let ours = format!("/v1/transfers/{}", segment(started["@id"].as_str().unwrap()));
    let mut found = json!([]);
    for _ in 0..100 {
        found = host.post("/v3/transferprocesses/request", &json!({"@context": context()})).await;
        if !list(&found).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let theirs = format!("/v1/transfers/{}", segment(found[0]["@id"].as_str().unwrap()));
    assert_eq!(reaches(&host, &theirs, "REQUESTED").await["legalActions"], json!(["start", "terminate"]));
    assert_eq!(refused(&host, &format!("{theirs}/complete")).await, json!(["start", "terminate"]));
    host.post(&format!("{theirs}/start"), &json!({})).await;
    reaches(&guest, &ours, "STARTED").await;
    host.post(&format!("{theirs}/suspend"), &json!({"reason": "upkeep"})).await;
    reaches(&guest, &ours, "SUSPENDED").await;
    host.post(&format!("{theirs}/start"), &json!({})).await;
    reaches(&guest, &ours, "STARTED").await;
    guest.post(&format!("{ours}/suspend"), &json!({"reason": "lunch"})).await;
    reaches(&host, &theirs, "SUSPENDED").await;
    guest.post(&format!("{ours}/resume"), &json!({})).await;
    reaches(&host, &theirs, "STARTED").await;
    host.post(&format!("{theirs}/complete"), &json!({})).await;
    assert_eq!(reaches(&guest, &ours, "COMPLETED").await["legalActions"], json!([]));
}

#[tokio::test]
async fn a_provider_opens_and_a_consumer_refuses_or_takes_it() {
    let pair = Pair::new(json!("automatic")).await;
    let (host, guest) = (pair.host(), pair.guest());
    let order = json!({"counterPartyId": pair.consumer.setup.did(),
        "counterPartyAddress": pair.consumer.setup.address(), "assetId": DATASET});
    let opened = host.post("/v1/negotiations/offers", &order).await;
    assert_eq!(opened["state"], "OFFERED");
    let theirs = opened["@id"].as_str().unwrap().to_owned();
    let entry = pair.waiting(&guest, "OFFERED").await;
    assert_eq!(entry["role"], "consumer");
    let ours = entry["@id"].as_str().unwrap().to_owned();
    act(&guest, &ours, "refuse", json!({"reason": "too many ships"})).await;
    let ended = reaches(&host, &at(&theirs), "TERMINATED").await;
    assert_eq!(ended["errorDetail"], "too many ships");

    // Taken: the provider's side runs by itself, the consumer's waits at each step.
    host.post("/v1/negotiations/offers", &order).await;
    let entry = pair.waiting(&guest, "OFFERED").await;
    let ours = entry["@id"].as_str().unwrap().to_owned();
    act(&guest, &ours, "accept", json!({})).await;
    pair.waiting(&guest, "AGREED").await;
    act(&guest, &ours, "verify", json!({})).await;
    reaches(&guest, &at(&ours), "FINALIZED").await;
    let (status, error) =
        host.call("POST", "/v1/negotiations/offers", Some(&json!({"assetId": DATASET}))).await;
    assert_eq!(status, 400, "{error:#}");
    assert!(error.to_string().contains("counterPartyAddress"), "{error:#}");
}

#[tokio::test]
async fn a_rule_decides_who_is_handled_automatically() {
    let pair = Pair::new(json!({"request": "manual", "automaticFor": ["did:web:nobody.example"]})).await;
    let (_, theirs) = pair.ask("automatic").await;
    act(&pair.host(), &theirs, "agree", json!({})).await;
    reaches(&pair.host(), &at(&theirs), "FINALIZED").await;

    let rule = json!({"request": "manual", "automaticFor": [pair.consumer.setup.did()]});
    let mut definition = pair.host().get("/v3/contractdefinitions/tides-offer").await;
    assert_eq!(definition["handling"]["request"], "manual");
    definition["handling"] = rule;
    let (status, answer) = pair.host().call("PUT", "/v3/contractdefinitions", Some(&definition)).await;
    assert_eq!(status, 204, "{answer:#}");
    let (did, address) = (pair.provider.setup.did(), pair.provider.setup.address());
    pair.guest().agree(&did, &address, DATASET, &[]).await;
}

#[tokio::test]
async fn events_are_streamed_in_order_and_resumed_without_loss() {
    let pair = Pair::new(json!("automatic")).await;
    let host = pair.host();
    let stream = host.stream("/v1/events?type=contract.negotiation", None).await;
    let (did, address) = (pair.provider.setup.did(), pair.provider.setup.address());
    pair.guest().agree(&did, &address, DATASET, &[]).await;
    let seen = take(stream, 4).await;
    let types: Vec<&str> = seen.iter().map(|e| e["type"].as_str().unwrap()).collect();
    let expected =
        ["requested", "agreed", "verified", "finalized"].map(|s| format!("contract.negotiation.{s}"));
    assert_eq!(types, expected);
    assert_eq!(seen[0]["specversion"], "1.0");
    assert_eq!(seen[0]["source"], json!(did));
    assert_eq!(seen[0]["data"]["counterPartyId"], json!(pair.consumer.setup.did()));

    // After the second, only what follows comes again, after a crash too.
    let last = seen[1]["sequence"].as_str().unwrap().to_owned();
    let Pair { provider, consumer, _folder } = pair;
    let provider = provider.kill().start();
    let stream = provider.management().stream("/v1/events?type=contract.negotiation", Some(&last)).await;
    let again = take(stream, 2).await;
    assert_eq!(again, seen[2..]);
    let page = provider
        .management()
        .get(&format!(
            "/v1/events?type=contract.negotiation&subject={}",
            segment(seen[0]["subject"].as_str().unwrap())
        ))
        .await;
    assert_eq!(page["events"], json!(seen));
    drop(consumer);
}

/// The first `count` events of a stream.
async fn take(response: reqwest::Response, count: usize) -> Vec<Value> {
    let mut stream = response.bytes_stream();
    let (mut text, mut found) = (String::new(), Vec::new());
    let reading = async {
        while found.len() < count {
            text.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
            while let Some((frame, rest)) = text.split_once("\n\n") {
                if let Some(data) = frame.lines().find_map(|l| l.strip_prefix("data: ")) {
                    let event: Value = serde_json::from_str(data).unwrap();
                    assert!(frame.contains(&format!("id: {}", event["sequence"].as_str().unwrap())));
                    found.push(event);
                }
                text = rest.to_owned();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.unwrap();
    found
}
