//! What the tests share.

use crate::identity::compact;
use crate::identity::{
    Authenticator, DidWebResolver, Http, HttpTrust, KeyPair, OwnKeys, TokenIssuer, UrlGuard, did_document,
    services,
};
use engine::port::{Clock, Ids, Signer as _};
use ontology::time::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// 2026-01-01T00:00:00Z.
pub(in crate::identity) const NOW: i64 = 1_767_225_600;

/// A clock that stands still until it is set.
pub(in crate::identity) struct FixedClock(AtomicI64);

impl FixedClock {
    pub(in crate::identity) fn at(ms: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(ms)))
    }
    pub(in crate::identity) fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
    pub(super) fn add_s(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that count.
#[derive(Default)]
pub(super) struct CountingIds(AtomicU64);

impl Ids for CountingIds {
    fn urn(&self) -> String {
        format!("urn:uuid:{}", self.0.fetch_add(1, Ordering::SeqCst))
    }
    fn token(&self) -> String {
        self.urn()
    }
}

/// A request that a site received.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) line: String,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: String,
}

#[derive(Default)]
struct Pages {
    pages: HashMap<String, (u16, String, String)>,
    received: Vec<Received>,
}

/// A web server with settable pages.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) port: u16,
    shared: Arc<Mutex<Pages>>,
}

impl Site {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self { port: listener.local_addr().unwrap().port(), shared: Arc::default() };
        let served = site.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let site = served.clone();
                tokio::spawn(async move { site.serve(stream).await });
            }
        });
        site
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn page(&self, path: &str, status: u16, typ: &str, body: &str) {
        let page = (status, typ.to_owned(), body.to_owned());
        self.shared.lock().unwrap().pages.insert(path.to_owned(), page);
    }

    pub(super) fn json(&self, path: &str, body: &Value) {
        self.page(path, 200, "application/json", &body.to_string());
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.shared.lock().unwrap().received.clone()
    }

    pub(super) fn hits(&self, path: &str) -> usize {
        self.received().iter().filter(|r| r.line.split(' ').nth(1) == Some(path)).count()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        let (head, length) = loop {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
            if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
                bytes.drain(..end + 4);
                let length = head.lines().find_map(|l| {
                    l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
                });
                break (head, length.unwrap_or(0));
            }
        };
        while bytes.len() < length {
            stream.read_buf(&mut bytes).await.unwrap();
        }
        let mut lines = head.lines();
        let line = lines.next().unwrap().to_owned();
        let headers = lines
            .filter_map(|l| l.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let path = line.split(' ').nth(1).unwrap().to_owned();
        let page = {
            let mut shared = self.shared.lock().unwrap();
            shared.received.push(Received { line, headers, body: String::from_utf8(bytes).unwrap() });
            shared.pages.get(&path).cloned()
        };
        let (status, typ, body) = page.unwrap_or((404, "text/plain".to_owned(), String::new()));
        let location = if (300..400).contains(&status) { "location: /elsewhere\r\n" } else { "" };
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {typ}\r\n{location}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// A participant whose DID document is on a site.
pub(super) struct Actor {
    pub(super) did: String,
    pub(super) path: String,
    pub(super) keys: Arc<OwnKeys>,
    pub(super) document: Value,
}

impl Actor {
    /// Publishes the document of a new participant at `/name/did.json`.
    pub(super) fn on(site: &Site, name: &str) -> Self {
        let did = format!("did:web:127.0.0.1%3A{}:{name}", site.port);
        let keys = Arc::new(OwnKeys::new(&did, KeyPair::generate().unwrap()).unwrap());
        let public_url = site.url(&format!("/{name}"));
        let services = services(&did, &format!("{public_url}/2025-1"), &public_url);
        let document = did_document(&did, keys.key_pair(), &services);
        let path = format!("/{name}/did.json");
        site.json(&path, &document);
        Self { keys, did, path, document }
    }

    /// Any token or credential under the key of this participant.
    pub(super) fn sign(&self, header: &Value, payload: &Value) -> String {
        compact::sign(self.keys.as_ref(), &compact::encode(header), payload).unwrap()
    }

    pub(super) fn header(&self) -> Value {
        json!({"alg": "ES256", "typ": "JWT", "kid": self.keys.key_id()})
    }

    pub(super) fn claims(&self, audience: &str, id: &str) -> Value {
        json!({"iss": self.did, "sub": self.did, "aud": audience, "jti": id, "iat": NOW, "exp": NOW + 60})
    }
}

/// A site with the participants Alice and Bob; Bob authenticates Alice.
pub(super) struct World {
    pub(super) site: Site,
    pub(super) clock: Arc<FixedClock>,
    pub(super) http: Http,
    pub(super) resolver: Arc<DidWebResolver>,
    pub(super) alice: Actor,
    pub(super) bob: Actor,
}

impl World {
    pub(super) async fn new() -> Self {
        let site = Site::start().await;
        let clock = FixedClock::at(NOW * 1000);
        let http = Http::new(UrlGuard::new(true, &[]), None).unwrap();
        let resolver = Arc::new(DidWebResolver::new(http.clone(), clock.clone()));
        let (alice, bob) = (Actor::on(&site, "alice"), Actor::on(&site, "bob"));
        Self { site, clock, http, resolver, alice, bob }
    }

    pub(super) fn authenticator(&self) -> Authenticator {
        Authenticator::new(&self.bob.did, Arc::clone(&self.resolver), self.clock.clone())
    }

    pub(super) fn issuer(&self) -> TokenIssuer {
        TokenIssuer::new(self.alice.keys.clone(), self.clock.clone(), Arc::new(CountingIds::default()))
    }

    pub(super) fn trust(&self) -> HttpTrust {
        HttpTrust::new(Arc::clone(&self.resolver), self.http.clone(), self.clock.clone())
    }
}
