//! Checks of filtered, sorted and paged reading; the first fills the table for the others.

use super::{one, put};
use engine::port::{Expect, Query, Row, Store, StoreError};
use engine::record::{Criterion, Kind};
use serde_json::{Value, json};

pub(super) async fn criteria(store: &dyn Store) {
    for (id, name, size) in [("a", "Alpha", json!(1)), ("b", "beta_1", json!(2)), ("c", "Gamma", json!(3.5))]
    {
        let doc = json!({
            "id": id, "size": size, "big": id != "a", "tags": [id, "all", 7], "only": null,
            "p": {"https://x/y.z": name, "k\"q\\": id},
            "at": 1_700_000_000_500_i64 + if id == "a" { 0 } else { 1_000 },
            "list": [{"k": id, "n": 1}, "text", {"k": "all", "x.y": [id]}, null],
        });
        store.commit(one(put(Kind::Document, id, doc, Expect::Absent))).await.unwrap();
    }
    let more = json!({"id": "d", "size": "2", "mixed": true});
    store.commit(one(put(Kind::Document, "d", more, Expect::Absent))).await.unwrap();
    for (left, operator, right, expected) in [
        ("id", "=", json!("a"), "a"),
        ("id", "!=", json!("a"), "bcd"),
        ("id", "in", json!(["a", "c"]), "ac"),
        ("id", "not in", json!(["a", "c"]), "bd"),
        ("id", "in", json!([]), ""),
        ("id", ">", json!("b"), "cd"),
        ("size", "<", json!(2), "a"),
        ("size", "<=", json!(2), "ab"),
        ("size", ">", json!(2), "c"),
        ("size", ">=", json!(2.0), "bc"),
        ("size", "=", json!(3.5), "c"),
        ("size", "in", json!([1, 3.5]), "ac"),
        // Numbers and texts neither equal nor precede each other; they do differ.
        ("size", "=", json!("2"), "d"),
        ("size", "=", json!(2), "b"),
        ("size", "<", json!("9"), "d"),
        ("size", "in", json!(["2"]), "d"),
        ("size", "!=", json!("2"), "abc"),
        ("big", "=", json!(true), "bc"),
        ("big", "!=", json!(true), "a"),
        ("big", "=", json!(1), ""),
        ("big", "in", json!([1]), ""),
        ("big", "in", json!([false]), "a"),
        ("mixed", "=", json!("true"), ""),
        ("p.'https://x/y.z'", "like", json!("%a"), "ac"),
        ("p.'https://x/y.z'", "like", json!("g%"), ""),
        ("p.'https://x/y.z'", "ilike", json!("g%"), "c"),
        ("p.'https://x/y.z'", "LIKE", json!("beta_1"), "b"),
        ("p.'https://x/y.z'", "like", json!("*"), ""),
        ("p.'k\"q\\'", "=", json!("b"), "b"),
        ("size", "like", json!("%"), "d"),
        ("tags", "contains", json!("b"), "b"),
        ("tags", "contains", json!("all"), "abc"),
        ("tags", "contains", json!("7"), ""),
        ("tags", "contains", json!(7), "abc"),
        ("id", "contains", json!("a"), "a"),
        ("p", "contains", json!("Alpha"), ""),
        // One entry of a list is enough.
        ("list[*].k", "=", json!("b"), "b"),
        ("list[*].k", "=", json!("all"), "abc"),
        ("list[*].k", "in", json!(["a", "c"]), "ac"),
        ("list[*].k", "!=", json!("all"), "abc"),
        ("list[*].k", "ilike", json!("A"), "a"),
        ("list[*].n", ">", json!(1), ""),
        ("list[*].'x.y'", "contains", json!("c"), "c"),
        ("list[*].k.k", "=", json!("a"), ""),
        ("id[*].k", "=", json!("a"), ""),
        ("none[*].k", "=", json!("a"), ""),
        // A time in whole seconds.
        ("seconds(at)", "=", json!(1_700_000_000), "a"),
        ("seconds(at)", "!=", json!(1_700_000_000), "bc"),
        ("seconds(at)", "in", json!([1_700_000_000, 5]), "a"),
        ("seconds(at)", "not in", json!([1_700_000_000]), "bc"),
        ("seconds(at)", "<=", json!(1_700_000_000), "a"),
        ("seconds(at)", ">", json!(1_700_000_000), "bc"),
    ] {
        let found = ids(store, vec![(left, operator, right.clone())]).await.unwrap();
        assert_eq!(found, expected, "{left} {operator} {right}");
    }
    for missing in ["nothing", "only", "id.below", "p.nothing"] {
        for operator in ["=", "!=", "<", "<=", ">", ">=", "like", "ilike", "contains"] {
            assert_eq!(
                ids(store, vec![(missing, operator, json!("a"))]).await.unwrap(),
                "",
                "{missing} {operator}"
            );
        }
        for (operator, right) in [("in", json!(["a"])), ("not in", json!(["a"])), ("not in", json!([]))] {
            assert_eq!(
                ids(store, vec![(missing, operator, right)]).await.unwrap(),
                "",
                "{missing} {operator}"
            );
        }
    }
    let both = ids(store, vec![("size", ">", json!(1)), ("id", "!=", json!("c"))]).await.unwrap();
    assert_eq!(both, "b", "criteria are joined by and");
}

