//! Questions about two policies.

use super::*;
use crate::relate::*;
use proptest::prelude::*;

fn with(constraints: Value) -> Policy {
    policy(json!({"permission": [{"action": "use", "constraint": constraints}]}))
}

fn is_within(a: &Policy, b: &Policy) -> Option<bool> {
    within(a, b, &Options::default()).holds
}

#[test]
fn conditions_lie_within_each_other() {
    let date = |op: &str, d: &str| atom("dateTime", op, json!(d));
    let count = |op: &str, n: u32| atom("count", op, json!(n));
    let place = |op: &str, p: Value| atom("spatial", op, p);
    for (inner, outer, expected, back) in [
        (
            json!([date("lt", "2026-06-01")]),
            json!([date("lteq", "2026-06-01T02:00:00+02:00")]),
            Some(true),
            Some(false),
        ),
        (
            json!([date("gteq", "2026-01-01"), date("lt", "2026-02-01")]),
            json!([date("lt", "2026-03-01")]),
            Some(true),
            Some(false),
        ),
        (json!([count("lteq", 5)]), json!([count("lt", 6)]), Some(true), Some(true)),
        (
            json!([count("lteq", 5)]),
            json!([{"or": [count("lteq", 3), count("gt", 3)]}]),
            Some(true),
            Some(false),
        ),
        (
            json!([place("isPartOf", json!("DE"))]),
            json!([place("isPartOf", json!("EU"))]),
            Some(true),
            Some(false),
        ),
        (
            json!([place("isAnyOf", json!(["BE", "DE"]))]),
            json!([place("isPartOf", json!("EU"))]),
            Some(true),
            Some(false),
        ),
        (
            json!([place("isAnyOf", json!(["FR", "CH"]))]),
            json!([place("isPartOf", json!("EU"))]),
            Some(false),
            Some(false),
        ),
        // New Caledonia is French and not in the European Union.
        (
            json!([place("isPartOf", json!("FR"))]),
            json!([place("isPartOf", json!("EU"))]),
            Some(false),
            Some(false),
        ),
        (
            json!([place("eq", json!("FR"))]),
            json!([place("isNoneOf", json!(["CN", "RU"]))]),
            Some(true),
            Some(false),
        ),
        (
            json!([atom("purpose", "eq", json!("research"))]),
            json!([atom("purpose", "isAnyOf", json!(["research", "teaching"]))]),
            Some(true),
            Some(false),
        ),
        (
            json!([atom("purpose", "eq", json!("research"))]),
            json!([atom("purpose", "neq", json!("advertising"))]),
            Some(true),
            Some(false),
        ),
        (
            json!([atom("claim:role", "isAllOf", json!(["a", "b"]))]),
            json!([atom("claim:role", "isAnyOf", json!(["a"]))]),
            Some(true),
            Some(false),
        ),
        (
            json!([{"xone": [count("lteq", 3), date("lt", "2026-01-01")]}]),
            json!([{"or": [count("lteq", 3), date("lt", "2026-01-01")]}]),
            Some(true),
            Some(false),
        ),
        (
            json!([atom("language", "isPartOf", json!("fr-CA"))]),
            json!([atom("language", "isPartOf", json!("fr"))]),
            Some(true),
            Some(false),
        ),
        (
            json!([atom("inForceDate", "lteq", json!("contractAgreement+10d"))]),
            json!([atom("elapsedTime", "lteq", json!("P10D"))]),
            Some(true),
            Some(true),
        ),
        (json!([atom("urn:x", "eq", json!({"@id": "urn:a"}))]), json!([]), Some(true), Some(false)),
        (json!([count("gt", 5), count("lt", 3)]), json!([count("eq", 1000)]), Some(true), Some(false)),
        (
            json!([{"leftOperand": "spatial", "operator": "eq", "rightOperandReference": "urn:l"}]),
            json!([place("eq", json!("FR"))]),
            None,
            None,
        ),
    ] {
        let (a, b) = (with(inner), with(outer));
        assert_eq!(is_within(&a, &b), expected, "{} in {}", a.to_json(), b.to_json());
        assert_eq!(is_within(&b, &a), back, "{} in {}", b.to_json(), a.to_json());
    }
}

