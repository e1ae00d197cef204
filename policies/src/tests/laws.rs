//! Properties that hold for every policy.

use super::*;
use proptest::prelude::*;

fn atomic() -> impl Strategy<Value = Value> {
    let left = prop::sample::select(vec![
        "dateTime",
        "spatial",
        "purpose",
        "recipient",
        "count",
        "elapsedTime",
        "delayPeriod",
        "inForceDate",
        "moonPhase",
        "claim:role",
        "gx:legalAddress.gx:countryCode",
        "https://w3id.org/entente/v1/signedAgreement",
    ]);
    let operator = prop::sample::select(vec![
        "eq", "neq", "lt", "lteq", "gt", "gteq", "isA", "isPartOf", "hasPart", "isAnyOf", "isNoneOf",
        "isAllOf",
    ]);
    let right = prop_oneof![
        prop::sample::select(vec![
            json!("FR"),
            json!("EU"),
            json!("2026-06-01T00:00:00Z"),
            json!("2026-08-01"),
            json!("3"),
            json!("P1D"),
            json!("P60D"),
            json!("contractAgreement+45d"),
            json!("true"),
            json!(["FR", "BE"]),
            json!("member"),
            json!("did:web:c.example"),
            json!({"@id": "https://purpose.example/research"}),
            json!({"@value": "2026-06-01", "@type": "http://www.w3.org/2001/XMLSchema#date"}),
        ]),
        "\\PC{1,8}".prop_map(|s| json!(s)),
    ];
    (left, operator, right).prop_map(|(l, o, r)| atom(l, o, r))
}

fn constraint() -> impl Strategy<Value = Value> {
    atomic().prop_recursive(3, 12, 3, |inner| {
        (prop::sample::select(vec!["and", "or", "xone", "andSequence"]), prop::collection::vec(inner, 1..4))
            .prop_map(|(logic, items)| json!({logic: items}))
    })
}

pub(super) fn constraints() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(constraint(), 0..3)
}

pub(super) fn any_policy() -> impl Strategy<Value = Value> {
    let rule = || {
        let action = prop::sample::select(vec!["use", "read", "distribute", "delete", "log", "fly"]);
        (action, constraints(), prop::option::of(Just("did:web:c.example")), any::<bool>()).prop_map(
            |(action, constraints, assignee, odd)| {
                let mut rule = json!({"action": action, "constraint": constraints});
                if let Some(assignee) = assignee {
                    rule["assignee"] = json!(assignee);
                }
                if odd && action == "read" {
                    rule["remedy"] = json!([{"action": "delete"}]);
                }
                rule
            },
        )
    };
    let rules = || prop::collection::vec(rule(), 0..3);
    (rules(), rules(), rules()).prop_map(|(permission, prohibition, obligation)| {
        json!({"@id": "urn:p", "permission": permission, "prohibition": prohibition, "obligation": obligation})
    })
}

pub(super) fn any_facts() -> impl Strategy<Value = Facts> {
    let phase = prop::sample::select(vec![
        Phase::Catalogue,
        Phase::Negotiation,
        Phase::Agreement,
        Phase::Transfer,
        Phase::Stream,
    ]);
    (phase, any::<[bool; 5]>(), -60_i64..120).prop_map(|(phase, known, days)| {
        let mut some = Facts { phase, ..facts() };
        some.now = some.now.plus_millis(days * 86_400_000);
        if known[0] {
            some.assignee = None;
        }
        if known[1] {
            some.claims.clear();
        }
        if known[2] {
            some.agreed_at = None;
        }
        if known[3] {
            some.uses = None;
        }
        some.purpose = known[4].then(|| vec!["research".to_owned()]);
        some
    })
}

/// Any JSON at all, with the names of policies strewn in.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|b| json!(b)),
        any::<f64>().prop_map(|n| json!(n)),
        "\\PC{0,6}".prop_map(|s| json!(s)),
        prop::sample::select(vec!["use", "eq", "count", "Offer", "odrl:use", "@id"]).prop_map(|s| json!(s)),
    ];
    let key = prop::sample::select(vec![
        "@id",
        "@type",
        "@context",
        "@value",
        "@list",
        "permission",
        "prohibition",
        "obligation",
        "duty",
        "action",
        "constraint",
        "and",
        "xone",
        "leftOperand",
        "operator",
        "rightOperand",
        "target",
        "assignee",
        "profile",
        "odrl:permission",
        "unit",
        "conflict",
    ]);
    leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..5).prop_map(|members| Value::Object(
                members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
            )),
        ]
    })
}

