//! The short way of reading and the general one give the same model.

use super::differential::{cases, whole_policy};
use super::*;
use crate::terms::{ACTIONS, deprecated, is_operand};
use proptest::prelude::*;

/// Both ways agree: where the short way reads a document, the general one reads the same, without an error.
fn agree(document: &Value) -> Result<bool, TestCaseError> {
    let short = Policy::read_plain(document);
    let general = Policy::read_json_ld(document);
    // Errors have one source: what is wrong is left to the general way.
    prop_assert_eq!(Policy::parse(document), general.clone(), "{}", document);
    match short {
        Some(policy) => {
            prop_assert_eq!(Ok(policy), general, "{}", document);
            Ok(true)
        }
        None => Ok(false),
    }
}

fn is_short(document: &Value) -> bool {
    agree(document).unwrap_or_else(|e| panic!("{e}"))
}

/// Values that may stand anywhere, also where they are wrong.
fn leaf() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!("use"),
        json!("odrl:use"),
        json!("edc:inForceDate"),
        json!("edc://x"),
        json!("xsd:date"),
        json!("http://www.w3.org/ns/odrl/2/USE"),
        json!("claim:role"),
        json!("urn:x"),
        json!("did:web:a.example"),
        json!("dct:title"),
        json!("_:b0"),
        json!("a:b"),
        json!(":b"),
        json!("@id"),
        json!("@nothing"),
        json!(""),
        json!(" "),
        json!("relative"),
        json!("uid"),
        json!("type"),
        json!("profile"),
        json!("code"),
        json!("log"),
        json!("eq"),
        json!("perm"),
        json!("Offer"),
        json!("Ticket"),
        json!("Duty"),
        json!("Policy"),
        json!("inForceDate"),
        json!(5),
        json!(1.5e30),
        json!(-0.0),
        json!(true),
        Value::Null,
        json!([]),
        json!({}),
        json!({"@id": "urn:y"}),
        json!({"@id": "odrl:read"}),
        json!({"@id": "urn:y", "@type": "Asset"}),
        json!({"@value": "2026-06-01", "@type": "xsd:date"}),
        json!({"@value": "2026-06-01", "@type": "date"}),
        json!({"@value": "x", "@language": "fr"}),
        json!({"@value": 7}),
        json!({"@value": null}),
        json!({"@list": ["a"]}),
        json!({"@set": ["a"]}),
        json!(["a", ["b"]]),
        json!(["a", "urn:b", 3]),
        json!(["a", null]),
        json!({"action": "use"}),
        json!([{"action": "log", "consequence": [{"action": "inform"}]}]),
        json!({"leftOperand": "count", "operator": "lteq", "rightOperand": 3}),
        json!({"or": [{"leftOperand": "spatial", "operator": "eq", "rightOperand": "FR"}]}),
    ])
}

/// What a document of the protocol is made of, with anything in the place of anything.
fn any_document() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "@context",
        "@id",
        "@type",
        "id",
        "uid",
        "target",
        "assigner",
        "assignee",
        "profile",
        "conflict",
        "inheritFrom",
        "permission",
        "prohibition",
        "obligation",
        "timestamp",
        "action",
        "constraint",
        "duty",
        "consequence",
        "remedy",
        "leftOperand",
        "operator",
        "rightOperand",
        "unit",
        "status",
        "and",
        "or",
        "xone",
        "andSequence",
        "odrl:permission",
        "moon",
    ]);
    leaf().prop_recursive(5, 40, 4, move |inner| {
        let object = prop::collection::vec((key.clone(), inner.clone()), 0..4)
            .prop_map(|members| Value::Object(members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()));
        prop_oneof![2 => object, 1 => prop::collection::vec(inner, 0..3).prop_map(Value::Array)]
    })
}

/// A place in the document, as the steps to it.
fn places(value: &Value, here: &str, out: &mut Vec<String>) {
    out.push(here.to_owned());
    match value {
        Value::Object(members) => members.iter().for_each(|(k, v)| places(v, &format!("{here}/{k}"), out)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, v)| places(v, &format!("{here}/{n}"), out))
        }
        _ => {}
    }
}

/// One value of the document becomes another.
fn changed(mut document: Value, place: prop::sample::Index, value: Value) -> Value {
    let mut all = Vec::new();
    places(&document, "", &mut all);
    if let Some(found) = document.pointer_mut(place.get(&all).as_str()) {
        *found = value;
    }
    document
}

