//! Busy peers and a busy connector of ours: EDC answers 409 while it holds its own lease, and takes any 4xx of ours
//! for the end. So we retry with back-off, and never answer 4xx for our own trouble.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::client::{anybody, file, http, segment};
use conformance::listener::{Answer, Listener, Received};
use conformance::{Participant, Setup};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const CONTEXT: &str = "https://w3id.org/dspace/2025/1/context.jsonld";

struct Bed {
    ours: Participant,
    folder: tempfile::TempDir,
}

impl Bed {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.csv");
        std::fs::write(&path, "1\n").unwrap();
        let ours = Setup::new("Ours", folder.path()).with("--identity=insecure-mock").start();
        ours.management().publish("data", file(&path), anybody(), anybody()).await;
        Self { ours, folder }
    }

    fn token() -> String {
        json!({"region": "any", "audience": "any", "clientId": "edc"}).to_string()
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.ours.setup.address());
        let sent = http().post(url).header("authorization", Self::token()).json(body).send().await.unwrap();
        (sent.status().as_u16(), sent.json().await.unwrap_or_default())
    }

    /// A request of a consumer at `callback`.
    async fn request(&self, pid: &str, callback: &str) -> Value {
        let url = format!("{}/catalog/datasets/data", self.ours.setup.address());
        let found: Value = http()
            .get(url)
            .header("authorization", Self::token())
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        json!({
            "@context": [CONTEXT], "@type": "ContractRequestMessage", "@id": format!("urn:message:{pid}"),
            "consumerPid": pid, "callbackAddress": callback,
            "offer": {"@id": found["hasPolicy"][0]["@id"], "@type": "Offer", "target": "data",
                "permission": [{"action": "use"}]},
        })
    }

    async fn state(&self, pid: &str) -> Value {
        self.ours.management().get(&format!("/v3/contractnegotiations/{}/state", segment(pid))).await["state"]
            .clone()
    }
}

/// Answers `code` so many times to each path, then 200.
fn busy(code: u16, times: usize) -> impl FnMut(&Received) -> Answer + Send {
    let mut seen: HashMap<String, usize> = HashMap::new();
    move |received| {
        let count = seen.entry(received.path.clone()).or_default();
        *count += 1;
        if *count <= times {
            Answer::new(
                code,
                json!({"@type": "ContractNegotiationError", "code": code.to_string(),
                "reason": ["Entity is already leased by another process"]}),
            )
        } else {
            Answer::new(200, Value::Null)
        }
    }
}

#[tokio::test]
async fn a_busy_peer_is_asked_again_with_growing_waits() {
    let bed = Bed::new().await;
    for code in [409, 429, 500, 503] {
        let peer = Listener::start(busy(code, 3));
        let consumer = format!("urn:uuid:consumer-{code}");
        let (status, opened) =
            bed.post("/negotiations/request", &bed.request(&consumer, &peer.url()).await).await;
        assert_eq!(status, 201, "{opened}");
        let provider = opened["providerPid"].as_str().unwrap().to_owned();
        let agreement = |r: &Received| r.path.ends_with("/agreement");
        let mut place = 0;
        let mut attempts: Vec<Received> = Vec::new();
        while attempts.len() < 4 {
            let (at, one) = peer.wait(place, agreement).await.unwrap();
            place = at + 1;
            attempts.push(one);
        }
        let waits: Vec<Duration> =
            attempts.iter().zip(attempts.iter().skip(1)).map(|(a, b)| b.at.duration_since(a.at)).collect();
        assert!(waits[0] >= Duration::from_millis(90), "{code}: {waits:?}");
        for pair in waits.windows(2) {
            assert!(pair[1] > pair[0] + pair[0] / 2, "{code}: the waits do not grow: {waits:?}");
        }
        assert!(
            attempts.iter().all(|a| a.body == attempts[0].body),
            "{code}: not the same message each time"
        );
        assert_eq!(bed.state(&provider).await, "AGREED", "{code}: a busy peer ends nothing");
        let verification = json!({
            "@context": [CONTEXT], "@type": "ContractAgreementVerificationMessage",
            "consumerPid": consumer, "providerPid": provider,
        });
        let path = format!("/negotiations/{}/agreement/verification", segment(&provider));
        assert_eq!(bed.post(&path, &verification).await.0, 200);
        assert_eq!(bed.state(&provider).await, "FINALIZED");
    }
}

