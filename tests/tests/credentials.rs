//! Conditions on credentials, with real processes: who holds one sees, negotiates and gets; a revoked, expired or
//! unverifiable one stops what runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use actix_web::{App, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use conformance::client::{anybody, file, http, list, segment};
use conformance::{Participant, Setup};
use connector::identity::{KeyPair, OwnKeys, did_document};
use engine::port::{Clock as _, Signer as _};
use futures_util::StreamExt as _;
use ontology::time::Timestamp;
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CREDENTIALS: &str = "https://www.w3.org/ns/credentials/v2";

/// An issuer of memberships, with its DID document and its list of revoked ones.
struct Notary {
    url: String,
    keys: OwnKeys,
    document: Value,
    revoked: Mutex<Vec<usize>>,
    away: Mutex<bool>,
}

impl Notary {
    fn start() -> Arc<Self> {
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = socket.local_addr().unwrap().port();
        let did = format!("did:web:127.0.0.1%3A{port}");
        let pair = KeyPair::generate().unwrap();
        let document = did_document(&did, &pair, &[]);
        let notary = Arc::new(Self {
            url: format!("http://127.0.0.1:{port}"),
            keys: OwnKeys::new(&did, pair).unwrap(),
            document,
            revoked: Mutex::default(),
            away: Mutex::default(),
        });
        let shared = web::Data::from(Arc::clone(&notary));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/.well-known/did.json", web::get().to(own_document))
                .route("/status/1", web::get().to(status))
        });
        let server = server.workers(1).disable_signals().listen(socket).unwrap();
        tokio::spawn(server.run());
        notary
    }

    fn did(&self) -> &str {
        self.keys.did()
    }

    fn sign(&self, payload: &Value) -> String {
        let header = json!({"alg": "ES256", "typ": "vc+jwt", "kid": self.keys.key_id()});
        let text = [header, payload.clone()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = self.keys.sign(text.as_bytes()).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A membership of `did`, entry `index` of the list.
    fn membership(&self, did: &str, index: usize, until: Option<Timestamp>) -> String {
        let mut credential = json!({
            "@context": [CREDENTIALS], "type": ["VerifiableCredential", "Membership"], "issuer": self.did(),
            "credentialSubject": {"id": did, "type": "Membership", "level": "gold"},
            "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                "statusListIndex": index.to_string(), "statusListCredential": format!("{}/status/1", self.url)},
        });
        if let Some(until) = until {
            credential["validUntil"] = json!(until.to_rfc3339());
        }
        self.sign(&credential)
    }

    fn revoke(&self, index: usize) {
        self.revoked.lock().unwrap().push(index);
    }
}

async fn own_document(notary: web::Data<Notary>) -> HttpResponse {
    HttpResponse::Ok().json(&notary.document)
}

async fn status(notary: web::Data<Notary>) -> HttpResponse {
    if *notary.away.lock().unwrap() {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let mut bits = vec![0_u8; 16 * 1024];
    for place in notary.revoked.lock().unwrap().iter() {
        bits[place / 8] |= 0x80 >> (place % 8);
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&bits).unwrap();
    let encoded = format!("u{}", URL_SAFE_NO_PAD.encode(packed.finish().unwrap()));
    let body = notary.sign(&json!({
        "@context": [CREDENTIALS], "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": notary.did(),
        "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation",
            "encodedList": encoded, "ttl": 1000},
    }));
    HttpResponse::Ok().content_type("application/vc+jwt").body(body)
}

/// Only for gold members; at the party, as the profile wants it, or at the rule.
fn for_gold(at_party: bool) -> Value {
    let condition = json!([{
        "https://w3id.org/gaia-x/ovc/1/leftOperand": "$.credentialSubject.level",
        "https://w3id.org/gaia-x/ovc/1/credentialSubjectType": "Membership",
        "operator": "eq", "rightOperand": "gold",
    }]);
    let constraint = "https://w3id.org/gaia-x/ovc/1/constraint";
    if at_party {
        json!({"permission": [{"action": "use", "assignee": {constraint: condition}}]})
    } else {
        json!({"permission": [{"action": "use", constraint: condition}]})
    }
}

struct Scene {
    notary: Arc<Notary>,
    provider: Participant,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let notary = Notary::start();
        let provider = Setup::new("Provider", folder.path())
            .with(format!("--trusted-issuer=Membership={}", notary.did()))
            .start();
        Self { notary, provider, folder }
    }

    /// A participant that knows the provider, and holds this membership if one is given.
    async fn consumer(&self, name: &str, index: Option<usize>, until: Option<Timestamp>) -> Participant {
        let setup = Setup::new(name, self.folder.path());
        let peer = format!("--peer={}={}", self.provider.setup.did(), self.provider.setup.address());
        let consumer = setup.with(peer).start();
        if let Some(index) = index {
            let credential = self.notary.membership(&consumer.setup.did(), index, until);
            let held =
                consumer.management().post("/v1/credentials", &json!({"credential": credential})).await;
            assert_eq!(
                (&held["issuer"], &held["types"][0]),
                (&json!(self.notary.did()), &json!("Membership"))
            );
        }
        consumer
    }

    /// Publishes a file of a few bytes, or of many, under terms for gold members.
    async fn publish(&self, id: &str, bytes: u64, terms: Value, access: Value) {
        let path = self.folder.path().join(id);
        std::fs::File::create(&path).unwrap().set_len(bytes).unwrap();
        self.provider.management().publish(id, file(&path), terms, access).await;
    }

    async fn datasets(&self, consumer: &Participant) -> Vec<String> {
        let setup = &self.provider.setup;
        let catalogue = consumer.management().catalogue(&setup.did(), &setup.address()).await;
        list(&catalogue["dcat:dataset"]).iter().map(|d| d["@id"].as_str().unwrap().to_owned()).collect()
    }

    async fn agree(&self, consumer: &Participant, dataset: &str) -> String {
        let setup = &self.provider.setup;
        consumer.management().agree(&setup.did(), &setup.address(), dataset, &[]).await
    }

    async fn refused(&self, consumer: &Participant, dataset: &str) -> String {
        let setup = &self.provider.setup;
        let side = consumer.management();
        let id = side.request(&setup.did(), &setup.address(), dataset, &[]).await;
        let ended = side.wait("contractnegotiations", &id, &["TERMINATED", "FINALIZED"]).await;
        assert_eq!(ended["state"], "TERMINATED", "{ended:#}");
        ended["errorDetail"].as_str().unwrap().to_owned()
    }

    /// A running transfer: its id, endpoint and token.
    async fn started(&self, consumer: &Participant, agreement: &str) -> (String, String, String) {
        let side = consumer.management();
        let transfer = side.transfer(&self.provider.setup.address(), agreement).await;
        side.wait("transferprocesses", &transfer, &["STARTED"]).await;
        let (endpoint, token) = side.edr(&transfer).await;
        (transfer, endpoint, token)
    }

    /// Waits for the end of a transfer; gives the reason.
    async fn ended(&self, consumer: &Participant, transfer: &str) -> String {
        let ended = consumer.management().wait("transferprocesses", transfer, &["TERMINATED"]).await;
        ended["errorDetail"].as_str().unwrap().to_owned()
    }
}

