//! Where other engines are known to answer wrongly, and we must not.

use super::*;

/// EDC drops constraints that its scope does not know, and then the rule is true.
#[test]
fn a_constraint_nobody_evaluates_is_not_true() {
    for phase in [Phase::Catalogue, Phase::Negotiation, Phase::Agreement, Phase::Transfer, Phase::Stream] {
        let p = only("https://other.example/Condition", "eq", json!("x"));
        assert!(!permits(&p, &Facts { phase, ..facts() }), "{phase:?}");
        let either = policy(json!({"permission": [{"action": "use", "constraint": [{"xone": [
            atom("https://other.example/Condition", "eq", json!("x")), atom("spatial", "eq", json!("FR"))]}]}]}));
        assert!(
            !permits(&either, &Facts { phase, ..facts() }),
            "xone does not change its meaning: {phase:?}"
        );
    }
}

/// EDC lets a prohibition without constraints pass.
#[test]
fn a_bare_prohibition_forbids() {
    assert!(!permits(
        &policy(json!({"permission": [{"action": "use"}], "prohibition": [{"action": "use"}]})),
        &facts()
    ));
    assert!(permits(&policy(json!({"permission": [{"action": "use"}], "prohibition": []})), &facts()));
}

/// EDC denies when any constraint of a prohibition holds.
#[test]
fn a_prohibition_needs_all_its_constraints() {
    let p = |second: &str| {
        policy(json!({"permission": [{"action": "use"}], "prohibition": [{"action": "use", "constraint": [
        atom("spatial", "eq", json!("FR")), atom("recipient", "eq", json!(second))]}]}))
    };
    assert!(permits(&p("did:web:other"), &facts()));
    assert!(!permits(&p("did:web:c.example"), &facts()));
}

/// EDC demands every permission.
#[test]
fn one_permission_is_enough() {
    let p =
        policy(json!({"permission": [{"action": "use", "constraint": [atom("spatial", "eq", json!("BE"))]},
        {"action": "use", "constraint": [atom("spatial", "eq", json!("FR"))]}]}));
    assert!(permits(&p, &facts()));
}

/// EDC matches neither action nor target nor assignee.
#[test]
fn the_request_is_matched() {
    for (member, right, wrong) in [
        ("action", "use", "sell"),
        ("target", "urn:data", "urn:other"),
        ("assignee", "did:web:c.example", "did:web:x"),
    ] {
        for (value, expected) in [(right, true), (wrong, false)] {
            let mut rule = json!({"action": "use"});
            rule[member] = json!(value);
            assert_eq!(
                permits(&policy(json!({"permission": [rule]})), &facts()),
                expected,
                "{member} {value}"
            );
        }
    }
}

/// EDC checks duties as if they were constraints.
#[test]
fn a_duty_is_to_be_done_and_not_a_condition_on_the_consumer() {
    let p = policy(json!({"permission": [{"action": "use", "duty": [
        {"action": "inform", "constraint": [atom("spatial", "eq", json!("FR"))]}]}]}));
    let verdict = decide(&p, &facts());
    assert!(verdict.permitted && verdict.duties == ["inform"]);
    let elsewhere = policy(json!({"permission": [{"action": "use", "duty": [
        {"action": "inform", "constraint": [atom("spatial", "eq", json!("BE"))]}]}]}));
    assert!(permits(&elsewhere, &facts()), "who is elsewhere need not inform, and may use");
}

/// EDC carries strategy and parents along without looking at them.
#[test]
fn strategy_and_parents_are_looked_at() {
    assert!(!permits(&policy(json!({"inheritFrom": "urn:p", "permission": [{"action": "use"}]})), &facts()));
    assert!(permits(
        &policy(
            json!({"conflict": "perm", "permission": [{"action": "use"}], "prohibition": [{"action": "use"}]})
        ),
        &facts()
    ));
}

/// Catena-X marks contract terms as always true.
#[test]
fn contract_terms_are_never_silently_true() {
    for term in [
        "UsagePurpose",
        "Liability",
        "WarrantyDefinition",
        "ContractReference",
        "ExclusiveUsage",
        "Precedence",
    ] {
        for ns in ["https://w3id.org/catenax/2025/9/policy/", "https://w3id.org/catenax/policy/"] {
            let p = only(&format!("{ns}{term}"), "eq", json!("x"));
            assert!(!permits(&p, &facts()) && !p.unsupported().is_empty(), "{term}");
        }
    }
}

/// The Rust rival: `eq` true on one of several values, isNoneOf true without a value, no isA, hasPart or clock.
#[test]
fn sets_are_compared_as_sets() {
    assert!(!permits(&only("claim:role", "eq", json!("member")), &facts()), "one of two roles");
    assert!(!permits(&only("claim:none", "isNoneOf", json!(["member"])), &facts()));
    assert!(!permits(&only("claim:none", "neq", json!("member")), &facts()));
    assert!(permits(&only("dateTime", "gteq", json!("2026-06-01T00:00:00+00:00")), &facts()));
    let terms = Facts { purpose: Some(vec!["a,b".into()]), ..facts() };
    assert!(!permits(&only("purpose", "isAnyOf", json!(["a", "b"])), &terms), "no joining by commas");
}
