//! The effects of a change, as one SQL script.
//!
//! Each trip to the connection costs two changes of thread, more than most statements, so a change is one trip. What
//! it expects is part of the script: a guard after a statement fails when that statement changed nothing.

use super::error::{corrupt, failed};
use super::read::sql;
use engine::port::{Change, Doc, Expect, Index, Lease, NewEvent, Outgoing, StoreError, Write};
use engine::record::Kind;
use futures_util::TryStreamExt as _;
use ontology::time::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Either, Executor as _};
use std::sync::Arc;

/// Fails with an integer overflow, as SQLite documents for `abs` of the least integer, when the statement before it
/// changed no row.
const GUARD: &str = "SELECT abs(iif(changes() = 0, -9223372036854775808, 1))";

/// A value to bind.
enum Arg {
    Text(String),
    Shared(Arc<str>),
    Maybe(Option<String>),
    Integer(i64),
}

/// What it means when a guard fails.
enum Broken {
    Exactly(StoreError),
    /// The row is missing, or has another version; which one, a look-up tells.
    StaleOrMissing(Kind, String),
}

/// Statements with their values, and what their guards stand for.
#[derive(Default)]
pub(super) struct Script {
    text: String,
    args: Vec<Arg>,
    /// For each statement, what its failure means if it is a guard.
    guards: Vec<Option<Broken>>,
}

impl Script {
    /// The script of `change`; it neither begins nor ends a transaction.
    fn of(change: &Change) -> Result<Self, StoreError> {
        Self::part(change, false, false)
    }

    /// The script of `change` as the `first` of a transaction, which it begins, or its `last`, which ends it. When it
    /// fails the transaction may still be open.
    pub(super) fn part(change: &Change, first: bool, last: bool) -> Result<Self, StoreError> {
        let mut script = Self::default();
        if first {
            script.statement("BEGIN IMMEDIATE", []);
        }
        for write in &change.0 {
            script.write(write)?;
        }
        if last {
            script.statement("COMMIT", []);
        }
        Ok(script)
    }

    fn statement(&mut self, text: &str, args: impl IntoIterator<Item = Arg>) {
        self.text.push_str(text);
        self.text.push(';');
        self.args.extend(args);
        self.guards.push(None);
    }

    fn guarded(&mut self, text: &str, args: impl IntoIterator<Item = Arg>, broken: Broken) {
        self.statement(text, args);
        self.statement(GUARD, []);
        if let Some(last) = self.guards.last_mut() {
            *last = Some(broken);
        }
    }

    fn write(&mut self, write: &Write) -> Result<(), StoreError> {
        use Arg::{Integer, Text};
        match write {
            Write::Put { kind, id, doc, expect, index } => self.put(*kind, id, doc, *expect, index)?,
            Write::Delete { kind, id } => self.guarded(
                &sql(*kind, "DELETE FROM {table} WHERE id = ?").0,
                [Text(id.clone())],
                Broken::Exactly(StoreError::Missing(*kind, id.clone())),
            ),
            Write::Enqueue(message, lease) => self.enqueue(message, lease)?,
            Write::Dequeue { id } => self.statement("DELETE FROM outbox WHERE id = ?", [Text(id.clone())]),
            Write::Postpone { id, attempts, refusals, due, error, lease } => self.guarded(
                "UPDATE outbox SET attempts = ?, refusals = ?, due = ?, error = ?, worker = ?, leased_until = ? \
                 WHERE id = ?",
                [
                    Integer(i64::from(*attempts)),
                    Integer(i64::from(*refusals)),
                    Integer(due.millis()),
                    Text(error.clone()),
                    Arg::Maybe(lease.as_ref().map(|l| l.worker.clone())),
                    lease.as_ref().map_or(Arg::Maybe(None), |l| Integer(l.until.millis())),
                    Text(id.clone()),
                ],
                Broken::Exactly(StoreError::NotQueued(id.clone())),
            ),
            Write::Timer(of, Some(at)) => self.statement(
                "INSERT INTO timer (what, subject, at) VALUES (?, ?, ?) \
                 ON CONFLICT (what, subject) DO UPDATE SET at = excluded.at",
                [Text(of.what().to_owned()), Text(of.subject().to_owned()), Integer(at.millis())],
            ),
            Write::Timer(of, None) => self.statement(
                "DELETE FROM timer WHERE what = ? AND subject = ?",
                [Text(of.what().to_owned()), Text(of.subject().to_owned())],
            ),
            Write::Event(event) => self.append(event)?,
            Write::Seen { peer, message, at } => self.guarded(
                "INSERT OR IGNORE INTO seen (peer, message, at) VALUES (?, ?, ?)",
                [Text(peer.clone()), Text(message.clone()), Integer(at.millis())],
                Broken::Exactly(StoreError::Seen(message.clone())),
            ),
        }
        Ok(())
    }

