//! The source of truth: what is written together, and how it is read.

use super::outbox::{Claim, Lease, Outgoing};
use super::timer::Watched;
pub use crate::doc::Doc;
pub use crate::record::Index;
use crate::record::{Criterion, Kind, Record};
use async_trait::async_trait;
use ontology::time::Timestamp;
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
    /// Queue a message to a peer, claimed from the start by the worker that hears of the commit.
    Enqueue(Outgoing, Lease),
    /// A message was acknowledged or given up: forget it.
    Dequeue {
        /// Message id.
        id: String,
    },
    /// A delivery failed for now; [`StoreError::NotQueued`] when the message is not there.
    Postpone {
        /// Message id.
        id: String,
        /// Attempts so far.
        attempts: u32,
        /// Answers 401 and 404 in a row until now.
        refusals: u32,
        /// Next attempt.
        due: Timestamp,
        /// What went wrong.
        error: String,
        /// The claim from now on; without one the row is free, to be claimed when it is due.
        lease: Option<Lease>,
    },
    /// Set the timer of something, or with `None` delete it.
    Timer(Watched, Option<Timestamp>),
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
    pub fn then(self, other: Self) -> Self {
        self.all(other.0)
    }
    /// Adds these writes; none, one or many.
    #[must_use]
    pub fn all(mut self, writes: impl IntoIterator<Item = Write>) -> Self {
        self.0.extend(writes);
        self
    }
    /// Adds any write.
    #[must_use]
    pub fn and(mut self, write: Write) -> Self {
        self.0.push(write);
        self
    }
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
    /// The message is not in the outbox.
    #[error("message {0} is not queued")]
    NotQueued(String),
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
    /// Claims undelivered messages for a worker; gives them in the order in which they were queued.
    async fn claim(&self, claim: &Claim) -> Result<Vec<Outgoing>, StoreError>;
    /// Takes over all that earlier workers held: the first message of each process becomes free, the later ones are
    /// held by `lease`, as their turn comes only after the first.
    async fn take_over(&self, lease: &Lease) -> Result<(), StoreError>;
    /// Processes with undelivered messages, in order of their ids after `after`, each with its peer.
    async fn waiting(&self, after: &str, limit: u64) -> Result<Vec<(String, String)>, StoreError>;
    /// When the next free message is due, of those for other peers than `except`.
    async fn next_due(&self, except: &[String]) -> Result<Option<Timestamp>, StoreError>;
    /// All timers, those that are due first.
    async fn timers(&self) -> Result<Vec<(Watched, Timestamp)>, StoreError>;
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
