//! The plane behind real servers on the loopback.

mod cut;
mod receive;
mod serve;
mod tls;
mod upstream;

use super::*;
use crate::plane::permit::Permits;
use actix_web::{App, HttpServer};
use engine::record::Asset;
use ontology::time::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::atomic::AtomicI64;
use std::time::Instant;
use tempfile::TempDir;

/// A clock that tests move.
#[derive(Default)]
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A plane behind a server, with a folder for its files.
struct Bench {
    plane: Arc<HttpPlane>,
    clock: Arc<TestClock>,
    client: reqwest::Client,
    folder: TempDir,
    address: std::net::SocketAddr,
    server: actix_web::dev::ServerHandle,
}

const TRANSFER: &str = "urn:uuid:1";
const TOKEN: &str = "token-1";

fn sha(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes without a short period.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(len);
    out
}

fn client() -> reqwest::Client {
    // A second installation is refused, which is fine.
    drop(rustls::crypto::ring::default_provider().install_default());
    client_builder().build().expect("a client")
}

/// TLS with a certificate of its own.
fn own_tls() -> rustls::ServerConfig {
    use openssl::{asn1::Asn1Time, ec, hash::MessageDigest, nid::Nid, pkey::PKey, x509};
    drop(rustls::crypto::ring::default_provider().install_default());
    let group = ec::EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("P-256");
    let key = PKey::from_ec_key(ec::EcKey::generate(&group).expect("a key")).expect("a key");
    let mut name = x509::X509NameBuilder::new().expect("a name");
    name.append_entry_by_text("CN", "localhost").expect("a name");
    let name = name.build();
    let mut certificate = x509::X509::builder().expect("a certificate");
    certificate.set_version(2).expect("set");
    certificate.set_subject_name(&name).expect("set");
    certificate.set_issuer_name(&name).expect("set");
    certificate.set_pubkey(&key).expect("set");
    certificate.set_not_before(&Asn1Time::days_from_now(0).expect("a time")).expect("set");
    certificate.set_not_after(&Asn1Time::days_from_now(2).expect("a time")).expect("set");
    certificate.sign(&key, MessageDigest::sha256()).expect("signed");
    let chain = vec![certificate.build().to_der().expect("DER").into()];
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(key.private_key_to_pkcs8().expect("PKCS 8"));
    rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key.into()).expect("TLS")
}

impl Bench {
    fn new() -> Self {
        Self::with(None)
    }

    fn with(tls: Option<rustls::ServerConfig>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(TestClock::default());
        let plane = Arc::new(HttpPlane::new(HttpPlaneOptions {
            public_url: "http://provider.example/data/".into(),
            client: client(),
            secrets: Arc::new(|alias| {
                let value = (alias == "known").then(|| "s3cret".to_owned());
                Box::pin(async move { value })
            }),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            files_root: Some(folder.path().to_owned()),
            allow_url: Arc::new(|url| {
                if url.contains("/forbidden") { Err("its address is not allowed".into()) } else { Ok(()) }
            }),
        }));
        let served = actix_web::web::Data::from(Arc::clone(&plane));
        let server = HttpServer::new(move || App::new().app_data(served.clone()).configure(configure))
            .workers(1)
            .on_connect(track_connection)
            .disable_signals();
        let server = match tls {
            Some(tls) => server.bind_rustls_0_23(("127.0.0.1", 0), tls),
            None => server.bind(("127.0.0.1", 0)),
        }
        .expect("bound");
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { plane, clock, client: client(), folder, address, server: handle }
    }

    fn url(&self) -> String {
        format!("http://{}/data/{TRANSFER}", self.address)
    }

    /// The address as a consumer gets it, at the server's real port.
    fn data_address(&self, token: &str) -> DataAddress {
        let mut address = self.plane.address(TRANSFER, token);
        address.endpoint = Some(self.url());
        address
    }

    fn get(&self) -> reqwest::RequestBuilder {
        self.client.get(self.url()).bearer_auth(TOKEN)
    }

    /// Writes a file and returns its asset, measured.
    fn file(&self, content: &[u8]) -> Asset {
        std::fs::write(self.folder.path().join("data.bin"), content).expect("written");
        asset(json!({"type": "File", "path": "data.bin"}), Some(content))
    }

    fn grant(&self, asset: Asset) {
        self.plane.grant(grant(asset));
    }

    async fn until(&self, what: &str, check: impl Fn(Stats) -> bool) {
        let begin = Instant::now();
        while !check(self.plane.stats()) {
            assert!(begin.elapsed() < Duration::from_secs(10), "{what}: {:?}", self.plane.stats());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

fn asset(data_address: Value, content: Option<&[u8]>) -> Asset {
    Asset {
        id: "asset".into(),
        properties: [(edc::CONTENTTYPE.to_owned(), json!("text/csv"))].into_iter().collect(),
        private_properties: Map::new(),
        data_address: data_address.as_object().cloned().expect("an object"),
        sha256: content.map(sha),
        byte_size: content.map(|content| content.len() as u64),
        created_at: Timestamp::from_millis(0),
    }
}

fn grant(asset: Asset) -> Grant {
    Grant {
        transfer: TRANSFER.into(),
        agreement: "urn:uuid:2".into(),
        peer: "did:web:consumer.example".into(),
        asset,
        token_sha256: sha(TOKEN.as_bytes()),
        expires: Timestamp::from_millis(60_000),
    }
}

/// The reason in an error answer.
async fn reason(response: reqwest::Response) -> String {
    let body: Value = response.json().await.expect("JSON");
    body["reason"].as_str().expect("a reason").to_owned()
}

#[test]
fn addresses_and_formats() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let plane = HttpPlane::new(HttpPlaneOptions {
        public_url: "https://host/data".into(),
        client: client(),
        secrets: Arc::new(|_| Box::pin(async { None })),
        clock: Arc::new(TestClock::default()),
        files_root: None,
        allow_url: Arc::new(|_| Ok(())),
    });
    let address = plane.address("urn:uuid:a/b", "t");
    assert_eq!(address.endpoint_type, ENDPOINT_TYPE);
    assert_eq!(address.url(), Some("https://host/data/urn:uuid:a%2Fb"));
    assert_eq!(address.property("authorization"), Some("t"));
    assert_eq!(address.property("authType"), Some("bearer"));
    assert_eq!(address.property(edc::ENDPOINT), address.url());
    let formats = |value: Value| plane.formats(value.as_object().expect("an object"));
    assert_eq!(formats(json!({"type": "File", "path": "x"})), [HTTP_PULL]);
    assert_eq!(formats(json!({(edc::TYPE): "HttpData"})), [HTTP_PULL]);
    assert!(formats(json!({"type": "Kafka"})).is_empty());
}

#[test]
fn expired_permits_are_forgotten() {
    let permits = Permits::default();
    let at = Timestamp::from_millis;
    let content = asset(json!({}), None);
    for n in 0..1_000 {
        let token_sha256 = sha(format!("t{n}").as_bytes());
        let transfer = format!("urn:{n}");
        permits.grant(Grant { transfer, token_sha256, expires: at(n), ..grant(content.clone()) }, at(n));
    }
    assert!(permits.len() <= 2 * 256, "{}", permits.len());
    assert!(permits.check("t999", "urn:999", at(998)).is_ok());
}
