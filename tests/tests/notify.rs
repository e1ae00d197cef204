//! Events leave the house: signed webhooks with retries, dead letters and replay, and EDC's callback addresses.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conformance::Setup;
use conformance::client::context;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Takes posts and keeps them; answers what it is told to.
#[derive(Default)]
struct Receiver {
    answer: AtomicU16,
    taken: Mutex<Vec<Taken>>,
}

struct Taken {
    headers: Vec<(String, String)>,
    body: String,
}

impl Taken {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Receiver {
    /// Starts on a free port; gives its URL.
    fn start() -> (Arc<Self>, String) {
        let receiver = Arc::new(Self { answer: AtomicU16::new(204), ..Self::default() });
        let shared = web::Data::from(Arc::clone(&receiver));
        let server =
            HttpServer::new(move || App::new().app_data(shared.clone()).route("/hook", web::post().to(take)))
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .unwrap();
        let url = format!("http://{}/hook", server.addrs()[0]);
        tokio::spawn(server.run());
        (receiver, url)
    }

    /// Waits until there are at least `count`.
    async fn wait(&self, count: usize) {
        for _ in 0..500 {
            if self.taken.lock().unwrap().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} of {count} posts came", self.taken.lock().unwrap().len());
    }
}

async fn take(receiver: web::Data<Receiver>, request: HttpRequest, body: String) -> HttpResponse {
    let headers =
        request.headers().iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned()));
    let status = receiver.answer.load(Ordering::SeqCst);
    receiver.taken.lock().unwrap().push(Taken { headers: headers.collect(), body });
    HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap()).finish()
}

/// As a receiver checks it, by the Standard Webhooks specification.
fn is_signed(taken: &Taken, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let text = format!("{}.{}.{}", taken.header("webhook-id"), taken.header("webhook-timestamp"), taken.body);
    let key = openssl::pkey::PKey::hmac(&key).unwrap();
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &key).unwrap();
    signer.update(text.as_bytes()).unwrap();
    taken.header("webhook-signature") == format!("v1,{}", STANDARD.encode(signer.sign_to_vec().unwrap()))
}

#[actix_web::test]
async fn webhooks_are_signed_ordered_retried_kept_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let participant = Setup::new("Provider", folder.path()).start();
    let api = participant.management();
    let (receiver, url) = Receiver::start();
    let body = json!({"id": "hook", "url": url, "types": ["asset."], "maxAttempts": 2});
    let made = api.post("/v1/webhooks", &body).await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(api.get("/v1/webhooks/hook").await.get("secret").is_none(), "shown once");
    assert!(!api.get("/v1/events").await.to_string().contains(&secret));

    let asset = |id: &str| json!({"@context": context(), "@id": id, "properties": {}});
    for id in ["a1", "a2"] {
        api.post("/v3/assets", &asset(id)).await;
    }
    receiver.wait(2).await;
    {
        let taken = receiver.taken.lock().unwrap();
        let subjects: Vec<Value> = taken.iter().map(|t| t.json()["subject"].clone()).collect();
        assert_eq!(subjects, [json!("a1"), json!("a2")]);
        assert!(taken.iter().all(|t| is_signed(t, &secret)));
        assert_eq!(taken[0].header("content-type"), "application/cloudevents+json");
        assert_eq!(taken[0].header("webhook-id"), taken[0].json()["id"].as_str().unwrap());
    }

    // Refused twice, it becomes a dead letter; what follows goes on.
    receiver.answer.store(503, Ordering::SeqCst);
    api.post("/v3/assets", &asset("a3")).await;
    receiver.wait(4).await;
    let mut letters = json!([]);
    for _ in 0..200 {
        letters = api.get("/v1/webhooks/hook/dead-letters").await;
        if letters != json!([]) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((&letters[0]["attempts"], &letters[0]["error"]), (&json!(2), &json!("answered 503")));
    assert_eq!(letters[0]["event"]["subject"], "a3");
    let path = format!("/v1/webhooks/hook/dead-letters/{}/replay", letters[0]["sequence"]);
    let (status, error) = api.call("POST", &path, None).await;
    assert_eq!(status, 502, "{error:#}");
    receiver.answer.store(200, Ordering::SeqCst);
    assert_eq!(api.call("POST", &path, None).await.0, 204);
    assert_eq!(api.get("/v1/webhooks/hook/dead-letters").await, json!([]));

    // A crash loses nothing: what happened while nobody delivered comes after the start.
    let before = receiver.taken.lock().unwrap().len();
    receiver.answer.store(503, Ordering::SeqCst);
    api.post("/v3/assets", &asset("a4")).await;
    receiver.wait(before + 1).await;
    let participant = participant.kill();
    receiver.answer.store(200, Ordering::SeqCst);
    let participant = participant.start();
    let api = participant.management();
    receiver.wait(before + 2).await;
    assert_eq!(receiver.taken.lock().unwrap().last().unwrap().json()["subject"], "a4");

    // Everything again, on demand.
    let before = receiver.taken.lock().unwrap().len();
    assert_eq!(api.call("POST", "/v1/webhooks/hook/replay", Some(&json!({"after": 0}))).await.0, 204);
    receiver.wait(before + 4).await;
    assert_eq!(api.call("DELETE", "/v1/webhooks/hook", None).await.0, 204);
    assert_eq!(api.get("/v1/webhooks").await, json!([]));

    for (body, part) in [
        (json!({"url": "http://x.example", "maxAttempts": 0}), "maxAttempts"),
        (json!({"url": "ftp://x.example"}), "url"),
        (json!({"url": "http://x.example", "colour": 1}), "colour"),
        (json!({"url": "http://x.example", "secret": "short"}), "secret"),
    ] {
        let (status, error) = api.call("POST", "/v1/webhooks", Some(&body)).await;
        assert_eq!(status, 400, "{body}");
        assert!(error.to_string().contains(part), "{error:#}");
    }
}

