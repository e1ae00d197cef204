//! The one writer. It takes what has queued up and commits it in one transaction, each change within a savepoint
//! of its own, so that one `fsync` serves many and a refused change leaves nothing. Nobody is answered before the
//! commit; when that fails, all fail.

use super::cache::Cache;
use super::error::failed;
use super::outbox;
use super::write::{self, Script};
use engine::port::{Change, Claim, Lease, Outgoing, StoreError};
use ontology::time::Timestamp;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Most changes in one transaction.
const TOGETHER: usize = 256;

enum Job {
    Change(Change, oneshot::Sender<Result<(), StoreError>>),
    Forget(Timestamp, oneshot::Sender<Result<u64, StoreError>>),
    Claim(Claim, oneshot::Sender<Result<Vec<Outgoing>, StoreError>>),
    TakeOver(Lease, oneshot::Sender<Result<(), StoreError>>),
}

/// Handle of the writer task; the task ends when the handle is dropped.
#[derive(Debug)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    /// `written` hears of each commit before whoever asked for it.
    pub(super) fn start(connection: SqliteConnection, written: Arc<Cache>) -> Self {
        let (sender, receiver) = mpsc::channel(1024);
        tokio::spawn(run(connection, receiver, written));
        Self(sender)
    }

    pub(super) async fn commit(&self, change: Change) -> Result<(), StoreError> {
        self.ask(|answer| Job::Change(change, answer)).await
    }

    pub(super) async fn forget_seen(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.ask(|answer| Job::Forget(before, answer)).await
    }

    pub(super) async fn claim(&self, claim: Claim) -> Result<Vec<Outgoing>, StoreError> {
        self.ask(|answer| Job::Claim(claim, answer)).await
    }

    pub(super) async fn take_over(&self, lease: Lease) -> Result<(), StoreError> {
        self.ask(|answer| Job::TakeOver(lease, answer)).await
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let (answer, wait) = oneshot::channel();
        self.0.send(job(answer)).await.map_err(|_| stopped())?;
        wait.await.map_err(|_| stopped())?
    }
}

fn stopped() -> StoreError {
    StoreError::Failed("the writer has stopped".to_owned())
}

async fn run(mut connection: SqliteConnection, mut jobs: mpsc::Receiver<Job>, written: Arc<Cache>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while jobs.recv_many(&mut batch, TOGETHER).await > 0 {
        let mut changes = Vec::with_capacity(batch.len());
        for job in batch.drain(..) {
            match job {
                Job::Change(change, answer) => changes.push((change, answer)),
                Job::Forget(before, answer) => {
                    // Whoever asked may have gone; the work is done all the same.
                    drop(answer.send(write::forget_seen(&mut connection, before).await));
                }
                Job::Claim(claim, answer) => {
                    drop(answer.send(outbox::claim(&mut connection, &claim).await));
                }
                Job::TakeOver(lease, answer) => {
                    drop(answer.send(outbox::take_over(&mut connection, &lease).await));
                }
            }
        }
        if !changes.is_empty() {
            together(&mut connection, changes, &written).await;
        }
    }
}

type Waiting = (Change, oneshot::Sender<Result<(), StoreError>>);

async fn together(connection: &mut SqliteConnection, changes: Vec<Waiting>, written: &Cache) {
    // Nearly always nothing is refused; then there is no need to be able to undo one change and keep another.
    if fast(connection, &changes).await.is_ok() {
        for (change, answer) in changes {
            written.follow(&change);
            drop(answer.send(Ok(())));
        }
        return;
    }
    undo_all(connection).await;
    let mut results = Vec::with_capacity(changes.len());
    let outcome = transaction(connection, &changes, &mut results).await;
    if outcome.is_err() {
        undo_all(connection).await;
    }
    match outcome {
        Ok(()) => {
            for ((change, answer), result) in changes.into_iter().zip(results) {
                if result.is_ok() {
                    written.follow(&change);
                }
                drop(answer.send(result));
            }
        }
        // The others did nothing wrong; alone, each gets its own answer.
        Err(Broken::By(_)) if changes.len() > 1 => alone(connection, changes, written).await,
        Err(Broken::By(error) | Broken::Whole(error)) => {
            for (_, answer) in changes {
                drop(answer.send(Err(error.clone())));
            }
        }
    }
}

/// All changes in one transaction, or an error with the transaction perhaps still open.
async fn fast(connection: &mut SqliteConnection, changes: &[Waiting]) -> Result<(), StoreError> {
    let last = changes.len().saturating_sub(1);
    for (place, (change, _)) in changes.iter().enumerate() {
        Script::part(change, place == 0, place == last)?.run(connection).await?;
    }
    Ok(())
}

async fn alone(connection: &mut SqliteConnection, changes: Vec<Waiting>, written: &Cache) {
    for (change, answer) in changes {
        let one = [(change, ())];
        let mut results = Vec::new();
        let result = match transaction(connection, &one, &mut results).await {
            Ok(()) => results.pop().unwrap_or(Ok(())),
            Err(Broken::By(error) | Broken::Whole(error)) => {
                undo_all(connection).await;
                Err(error)
            }
        };
        let [(change, ())] = one;
        if result.is_ok() {
            written.follow(&change);
        }
        drop(answer.send(result));
    }
}

async fn command(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::query(sql).execute(&mut *connection).await.map(drop).map_err(failed)
}

async fn undo_all(connection: &mut SqliteConnection) {
    // Where SQLite has undone everything already, this is an error that says just that.
    drop(command(connection, "ROLLBACK").await);
}

/// Why nothing of a transaction happened.
enum Broken {
    /// It could not begin or commit.
    Whole(StoreError),
    /// One change made SQLite undo its neighbours too, as some errors of the disk do.
    By(StoreError),
}

/// All changes in one transaction.
async fn transaction<T>(
    connection: &mut SqliteConnection,
    changes: &[(Change, T)],
    results: &mut Vec<Result<(), StoreError>>,
) -> Result<(), Broken> {
    command(connection, "BEGIN IMMEDIATE").await.map_err(Broken::Whole)?;
    for (change, _) in changes {
        command(connection, "SAVEPOINT change").await.map_err(Broken::Whole)?;
        let result = write::apply(connection, change).await;
        if let Err(error) = &result {
            // Without the savepoint the transaction is gone, and with it what came before.
            command(connection, "ROLLBACK TO change").await.map_err(|_| Broken::By(error.clone()))?;
        }
        command(connection, "RELEASE change").await.map_err(Broken::Whole)?;
        results.push(result);
    }
    command(connection, "COMMIT").await.map_err(Broken::Whole)
}
