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