fn from_now(seconds: i64) -> Timestamp {
    connector::system::SystemClock.now().plus_millis(seconds * 1000)
}

#[tokio::test]
async fn who_holds_the_credential_sees_negotiates_and_gets_the_data_until_it_is_revoked() {
    let scene = Scene::new();
    scene.publish("hidden", 8, anybody(), for_gold(false)).await;
    scene.publish("gold", 256 << 20, for_gold(true), anybody()).await;
    scene.publish("gold-rule", 8, for_gold(false), anybody()).await;
    let member = scene.consumer("Member", Some(7), None).await;
    let stranger = scene.consumer("Stranger", None, None).await;

    let mut seen = scene.datasets(&member).await;
    seen.sort();
    assert_eq!(seen, ["gold", "gold-rule", "hidden"]);
    let mut seen = scene.datasets(&stranger).await;
    seen.sort();
    assert_eq!(seen, ["gold", "gold-rule"]);

    for dataset in ["gold", "gold-rule"] {
        let reason = scene.refused(&stranger, dataset).await;
        assert!(reason.contains("level of your credential is gold"), "{reason}");
        assert!(reason.contains("cannot be checked, as no such value is known"), "{reason}");
    }
    scene.agree(&member, "hidden").await;
    scene.agree(&member, "gold-rule").await;
    let agreement = scene.agree(&member, "gold").await;
    let (transfer, endpoint, token) = scene.started(&member, &agreement).await;
    let answer = http().get(&endpoint).bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut stream = answer.bytes_stream();
    let mut received = stream.next().await.unwrap().unwrap().len();
    // Past several renewals of the list, the transfer still runs.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let state = member.management().get(&format!("/v3/transferprocesses/{}", segment(&transfer))).await;
    assert_eq!(state["state"], "STARTED");

    scene.notary.revoke(7);
    let reason = scene.ended(&member, &transfer).await;
    assert!(reason.contains(&format!("the credential of {} was revoked", scene.notary.did())), "{reason}");
    while let Ok(Some(Ok(chunk))) = tokio::time::timeout(Duration::from_secs(10), stream.next()).await {
        received += chunk.len();
    }
    assert!(received < 256 << 20, "the whole file arrived");
    let after = http().get(&endpoint).bearer_auth(&token).send().await.unwrap().status().as_u16();
    assert!([401, 403].contains(&after), "{after}");
    let events = scene.provider.management().get("/v1/events?type=transfer.&limit=100").await;
    let told = list(&events["events"]);
    let cut = told.iter().find(|e| e["data"]["state"] == "TERMINATED").expect("an event");
    assert!(cut.to_string().contains("was revoked"), "{cut:#}");

    // Nothing starts any more, and what was hidden is hidden again.
    let again = member.management().transfer(&scene.provider.setup.address(), &agreement).await;
    assert!(scene.ended(&member, &again).await.contains("was revoked"));
    assert_eq!(scene.datasets(&member).await.len(), 2);
    assert!(scene.refused(&member, "gold").await.contains("was revoked"));
}

