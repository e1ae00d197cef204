//! The contract agreement and its canonical text, over which both parties sign.

use crate::jws::GeneralJws;
use crate::message::{Malformed, shape};
use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Extension property with the parties' signatures, at the top of a ContractAgreementMessage and of a
/// ContractAgreementVerificationMessage. Peers that do not know it ignore it there; within the agreement object,
/// where we still read it, EDC takes it for a change of the terms.
pub const SIGNATURE_PROPERTY: &str = "https://w3id.org/entente/v1/signature";

/// A contract agreement (DSP 2025-1, contract schema, `Agreement`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    policy: Value,
    /// JWS in general JSON form over [`Agreement::canonical`], as received or made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatures: Option<Value>,
}

impl Agreement {
    /// Takes an agreement object that we made; signatures inside it are set apart.
    #[must_use]
    pub fn new(mut policy: Value) -> Self {
        // Not `remove`, which would reorder the members that stay.
        let signatures = policy.as_object_mut().and_then(|members| members.shift_remove(SIGNATURE_PROPERTY));
        Self { policy, signatures }
    }

    /// Takes a counterparty's agreement object.
    ///
    /// # Errors
    /// [`Malformed`] naming the member below `agreement` that is not as the protocol demands.
    pub fn from_wire(policy: Value) -> Result<Self, Malformed> {
        shape::agreement(&policy, "agreement")?;
        Ok(Self::new(policy))
    }

    /// The agreement object with the signatures in their extension property, for those who keep both as one.
    #[must_use]
    pub fn to_wire(&self) -> Value {
        let mut policy = self.policy.clone();
        if let (Some(members), Some(jws)) = (policy.as_object_mut(), &self.signatures) {
            members.insert(SIGNATURE_PROPERTY.to_owned(), jws.clone());
        }
        policy
    }

    /// Agreement id, the same on both sides; empty when the object has none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.member("@id").unwrap_or_default()
    }

    /// The dataset.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.member("target")
    }

    /// The provider's participant id.
    #[must_use]
    pub fn assigner(&self) -> Option<&str> {
        self.member("assigner")
    }

    /// The consumer's participant id.
    #[must_use]
    pub fn assignee(&self) -> Option<&str> {
        self.member("assignee")
    }

    /// When it was concluded.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.member("timestamp").and_then(|text| Timestamp::parse(text).ok())
    }

    /// The whole agreement object, without signatures.
    #[must_use]
    pub const fn policy(&self) -> &Value {
        &self.policy
    }

    /// RFC 8785 bytes of the agreement without signatures: what both parties sign.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        // Only numbers that JSON text cannot hold are refused there, and `Value` cannot hold them either.
        serde_json_canonicalizer::to_vec(&self.policy)
            .unwrap_or_else(|_| self.policy.to_string().into_bytes())
    }

    /// The signatures, when they are a JWS in general form.
    #[must_use]
    pub fn jws(&self) -> Option<GeneralJws> {
        self.signatures.as_ref().and_then(|value| GeneralJws::deserialize(value).ok())
    }

    /// Replaces the signatures.
    pub fn set_jws(&mut self, jws: &GeneralJws) {
        self.signatures = serde_json::to_value(jws).ok();
    }

    fn member(&self, name: &str) -> Option<&str> {
        self.policy.get(name).and_then(Value::as_str)
    }
}
