//! Operands, modes, duties and credentials beyond what the connector has facts for by itself.

use super::*;

/// A use with something known of everything.
fn rich() -> Facts {
    let mut f = facts();
    let world = &mut f.world;
    for (operand, value) in [
        ("fileFormat", "text/csv"),
        ("language", "fr-CA"),
        ("version", "2.10"),
        ("industry", "urn:nace:C10"),
        ("virtualLocation", "10.1.2.3"),
        ("systemDevice", "urn:device:1"),
        ("percentage", "40"),
        ("resolution", "300"),
        ("urn:x:age", "33"),
        ("http://www.w3.org/ns/odrl/2/absoluteSize", "12.5"),
    ] {
        world.context.insert(operand.to_owned(), vec![value.to_owned()]);
    }
    world.units.insert("resolution".into(), "http://dbpedia.org/resource/Dots_per_inch".into());
    world.terms.broader.insert("urn:nace:C10".into(), vec!["urn:nace:C".into()]);
    world.terms.broader.insert("urn:p:clinical".into(), vec!["urn:p:research".into()]);
    world.metered = Some(3_600_000);
    world.used_at = Some(vec![at("2026-05-31T12:00:00Z"), at("2026-05-30T00:00:00Z")]);
    let payment =
        |amount: &str, unit: &str| Payment { amount: amount.into(), unit: unit.into(), at: at("2026-05-02") };
    world.paid =
        Some(vec![payment("30.50", "urn:EUR"), payment("19.5", "urn:EUR"), payment("99", "urn:USD")]);
    let event = |id: &str, start: &str, end: Option<&str>| Event {
        id: id.into(),
        start: at(start),
        end: end.map(at),
    };
    world.events = Some(vec![
        event("urn:e:match", "2026-05-31T23:00:00Z", Some("2026-06-01T02:00:00Z")),
        event("urn:e:past", "2026-01-01", Some("2026-01-02")),
        event("urn:e:soon", "2026-06-09", None),
    ]);
    f.purpose = Some(vec!["urn:p:clinical".into()]);
    f
}

fn with_unit(left: &str, operator: &str, right: Value, unit: &str) -> Policy {
    let mut c = atom(left, operator, right);
    c["unit"] = json!(unit);
    policy(json!({"permission": [{"action": "use", "constraint": [c]}]}))
}

#[test]
fn operands_have_their_meaning() {
    let dpi = "http://dbpedia.org/resource/Dots_per_inch";
    for (p, expected) in [
        (only("fileFormat", "eq", json!("text/csv")), true),
        (only("fileFormat", "isNoneOf", json!(["text/csv"])), false),
        (only("language", "isPartOf", json!("fr")), true),
        (only("language", "isPartOf", json!("f")), false),
        (only("language", "eq", json!("FR-ca")), true),
        (only("language", "eq", json!("fr")), false),
        (only("version", "gt", json!("2.9")), true),
        (only("version", "lteq", json!("2.10.0")), true),
        (only("version", "gt", json!("beta")), false),
        (only("industry", "isA", json!("urn:nace:C")), true),
        (only("industry", "isA", json!("urn:nace:D")), false),
        (only("virtualLocation", "isPartOf", json!("10.0.0.0/8")), true),
        (only("virtualLocation", "isPartOf", json!("10.2.0.0/16")), false),
        (only("virtualLocation", "neq", json!("example.org")), false),
        (only("systemDevice", "isAnyOf", json!(["urn:device:1", "urn:device:2"])), true),
        (only("percentage", "lteq", json!(50)), true),
        (only("percentage", "lteq", json!("39.9")), false),
        (only("absoluteSize", "eq", json!("12.50")), true),
        (only("urn:x:age", "gteq", json!("18")), true),
        (only("urn:x:age", "gteq", json!("P18D")), false),
        (only("urn:x:height", "gteq", json!("18")), false),
        (with_unit("resolution", "lteq", json!(600), dpi), true),
        (with_unit("resolution", "lteq", json!(600), "urn:lpi"), false),
        (with_unit("percentage", "lteq", json!(50), "urn:of-what"), false),
        (only("meteredTime", "lteq", json!("PT1H")), true),
        (only("meteredTime", "eq", json!("PT30M")), false),
        (only("timeInterval", "eq", json!("PT12H")), true),
        (only("timeInterval", "eq", json!("P1D")), false),
        (with_unit("payAmount", "gteq", json!("50.00"), "urn:EUR"), true),
        (with_unit("payAmount", "gt", json!("50.00"), "urn:EUR"), false),
        (only("payAmount", "gteq", json!("50.00")), false),
        (with_unit("count", "lteq", json!(2), "P1D"), true),
        (with_unit("count", "lteq", json!(2), "P7D"), false),
        (with_unit("count", "lteq", json!(2), "urn:pages"), false),
        (only("event", "eq", json!({"@id": "urn:e:match"})), true),
        (only("event", "gt", json!({"@id": "urn:e:past"})), true),
        (only("event", "lt", json!({"@id": "urn:e:soon"})), true),
        (only("event", "eq", json!({"@id": "urn:e:soon"})), false),
        (only("event", "lt", json!({"@id": "urn:e:never"})), true),
        (only("event", "gteq", json!({"@id": "urn:e:never"})), false),
        (only("event", "eq", json!("policyUsage")), true),
        (only("event", "lt", json!("policyUsage")), false),
        (only("purpose", "isA", json!("urn:p:research")), true),
        (only("purpose", "isAnyOf", json!(["urn:p:research"])), true),
        (only("purpose", "eq", json!("urn:p:marketing")), false),
        (only("https://w3id.org/catenax/2025/9/policy/DataUsageEndDate", "lteq", json!("2026-07-01")), true),
        (only("https://w3id.org/catenax/2025/9/policy/DataUsageEndDurationDays", "eq", json!("40")), true),
        (only("https://w3id.org/catenax/2025/9/policy/DataUsageEndDurationDays", "eq", json!("20")), false),
        (
            only("https://w3id.org/catenax/2025/9/policy/Liability", "eq", json!("cx.grossNegligence:1")),
            false,
        ),
        (only("https://w3id.org/catenax/2025/9/policy/UsagePurpose", "isAnyOf", json!(["cx.core:1"])), false),
    ] {
        let verdict = decide(&p, &rich());
        assert_eq!(verdict.permitted, expected, "{} {:?}", p.to_json(), verdict.clauses);
        if !expected {
            assert!(!refusal(&verdict, Lang::En).is_empty());
        }
    }
}

