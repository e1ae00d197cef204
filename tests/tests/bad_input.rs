//! Bad input at the protocol's door and at the management door: a clear error with a reason, and no change.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::client::{anybody, context, file, http, only, segment};
use conformance::{Participant, Setup};
use serde_json::{Value, json};

const CONTEXT: &str = "https://w3id.org/dspace/2025/1/context.jsonld";

/// A participant that the test plays itself: a key pair, a DID document on a small server, tokens.
mod peer {
    use connector::identity::{KeyPair, OwnKeys, TokenIssuer, did_document};
    use connector::system::{SystemClock, SystemIds};
    use std::sync::Arc;

    pub(super) struct Peer {
        pub(super) did: String,
        pub(super) tokens: TokenIssuer,
        server: actix_web::dev::ServerHandle,
    }

    impl Peer {
        pub(super) fn start() -> Self {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let did = format!("did:web:localhost%3A{port}");
            let keys = Arc::new(OwnKeys::new(&did, KeyPair::generate().unwrap()).unwrap());
            let document = did_document(&did, keys.key_pair(), &[]);
            let tokens = TokenIssuer::new(keys, Arc::new(SystemClock), Arc::new(SystemIds));
            let server = actix_web::HttpServer::new(move || {
                let document = document.clone();
                actix_web::App::new().route(
                    "/.well-known/did.json",
                    actix_web::web::get().to(move || {
                        let document = document.clone();
                        async move { actix_web::HttpResponse::Ok().json(document) }
                    }),
                )
            })
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
            let handle = server.handle();
            tokio::spawn(server);
            Self { did, tokens, server: handle }
        }

        pub(super) fn token(&self, audience: &str) -> String {
            self.tokens.issue(audience).unwrap()
        }
    }

    impl Drop for Peer {
        fn drop(&mut self) {
            drop(self.server.stop(false));
        }
    }
}

use peer::Peer;

struct Door {
    host: Participant,
    peer: Peer,
    folder: tempfile::TempDir,
}

fn door(options: &[&str]) -> Door {
    let folder = tempfile::tempdir().unwrap();
    let mut setup = Setup::new("Provider", folder.path());
    for option in options {
        setup = setup.with(*option);
    }
    Door { host: setup.start(), peer: Peer::start(), folder }
}

impl Door {
    async fn send(&self, path: &str, token: Option<&str>, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let url = format!("{}{path}", self.host.setup.address());
        let mut request = http().post(url).header("content-type", "application/json").body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let token = self.peer.token(&self.host.setup.did());
        self.send(path, Some(&token), body.to_string()).await
    }

    /// The protocol's error body with a reason that holds `part`, and the given status.
    async fn refuses(&self, path: &str, body: &Value, status: u16, part: &str) {
        let (got, answer) = self.post(path, body).await;
        assert_error(path, got, &answer, status, part);
    }

    async fn negotiations(&self) -> usize {
        let query = json!({"@context": context(), "@type": "QuerySpec"});
        let all = self.host.management().post("/v3/contractnegotiations/request", &query).await;
        all.as_array().unwrap().len()
    }

    fn request(&self, offer: &Value) -> Value {
        json!({
            "@context": [CONTEXT], "@type": "ContractRequestMessage", "consumerPid": "urn:uuid:c1",
            "callbackAddress": "http://localhost:9/dsp", "offer": offer,
        })
    }

    /// Publishes a small file and gives its offer as in the DSP catalogue.
    async fn offer(&self, id: &str, policy: Value) -> Value {
        let path = self.folder.path().join(format!("{id}.csv"));
        std::fs::write(&path, "a\n1\n").unwrap();
        self.host.management().publish(id, file(&path), policy, anybody()).await;
        let token = self.peer.token(&self.host.setup.did());
        let url = format!("{}/catalog/datasets/{id}", self.host.setup.address());
        let text = http().get(url).bearer_auth(token).send().await.unwrap().text().await.unwrap();
        let dataset: Value = serde_json::from_str(&text).unwrap();
        let mut offer = dataset["hasPolicy"][0].clone();
        assert!(offer.is_object(), "{dataset:#}");
        offer["@type"] = json!("Offer");
        offer["target"] = json!(id);
        offer
    }
}