pub(super) async fn refused(store: &dyn Store) {
    for (left, operator, right) in [
        ("id", "~", json!("a")),
        ("id", "= 1 OR 1 =", json!("a")),
        ("id", "in", json!("a")),
        ("id", "not in", json!([["a"]])),
        ("id", "=", json!([1])),
        ("id", "contains", json!({})),
        ("id", "like", json!(1)),
        ("id", "ilike", json!("%".repeat(60_000))),
        ("a..b", "=", json!(1)),
        ("", "=", json!(1)),
        ("'open", "=", json!(1)),
    ] {
        let found = ids(store, vec![(left, operator, right)]).await;
        assert!(matches!(found, Err(StoreError::BadQuery(..))), "{left} {operator} {found:?}");
    }
    let many = ids(store, vec![("id", "=", json!("a")); 5000]).await;
    assert!(matches!(many, Err(StoreError::BadQuery(..))), "{many:?}");
    let sorted = Query { sort_field: Some("'".to_owned()), ..Query::default() };
    assert!(matches!(store.query(Kind::Document, &sorted).await, Err(StoreError::BadQuery(..))));
    let long = (0..40_000).map(|n| json!(n)).collect::<Vec<_>>();
    assert_eq!(ids(store, vec![("size", "in", json!(long))]).await.unwrap(), "ab", "a list may be long");
}

pub(super) async fn pages(store: &dyn Store) {
    let page = |offset, limit, sort: Option<&'static str>, descending| async move {
        let sort_field = sort.map(str::to_owned);
        let query = Query { offset, limit, sort_field, descending, filter: Vec::new() };
        letters(&store.query(Kind::Document, &query).await.unwrap())
    };
    assert_eq!(page(0, 50, None, false).await, "abcd", "in the order of creation");
    assert_eq!(page(0, 50, None, true).await, "dcba");
    assert_eq!(page(1, 2, None, false).await, "bc");
    assert_eq!(page(0, 0, None, false).await, "");
    assert_eq!(page(9, 50, None, false).await, "");
    assert_eq!(page(0, u64::MAX, Some("p.'https://x/y.z'"), true).await, "bcad", "those without it last");
    assert_eq!(page(0, 50, Some("big"), false).await, "dabc", "equals by age");
}

fn letters(rows: &[Row]) -> String {
    rows.iter().map(|r| super::value(r)["id"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn ids(store: &dyn Store, filter: Vec<(&str, &str, Value)>) -> Result<String, StoreError> {
    let filter = filter
        .into_iter()
        .map(|(left, operator, right)| Criterion {
            operand_left: left.to_owned(),
            operator: operator.to_owned(),
            operand_right: right,
        })
        .collect();
    let rows = store.query(Kind::Document, &Query { filter, ..Query::default() }).await?;
    Ok(letters(&rows))
}
