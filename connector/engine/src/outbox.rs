//! Delivery of messages to peers: at once, in order for each process, in parallel across processes, retried
//! with back-off, and given up only at the deadline.
//!
//! A message is claimed by a lease: from its birth by the worker that hears of the commit, so that it leaves without
//! another write. One whose next attempt is not soon is freed and leaves memory; the worker wakes when it is due and
//! claims it again.

mod attempt;
mod lane;
mod line;
mod settle;
mod worker;

use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Lease, Outgoing, Write};
use crate::record::Kind;
use lane::Lanes;
use line::Lines;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
pub(crate) use worker::run;

/// How long a lease lasts: longer than an attempt and the look at the peer's state after it.
const LEASE_MS: i64 = 120_000;
/// Hands messages from commits to the worker.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    sender: mpsc::UnboundedSender<Outgoing>,
    /// What the worker begins with.
    start: Mutex<Option<(mpsc::UnboundedReceiver<Outgoing>, Lines)>>,
    lanes: Lanes,
}

impl Default for Dispatcher {
    fn default() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self { sender, start: Mutex::new(Some((receiver, Lines::default()))), lanes: Lanes::default() }
    }
}

impl Dispatcher {
    /// The message is stored and ours; deliver it.
    pub(crate) fn submit(&self, message: Outgoing) {
        if self.sender.send(message).is_err() {
            tracing::debug!("the outbox worker has stopped; the message stays stored");
        }
    }

    /// Before the start: this process has messages for this peer.
    fn park(&self, process: String, peer: &str) {
        // The peer was not reached before we stopped, and has yet to answer.
        drop(self.lanes.of(peer));
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, lines)) = start.as_mut() {
            lines.park(process);
        }
    }

    fn take(&self) -> Option<(mpsc::UnboundedReceiver<Outgoing>, Lines)> {
        self.start.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Engine {
    /// A message to a peer, ready to be queued.
    pub(crate) fn outgoing(
        &self,
        kind: Kind,
        process: &str,
        peer: &str,
        url: String,
        mut body: Value,
        traceparent: Option<&str>,
    ) -> Write {
        let now = self.now();
        let id = self.ports.ids.urn();
        if let Some(members) = body.as_object_mut() {
            members.insert("@id".to_owned(), Value::String(id.clone()));
        }
        let message = Outgoing {
            id,
            process: process.to_owned(),
            kind,
            peer: peer.to_owned(),
            url,
            body: Arc::new(body),
            attempts: 0,
            refusals: 0,
            due: now,
            deadline: now.plus_millis(self.settings.delivery_deadline_ms),
            traceparent: traceparent.map(str::to_owned),
        };
        Write::Enqueue(message, self.lease())
    }

    /// A lease from now on.
    pub(crate) fn lease(&self) -> Lease {
        Lease { worker: self.worker.clone(), until: self.now().plus_millis(LEASE_MS) }
    }

    /// After a restart. Workers from before are gone, as only one process works on a store; their leases are void.
    pub(crate) async fn restore_outbox(&self) -> Result<(), Fault> {
        self.ports.store.take_over(&self.lease()).await?;
        let mut after = String::new();
        loop {
            let page = self.ports.store.waiting(&after, 1_000).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            for (process, peer) in page {
                self.dispatcher.park(process, &peer);
            }
        }
    }
}
