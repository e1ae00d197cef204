//! What every store must do. A new implementation passes this, and nothing else needs to know about it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test suite"
)]

mod outbox;
mod queries;

use engine::port::{
    Change, Doc, EventFilter, Expect, Index, NewEvent, Row, Store, StoreError, Watched, Write,
};
use engine::record::Kind;
use futures_util::future::join_all;
use ontology::time::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// Runs every check against an empty store.
pub async fn run(store: &dyn Store) {
    store.ping().await.unwrap();
    versions(store).await;
    all_or_nothing(store).await;
    look_ups(store).await;
    queries::criteria(store).await;
    queries::refused(store).await;
    queries::pages(store).await;
    outbox::order(store).await;
    outbox::claims(store).await;
    outbox::a_new_start(store).await;
    timers(store).await;
    events(store).await;
    seen(store).await;
    uses(store).await;
    at_the_same_time(store).await;
}

fn put(kind: Kind, id: &str, doc: Value, expect: Expect) -> Write {
    Write::Put { kind, id: id.to_owned(), doc: Doc::of(&doc).unwrap(), expect, index: Index::default() }
}

fn value(row: &Row) -> Value {
    row.doc.read().unwrap()
}

fn one(write: Write) -> Change {
    Change::new().and(write)
}

async fn versions(store: &dyn Store) {
    let kind = Kind::Asset;
    store.commit(one(put(kind, "v", json!({"n": 1}), Expect::Absent))).await.unwrap();
    let again = store.commit(one(put(kind, "v", json!({}), Expect::Absent))).await;
    assert_eq!(again, Err(StoreError::Exists(kind, "v".to_owned())));
    store.commit(one(put(kind, "v", json!({"n": 2}), Expect::Version(1)))).await.unwrap();
    let row = store.get(kind, "v").await.unwrap().unwrap();
    assert_eq!((value(&row), row.version), (json!({"n": 2}), 2));
    let stale = store.commit(one(put(kind, "v", json!({}), Expect::Version(1)))).await;
    assert_eq!(stale, Err(StoreError::Stale(kind, "v".to_owned())));
    let missing = store.commit(one(put(kind, "none", json!({}), Expect::Version(1)))).await;
    assert_eq!(missing, Err(StoreError::Missing(kind, "none".to_owned())));
    store.commit(one(put(kind, "v", json!({"n": 3}), Expect::Any))).await.unwrap();
    assert_eq!(store.get(kind, "v").await.unwrap().unwrap().version, 3);
    store.commit(one(Write::Delete { kind, id: "v".to_owned() })).await.unwrap();
    assert_eq!(store.get(kind, "v").await.unwrap(), None);
    let gone = store.commit(one(Write::Delete { kind, id: "v".to_owned() })).await;
    assert_eq!(gone, Err(StoreError::Missing(kind, "v".to_owned())));
}

async fn all_or_nothing(store: &dyn Store) {
    let kind = Kind::Secret;
    store.commit(one(put(kind, "kept", json!({"n": 1}), Expect::Any))).await.unwrap();
    assert_eq!(store.get(kind, "kept").await.unwrap().unwrap().version, 1, "any: inserted");
    store.commit(one(outbox::enqueue("queued", "half"))).await.unwrap();
    let change = Change::new()
        .and(put(kind, "first", json!({}), Expect::Absent))
        .and(put(Kind::Asset, "first", json!({}), Expect::Any))
        .and(Write::Delete { kind, id: "kept".to_owned() })
        .and(event("half"))
        .and(outbox::enqueue("half", "half"))
        .and(Write::Dequeue { id: "queued".to_owned() })
        .and(Write::Seen { peer: "half".to_owned(), message: "m".to_owned(), at: Timestamp::from_millis(1) })
        .and(put(Kind::Usage, "half", json!({"uses": 1}), Expect::Absent))
        .and(put(kind, "none", json!({}), Expect::Version(9)));
    assert_eq!(store.commit(change).await, Err(StoreError::Missing(kind, "none".to_owned())));
    assert_eq!(store.get(kind, "first").await.unwrap(), None, "nothing of a refused change stays");
    assert_eq!(store.get(Kind::Asset, "first").await.unwrap(), None);
    assert_eq!(value(&store.get(kind, "kept").await.unwrap().unwrap()), json!({"n": 1}));
    assert!(
        store.events(0, 100, &EventFilter::default()).await.unwrap().iter().all(|e| e.event.id != "half")
    );
    let waiting = store.outbox(10).await.unwrap();
    assert_eq!(waiting.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["queued"]);
    assert!(!store.seen("half", "m").await.unwrap());
    assert_eq!(store.get(Kind::Usage, "half").await.unwrap(), None);
    store.commit(one(Write::Dequeue { id: "queued".to_owned() })).await.unwrap();
    store.commit(Change::new()).await.unwrap();
}