#[test]
fn a_counter_offer_keeps_duties_and_prohibitions() {
    let offer = json!({"permission": [{"action": "use", "duty": [{"action": "compensate", "constraint": [
            {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2026-06-01"}]}]}],
        "prohibition": [{"action": "use", "constraint": [atom("spatial", "eq", json!("CN"))]}],
        "obligation": [{"action": "delete", "constraint": [atom("delayPeriod", "lteq", json!("P30D"))]}]});
    let change = |pointer: &str, value: Value| {
        let mut counter = offer.clone();
        *counter.pointer_mut(pointer).unwrap() = value;
        let answer = within(&policy(counter), &policy(offer.clone()), &Options::default());
        (answer.holds, answer.path, answer.because)
    };
    let yes = (Some(true), String::new(), "covered".to_owned());
    assert_eq!(change("/permission/0/action", json!("read")), yes);
    assert_eq!(
        change("/permission/0/duty/0/constraint/0/rightOperand", json!("2026-05-01")),
        yes,
        "earlier is stronger"
    );
    assert_eq!(change("/obligation/0/constraint/0/rightOperand", json!("P7D")), yes);
    assert_eq!(change("/prohibition/0/constraint", json!([])), yes, "more is forbidden");
    let no = |path: &str, because: &str| (Some(false), path.to_owned(), because.to_owned());
    assert_eq!(change("/permission/0/action", json!("sell")), no("permission/0", "not-covered"));
    assert_eq!(change("/permission/0/duty", json!([])), no("permission/0", "duty-missing"));
    assert_eq!(
        change("/permission/0/duty/0/constraint/0/rightOperand", json!("2026-07-01")),
        no("permission/0", "duty-missing")
    );
    assert_eq!(change("/prohibition", json!([])), no("permission/0", "prohibited"));
    assert_eq!(
        change("/obligation/0/constraint/0/rightOperand", json!("P60D")),
        no("obligation/0", "duty-missing")
    );
    assert_eq!(change("/obligation", json!([])), no("obligation/0", "duty-missing"));
    assert_eq!(change("/permission/0/duty/0/action", json!("log")).0, Some(false));
}

#[test]
fn what_cannot_be_compared_is_not_known() {
    let plain = with(json!([]));
    for odd in [
        json!({"permission": [{"action": "use", "constriant": []}], "prohibtion": [{}]}),
        json!({"inheritFrom": "urn:p", "permission": [{"action": "use"}]}),
        json!({"permission": [{"action": "use"}], "prohibition": [{"action": "use", "moon": "full"}]}),
    ] {
        assert_ne!(is_within(&plain, &policy(odd.clone())), Some(true), "{odd}");
        assert_ne!(compatible(&plain, &policy(odd.clone()), &Options::default()).holds, Some(true), "{odd}");
    }
    let many: Vec<Value> = (0..14)
        .map(|n| json!({"or": [atom("count", "eq", json!(n)), atom("dateTime", "lt", json!("2026-01-01"))]}))
        .collect();
    assert_eq!(
        is_within(&with(json!(many)), &with(json!([atom("count", "eq", json!(99))]))),
        None,
        "beyond the bound"
    );
}

#[test]
fn two_policies_can_or_cannot_both_hold() {
    let yes_no = |a: Value, b: Value| compatible(&policy(a), &policy(b), &Options::default()).holds;
    let use_when = |c: Value| json!({"permission": [{"action": "use", "constraint": [c]}]});
    assert_eq!(
        yes_no(
            use_when(atom("spatial", "isPartOf", json!("EU"))),
            use_when(atom("spatial", "neq", json!("FR")))
        ),
        Some(true)
    );
    assert_eq!(
        yes_no(
            use_when(atom("spatial", "isPartOf", json!("EU"))),
            use_when(atom("spatial", "eq", json!("CH")))
        ),
        Some(false)
    );
    assert_eq!(
        yes_no(use_when(atom("count", "gt", json!(3))), use_when(atom("count", "lt", json!(4)))),
        Some(false),
        "there is no use between 3 and 4"
    );
    assert_eq!(
        yes_no(json!({"permission": [{"action": "read"}]}), json!({"permission": [{"action": "print"}]})),
        Some(false)
    );
    assert_eq!(
        yes_no(json!({"permission": [{"action": "read"}]}), json!({"permission": [{"action": "use"}]})),
        Some(true)
    );
    assert_eq!(
        yes_no(
            json!({"permission": [{"action": "use"}]}),
            json!({"permission": [{"action": "use"}], "prohibition": [{"action": "use"}]})
        ),
        Some(false)
    );
    assert_eq!(yes_no(json!({}), json!({"permission": [{"action": "use"}]})), Some(false));
}

/// Contradictions, each with a sibling that is none.
#[test]
fn contradictions_are_found_before_anybody_asks() {
    let found = |p: Value| {
        let clashes = conflicts(&policy(p), &Options::default());
        clashes.iter().map(|c| (c.kind, c.certain)).collect::<Vec<_>>()
    };
    let rules = |p: Value, f: Value| json!({"permission": [p], "prohibition": [f]});
    let rule = |action: &str, more: Value| {
        let mut rule = json!({"action": action});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let sure = vec![(ClashKind::Permission, Some(true))];
    let open = vec![(ClashKind::Permission, None)];
    let until = |op: &str, d: &str| json!({"constraint": [atom("dateTime", op, json!(d))]});
    for (p, expected) in [
        (rules(rule("use", json!({})), rule("use", json!({}))), sure.clone()),
        (rules(rule("use", json!({})), rule("sell", json!({}))), vec![]),
        (rules(rule("print", json!({})), rule("use", json!({}))), sure.clone()),
        (rules(rule("use", json!({})), rule("print", json!({}))), sure.clone()),
        (rules(rule("read", json!({})), rule("print", json!({}))), vec![]),
        (
            rules(rule("use", until("lt", "2026-06-01")), rule("use", until("gteq", "2026-05-01"))),
            sure.clone(),
        ),
        (rules(rule("use", until("lt", "2026-06-01")), rule("use", until("gteq", "2026-06-01"))), vec![]),
        (
            rules(rule("use", json!({"target": "urn:a"})), rule("use", json!({"target": "urn:a"}))),
            sure.clone(),
        ),
        (rules(rule("use", json!({"target": "urn:a"})), rule("use", json!({"target": "urn:b"}))), vec![]),
        (
            rules(
                rule("use", json!({"target": {"@type": "AssetCollection", "source": "urn:a"}})),
                rule("use", json!({"target": "urn:b"})),
            ),
            open.clone(),
        ),
        (
            rules(
                rule("use", json!({"assignee": {"@type": "PartyCollection", "source": "urn:students"}})),
                rule("use", json!({"assignee": {"@type": "PartyCollection", "source": "urn:employees"}})),
            ),
            open,
        ),
        (rules(rule("use", json!({"assignee": "urn:x"})), rule("use", json!({"assignee": "urn:y"}))), vec![]),
        (
            json!({"obligation": [{"action": "delete"}], "prohibition": [{"action": "delete"}]}),
            vec![(ClashKind::Obligation, Some(true))],
        ),
        (json!({"obligation": [{"action": "delete"}], "prohibition": [{"action": "print"}]}), vec![]),
        (
            json!({"permission": [{"action": "sell", "duty": [{"action": "inform"}]}], "prohibition": [{"action": "inform"}]}),
            vec![(ClashKind::Duty, Some(true))],
        ),
        (
            json!({"permission": [{"action": "sell", "duty": [{"action": "inform"}]}], "prohibition": [{"action": "print"}]}),
            vec![],
        ),
        (
            rules(
                json!({"action": {"http://www.w3.org/1999/02/22-rdf-syntax-ns#value": {"@id": "urn:a:share"}, "implies": {"@id": "odrl:read"}},
                }),
                rule("read", json!({})),
            ),
            sure.clone(),
        ),
        (
            rules(
                json!({"action": {"http://www.w3.org/1999/02/22-rdf-syntax-ns#value": {"@id": "urn:a:share"}, "includedIn": {"@id": "odrl:use"}},
                }),
                rule("use", json!({})),
            ),
            sure,
        ),
        (rules(rule("urn:a:share", json!({})), rule("use", json!({}))), vec![]),
    ] {
        assert_eq!(found(p.clone()), expected, "{p}");
    }
    let pay = |op: &str, n: u32| {
        json!([{"action": {"http://www.w3.org/1999/02/22-rdf-syntax-ns#value": {"@id": "odrl:compensate"},
        "refinement": [atom("payAmount", op, json!(n))]}}])
    };
    assert_eq!(
        found(json!({"obligation": pay("lt", 10), "prohibition": pay("gt", 5)})),
        [(ClashKind::Obligation, Some(true))]
    );
    assert_eq!(found(json!({"obligation": pay("lt", 10), "prohibition": pay("gteq", 10)})), []);
}

#[test]
fn who_enforces_what_is_told_before_signing() {
    let p = policy(json!({"assignee": "did:web:c", "permission": [{"action": "use", "constraint": [
            atom("dateTime", "lt", json!("2027-01-01")), atom("count", "lteq", json!(5)), atom("event", "eq", json!("urn:e")),
            atom("https://w3id.org/catenax/2025/9/policy/Liability", "eq", json!("x"))],
            "duty": [{"action": "log"}, {"action": "anonymize"}, {"action": "obtainConsent"}]}],
        "prohibition": [{"action": "distribute"}], "obligation": [{"action": "delete"}, {"action": "attribute"}]}));
    let told = |can: &Capabilities| {
        enforceability(&p, can).into_iter().map(|a| (a.class, a.enforcer, a.missing)).collect::<Vec<_>>()
    };
    use Enforcer::{Connector, Contract, Peer};
    let missing = |name: &str| Some(name.to_owned());
    assert_eq!(
        told(&Capabilities::default()),
        [
            (UsageClass::Consumer, Connector, None),
            (UsageClass::TimeInterval, Connector, None),
            (UsageClass::Count, Connector, None),
            (UsageClass::Event, Peer, missing("events")),
            (UsageClass::Other, Contract, None),
            (UsageClass::Log, Connector, None),
            (UsageClass::Anonymize, Peer, missing("attestation")),
            (UsageClass::Consent, Contract, missing("consents")),
            (UsageClass::Distribute, Contract, missing("onward")),
            (UsageClass::Delete, Peer, missing("attestation")),
            (UsageClass::Other, Contract, None),
        ]
    );
    let all = Capabilities {
        events: true,
        transforms: true,
        consents: true,
        onward: true,
        attestation: true,
        ..Capabilities::default()
    };
    let ours = told(&all).iter().filter(|(_, who, _)| *who == Connector).count();
    assert_eq!(ours, 8);
    assert!(told(&all).iter().all(|(_, _, missing)| missing.is_none()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// "Within" is about decisions: whatever the inner policy permits, the outer one does.
    #[test]
    fn what_lies_within_permits_no_more(a in laws::constraints(), b in laws::constraints(), f in laws::any_facts()) {
        let (a, b) = (with(json!(a)), with(json!(b)));
        let at_use = Facts { phase: Phase::Transfer, ..f };
        let (first, second) = (permits(&a, &at_use), permits(&b, &at_use));
        if is_within(&a, &b) == Some(true) {
            prop_assert!(!first || second, "{} in {}", a.to_json(), b.to_json());
        }
        if compatible(&a, &b, &Options::default()).holds == Some(false) {
            prop_assert!(!(first && second), "{} with {}", a.to_json(), b.to_json());
        }
    }

    #[test]
    fn every_policy_lies_within_itself(value in laws::any_policy()) {
        prop_assert_ne!(is_within(&policy(value.clone()), &policy(value)), Some(false));
    }

    /// What is decided as a conflict was foreseen as one.
    #[test]
    fn no_conflict_comes_as_a_surprise(value in laws::any_policy(), f in laws::any_facts()) {
        let p = policy(value);
        if decide(&p, &f).conflict {
            prop_assert!(!conflicts(&p, &Options::default()).is_empty(), "{}", p.to_json());
        }
    }
}
