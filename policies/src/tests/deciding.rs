use super::*;

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
        ("spatial", "eq", json!({"@id": "https://place.example/FR"}), true),
        ("spatial", "neq", json!("BE"), true),
        ("spatial", "isPartOf", json!("EU"), true),
        ("spatial", "isPartOf", json!(["Asia", "EEA"]), true),
        ("spatial", "isAnyOf", json!(["BE", "DE"]), false),
        ("spatial", "isNoneOf", json!(["BE", "DE"]), true),
        ("spatial", "hasPart", json!("FR"), true),
        ("recipient", "eq", json!("did:web:c.example"), true),
        ("recipient", "isAllOf", json!(["did:web:c.example"]), true),
        ("recipient", "isA", json!("did:web:d.example"), false),
        ("claim:role", "isAnyOf", json!(["auditor", "owner"]), true),
        ("claim:role", "isAllOf", json!(["auditor", "member"]), true),
        ("claim:role", "isAllOf", json!(["auditor", "owner"]), false),
        ("claim:role", "isNoneOf", json!(["auditor"]), false),
        ("claim:role", "eq", json!("member"), false),
        ("https://w3id.org/entente/v1/claim#role", "isAnyOf", json!("member"), true),
        ("count", "lteq", json!("1"), true),
        ("count", "lteq", json!(1), true),
        ("count", "eq", json!({"@value": "1.0", "@type": "http://www.w3.org/2001/XMLSchema#decimal"}), true),
        ("count", "lt", json!("1"), false),
        ("elapsedTime", "lteq", json!("P30D"), false),
        ("elapsedTime", "lteq", json!("P31D"), true),
        ("elapsedTime", "eq", json!("PT744H"), true),
        ("delayPeriod", "eq", json!("P30D"), true),
        ("delayPeriod", "gteq", json!("P32D"), false),
        ("inForceDate", "lteq", json!("contractAgreement+32d"), true),
        ("inForceDate", "lteq", json!("contractAgreement+30d"), false),
        ("inForceDate", "gteq", json!("contractAgreement+0s"), true),
        ("inForceDate", "gteq", json!("2026-05-31T00:00:00Z"), true),
        ("https://w3id.org/entente/v1/signedAgreement", "eq", json!("true"), true),
        ("https://w3id.org/entente/v1/signedAgreement", "eq", json!("false"), false),
    ] {
        let verdict = decide(&only(left, operator, right.clone()), &facts());
        assert_eq!(verdict.permitted, expected, "{left} {operator} {right}: {:?}", verdict.clauses);
    }
}

#[test]
fn what_is_not_known_never_grants() {
    for (left, operator, right) in [
        ("spatial", "neq", json!("BE")),
        ("spatial", "isNoneOf", json!(["BE"])),
        ("purpose", "neq", json!("advertising")),
        ("count", "lteq", json!("5")),
        ("elapsedTime", "lteq", json!("P1D")),
        ("inForceDate", "lteq", json!("contractAgreement+90d")),
        ("recipient", "isNoneOf", json!(["did:web:x"])),
        ("claim:role", "neq", json!("owner")),
        ("moonPhase", "neq", json!("full")),
        ("dateTime", "lteq", json!("some day")),
    ] {
        let allowed = only(left, operator, right.clone());
        assert!(!permits(&allowed, &nobody()), "{left} {operator} {right}");
        let forbidden = unless(left, operator, right.clone());
        assert!(!permits(&forbidden, &nobody()), "prohibition {left} {operator} {right}");
    }
    assert!(permits(&unless("spatial", "eq", json!("BE")), &facts()));
    assert!(!permits(&policy(json!({"@type": "Set"})), &facts()), "closed world");
}

#[test]
fn to_be_in_a_country_is_to_be_in_its_regions() {
    for region in ["EU", "http://example.org/EU", "Europe"] {
        assert!(permits(&only("spatial", "eq", json!(region)), &facts()), "{region}");
        assert!(permits(&only("spatial", "isAnyOf", json!(["US", region])), &facts()), "{region}");
        assert!(!permits(&only("spatial", "neq", json!(region)), &facts()), "{region}");
        assert!(!permits(&unless("spatial", "eq", json!(region)), &facts()), "{region}");
    }
    assert!(!permits(&only("spatial", "eq", json!("Asia")), &facts()));
    assert!(permits(&only("spatial", "neq", json!("Asia")), &facts()));
    let mut brittany = facts();
    brittany.claims.insert("spatial".to_owned(), vec!["FR-29".to_owned()]);
    assert!(permits(&only("spatial", "eq", json!("FR")), &brittany));
    assert!(!permits(&only("spatial", "neq", json!("FR")), &brittany));
    assert!(!permits(&only("spatial", "eq", json!("FR-29")), &facts()), "where in France is not known");
    assert!(!permits(&only("spatial", "neq", json!("FR-29")), &facts()));
    brittany.claims.insert("spatial".to_owned(), vec!["FR".to_owned(), "BE".to_owned()]);
    assert!(!permits(&only("spatial", "isPartOf", json!("EU")), &brittany), "in two countries");
}