async fn look_ups(store: &dyn Store) {
    for (id, pid, state) in [("n1", "p1", "REQUESTED"), ("n2", "p2", "FINALIZED"), ("n3", "p2", "REQUESTED")]
    {
        let index = Index {
            peer: Some("did:web:a".to_owned()),
            peer_pid: Some(pid.to_owned()),
            state: Some(state.to_owned()),
            parent: Some("d".to_owned()),
        };
        let write = Write::Put {
            kind: Kind::Negotiation,
            id: id.to_owned(),
            doc: Doc::of(&json!({"pid": id})).unwrap(),
            expect: Expect::Absent,
            index,
        };
        store.commit(one(write)).await.unwrap();
    }
    let found = store.by_peer_pid(Kind::Negotiation, "did:web:a", "p2").await.unwrap().unwrap();
    assert_eq!(value(&found)["pid"], "n3", "the newest");
    assert_eq!(store.by_peer_pid(Kind::Negotiation, "did:web:b", "p2").await.unwrap(), None);
    let by = |state: Option<&'static str>, parent: Option<&'static str>| async move {
        let rows = store.by_index(Kind::Negotiation, state, parent).await.unwrap();
        rows.iter().map(|r| value(r)["pid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(by(Some("REQUESTED"), None).await, ["n1", "n3"]);
    assert_eq!(by(None, Some("d")).await, ["n1", "n2", "n3"]);
    assert_eq!(by(Some("FINALIZED"), Some("d")).await, ["n2"]);
    assert_eq!(by(None, None).await, ["n1", "n2", "n3"]);
    assert!(by(None, Some("other")).await.is_empty());
    assert!(by(Some("FINALIZED"), Some("other")).await.is_empty());
    // A later write moves a record in the index, and leaves it in its place by age.
    let index = Index { state: Some("FINALIZED".to_owned()), ..Index::default() };
    let (id, doc, expect) = ("n1".to_owned(), Doc::of(&json!({"pid": "n1"})).unwrap(), Expect::Version(1));
    store.commit(one(Write::Put { kind: Kind::Negotiation, id, doc, expect, index })).await.unwrap();
    assert_eq!(by(Some("FINALIZED"), None).await, ["n1", "n2"]);
    assert_eq!(by(Some("REQUESTED"), None).await, ["n3"]);
}

async fn timers(store: &dyn Store) {
    let (a, b) = (Watched::Agreement("x".to_owned()), Watched::Request("x".to_owned()));
    let at = Timestamp::from_millis;
    let set = |what: &Watched, millis: i64| Write::Timer(what.clone(), Some(at(millis)));
    store.commit(one(set(&a, 20)).and(set(&b, 10))).await.unwrap();
    assert_eq!(store.timers().await.unwrap(), [(b.clone(), at(10)), (a.clone(), at(20))]);
    store.commit(one(set(&b, 30))).await.unwrap();
    let refused =
        one(Write::Timer(a.clone(), None)).and(put(Kind::Asset, "none", json!({}), Expect::Version(9)));
    store.commit(refused).await.unwrap_err();
    assert_eq!(store.timers().await.unwrap(), [(a.clone(), at(20)), (b.clone(), at(30))]);
    for what in [a.clone(), b, a] {
        store.commit(one(Write::Timer(what, None))).await.unwrap();
    }
    assert!(store.timers().await.unwrap().is_empty());
}

fn event(id: &str) -> Write {
    Write::Event(Arc::new(NewEvent {
        id: id.to_owned(),
        kind: "k".to_owned(),
        subject: "s".to_owned(),
        at: Timestamp::from_millis(1),
        data: json!({"id": id}),
    }))
}

async fn events(store: &dyn Store) {
    let all = EventFilter::default();
    let from = store.events(0, 1000, &all).await.unwrap().last().map_or(0, |e| e.seq);
    store.commit(Change::new().and(event("e1")).and(event("e2")).and(event("e3"))).await.unwrap();
    let page = store.events(from, 2, &all).await.unwrap();
    assert_eq!(page.iter().map(|e| e.event.id.as_str()).collect::<Vec<_>>(), ["e1", "e2"]);
    let rest = store.events(page[1].seq, 10, &all).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].event.data, json!({"id": "e3"}));
    assert_eq!(store.last_event().await.unwrap(), rest[0].seq);
    let named = |kind: Option<&str>, subject: Option<&str>| EventFilter {
        kind_prefix: kind.map(str::to_owned),
        subject: subject.map(str::to_owned),
    };
    for (filter, count) in [
        (named(Some("k"), None), 3),
        (named(Some("kk"), None), 0),
        (named(None, Some("s")), 3),
        (named(None, Some("other")), 0),
        (named(Some(""), Some("s")), 3),
    ] {
        assert_eq!(store.events(from, 10, &filter).await.unwrap().len(), count, "{filter:?}");
    }
}

async fn seen(store: &dyn Store) {
    let mark = |at: i64| {
        one(Write::Seen { peer: "a".to_owned(), message: "m".to_owned(), at: Timestamp::from_millis(at) })
    };
    assert!(!store.seen("a", "m").await.unwrap());
    store.commit(mark(10)).await.unwrap();
    assert!(store.seen("a", "m").await.unwrap() && !store.seen("b", "m").await.unwrap());
    assert_eq!(store.commit(mark(11)).await, Err(StoreError::Seen("m".to_owned())));
    assert_eq!(store.forget_seen(Timestamp::from_millis(10)).await.unwrap(), 0);
    assert_eq!(store.forget_seen(Timestamp::from_millis(11)).await.unwrap(), 1);
    store.commit(mark(12)).await.unwrap();
}

/// Uses are counted by reading, judging and writing under a guard; nobody's use is lost, and no limit is exceeded.
async fn uses(store: &dyn Store) {
    let use_it = || async {
        loop {
            let found = store.get(Kind::Usage, "g").await.unwrap();
            let (uses, expect) = match &found {
                Some(row) => (value(row)["uses"].as_u64().unwrap(), Expect::Version(row.version)),
                None => (0, Expect::Absent),
            };
            if uses == 3 {
                return false;
            }
            match store.commit(one(put(Kind::Usage, "g", json!({"uses": uses + 1}), expect))).await {
                Ok(()) => return true,
                Err(StoreError::Stale(Kind::Usage, _) | StoreError::Exists(Kind::Usage, _)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let all = join_all((0..20).map(|_| use_it())).await;
    assert_eq!(all.into_iter().filter(|granted| *granted).count(), 3, "never more than the limit");
    assert_eq!(value(&store.get(Kind::Usage, "g").await.unwrap().unwrap()), json!({"uses": 3}));
}

async fn at_the_same_time(store: &dyn Store) {
    let kind = Kind::Edr;
    let names: Vec<String> = (0..200).map(|n| format!("t{n}")).collect();
    let all = names.iter().map(|id| store.commit(one(put(kind, id, json!({"id": id}), Expect::Absent))));
    assert!(join_all(all).await.iter().all(Result::is_ok));
    for id in &names {
        assert_eq!(value(&store.get(kind, id).await.unwrap().unwrap()), json!({"id": id}));
    }
    assert_eq!(store.by_index(kind, None, None).await.unwrap().len(), 200);
    assert_eq!(store.count(kind, None).await.unwrap(), 200);
    assert_eq!(store.count(kind, Some("nowhere")).await.unwrap(), 0);
    let race = (0..20).map(|n| store.commit(one(put(kind, "t0", json!({"n": n}), Expect::Version(1)))));
    let race = join_all(race).await;
    let won: Vec<usize> = race.iter().enumerate().filter(|(_, r)| r.is_ok()).map(|(n, _)| n).collect();
    assert_eq!(won.len(), 1, "one writer of a version wins");
    assert!(
        race.iter().flat_map(|r| r.as_ref().err()).all(|e| *e == StoreError::Stale(kind, "t0".to_owned()))
    );
    let row = store.get(kind, "t0").await.unwrap().unwrap();
    assert_eq!((value(&row), row.version), (json!({"n": won[0]}), 2));
}
