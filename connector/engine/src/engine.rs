//! The engine: ports, settings and what every use case shares.

use crate::fault::Fault;
use crate::locks::Locks;
use crate::outbox::Dispatcher;
use crate::port::{
    Change, Clock, EventFilter, Expect, Ids, NewEvent, Peers, Planes, Query, Row, Signer, Store, StoreError,
    StoredEvent, Trust, Write,
};
use crate::publish::Published;
use crate::record::Record;
use ontology::time::Timestamp;
use serde_json::Value;
use std::sync::{Arc, RwLock};
use tokio::sync::broadcast;

/// Everything that the engine needs from outside.
#[derive(Clone)]
pub struct Ports {
    /// Source of truth.
    pub store: Arc<dyn Store>,
    /// Other connectors.
    pub peers: Arc<dyn Peers>,
    /// Identity of others.
    pub trust: Arc<dyn Trust>,
    /// Our keys.
    pub signer: Arc<dyn Signer>,
    /// Data planes.
    pub planes: Arc<dyn Planes>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn Ids>,
}

/// A participant whose catalogue we may query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPeer {
    /// DID.
    pub did: String,
    /// DSP base address.
    pub address: String,
}

/// Configuration of the engine.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Our DSP base URL, version path included, no trailing slash.
    pub base_url: String,
    /// Our public URL, no trailing slash; credentials and data live below it.
    pub public_url: String,
    /// Name of the participant.
    pub participant_name: String,
    /// ISO 3166-1 code of its seat.
    pub country: Option<String>,
    /// Its registration number.
    pub registration: Option<String>,
    /// How long a message is retried, in milliseconds.
    pub delivery_deadline_ms: i64,
    /// How long a transfer may wait for its start, in milliseconds.
    pub transfer_deadline_ms: i64,
    /// How long a data token works, in milliseconds.
    pub token_ttl_ms: i64,
    /// Refuse agreements that the peer did not sign.
    pub require_signatures: bool,
    /// Participants whose catalogues SPARQL on the management side covers.
    pub peers: Vec<KnownPeer>,
}

/// The use cases of one participant.
pub struct Engine {
    pub(crate) ports: Ports,
    pub(crate) settings: Settings,
    pub(crate) graph: catalog::Graph,
    pub(crate) published: RwLock<Arc<Published>>,
    pub(crate) locks: Locks,
    pub(crate) dispatcher: Dispatcher,
    /// Who we are in claims to messages; a fresh id for each start.
    pub(crate) worker: String,
    pub(crate) monitor: crate::monitor::Timers,
    pub(crate) terms: crate::usage::TermsCache,
    pub(crate) peers_fetched: tokio::sync::Mutex<std::collections::HashMap<String, Timestamp>>,
    notices: broadcast::Sender<Arc<NewEvent>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("did", &self.did()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Builds an engine; [`Engine::load`] must run before it serves.
    ///
    /// # Errors
    /// When the RDF graph cannot be created.
    pub fn new(ports: Ports, settings: Settings) -> Result<Arc<Self>, Fault> {
        let graph = catalog::Graph::new().map_err(|e| Fault::Internal(e.to_string()))?;
        Ok(Arc::new(Self {
            worker: ports.ids.urn(),
            ports,
            settings,
            graph,
            published: RwLock::default(),
            locks: Locks::default(),
            dispatcher: Dispatcher::default(),
            monitor: crate::monitor::Timers::default(),
            terms: crate::usage::TermsCache::default(),
            peers_fetched: tokio::sync::Mutex::default(),
            notices: broadcast::channel(1024).0,
        }))
    }

    /// Our DID.
    #[must_use]
    pub fn did(&self) -> &str {
        self.ports.signer.did()
    }

    /// The settings it was built with.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Events as they happen. A slow reader misses some and must read the log.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<NewEvent>> {
        self.notices.subscribe()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Commits, then sets the timers, and wakes the outbox and the listeners.
    pub(crate) async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let mut queued = Vec::new();
        let mut events = Vec::new();
        let mut timers = Vec::new();
        for write in &change.0 {
            match write {
                Write::Enqueue(message, _) => queued.push(message.clone()),
                Write::Event(event) => events.push(Arc::clone(event)),
                Write::Timer(what, at) => timers.push((what.clone(), *at)),
                _ => {}
            }
        }
        self.ports.store.commit(change).await?;
        for (what, at) in timers {
            self.monitor.mirror(what, at);
        }
        for message in queued {
            self.dispatcher.submit(message);
        }
        for event in events {
            tracing::info!(kind = %event.kind, subject = %event.subject, "event");
            // Nobody listening is fine.
            drop(self.notices.send(event));
        }
        Ok(())
    }

