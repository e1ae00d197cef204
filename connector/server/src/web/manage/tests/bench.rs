//! The API over a real engine and store, with peers that answer as they are told.

use crate::identity::{
    Authenticator, DidWebResolver, Http, Issuer, KeyPair, OwnKeys, UrlGuard, did_document, install_crypto,
    tls_config,
};
use crate::plane::{HttpPlane, HttpPlaneOptions, client_builder};
use crate::store::SqliteStore;
use crate::system::{SystemClock, SystemIds};
use crate::web::{Limits, State};
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use actix_web::{App, dev::ServiceResponse};
use async_trait::async_trait;
use engine::port::{
    Change, Clock, Expect, Participant, PeerError, Peers, Reply, Signer, Store, Trust, TrustError,
};
use engine::record::Record;
use engine::{Engine, KnownPeer, Ports, Settings};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

pub(super) const KEY: &str = "test-key";
pub(super) const OWN: &str = "did:web:own.example";
pub(super) const PEER: &str = "did:web:peer.example";
pub(super) const PEER_ADDRESS: &str = "https://peer.example/dsp/2025-1";
pub(super) const BODY_LIMIT: usize = 100_000;

/// One peer, which gives the same answer to everything.
pub(super) struct ToldPeers {
    pub(super) reply: Mutex<Result<Reply, PeerError>>,
    /// DID, URL and message of each call.
    pub(super) calls: Mutex<Vec<(String, String, Value)>>,
}

impl ToldPeers {
    fn answer(&self, peer: &str, url: &str, body: &Value) -> Result<Reply, PeerError> {
        self.calls.lock().unwrap().push((peer.to_owned(), url.to_owned(), body.clone()));
        self.reply.lock().unwrap().clone()
    }
}

#[async_trait]
impl Peers for ToldPeers {
    async fn post(
        &self,
        peer: &str,
        url: &str,
        body: &Value,
        _traceparent: Option<&str>,
    ) -> Result<Reply, PeerError> {
        self.answer(peer, url, body)
    }

    async fn get(&self, peer: &str, url: &str) -> Result<Reply, PeerError> {
        self.answer(peer, url, &Value::Null)
    }

    fn check_url(&self, url: &str) -> Result<(), PeerError> {
        if url.contains("forbidden") {
            return Err(PeerError::Forbidden(url.to_owned(), "private".to_owned()));
        }
        Ok(())
    }
}

/// Believes everybody, and no signature.
struct Believing;

#[async_trait]
impl Trust for Believing {
    async fn participant(&self, did: &str) -> Result<Arc<Participant>, TrustError> {
        Ok(Arc::new(Participant { did: did.to_owned(), ..Participant::default() }))
    }

    async fn verify(&self, _: &str, _: &str, _: &str, _: &[u8], _: &[u8]) -> Result<(), TrustError> {
        Err(TrustError::Invalid("not signed".to_owned()))
    }
}

pub(super) struct Bench {
    pub(super) state: Data<State>,
    pub(super) peers: Arc<ToldPeers>,
    /// Where file sources may lie.
    pub(super) files: TempDir,
}

