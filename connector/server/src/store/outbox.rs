//! Messages that wait for delivery: reading them, and claiming them for a worker.
//!
//! `leased_until` is null for a free message, which is always the first of its process: later ones are born claimed,
//! and stay so until their turn comes.

use super::error::{corrupt, failed};
use super::read::number;
use engine::port::{Claim, Lease, Outgoing, StoreError, Which};
use ontology::time::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

type Stored = (i64, String, i64, i64, i64);

fn message((_, doc, attempts, refusals, due): Stored) -> Result<Outgoing, StoreError> {
    let mut message: Outgoing = serde_json::from_str(&doc).map_err(corrupt)?;
    message.attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
    message.refusals = u32::try_from(refusals).unwrap_or(u32::MAX);
    message.due = Timestamp::from_millis(due);
    Ok(message)
}

/// All, oldest first.
pub(super) async fn all(pool: &SqlitePool, limit: u64) -> Result<Vec<Outgoing>, StoreError> {
    sqlx::query_as::<_, Stored>("SELECT seq, doc, attempts, refusals, due FROM outbox ORDER BY seq LIMIT ?")
        .bind(number(limit))
        .fetch_all(pool)
        .await
        .map_err(failed)?
        .into_iter()
        .map(message)
        .collect()
}

/// Free ones that are due; `?4` says for some peers how many at most.
const DUE: &str = "UPDATE outbox SET worker = ?1, leased_until = ?2 WHERE seq IN ( \
     SELECT seq FROM (SELECT seq, due, peer, process, \
         ROW_NUMBER() OVER (PARTITION BY peer ORDER BY due, seq) AS place \
         FROM outbox WHERE leased_until IS NULL AND due <= ?3) AS head \
     LEFT JOIN json_each(?4) AS slots ON slots.key = head.peer \
     WHERE (slots.value IS NULL OR place <= slots.value) AND NOT EXISTS ( \
         SELECT 1 FROM outbox AS other WHERE other.process = head.process AND other.seq < head.seq) \
     ORDER BY due, seq LIMIT ?5) RETURNING seq, doc, attempts, refusals, due";

/// The first ones of a process, as far as no other worker holds one.
const PROCESS: &str = "UPDATE outbox SET worker = ?1, leased_until = ?2 WHERE seq IN ( \
     SELECT seq FROM outbox AS row WHERE process = ?4 AND NOT EXISTS ( \
         SELECT 1 FROM outbox AS held WHERE held.process = row.process AND held.seq <= row.seq \
         AND held.worker <> ?1 AND held.leased_until > ?3) \
     ORDER BY seq LIMIT ?5) RETURNING seq, doc, attempts, refusals, due";

/// First ones whose worker has not come back in time.
const EXPIRED: &str = "UPDATE outbox SET worker = ?, leased_until = ? WHERE seq IN ( \
     SELECT seq FROM outbox AS head WHERE leased_until <= ? \
     AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.process = head.process AND other.seq < head.seq) \
     ORDER BY seq LIMIT ?) RETURNING seq, doc, attempts, refusals, due";

/// Claims what `claim` says.
pub(super) async fn claim(c: &mut SqliteConnection, claim: &Claim) -> Result<Vec<Outgoing>, StoreError> {
    let (now, limit) = (claim.now.millis(), number(claim.limit));
    let text = match &claim.which {
        Which::Due(..) => DUE,
        Which::Process(_) => PROCESS,
        Which::Expired => EXPIRED,
    };
    let query = sqlx::query_as::<_, Stored>(text).bind(&claim.lease.worker).bind(claim.lease.until.millis());
    let query = match &claim.which {
        Which::Due(at, slots) => query.bind(at.millis()).bind(object(slots)?),
        Which::Process(process) => query.bind(now).bind(process),
        Which::Expired => query.bind(now),
    };
    let mut rows = query.bind(limit).fetch_all(c).await.map_err(failed)?;
    // What RETURNING gives has no order.
    rows.sort_unstable_by_key(|row| row.0);
    rows.into_iter().map(message).collect()
}

/// Frees the first message of each process and holds the others.
pub(super) async fn take_over(c: &mut SqliteConnection, lease: &Lease) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET worker = iif(first, NULL, ?), leased_until = iif(first, NULL, ?) FROM ( \
         SELECT seq AS place, seq = MIN(seq) OVER (PARTITION BY process) AS first FROM outbox) WHERE seq = place AND NOT (first AND leased_until IS NULL)",
    )
    .bind(&lease.worker)
    .bind(lease.until.millis())
    .execute(c)
    .await
    .map(drop)
    .map_err(failed)
}

/// Processes with messages, by id, each with its peer.
pub(super) async fn waiting(
    pool: &SqlitePool,
    after: &str,
    limit: u64,
) -> Result<Vec<(String, String)>, StoreError> {
    sqlx::query_as(
        "SELECT process, peer FROM outbox WHERE process > ? GROUP BY process ORDER BY process LIMIT ?",
    )
    .bind(after)
    .bind(number(limit))
    .fetch_all(pool)
    .await
    .map_err(failed)
}

/// When the next free message is due.
pub(super) async fn next_due(pool: &SqlitePool, except: &[String]) -> Result<Option<Timestamp>, StoreError> {
    let found = sqlx::query_as::<_, (i64,)>(
        "SELECT due FROM outbox AS head WHERE leased_until IS NULL \
         AND peer NOT IN (SELECT value FROM json_each(?)) \
         AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.process = head.process AND other.seq < head.seq) \
         ORDER BY due LIMIT 1",
    )
    .bind(list(except)?)
    .fetch_optional(pool)
    .await
    .map_err(failed)?;
    Ok(found.map(|(due,)| Timestamp::from_millis(due)))
}

fn list(names: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(names).map_err(corrupt)
}

fn object(slots: &[(String, u64)]) -> Result<String, StoreError> {
    let members: serde_json::Map<_, _> = slots.iter().map(|(peer, n)| (peer.clone(), (*n).into())).collect();
    serde_json::to_string(&members).map_err(corrupt)
}