    /// An event about `subject`.
    pub(crate) fn event(&self, kind: &str, subject: &str, data: Value) -> Write {
        Write::Event(Arc::new(NewEvent {
            id: self.ports.ids.urn(),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            at: self.now(),
            data,
        }))
    }

    /// A record by key.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or a store failure.
    pub async fn get<R: Record>(&self, id: &str) -> Result<R, Fault> {
        Ok(self.load_row::<R>(id).await?.0)
    }

    /// A record by key, or none.
    pub(crate) async fn find<R: Record>(&self, id: &str) -> Result<Option<(R, u64)>, Fault> {
        self.ports.store.get(R::KIND, id).await?.map(decode).transpose()
    }

    /// A record and its version.
    pub(crate) async fn load_row<R: Record>(&self, id: &str) -> Result<(R, u64), Fault> {
        self.find(id).await?.ok_or_else(|| Fault::not_found(R::KIND, id))
    }

    /// Records that match.
    ///
    /// # Errors
    /// [`Fault::Malformed`] for a criterion that cannot be evaluated, or a store failure.
    pub async fn query<R: Record>(&self, query: &Query) -> Result<Vec<R>, Fault> {
        let rows = self.ports.store.query(R::KIND, query).await?;
        rows.into_iter().map(|row| Ok(decode(row)?.0)).collect()
    }

    /// How many records of a kind there are, of this state if one is given.
    ///
    /// # Errors
    /// A store failure.
    pub async fn count(&self, kind: crate::record::Kind, state: Option<&str>) -> Result<u64, Fault> {
        Ok(self.ports.store.count(kind, state).await?)
    }

    /// Records by indexed state and parent.
    pub(crate) async fn by_index<R: Record>(
        &self,
        state: Option<&str>,
        parent: Option<&str>,
    ) -> Result<Vec<(R, u64)>, Fault> {
        let rows = self.ports.store.by_index(R::KIND, state, parent).await?;
        rows.into_iter().map(decode).collect()
    }

    /// Events after `after` that match.
    ///
    /// # Errors
    /// A store failure.
    pub async fn events(
        &self,
        after: i64,
        limit: u64,
        filter: &EventFilter,
    ) -> Result<Vec<StoredEvent>, Fault> {
        Ok(self.ports.store.events(after, limit, filter).await?)
    }

    /// Position of the newest event.
    ///
    /// # Errors
    /// A store failure.
    pub async fn last_event(&self) -> Result<i64, Fault> {
        Ok(self.ports.store.last_event().await?)
    }

    /// Writes one record with an event.
    pub(crate) async fn save<R: Record>(&self, record: &R, expect: Expect, event: &str) -> Result<(), Fault> {
        let change = Change::new().put(record, expect)?.and(self.event(event, record.id(), Value::Null));
        Ok(self.commit(change).await?)
    }

    /// Restores what lives in memory only: the published set, the RDF graph, grants, timers, the outbox.
    ///
    /// # Errors
    /// A store failure.
    pub async fn load(&self) -> Result<(), Fault> {
        self.rebuild().await?;
        self.restore_timers().await?;
        self.restore_transfers().await?;
        self.restore_outbox().await
    }

    /// Works until `stop` is cancelled: delivers messages and watches running transfers.
    pub async fn run(self: Arc<Self>, stop: tokio::sync::watch::Receiver<bool>) {
        let outbox = crate::outbox::run(Arc::clone(&self), stop.clone());
        let monitor = crate::monitor::run(Arc::clone(&self), stop);
        tokio::join!(outbox, monitor);
    }
}

fn decode<R: Record>(row: Row) -> Result<(R, u64), Fault> {
    let record = row.doc.read().map_err(|e| Fault::Internal(format!("{}: {e}", R::KIND.label())))?;
    Ok((record, row.version))
}