fn assert_error(what: &str, got: u16, answer: &Value, status: u16, part: &str) {
    assert_eq!(got, status, "{what}: {answer:#}");
    let kind = answer["@type"].as_str().unwrap_or_default();
    assert!(
        ["ContractNegotiationError", "TransferError", "CatalogError"].contains(&kind),
        "{what}: {answer:#}"
    );
    assert!(answer["@context"].as_array().unwrap().contains(&json!(CONTEXT)), "{what}");
    let reason = answer["reason"].to_string();
    assert!(reason.contains(part), "{what}: {reason} does not say {part:?}");
}

#[tokio::test]
async fn malformed_messages_name_the_field() {
    let door = door(&["--body-limit=20000"]);
    let offer = door.offer("d1", anybody()).await;
    let path = "/negotiations/request";
    let token = || door.peer.token(&door.host.setup.did());

    let (status, answer) = door.send(path, Some(&token()), "{\"@context\": [").await;
    assert_error("truncated JSON", status, &answer, 400, "JSON");
    let (status, answer) = door.send(path, Some(&token()), "[1]").await;
    assert_error("not an object", status, &answer, 400, "object");
    let big = format!("{{\"a\": \"{}\"}}", "x".repeat(30_000));
    let (status, answer) = door.send(path, Some(&token()), big).await;
    assert_error("oversized", status, &answer, 413, "20000");

    let good = door.request(&offer);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = good.clone();
        change(&mut body);
        body
    };
    for (what, body, part) in [
        ("wrong context", with(&|b| b["@context"] = json!(["https://example.org/x"])), "@context"),
        ("wrong type", with(&|b| b["@type"] = json!("ContractAgreementMessage")), ""),
        ("pid of wrong type", with(&|b| b["consumerPid"] = json!(5)), "consumerPid"),
        ("no pid", with(&|b| drop(b.as_object_mut().unwrap().remove("consumerPid"))), "consumerPid"),
        (
            "no callback",
            with(&|b| drop(b.as_object_mut().unwrap().remove("callbackAddress"))),
            "callbackAddress",
        ),
        ("callback of no scheme", with(&|b| b["callbackAddress"] = json!("nowhere")), "callbackAddress"),
        ("unknown offer", with(&|b| b["offer"]["@id"] = json!("a:b:c")), "offer"),
        ("other target", with(&|b| b["offer"]["target"] = json!("d2")), "target"),
        (
            "unknown operand",
            with(&|b| {
                b["offer"]["permission"][0]["constraint"] =
                    json!([{"leftOperand": "moonPhase", "operator": "eq", "rightOperand": "full"}])
            }),
            "",
        ),
        ("other terms", with(&|b| b["offer"]["permission"][0]["action"] = json!("read")), ""),
    ] {
        let (status, answer) = door.post(path, &body).await;
        assert_error(what, status, &answer, 400, part);
    }
    assert_eq!(door.negotiations().await, 0, "none of these may leave a negotiation");
    let (status, answer) = door.post(path, &good).await;
    assert_eq!(status, 201, "the unchanged message is fine: {answer:#}");
}

