//! Policies in and out.

use super::bench::{Bench, open_policy};
use super::{EDC, answered, context, timeless};
use crate::web::manage::{jsonld, policies};
use ::policies::Policy;
use serde_json::{Value, json};

const ODRL: &str = "http://www.w3.org/ns/odrl/2/";

/// The same policy definition in the forms that clients send.
fn forms() -> Vec<Value> {
    let rules = json!({
        "@type": "Set",
        "permission": [{"action": "use", "constraint": [
            {"leftOperand": "inForceDate", "operator": "lteq", "rightOperand": "contractAgreement+30d"}]}],
        "prohibition": [], "obligation": [],
    });
    let with = |context: Value, policy: Value| json!({"@context": context, "@id": "p1", "policy": policy});
    let mut own_context = rules.clone();
    own_context["@context"] = json!("http://www.w3.org/ns/odrl.jsonld");
    let bare = json!({"@id": "p1", "policy": rules});
    let prefixed = json!({
        "@context": {"edc": EDC, "odrl": ODRL}, "@id": "p1", "@type": "edc:PolicyDefinition",
        "edc:policy": {"@type": "odrl:Set", "odrl:permission": {"odrl:action": {"@id": "odrl:use"},
            "odrl:constraint": {"odrl:leftOperand": {"@id": "edc:inForceDate"}, "odrl:operator": {"@id": "odrl:lteq"},
                "odrl:rightOperand": "contractAgreement+30d"}},
            "odrl:prohibition": [], "odrl:obligation": []},
    });
    let o = |term: &str| format!("{ODRL}{term}");
    let expanded = json!([{
        "@id": "p1",
        format!("{EDC}policy"): [{
            "@type": [o("Set")],
            o("permission"): [{
                o("action"): [{"@id": o("use")}],
                o("constraint"): [{
                    o("leftOperand"): [{"@id": format!("{EDC}inForceDate")}],
                    o("operator"): [{"@id": o("lteq")}],
                    o("rightOperand"): [{"@value": "contractAgreement+30d"}]}]}]}],
    }]);
    let management = json!(["https://w3id.org/edc/connector/management/v2"]);
    let mut newest = with(management, rules.clone());
    newest["@type"] = json!("PolicyDefinition");
    vec![
        with(context(), own_context),
        // EDC takes these rules for its own terms and keeps none of them.
        with(context(), rules),
        bare,
        prefixed,
        expanded,
        newest,
    ]
}

#[test]
fn every_form_of_a_policy_is_the_same_policy() {
    let parsed: Vec<Policy> = forms()
        .iter()
        .map(|body| {
            let definition = policies::read(&jsonld::expand(body).unwrap()).unwrap();
            assert_eq!(definition.id, "p1");
            Policy::parse(&definition.policy).unwrap()
        })
        .collect();
    for (form, policy) in forms().iter().zip(&parsed) {
        assert!(policy.same_terms(&parsed[0]), "{form:#} gave {}", policy.to_json());
        assert_eq!(policy.unsupported(), vec![], "{form:#}");
    }
}

#[tokio::test]
async fn policies_leave_in_the_documented_form_and_can_come_back() {
    let bench = Bench::new().await;
    for body in forms() {
        bench.ok("POST", "/v2/policydefinitions", &body).await;
        let read = bench.ok("GET", "/v3/policydefinitions/p1", &Value::Null).await;
        let id = read["policy"]["@id"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 36);
        assert_eq!(
            timeless(read.clone()),
            answered(json!({"@id": "p1", "@type": "PolicyDefinition", "policy": {
                "@id": id, "@type": "odrl:Set",
                "odrl:permission": {
                    "odrl:action": {"@id": "odrl:use"},
                    "odrl:constraint": {"odrl:leftOperand": {"@id": "edc:inForceDate"},
                        "odrl:operator": {"@id": "odrl:lteq"}, "odrl:rightOperand": "contractAgreement+30d"}},
                "odrl:prohibition": [], "odrl:obligation": []}}))
        );
        assert_eq!(bench.ok("POST", "/v3/policydefinitions/request", &Value::Null).await, json!([read]));
        bench.done("PUT", "/v3/policydefinitions/p1", &read).await;
        assert_eq!(bench.ok("GET", "/v3/policydefinitions/p1", &Value::Null).await, read);
        bench.done("DELETE", "/v3/policydefinitions/p1", &Value::Null).await;
    }
}

#[tokio::test]
async fn what_cannot_be_enforced_is_named_by_place() {
    let bench = Bench::new().await;
    let with = |policy: Value| json!({"@context": context(), "@id": "x", "policy": policy});
    let (status, error) = bench.call("POST", "/v3/policydefinitions", &json!({"@id": "x"})).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}policy"))));
    let moon = json!({"@type": "Set", "permission": [{"action": "use",
        "constraint": [{"leftOperand": "moonPhase", "operator": "eq", "rightOperand": "full"}]}]});
    let (status, error) = bench.call("POST", "/v3/policydefinitions", &with(moon)).await;
    assert_eq!(status, 400);
    let path = error[0]["path"].as_str().unwrap();
    let start = format!("{EDC}policy/{ODRL}permission/0/{ODRL}constraint/0");
    assert!(path.starts_with(&start), "{error:#}");
    assert!(error[0]["message"].as_str().unwrap().contains("moonPhase"));
    let kind = json!({"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Asset", "permission": []});
    let (status, error) = bench.call("POST", "/v3/policydefinitions", &with(kind)).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}policy/@type"))), "{error:#}");
}