#[test]
fn counters_and_events_tell_when_the_answer_changes() {
    let next = |p: Policy| decide(&p, &rich()).next_change;
    assert_eq!(next(with_unit("count", "lteq", json!(2), "P1D")), Some(at("2026-06-01T12:00:00Z")));
    assert_eq!(next(only("timeInterval", "eq", json!("P1D"))), Some(at("2026-06-01T12:00:00Z")));
    assert_eq!(next(only("event", "eq", json!("urn:e:match"))), Some(at("2026-06-01T02:00:00.001Z")));
    assert_eq!(next(only("event", "lt", json!("urn:e:soon"))), Some(at("2026-06-09")));
}

#[test]
fn what_the_policy_records_counts_only_against_itself() {
    let with = |status: &str, uses: Option<u64>| {
        let mut c = atom("count", "lteq", json!("10"));
        c["status"] = json!(status);
        let p = policy(json!({"permission": [{"action": "use", "constraint": [c]}]}));
        permits(&p, &Facts { uses, ..facts() })
    };
    assert!(with("5", Some(1)));
    assert!(!with("10", Some(1)), "ten were used already");
    assert!(!with("0", Some(11)));
    assert!(!with("0", None), "a number in a document is no counter");
}

#[test]
fn refinements_are_judged_on_what_they_refine() {
    let rule = |member: &str, value: Value| {
        let mut rule = json!({"action": "use"});
        rule[member] = value;
        policy(json!({"permission": [rule]}))
    };
    let refined = |left: &str, right: Value| json!([atom(left, "lteq", right)]);
    let action = json!({"http://www.w3.org/1999/02/22-rdf-syntax-ns#value": {"@id": "http://www.w3.org/ns/odrl/2/print"},
        "refinement": refined("resolution", json!(1200))});
    let mut f = facts();
    f.action = "print".to_owned();
    assert!(!permits(&rule("action", action.clone()), &f), "how it is printed is not known");
    f.world.context.insert("resolution".into(), vec!["300".into()]);
    assert!(!permits(&rule("action", action.clone()), &f), "the context is not the action");
    f.world.action.insert("resolution".into(), vec!["300".into()]);
    assert!(permits(&rule("action", action.clone()), &f));
    let early = Facts { phase: Phase::Negotiation, action: "print".into(), ..facts() };
    assert!(permits(&rule("action", action), &early), "seen when it is done");

    let album = json!({"@type": "AssetCollection", "source": "urn:album", "refinement": refined("urn:year", json!(2000))});
    assert!(!permits(&rule("target", album.clone()), &facts()), "membership is not known");
    let mut f = facts();
    f.world.collections = Some(
        [("urn:data".into(), vec!["urn:box".into()]), ("urn:box".into(), vec!["urn:album".into()])].into(),
    );
    assert!(!permits(&rule("target", album.clone()), &f), "the year is not known");
    f.world.asset.insert("urn:year".into(), vec!["1999".into()]);
    assert!(permits(&rule("target", album.clone()), &f));
    f.world.asset.insert("urn:year".into(), vec!["2001".into()]);
    assert!(!permits(&rule("target", album), &f));

    let staff = json!({"@type": "PartyCollection", "source": "urn:staff", "refinement": refined("claim:level", json!(3))});
    let mut f = facts();
    f.world.collections = Some([("did:web:c.example".into(), vec!["urn:staff".into()])].into());
    f.claims.insert("level".into(), vec!["2".into()]);
    assert!(permits(&rule("assignee", staff.clone()), &f));
    f.world.collections = Some([].into());
    assert!(!permits(&rule("assignee", staff), &f));
}

