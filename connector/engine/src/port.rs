//! What the engine needs from outside, as small object-safe traits.

pub use crate::doc::Doc;
pub use crate::record::Index;
use crate::record::{Asset, Criterion, Kind, Record};
use async_trait::async_trait;
use ontology::time::Timestamp;
use policies::{Claims, Credential};
use protocol::message::DataAddress;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// A document with the version that guards its next write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The document.
    pub doc: Doc,
    /// Incremented by each write, from 1.
    pub version: u64,
}

/// What must be true of the stored row for a write to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// No row with this key, else [`StoreError::Exists`].
    Absent,
    /// The row has this version, else [`StoreError::Stale`].
    Version(u64),
    /// Insert or replace.
    Any,
}

/// One effect of a [`Change`].
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Insert or update a document.
    Put {
        /// Table.
        kind: Kind,
        /// Key.
        id: String,
        /// New content.
        doc: Doc,
        /// Guard.
        expect: Expect,
        /// Indexed members.
        index: Index,
    },
    /// Delete a document; [`StoreError::Missing`] when there is none.
    Delete {
        /// Table.
        kind: Kind,
        /// Key.
        id: String,
    },
    /// Queue a message to a peer.
    Enqueue(Outgoing),
    /// A message was acknowledged or given up: forget it.
    Dequeue {
        /// Message id.
        id: String,
    },
    /// A delivery failed for now.
    Postpone {
        /// Message id.
        id: String,
        /// Attempts so far.
        attempts: u32,
        /// Next attempt.
        due: Timestamp,
        /// What went wrong.
        error: String,
    },
    /// Append to the event log.
    Event(Arc<NewEvent>),
    /// Remember a message id of a peer; [`StoreError::Seen`] when known.
    Seen {
        /// Sender.
        peer: String,
        /// Message `@id`.
        message: String,
        /// When.
        at: Timestamp,
    },
}

/// Effects that happen together or not at all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change(pub Vec<Write>);

impl Change {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a write of `record`.
    ///
    /// # Errors
    /// When the record cannot be expressed as JSON.
    pub fn put<R: Record>(mut self, record: &R, expect: Expect) -> Result<Self, StoreError> {
        self.0.push(Write::Put {
            kind: R::KIND,
            id: record.id().to_owned(),
            doc: Doc::of(record)?,
            expect,
            index: record.index(),
        });
        Ok(self)
    }
    /// Adds the writes of `other` after its own.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
    /// Adds any write.
    #[must_use]
    pub fn and(mut self, write: Write) -> Self {
        self.0.push(write);
        self
    }
}

/// A message waiting for delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outgoing {
    /// Message id, also the `@id` of the body.
    pub id: String,
    /// Process it belongs to; messages of one process leave in order.
    pub process: String,
    /// Table of the process: `Negotiation` or `Transfer`.
    pub kind: Kind,
    /// Receiver's DID.
    pub peer: String,
    /// Where to POST it.
    pub url: String,
    /// The message.
    pub body: Arc<Value>,
    /// Attempts so far.
    pub attempts: u32,
    /// Not before.
    pub due: Timestamp,
    /// Given up after.
    pub deadline: Timestamp,
    /// W3C trace parent of the step that queued it.
    #[serde(default)]
    pub traceparent: Option<String>,
}

/// An event to append.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewEvent {
    /// Unique id.
    pub id: String,
    /// e.g. `contract.negotiation.finalized`.
    pub kind: String,
    /// Key of the record concerned.
    pub subject: String,
    /// When.
    pub at: Timestamp,
    /// Details.
    pub data: Value,
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredEvent {
    /// Position, from 1, without gaps that a reader must care about.
    pub seq: i64,
    /// The event.
    #[serde(flatten)]
    pub event: NewEvent,
}

/// Which events; all when empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The type begins with this.
    pub kind_prefix: Option<String>,
    /// The record concerned.
    pub subject: Option<String>,
}

/// Paged, sorted and filtered reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Rows to skip.
    pub offset: u64,
    /// Most rows.
    pub limit: u64,
    /// Document path to sort by (dots for nesting); creation order when absent.
    pub sort_field: Option<String>,
    /// Descending.
    pub descending: bool,
    /// All must hold. `operand_left` is a document path: segments parted by `.`, a segment in single quotes is literal.
    pub filter: Vec<Criterion>,
}

impl Default for Query {
    fn default() -> Self {
        Self { offset: 0, limit: 50, sort_field: None, descending: false, filter: Vec::new() }
    }
}

/// Why the store refused or failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Insert of an existing key.
    #[error("{0:?} {1} exists already")]
    Exists(Kind, String),
    /// Update or delete of a missing key.
    #[error("{0:?} {1} does not exist")]
    Missing(Kind, String),
    /// Somebody else wrote first.
    #[error("{0:?} {1} was changed meanwhile")]
    Stale(Kind, String),
    /// The peer's message was processed before.
    #[error("message {0} was processed before")]
    Seen(String),
    /// The criterion cannot be evaluated.
    #[error("criterion on {0}: {1}")]
    BadQuery(String, String),
    /// No space left on the device.
    #[error("the disk is full")]
    Full,
    /// A stored document does not parse.
    #[error("stored document: {0}")]
    Corrupt(String),
    /// Anything else.
    #[error("store: {0}")]
    Failed(String),
}

/// The source of truth. Every implementation passes the shared suite in `connector::store::suite`.
#[async_trait]
pub trait Store: Send + Sync {
    /// Applies all of `change`, durably, or nothing.
    async fn commit(&self, change: Change) -> Result<(), StoreError>;
    /// One document.
    async fn get(&self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError>;
    /// The newest document of a peer's process.
    async fn by_peer_pid(&self, kind: Kind, peer: &str, peer_pid: &str) -> Result<Option<Row>, StoreError>;
    /// Documents whose indexed state and parent match (either may be absent), oldest first.
    async fn by_index(
        &self,
        kind: Kind,
        state: Option<&str>,
        parent: Option<&str>,
    ) -> Result<Vec<Row>, StoreError>;
    /// Filtered documents, in SQL.
    async fn query(&self, kind: Kind, query: &Query) -> Result<Vec<Row>, StoreError>;
    /// How many documents there are, of this indexed state if one is given.
    async fn count(&self, kind: Kind, state: Option<&str>) -> Result<u64, StoreError>;
    /// Undelivered messages, whether due or not, in the order in which they were queued.
    async fn outbox(&self, limit: u64) -> Result<Vec<Outgoing>, StoreError>;
    /// Events after `after` that match, oldest first.
    async fn events(
        &self,
        after: i64,
        limit: u64,
        filter: &EventFilter,
    ) -> Result<Vec<StoredEvent>, StoreError>;
    /// Position of the newest event; 0 when there is none.
    async fn last_event(&self) -> Result<i64, StoreError>;
    /// Was this message of this peer processed before?
    async fn seen(&self, peer: &str, message: &str) -> Result<bool, StoreError>;
    /// Deletes remembered message ids older than `before`.
    async fn forget_seen(&self, before: Timestamp) -> Result<u64, StoreError>;
    /// Cheap liveness check.
    async fn ping(&self) -> Result<(), StoreError>;
}

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