#[tokio::test]
async fn unknown_ids_foreign_pids_and_illegal_transitions() {
    let door = door(&[]);
    let offer = door.offer("d1", anybody()).await;
    let (status, opened) = door.post("/negotiations/request", &door.request(&offer)).await;
    assert_eq!(status, 201, "{opened:#}");
    let (provider, consumer) = (opened["providerPid"].as_str().unwrap(), "urn:uuid:c1");
    let message = |kind: &str, extra: Value| {
        let mut body =
            json!({"@context": [CONTEXT], "@type": kind, "providerPid": provider, "consumerPid": consumer});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let own = format!("/negotiations/{}", segment(provider));

    let accepted = message("ContractNegotiationEventMessage", json!({"eventType": "ACCEPTED"}));
    door.refuses(&format!("{own}/events"), &accepted, 400, "").await;
    let finalized = message("ContractNegotiationEventMessage", json!({"eventType": "FINALIZED"}));
    door.refuses(&format!("{own}/events"), &finalized, 400, "eventType").await;
    let other = message("ContractNegotiationTerminationMessage", json!({"consumerPid": "urn:uuid:other"}));
    door.refuses(&format!("{own}/termination"), &other, 400, "consumerPid").await;
    let end = message("ContractNegotiationTerminationMessage", json!({}));
    door.refuses("/negotiations/urn:uuid:nothing/termination", &end, 404, "not found").await;

    // Somebody else's negotiation does not exist.
    let stranger = Peer::start();
    let token = stranger.token(&door.host.setup.did());
    let (status, answer) = door.send(&format!("{own}/termination"), Some(&token), end.to_string()).await;
    assert_error("stranger", status, &answer, 404, "not found");

    // After the end, everything is illegal and says what would be legal.
    let (status, _) = door.post(&format!("{own}/termination"), &end).await;
    assert_eq!(status, 200);
    door.refuses(&format!("{own}/termination"), &end, 400, "").await;

    let transfer = json!({
        "@context": [CONTEXT], "@type": "TransferRequestMessage", "consumerPid": "urn:uuid:t1",
        "agreementId": "urn:uuid:none", "format": "HttpData-PULL", "callbackAddress": "http://localhost:9/dsp",
    });
    door.refuses("/transfers/request", &transfer, 400, "agreement").await;
    let (status, answer) = door
        .post(
            "/catalog/request",
            &json!({"@context": [CONTEXT], "@type": "CatalogRequestMessage", "filter": [{"x": 1}]}),
        )
        .await;
    assert_error("filter", status, &answer, 400, "filter");
}

#[tokio::test]
async fn tokens_are_single_use_timely_and_for_us() {
    let door = door(&[]);
    let body = json!({"@context": [CONTEXT], "@type": "CatalogRequestMessage"}).to_string();
    let path = "/catalog/request";
    let token = door.peer.token(&door.host.setup.did());
    assert_eq!(door.send(path, Some(&token), body.clone()).await.0, 200);
    let (status, answer) = door.send(path, Some(&token), body.clone()).await;
    assert_error("replay", status, &answer, 401, "");
    let foreign = door.peer.token("did:web:somebody.example");
    let (status, answer) = door.send(path, Some(&foreign), body.clone()).await;
    assert_error("audience", status, &answer, 401, "somebody.example");
    let (status, answer) = door.send(path, Some("garbage"), body.clone()).await;
    assert_error("garbage", status, &answer, 401, "");
    // Nothing but reading is open to the anonymous.
    let (status, answer) = door.send("/negotiations/request", None, body).await;
    assert_error("anonymous", status, &answer, 401, "token");
}

#[tokio::test]
async fn private_addresses_are_refused_outside_dev_mode() {
    let folder = tempfile::tempdir().unwrap();
    let mut setup = Setup::new("Strict", folder.path());
    setup.public_url = Some("https://strict.example".to_owned());
    setup.options.retain(|o| !o.contains("dev"));
    let host = setup.start();
    for address in [
        "http://localhost:1/dsp",
        "https://127.0.0.1/dsp",
        "https://10.0.0.1/dsp",
        "https://169.254.169.254/x",
    ] {
        let (status, answer) = host
            .management()
            .call(
                "POST",
                "/v3/catalog/request",
                Some(&json!({
                    "@context": context(), "@type": "CatalogRequest", "counterPartyAddress": address,
                    "counterPartyId": "did:web:peer.example", "protocol": "dataspace-protocol-http:2025-1",
                })),
            )
            .await;
        assert!([400, 502].contains(&status), "{address}: {status} {answer:#}");
        assert!(answer.to_string().contains("refused"), "{address}: {answer:#}");
    }
    let path = folder.path().join("x");
    std::fs::write(&path, "x").unwrap();
    let (status, answer) = host
        .management()
        .call(
            "POST",
            "/v3/assets",
            Some(&json!({
                "@context": context(), "@type": "Asset", "@id": "internal", "properties": {"name": "n"},
                "dataAddress": {"type": "HttpData", "baseUrl": "http://169.254.169.254/latest/meta-data"},
            })),
        )
        .await;
    assert_eq!(status, 400, "a source in a private range: {answer:#}");
}

#[tokio::test]
async fn management_errors_have_the_documented_form() {
    let door = door(&[]);
    let host = door.host.management();
    let (status, answer) = host.call("POST", "/v3/policydefinitions", Some(&json!({
        "@context": context(), "@type": "PolicyDefinition", "@id": "odd",
        "policy": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "permission": [{"action": "use",
            "constraint": [{"leftOperand": "moonPhase", "operator": "eq", "rightOperand": "full"}]}]},
    }))).await;
    assert_eq!(status, 400, "{answer:#}");
    assert!(answer[0]["message"].as_str().unwrap().contains("moonPhase"), "{answer:#}");
    let (status, answer) = host.call("GET", "/v3/assets/none", None).await;
    assert_eq!((status, &answer[0]["type"]), (404, &json!("ObjectNotFound")));
    let (status, answer) =
        host.call("POST", "/v3/assets", Some(&json!({"@context": context(), "@id": "x"}))).await;
    assert_eq!((status, &answer[0]["type"]), (400, &json!("ValidationFailure")));
    assert!(answer[0]["path"].as_str().unwrap().contains("properties"), "{answer:#}");
    let wrong = conformance::Management::new(
        &format!("http://127.0.0.1:{}", door.host.setup.management_port),
        "Test-Key",
    );
    assert_eq!(wrong.call("GET", "/v3/assets/none", None).await.0, 401, "keys are compared exactly");
}