fn duty_policy(duty: Value) -> Policy {
    policy(json!({"permission": [{"action": "use", "duty": [duty]}]}))
}

fn with_record(state: DutyState, late: bool, more: &[&str]) -> Facts {
    let mut f = facts();
    f.world.duties.push(DutyRecord { duty: "permission/0/duty/0".into(), state, late });
    for duty in more {
        f.world.duties.push(DutyRecord { duty: (*duty).into(), state: DutyState::Fulfilled, late: false });
    }
    f
}

#[test]
fn the_ledger_says_what_has_become_of_duties() {
    let pay =
        duty_policy(json!({"@id": "urn:pay", "action": "compensate", "consequence": [{"action": "inform"}]}));
    assert!(permits(&pay, &with_record(DutyState::Fulfilled, false, &[])));
    assert!(!permits(&pay, &with_record(DutyState::Pending, false, &[])));
    assert!(!permits(&pay, &with_record(DutyState::Violated, false, &[])));
    assert!(
        !permits(&pay, &with_record(DutyState::Fulfilled, true, &[])),
        "too late, so the consequence is due as well"
    );
    assert!(permits(&pay, &with_record(DutyState::Fulfilled, true, &["permission/0/duty/0/consequence/0"])));
    assert!(
        !permits(&pay, &with_record(DutyState::Violated, false, &["permission/0/duty/0/consequence/0"])),
        "a consequence does not replace the duty"
    );
    let mut by_id = facts();
    by_id.world.duties.push(DutyRecord { duty: "urn:pay".into(), state: DutyState::Fulfilled, late: false });
    assert!(permits(&pay, &by_id));
    let allow = Mode { pending: PendingDuties::Allow, ..Mode::default() };
    assert!(permits(&pay, &Facts { mode: allow.clone(), ..facts() }), "a named mode lets duties be pending");
    assert!(!permits(&pay, &Facts { mode: allow, ..with_record(DutyState::Violated, false, &[]) }));
}

#[test]
fn duties_have_deadlines_and_conditions() {
    let until = |date: &str| {
        duty_policy(json!({"action": "compensate", "constraint": [atom("dateTime", "lteq", json!(date))]}))
    };
    let allow = Facts { mode: Mode { pending: PendingDuties::Allow, ..Mode::default() }, ..facts() };
    let verdict = decide(&until("2026-06-05"), &allow);
    assert!(verdict.permitted);
    assert_eq!(verdict.open[0].deadline, Some(at("2026-06-05")));
    assert_eq!(verdict.next_change, Some(at("2026-06-05T00:00:00.001Z")));
    assert!(!permits(&until("2026-05-05"), &allow), "its time has passed");
    let elsewhere =
        duty_policy(json!({"action": "compensate", "constraint": [atom("spatial", "eq", json!("BE"))]}));
    assert!(permits(&elsewhere, &facts()), "a duty for Belgium is none in France");
    assert!(!permits(&elsewhere, &Facts { phase: Phase::Transfer, ..nobody() }));
    let obligation = policy(json!({"permission": [{"action": "use"}],
        "obligation": [{"action": "delete", "constraint": [atom("delayPeriod", "eq", json!("P60D"))]}]}));
    let verdict = decide(&obligation, &facts());
    assert_eq!(
        verdict.open.iter().map(|o| (o.action.as_str(), o.deadline)).collect::<Vec<_>>(),
        [("delete", Some(at("2026-06-30")))]
    );
}

