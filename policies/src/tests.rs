//! Semantics by example, and properties of the engine.

use crate::*;
use ontology::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn policy(value: Value) -> Policy {
    Policy::parse(&value).unwrap()
}

fn only(left: &str, operator: &str, right: Value) -> Policy {
    policy(json!({"@type": "Set", "permission": [{"action": "use", "constraint": [
        {"leftOperand": left, "operator": operator, "rightOperand": right}]}]}))
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn facts() -> Facts {
    let mut facts = Facts { now: at("2026-06-01T00:00:00Z"), phase: Phase::Transfer, ..Facts::default() };
    facts.assignee = Some("did:web:c.example".to_owned());
    facts.claims.insert("spatial".to_owned(), vec!["FR".to_owned()]);
    facts.agreed_at = Some(at("2026-05-01T00:00:00Z"));
    facts.uses = Some(1);
    facts
}

#[test]
fn the_twelve_operators_on_their_operands() {
    for (left, operator, right, expected) in [
        ("dateTime", "lt", json!("2026-06-02T00:00:00Z"), true),
        ("dateTime", "lt", json!("2026-06-01T02:00:00+02:00"), false),
        ("dateTime", "lteq", json!("2026-06-01T02:00:00+02:00"), true),
        ("dateTime", "gt", json!("2026-06-01"), false),
        ("dateTime", "gteq", json!("2026-06-01"), true),
        ("dateTime", "eq", json!("2026-06-01T00:00:00Z"), true),
        ("dateTime", "neq", json!("2026-06-01T00:00:00Z"), false),
        ("spatial", "eq", json!("FRA"), true),
        ("spatial", "neq", json!("BE"), true),
        ("spatial", "isPartOf", json!("EU"), true),
        ("spatial", "isAnyOf", json!(["BE", "DE"]), false),
        ("spatial", "isNoneOf", json!(["BE", "DE"]), true),
        ("spatial", "hasPart", json!("FR"), true),
        ("recipient", "eq", json!("did:web:c.example"), true),
        ("recipient", "isAllOf", json!(["did:web:c.example"]), true),
        ("recipient", "isA", json!("did:web:d.example"), false),
        ("count", "lteq", json!("1"), true),
        ("count", "lt", json!("1"), false),
        ("elapsedTime", "lteq", json!("P30D"), false),
        ("elapsedTime", "lteq", json!("P31D"), true),
        ("inForceDate", "lteq", json!("contractAgreement+32d"), true),
        ("inForceDate", "lteq", json!("contractAgreement+30d"), false),
    ] {
        let verdict = decide(&only(left, operator, right.clone()), &facts());
        assert_eq!(verdict.permitted, expected, "{left} {operator} {right}: {:?}", verdict.clauses);
    }
}

#[test]
fn what_is_not_known_never_grants() {
    let nobody = Facts { phase: Phase::Transfer, now: at("2026-06-01"), ..Facts::default() };
    for (left, operator, right) in [
        ("spatial", "neq", json!("BE")),
        ("spatial", "isNoneOf", json!(["BE"])),
        ("purpose", "neq", json!("advertising")),
        ("count", "lteq", json!("5")),
        ("elapsedTime", "lteq", json!("P1D")),
        ("recipient", "isNoneOf", json!(["did:web:x"])),
        ("moonPhase", "neq", json!("full")),
    ] {
        assert!(
            !decide(&only(left, operator, right.clone()), &nobody).permitted,
            "{left} {operator} {right}"
        );
    }
    let forbidden =
        policy(json!({"permission": [{"action": "use"}], "prohibition": [{"action": "use", "constraint": [
        {"leftOperand": "spatial", "operator": "eq", "rightOperand": "BE"}]}]}));
    assert!(!decide(&forbidden, &nobody).permitted, "an undecidable prohibition is active");
    assert!(decide(&forbidden, &facts()).permitted);
    assert!(!decide(&policy(json!({"@type": "Set"})), &facts()).permitted, "closed world");
}

#[test]
fn logic_joins_and_several_permissions_are_alternatives() {
    let c = |left: &str, right: &str| json!({"leftOperand": left, "operator": "eq", "rightOperand": right});
    for (logic, items, expected) in [
        ("and", json!([c("spatial", "FR"), c("recipient", "did:web:c.example")]), true),
        ("and", json!([c("spatial", "FR"), c("recipient", "did:web:x")]), false),
        ("or", json!([c("spatial", "BE"), c("recipient", "did:web:c.example")]), true),
        ("xone", json!([c("spatial", "FR"), c("recipient", "did:web:c.example")]), false),
        ("xone", json!([c("spatial", "FR"), c("recipient", "did:web:x")]), true),
        ("andSequence", json!([c("spatial", "FR"), c("recipient", "did:web:c.example")]), true),
    ] {
        let p = policy(json!({"permission": [{"action": "use", "constraint": [{logic: items}]}]}));
        assert_eq!(decide(&p, &facts()).permitted, expected, "{logic}");
    }
    let either = policy(json!({"permission": [
        {"action": "use", "constraint": [c("spatial", "BE")]}, {"action": "use", "constraint": [c("spatial", "FR")]}]}));
    assert!(decide(&either, &facts()).permitted);
    assert!(!decide(&policy(json!({"permission": [{"action": "read"}]})), &facts()).permitted);
}

#[test]
fn stages_defer_what_they_cannot_know() {
    let counted = only("count", "lteq", json!("5"));
    let mut early = Facts { phase: Phase::Negotiation, ..facts() };
    (early.uses, early.agreed_at) = (None, None);
    let verdict = decide(&counted, &early);
    assert!(verdict.permitted);
    assert_eq!(verdict.clauses.first().unwrap().outcome, Outcome::Deferred);
    let purpose = only("purpose", "isAnyOf", json!(["research"]));
    assert!(decide(&purpose, &Facts { phase: Phase::Catalogue, ..early.clone() }).permitted);
    assert!(!decide(&purpose, &early).permitted);
    early.purpose = Some(vec!["https://purpose.example/research".to_owned()]);
    assert!(decide(&purpose, &early).permitted);
}

#[test]
fn the_next_change_is_the_nearest_instant() {
    let p = policy(json!({"permission": [{"action": "use", "constraint": [
        {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2026-07-01T00:00:00Z"},
        {"leftOperand": "elapsedTime", "operator": "lteq", "rightOperand": "P40D"}]}]}));
    let verdict = decide(&p, &facts());
    assert_eq!(verdict.next_change, Some(at("2026-06-10T00:00:00Z")));
    assert_eq!(decide(&only("spatial", "eq", json!("FR")), &facts()).next_change, None);
}

#[test]
fn every_spelling_is_the_same_policy() {
    let plain = only("spatial", "eq", json!("FR"));
    let compact = policy(json!({
        "@context": {"odrl": "http://www.w3.org/ns/odrl/2/"}, "@type": "odrl:Set",
        "odrl:permission": {"odrl:action": {"@id": "odrl:use"}, "odrl:constraint": {
            "odrl:leftOperand": {"@id": "odrl:spatial"}, "odrl:operator": {"@id": "odrl:eq"}, "odrl:rightOperand": "FR"}},
    }));
    let expanded = policy(json!({
        "@type": ["http://www.w3.org/ns/odrl/2/Set"],
        "http://www.w3.org/ns/odrl/2/permission": [{
            "http://www.w3.org/ns/odrl/2/action": [{"@id": "http://www.w3.org/ns/odrl/2/use"}],
            "http://www.w3.org/ns/odrl/2/constraint": [{
                "http://www.w3.org/ns/odrl/2/leftOperand": [{"@id": "http://www.w3.org/ns/odrl/2/spatial"}],
                "http://www.w3.org/ns/odrl/2/operator": [{"@id": "http://www.w3.org/ns/odrl/2/eq"}],
                "http://www.w3.org/ns/odrl/2/rightOperand": [{"@value": "FR"}]}]}],
    }));
    assert!(plain.same_terms(&compact) && plain.same_terms(&expanded));
    assert!(!plain.same_terms(&only("spatial", "eq", json!("BE"))));
    assert!(!plain.same_terms(&policy(json!({"permission": [{"action": "use"}]}))));
}

#[test]
fn order_does_not_matter_but_meaning_does() {
    let a = policy(json!({"permission": [{"action": "use", "constraint": [
        {"leftOperand": "spatial", "operator": "isAnyOf", "rightOperand": ["FR", "BE"]},
        {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2026-07-01T00:00:00Z"}]}]}));
    let b = policy(json!({"permission": [{"action": "odrl:use", "constraint": [{"and": [
        {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2026-07-01T02:00:00+02:00"},
        {"leftOperand": "spatial", "operator": "isAnyOf", "rightOperand": ["BE", "FR"]}]}]}]}));
    assert!(a.same_terms(&b));
}

#[test]
fn unsupported_terms_are_named_with_their_path() {
    for (value, path) in [
        (json!({"permission": [{"action": "fly"}]}), "permission/0/action"),
        (
            json!({"permission": [{"action": "use", "constraint": [{"leftOperand": "moonPhase", "operator": "eq", "rightOperand": "x"}]}]}),
            "permission/0/constraint/0/leftOperand",
        ),
        (
            json!({"permission": [{"action": "use", "constraint": [{"leftOperand": "dateTime", "operator": "isAnyOf", "rightOperand": ["2026-01-01"]}]}]}),
            "permission/0/constraint/0/operator",
        ),
        (
            json!({"permission": [{"action": "use", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": "many"}]}]}),
            "permission/0/constraint/0/rightOperand",
        ),
        (
            json!({"permission": [{"action": "use", "duty": [{"action": "compensate"}]}]}),
            "permission/0/duty/0",
        ),
        (json!({"profile": "https://profile.example/", "permission": [{"action": "use"}]}), "profile"),
    ] {
        let found = policy(value.clone()).unsupported();
        assert_eq!(found.first().map(|u| u.path.as_str()), Some(path), "{value}");
    }
    assert!(only("spatial", "isPartOf", json!("EU")).unsupported().is_empty());
}

#[test]
fn errors_name_the_path() {
    for (value, path) in [
        (json!([]), "policy"),
        (json!({"permission": [{}]}), "permission/0/action"),
        (
            json!({"permission": [{"action": "use", "constraint": [{"operator": "eq", "rightOperand": "x"}]}]}),
            "permission/0/constraint/0/leftOperand",
        ),
        (
            json!({"permission": [{"action": "use", "constraint": [{"leftOperand": "count", "operator": "almost", "rightOperand": "x"}]}]}),
            "permission/0/constraint/0/operator",
        ),
        (
            json!({"permission": [{"action": "use", "constraint": [{"leftOperand": "count", "operator": "eq"}]}]}),
            "permission/0/constraint/0/rightOperand",
        ),
        (
            json!({"permission": [{"action": "use", "constraint": [{"and": [], "or": []}]}]}),
            "permission/0/constraint/0",
        ),
    ] {
        let error = Policy::parse(&value).unwrap_err();
        assert!(error.path.starts_with(path), "{value}: {error}");
    }
}

#[test]
fn sentences_and_refusals_in_both_languages() {
    let p = policy(json!({
        "permission": [{"action": "use", "constraint": [
            {"leftOperand": "spatial", "operator": "eq", "rightOperand": "BE"},
            {"leftOperand": "count", "operator": "lteq", "rightOperand": "5"}]}],
        "obligation": [{"action": "attribute"}],
    }));
    insta::assert_snapshot!(sentences(&p, Lang::En).join("\n"), @r"
    You may use the data, provided that the country of your seat is Belgium (BE) and the number of uses is at most 5.
    You must name the source.
    ");
    insta::assert_snapshot!(sentences(&p, Lang::Fr).join("\n"), @r"
    Vous pouvez utiliser les données, à condition que : le pays de votre siège est Belgique (BE) et le nombre d’usages est au plus 5.
    Vous devez citer la source.
    ");
    let verdict = decide(&p, &facts());
    insta::assert_snapshot!(refusal(&verdict, Lang::En).join("\n"), @"the condition “the country of your seat is Belgium (BE)” is not met (found: France (FR))");
    insta::assert_snapshot!(refusal(&verdict, Lang::Fr).join("\n"), @"la condition “le pays de votre siège est Belgique (BE)” n’est pas remplie (constaté : France (FR))");
    assert!(
        refusal(&decide(&policy(json!({"permission": [{"action": "use"}]})), &facts()), Lang::En).is_empty()
    );
}

#[test]
fn the_published_policy_classes_load_or_fail_cleanly() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/odrl/ids-policy-classes");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let (mut read, mut refused) = (0, 0);
    for entry in entries {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        match Policy::parse(&value) {
            Ok(policy) => {
                read += 1;
                assert!(decide(&policy, &facts()).clauses.len() < 1000);
            }
            Err(error) => {
                refused += 1;
                assert!(!error.reason.is_empty() && !error.path.is_empty());
            }
        }
    }
    println!("{read} read, {refused} refused with a path");
    assert!(read + refused >= 20);
}

fn constraint() -> impl Strategy<Value = Value> {
    let left = prop_oneof![
        Just("dateTime"),
        Just("spatial"),
        Just("purpose"),
        Just("recipient"),
        Just("count"),
        Just("elapsedTime"),
        Just("moonPhase"),
        Just("claim:role"),
    ];
    let operator = prop_oneof![
        Just("eq"),
        Just("neq"),
        Just("lt"),
        Just("lteq"),
        Just("gt"),
        Just("gteq"),
        Just("isA"),
        Just("isPartOf"),
        Just("hasPart"),
        Just("isAnyOf"),
        Just("isNoneOf"),
        Just("isAllOf"),
    ];
    let right = prop_oneof![
        Just(json!("FR")),
        Just(json!("2026-01-01T00:00:00Z")),
        Just(json!("3")),
        Just(json!("P1D")),
        Just(json!(["FR", "BE"])),
        Just(json!("did:web:c.example")),
        "[a-z]{1,8}".prop_map(|s| json!(s)),
    ];
    let atomic = (left, operator, right)
        .prop_map(|(l, o, r)| json!({"leftOperand": l, "operator": o, "rightOperand": r}));
    atomic.prop_recursive(3, 12, 3, |inner| {
        (
            prop_oneof![Just("and"), Just("or"), Just("xone"), Just("andSequence")],
            prop::collection::vec(inner, 1..4),
        )
            .prop_map(|(logic, items)| json!({logic: items}))
    })
}

proptest! {
    #[test]
    fn writing_then_reading_gives_it_back(items in prop::collection::vec(constraint(), 0..3)) {
        let p = policy(json!({"@id": "urn:p", "permission": [{"action": "use", "constraint": items}]}));
        let again = Policy::parse(&p.to_json()).unwrap();
        prop_assert!(p.same_terms(&again), "{} / {}", p.to_json(), again.to_json());
        prop_assert_eq!(p.to_json(), again.to_json());
    }

    #[test]
    fn knowing_less_never_permits_more(items in prop::collection::vec(constraint(), 0..3)) {
        // Without disjunctions of negations, taking facts away can only turn a permission into a refusal.
        let p = policy(json!({"permission": [{"action": "use", "constraint": items}]}));
        let less = Facts { now: facts().now, phase: Phase::Transfer, ..Facts::default() };
        if decide(&p, &less).permitted {
            prop_assert!(decide(&p, &facts()).permitted, "{}", p.to_json());
        }
    }

    #[test]
    fn one_more_condition_never_permits_more(items in prop::collection::vec(constraint(), 1..4)) {
        let whole = policy(json!({"permission": [{"action": "use", "constraint": items}]}));
        let fewer = policy(json!({"permission": [{"action": "use", "constraint": &items[1..]}]}));
        if decide(&whole, &facts()).permitted {
            prop_assert!(decide(&fewer, &facts()).permitted);
        }
    }
}
