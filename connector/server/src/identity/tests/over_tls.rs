use super::support::{FixedClock, NOW};
use crate::identity::{DidWebResolver, Http, ResolveFault, UrlGuard, install_crypto};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

struct Issued {
    certificate: X509,
    key: PKey<Private>,
}

/// A certificate for `localhost`, or an authority when there is no issuer.
fn certificate(name: &str, serial: u32, issuer: Option<&Issued>) -> Issued {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(serial).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&subject, |i| i.certificate.subject_name())).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    let extension = match issuer {
        None => BasicConstraints::new().critical().ca().build().unwrap(),
        Some(_) => {
            let context = builder.x509v3_context(None, None);
            SubjectAlternativeName::new().dns("localhost").build(&context).unwrap()
        }
    };
    builder.append_extension(extension).unwrap();
    builder.sign(issuer.map_or(&key, |i| &i.key), MessageDigest::sha256()).unwrap();
    Issued { certificate: builder.build(), key }
}

/// A TLS server that answers each connection with the DID document of its own address.
fn serve(authority: &Issued) -> String {
    let leaf = certificate("localhost", 2, Some(authority));
    let chain = vec![CertificateDer::from(leaf.certificate.to_der().unwrap())];
    let key = PrivateKeyDer::try_from(leaf.key.private_key_to_pkcs8().unwrap()).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let did = format!("did:web:localhost%3A{}", listener.local_addr().unwrap().port());
    let body = format!(r#"{{"id":"{did}"}}"#);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            let mut request = [0; 4096];
            // A client that does not trust us goes away here.
            if stream.read(&mut request).is_ok_and(|length| length > 0) {
                let head =
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });
    did
}

fn resolver(allow: &[&str], authorities: Option<&Path>) -> DidWebResolver {
    let allow: Vec<String> = allow.iter().map(|host| (*host).to_owned()).collect();
    let http = Http::new(UrlGuard::new(false, &allow), authorities).unwrap();
    DidWebResolver::new(http, FixedClock::at(NOW * 1000))
}

#[tokio::test]
async fn only_servers_with_a_trusted_certificate_are_believed() {
    install_crypto();
    let authority = certificate("Test authority", 1, None);
    let did = serve(&authority);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, authority.certificate.to_pem().unwrap()).unwrap();

    let document = resolver(&["localhost"], Some(&path)).resolve(&did).await.unwrap();
    assert_eq!(document.id, did);

    let untrusted = resolver(&["localhost"], None).resolve(&did).await.unwrap_err();
    assert!(
        matches!(&untrusted, ResolveFault::Unavailable(reason) if reason.contains("certificate")),
        "{untrusted}"
    );

    // The certificate is for the name, not for the address behind it.
    let by_address =
        resolver(&["127.0.0.1"], Some(&path)).resolve(&did.replace("localhost", "127.0.0.1")).await;
    assert!(matches!(by_address, Err(ResolveFault::Unavailable(_))), "{by_address:?}");

    let hidden = resolver(&[], Some(&path)).resolve(&did).await.unwrap_err();
    assert!(
        matches!(&hidden, ResolveFault::Invalid(reason) if reason.contains("no public address")),
        "{hidden}"
    );
}
