//! Signature checks with other people's keys. The algorithm follows from the key, never from a header
//! (RFC 8725, section 3.1), and verifier objects are kept, because making one costs more than using it.

use super::cache::lock;
use engine::port::TrustError;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, ES384, EdDSA, JwsVerifier, PS256};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Algorithms that we accept, for a first look at headers.
pub(super) const ALGORITHMS: [&str; 4] = ["ES256", "ES384", "PS256", "EdDSA"];

/// Shortest modulus of an RSA key, in bytes.
const RSA_BYTES: usize = 256;
const MOST_KEPT: usize = 1024;

/// A public key, ready for use.
#[derive(Debug)]
pub(super) struct Verifier {
    algorithm: &'static str,
    inner: Box<dyn JwsVerifier>,
}

impl Verifier {
    /// From a public JWK (RFC 7517).
    pub(super) fn from_jwk(jwk: &Value) -> Result<Self, String> {
        let mut members = jwk.as_object().cloned().ok_or("the key is not a JWK")?;
        if members.contains_key("d") || members.contains_key("k") {
            return Err("the key is published with its secret part".to_owned());
        }
        // josekit would demand the same id in the header, which is a DID URL there and often is not here.
        members.shift_remove("kid");
        let algorithm = algorithm_of(&members)?;
        let unusable = |e: josekit::JoseError| format!("the key cannot be used: {e}");
        let jwk = Jwk::from_map(members).map_err(unusable)?;
        let inner: Box<dyn JwsVerifier> = match algorithm {
            "ES256" => Box::new(ES256.verifier_from_jwk(&jwk).map_err(unusable)?),
            "ES384" => Box::new(ES384.verifier_from_jwk(&jwk).map_err(unusable)?),
            "PS256" => Box::new(PS256.verifier_from_jwk(&jwk).map_err(unusable)?),
            _ => Box::new(EdDSA.verifier_from_jwk(&jwk).map_err(unusable)?),
        };
        Ok(Self { algorithm, inner })
    }

    /// Does `signature` over `input` hold, made with the algorithm of this key?
    pub(super) fn verify(&self, algorithm: &str, input: &[u8], signature: &[u8]) -> Result<(), String> {
        if algorithm != self.algorithm {
            return Err(format!("the key is for {} and the signature is {algorithm}", self.algorithm));
        }
        self.inner.verify(input, signature).map_err(|_| "the signature does not hold".to_owned())
    }
}

fn algorithm_of(jwk: &Map<String, Value>) -> Result<&'static str, String> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
    match (member("kty"), member("crv")) {
        ("EC", "P-256") => Ok("ES256"),
        ("EC", "P-384") => Ok("ES384"),
        ("OKP", "Ed25519") => Ok("EdDSA"),
        ("RSA", _) => {
            // Base64url of n bytes takes 4/3 of them.
            let long_enough = member("n").len() >= RSA_BYTES * 4 / 3;
            long_enough.then_some("PS256").ok_or_else(|| "the RSA key is shorter than 2048 bits".to_owned())
        }
        (kty, crv) => Err(format!("keys of type {kty} {crv} are not supported").replace("  ", " ")),
    }
}

/// Checks one signature with a public key as it stands in a DID document.
///
/// # Errors
/// [`TrustError::Invalid`] with the reason.
pub fn verify_with_jwk(
    key: &Value,
    algorithm: &str,
    input: &[u8],
    signature: &[u8],
) -> Result<(), TrustError> {
    Verifier::from_jwk(key)
        .and_then(|verifier| verifier.verify(algorithm, input, signature))
        .map_err(TrustError::Invalid)
}

/// Verifiers by key id. An entry serves only the very key that it was made from.
#[derive(Debug, Default)]
pub(super) struct Verifiers(Mutex<HashMap<String, (Value, Arc<Verifier>)>>);

impl Verifiers {
    /// The verifier of the key `kid` (a DID URL) that is `jwk`.
    pub(super) fn get(&self, kid: &str, jwk: &Value) -> Result<Arc<Verifier>, String> {
        if let Some((known, verifier)) = lock(&self.0).get(kid)
            && known == jwk
        {
            return Ok(Arc::clone(verifier));
        }
        let made = Arc::new(Verifier::from_jwk(jwk)?);
        let mut kept = lock(&self.0);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(kid.to_owned(), (jwk.clone(), Arc::clone(&made)));
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::KeyPair;
    use josekit::jws::JwsSigner;
    use serde_json::json;

    #[test]
    fn every_supported_kind_of_key_verifies_its_own_signatures() {
        let pairs: [(&str, Value, Box<dyn JwsSigner>); 3] = [
            {
                let pair = ES384.generate_key_pair().unwrap();
                let signer = ES384.signer_from_jwk(&pair.to_jwk_key_pair()).unwrap();
                ("ES384", json!(pair.to_jwk_public_key().as_ref()), Box::new(signer))
            },
            {
                let pair = PS256.generate_key_pair(2048).unwrap();
                let signer = PS256.signer_from_der(pair.to_der_private_key()).unwrap();
                ("PS256", json!(pair.to_jwk_public_key().as_ref()), Box::new(signer))
            },
            {
                let pair = EdDSA.generate_key_pair(josekit::jwk::alg::ed::EdCurve::Ed25519).unwrap();
                let signer = EdDSA.signer_from_jwk(&pair.to_jwk_key_pair()).unwrap();
                ("EdDSA", json!(pair.to_jwk_public_key().as_ref()), Box::new(signer))
            },
        ];
        for (algorithm, jwk, signer) in pairs {
            let signature = signer.sign(b"text").unwrap();
            assert_eq!(verify_with_jwk(&jwk, algorithm, b"text", &signature), Ok(()), "{algorithm}");
            assert!(verify_with_jwk(&jwk, algorithm, b"other", &signature).is_err());
            assert!(verify_with_jwk(&jwk, "none", b"text", &signature).is_err());
            assert!(verify_with_jwk(&jwk, "HS256", b"text", &signature).is_err());
        }
    }

    #[test]
    fn unusable_keys_are_refused_with_a_reason() {
        let good = KeyPair::generate().unwrap().public_jwk().clone();
        assert!(Verifier::from_jwk(&good).is_ok());
        let with = |name: &str, value: Value| {
            let mut key = good.clone();
            key[name] = value;
            Verifier::from_jwk(&key).unwrap_err()
        };
        assert_eq!(with("d", json!("AA")), "the key is published with its secret part");
        assert_eq!(with("kty", json!("oct")), "keys of type oct P-256 are not supported");
        assert_eq!(with("crv", json!("secp256k1")), "keys of type EC secp256k1 are not supported");
        for (name, value) in [
            ("x", json!("AAAA")),
            ("use", json!("enc")),
            ("alg", json!("ES384")),
            ("key_ops", json!(["sign"])),
        ] {
            assert!(with(name, value).starts_with("the key cannot be used"), "{name}");
        }
        let short = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
        assert_eq!(Verifier::from_jwk(&short).unwrap_err(), "the RSA key is shorter than 2048 bits");
        assert!(Verifier::from_jwk(&json!("text")).is_err());
    }

    #[test]
    fn a_replaced_key_is_not_served_from_memory() {
        let kept = Verifiers::default();
        let (old, new) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let first = kept.get("did:web:a#k", old.public_jwk()).unwrap();
        assert!(Arc::ptr_eq(&first, &kept.get("did:web:a#k", old.public_jwk()).unwrap()));
        assert!(!Arc::ptr_eq(&first, &kept.get("did:web:a#k", new.public_jwk()).unwrap()));
    }
}
