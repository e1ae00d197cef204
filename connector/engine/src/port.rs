//! What the engine needs from outside, as small object-safe traits.

mod outbox;
mod store;
mod timer;

use crate::record::Asset;
use async_trait::async_trait;
use ontology::time::Timestamp;
pub use outbox::{Claim, Lease, Outgoing, Which};
use policies::{Claims, Credential};
use protocol::message::DataAddress;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
pub use store::{
    Change, Doc, EventFilter, Expect, Index, NewEvent, Query, Row, Store, StoreError, StoredEvent, Write,
};
pub use timer::Watched;

/// A peer's answer to a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON body, if there was one.
    pub body: Option<Value>,
    /// Where the next page is, on the same server; pages are linked as `rel="next"` in the `Link` header.
    pub next: Option<String>,
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// No connection, time-out, or the connection broke: the effect is unknown.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    /// We do not talk to this address.
    #[error("address {0} is refused: {1}")]
    Forbidden(String, String),
    /// The answer is not what the protocol allows.
    #[error("{0} answered something unusable: {1}")]
    BadAnswer(String, String),
}

/// Talking to other connectors, with our self-issued token on each call.
#[async_trait]
pub trait Peers: Send + Sync {
    /// POST of a protocol message.
    async fn post(
        &self,
        peer: &str,
        url: &str,
        body: &Value,
        traceparent: Option<&str>,
    ) -> Result<Reply, PeerError>;
    /// GET of a protocol resource.
    async fn get(&self, peer: &str, url: &str) -> Result<Reply, PeerError>;
    /// May we send messages to this URL at all? Checked when a peer hands us a callback address.
    fn check_url(&self, url: &str) -> Result<(), PeerError>;
}

/// What we know, verified, about another participant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// DID.
    pub did: String,
    /// Name from its self-description.
    pub name: Option<String>,
    /// Claims from verified credentials.
    pub claims: Claims,
    /// URL of the verified self-description.
    pub self_description: Option<String>,
    /// Credentials that it presented and whose proof holds, each with its status at the time.
    #[serde(default)]
    pub credentials: Vec<Credential>,
    /// What it presented in vain, one sentence for each piece.
    #[serde(default)]
    pub problems: Vec<String>,
    /// When the status of its credentials must be looked at again.
    #[serde(default)]
    pub recheck: Option<Timestamp>,
}

/// Identity of others: resolution and verification.
#[async_trait]
pub trait Trust: Send + Sync {
    /// Fetches and verifies the participant's self-description; cached.
    async fn participant(&self, did: &str) -> Result<Arc<Participant>, TrustError>;
    /// Verifies one signature over `signing_input` with the key `kid` of `did` under `assertionMethod`.
    async fn verify(
        &self,
        did: &str,
        kid: &str,
        alg: &str,
        signing_input: &[u8],
        signature: &[u8],
    ) -> Result<(), TrustError>;
}

/// Checked and false, or could not be checked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// Checked, and it does not hold.
    #[error("{0}")]
    Invalid(String),
    /// Could not be checked now.
    #[error("cannot be checked: {0}")]
    Unavailable(String),
}

/// Our own keys.
pub trait Signer: Send + Sync {
    /// Our DID.
    fn did(&self) -> &str;
    /// DID URL of the signing key.
    fn key_id(&self) -> &str;
    /// JWS algorithm name, e.g. `ES256`.
    fn algorithm(&self) -> &str;
    /// Raw JWS signature (R||S for ES256) over `input`.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, TrustError>;
}

/// What a data plane is told when a transfer may run.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Transfer process id.
    pub transfer: String,
    /// Agreement id.
    pub agreement: String,
    /// Consumer DID.
    pub peer: String,
    /// The asset with its data address.
    pub asset: Asset,
    /// SHA-256 of the access token, hexadecimal.
    pub token_sha256: String,
    /// When the token stops working.
    pub expires: Timestamp,
}

/// Data planes. Payload bytes stay behind this line.
pub trait Planes: Send + Sync {
    /// The transfer may run.
    fn grant(&self, grant: Grant);
    /// It may not any more; running streams are cut at once.
    fn revoke(&self, transfer: &str, reason: &str);
    /// The address to hand to the consumer with this token.
    fn address(&self, transfer: &str, token: &str) -> DataAddress;
    /// Formats that this plane serves for such a data address, e.g. `HttpData-PULL`.
    fn formats(&self, data_address: &serde_json::Map<String, Value>) -> Vec<String>;
}

/// The only reader of wall-clock time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The only source of randomness.
pub trait Ids: Send + Sync {
    /// A fresh `urn:uuid:` IRI.
    fn urn(&self) -> String;
    /// 256 random bits, base64url.
    fn token(&self) -> String;
}