#[test]
fn the_country_is_found_in_the_credential() {
    let mut facts = facts();
    facts.claims.clear();
    facts.claims.insert("gx:legalAddress.gx:countryCode".to_owned(), vec!["NL".to_owned()]);
    assert!(permits(&only("spatial", "isPartOf", json!("EU")), &facts));
    for left in
        ["gx:legalAddress.gx:countryCode", "https://w3id.org/gaia-x/development#legalAddress.gx:countryCode"]
    {
        assert!(permits(&only(left, "isPartOf", json!("EU")), &facts), "{left}");
        assert!(permits(&only(left, "eq", json!("NLD")), &facts), "{left}");
    }
}

#[test]
fn every_stated_purpose_must_be_allowed() {
    let research = only("purpose", "isAnyOf", json!(["research", "teaching"]));
    let no_ads = unless("purpose", "eq", json!("advertising"));
    for (stated, allowed, not_forbidden) in [
        (vec!["research"], true, true),
        (vec!["https://purpose.example/research"], true, true),
        (vec!["research", "teaching"], true, true),
        (vec!["research", "advertising"], false, false),
        (vec!["advertising"], false, false),
        (vec![], false, false),
    ] {
        let purpose = Some(stated.iter().map(|s| (*s).to_owned()).collect());
        let facts = Facts { purpose, ..facts() };
        assert_eq!(permits(&research, &facts), allowed, "{stated:?}");
        assert_eq!(permits(&no_ads, &facts), not_forbidden, "{stated:?}");
    }
}

#[test]
fn only_purposes_are_compared_by_their_last_segment() {
    let mut facts = facts();
    facts.claims.insert("role".to_owned(), vec!["https://evil.example/admin".to_owned()]);
    assert!(!permits(&only("claim:role", "eq", json!("admin")), &facts));
}

#[test]
fn logic_joins_and_several_permissions_are_alternatives() {
    let c = |left: &str, right: &str| atom(left, "eq", json!(right));
    for (logic, items, expected) in [
        ("and", json!([c("spatial", "FR"), c("recipient", "did:web:c.example")]), true),
        ("and", json!([c("spatial", "FR"), c("recipient", "did:web:x")]), false),
        ("or", json!([c("spatial", "BE"), c("recipient", "did:web:c.example")]), true),
        ("or", json!([c("moonPhase", "full"), c("spatial", "FR")]), true),
        ("or", json!([c("moonPhase", "full"), c("spatial", "BE")]), false),
        ("xone", json!([c("spatial", "FR"), c("recipient", "did:web:c.example")]), false),
        ("xone", json!([c("spatial", "FR"), c("recipient", "did:web:x")]), true),
        ("xone", json!([c("spatial", "FR"), c("moonPhase", "full")]), false),
        ("andSequence", json!([c("spatial", "FR"), c("recipient", "did:web:c.example")]), true),
    ] {
        let p = policy(json!({"permission": [{"action": "use", "constraint": [{logic: items}]}]}));
        assert_eq!(permits(&p, &facts()), expected, "{logic} {items}");
    }
    let either = policy(json!({"permission": [
        {"action": "use", "constraint": [c("spatial", "BE")]},
        {"action": "use", "constraint": [c("spatial", "FR")]}]}));
    assert!(permits(&either, &facts()));
}

#[test]
fn actions_include_their_parts() {
    for (granted, asked, expected) in [
        ("use", "use", true),
        ("use", "read", true),
        ("use", "http://www.w3.org/ns/odrl/2/extract", true),
        ("reproduce", "extract", true),
        ("transfer", "sell", true),
        ("use", "sell", false),
        ("read", "use", false),
        ("read", "display", false),
    ] {
        let facts = Facts { action: asked.to_owned(), ..facts() };
        let p = policy(json!({"permission": [{"action": granted}]}));
        assert_eq!(permits(&p, &facts), expected, "{asked} under {granted}");
        let p = policy(json!({"permission": [{"action": "use"}, {"action": "transfer"}],
            "prohibition": [{"action": granted}]}));
        assert_eq!(permits(&p, &facts), !expected, "{asked} with {granted} forbidden");
    }
}

#[test]
fn rules_are_for_their_party_and_target() {
    let mine = json!({"action": "use", "assignee": "did:web:c.example", "target": "urn:data"});
    assert!(permits(&policy(json!({"permission": [mine]})), &facts()));
    assert!(!permits(&policy(json!({"permission": [mine]})), &nobody()));
    for (member, other) in [("assignee", "did:web:other"), ("target", "urn:other")] {
        let rule = json!({"action": "use", member: other});
        assert!(!permits(&policy(json!({"permission": [rule]})), &facts()), "{member}");
        assert!(
            !permits(&policy(json!({member: other, "permission": [{"action": "use"}]})), &facts()),
            "{member}"
        );
        let forbidden = policy(json!({"permission": [{"action": "use"}], "prohibition": [rule]}));
        assert!(permits(&forbidden, &facts()), "{member}");
        assert!(!permits(&forbidden, &nobody()), "it may be about {member}");
    }
}

