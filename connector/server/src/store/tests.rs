//! SQLite passes the suite, keeps what it confirmed, and says when the disk is full.

use super::{SqliteStore, suite};
use engine::port::{Change, Expect, Index, Store as _, StoreError, Write};
use engine::record::Kind;
use serde_json::json;

fn put(id: &str, text: &str) -> Change {
    Change::new().and(Write::Put {
        kind: Kind::Asset,
        id: id.to_owned(),
        doc: json!({"text": text}),
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
async fn what_was_confirmed_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let store = SqliteStore::open(&path).await.unwrap();
    let ids: Vec<String> = (0..200).map(|n| format!("a{n}")).collect();
    let results = futures_util::future::join_all(ids.iter().map(|id| store.commit(put(id, "x")))).await;
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
    let results = futures_util::future::join_all(changes.into_iter().map(|c| store.commit(c))).await;
    assert_eq!(results, [Ok(()), Err(StoreError::Exists(Kind::Asset, "taken".to_owned())), Ok(())]);
    assert!(store.get(Kind::Asset, "one").await.unwrap().is_some());
    assert!(store.get(Kind::Asset, "two").await.unwrap().is_some());
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
}
