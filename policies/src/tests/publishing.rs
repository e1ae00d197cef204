//! Templates, remarks before publication, and everything in words.

use super::*;
use crate::lint::{Finding, lint};
use crate::relate::{Capabilities, Options, enforceability, within};

fn plain(lines: Vec<String>) -> String {
    lines.join("\n").replace('\u{a0}', " ")
}

/// Something of everything that rules can say.
fn whole() -> Policy {
    let refined = |action: &str, c: Value| json!({"http://www.w3.org/1999/02/22-rdf-syntax-ns#value": {"@id": format!("http://www.w3.org/ns/odrl/2/{action}")}, "refinement": [c]});
    let euros = |n: u32| json!({"leftOperand": "payAmount", "operator": "eq", "rightOperand": n, "unit": "https://currency.example/EUR"});
    policy(
        json!({"@type": "Set", "conflict": "prohibit", "inheritFrom": "urn:parent", "profile": "urn:profile",
        "permission": [{"action": refined("print", atom("resolution", "lteq", json!(1200))),
            "assignee": {"@type": "PartyCollection", "source": "urn:staff", "refinement": [atom("claim:level", "gteq", json!(3))]},
            "constraint": [
                {"leftOperand": "count", "operator": "lteq", "rightOperand": "5", "unit": "P1D"},
                {"leftOperand": "spatial", "operator": "isAnyOf", "rightOperandReference": "urn:list"},
                atom("event", "lt", json!("urn:the-match")), atom("meteredTime", "eq", json!("PT1H")),
                atom("timeInterval", "eq", json!("P7D")), atom("version", "gt", json!("2.0"))],
            "duty": [{"action": refined("compensate", euros(5)), "constraint": [atom("dateTime", "lteq", json!("2026-06-05"))],
                "consequence": [{"action": refined("compensate", euros(10))}]}]}],
        "prohibition": [{"action": "distribute", "remedy": [{"action": "inform"}]}],
        "obligation": [{"action": "delete", "constraint": [atom("delayPeriod", "eq", json!("P30D"))]}]}),
    )
}

#[test]
fn whole_policies_in_words() {
    insta::assert_snapshot!("whole_en", plain(sentences(&whole(), Lang::En)));
    insta::assert_snapshot!("whole_fr", plain(sentences(&whole(), Lang::Fr)));
}

#[test]
fn outcomes_in_words() {
    let p = policy(
        json!({"permission": [{"action": "use", "constraint": [atom("dateTime", "lt", json!("2026-07-01"))],
            "duty": [{"action": "anonymize"}]}],
        "prohibition": [{"action": "use", "constraint": [atom("spatial", "eq", json!("BE"))]}],
        "obligation": [{"action": "delete", "constraint": [atom("delayPeriod", "eq", json!("P60D"))]}]}),
    );
    let able = Facts { mode: Mode { transforms: vec!["anonymize".into()], ..Mode::default() }, ..facts() };
    let mut belgian = able.clone();
    belgian.claims.insert("spatial".into(), vec!["BE".into()]);
    let all = |lang| [&able, &belgian, &nobody()].map(|f| plain(outcome(&decide(&p, f), lang))).join("\n\n");
    insta::assert_snapshot!("outcomes_en", all(Lang::En));
    insta::assert_snapshot!("outcomes_fr", all(Lang::Fr));
}

#[test]
fn comparisons_and_assessments_in_words() {
    let offer = policy(
        json!({"permission": [{"action": "use", "duty": [{"action": "log"}]}], "prohibition": [{"action": "use",
        "constraint": [atom("spatial", "eq", json!("BE"))]}]}),
    );
    let counters = [
        json!({"permission": [{"action": "sell"}]}),
        json!({"permission": [{"action": "use"}]}),
        json!({"permission": [{"action": "read", "duty": [{"action": "log"}]}]}),
        json!({"permission": [{"action": "read", "duty": [{"action": "log"}]}], "prohibition": [{"action": "use"}]}),
        json!({"inheritFrom": "urn:x"}),
    ];
    let all = |lang| {
        let mut out: Vec<String> = counters
            .iter()
            .map(|c| answer(&within(&policy(c.clone()), &offer, &Options::default()), lang))
            .collect();
        out.extend(enforceability(&whole(), &Capabilities::default()).iter().map(|a| assessment(a, lang)));
        plain(out)
    };
    insta::assert_snapshot!("comparisons_en", all(Lang::En));
    insta::assert_snapshot!("comparisons_fr", all(Lang::Fr));
}

