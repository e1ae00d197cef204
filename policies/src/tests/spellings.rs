use super::*;

#[test]
fn every_spelling_is_the_same_policy() {
    let plain = only("spatial", "eq", json!("FR"));
    let compact = json!({
        "@context": {"odrl": "http://www.w3.org/ns/odrl/2/"}, "@type": "odrl:Set",
        "odrl:permission": {"odrl:action": {"@id": "odrl:use"}, "odrl:constraint": {
            "odrl:leftOperand": {"@id": "odrl:spatial"}, "odrl:operator": {"@id": "odrl:eq"}, "odrl:rightOperand": "FR"}},
        "odrl:prohibition": [], "odrl:obligation": [],
    });
    let expanded = json!([{
        "@type": ["http://www.w3.org/ns/odrl/2/Set"],
        "http://www.w3.org/ns/odrl/2/permission": [{
            "http://www.w3.org/ns/odrl/2/action": [{"@id": "http://www.w3.org/ns/odrl/2/use"}],
            "http://www.w3.org/ns/odrl/2/constraint": [{
                "http://www.w3.org/ns/odrl/2/leftOperand": [{"@id": "http://www.w3.org/ns/odrl/2/spatial"}],
                "http://www.w3.org/ns/odrl/2/operator": [{"@id": "http://www.w3.org/ns/odrl/2/eq"}],
                "http://www.w3.org/ns/odrl/2/rightOperand": [{"@value": "FR"}]}]}],
    }]);
    let bare = json!({"odrl:permission": [{"odrl:action": "odrl:use", "odrl:constraint": [
        {"odrl:leftOperand": "odrl:spatial", "odrl:operator": "odrl:eq", "odrl:rightOperand": "FR"}]}]});
    let edc = json!({
        "@context": {"@vocab": "https://w3id.org/edc/v0.0.1/ns/"}, "@type": "Set",
        "permission": [{"action": "use", "constraint": [
            {"@type": "AtomicConstraint", "leftOperand": "spatial", "operator": "eq", "rightOperand": "FR"}]}],
    });
    let odrl = json!({
        "@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "uid": "urn:p",
        "permission": [{"action": "use", "constraint": [
            {"and": {"@list": [atom("spatial", "eq", json!({"@value": "FR", "@type": "xsd:string"}))]}}]}],
    });
    let action = json!({"permission": [{"action": {"odrl:type": "USE"}, "constraint": [atom("spatial", "eq", json!("FR"))]}]});
    for value in [compact, expanded, bare, edc, odrl, action] {
        let p = policy(value.clone());
        assert!(plain.same_terms(&p), "{value} -> {}", p.to_json());
        assert!(permits(&p, &facts()) && p.unsupported().is_empty(), "{value}");
    }
}

#[test]
fn the_edc_date_has_two_names() {
    let short = only("inForceDate", "lteq", json!("contractAgreement+30d"));
    for left in [
        json!("https://w3id.org/edc/v0.0.1/ns/inForceDate"),
        json!("edc:inForceDate"),
        json!({"@id": "https://w3id.org/edc/v0.0.1/ns/inForceDate"}),
    ] {
        let p = policy(
            json!({"@context": [{"odrl": "http://www.w3.org/ns/odrl/2/"}, {"edc": "https://w3id.org/edc/v0.0.1/ns/"}],
            "odrl:permission": {"odrl:action": {"@id": "odrl:use"}, "odrl:constraint": {
                "odrl:leftOperand": left, "odrl:operator": {"@id": "odrl:lteq"},
                "odrl:rightOperand": "contractAgreement+30d"}}}),
        );
        assert!(short.same_terms(&p), "{}", p.to_json());
    }
    assert!(short.unsupported().is_empty());
}

#[test]
fn order_does_not_matter_but_meaning_does() {
    let rule =
        |constraints: Value| policy(json!({"permission": [{"action": "use", "constraint": constraints}]}));
    let place = |places: Value| atom("spatial", "isAnyOf", places);
    let date = |text: &str| atom("dateTime", "lteq", json!(text));
    let a = rule(json!([place(json!(["FR", "BE"])), date("2026-07-01T00:00:00Z")]));
    for same in [
        json!([{"and": [date("2026-07-01T02:00:00+02:00"), place(json!(["BEL", "FR"]))]}]),
        json!([date("2026-07-01"), place(json!(["FR", "BE", "FR"])), {"and": [date("2026-07-01")]}]),
    ] {
        assert!(a.same_terms(&rule(same.clone())), "{same}");
    }
    for other in [
        json!([place(json!(["FR", "BE"]))]),
        json!([{"or": [place(json!(["FR", "BE"])), date("2026-07-01")]}]),
        json!([place(json!(["FR"])), date("2026-07-01")]),
        json!([place(json!(["FR", "BE"])), date("2026-07-02")]),
    ] {
        assert!(!a.same_terms(&rule(other.clone())), "{other}");
    }
    let (x, y) = (date("2026-07-01"), place(json!(["FR"])));
    assert!(rule(json!([{"xone": [x, y]}])).same_terms(&rule(json!([{"xone": [y, x]}]))));
    assert!(!rule(json!([{"xone": [x, x]}])).same_terms(&rule(json!([x]))));
    assert!(!rule(json!([{"andSequence": [x, y]}])).same_terms(&rule(json!([{"andSequence": [y, x]}]))));
    let elsewhere = policy(json!({"permission": [{"action": "use", "target": "urn:other"}]}));
    assert!(!elsewhere.same_terms(&policy(json!({"permission": [{"action": "use"}]}))));
}

#[test]
fn parties_and_ids_are_left_aside() {
    let a = only("spatial", "eq", json!("FR"));
    let b = a.clone().with_parties(
        Some("urn:a".to_owned()),
        PolicyKind::Agreement,
        Some("urn:data".to_owned()),
        Some("did:web:p".to_owned()),
        Some("did:web:c".to_owned()),
    );
    assert!(a.same_terms(&b) && a != b);
    assert!(b.same_terms(&policy(b.to_json())));
}
