//! Messages that wait for delivery, and who works on them.

use crate::record::Kind;
use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

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
    /// Answers 401 and 404 in a row until now.
    #[serde(default)]
    pub refusals: u32,
    /// Not before.
    pub due: Timestamp,
    /// Given up after.
    pub deadline: Timestamp,
    /// W3C trace parent of the step that queued it.
    #[serde(default)]
    pub traceparent: Option<String>,
}

/// A claim to messages. Nobody else works on them until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it: a fresh id for each start of a process.
    pub worker: String,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// Which messages a worker claims. Never one before which another of the same process waits, unless it gets that
/// one too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Free ones that are due at this instant; for each of these peers at most so many.
    Due(Timestamp, Vec<(String, u64)>),
    /// The first ones of this process, except those that another worker holds.
    Process(String),
    /// Those that are held, but whose lease has ended.
    Expired,
}

/// What a worker asks of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which messages.
    pub which: Which,
    /// Now; leases that end later count.
    pub now: Timestamp,
    /// Most messages.
    pub limit: u64,
    /// The lease that it gets.
    pub lease: Lease,
}
