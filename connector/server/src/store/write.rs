//! The effects of a change, as SQL.

use super::error::{corrupt, failed};
use super::read::sql;
use engine::port::{Change, Expect, Index, NewEvent, Outgoing, StoreError, Write};
use engine::record::Kind;
use ontology::time::Timestamp;
use serde_json::Value;
use sqlx::sqlite::SqliteConnection;

/// Applies every write, in order; the caller undoes all when one fails.
pub(super) async fn apply(c: &mut SqliteConnection, change: &Change) -> Result<(), StoreError> {
    for write in &change.0 {
        match write {
            Write::Put { kind, id, doc, expect, index } => put(c, *kind, id, doc, *expect, index).await?,
            Write::Delete { kind, id } => delete(c, *kind, id).await?,
            Write::Enqueue(message) => enqueue(c, message).await?,
            Write::Dequeue { id } => {
                sqlx::query("DELETE FROM outbox WHERE id = ?")
                    .bind(id)
                    .execute(&mut *c)
                    .await
                    .map_err(failed)?;
            }
            Write::Postpone { id, attempts, due, error } => {
                sqlx::query("UPDATE outbox SET attempts = ?, due = ?, error = ? WHERE id = ?")
                    .bind(i64::from(*attempts))
                    .bind(due.millis())
                    .bind(error)
                    .bind(id)
                    .execute(&mut *c)
                    .await
                    .map_err(failed)?;
            }
            Write::Event(event) => append(c, event).await?,
            Write::Seen { peer, message, at } => {
                let done = sqlx::query("INSERT OR IGNORE INTO seen (peer, message, at) VALUES (?, ?, ?)")
                    .bind(peer)
                    .bind(message)
                    .bind(at.millis())
                    .execute(&mut *c)
                    .await
                    .map_err(failed)?;
                if done.rows_affected() == 0 {
                    return Err(StoreError::Seen(message.clone()));
                }
            }
            Write::Use { agreement, limit } => count(c, agreement, *limit).await?,
        }
    }
    Ok(())
}

async fn put(
    c: &mut SqliteConnection,
    kind: Kind,
    id: &str,
    doc: &Value,
    expect: Expect,
    index: &Index,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(doc).map_err(corrupt)?;
    let statement = match expect {
        Expect::Absent => sql(
            kind,
            "INSERT INTO {table} (state, peer, peer_pid, parent, doc, id, version) VALUES (?, ?, ?, ?, ?, ?, 1) \
             ON CONFLICT (id) DO NOTHING",
        ),
        Expect::Version(_) => sql(
            kind,
            "UPDATE {table} SET state = ?, peer = ?, peer_pid = ?, parent = ?, doc = ?, version = version + 1 \
             WHERE id = ? AND version = ?",
        ),
        Expect::Any => sql(
            kind,
            "INSERT INTO {table} (state, peer, peer_pid, parent, doc, id, version) VALUES (?, ?, ?, ?, ?, ?, 1) \
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, peer = excluded.peer, \
             peer_pid = excluded.peer_pid, parent = excluded.parent, doc = excluded.doc, version = version + 1",
        ),
    };
    let mut query = sqlx::query(statement)
        .bind(&index.state)
        .bind(&index.peer)
        .bind(&index.peer_pid)
        .bind(&index.parent)
        .bind(text)
        .bind(id);
    if let Expect::Version(version) = expect {
        query = query.bind(i64::try_from(version).unwrap_or(i64::MAX));
    }
    let done = query.execute(&mut *c).await.map_err(failed)?;
    match expect {
        _ if done.rows_affected() > 0 => Ok(()),
        Expect::Absent => Err(StoreError::Exists(kind, id.to_owned())),
        _ => {
            let known = sqlx::query(sql(kind, "SELECT 1 FROM {table} WHERE id = ?"))
                .bind(id)
                .fetch_optional(&mut *c)
                .await
                .map_err(failed)?;
            Err(match known {
                Some(_) => StoreError::Stale(kind, id.to_owned()),
                None => StoreError::Missing(kind, id.to_owned()),
            })
        }
    }
}

async fn delete(c: &mut SqliteConnection, kind: Kind, id: &str) -> Result<(), StoreError> {
    let done = sqlx::query(sql(kind, "DELETE FROM {table} WHERE id = ?"))
        .bind(id)
        .execute(&mut *c)
        .await
        .map_err(failed)?;
    if done.rows_affected() == 0 { Err(StoreError::Missing(kind, id.to_owned())) } else { Ok(()) }
}

async fn enqueue(c: &mut SqliteConnection, message: &Outgoing) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO outbox (id, process, attempts, due, doc) VALUES (?, ?, ?, ?, ?)")
        .bind(&message.id)
        .bind(&message.process)
        .bind(i64::from(message.attempts))
        .bind(message.due.millis())
        .bind(serde_json::to_string(message).map_err(corrupt)?)
        .execute(&mut *c)
        .await
        .map(drop)
        .map_err(failed)
}

async fn append(c: &mut SqliteConnection, event: &NewEvent) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO event (id, kind, subject, at, data) VALUES (?, ?, ?, ?, ?)")
        .bind(&event.id)
        .bind(&event.kind)
        .bind(&event.subject)
        .bind(event.at.millis())
        .bind(serde_json::to_string(&event.data).map_err(corrupt)?)
        .execute(&mut *c)
        .await
        .map(drop)
        .map_err(failed)
}

async fn count(c: &mut SqliteConnection, agreement: &str, limit: Option<u64>) -> Result<(), StoreError> {
    let limit = limit.map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
    if limit < 1 {
        return Err(StoreError::Exhausted(agreement.to_owned()));
    }
    let done = sqlx::query(
        "INSERT INTO agreement_use (agreement, uses) VALUES (?, 1) \
         ON CONFLICT (agreement) DO UPDATE SET uses = uses + 1 WHERE uses < ?",
    )
    .bind(agreement)
    .bind(limit)
    .execute(&mut *c)
    .await
    .map_err(failed)?;
    if done.rows_affected() == 0 { Err(StoreError::Exhausted(agreement.to_owned())) } else { Ok(()) }
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