#[tokio::test]
async fn a_source_that_vanishes_or_changes_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Setup::new("Provider", folder.path()).start();
    let consumer = Setup::new("Consumer", folder.path()).start();
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let path = folder.path().join("d.csv");
    std::fs::write(&path, "original\n").unwrap();
    provider.management().publish_file("d", &path).await;
    let guest = consumer.management();
    let agreement = guest.agree(&did, &address, "d", &[]).await;
    let transfer = guest.transfer(&address, &agreement).await;
    guest.wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = guest.edr(&transfer).await;

    // Same size, other bytes: only the digest tells.
    std::fs::write(&path, "ORIGINAL\n").unwrap();
    let data = protocol::message::DataAddress::http_pull(endpoint.clone(), token.clone());
    let wanted = "0".repeat(64);
    let out = folder.path().join("out.csv");
    let error = connector::plane::download(&http(), &data, &out, Some(&wanted), |_, _| {}).await.unwrap_err();
    assert!(error.to_string().contains(&wanted), "{error}");
    assert!(!out.exists(), "what does not match is not delivered");

    std::fs::remove_file(&path).unwrap();
    let answer = http().get(&endpoint).bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    let text = answer.text().await.unwrap();
    assert!(!text.contains(folder.path().to_str().unwrap()), "no paths in errors: {text}");
}

#[tokio::test]
async fn a_full_disk_changes_nothing_and_says_so() {
    // A size limit on files is what an unprivileged process can get in place of a full disk.
    let folder = tempfile::tempdir().unwrap();
    let mut setup = Setup::new("Full", folder.path());
    let first = setup.start();
    let setup_again = first.kill();
    setup = setup_again;
    let database = std::fs::read_dir(setup.folder.join("data"))
        .unwrap()
        .filter_map(|e| Some(e.ok()?.metadata().ok()?.len()))
        .max()
        .unwrap();
    let blocks = database / 512 + 2_000;
    setup.wrapper = vec![
        "sh".to_owned(),
        "-c".to_owned(),
        format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""),
    ];
    let host = setup.start();
    let management = host.management();
    let text = "x".repeat(60_000);
    let mut refused = None;
    for n in 0..200 {
        let (status, answer) = management
            .call("POST", "/v3/assets", Some(&json!({
                "@context": context(), "@type": "Asset", "@id": format!("a{n}"), "properties": {"name": text},
            })))
            .await;
        if status != 200 {
            refused = Some((n, status, answer));
            break;
        }
    }
    let (n, status, answer) = refused.expect("the limit is reached");
    assert!(n > 0, "the limit is too low for the test: {answer}");
    assert!([500, 507].contains(&status), "{status} {answer}");
    let (status, _) = management.call("GET", &format!("/v3/assets/a{n}"), None).await;
    assert_eq!(status, 404, "the refused asset must not be there");
    let (status, _) = management.call("GET", "/v3/assets/a0", None).await;
    assert_eq!(status, 200, "what was stored can still be read");
}

#[tokio::test]
async fn a_policy_that_needs_a_signature_is_not_met_by_a_peer_without() {
    let door = door(&["--require-signatures=true"]);
    let offer = door.offer("d1", only("recipient", "eq", json!(door.peer.did))).await;
    let (status, opened) = door.post("/negotiations/request", &door.request(&offer)).await;
    assert_eq!(status, 201, "{opened:#}");
    let provider = opened["providerPid"].as_str().unwrap();
    let body = json!({
        "@context": [CONTEXT], "@type": "ContractAgreementVerificationMessage",
        "providerPid": provider, "consumerPid": "urn:uuid:c1",
    });
    let path = format!("/negotiations/{}/agreement/verification", segment(provider));
    door.refuses(&path, &body, 400, "signature").await;
}
