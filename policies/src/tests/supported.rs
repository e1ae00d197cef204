use super::*;

fn first(value: &Value) -> Option<(String, String)> {
    policy(value.clone()).unsupported().into_iter().next().map(|u| (u.path, u.term))
}

#[test]
fn unsupported_terms_are_named_with_their_path() {
    let rule = |c: Value| json!({"permission": [{"action": "use", "constraint": [c]}]});
    for (value, path, term) in [
        (json!({"permission": [{"action": "fly"}]}), "permission/0/action", "fly"),
        (json!({"permission": [{"action": "log"}]}), "permission/0/action", "log"),
        (rule(atom("moonPhase", "eq", json!("x"))), "permission/0/constraint/0/leftOperand", "moonPhase"),
        (
            rule(
                json!({"or": [atom("https://w3id.org/catenax/policy/FrameworkAgreement", "eq", json!("x"))]}),
            ),
            "permission/0/constraint/0/or/0/leftOperand",
            "https://w3id.org/catenax/policy/FrameworkAgreement",
        ),
        (
            rule(atom("dateTime", "isAnyOf", json!(["2026-01-01"]))),
            "permission/0/constraint/0/operator",
            "isAnyOf",
        ),
        (rule(atom("purpose", "eq", json!(["a", "b"]))), "permission/0/constraint/0/operator", "eq"),
        (rule(atom("count", "lteq", json!("many"))), "permission/0/constraint/0/rightOperand", "many"),
        (rule(atom("elapsedTime", "lteq", json!("P1M"))), "permission/0/constraint/0/rightOperand", "P1M"),
        (
            rule(atom("spatial", "isPartOf", json!("Narnia"))),
            "permission/0/constraint/0/rightOperand",
            "Narnia",
        ),
        (
            json!({"permission": [{"action": "use", "duty": [{"action": "anonymize"}]}]}),
            "permission/0/duty/0",
            "anonymize",
        ),
        (
            json!({"prohibition": [{"action": "use", "duty": [{"action": "log"}]}]}),
            "prohibition/0/duty/0",
            "log",
        ),
        (
            json!({"permission": [{"action": "use", "remedy": [{"action": "delete"}]}]}),
            "permission/0/remedy",
            "remedy",
        ),
        (
            json!({"profile": "https://profile.example/", "permission": [{"action": "use"}]}),
            "profile",
            "https://profile.example/",
        ),
        (json!({"conflict": ["perm", "invalid"], "permission": [{"action": "use"}]}), "conflict", "conflict"),
        (json!({"@type": "Ticket", "permission": [{"action": "use"}]}), "@type", "Ticket"),
        (json!({"inheritFrom": "urn:p"}), "inheritFrom", "inheritFrom"),
    ] {
        assert_eq!(first(&value), Some((path.to_owned(), term.to_owned())), "{value}");
    }
}

#[test]
fn what_is_enforced_or_contractual_is_supported() {
    let rule = |c: Value| json!({"permission": [{"action": "use", "constraint": [c]}]});
    for value in [
        json!({"profile": "http://www.w3.org/ns/odrl/2/core", "permission": [{"action": "use"}]}),
        json!({"conflict": "prohibit", "permission": [{"action": "use"}]}),
        json!({"permission": [{"action": "use", "duty": [{"action": "log"}, {"action": "inform"}]}]}),
        // What is kept of the uses answers these.
        json!({"permission": [{"action": "use", "duty": [
            {"action": "compensate", "constraint": [
                {"leftOperand": "payAmount", "operator": "eq", "rightOperand": "5", "unit": "urn:eur"}]},
            {"action": "obtainConsent", "consequence": [{"action": "inform"}]}]}]}),
        rule(json!({"leftOperand": "count", "operator": "lteq", "rightOperand": "5", "unit": "P1D"})),
        // Of Catena-X's operands, those that a clock answers.
        rule(atom("https://w3id.org/catenax/2025/9/policy/DataUsageEndDate", "lteq", json!("2027-01-01"))),
        rule(atom("https://w3id.org/catenax/2025/9/policy/DataUsageEndDurationDays", "eq", json!("30"))),
        rule(atom("timeInterval", "gteq", json!("PT1H"))),
        rule(atom("meteredTime", "lteq", json!("PT10M"))),
        rule(atom("event", "lt", json!("urn:end-of-project"))),
        json!({"permission": [{"action": "use"}], "obligation": [
            {"action": "log"},
            {"action": "delete", "constraint": [atom("delayPeriod", "eq", json!("P30D"))]},
            {"action": "attribute", "constraint": [atom("event", "lt", json!("odrl:policyUsage"))]}]}),
        json!({"permission": [{"action": "use"}],
            "prohibition": [{"action": "distribute", "constraint": [atom("industry", "eq", json!("banking"))]}]}),
    ] {
        assert_eq!(first(&value), None, "{value}");
    }
    assert_eq!(only("spatial", "isPartOf", json!("EU")).unsupported(), []);
    assert_eq!(only("claim:role", "isAnyOf", json!(["a", "b"])).unsupported(), []);
}

#[test]
fn conditions_on_credentials_must_be_answerable() {
    let claim = |left: &str, kind: &str, operator: &str, right: Value| {
        json!({"https://w3id.org/gaia-x/ovc/1/leftOperand": left,
            "https://w3id.org/gaia-x/ovc/1/credentialSubjectType": kind,
            "operator": operator, "rightOperand": right})
    };
    let at_party = |claim: &Value, more: Value| {
        let mut party = json!({"https://w3id.org/gaia-x/ovc/1/constraint": [claim]});
        party.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"permission": [{"action": "use", "assignee": party}]})
    };
    let at_rule = |claim: &Value| json!({"permission": [{"action": "use", "https://w3id.org/gaia-x/ovc/1/constraint": [claim]}]});
    for left in ["$.credentialSubject.gx:a.gx:b", "$['credentialSubject']['x'][0].y", "$.a[*].b"] {
        let claim = claim(left, "gx:LegalPerson", "eq", json!("x"));
        assert_eq!(first(&at_party(&claim, json!({}))), None);
        assert_eq!(first(&at_rule(&claim)), None);
    }
    for left in
        ["credentialSubject.a", "$", "$.", "$..a", "$.a[?(@.b)]", "$.a[x]", "$.*", "$['']", "$.a[1", "$a"]
    {
        let claim = claim(left, "gx:LegalPerson", "eq", json!("x"));
        for value in [at_party(&claim, json!({})), at_rule(&claim)] {
            let (path, term) = first(&value).unwrap_or_default();
            assert!(path.ends_with("/leftOperand") && term == left, "{left}: {path} {term}");
        }
    }
    for (kind, operator, right, wrong) in [
        ("", "eq", json!("x"), "credentialSubjectType"),
        ("gx:A", "eq", json!(["x", "y"]), "operator"),
        ("gx:A", "isPartOf", json!("x"), "operator"),
    ] {
        let (path, _) = first(&at_rule(&claim("$.a", kind, operator, right))).unwrap();
        assert!(path.ends_with(wrong), "{path}");
    }
    // Who is meant by a name that is narrowed is not known.
    let named = at_party(&claim("$.a", "gx:A", "eq", json!("x")), json!({"@id": "urn:staff"}));
    assert_eq!(first(&named).unwrap().0, "permission/0/assignee");
}
