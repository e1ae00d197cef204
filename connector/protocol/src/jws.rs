//! JSON Web Signatures in general JSON form (RFC 7515, section 7.2.1), without any cryptography: several
//! parties sign the same payload.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// A payload with one signature for each signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneralJws {
    /// Payload, base64url.
    pub payload: String,
    /// Signatures, oldest first.
    pub signatures: Vec<JwsSignature>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwsSignature {
    /// Protected header, base64url.
    pub protected: String,
    /// Signature, base64url.
    pub signature: String,
}

/// Protected header of our signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Algorithm name, e.g. `ES256`.
    pub alg: String,
    /// DID URL of the key.
    pub kid: String,
    /// Media type of the whole, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typ: Option<String>,
}

impl GeneralJws {
    /// No signatures yet over `payload`.
    #[must_use]
    pub fn over(payload: &[u8]) -> Self {
        Self { payload: URL_SAFE_NO_PAD.encode(payload), signatures: Vec::new() }
    }

    /// Is this about exactly `payload`?
    #[must_use]
    pub fn covers(&self, payload: &[u8]) -> bool {
        self.payload == URL_SAFE_NO_PAD.encode(payload)
    }
}

impl JwsSignature {
    /// The protected header; `None` when it is not one, or demands extensions (`crit`) that we do not know.
    #[must_use]
    pub fn header(&self) -> Option<Header> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.protected).ok()?;
        let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        if value.get("crit").is_some() {
            return None;
        }
        serde_json::from_value(value).ok()
    }

    /// The signature as bytes.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(&self.signature).ok()
    }
}

/// Builds a protected header, base64url.
#[must_use]
pub fn protected_header(alg: &str, kid: &str, typ: &str) -> String {
    let header = serde_json::json!({"alg": alg, "kid": kid, "typ": typ});
    URL_SAFE_NO_PAD.encode(header.to_string())
}

/// What is signed: both parts as they are on the wire (RFC 7515, section 5.1).
#[must_use]
pub fn signing_input(protected: &str, payload: &str) -> String {
    format!("{protected}.{payload}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_the_round_trip() {
        let protected = protected_header("ES256", "did:web:a#key-1", "agreement+jws");
        let signature = JwsSignature { protected, signature: URL_SAFE_NO_PAD.encode([1, 2, 3]) };
        let header = signature.header().unwrap();
        assert_eq!((header.alg.as_str(), header.kid.as_str()), ("ES256", "did:web:a#key-1"));
        assert_eq!(header.typ.as_deref(), Some("agreement+jws"));
        assert_eq!(signature.bytes(), Some(vec![1, 2, 3]));
    }

    #[test]
    fn unusable_headers_are_none() {
        let of =
            |json: &str| JwsSignature { protected: URL_SAFE_NO_PAD.encode(json), signature: "=".to_owned() };
        assert_eq!(of(r#"{"alg":"ES256"}"#).header(), None);
        assert_eq!(of(r#"{"alg":"ES256","kid":"k","crit":["b64"]}"#).header(), None);
        assert_eq!(of("no json").header(), None);
        assert_eq!(of("{}").bytes(), None);
    }

    #[test]
    fn the_payload_is_compared_by_its_bytes() {
        let jws = GeneralJws::over(b"{}");
        assert_eq!(jws.payload, "e30");
        assert!(jws.covers(b"{}") && !jws.covers(b"{ }"));
        assert_eq!(signing_input("aGVhZA", &jws.payload), "aGVhZA.e30");
    }
}
