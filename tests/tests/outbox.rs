//! Delivery of messages: a peer that swallows connections holds up itself only, and what waits for a later attempt
//! outlives `kill -9` and leaves once, in order.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::client::{context, http, list, segment};
use conformance::listener::{Answer, Listener, Received};
use conformance::{Participant, Setup};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

const DATASET: &str = "tides";
/// Messages for the peer that does not answer: more than there are attempts at a time.
const SWALLOWED: usize = 400;
/// Transfers with two messages each that wait for a peer.
const PARKED: usize = 20;
/// After so many attempts in vain the next one is far enough away for a message to leave memory.
const ATTEMPTS: usize = 6;

fn participant(name: &str, folder: &Path) -> Participant {
    Setup::new(name, folder).with("--identity=insecure-mock").with("--log=info").start()
}

async fn publish(provider: &Participant, folder: &Path) {
    let path = folder.join("tides.csv");
    std::fs::write(&path, "hour,height\n1,2\n").unwrap();
    provider.management().publish_file(DATASET, &path).await;
}

/// An order to ask the participant at `address`, whose catalogue nobody has read.
fn order(did: &str, address: &str) -> Value {
    json!({
        "@context": context(), "@type": "ContractRequest", "protocol": "dataspace-protocol-http:2025-1",
        "counterPartyAddress": address, "counterPartyId": did,
        "policy": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "@id": "o1",
            "target": {"@id": "d1"}, "assigner": {"@id": did}, "permission": [{"action": "use"}]},
    })
}

#[tokio::test]
async fn a_peer_that_never_answers_does_not_hold_up_another() {
    let folder = tempfile::tempdir().unwrap();
    let (provider, consumer) =
        (participant("Provider", folder.path()), participant("Consumer", folder.path()));
    publish(&provider, folder.path()).await;
    let swallow = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = swallow.local_addr().unwrap().port();
    let open = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&open);
    let swallowing = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = swallow.accept().await {
            kept.push(stream);
            count.store(kept.len(), std::sync::atomic::Ordering::SeqCst);
        }
    });
    let guest = consumer.management();
    let request = order("did:web:silent.example", &format!("http://127.0.0.1:{port}"));
    for _ in 0..SWALLOWED / 20 {
        let orders = (0..20).map(|_| guest.post("/v3/contractnegotiations", &request));
        drop(futures_util::future::join_all(orders).await);
    }
    let (did, address) = (provider.setup.did(), provider.setup.address());
    // Also after the first ones were parked.
    for _ in 0..8 {
        let began = Instant::now();
        guest.agree(&did, &address, DATASET, &[]).await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(5), "a negotiation with another peer took {took:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let open = open.load(std::sync::atomic::Ordering::SeqCst);
    assert!((1..=8).contains(&open), "{open} connections to the peer that does not answer");
    swallowing.abort();
}

/// One call as the peer, whose word the mock identity takes.
async fn call(url: &str, body: &Value) -> Value {
    let who = json!({"region": "any", "audience": "any", "clientId": "did:web:peer.example"});
    let request = http().post(url).header("authorization", who.to_string()).json(body);
    let response = request.send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status.is_success(), "{url}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// Messages that came, each with its process.
fn posts(received: &[Received]) -> impl Iterator<Item = (String, String)> + '_ {
    received.iter().filter(|r| r.method == "POST").map(|r| {
        let text = |name: &str| r.body[name].as_str().unwrap_or_default().to_owned();
        (text("consumerPid"), text("@type"))
    })
}