/// The peer says 409 because it has ended the process, and its own message is late or lost: its state settles it.
#[tokio::test]
async fn a_peer_that_has_ended_is_not_asked_for_ever() {
    let bed = Bed::new().await;
    let peer = Listener::start(|received| match received.method.as_str() {
        "GET" => Answer::new(200, json!({"@type": "ContractNegotiation", "state": "TERMINATED"})),
        _ => Answer::new(409, json!({"@type": "ContractNegotiationError", "code": "409"})),
    });
    let (_, opened) =
        bed.post("/negotiations/request", &bed.request("urn:uuid:ended", &peer.url()).await).await;
    let provider = opened["providerPid"].as_str().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while bed.state(provider).await != "TERMINATED" {
        assert!(Instant::now() < deadline, "still {}", bed.state(provider).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sent = peer.received().len();
    assert!(sent <= 6, "{sent} requests");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(peer.received().len(), sent, "it goes on");
}

/// One peer that never takes a message holds up nothing else.
#[tokio::test]
async fn a_busy_peer_holds_up_nobody_else() {
    let bed = Bed::new().await;
    let stubborn = Listener::start(busy(409, usize::MAX));
    for n in 0..20 {
        let body = bed.request(&format!("urn:uuid:stubborn-{n}"), &stubborn.url()).await;
        assert_eq!(bed.post("/negotiations/request", &body).await.0, 201);
    }
    stubborn.wait(19, |_| true).await.unwrap();
    let quick = Listener::start(|_| Answer::new(200, Value::Null));
    let begin = Instant::now();
    let body = bed.request("urn:uuid:quick", &quick.url()).await;
    assert_eq!(bed.post("/negotiations/request", &body).await.0, 201);
    quick.wait(0, |r| r.path.ends_with("/agreement")).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
}

/// While somebody else holds the database, messages are answered 5xx, and taken when they come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_trouble_is_5xx_and_the_message_is_taken_later() {
    let bed = Bed::new().await;
    let peer = Listener::start(|_| Answer::new(200, Value::Null));
    let (status, opened) =
        bed.post("/negotiations/request", &bed.request("urn:uuid:one", &peer.url()).await).await;
    assert_eq!(status, 201);
    let provider = opened["providerPid"].as_str().unwrap().to_owned();
    peer.wait(0, |r| r.path.ends_with("/agreement")).await.unwrap();
    let messages = [
        ("/negotiations/request".to_owned(), bed.request("urn:uuid:two", &peer.url()).await),
        (
            format!("/negotiations/{}/agreement/verification", segment(&provider)),
            json!({
                "@context": [CONTEXT], "@type": "ContractAgreementVerificationMessage", "@id": "urn:message:v",
                "consumerPid": "urn:uuid:one", "providerPid": provider,
            }),
        ),
    ];
    let database = database(bed.folder.path()).expect("the connector's database");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut holder = options.connect().await.unwrap();
    holder.execute("BEGIN IMMEDIATE").await.unwrap();
    let answers =
        futures_util::future::join_all(messages.iter().map(|(path, body)| bed.post(path, body))).await;
    for ((path, _), (status, body)) in messages.iter().zip(&answers) {
        assert!((500..600).contains(status), "{path}: {status} {body}");
        assert!(body["@type"].as_str().is_some_and(|t| t.ends_with("Error")), "{path}: {body}");
    }
    holder.execute("ROLLBACK").await.unwrap();
    holder.close().await.unwrap();
    for (path, body) in &messages {
        let (status, answer) = bed.post(path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
    }
    assert_eq!(bed.state(&provider).await, "FINALIZED");
}

/// The SQLite file below `folder`.
fn database(folder: &std::path::Path) -> Option<std::path::PathBuf> {
    std::fs::read_dir(folder).ok()?.filter_map(Result::ok).find_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return database(&path);
        }
        path.extension().is_some_and(|e| e == "sqlite" || e == "db").then_some(path)
    })
}