#[test]
fn a_change_on_the_way_is_a_third_answer() {
    let masked = duty_policy(json!({"action": "anonymize"}));
    assert!(!permits(&masked, &facts()), "nobody can do it");
    let able = Facts { mode: Mode { transforms: vec!["anonymize".into()], ..Mode::default() }, ..facts() };
    let verdict = decide(&masked, &able);
    assert_eq!(verdict.decision(), Decision::PermitWithModifications);
    assert_eq!(verdict.modifications[0].path, "permission/0/duty/0");
    assert_eq!(decide(&duty_policy(json!({"action": "log"})), &able).decision(), Decision::Permit);
    let other = policy(json!({"permission": [
        {"action": "use", "assignee": "urn:other", "duty": [{"action": "anonymize"}]}, {"action": "use"}]}));
    assert_eq!(
        decide(&other, &able).decision(),
        Decision::Permit,
        "only what the permission that holds demands"
    );
}

#[test]
fn credentials_count_only_when_trusted_and_valid() {
    let left = "$.credentialSubject.gx:legalAddress.gx:countrySubdivisionCode";
    let claim = json!({"https://w3id.org/gaia-x/ovc/1/leftOperand": left,
        "https://w3id.org/gaia-x/ovc/1/credentialSubjectType": "gx:LegalParticipant",
        "operator": "odrl:isAnyOf", "rightOperand": ["FR-29", "FR-35"]});
    let at_rule = policy(
        json!({"permission": [{"action": "use", "https://w3id.org/gaia-x/ovc/1/constraint": [claim.clone()]}]}),
    );
    let at_party = policy(json!({"permission": [{"action": "use",
        "assignee": {"https://w3id.org/gaia-x/ovc/1/constraint": [claim]}}]}));
    let credential = Credential {
        issuer: "did:web:notary".into(),
        trusted: true,
        from: Some(at("2026-01-01")),
        until: Some(at("2026-12-31")),
        status: CredentialStatus::Valid,
        types: vec!["https://w3id.org/gaia-x/development#LegalParticipant".into()],
        body: json!({"credentialSubject": [{"gx:legalAddress": {"gx:countrySubdivisionCode": "FR-29"}}]}),
    };
    for p in [&at_rule, &at_party] {
        assert_eq!(policy(p.to_json()), *p);
        let turtle = p.to_turtle().unwrap();
        let read = Policy::parse_turtle(&turtle, Reading::default()).unwrap();
        assert!(read[0].same_terms(p), "{turtle}");
        let with = |change: &dyn Fn(&mut Credential)| {
            let mut credential = credential.clone();
            change(&mut credential);
            let mut f = facts();
            f.world.credentials.push(credential);
            decide(p, &f)
        };
        let verdict = with(&|_| {});
        assert!(verdict.permitted, "{:?}", verdict.clauses);
        assert_eq!(verdict.next_change, Some(at("2026-12-31")));
        let ends = |change: &dyn Fn(&mut Credential), en: &str, fr: &str| {
            let verdict = with(change);
            assert!(!verdict.permitted);
            for (lang, end) in [(Lang::En, en), (Lang::Fr, fr)] {
                let said = refusal(&verdict, lang).join(" ");
                assert!(said.ends_with(&format!("did:web:notary {end}")), "{said}");
            }
        };
        ends(
            &|c| c.trusted = false,
            "does not count, as this issuer is not trusted for it",
            "ne compte pas, car cet émetteur n’est pas agréé pour elle",
        );
        ends(&|c| c.status = CredentialStatus::Revoked, "was revoked", "a été révoquée");
        ends(&|c| c.status = CredentialStatus::Suspended, "is suspended", "est suspendue");
        ends(
            &|c| c.status = CredentialStatus::Unknown,
            "does not count, as it cannot be checked whether it was revoked",
            "ne compte pas, car sa révocation ne peut pas être vérifiée",
        );
        ends(&|c| c.until = Some(at("2026-05-31")), "has expired", "a expiré");
        ends(&|c| c.from = Some(at("2026-06-02")), "is not valid yet", "n’est pas encore valable");
        assert!(p.asks_for_credentials() && p.unsupported().is_empty(), "{:?}", p.unsupported());
        assert!(!with(&|c| c.types = vec!["gx:Membership".into()]).permitted);
        assert!(!with(&|c| c.body = json!({"credentialSubject": {}})).permitted);
        assert!(
            !with(&|c| c.body =
                json!({"credentialSubject": {"gx:legalAddress": {"gx:countrySubdivisionCode": "DE-BY"}}}))
            .permitted
        );
        assert!(!permits(p, &facts()));
    }
}