#[tokio::test]
async fn a_status_that_cannot_be_checked_does_not_grant() {
    let scene = Scene::new();
    scene.publish("gold", 8, for_gold(true), anybody()).await;
    let member = scene.consumer("Member", Some(7), None).await;
    *scene.notary.away.lock().unwrap() = true;
    let reason = scene.refused(&member, "gold").await;
    assert!(reason.contains("it cannot be checked whether it was revoked"), "{reason}");
    assert!(reason.contains("/status/1: the answer is 503"), "{reason}");

    // The notary is back: the next look, five seconds later at most, finds it.
    *scene.notary.away.lock().unwrap() = false;
    tokio::time::sleep(Duration::from_millis(5500)).await;
    let agreement = scene.agree(&member, "gold").await;
    let (transfer, ..) = scene.started(&member, &agreement).await;
    // It goes away for good while data flows: the list is believed no longer than it says.
    *scene.notary.away.lock().unwrap() = true;
    let reason = scene.ended(&member, &transfer).await;
    assert!(reason.contains("it cannot be checked whether it was revoked"), "{reason}");
}

#[tokio::test]
async fn a_credential_withdrawn_while_the_provider_is_down_stops_the_transfer_after_the_restart() {
    let Scene { notary, provider, folder } = Scene::new();
    let scene = Scene { notary, provider, folder };
    scene.publish("gold", 8, for_gold(true), anybody()).await;
    let member = scene.consumer("Member", Some(9), None).await;
    let agreement = scene.agree(&member, "gold").await;
    let (transfer, endpoint, token) = scene.started(&member, &agreement).await;
    let Scene { notary, provider, folder: _folder } = scene;
    let setup = provider.kill();
    notary.revoke(9);
    let _provider = setup.start();
    let ended = member.management().wait("transferprocesses", &transfer, &["TERMINATED"]).await;
    assert!(ended["errorDetail"].as_str().unwrap().contains("was revoked"), "{ended:#}");
    let after = http().get(&endpoint).bearer_auth(&token).send().await.unwrap().status().as_u16();
    assert!([401, 403].contains(&after), "{after}");
}

