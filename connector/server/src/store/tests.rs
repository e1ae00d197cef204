//! SQLite passes the suite, keeps what it confirmed, and says when the disk is full.

use super::{SqliteStore, suite};
use engine::port::{Change, Doc, Expect, Index, Lease, Query, Store as _, StoreError, Watched, Write};
use engine::record::Kind;
use futures_util::future::join_all;
use ontology::time::Timestamp;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;
use std::sync::Arc;

fn put(id: &str, text: &str) -> Change {
    Change::new().and(Write::Put {
        kind: Kind::Asset,
        id: id.to_owned(),
        doc: Doc::of(&json!({"text": text})).unwrap(),
        expect: Expect::Absent,
        index: Index::default(),
    })
}

#[tokio::test]
async fn passes_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    suite::run(&SqliteStore::open(&folder.path().join("a.sqlite")).await.unwrap()).await;
}

#[tokio::test]
async fn passes_the_suite_in_memory() {
    let (store, other) = (SqliteStore::memory().await.unwrap(), SqliteStore::memory().await.unwrap());
    suite::run(&store).await;
    assert!(
        other.events(0, 1, &engine::port::EventFilter::default()).await.unwrap().is_empty(),
        "each is a database of its own"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uses_counted_from_many_threads_stay_within_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("a.sqlite")).await.unwrap());
    let tasks = (0..50).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            loop {
                let found = store.get(Kind::Usage, "g").await.unwrap();
                let uses = found
                    .as_ref()
                    .map_or(0, |row| row.doc.read::<Value>().unwrap()["uses"].as_u64().unwrap());
                assert!(uses <= 7);
                if uses == 7 {
                    return false;
                }
                let expect = found.map_or(Expect::Absent, |row| Expect::Version(row.version));
                let put = Write::Put {
                    kind: Kind::Usage,
                    id: "g".to_owned(),
                    doc: Doc::of(&json!({"uses": uses + 1})).unwrap(),
                    expect,
                    index: Index::default(),
                };
                if store.commit(Change::new().and(put)).await.is_ok() {
                    return true;
                }
            }
        })
    });
    let granted = join_all(tasks).await.into_iter().filter(|r| *r.as_ref().unwrap()).count();
    assert_eq!(granted, 7);
}

#[tokio::test]
async fn what_was_confirmed_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let store = SqliteStore::open(&path).await.unwrap();
    let ids: Vec<String> = (0..200).map(|n| format!("a{n}")).collect();
    let results = join_all(ids.iter().map(|id| store.commit(put(id, "x")))).await;
    assert!(results.iter().all(Result::is_ok));
    drop(store);
    let store = SqliteStore::open(&path).await.unwrap();
    for id in ids {
        assert!(store.get(Kind::Asset, &id).await.unwrap().is_some(), "{id}");
    }
}

#[tokio::test]
async fn a_refused_change_does_not_take_its_neighbours_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("a.sqlite")).await.unwrap();
    store.commit(put("taken", "x")).await.unwrap();
    let changes = [put("one", "x"), put("taken", "y"), put("two", "x")];
    let results = join_all(changes.into_iter().map(|c| store.commit(c))).await;
    assert_eq!(results, [Ok(()), Err(StoreError::Exists(Kind::Asset, "taken".to_owned())), Ok(())]);
    assert!(store.get(Kind::Asset, "one").await.unwrap().is_some());
    assert!(store.get(Kind::Asset, "two").await.unwrap().is_some());
}

/// A store with a trigger, to make SQLite fail where it otherwise would not.
async fn with(path: &Path, sql: &'static str) -> SqliteStore {
    let store = SqliteStore::open(path).await.unwrap();
    run(path, sql).await;
    store
}

async fn run(path: &Path, sql: &'static str) {
    let mut other = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut other).await.unwrap();
    other.close().await.unwrap();
}

async fn together(store: &SqliteStore, ids: [&str; 3]) -> Vec<Result<(), StoreError>> {
    // One thread: all three are queued before the writer looks.
    join_all(ids.map(|id| store.commit(put(id, "x")))).await
}

async fn present(store: &SqliteStore, ids: &[&str]) -> Vec<bool> {
    join_all(ids.iter().map(|id| store.get(Kind::Asset, id)))
        .await
        .into_iter()
        .map(|r| r.unwrap().is_some())
        .collect()
}

#[tokio::test]
async fn a_failing_commit_fails_all_that_were_in_it() {
    let folder = tempfile::tempdir().unwrap();
    // A deferred constraint is checked by COMMIT.
    let store = with(
        &folder.path().join("a.sqlite"),
        "CREATE TABLE above (id INTEGER PRIMARY KEY); \
         CREATE TABLE below (id INTEGER REFERENCES above (id) DEFERRABLE INITIALLY DEFERRED); \
         CREATE TRIGGER t AFTER INSERT ON asset WHEN new.id = 'bad' BEGIN INSERT INTO below VALUES (1); END;",
    )
    .await;
    let results = together(&store, ["one", "bad", "two"]).await;
    assert!(results.iter().all(|r| matches!(r, Err(StoreError::Failed(_)))), "{results:?}");
    assert_eq!(present(&store, &["one", "bad", "two"]).await, [false, false, false]);
    assert!(together(&store, ["one", "two", "three"]).await.iter().all(Result::is_ok), "the writer goes on");
}