#[test]
fn a_sequence_has_an_order_when_the_times_are_kept() {
    let p = policy(json!({"permission": [{"action": "use", "constraint": [
        {"andSequence": [atom("spatial", "eq", json!("FR")), atom("count", "lteq", json!("5"))]}]}]}));
    let with = |times: &[(usize, &str)]| {
        let mut f = facts();
        for (n, text) in times {
            f.world.became.insert(format!("permission/0/constraint/0/andSequence/{n}"), at(text));
        }
        permits(&p, &f)
    };
    assert!(with(&[]) && with(&[(0, "2026-05-01"), (1, "2026-05-02")]));
    assert!(!with(&[(0, "2026-05-03"), (1, "2026-05-02")]));
    assert!(!with(&[(0, "2026-05-03")]), "when the other became true is not known");
}

#[test]
fn modes_are_named() {
    let offer = policy(json!({"@type": "Offer", "permission": [{"action": "use"}]}));
    assert!(permits(&offer, &facts()));
    assert!(!permits(&offer, &Facts { mode: Mode { offers: Offers::Never, ..Mode::default() }, ..facts() }));
    let open = Mode { behaviour: Behaviour::Open, ..Mode::default() };
    let nothing = policy(json!({"@type": "Set"}));
    assert!(!permits(&nothing, &facts()) && permits(&nothing, &Facts { mode: open.clone(), ..facts() }));
    let unknown = unless("spatial", "eq", json!("Narnia"));
    assert!(
        !permits(&unknown, &Facts { mode: open, ..facts() }),
        "an undecidable prohibition holds in any mode"
    );
    for kind in ["Request", "Ticket", "Assertion", "Privacy"] {
        let p = policy(json!({"@type": kind, "permission": [{"action": "use"}]}));
        assert!(!permits(&p, &facts()) && p.to_json()["@type"] == kind, "{kind}");
    }
    let profiled = policy(json!({"profile": "urn:profile", "permission": [{"action": "use"}]}));
    assert!(!permits(&profiled, &facts()), "without the profile its terms mean nothing");
    assert!(permits(
        &profiled,
        &Facts { mode: Mode { profiles: vec!["urn:profile".into()], ..Mode::default() }, ..facts() }
    ));
    let replaced = policy(
        json!({"permission": [{"action": "use"}], "http://purl.org/dc/terms/isReplacedBy": {"@id": "urn:new"}}),
    );
    assert!(!permits(&replaced, &facts()) && replaced.replaced_by() == Some("urn:new"));
}

/// Each conflict with a sibling that is none.
#[test]
fn conflicts_are_settled_as_the_policy_says() {
    let with = |conflict: Option<&str>, forbidden: &str| {
        let mut p = json!({"permission": [{"action": "read"}], "prohibition": [{"action": forbidden}]});
        if let Some(conflict) = conflict {
            p["conflict"] = json!(conflict);
        }
        let verdict = decide(&policy(p), &Facts { action: "read".into(), ..facts() });
        (verdict.permitted, verdict.conflict)
    };
    for (strategy, permitted) in
        [(None, false), (Some("invalid"), false), (Some("prohibit"), false), (Some("perm"), true)]
    {
        assert_eq!(with(strategy, "use"), (permitted, true), "{strategy:?}");
        assert_eq!(with(strategy, "print"), (true, false), "{strategy:?}");
    }
}

#[test]
fn reports_tell_the_state_of_every_rule() {
    let p =
        policy(json!({"@id": "urn:p", "permission": [{"@id": "urn:r", "action": "use", "target": "urn:data",
        "constraint": [{"@id": "urn:c", "leftOperand": "spatial", "operator": "eq", "rightOperand": "BE"}],
        "duty": [{"@id": "urn:d", "action": "log"}]}], "prohibition": [{"action": "sell"}]}));
    let (verdict, report) = decide_and_report(&p, &facts());
    assert_eq!(verdict.clauses[0].code(), "constraint.unsatisfied");
    let written = report.to_json_ld("urn:report", p.id(), None, at("2026-06-01"));
    insta::assert_json_snapshot!(written);
}