#[test]
fn stages_defer_what_they_cannot_know() {
    let mut early = Facts { phase: Phase::Negotiation, ..facts() };
    (early.uses, early.agreed_at) = (None, None);
    for (left, operator, right) in [
        ("count", "lteq", json!("5")),
        ("elapsedTime", "lteq", json!("P5D")),
        ("inForceDate", "lteq", json!("contractAgreement+5d")),
        ("https://w3id.org/entente/v1/signedAgreement", "eq", json!("true")),
    ] {
        let p = only(left, operator, right.clone());
        for phase in [Phase::Catalogue, Phase::Negotiation, Phase::Agreement] {
            let verdict = decide(&p, &Facts { phase, ..early.clone() });
            assert!(verdict.permitted, "{left} {phase:?}");
            assert_eq!(verdict.clauses[0].outcome, Outcome::Deferred, "{left} {phase:?}");
        }
        let late = Facts { phase: Phase::Transfer, ..early.clone() };
        assert_eq!(permits(&p, &late), left.ends_with("signedAgreement"), "{left}");
        assert!(permits(&unless(left, operator, right), &early), "{left}: not yet forbidden");
    }
    let purpose = only("purpose", "isAnyOf", json!(["research"]));
    assert!(permits(&purpose, &Facts { phase: Phase::Catalogue, ..early.clone() }));
    assert!(!permits(&purpose, &early));
}

#[test]
fn duties_of_a_permission_come_before_the_use() {
    for (duty, in_negotiation, at_use) in
        [("log", true, true), ("inform", true, true), ("compensate", true, false), ("delete", true, false)]
    {
        let p = policy(json!({"permission": [{"action": "use", "duty": [{"action": duty}]}]}));
        let early = Facts { phase: Phase::Negotiation, ..facts() };
        assert_eq!(permits(&p, &early), in_negotiation, "{duty}");
        assert_eq!(permits(&p, &facts()), at_use, "{duty}");
        assert_eq!(decide(&p, &early).duties, [duty]);
    }
}

#[test]
fn obligations_bind_by_contract() {
    let p = policy(json!({"permission": [{"action": "use"}],
        "obligation": [{"action": "delete"}, {"action": "log"}],
        "prohibition": [{"action": "distribute"}]}));
    let verdict = decide(&p, &facts());
    assert!(verdict.permitted);
    assert_eq!(verdict.duties, ["delete", "log"]);
    let outcomes: Vec<_> = verdict.clauses.iter().map(|c| (c.path.as_str(), c.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            ("prohibition/0", Outcome::Contractual),
            ("obligation/0", Outcome::Contractual),
            ("obligation/1", Outcome::Satisfied),
        ]
    );
}

#[test]
fn the_next_change_is_the_nearest_instant() {
    let p = policy(json!({"permission": [{"action": "use", "constraint": [
        atom("dateTime", "lt", json!("2026-07-01T00:00:00Z")), atom("elapsedTime", "lteq", json!("P40D"))]}]}));
    let verdict = decide(&p, &facts());
    assert_eq!(verdict.next_change, Some(at("2026-06-10T00:00:00.001Z")));
    let next = |operator: &str| {
        decide(&only("dateTime", operator, json!("2026-07-01T00:00:00Z")), &facts()).next_change
    };
    assert_eq!(next("gteq"), Some(at("2026-07-01T00:00:00Z")));
    assert_eq!(next("gt"), Some(at("2026-07-01T00:00:00.001Z")));
    assert_eq!(decide(&only("spatial", "eq", json!("FR")), &facts()).next_change, None);
    assert_eq!(decide(&only("dateTime", "lt", json!("2026-05-01")), &facts()).next_change, None);
}

#[test]
fn facts_and_verdicts_survive_json() {
    let verdict = decide(&only("spatial", "eq", json!("BE")), &facts());
    let again: Verdict = serde_json::from_value(serde_json::to_value(&verdict).unwrap()).unwrap();
    assert_eq!(again, verdict);
    let again: Facts = serde_json::from_value(serde_json::to_value(facts()).unwrap()).unwrap();
    assert_eq!(again, facts());
    let few: Facts = serde_json::from_value(json!({"phase": "transfer"})).unwrap();
    assert_eq!((few.phase, few.action.as_str()), (Phase::Transfer, "use"));
}

#[test]
fn what_we_do_at_each_use_has_no_deadline() {
    let by = |left: &str, operator: &str, right: &str| json!({"leftOperand": left, "operator": operator, "rightOperand": right});
    for (when, told) in [
        (by("dateTime", "lt", "2026-07-01"), true),
        (by("elapsedTime", "lteq", "P1D"), true),
        (by("spatial", "eq", "FR"), false),
    ] {
        for action in ["log", "inform"] {
            let duty = json!({"action": action, "constraint": [when]});
            let p = policy(json!({"permission": [{"action": "use", "duty": [duty]}]}));
            let found: Vec<_> = p.unsupported().into_iter().map(|u| (u.path, u.reason)).collect();
            let expected = (
                "permission/0/duty/0/constraint/0/leftOperand".to_owned(),
                format!("{action} is done at each use and has no deadline"),
            );
            assert_eq!(found, if told { vec![expected] } else { vec![] }, "{when}");
        }
    }
}