    fn put(
        &mut self,
        kind: Kind,
        id: &str,
        doc: &Doc,
        expect: Expect,
        index: &Index,
    ) -> Result<(), StoreError> {
        let text = match expect {
            Expect::Absent => {
                "INSERT INTO {table} (state, peer, peer_pid, parent, doc, id, version) VALUES (?, ?, ?, ?, ?, ?, 1) \
                 ON CONFLICT (id) DO NOTHING"
            }
            Expect::Version(_) => {
                "UPDATE {table} SET state = ?, peer = ?, peer_pid = ?, parent = ?, doc = ?, version = version + 1 \
                 WHERE id = ? AND version = ?"
            }
            Expect::Any => {
                "INSERT INTO {table} (state, peer, peer_pid, parent, doc, id, version) VALUES (?, ?, ?, ?, ?, ?, 1) \
                 ON CONFLICT (id) DO UPDATE SET state = excluded.state, peer = excluded.peer, \
                 peer_pid = excluded.peer_pid, parent = excluded.parent, doc = excluded.doc, version = version + 1"
            }
        };
        let mut args = vec![
            Arg::Maybe(index.state.clone()),
            Arg::Maybe(index.peer.clone()),
            Arg::Maybe(index.peer_pid.clone()),
            Arg::Maybe(index.parent.clone()),
            Arg::Shared(Arc::clone(doc.text())),
            Arg::Text(id.to_owned()),
        ];
        if let Expect::Version(version) = expect {
            args.push(Arg::Integer(i64::try_from(version).unwrap_or(i64::MAX)));
        }
        let text = sql(kind, text).0;
        match expect {
            Expect::Any => self.statement(&text, args),
            Expect::Absent => {
                self.guarded(&text, args, Broken::Exactly(StoreError::Exists(kind, id.to_owned())));
            }
            Expect::Version(_) => self.guarded(&text, args, Broken::StaleOrMissing(kind, id.to_owned())),
        }
        Ok(())
    }

    fn enqueue(&mut self, message: &Outgoing, lease: &Lease) -> Result<(), StoreError> {
        self.statement(
            "INSERT INTO outbox (id, process, peer, attempts, due, worker, leased_until, doc) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                Arg::Text(message.id.clone()),
                Arg::Text(message.process.clone()),
                Arg::Text(message.peer.clone()),
                Arg::Integer(i64::from(message.attempts)),
                Arg::Integer(message.due.millis()),
                Arg::Text(lease.worker.clone()),
                Arg::Integer(lease.until.millis()),
                Arg::Text(serde_json::to_string(message).map_err(corrupt)?),
            ],
        );
        Ok(())
    }

    fn append(&mut self, event: &NewEvent) -> Result<(), StoreError> {
        self.statement(
            "INSERT INTO event (id, kind, subject, at, data) VALUES (?, ?, ?, ?, ?)",
            [
                Arg::Text(event.id.clone()),
                Arg::Text(event.kind.clone()),
                Arg::Text(event.subject.clone()),
                Arg::Integer(event.at.millis()),
                Arg::Text(serde_json::to_string(&event.data).map_err(corrupt)?),
            ],
        );
        Ok(())
    }

    /// Runs it in one trip. The caller undoes all when it fails.
    pub(super) async fn run(self, c: &mut SqliteConnection) -> Result<(), StoreError> {
        if self.guards.is_empty() {
            return Ok(());
        }
        // Statements of this file, with table names from `Kind::table`; every value is bound.
        let mut query = sqlx::query(AssertSqlSafe(self.text));
        for arg in self.args {
            query = match arg {
                Arg::Text(text) => query.bind(text),
                Arg::Shared(text) => query.bind(text),
                Arg::Maybe(text) => query.bind(text),
                Arg::Integer(number) => query.bind(number),
            };
        }
        let mut done = 0;
        let outcome = {
            let mut results = (&mut *c).fetch_many(query);
            loop {
                match results.try_next().await {
                    Ok(Some(Either::Left(_))) => done += 1,
                    Ok(Some(Either::Right(_))) => {}
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
        };
        let Err(error) = outcome else { return Ok(()) };
        match self.guards.into_iter().nth(done).flatten() {
            None => Err(failed(error)),
            Some(Broken::Exactly(error)) => Err(error),
            Some(Broken::StaleOrMissing(kind, id)) => {
                let known = sqlx::query(sql(kind, "SELECT 1 FROM {table} WHERE id = ?"))
                    .bind(&id)
                    .fetch_optional(c)
                    .await
                    .map_err(failed)?;
                Err(if known.is_some() { StoreError::Stale(kind, id) } else { StoreError::Missing(kind, id) })
            }
        }
    }
}

/// Applies every write, in order, within a transaction; the caller undoes all when one fails.
pub(super) async fn apply(c: &mut SqliteConnection, change: &Change) -> Result<(), StoreError> {
    Script::of(change)?.run(c).await
}

/// Forgets messages that are too old to be repeated.
pub(super) async fn forget_seen(c: &mut SqliteConnection, before: Timestamp) -> Result<u64, StoreError> {
    sqlx::query("DELETE FROM seen WHERE at < ?")
        .bind(before.millis())
        .execute(&mut *c)
        .await
        .map(|done| done.rows_affected())
        .map_err(failed)
}
