use super::*;

#[test]
fn errors_name_the_path() {
    let rule = |constraint: Value| json!({"permission": [{"action": "use", "constraint": [constraint]}]});
    for (value, path) in [
        (json!([]), "policy"),
        (json!("use"), "policy"),
        (json!({"@type": "Invoice"}), "@type"),
        (json!({"@context": "https://unknown.example/context"}), "@context"),
        (json!({"permission": ["use"]}), "permission/0/action"),
        (json!({"permission": [{}]}), "permission/0/action"),
        (json!({"permission": [{"action": ["use", 5.5, {}]}]}), "permission/0/action"),
        (
            json!({"permission": [{"action": "use", "target": {"refinement": [{}]}}]}),
            "permission/0/target/refinement/0",
        ),
        (
            json!({"permission": [{"action": "use", "duty": [{"action": "log", "consequence": [
            {"action": "log", "consequence": [{"action": "log"}]}]}]}]}),
            "permission/0/duty/0/consequence",
        ),
        (json!({"inheritFrom": ""}), "inheritFrom"),
        (json!({"permission": [{"action": "use", "assignee": ""}]}), "permission/0/assignee"),
        (json!({"conflict": "luck"}), "conflict"),
        (rule(json!({"operator": "eq", "rightOperand": "x"})), "permission/0/constraint/0/leftOperand"),
        (rule(atom("count", "almost", json!("x"))), "permission/0/constraint/0/operator"),
        (rule(json!({"leftOperand": "count", "operator": "eq"})), "permission/0/constraint/0/rightOperand"),
        (rule(atom("count", "eq", json!({"a": 1}))), "permission/0/constraint/0/rightOperand"),
        (rule(json!({"and": [], "or": []})), "permission/0/constraint/0"),
        (rule(json!({"and": []})), "permission/0/constraint/0/and"),
        (rule(json!({"or": [{"and": [{}]}]})), "permission/0/constraint/0/or/0/and/0/leftOperand"),
        (
            rule(json!({"or": [atom("count", "eq", json!("1"))], "leftOperand": "count"})),
            "permission/0/constraint/0/or",
        ),
    ] {
        let error = Policy::parse(&value).unwrap_err();
        assert!(error.path.trim_start_matches('/').starts_with(path), "{value}: {error}");
        assert!(!error.reason.is_empty());
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let many = json!({"permission": vec![json!({"action": "use"}); 10_001]});
    assert!(Policy::parse(&many).unwrap_err().reason.contains("more than"));
    let values: Vec<String> = (0..10_001).map(|n| n.to_string()).collect();
    let long =
        json!({"permission": [{"action": "use", "constraint": [atom("purpose", "isAnyOf", json!(values))]}]});
    assert!(Policy::parse(&long).unwrap_err().reason.contains("more than"));
    let mut deep = atom("count", "eq", json!("1"));
    for _ in 0..17 {
        deep = json!({"and": [deep]});
    }
    let deep = json!({"permission": [{"action": "use", "constraint": [deep]}]});
    assert!(Policy::parse(&deep).unwrap_err().reason.contains("nested"));
    let mut duty = json!({"action": "log"});
    for _ in 0..6 {
        duty = json!({"action": "log", "duty": [duty]});
    }
    assert!(Policy::parse(&json!({"obligation": [duty]})).unwrap_err().reason.contains("nested"));
}

/// A condition that is misspelt, foreign or not supported must not turn into no condition.
#[test]
fn what_is_not_understood_neither_grants_nor_vanishes() {
    let rule = |member: &str, value: Value| json!({"permission": [{"action": "use", member: value}]});
    let with = |extra: Value| {
        let mut c = atom("spatial", "eq", json!("FR"));
        c.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"permission": [{"action": "use", "constraint": [c]}]})
    };
    let refined = json!([{"leftOperand": "count", "operator": "lt", "rightOperand": "1"}]);
    for value in [
        rule("constriant", json!([atom("spatial", "eq", json!("BE"))])),
        rule("odrl:refinement", refined.clone()),
        rule(
            "https://w3id.org/gaia-x/ovc/1/constraint",
            json!([{
            "https://w3id.org/gaia-x/ovc/1/leftOperand": "$.credentialSubject.gx:legalName",
            "operator": "eq", "rightOperand": "z"}]),
        ),
        rule("consequence", json!([{"action": "compensate"}])),
        rule("assignee", json!({"@type": "PartyCollection", "@id": "did:web:c.example"})),
        rule("assignee", json!({"@id": "did:web:c.example", "refinement": refined})),
        rule("target", json!({"@type": "AssetCollection", "source": "urn:data"})),
        json!({"permission": [{"action": {"rdf:value": {"@id": "odrl:use"}, "refinement": refined}}],
            "@context": ["http://www.w3.org/ns/odrl.jsonld", {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}]}),
        json!({"permission": [{"action": "use"}], "prohibtion": [{"action": "use"}]}),
        json!({"permission": [{"action": "use"}], "inheritFrom": "urn:parent"}),
        with(json!({"unit": "https://unit.example/km"})),
        with(json!({"status": "5"})),
        json!({"permission": [{"action": "use", "constraint": [
            {"leftOperand": "spatial", "operator": "eq", "rightOperandReference": "https://list.example/"}]}]}),
    ] {
        let p = policy(value.clone());
        assert!(!permits(&p, &facts()), "{value}");
        assert!(!p.unsupported().is_empty(), "{value}");
        let again = policy(p.to_json());
        assert!(p.same_terms(&again) && !permits(&again, &facts()), "{value} / {}", p.to_json());
        assert!(!p.same_terms(&policy(json!({"permission": [{"action": "use"}]}))), "{value}");
    }
    let described = policy(json!({
        "@context": {"@vocab": "http://www.w3.org/ns/odrl/2/", "dct": "http://purl.org/dc/terms/"},
        "dct:title": "Free", "permission": [{"action": {"@id": "http://www.w3.org/ns/odrl/2/use"}, "dct:description": "use it"}]}));
    assert!(permits(&described, &facts()) && described.unsupported().is_empty());
}