fn plain() -> impl Strategy<Value = Value> {
    (whole_policy(), any::<bool>()).prop_map(|(mut document, context)| {
        let members = document.as_object_mut().unwrap();
        members.shift_remove("@context");
        if context {
            members.insert("@context".into(), json!([ontology::jsonld::DSPACE_CONTEXT]));
        }
        document
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn both_ways_read_policies_alike(document in plain()) {
        agree(&document)?;
    }

    #[test]
    fn both_ways_read_simple_policies_alike(document in laws::any_policy()) {
        agree(&document)?;
    }

    #[test]
    fn both_ways_read_spoilt_policies_alike(
        document in prop_oneof![plain(), laws::any_policy()],
        changes in prop::collection::vec((any::<prop::sample::Index>(), leaf()), 1..4),
    ) {
        let document = changes.into_iter().fold(document, |d, (place, value)| changed(d, place, value));
        if document.is_object() {
            agree(&document)?;
        }
    }

    #[test]
    fn both_ways_read_anything_alike(document in any_document()) {
        if document.is_object() {
            agree(&document)?;
        }
    }
}

#[test]
fn every_word_of_the_vocabulary_reads_alike() {
    let rule = |action: &str| json!({"permission": [{"action": action}]});
    let actions = ACTIONS.iter().map(|(name, _)| *name).chain(deprecated()).chain(["log"]);
    let mut read = 0;
    for action in actions {
        assert!(is_short(&rule(action)), "{action}");
        read += 1;
    }
    assert!(read > 50, "{read}");
    for action in ["USE", "unheard", "profile", "code", "type", "uid", "@id", ""] {
        assert!(!is_short(&rule(action)), "{action}");
    }
    let context: Value = serde_json::from_str(include_str!("../../../ontology/contexts/odrl.json")).unwrap();
    let words = context["@context"].as_object().unwrap().keys();
    for word in words.map(String::as_str).chain(["inForceDate", "moon"]) {
        for operator in ["eq", "odrl:lteq", "isAnyOf", "anyOf", "="] {
            let c = json!({"leftOperand": word, "operator": operator, "rightOperand": "x"});
            let short = is_short(&json!({"permission": [{"action": "use", "constraint": c}]}));
            let known = (is_operand(word) || word == "inForceDate") && !["anyOf", "="].contains(&operator);
            assert_eq!(short, known, "{word} {operator}");
        }
    }
    for kind in
        ["Set", "Policy", "Offer", "Agreement", "Request", "Ticket", "Assertion", "Privacy", "odrl:Offer"]
    {
        assert!(is_short(&json!({"@type": kind})), "{kind}");
    }
    for kind in ["Rule", "dcat:Dataset", "urn:x"] {
        assert!(!is_short(&json!({"@type": kind})), "{kind}");
    }
}

#[test]
fn the_forms_of_the_protocol_go_the_short_way() {
    let full = json!({
        "@context": [ontology::jsonld::DSPACE_CONTEXT], "@type": "Agreement", "@id": "urn:uuid:1",
        "assigner": "did:web:p.example", "assignee": "did:web:c.example", "target": "urn:uuid:2",
        "timestamp": "2026-01-01T00:00:00Z", "profile": "http://www.w3.org/ns/odrl/2/core", "conflict": "prohibit",
        "permission": [{"@type": "Permission", "action": "use", "constraint": [
            {"leftOperand": "spatial", "operator": "isAnyOf", "rightOperand": ["FR", "DE"]},
            {"leftOperand": "payAmount", "operator": "eq", "rightOperand": 5, "unit": "urn:EUR"},
            {"or": [
                {"leftOperand": "edc:inForceDate", "operator": "gteq", "rightOperand": "contractAgreement+0s"},
                {"leftOperand": "dateTime", "operator": "lt", "rightOperand": {"@value": "2027-01-01", "@type": "xsd:date"}},
            ]}],
            "duty": {"action": "odrl:log", "consequence": [{"action": "inform"}]}}],
        "prohibition": [{"action": "distribute", "remedy": {"action": "delete"}}],
        "obligation": [{"action": "delete", "assignee": "did:web:c.example"}],
    });
    assert!(is_short(&full));
    for context in [json!(ontology::jsonld::DSPACE_CONTEXT), json!("http://www.w3.org/ns/odrl.jsonld")] {
        let mut other = full.clone();
        other["@context"] = context;
        assert!(is_short(&other), "{other}");
    }
    // A context of the document's own may give any name another meaning.
    for context in [json!({"use": "urn:other"}), Value::Null, json!(["urn:unknown"])] {
        let mut other = full.clone();
        other["@context"] = context;
        assert!(!is_short(&other), "{other}");
    }
}

#[test]
fn both_ways_have_the_same_limit() {
    let of = |n: usize| {
        let values: Vec<Value> = (0..n).map(|n| json!(n)).collect();
        json!({"permission": [{"action": "use", "constraint": [atom("purpose", "isAnyOf", json!(values))]}]})
    };
    // The rule, its action and its constraint are parts as well.
    assert!(is_short(&of(9997)));
    assert!(!is_short(&of(9998)));
    assert!(Policy::parse(&of(9998)).is_err());
}
