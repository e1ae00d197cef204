//! Deciding allocates nothing, however rich the policy and the facts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use ontology::time::Timestamp;
use policies::{Credential, DutyRecord, DutyState, Event, Facts, Mode, Payment, Phase, Policy, Program};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn atom(left: &str, operator: &str, right: Value) -> Value {
    json!({"leftOperand": left, "operator": operator, "rightOperand": right})
}

fn facts() -> Facts {
    let mut f = Facts {
        now: at("2026-06-01T00:00:00Z"),
        phase: Phase::Transfer,
        action: "read".to_owned(),
        target: Some("urn:data".to_owned()),
        assignee: Some("did:web:c.example".to_owned()),
        purpose: Some(vec!["urn:p:clinical".to_owned()]),
        agreed_at: Some(at("2026-05-01")),
        uses: Some(3),
        mode: Mode { transforms: vec!["anonymize".to_owned()], ..Mode::default() },
        ..Facts::default()
    };
    f.claims.insert("spatial".into(), vec!["FR-29".into()]);
    f.claims.insert("role".into(), vec!["member".into(), "auditor".into()]);
    let w = &mut f.world;
    for (operand, value) in [
        ("language", "fr-CA"),
        ("version", "2.10"),
        ("virtualLocation", "10.1.2.3"),
        ("fileFormat", "text/csv"),
        ("urn:x", "some text"),
        ("urn:when", "2026-01-01T00:00:00+02:00"),
        ("urn:long", "PT5M"),
    ] {
        w.context.insert(operand.into(), vec![value.into()]);
    }
    w.terms.broader.insert("urn:p:clinical".into(), vec!["urn:p:research".into()]);
    w.collections = Some([("did:web:c.example".into(), vec!["urn:staff".into()])].into());
    w.used_at = Some(vec![at("2026-05-31T12:00:00Z"), at("2026-05-01")]);
    w.metered = Some(1000);
    w.paid = Some(vec![Payment { amount: "5.00".into(), unit: "urn:EUR".into(), at: at("2026-05-02") }]);
    w.events = Some(vec![Event { id: "urn:e".into(), start: at("2026-05-31"), end: None }]);
    w.duties =
        vec![DutyRecord { duty: "permission/0/duty/0".into(), state: DutyState::Fulfilled, late: true }];
    w.became.insert("permission/0/constraint/0/andSequence/0".into(), at("2026-05-01"));
    w.credentials = vec![Credential {
        issuer: "did:web:notary".into(),
        trusted: true,
        from: None,
        until: Some(at("2027-01-01")),
        status: policies::CredentialStatus::Valid,
        types: vec!["gx:LegalParticipant".into()],
        body: json!({"credentialSubject": [{"gx:level": 3, "gx:name": "x"}]}),
    }];
    f
}

#[test]
fn deciding_allocates_nothing() {
    let conditions = json!([
        {"andSequence": [atom("spatial", "isPartOf", json!("EU")), atom("claim:role", "isAnyOf", json!(["auditor"]))]},
        {"xone": [atom("dateTime", "lt", json!("2026-07-01")), atom("dateTime", "gt", json!("2026-07-01"))]},
        atom("elapsedTime", "lteq", json!("P60D")), atom("inForceDate", "lteq", json!("contractAgreement+60d")),
        atom("count", "lteq", json!(5)), atom("purpose", "isA", json!("urn:p:research")),
        atom("language", "isPartOf", json!("fr")), atom("version", "gt", json!("2.9")),
        atom("virtualLocation", "isPartOf", json!("10.0.0.0/8")), atom("fileFormat", "eq", json!("text/csv")),
        atom("urn:x", "neq", json!("other text")), atom("urn:when", "lt", json!("2026-02-01")), atom("urn:long", "lt", json!("PT1H")),
        atom("meteredTime", "lteq", json!("PT1H")), atom("timeInterval", "gteq", json!("PT1H")), atom("event", "gteq", json!("urn:e")),
        {"leftOperand": "payAmount", "operator": "gteq", "rightOperand": "5", "unit": "urn:EUR"},
        {"leftOperand": "count", "operator": "lteq", "rightOperand": "5", "unit": "P1D"},
        {"https://w3id.org/gaia-x/ovc/1/leftOperand": "$.credentialSubject.gx:level", "operator": "gteq", "rightOperand": "2"},
        atom("recipient", "isPartOf", json!("urn:staff")), atom("spatial", "neq", json!("https://place.example/CH")),
    ]);
    let policy = Policy::parse(&json!({
        "permission": [{"action": "use", "target": "urn:data", "assignee": {"source": "urn:staff"}, "constraint": conditions,
            "duty": [{"action": "compensate", "consequence": [{"action": "inform"}]}, {"action": "log"}, {"action": "anonymize"}]},
            {"action": "use"}],
        "prohibition": [{"action": "use", "constraint": [atom("spatial", "eq", json!("Asia"))]}, {"action": "sell"}],
        "obligation": [{"action": "delete", "constraint": [atom("delayPeriod", "lteq", json!("P90D"))]}]}))
    .unwrap();
    let (program, rich) = (Program::new(&policy), facts());
    // Some tables are made on first use.
    let expected = program.decide(&rich);
    let mut elsewhere = facts();
    elsewhere.action = "urn:something".to_owned();
    elsewhere.world.context.insert("urn:when".into(), vec!["not a date".into()]);
    let nothing = Facts { phase: Phase::Stream, ..Facts::default() };
    let all = [&rich, &elsewhere, &nothing];
    assert_eq!(all.map(|f| program.decide(f).permitted), [true, false, false]);

    let region = Region::new(COUNTING);
    for _ in 0..100 {
        for facts in all {
            std::hint::black_box(program.decide(facts));
        }
    }
    let stats = region.change();
    assert_eq!((stats.allocations, stats.reallocations), (0, 0), "{stats:?}");
    assert_eq!(program.decide(&rich), expected);
    // The counter counts.
    let region = Region::new(COUNTING);
    std::hint::black_box(policies::decide(&policy, &rich));
    assert!(region.change().allocations > 0);
}
