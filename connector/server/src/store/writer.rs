//! The one writer. It takes what has queued up and commits it in one transaction, each change within a savepoint
//! of its own, so that one `fsync` serves many and a refused change leaves nothing.

use super::error::failed;
use super::write;
use engine::port::{Change, StoreError};
use ontology::time::Timestamp;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

/// Most changes in one transaction.
const TOGETHER: usize = 256;

enum Job {
    Change(Change, oneshot::Sender<Result<(), StoreError>>),
    Forget(Timestamp, oneshot::Sender<Result<u64, StoreError>>),
}

/// Handle of the writer task; the task ends when the handle is dropped.
#[derive(Debug)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    pub(super) fn start(connection: SqliteConnection) -> Self {
        let (sender, receiver) = mpsc::channel(1024);
        tokio::spawn(run(connection, receiver));
        Self(sender)
    }

    pub(super) async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let (answer, wait) = oneshot::channel();
        self.0.send(Job::Change(change, answer)).await.map_err(|_| stopped())?;
        wait.await.map_err(|_| stopped())?
    }

    pub(super) async fn forget_seen(&self, before: Timestamp) -> Result<u64, StoreError> {
        let (answer, wait) = oneshot::channel();
        self.0.send(Job::Forget(before, answer)).await.map_err(|_| stopped())?;
        wait.await.map_err(|_| stopped())?
    }
}

fn stopped() -> StoreError {
    StoreError::Failed("the writer has stopped".to_owned())
}

async fn run(mut connection: SqliteConnection, mut jobs: mpsc::Receiver<Job>) {
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
            }
        }
        if !changes.is_empty() {
            together(&mut connection, changes).await;
        }
    }
}

type Waiting = (Change, oneshot::Sender<Result<(), StoreError>>);

async fn together(connection: &mut SqliteConnection, changes: Vec<Waiting>) {
    let mut results = Vec::with_capacity(changes.len());
    let outcome = transaction(connection, &changes, &mut results).await;
    let results = match outcome {
        Ok(()) => results,
        Err(error) => {
            // What was open is undone; a rollback without a transaction is an error that says just that.
            drop(command(connection, "ROLLBACK").await);
            if changes.len() > 1 {
                // One of many may be what does not fit; alone, each gets its own answer.
                return alone(connection, changes).await;
            }
            vec![Err(error)]
        }
    };
    for ((_, answer), result) in changes.into_iter().zip(results) {
        drop(answer.send(result));
    }
}

async fn alone(connection: &mut SqliteConnection, changes: Vec<Waiting>) {
    for (change, answer) in changes {
        let one = [(change, ())];
        let mut results = Vec::new();
        let result = match transaction(connection, &one, &mut results).await {
            Ok(()) => results.pop().unwrap_or(Ok(())),
            Err(error) => {
                drop(command(connection, "ROLLBACK").await);
                Err(error)
            }
        };
        drop(answer.send(result));
    }
}

async fn command(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::query(sql).execute(&mut *connection).await.map(drop).map_err(failed)
}

/// All changes in one transaction. An error of the transaction itself fails all of them.
async fn transaction<T>(
    connection: &mut SqliteConnection,
    changes: &[(Change, T)],
    results: &mut Vec<Result<(), StoreError>>,
) -> Result<(), StoreError> {
    command(connection, "BEGIN IMMEDIATE").await?;
    for (change, _) in changes {
        command(connection, "SAVEPOINT change").await?;
        let result = write::apply(connection, change).await;
        match &result {
            Ok(()) => command(connection, "RELEASE change").await?,
            Err(StoreError::Full | StoreError::Failed(_)) => return result,
            Err(_) => {
                command(connection, "ROLLBACK TO change").await?;
                command(connection, "RELEASE change").await?;
            }
        }
        results.push(result);
    }
    command(connection, "COMMIT").await
}
