//! Opening the database, and the port.

use super::cache::Cache;
use super::error::failed;
use super::writer::Writer;
use super::{outbox, query, read};
use async_trait::async_trait;
use engine::port::{
    Change, Claim, EventFilter, Lease, Outgoing, Query, Row, Store, StoreError, StoredEvent, Watched,
};
use engine::record::Kind;
use ontology::time::Timestamp;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A SQLite database file: WAL, `synchronous=FULL`, one writer that groups commits, several readers.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    written: Arc<Cache>,
}

impl SqliteStore {
    /// Opens `path`, creating it and bringing its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened or migrated.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, |options| options).await
    }

    /// A database in memory, for tests and trials: it is gone with the store.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub async fn memory() -> Result<Self, StoreError> {
        // This file system of SQLite shares a file among the connections of a process when its name starts with `/`.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("/entente-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Self::start(SqliteConnectOptions::new().filename(name).vfs("memdb"), |options| options).await
    }

    /// As [`Self::open`], with options changed for the writer.
    pub(super) async fn open_with(
        path: &Path,
        change: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, StoreError> {
        Self::start(SqliteConnectOptions::new().filename(path), change).await
    }

    async fn start(
        options: SqliteConnectOptions,
        change: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, StoreError> {
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(200)
            .disable_statement_logging();
        // Pages that each step touches stay in memory, and the log is copied back after 16 MiB rather than 4.
        let writing = options.clone().pragma("cache_size", "-8192").pragma("wal_autocheckpoint", "4000");
        let mut connection = SqliteConnection::connect_with(&change(writing)).await.map_err(failed)?;
        sqlx::migrate!("./migrations")
            .run(&mut connection)
            .await
            .map_err(|e| StoreError::Failed(e.to_string()))?;
        // A reader connection costs memory and is made when needed.
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .min_connections(0)
            .idle_timeout(Duration::from_secs(60))
            .test_before_acquire(false)
            .connect_lazy_with(options.read_only(true));
        let written = Arc::new(Cache::default());
        Ok(Self { writer: Writer::start(connection, Arc::clone(&written)), readers, written })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        self.writer.commit(change).await
    }

    async fn get(&self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
        match self.written.get(kind, id) {
            Some(row) => Ok(Some(row)),
            None => read::get(&self.readers, kind, id).await,
        }
    }

    async fn by_peer_pid(&self, kind: Kind, peer: &str, peer_pid: &str) -> Result<Option<Row>, StoreError> {
        read::by_peer_pid(&self.readers, kind, peer, peer_pid).await
    }

    async fn by_index(
        &self,
        kind: Kind,
        state: Option<&str>,
        parent: Option<&str>,
    ) -> Result<Vec<Row>, StoreError> {
        read::by_index(&self.readers, kind, state, parent).await
    }

    async fn query(&self, kind: Kind, query: &Query) -> Result<Vec<Row>, StoreError> {
        query::run(&self.readers, kind, query).await
    }

    async fn count(&self, kind: Kind, state: Option<&str>) -> Result<u64, StoreError> {
        read::count(&self.readers, kind, state).await
    }

    async fn outbox(&self, limit: u64) -> Result<Vec<Outgoing>, StoreError> {
        outbox::all(&self.readers, limit).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Outgoing>, StoreError> {
        self.writer.claim(claim.clone()).await
    }

    async fn take_over(&self, lease: &Lease) -> Result<(), StoreError> {
        self.writer.take_over(lease.clone()).await
    }

    async fn waiting(&self, after: &str, limit: u64) -> Result<Vec<(String, String)>, StoreError> {
        outbox::waiting(&self.readers, after, limit).await
    }

    async fn next_due(&self, except: &[String]) -> Result<Option<Timestamp>, StoreError> {
        outbox::next_due(&self.readers, except).await
    }

    async fn timers(&self) -> Result<Vec<(Watched, Timestamp)>, StoreError> {
        read::timers(&self.readers).await
    }

    async fn events(
        &self,
        after: i64,
        limit: u64,
        filter: &EventFilter,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        read::events(&self.readers, after, limit, filter).await
    }

    async fn last_event(&self) -> Result<i64, StoreError> {
        read::last_event(&self.readers).await
    }

    async fn seen(&self, peer: &str, message: &str) -> Result<bool, StoreError> {
        read::seen(&self.readers, peer, message).await
    }

    async fn forget_seen(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.forget_seen(before).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        read::ping(&self.readers).await
    }
}
