//! Our DID document (DID Core 1.0; DSP 2025-1 discovery services).

use super::keys::{KeyPair, key_id};
use super::presented::LINKED_PRESENTATION;
use protocol::dcp::{DidDocument, Service, VerificationMethod};
use serde_json::{Map, Value, json};

/// Type of the service at which our self-description is.
pub(super) const SELF_DESCRIPTION: &str = "SelfDescription";

/// The services of a connector with the DSP base URL `base_url` (version path included) and the public URL
/// `public_url`, below which the version document and the credentials are.
#[must_use]
pub fn services(did: &str, base_url: &str, public_url: &str) -> Vec<Service> {
    let service = |name: &str, typ: &str, url: String| Service {
        id: format!("{did}#{name}"),
        typ: json!(typ),
        service_endpoint: json!(url),
        extra: Map::new(),
    };
    let (base, public) = (base_url.trim_end_matches('/'), public_url.trim_end_matches('/'));
    vec![
        service("catalog", "CatalogService", format!("{base}/catalog")),
        service("dsp", "DataService", format!("{public}/.well-known/dspace-version")),
        service("self-description", SELF_DESCRIPTION, format!("{public}/credentials/participant")),
        service("presentation", LINKED_PRESENTATION, format!("{public}/credentials/presentation")),
    ]
}

/// The DID document of `did` with the public key of `pair`.
#[must_use]
pub fn did_document(did: &str, pair: &KeyPair, services: &[Service]) -> Value {
    let kid = key_id(did);
    let mut jwk = pair.public_jwk().clone();
    if let Some(members) = jwk.as_object_mut() {
        members.insert("kid".to_owned(), json!(kid));
    }
    let mut document = Map::new();
    document.insert(
        "@context".to_owned(),
        json!([
            ontology::jsonld::DSPACE_CONTEXT,
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/jwk/v1",
        ]),
    );
    let rest = DidDocument {
        id: did.to_owned(),
        verification_method: vec![VerificationMethod {
            id: kid.clone(),
            typ: "JsonWebKey".to_owned(),
            controller: Some(did.to_owned()),
            public_key_jwk: Some(jwk),
            extra: Map::new(),
        }],
        authentication: vec![json!(kid)],
        assertion_method: vec![json!(kid)],
        capability_invocation: vec![json!(kid)],
        service: services.to_vec(),
        extra: Map::new(),
    };
    if let Ok(Value::Object(rest)) = serde_json::to_value(rest) {
        document.extend(rest);
    }
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::dcp::{ASSERTION_METHOD, AUTHENTICATION, CAPABILITY_INVOCATION};

    #[test]
    fn a_reader_finds_the_key_for_every_use_and_the_services() {
        let pair = KeyPair::generate().unwrap();
        let did = "did:web:a.example";
        let services = services(did, "https://a.example/dsp/2025-1", "https://a.example/");
        let document = did_document(did, &pair, &services);
        assert_eq!(document["@context"][1], "https://www.w3.org/ns/did/v1");
        let read: DidDocument = serde_json::from_value(document).unwrap();
        assert_eq!(read.id, "did:web:a.example");
        for relationship in [ASSERTION_METHOD, AUTHENTICATION, CAPABILITY_INVOCATION] {
            let key = read.key("did:web:a.example#key-1", relationship).unwrap();
            assert_eq!(key["x"], pair.public_jwk()["x"]);
            assert_eq!((key["alg"].as_str(), key.get("d")), (Some("ES256"), None));
        }
        assert_eq!(read.service_endpoint("CatalogService"), Some("https://a.example/dsp/2025-1/catalog"));
        assert_eq!(
            read.service_endpoint("DataService"),
            Some("https://a.example/.well-known/dspace-version")
        );
        assert_eq!(
            read.service_endpoint(SELF_DESCRIPTION),
            Some("https://a.example/credentials/participant")
        );
    }
}