#[tokio::test]
async fn the_data_comes_back_when_a_consumer_was_out_of_reach() {
    let scene = Scene::new();
    scene.publish("gold", 8, for_gold(true), anybody()).await;
    let member = scene.consumer("Member", Some(5), None).await;
    let agreement = scene.agree(&member, "gold").await;
    let (transfer, endpoint, token) = scene.started(&member, &agreement).await;
    let read = async || http().get(&endpoint).bearer_auth(&token).send().await.unwrap().status().as_u16();
    let turns = async |wanted: bool| {
        for _ in 0..300 {
            if (read().await == 200) == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the data does not {}", if wanted { "come back" } else { "stop" });
    };
    turns(true).await;
    // What it says of itself cannot be read, so the policy cannot be judged.
    let setup = member.kill();
    turns(false).await;
    let member = setup.start();
    turns(true).await;
    let state = member.management().get(&format!("/v3/transferprocesses/{}", segment(&transfer))).await;
    assert_eq!(state["state"], "STARTED");
}

#[tokio::test]
async fn an_expired_or_untrusted_credential_does_not_count() {
    let scene = Scene::new();
    scene.publish("gold", 8, for_gold(false), anybody()).await;
    // Signed as it should be, by somebody whom the provider does not know.
    let other = Notary::start();
    let member = scene.consumer("Outsider", None, None).await;
    let foreign = other.membership(&member.setup.did(), 3, None);
    member.management().post("/v1/credentials", &json!({"credential": foreign})).await;
    let reason = scene.refused(&member, "gold").await;
    assert!(reason.contains("this issuer is not trusted for it"), "{reason}");

    let member = scene.consumer("Member", Some(3), Some(from_now(5))).await;
    let agreement = scene.agree(&member, "gold").await;
    let (transfer, ..) = scene.started(&member, &agreement).await;
    let reason = scene.ended(&member, &transfer).await;
    assert!(reason.contains("has expired"), "{reason}");
    assert!(scene.refused(&member, "gold").await.contains("has expired"));
}

#[tokio::test]
async fn only_credentials_about_us_are_held() {
    let scene = Scene::new();
    let member = scene.consumer("Member", Some(1), None).await;
    let side = member.management();
    for (text, reason) in [
        (scene.notary.membership(&scene.provider.setup.did(), 1, None), "it is not about"),
        ("no credential".to_owned(), "not a compact JWS"),
    ] {
        let (status, answer) = side.call("POST", "/v1/credentials", Some(&json!({"credential": text}))).await;
        assert!(status == 400 && answer.to_string().contains(reason), "{status} {answer}");
    }
    let held = list(&side.get("/v1/credentials").await);
    assert_eq!(held.len(), 1);
    let page = format!("{}/credentials/presentation", member.setup.url());
    let shown = http().get(&page).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "application/vp+jwt");
    let path = format!("/v1/credentials/{}", held[0]["id"].as_str().unwrap());
    assert_eq!(side.call("DELETE", &path, None).await.0, 204);
    assert_eq!(side.call("DELETE", &path, None).await.0, 404);
    assert_eq!(http().get(&page).send().await.unwrap().status(), 404);
}
