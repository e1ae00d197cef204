//! Look-ups by key and index.

use super::error::{corrupt, failed};
use engine::port::{EventFilter, NewEvent, Row, StoreError, StoredEvent, Watched};
use engine::record::Kind;
use ontology::time::Timestamp;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqlitePool;

/// A document with its version, as the database gives it.
pub(super) type Stored = (String, i64);

/// A number of rows, as SQLite takes it.
pub(super) fn number(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn row((doc, version): Stored) -> Row {
    Row { doc: doc.into(), version: u64::try_from(version).unwrap_or_default() }
}

// Table names come from `Kind::table`, which has no user input.
pub(super) fn sql(kind: Kind, text: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(text.replace("{table}", kind.table()))
}

pub(super) async fn get(pool: &SqlitePool, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
    sqlx::query_as::<_, Stored>(sql(kind, "SELECT doc, version FROM {table} WHERE id = ?"))
        .bind(id)
        .fetch_optional(pool)
        .await
        .map_err(failed)
        .map(|found| found.map(row))
}

pub(super) async fn by_peer_pid(
    pool: &SqlitePool,
    kind: Kind,
    peer: &str,
    peer_pid: &str,
) -> Result<Option<Row>, StoreError> {
    sqlx::query_as::<_, Stored>(sql(
        kind,
        "SELECT doc, version FROM {table} WHERE peer = ? AND peer_pid = ? ORDER BY seq DESC LIMIT 1",
    ))
    .bind(peer)
    .bind(peer_pid)
    .fetch_optional(pool)
    .await
    .map_err(failed)
    .map(|found| found.map(row))
}

pub(super) async fn by_index(
    pool: &SqlitePool,
    kind: Kind,
    state: Option<&str>,
    parent: Option<&str>,
) -> Result<Vec<Row>, StoreError> {
    let mut text = "SELECT doc, version FROM {table} WHERE 1 = 1".to_owned();
    if state.is_some() {
        text.push_str(" AND state = ?");
    }
    if parent.is_some() {
        text.push_str(" AND parent = ?");
    }
    text.push_str(" ORDER BY seq");
    let mut query = sqlx::query_as::<_, Stored>(sql(kind, &text));
    for value in [state, parent].into_iter().flatten() {
        query = query.bind(value);
    }
    Ok(query.fetch_all(pool).await.map_err(failed)?.into_iter().map(row).collect())
}

pub(super) async fn count(pool: &SqlitePool, kind: Kind, state: Option<&str>) -> Result<u64, StoreError> {
    let text = match state {
        Some(_) => "SELECT COUNT(*) FROM {table} WHERE state = ?",
        None => "SELECT COUNT(*) FROM {table}",
    };
    let query = sqlx::query_as::<_, (i64,)>(sql(kind, text));
    let query = if let Some(state) = state { query.bind(state) } else { query };
    let (count,) = query.fetch_one(pool).await.map_err(failed)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

pub(super) async fn timers(pool: &SqlitePool) -> Result<Vec<(Watched, Timestamp)>, StoreError> {
    let rows = sqlx::query_as::<_, (String, String, i64)>("SELECT what, subject, at FROM timer ORDER BY at")
        .fetch_all(pool)
        .await
        .map_err(failed)?;
    // A kind of a newer version is left for that.
    let known = |(what, subject, at): (String, _, _)| {
        Some((Watched::of(&what, subject)?, Timestamp::from_millis(at)))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

pub(super) async fn events(
    pool: &SqlitePool,
    after: i64,
    limit: u64,
    filter: &EventFilter,
) -> Result<Vec<StoredEvent>, StoreError> {
    let mut text = "SELECT seq, id, kind, subject, at, data FROM event WHERE seq > ?".to_owned();
    if filter.subject.is_some() {
        text.push_str(" AND subject = ?");
    }
    if filter.kind_prefix.is_some() {
        text.push_str(" AND kind >= ? AND kind < ?");
    }
    text.push_str(" ORDER BY seq LIMIT ?");
    let mut query =
        sqlx::query_as::<_, (i64, String, String, String, i64, String)>(AssertSqlSafe(text)).bind(after);
    if let Some(subject) = &filter.subject {
        query = query.bind(subject);
    }
    if let Some(prefix) = &filter.kind_prefix {
        query = query.bind(prefix).bind(format!("{prefix}\u{10FFFF}"));
    }
    let rows = query.bind(number(limit)).fetch_all(pool).await.map_err(failed)?;
    rows.into_iter()
        .map(|(seq, id, kind, subject, at, data)| {
            let data = serde_json::from_str(&data).map_err(corrupt)?;
            let event = NewEvent { id, kind, subject, at: Timestamp::from_millis(at), data };
            Ok(StoredEvent { seq, event })
        })
        .collect()
}

pub(super) async fn last_event(pool: &SqlitePool) -> Result<i64, StoreError> {
    let found = sqlx::query_as::<_, (Option<i64>,)>("SELECT MAX(seq) FROM event").fetch_one(pool).await;
    Ok(found.map_err(failed)?.0.unwrap_or(0))
}

pub(super) async fn seen(pool: &SqlitePool, peer: &str, message: &str) -> Result<bool, StoreError> {
    let found = sqlx::query("SELECT 1 FROM seen WHERE peer = ? AND message = ?")
        .bind(peer)
        .bind(message)
        .fetch_optional(pool)
        .await
        .map_err(failed)?;
    Ok(found.is_some())
}

pub(super) async fn ping(pool: &SqlitePool) -> Result<(), StoreError> {
    sqlx::query("SELECT 1").fetch_one(pool).await.map(drop).map_err(failed)
}