fn with(constraints: Value) -> Policy {
    policy(json!({"permission": [{"action": "use", "constraint": constraints}]}))
}

proptest! {
    #[test]
    fn nothing_panics(value in any_json(), facts in any_facts()) {
        if let Ok(policy) = Policy::parse(&value) {
            let verdict = decide(&policy, &facts);
            prop_assert_eq!(refusal(&verdict, Lang::Fr).is_empty(), verdict.permitted);
            prop_assert!(!sentences(&policy, Lang::En).is_empty());
            prop_assert!(policy.unsupported().iter().all(|u| !u.path.is_empty()));
            prop_assert!(policy.same_terms(&policy));
        }
    }

    #[test]
    fn writing_then_reading_gives_it_back(value in any_policy()) {
        let p = policy(value);
        let again = policy(p.to_json());
        prop_assert_eq!(&p, &again);
        prop_assert!(p.same_terms(&again));
    }

    #[test]
    fn a_refusal_has_reasons_and_a_permission_has_none(value in any_policy(), facts in any_facts()) {
        let verdict = decide(&policy(value), &facts);
        prop_assert_eq!(refusal(&verdict, Lang::En).is_empty(), verdict.permitted);
        prop_assert_eq!(refusal(&verdict, Lang::Fr).is_empty(), verdict.permitted);
    }

    #[test]
    fn an_unknown_condition_never_permits(items in constraints(), more in atomic(), facts in any_facts()) {
        let mut items = items;
        items.push(more);
        let verdict = decide(&with(json!(items)), &facts);
        if verdict.permitted {
            let top = verdict.clauses.iter().filter(|c| c.path.matches('/').count() == 3);
            for clause in top {
                prop_assert!(matches!(clause.outcome, Outcome::Satisfied | Outcome::Deferred), "{clause:?}");
            }
        }
    }

    #[test]
    fn knowing_less_never_permits_more_at_use(items in constraints()) {
        let p = with(json!(items));
        if permits(&p, &nobody()) {
            prop_assert!(permits(&p, &facts()), "{}", p.to_json());
        }
    }

    #[test]
    fn a_conjunction_is_a_list_and_or_is_weaker(items in prop::collection::vec(constraint(), 1..4), facts in any_facts()) {
        let list = permits(&with(json!(items)), &facts);
        prop_assert_eq!(list, permits(&with(json!([{"and": items}])), &facts));
        let any = permits(&with(json!([{"or": items}])), &facts);
        prop_assert!(!list || any);
        for item in &items {
            let alone = permits(&with(json!([item])), &facts);
            prop_assert!(!alone || any, "or is implied by each");
            prop_assert!(!list || alone, "and implies each");
        }
        let reversed: Vec<&Value> = items.iter().rev().collect();
        for logic in ["and", "or", "xone"] {
            let (a, b) = (with(json!([{logic: items}])), with(json!([{logic: reversed}])));
            prop_assert_eq!(permits(&a, &facts), permits(&b, &facts));
            prop_assert!(a.same_terms(&b));
        }
    }

    #[test]
    fn a_prohibition_never_permits_more(value in any_policy(), items in constraints(), facts in any_facts()) {
        let before = permits(&policy(value.clone()), &facts);
        let mut value = value;
        value["prohibition"].as_array_mut().unwrap().push(json!({"action": "use", "constraint": items}));
        prop_assert!(before || !permits(&policy(value), &facts));
    }

    #[test]
    fn nothing_changes_before_the_next_change(value in any_policy(), facts in any_facts(), share in 0.0..1.0_f64) {
        let p = policy(value);
        let now = decide(&p, &facts);
        let span = now.next_change.map_or(400 * 86_400_000, |next| next.minus(facts.now)) - 1;
        for millis in [span, (span as f64 * share) as i64] {
            let later = Facts { now: facts.now.plus_millis(millis), ..facts.clone() };
            prop_assert_eq!(permits(&p, &later), now.permitted);
        }
    }
}
