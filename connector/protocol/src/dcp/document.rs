//! DID documents, as far as keys and services are concerned.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A DID document (W3C DID Core 1.0).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidDocument {
    /// The DID.
    pub id: String,
    /// Keys.
    #[serde(default)]
    pub verification_method: Vec<VerificationMethod>,
    /// Ids of keys, or keys, that prove who the subject is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authentication: Vec<Value>,
    /// Those that sign statements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assertion_method: Vec<Value>,
    /// Those that sign self-issued tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capability_invocation: Vec<Value>,
    /// Endpoints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<Service>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationMethod {
    /// DID URL, or only its fragment.
    pub id: String,
    /// e.g. `JsonWebKey2020`.
    #[serde(rename = "type")]
    pub typ: String,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,
    /// The public key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key_jwk: Option<Value>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Id.
    #[serde(default)]
    pub id: String,
    /// Type, or types.
    #[serde(rename = "type")]
    pub typ: Value,
    /// URL, usually.
    pub service_endpoint: Value,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Relationship of keys that sign presentations.
pub const AUTHENTICATION: &str = "authentication";
/// Relationship of keys that sign credentials and agreements.
pub const ASSERTION_METHOD: &str = "assertionMethod";
/// Relationship of keys that sign self-issued tokens.
pub const CAPABILITY_INVOCATION: &str = "capabilityInvocation";

impl DidDocument {
    /// The public key `kid` (DID URL or fragment), if this document has it and allows it for `relationship`, e.g.
    /// [`ASSERTION_METHOD`].
    /// A key under another DID is not this subject's and is never found.
    #[must_use]
    pub fn key(&self, kid: &str, relationship: &str) -> Option<&Value> {
        let fragment = self.fragment(kid)?;
        let named = |id: &Value| id.as_str().and_then(|id| self.fragment(id)) == Some(fragment);
        for item in self.listed(relationship) {
            // Embedded keys are for their relationship only.
            if item.get("id").is_some_and(named) {
                return item.get("publicKeyJwk");
            }
            if named(item) {
                return self.method(fragment)?.public_key_jwk.as_ref();
            }
        }
        None
    }

    /// The id and public key of the only key of the document, for tokens that do not name one.
    #[must_use]
    pub fn only_key(&self, relationship: &str) -> Option<(&str, &Value)> {
        let [method] = self.verification_method.as_slice() else { return None };
        self.key(&method.id, relationship).map(|key| (method.id.as_str(), key))
    }

    /// URL of the first service of this type.
    #[must_use]
    pub fn service_endpoint(&self, typ: &str) -> Option<&str> {
        self.service
            .iter()
            .filter(|service| match &service.typ {
                Value::String(found) => found == typ,
                Value::Array(found) => found.iter().any(|item| item == typ),
                _ => false,
            })
            .find_map(|service| service.service_endpoint.as_str())
    }

    fn listed(&self, relationship: &str) -> &[Value] {
        match relationship {
            AUTHENTICATION => &self.authentication,
            ASSERTION_METHOD => &self.assertion_method,
            CAPABILITY_INVOCATION => &self.capability_invocation,
            other => self.extra.get(other).and_then(Value::as_array).map_or(&[], Vec::as_slice),
        }
    }

    fn method(&self, fragment: &str) -> Option<&VerificationMethod> {
        self.verification_method.iter().find(|method| self.fragment(&method.id) == Some(fragment))
    }

    /// The fragment of a key of this document, which its DID URL may name in full or without the DID.
    fn fragment<'a>(&self, kid: &'a str) -> Option<&'a str> {
        let (did, fragment) = kid.split_once('#')?;
        let own = did.is_empty() || did == self.id;
        (own && !fragment.is_empty()).then_some(fragment)
    }
}