#[test]
fn the_head_of_an_agreement_is_read() {
    let p = policy(json!({
        "@id": "urn:a", "@type": "Agreement", "target": "urn:data", "assigner": "did:web:p", "assignee": "did:web:c.example",
        "timestamp": "2026-01-01T00:00:00Z", "https://w3id.org/entente/v1/signature": "x",
        "permission": [{"action": "use"}], "prohibition": [], "obligation": []}));
    assert_eq!((p.id(), p.kind()), (Some("urn:a"), PolicyKind::Agreement));
    assert!(permits(&p, &facts()) && p.unsupported().is_empty());
    assert_eq!(
        p.to_json(),
        json!({"@id": "urn:a", "@type": "Agreement", "assigner": "did:web:p", "assignee": "did:web:c.example",
            "target": "urn:data", "permission": [{"action": "use"}]})
    );
}

#[test]
fn values_keep_their_type_unit_and_reference() {
    let p = policy(json!({"@type": "Set", "obligation": [{"action": "compensate", "constraint": [
        {"leftOperand": "payAmount", "operator": "eq", "rightOperand": {"@value": "5.00", "@type": "xsd:decimal"},
         "unit": "https://currency.example/EUR"}]}],
        "conflict": "prohibit",
        "@context": ["http://www.w3.org/ns/odrl.jsonld", {"xsd": "http://www.w3.org/2001/XMLSchema#"}]}));
    assert_eq!(
        p.to_json(),
        json!({"@type": "Set", "conflict": "prohibit", "obligation": [{"action": "compensate", "constraint": [
            {"leftOperand": "payAmount", "operator": "eq",
             "rightOperand": {"@value": "5.00", "@type": "http://www.w3.org/2001/XMLSchema#decimal"},
             "unit": "https://currency.example/EUR"}]}]})
    );
    assert!(p.unsupported().is_empty(), "{:?}", p.unsupported());
}

#[test]
fn a_demand_for_signatures_is_seen() {
    let asked = atom("https://w3id.org/entente/v1/signedAgreement", "eq", json!("true"));
    assert!(
        policy(json!({"permission": [{"action": "use", "constraint": [{"and": [asked]}]}]}))
            .demands_signature()
    );
    assert!(!only("spatial", "eq", json!("FR")).demands_signature());
}

#[test]
fn the_published_policy_classes_load_or_fail_cleanly() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/odrl/ids-policy-classes");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let (mut read, mut refused) = (0, 0);
    for entry in entries {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        match Policy::parse(&value) {
            Ok(policy) => {
                read += 1;
                assert!(!sentences(&policy, Lang::En).is_empty());
                assert!(!permits(&policy, &facts()), "they are about other parties: {value}");
                assert!(policy.same_terms(&super::policy(policy.to_json())), "{value}");
            }
            Err(error) => {
                refused += 1;
                assert!(!error.reason.is_empty() && !error.path.is_empty());
            }
        }
    }
    println!("{read} read, {refused} refused with a path");
    assert!(read >= 10 && read + refused >= 20, "{read} read, {refused} refused");
}

#[test]
fn our_own_prefix_in_the_input_changes_nothing() {
    // Found by the fuzz target `parse`.
    for name in [".[6]_:.:}}", "@id", "@type", "x", "", "http://www.w3.org/ns/odrl/2/permission"] {
        let p = policy(
            json!({"permission": [{"action": "use"}], format!("urn:entente:unexplained:{name}"): "4"}),
        );
        assert!(policy(p.to_json()).same_terms(&p), "{name}: {}", p.to_json());
        assert!(!permits(&p, &facts()), "{name}");
    }
}
