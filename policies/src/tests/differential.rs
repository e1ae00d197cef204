//! The program and the walk through the model are written apart, and give the same answers.

use super::*;
use proptest::prelude::*;

/// Longer runs are for the command line: `POLICIES_CASES=1000000 cargo test -p policies --release differential`.
pub(super) fn cases() -> u32 {
    std::env::var("POLICIES_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(256)
}

fn agree(p: &Policy, f: &Facts) -> Result<(), TestCaseError> {
    let (slow, fast) = (decide(p, f), Program::new(p).decide(f));
    let slow = Decided {
        permitted: slow.permitted,
        conflict: slow.conflict,
        modified: slow.decision() == Decision::PermitWithModifications,
        next_change: slow.next_change,
    };
    prop_assert_eq!(slow, fast, "{} {}", p.to_json(), serde_json::to_string(f).unwrap());
    Ok(())
}

fn condition() -> impl Strategy<Value = Value> {
    let left = prop::sample::select(vec![
        "dateTime",
        "elapsedTime",
        "delayPeriod",
        "count",
        "timeInterval",
        "meteredTime",
        "payAmount",
        "event",
        "language",
        "fileFormat",
        "version",
        "virtualLocation",
        "percentage",
        "purpose",
        "spatial",
        "recipient",
        "inForceDate",
        "claim:role",
        "urn:x",
        "https://w3id.org/catenax/2025/9/policy/DataUsageEndDurationDays",
    ]);
    let operator = prop::sample::select(vec![
        "eq", "neq", "lt", "lteq", "gt", "gteq", "isA", "isPartOf", "hasPart", "isAnyOf", "isNoneOf",
        "isAllOf",
    ]);
    let right = prop::sample::select(vec![
        json!("2026-06-01T00:00:00Z"),
        json!("2026-07-01"),
        json!("P31D"),
        json!("PT1H"),
        json!("2"),
        json!(10),
        json!("FR"),
        json!("EU"),
        json!(["FR", "fr"]),
        json!("fr"),
        json!("text/csv"),
        json!("10.0.0.0/8"),
        json!("urn:e"),
        json!("policyUsage"),
        json!("contractAgreement+30d"),
        json!("a"),
        json!(["a", "b"]),
        json!({"@id": "urn:p"}),
    ]);
    let extra = prop::sample::select(vec![
        json!({}),
        json!({}),
        json!({}),
        json!({"unit": "urn:EUR"}),
        json!({"unit": "P1D"}),
        json!({"status": "3"}),
        json!({"moon": "full"}),
    ]);
    let atomic = (left, operator, right, extra).prop_map(|(l, o, r, extra)| {
        let mut c = atom(l, o, r);
        c.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        c
    });
    atomic.prop_recursive(2, 8, 3, |inner| {
        (prop::sample::select(vec!["and", "or", "xone", "andSequence"]), prop::collection::vec(inner, 1..4))
            .prop_map(|(logic, items)| json!({logic: items}))
    })
}

fn some<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(item, 0..3)
}

fn rule() -> impl Strategy<Value = Value> {
    let action = || {
        prop::sample::select(vec![
            "use",
            "read",
            "copy",
            "sell",
            "log",
            "compensate",
            "anonymize",
            "urn:mine",
        ])
    };
    let duty = (action(), some(condition()), some(action())).prop_map(|(action, constraint, then)| {
        let then: Vec<Value> = then.iter().map(|a| json!({"action": a})).collect();
        json!({"action": action, "constraint": constraint, "consequence": then})
    });
    let named = |one: &str, many: &str| {
        let collection = json!({"source": many, "refinement": [atom("urn:x", "lteq", json!(5))]});
        prop::sample::select(vec![Value::Null, json!(one), json!(many), collection, json!("urn:other")])
    };
    let refined = prop_oneof![
        4 => action().prop_map(|a| json!(a)),
        1 => (action(), condition()).prop_map(|(a, c)| json!({"rdf:value": {"@id": format!("odrl:{a}")}, "refinement": [c]})),
        1 => Just(json!({"rdf:value": {"@id": "urn:mine"}, "includedIn": {"@id": "odrl:read"}})),
    ];
    let parts = (
        refined,
        some(condition()),
        some(duty),
        named("urn:data", "urn:album"),
        named("did:web:c.example", "urn:staff"),
    );
    parts.prop_map(|(action, constraint, duty, target, assignee)| {
        let mut rule = json!({"action": action, "constraint": constraint, "duty": duty});
        for (key, value) in [("target", target), ("assignee", assignee)] {
            if !value.is_null() {
                rule[key] = value;
            }
        }
        rule
    })
}