#[tokio::test]
async fn policies_are_validated_and_planned() {
    let bench = Bench::new().await;
    bench.ok("POST", "/v3/policydefinitions", &open_policy("open")).await;
    assert_eq!(
        bench.ok("POST", "/v3/policydefinitions/open/validate", &Value::Null).await,
        answered(json!({"@type": "PolicyValidationResult", "isValid": true, "errors": []}))
    );
    let purpose = json!({"@context": context(), "@id": "purpose", "policy": {"@type": "Set",
        "permission": [{"action": "use", "constraint": [
            {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": ["research", "teaching"]}]}],
        "prohibition": [{"action": "sell"}]}});
    bench.ok("POST", "/v3/policydefinitions", &purpose).await;
    let scope = |name: &str| json!({"@context": context(), "@type": "PolicyEvaluationPlanRequest", "policyScope": name});
    let plan = bench.ok("POST", "/v3/policydefinitions/purpose/evaluationplan", &scope("catalog")).await;
    assert_eq!(plan["@type"], "PolicyEvaluationPlan");
    assert_eq!((&plan["preValidators"], &plan["obligationSteps"]), (&json!([]), &json!([])));
    assert_eq!(plan["prohibitionSteps"]["@type"], "ProhibitionStep");
    let step = &plan["permissionSteps"];
    assert_eq!(
        (&step["@type"], &step["isFiltered"], &step["dutySteps"]),
        (&json!("PermissionStep"), &json!(false), &json!([]))
    );
    let constraint = &step["constraintSteps"];
    assert_eq!(
        (&constraint["@type"], &constraint["isFiltered"]),
        (&json!("AtomicConstraintStep"), &json!(true))
    );
    assert!(constraint["filteringReasons"].is_string(), "{plan:#}");
    assert_eq!(constraint["functionParams"][0], "purpose");
    let plan = bench
        .ok("POST", "/v3/policydefinitions/purpose/evaluationplan", &scope("contract.negotiation"))
        .await;
    assert_eq!(plan["permissionSteps"]["constraintSteps"]["isFiltered"], false, "{plan:#}");
    let (status, error) =
        bench.call("POST", "/v3/policydefinitions/purpose/evaluationplan", &scope("moon")).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}policyScope"))));
    assert_eq!(
        bench.call("POST", "/v3/policydefinitions/none/evaluationplan", &scope("catalog")).await.0,
        404
    );
}

/// Clients of v2 can write nothing else for data that everybody may use; in v3 such a policy permits nothing.
#[tokio::test]
async fn a_policy_without_rules_permits_use_in_v2_only() {
    let bench = Bench::new().await;
    for (version, id, permits) in [("v2", "old", true), ("v3", "new", false)] {
        let body = json!({
            "@context": {"@vocab": "https://w3id.org/edc/v0.0.1/ns/"}, "@id": id,
            "policy": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set",
                "permission": [], "prohibition": [], "obligation": []},
        });
        bench.ok("POST", &format!("/{version}/policydefinitions"), &body).await;
        let found = bench.ok("GET", &format!("/v3/policydefinitions/{id}"), &Value::Null).await;
        let action = &found["policy"]["odrl:permission"]["odrl:action"]["@id"];
        assert_eq!(action == "odrl:use", permits, "{found:#}");
    }
    // A rule of whatever kind is left alone.
    let body = json!({
        "@context": {"@vocab": "https://w3id.org/edc/v0.0.1/ns/"}, "@id": "ban",
        "policy": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set",
            "prohibition": [{"action": "use"}]},
    });
    bench.ok("POST", "/v2/policydefinitions", &body).await;
    let found = bench.ok("GET", "/v3/policydefinitions/ban", &Value::Null).await;
    assert!(found["policy"]["odrl:permission"].as_array().is_some_and(Vec::is_empty), "{found:#}");
}

/// Conditions on credentials survive the way to the client and back, in every form and at both places.
#[tokio::test]
async fn conditions_on_credentials_leave_and_come_back() {
    let bench = Bench::new().await;
    let condition = json!([{"https://w3id.org/gaia-x/ovc/1/leftOperand": "$.credentialSubject.level",
        "https://w3id.org/gaia-x/ovc/1/credentialSubjectType": "Membership", "operator": "eq", "rightOperand": "gold"}]);
    let constraint = "https://w3id.org/gaia-x/ovc/1/constraint";
    for rule in [
        json!({"action": "use", "assignee": {constraint: condition}}),
        json!({"action": "use", constraint: condition}),
    ] {
        let policy =
            json!({"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "permission": [rule]});
        let wanted = Policy::parse(&policy).unwrap();
        let body = json!({"@context": context(), "@id": "p1", "policy": policy});
        bench.ok("POST", "/v3/policydefinitions", &body).await;
        for version in ["v3", "v4"] {
            let mut read = bench.ok("GET", &format!("/{version}/policydefinitions/p1"), &Value::Null).await;
            let definition = policies::read(&jsonld::expand(&read).unwrap()).unwrap();
            let found = Policy::parse(&definition.policy).unwrap();
            assert!(found.same_terms(&wanted) && found.asks_for_credentials(), "{version} {read:#}");
            assert_eq!(found.unsupported(), vec![], "{version} {read:#}");
            if version == "v4" {
                read.as_object_mut().unwrap().shift_remove("createdAt");
            }
            bench.done("PUT", &format!("/{version}/policydefinitions/p1"), &read).await;
        }
        bench.done("DELETE", "/v3/policydefinitions/p1", &Value::Null).await;
    }
}