#[test]
fn remarks_find_what_is_wrong_and_leave_the_rest() {
    let remarks = |value: Value| {
        lint(&policy(value))
            .into_iter()
            .map(|Finding { path, code, .. }| format!("{path} {code}"))
            .collect::<Vec<_>>()
    };
    let one = |c: Value| json!({"permission": [{"action": "use", "constraint": c}]});
    assert_eq!(remarks(one(json!([atom("spatial", "eq", json!("FR"))]))), Vec::<String>::new());
    for (value, expected) in [
        (json!({"@type": "Set"}), " no-permission"),
        (json!({"@type": "Agreement", "assigner": "urn:a", "permission": [{"action": "use"}]}), " parties"),
        (json!({"conflict": ["perm", "prohibit"], "permission": [{"action": "use"}]}), "conflict strategies"),
        (
            one(json!([
                atom("dateTime", "lt", json!("2026-01-01")),
                atom("dateTime", "gt", json!("2026-01-01"))
            ])),
            "permission/0 never",
        ),
        (
            one(json!([atom("elapsedTime", "gteq", json!("P1D"))])),
            "permission/0/constraint/0/operator operator",
        ),
        (one(json!([atom("payAmount", "eq", json!(5))])), "permission/0/constraint/0/unit unit"),
        (
            one(json!([atom(
                "dateTime",
                "lt",
                json!({"@value": "soon", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"})
            )])),
            "permission/0/constraint/0/rightOperand value",
        ),
        (
            one(json!([atom("spatial", "eq", json!("FR")), atom("spatial", "eq", json!("FR"))])),
            "permission/0/constraint/1 twice",
        ),
        (one(json!([atom("purpose", "isAnyOf", json!(["x"]))])), "permission/0/constraint/0/operator single"),
        (json!({"permission": [{"action": "copy"}]}), "permission/0/action deprecated"),
        (
            json!({"permission": [{"action": "use"}], "prohibition": [{"action": "print"}]}),
            "permission/0 clash",
        ),
        (
            json!({"permission": [{"action": "use"}], "prohibition": [{"action": "print", "target": {"source": "urn:x"}, "moon": 1}]}),
            "permission/0 clash-maybe",
        ),
        (
            one(json!([atom("urn:foreign", "eq", json!("x"))])),
            "permission/0/constraint/0/leftOperand unsupported",
        ),
    ] {
        let found = remarks(value.clone());
        assert!(found.iter().any(|f| f == expected), "{value}: {found:?}");
        for lang in [Lang::En, Lang::Fr] {
            assert!(lint(&policy(value.clone())).iter().all(|f| finding(f, lang).ends_with('.')));
        }
    }
}

#[test]
fn templates_make_policies_that_are_enforced() {
    let all = [
        Template::OnlyFor(vec!["did:web:c.example".into(), "did:web:d.example".into()]),
        Template::Until(at("2026-12-31T00:00:00Z")),
        Template::Purpose(vec!["research".into()]),
        Template::Within(vec!["EU".into(), "CH".into()]),
        Template::Uses(10),
        Template::DeleteAfter("P30D".into()),
        Template::Notify,
        Template::Attribution,
        Template::NoOnwardSharing,
    ];
    let p = Template::policy(&all).unwrap();
    assert_eq!(p.unsupported(), []);
    let able = Facts { purpose: Some(vec!["research".into()]), ..facts() };
    assert!(permits(&p, &able));
    assert!(!permits(&p, &Facts { uses: Some(11), ..able.clone() }));
    assert!(!permits(&p, &Facts { now: at("2027-01-01"), ..able.clone() }));
    assert!(!permits(&p, &Facts { assignee: Some("did:web:x".into()), ..able.clone() }));
    let approved = Template::policy(&[Template::Approval]).unwrap();
    assert!(!permits(&approved, &able), "nobody has approved");
    let mut with = able;
    with.world.duties.push(DutyRecord {
        duty: "permission/0/duty/0".into(),
        state: DutyState::Fulfilled,
        late: false,
    });
    assert!(permits(&approved, &with));
    for (wrong, path) in [
        (Template::OnlyFor(vec![]), "recipient"),
        (Template::Within(vec!["Narnia".into()]), "spatial"),
        (Template::DeleteAfter("soon".into()), "delayPeriod"),
        (Template::Purpose(vec![" ".into()]), "purpose"),
    ] {
        assert_eq!(Template::policy(&[wrong]).unwrap_err().path, path);
    }
    insta::assert_snapshot!("templates_en", plain(sentences(&p, Lang::En)));
    insta::assert_snapshot!("templates_fr", plain(sentences(&p, Lang::Fr)));
}

#[test]
fn a_policy_without_permissions_is_remarked_upon() {
    let empty = policy(json!({"@type": "Set", "permission": [], "prohibition": [], "obligation": []}));
    assert!(!permits(&empty, &facts()));
    let remark = |lang| lint(&empty).iter().map(|f| finding(f, lang)).collect::<Vec<_>>().join(" ");
    assert!(remark(Lang::En).contains("Eclipse EDC reads empty lists"), "{}", remark(Lang::En));
    assert!(remark(Lang::Fr).contains("Eclipse EDC lit des listes"), "{}", remark(Lang::Fr));
}
