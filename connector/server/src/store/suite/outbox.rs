//! Messages that wait for delivery, and the claims to them.

use super::one;
use engine::port::{Claim, Lease, Outgoing, Store, StoreError, Which, Write};
use engine::record::Kind;
use ontology::time::Timestamp;
use serde_json::json;
use std::sync::Arc;

fn message(id: &str, process: &str) -> Outgoing {
    Outgoing {
        id: id.to_owned(),
        process: process.to_owned(),
        kind: Kind::Negotiation,
        peer: "did:web:a".to_owned(),
        url: "https://a".to_owned(),
        body: Arc::new(json!({"x": id})),
        attempts: 0,
        refusals: 0,
        due: Timestamp::from_millis(5),
        deadline: Timestamp::from_millis(50),
        traceparent: None,
    }
}

fn lease(worker: &str, until: i64) -> Lease {
    Lease { worker: worker.to_owned(), until: Timestamp::from_millis(until) }
}

/// A message of this process, held by the worker `w1` until 100.
pub(super) fn enqueue(id: &str, process: &str) -> Write {
    Write::Enqueue(message(id, process), lease("w1", 100))
}

/// A message that waits for its next attempt, free.
fn free(id: &str, due: i64) -> Write {
    let due = Timestamp::from_millis(due);
    Write::Postpone {
        id: id.to_owned(),
        attempts: 1,
        refusals: 0,
        due,
        error: "down".to_owned(),
        lease: None,
    }
}

async fn claim(store: &dyn Store, which: Which, by: &str, now: i64, limit: u64) -> Vec<String> {
    let claim = Claim { which, now: Timestamp::from_millis(now), limit, lease: lease(by, now + 100) };
    let got = store.claim(&claim).await.unwrap();
    got.into_iter().map(|message| message.id).collect()
}

fn due(at: i64) -> Which {
    Which::Due(Timestamp::from_millis(at), Vec::new())
}

fn of(process: &str) -> Which {
    Which::Process(process.to_owned())
}

async fn empty(store: &dyn Store) {
    for message in store.outbox(100).await.unwrap() {
        store.commit(one(Write::Dequeue { id: message.id })).await.unwrap();
    }
}

pub(super) async fn order(store: &dyn Store) {
    for (id, process) in [("m1", "n1"), ("m2", "n2"), ("m3", "n1")] {
        store.commit(one(enqueue(id, process))).await.unwrap();
    }
    let postpone = Write::Postpone {
        id: "m1".to_owned(),
        attempts: 2,
        refusals: 1,
        due: Timestamp::from_millis(9),
        error: "down".to_owned(),
        lease: Some(lease("w1", 100)),
    };
    store.commit(one(postpone)).await.unwrap();
    let waiting = store.outbox(10).await.unwrap();
    assert_eq!(waiting.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["m1", "m2", "m3"]);
    let first = &waiting[0];
    assert_eq!((first.attempts, first.refusals, first.due), (2, 1, Timestamp::from_millis(9)));
    assert_eq!(waiting[1], message("m2", "n2"));
    let oldest = |waiting: &[Outgoing], process: &str| {
        waiting.iter().find(|m| m.process == process).map(|m| m.id.clone()).unwrap_or_default()
    };
    assert_eq!(oldest(&waiting, "n1"), "m1", "a failed delivery is not overtaken in its process");
    assert_eq!(store.outbox(2).await.unwrap(), waiting[..2]);
    store.commit(one(Write::Dequeue { id: "m1".to_owned() })).await.unwrap();
    assert_eq!(oldest(&store.outbox(10).await.unwrap(), "n1"), "m3");
    store.commit(one(enqueue("m4", "n1"))).await.unwrap();
    let waiting = store.outbox(10).await.unwrap();
    assert_eq!(waiting.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["m2", "m3", "m4"]);
    for id in ["m2", "m3", "m4", "m4"] {
        store.commit(one(Write::Dequeue { id: id.to_owned() })).await.unwrap();
    }
    assert!(store.outbox(10).await.unwrap().is_empty());
    let gone = store.commit(one(free("m4", 1))).await;
    assert_eq!(gone, Err(StoreError::NotQueued("m4".to_owned())));
}