#[actix_web::test]
async fn callback_addresses_of_edc_clients_get_their_envelopes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    let provider = Setup::new("Provider", folder.path()).start();
    let consumer = Setup::new("Consumer", folder.path()).start();
    provider.management().publish_file("data", &path).await;
    let (receiver, url) = Receiver::start();
    let guest = consumer.management();
    guest.post("/v3/secrets", &json!({"@context": context(), "@id": "hook-key", "value": "s3cret"})).await;
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let callback = |events: &[&str]| {
        json!([{"@type": "CallbackAddress", "uri": url, "events": events, "transactional": false,
            "authKey": "x-api-key", "authCodeId": "hook-key"}])
    };
    let mut body = guest.contract_request(&did, &address, "data", &[]).await;
    body["callbackAddresses"] = callback(&["contract.negotiation.finalized"]);
    let id = guest.post("/v3/contractnegotiations", &body).await["@id"].as_str().unwrap().to_owned();
    receiver.wait(1).await;
    let agreement = {
        let taken = receiver.taken.lock().unwrap();
        let event = taken[0].json();
        assert_eq!(event["type"], "ContractNegotiationFinalized");
        assert_eq!(event["payload"]["contractNegotiationId"], json!(id));
        assert!(event["at"].is_i64() && event["id"].is_string());
        assert_eq!(taken[0].header("x-api-key"), "s3cret");
        event["payload"]["contractAgreement"]["id"].as_str().unwrap().to_owned()
    };
    let order = json!({"@context": context(), "counterPartyAddress": address, "contractId": agreement,
        "transferType": "HttpData-PULL", "protocol": "dataspace-protocol-http:2025-1",
        "callbackAddresses": callback(&["transfer.process.started"])});
    guest.post("/v3/transferprocesses", &order).await;
    receiver.wait(2).await;
    let event = receiver.taken.lock().unwrap()[1].json();
    assert_eq!(event["type"], "TransferProcessStarted");
    let address = &event["payload"]["dataAddress"]["properties"];
    let ns = "https://w3id.org/edc/v0.0.1/ns/";
    let endpoint = address[format!("{ns}endpoint")].as_str().unwrap();
    let token = address[format!("{ns}authorization")].as_str().unwrap();
    let data = conformance::client::http().get(endpoint).header("authorization", token).send().await.unwrap();
    assert_eq!(data.text().await.unwrap(), "a\n1\n");
}