pub(super) fn whole_policy() -> impl Strategy<Value = Value> {
    let head = prop::sample::select(vec![
        json!({}),
        json!({}),
        json!({}),
        json!({"@type": "Offer"}),
        json!({"@type": "Ticket"}),
        json!({"conflict": "perm"}),
        json!({"conflict": ["perm", "prohibit"]}),
        json!({"profile": "urn:profile"}),
        json!({"inheritFrom": "urn:p"}),
        json!({"target": "urn:data"}),
    ]);
    (head, some(rule()), some(rule()), some(rule())).prop_map(|(head, mut permission, prohibition, obligation)| {
        permission.push(json!({"action": "use"}));
        let mut p = json!({"@context": ["http://www.w3.org/ns/odrl.jsonld", {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}],
            "permission": permission, "prohibition": prohibition, "obligation": obligation});
        p.as_object_mut().unwrap().extend(head.as_object().unwrap().clone());
        p
    })
}

pub(super) fn whole_facts() -> impl Strategy<Value = Facts> {
    let pick = |n: u64, bit: u32| n >> bit & 1 == 1;
    let action =
        prop::sample::select(vec!["use", "read", "copy", "sell", "anonymize", "urn:mine", "urn:other"]);
    (laws::any_facts(), action, any::<u64>(), -40_i64..60).prop_map(move |(mut f, action, bits, days)| {
        f.action = action.to_owned();
        f.now = f.now.plus_millis(days * 86_400_000);
        let w = &mut f.world;
        for (bit, operand, value) in [
            (0, "language", "fr-CA"),
            (1, "fileFormat", "text/csv"),
            (2, "version", "2.1"),
            (3, "virtualLocation", "10.1.1.1"),
            (4, "percentage", "10"),
            (5, "urn:x", "4"),
        ] {
            if pick(bits, bit) {
                w.context.insert(operand.into(), vec![value.into()]);
                w.action.insert(operand.into(), vec![value.into()]);
                w.asset.insert(operand.into(), vec![value.into()]);
            }
        }
        w.used_at = pick(bits, 6).then(|| vec![at("2026-05-31T12:00:00Z"), at("2026-05-01")]);
        w.metered = pick(bits, 7).then_some(3_600_000);
        w.paid = pick(bits, 8)
            .then(|| vec![Payment { amount: "10".into(), unit: "urn:EUR".into(), at: at("2026-01-01") }]);
        w.events = pick(bits, 9).then(|| {
            vec![Event {
                id: "urn:e".into(),
                start: at("2026-06-01"),
                end: pick(bits, 10).then(|| at("2026-06-20")),
            }]
        });
        w.collections = pick(bits, 11).then(|| {
            [
                ("urn:data".into(), vec!["urn:album".into()]),
                ("did:web:c.example".into(), vec!["urn:staff".into()]),
            ]
            .into()
        });
        for (bit, duty) in [
            (12, "permission/0/duty/0"),
            (14, "permission/0/duty/1"),
            (16, "permission/1/duty/0"),
            (18, "permission/0/duty/0/consequence/0"),
            (20, "obligation/0"),
        ] {
            if pick(bits, bit) {
                let state = if pick(bits, bit + 1) { DutyState::Fulfilled } else { DutyState::Violated };
                w.duties.push(DutyRecord { duty: duty.into(), state, late: pick(bits, 30) });
            }
        }
        for (bit, path) in
            [(22, "permission/0/constraint/0/andSequence/0"), (23, "permission/0/constraint/0/andSequence/1")]
        {
            if pick(bits, bit) {
                w.became.insert(path.into(), at(if pick(bits, 24) { "2026-05-02" } else { "2026-05-01" }));
            }
        }
        let m = &mut f.mode;
        m.pending = if pick(bits, 25) { PendingDuties::Allow } else { PendingDuties::Block };
        m.behaviour = if pick(bits, 26) { Behaviour::Open } else { Behaviour::Closed };
        m.offers = if pick(bits, 27) { Offers::Never } else { Offers::AsIfAgreed };
        m.units = if pick(bits, 28) { Units::AsInPolicy } else { Units::Strict };
        if pick(bits, 29) {
            m.profiles.push("urn:profile".into());
            m.transforms.push("anonymize".into());
        }
        f
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn the_program_decides_as_the_model_does(value in whole_policy(), f in whole_facts()) {
        agree(&policy(value), &f)?;
    }

    #[test]
    fn writing_in_any_form_gives_the_model_back(value in whole_policy()) {
        let p = policy(value);
        prop_assert_eq!(&policy(p.to_json()), &p);
        let turtle = p.to_turtle().unwrap();
        let again = Policy::parse_turtle(&turtle, Reading::default()).unwrap();
        prop_assert!(again.len() == 1 && again[0].same_terms(&p), "{}", turtle);
    }

    #[test]
    fn nothing_changes_for_anyone_before_the_next_change(value in whole_policy(), f in whole_facts(), share in 0.0..1.0_f64) {
        let program = Program::new(&policy(value));
        let now = program.decide(&f);
        let span = now.next_change.map_or(100 * 86_400_000, |next| next.minus(f.now)) - 1;
        let later = Facts { now: f.now.plus_millis((span as f64 * share) as i64), ..f.clone() };
        prop_assert_eq!(program.decide(&later).permitted, now.permitted);
    }
}

proptest! {
    #[test]
    fn the_program_agrees_on_simple_policies_too(value in laws::any_policy(), f in laws::any_facts()) {
        agree(&policy(value), &f)?;
    }
}