#[tokio::test]
async fn a_change_that_undoes_the_transaction_fails_alone() {
    for sql in [
        "CREATE TRIGGER t BEFORE INSERT ON asset WHEN new.id = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END;",
        "CREATE TRIGGER t BEFORE INSERT ON asset WHEN new.id = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END;",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = with(&folder.path().join("a.sqlite"), sql).await;
        let results = together(&store, ["one", "bad", "two"]).await;
        assert!(matches!(results[..], [Ok(()), Err(StoreError::Failed(_)), Ok(())]), "{results:?}");
        assert_eq!(present(&store, &["one", "bad", "two"]).await, [true, false, true]);
    }
}

#[tokio::test]
async fn a_document_that_is_not_json_is_said_to_be_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let store = SqliteStore::open(&path).await.unwrap();
    store.commit(put("a", "x")).await.unwrap();
    run(&path, "UPDATE asset SET doc = '{' WHERE id = 'a'").await;
    let store = SqliteStore::open(&path).await.unwrap();
    let row = store.get(Kind::Asset, "a").await.unwrap().unwrap();
    assert!(matches!(row.doc.read::<Value>(), Err(StoreError::Corrupt(_))));
    let query = Query { sort_field: Some("text".to_owned()), ..Query::default() };
    assert!(matches!(store.query(Kind::Asset, &query).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn durability_settings_are_as_intended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let store = SqliteStore::open(&path).await.unwrap();
    // A trigger sees the settings of the connection that writes.
    run(
        &path,
        "CREATE TABLE setting (name TEXT, value TEXT); CREATE TRIGGER t AFTER INSERT ON asset BEGIN \
         INSERT INTO setting SELECT 'journal', journal_mode FROM pragma_journal_mode; \
         INSERT INTO setting SELECT 'synchronous', synchronous FROM pragma_synchronous; \
         INSERT INTO setting SELECT 'keys', foreign_keys FROM pragma_foreign_keys; END;",
    )
    .await;
    store.commit(put("a", "x")).await.unwrap();
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let found: Vec<(String, String)> =
        sqlx::query_as("SELECT name, value FROM setting").fetch_all(&mut other).await.unwrap();
    let found: Vec<(&str, &str)> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(found, [("journal", "wal"), ("synchronous", "2"), ("keys", "1")], "2 is FULL");
}

#[tokio::test]
async fn a_full_disk_is_said_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    // A limit on pages gives the same error as a disk without space.
    let store = SqliteStore::open_with(&path, |o| o.pragma("max_page_count", "80")).await.unwrap();
    let long = "x".repeat(20_000);
    let mut refused = None;
    for n in 0..50 {
        match store.commit(put(&format!("a{n}"), &long)).await {
            Ok(()) => {}
            Err(error) => {
                refused = Some((n, error));
                break;
            }
        }
    }
    let (n, error) = refused.unwrap();
    assert_eq!(error, StoreError::Full);
    assert!(store.get(Kind::Asset, &format!("a{n}")).await.unwrap().is_none());
    assert!(store.get(Kind::Asset, "a0").await.unwrap().is_some());
    store.commit(put("small", "x")).await.unwrap();
    let changes = [put("one", "x"), put("huge", &long), put("two", "x")];
    let results = join_all(changes.into_iter().map(|c| store.commit(c))).await;
    assert_eq!(
        results,
        [Ok(()), Err(StoreError::Full), Ok(())],
        "what fits is not kept out by what does not"
    );
    assert_eq!(present(&store, &["one", "huge", "two"]).await, [true, false, true]);
}

/// What was stored before messages had leases and timers were kept is delivered, and looked at.
#[tokio::test]
async fn an_older_database_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let mut older = sqlx::migrate!("./migrations");
    older.migrations.to_mut().retain(|m| m.version < 6);
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    older.run(&mut connection).await.unwrap();
    let message = |id: &str| {
        json!({"id": id, "process": "t1", "kind": "Transfer", "peer": "did:web:a", "url": "https://a", "body": {},
            "attempts": 0, "due": 5, "deadline": 50})
    };
    for (id, attempts) in [("m1", 3), ("m2", 0)] {
        sqlx::query("INSERT INTO outbox (id, process, attempts, due, doc) VALUES (?, 't1', ?, 7, ?)")
            .bind(id)
            .bind(attempts)
            .bind(message(id).to_string())
            .execute(&mut connection)
            .await
            .unwrap();
    }
    sqlx::raw_sql(
        "INSERT INTO transfer (id, version, state, doc) VALUES ('t1', 1, 'REQUESTED', '{}'), \
         ('t2', 1, 'STARTED', '{}'), ('t3', 1, 'TERMINATED', '{}'); \
         INSERT INTO usage (id, version, state, doc) VALUES ('a1', 1, 'open', '{}'), ('a2', 1, 'settled', '{}'); \
         INSERT INTO agreement (id, version, doc) VALUES ('a1', 1, '{}');",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let queued = store.outbox(10).await.unwrap();
    let shown: Vec<_> = queued.iter().map(|m| (m.id.as_str(), m.peer.as_str(), m.attempts)).collect();
    assert_eq!(shown, [("m1", "did:web:a", 3), ("m2", "did:web:a", 0)]);
    let lease = Lease { worker: "w".to_owned(), until: Timestamp::from_millis(100) };
    store.take_over(&lease).await.unwrap();
    assert_eq!(store.next_due(&[]).await.unwrap(), Some(Timestamp::from_millis(7)));
    let mut timers: Vec<_> = store.timers().await.unwrap().into_iter().map(|(what, _)| what).collect();
    timers.sort();
    let id = str::to_owned;
    let expected = [
        Watched::Agreement(id("a1")),
        Watched::Request(id("t1")),
        Watched::Transfer(id("t2")),
        Watched::Duties(id("a1")),
    ];
    assert_eq!(timers, expected);
}
