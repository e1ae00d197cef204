//! Revocation where the listener ends TLS itself.

use super::*;
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509Name};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

fn server_config() -> rustls::ServerConfig {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    let key = PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key");
    let mut name = X509Name::builder().expect("a name");
    name.append_entry_by_text("CN", "localhost").expect("an entry");
    let name = name.build();
    let mut certificate = X509::builder().expect("a certificate");
    certificate.set_version(2).expect("set");
    certificate.set_subject_name(&name).expect("set");
    certificate.set_issuer_name(&name).expect("set");
    certificate.set_pubkey(&key).expect("set");
    certificate.set_not_before(&Asn1Time::days_from_now(0).expect("a time")).expect("set");
    certificate.set_not_after(&Asn1Time::days_from_now(1).expect("a time")).expect("set");
    certificate.sign(&key, MessageDigest::sha256()).expect("signed");
    let certificate = CertificateDer::from(certificate.build().to_der().expect("DER"));
    let key = PrivateKeyDer::try_from(key.private_key_to_pkcs8().expect("DER")).expect("a key");
    rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a configuration")
}

#[actix_web::test]
async fn streams_are_cut_below_tls() {
    let bench = Bench::new();
    let content = noise(64 * 1024 * 1024);
    bench.grant(bench.file(&content));
    let served = actix_web::web::Data::from(Arc::clone(&bench.plane));
    let server = HttpServer::new(move || App::new().app_data(served.clone()).configure(configure))
        .workers(1)
        .on_connect(track_connection)
        .disable_signals()
        .bind_rustls_0_23(("127.0.0.1", 0), server_config())
        .expect("bound");
    let url = format!("https://{}/data/{TRANSFER}", server.addrs()[0]);
    tokio::spawn(server.run());
    let client = client_builder().danger_accept_invalid_certs(true).build().expect("a client");
    let get = |range: &str| client.get(&url).bearer_auth(TOKEN).header("Range", range).send();

    let part = get("bytes=5-9").await.expect("an answer");
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.expect("a body"), content[5..=9]);

    let mut response = get("bytes=0-").await.expect("an answer");
    response.chunk().await.expect("a chunk").expect("more");
    // The client reads no further; the source is let go all the same.
    tokio::time::sleep(Duration::from_millis(100)).await;
    bench.plane.revoke(TRANSFER, "test");
    assert_eq!((bench.plane.stats().streams_open, bench.plane.stats().streams_cut), (0, 1));
    let handed_out = bench.plane.stats().bytes_served;
    let mut received = 0;
    while let Ok(chunk) = response.chunk().await {
        received += chunk.expect("the stream must not look complete").len();
    }
    assert!(received < content.len());
    assert_eq!(bench.plane.stats().bytes_served, handed_out);
}