pub(super) async fn claims(store: &dyn Store) {
    for (id, process) in [("a1", "a"), ("b1", "b"), ("a2", "a"), ("c1", "c"), ("a3", "a")] {
        store.commit(one(enqueue(id, process))).await.unwrap();
    }
    assert_eq!(store.next_due(&[]).await.unwrap(), None, "all are held");
    assert!(claim(store, due(1000), "w2", 50, 10).await.is_empty());
    assert!(claim(store, of("a"), "w2", 50, 10).await.is_empty(), "another worker has the first one");
    for (id, at) in [("a1", 20), ("b1", 30), ("c1", 40)] {
        store.commit(one(free(id, at))).await.unwrap();
    }
    assert_eq!(store.next_due(&[]).await.unwrap(), Some(Timestamp::from_millis(20)));
    assert_eq!(store.next_due(&["did:web:a".to_owned()]).await.unwrap(), None, "of that peer are all");
    assert!(claim(store, due(19), "w2", 19, 10).await.is_empty());
    assert_eq!(claim(store, due(35), "w2", 35, 1).await, ["a1"], "what is due first comes first");
    assert_eq!(claim(store, due(35), "w2", 35, 10).await, ["b1"]);
    let few = |slots| Which::Due(Timestamp::from_millis(60), vec![("did:web:a".to_owned(), slots)]);
    store.commit(one(free("b1", 41))).await.unwrap();
    assert!(claim(store, few(0), "w2", 60, 10).await.is_empty());
    assert_eq!(claim(store, few(1), "w2", 60, 10).await, ["c1"]);
    assert_eq!(claim(store, few(1), "w2", 60, 10).await, ["b1"]);
    assert_eq!(claim(store, of("a"), "w2", 60, 10).await, ["a1"], "w1 has the second one");
    assert_eq!(claim(store, of("a"), "w2", 101, 2).await, ["a1", "a2"], "until its lease ends");
    assert!(claim(store, Which::Expired, "w3", 101, 10).await.is_empty());
    assert_eq!(
        claim(store, Which::Expired, "w3", 170, 10).await,
        ["b1", "c1"],
        "only the first of a process"
    );
    assert_eq!(claim(store, Which::Expired, "w3", 201, 10).await, ["a1"]);
    store.commit(one(Write::Dequeue { id: "a1".to_owned() })).await.unwrap();
    assert_eq!(claim(store, of("a"), "w3", 202, 10).await, ["a2", "a3"]);
    assert_eq!(claim(store, of("a"), "w3", 203, 10).await, ["a2", "a3"], "a worker may claim its own again");
    empty(store).await;
}

/// Leases of workers that are gone are void, whenever they end.
pub(super) async fn a_new_start(store: &dyn Store) {
    for (id, process) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
        store.commit(one(enqueue(id, process))).await.unwrap();
    }
    store.take_over(&lease("w2", 500)).await.unwrap();
    let pair = |process: &str| (process.to_owned(), "did:web:a".to_owned());
    assert_eq!(store.waiting("", 10).await.unwrap(), [pair("a"), pair("b")]);
    assert_eq!(store.waiting("", 1).await.unwrap(), [pair("a")]);
    assert_eq!(store.waiting("a", 10).await.unwrap(), [pair("b")]);
    assert_eq!(claim(store, due(5), "w2", 5, 10).await, ["a1", "b1"]);
    store.commit(one(Write::Dequeue { id: "a1".to_owned() })).await.unwrap();
    assert_eq!(claim(store, of("a"), "w2", 6, 10).await, ["a2"]);
    empty(store).await;
}