fn dspace(kind: &str, members: Value) -> Value {
    let mut body = json!({"@context": ["https://w3id.org/dspace/2025/1/context.jsonld"], "@type": kind});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

/// A contract between the peer and the provider, in force.
async fn contract(provider: &Participant, peer: &Listener) -> String {
    let base = provider.setup.address();
    let catalogue =
        call(&format!("{base}/catalog/request"), &dspace("CatalogRequestMessage", json!({}))).await;
    let mut offer = list(&list(&catalogue["dataset"])[0]["hasPolicy"])[0].clone();
    (offer["target"], offer["@type"]) = (json!(DATASET), json!("Offer"));
    let request = json!({"consumerPid": "urn:uuid:1", "offer": offer, "callbackAddress": peer.url()});
    call(&format!("{base}/negotiations/request"), &dspace("ContractRequestMessage", request)).await;
    let (_, agreed) = peer.wait(0, |r| r.body["@type"] == "ContractAgreementMessage").await.unwrap();
    let theirs = &agreed.body["providerPid"];
    let url = format!("{base}/negotiations/{}/agreement/verification", segment(theirs.as_str().unwrap()));
    let verified = json!({"consumerPid": "urn:uuid:1", "providerPid": theirs});
    call(&url, &dspace("ContractAgreementVerificationMessage", verified)).await;
    peer.wait(0, |r| r.body["eventType"] == "FINALIZED").await.unwrap();
    agreed.body["agreement"]["@id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_waits_outlives_a_kill_and_leaves_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let provider = participant("Provider", folder.path());
    publish(&provider, folder.path()).await;
    let peer = Listener::start(|_| Answer::new(200, Value::Null));
    let (base, host) = (provider.setup.address(), provider.management());
    let agreement = contract(&provider, &peer).await;
    let before = peer.received().len();
    peer.rule(|_| Answer::new(503, Value::Null));
    let mut processes = BTreeSet::new();
    for n in 0..PARKED {
        let pid = format!("urn:uuid:{n:08}-0000-4000-8000-000000000000");
        let request = json!({"consumerPid": pid, "agreementId": agreement, "format": "HttpData-PULL",
            "callbackAddress": peer.url()});
        let answer =
            call(&format!("{base}/transfers/request"), &dspace("TransferRequestMessage", request)).await;
        let ours = segment(answer["providerPid"].as_str().unwrap());
        host.post(&format!("/v3/transferprocesses/{ours}/suspend"), &json!({"reason": "a pause"})).await;
        processes.insert(pid);
    }
    // Each start was tried often enough, and no suspension came before its start was taken.
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let received = peer.received();
        let mut tried: BTreeMap<String, usize> = BTreeMap::new();
        for (pid, kind) in posts(&received[before..]) {
            assert_eq!(kind, "TransferStartMessage", "{pid}");
            *tried.entry(pid).or_default() += 1;
        }
        if tried.len() == PARKED && tried.values().all(|n| *n >= ATTEMPTS) {
            break;
        }
        assert!(Instant::now() < deadline, "{tried:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let setup = provider.kill();
    let before = peer.received().len();
    peer.rule(
        |r| if r.method == "POST" { Answer::new(200, Value::Null) } else { Answer::new(503, Value::Null) },
    );
    let provider = setup.start();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let received = peer.received();
        let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (pid, kind) in posts(&received[before..]) {
            taken.entry(pid).or_default().push(kind);
        }
        if taken.len() == PARKED && taken.values().all(|kinds| kinds.len() == 2) {
            for (pid, kinds) in &taken {
                assert_eq!(kinds, &["TransferStartMessage", "TransferSuspensionMessage"], "{pid}");
            }
            assert_eq!(taken.keys().cloned().collect::<BTreeSet<_>>(), processes);
            break;
        }
        assert!(taken.values().all(|kinds| kinds.len() <= 2), "something came twice: {taken:#?}");
        assert!(Instant::now() < deadline, "{taken:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nothing is left that would come again.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(posts(&peer.received()[before..]).count(), 2 * PARKED);
    drop(provider);
}

#[tokio::test]
async fn what_cannot_be_delivered_in_time_ends_with_the_reason_kept() {
    let folder = tempfile::tempdir().unwrap();
    let consumer = Setup::new("Consumer", folder.path())
        .with("--identity=insecure-mock")
        .with("--delivery-deadline-seconds=2")
        .start();
    let guest = consumer.management();
    // Nobody listens there.
    let port = conformance::ports::free_port();
    let request = order("did:web:down.example", &format!("http://127.0.0.1:{port}"));
    let id = guest.post("/v3/contractnegotiations", &request).await["@id"].as_str().unwrap().to_owned();
    // Tried for as long as it was told to.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let trying = guest.get(&format!("/v3/contractnegotiations/{}", segment(&id))).await;
    assert_eq!(trying["state"], "REQUESTED", "{trying:#}");
    let over = guest.wait("contractnegotiations", &id, &["TERMINATED"]).await;
    let reason = over["errorDetail"].as_str().unwrap();
    assert!(
        reason.starts_with("not delivered before the deadline: ") && reason.contains("cannot be reached"),
        "{reason}"
    );
    let events = guest.get(&format!("/v1/events?subject={}", segment(&id))).await;
    assert!(events.to_string().contains("contract.negotiation.terminated"), "{events:#}");
}

#[tokio::test]
async fn a_process_whose_peer_has_not_answered_names_no_empty_id() {
    let folder = tempfile::tempdir().unwrap();
    let consumer = participant("Consumer", folder.path());
    let peer = Listener::start(|_| Answer::new(503, Value::Null));
    let request = order("did:web:peer.example", &peer.url());
    let guest = consumer.management();
    let ours = guest.post("/v3/contractnegotiations", &request).await["@id"].as_str().unwrap().to_owned();
    let (_, asked) = peer.wait(0, |r| r.method == "POST").await.unwrap();
    assert_eq!(asked.body.get("providerPid"), None, "{:#}", asked.body);
    let who = json!({"region": "any", "audience": "any", "clientId": "did:web:peer.example"}).to_string();
    let url = format!("{}/negotiations/{}", consumer.setup.address(), segment(&ours));
    let nil = "urn:uuid:00000000-0000-0000-0000-000000000000";
    let shown = http().get(&url).header("authorization", &who).send().await.unwrap();
    let shown: Value = serde_json::from_str(&shown.text().await.unwrap()).unwrap();
    assert_eq!((&shown["providerPid"], &shown["consumerPid"]), (&json!(nil), &json!(ours)), "{shown:#}");
    let managed = guest.get(&format!("/v3/contractnegotiations/{}", segment(&ours))).await;
    assert_eq!(managed.get("correlationId"), None, "{managed:#}");
    // An empty id is refused, and not said back.
    let empty =
        dspace("ContractNegotiationTerminationMessage", json!({"consumerPid": ours, "providerPid": ""}));
    let refused = http().post(format!("{url}/termination")).header("authorization", &who).json(&empty);
    let refused = refused.send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let refused: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
    assert_eq!(refused["providerPid"], nil, "{refused:#}");
    // A peer that answers with an empty id has given none, and nothing is sent to an address without one.
    peer.rule(|_| Answer::new(201, json!({"providerPid": "", "state": "REQUESTED"})));
    let before = peer.received().len();
    peer.wait(before, |r| r.method == "POST").await.unwrap();
    guest.post(&format!("/v1/negotiations/{}/terminate", segment(&ours)), &json!({"reason": "enough"})).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let paths: Vec<String> = peer.received()[before..].iter().map(|r| r.path.clone()).collect();
    assert!(paths.iter().all(|path| path == "/negotiations/request"), "{paths:?}");
}