impl Bench {
    pub(super) async fn new() -> Self {
        install_crypto();
        let files = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&files.path().join("store.sqlite")).await.unwrap());
        let keys = Arc::new(OwnKeys::new(OWN, KeyPair::generate().unwrap()).unwrap());
        let document = did_document(OWN, keys.key_pair(), &[]);
        let signer: Arc<dyn Signer> = keys;
        let client = client_builder().tls_backend_preconfigured(tls_config(None).unwrap()).build().unwrap();
        let plane = Arc::new(HttpPlane::new(HttpPlaneOptions {
            public_url: "https://own.example/data".to_owned(),
            client,
            secrets: Arc::new(|_| Box::pin(async { None })),
            clock: Arc::clone(&clock),
            files_root: Some(files.path().to_owned()),
            allow_url: Arc::new(
                |url| if url.contains("forbidden") { Err("private".to_owned()) } else { Ok(()) },
            ),
        }));
        let peers = Arc::new(ToldPeers {
            reply: Mutex::new(Err(PeerError::Unreachable(PEER.to_owned(), "no answer told".to_owned()))),
            calls: Mutex::default(),
        });
        let ports = Ports {
            store: Arc::clone(&store),
            peers: Arc::clone(&peers) as Arc<dyn Peers>,
            trust: Arc::new(Believing),
            signer: Arc::clone(&signer),
            planes: Arc::clone(&plane) as Arc<dyn engine::port::Planes>,
            clock: Arc::clone(&clock),
            ids: Arc::new(SystemIds),
        };
        let engine = Engine::new(ports, settings()).unwrap();
        engine.load().await.unwrap();
        let http = Http::new(UrlGuard::new(false, &[]), None).unwrap();
        let resolver = Arc::new(DidWebResolver::new(http.clone(), Arc::clone(&clock)));
        let state = State {
            engine,
            authenticator: Arc::new(Authenticator::new(OWN, resolver, Arc::clone(&clock))),
            did_document: document,
            issuer: Arc::new(Issuer::new(signer, clock)),
            plane,
            http,
            telemetry: Arc::default(),
            store,
            management_key_sha256: Some(Sha256::digest(KEY).into()),
            limits: Limits {
                body_bytes: BODY_LIMIT,
                sparql_time: Duration::from_secs(5),
                sparql_rows: 1_000,
                sparql_bytes: 1 << 20,
            },
        };
        Self { state: Data::new(state), peers, files }
    }

    /// Sends a request as it is.
    pub(super) async fn send(&self, request: TestRequest) -> ServiceResponse {
        let app = App::new().app_data(self.state.clone()).configure(crate::web::manage::configure);
        call_service(&init_service(app).await, request.to_request()).await
    }

    /// Sends a body with the key; gives status and JSON, null for an empty answer.
    pub(super) async fn text(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = TestRequest::with_uri(path)
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .insert_header(("X-Api-Key", KEY))
            .insert_header(("Content-Type", "application/json"))
            .set_payload(body.to_owned());
        let response = self.send(request).await;
        let status = response.status().as_u16();
        let bytes = read_body(response).await;
        let answer = (!bytes.is_empty()).then(|| serde_json::from_slice(&bytes).unwrap());
        // Every answer of every test is held to the document.
        super::openapi::check(method, path, status, answer.as_ref());
        (status, answer.unwrap_or_default())
    }

    pub(super) async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.text(method, path, &text).await
    }

    /// A call that must give 200, and its answer.
    pub(super) async fn ok(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(method, path, body).await;
        assert_eq!(status, 200, "{method} {path}: {answer:#}");
        answer
    }

    /// A call that must give 204 and no body.
    pub(super) async fn done(&self, method: &str, path: &str, body: &Value) {
        assert_eq!(self.call(method, path, body).await, (204, Value::Null), "{method} {path}");
    }

    /// What the peer answers from now on.
    pub(super) fn tell(&self, status: u16, body: Value) {
        *self.peers.reply.lock().unwrap() = Ok(Reply { status, body: Some(body), next: None });
    }

    /// Stores a record behind the engine's back.
    pub(super) async fn keep<R: Record>(&self, record: &R) {
        let change = Change::new().put(record, Expect::Any).unwrap();
        self.state.store.commit(change).await.unwrap();
    }
}

fn settings() -> Settings {
    Settings {
        base_url: "https://own.example/dsp/2025-1".to_owned(),
        public_url: "https://own.example".to_owned(),
        participant_name: "Own".to_owned(),
        country: None,
        registration: None,
        delivery_deadline_ms: 60_000,
        transfer_deadline_ms: 60_000,
        token_ttl_ms: 60_000,
        require_signatures: false,
        peers: vec![KnownPeer { did: PEER.to_owned(), address: format!("{PEER_ADDRESS}/") }],
    }
}

/// A policy definition that allows use without conditions.
pub(super) fn open_policy(id: &str) -> Value {
    json!({
        "@context": super::context(), "@id": id,
        "policy": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "permission": [{"action": "use"}]},
    })
}
