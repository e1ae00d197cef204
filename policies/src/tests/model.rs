//! The whole information model, in every form it is written in.

use super::*;
use std::collections::BTreeMap;

const TURTLE: &str = r#"
    @prefix odrl: <http://www.w3.org/ns/odrl/2/> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix ex: <https://ex.example/> .
    ex:p a odrl:Policy, odrl:Agreement ; odrl:conflict odrl:prohibit ; odrl:assigner ex:provider ;
      odrl:permission ex:r1 ; odrl:prohibition [ odrl:action odrl:sell ; odrl:remedy [ odrl:action odrl:delete ] ] .
    ex:r1 a odrl:Permission ;
      odrl:action [ rdf:value odrl:print ; odrl:refinement [
        odrl:leftOperand odrl:resolution ; odrl:operator odrl:lteq ; odrl:rightOperand 1200 ; odrl:unit ex:dpi ] ] ;
      odrl:target [ a odrl:AssetCollection ; odrl:source ex:album ; odrl:refinement [
        odrl:leftOperand ex:year ; odrl:operator odrl:gt ; odrl:rightOperand "2000"^^xsd:integer ] ] ;
      odrl:assignee ex:consumer ;
      odrl:constraint [ odrl:andSequence ( ex:c1 ex:c2 ) ] ;
      odrl:duty [ odrl:action odrl:compensate ; odrl:compensatedParty ex:provider ;
        odrl:constraint [ odrl:leftOperand odrl:payAmount ; odrl:operator odrl:eq ;
          odrl:rightOperand "5.00"^^xsd:decimal ; odrl:unit ex:EUR ] ;
        odrl:consequence [ odrl:action odrl:inform ; odrl:informedParty ex:provider ] ] .
    ex:c1 odrl:leftOperand odrl:dateTime ; odrl:operator odrl:gteq ;
      odrl:rightOperand "2026-01-01T00:00:00+02:00"^^xsd:dateTime .
    ex:c2 odrl:leftOperand odrl:count ; odrl:operator odrl:lteq ; odrl:rightOperand 10 ; odrl:status 5 .
    ex:album ex:title "not a part of the policy"@en .
"#;

fn json_ld() -> Value {
    json!({
        "@context": ["http://www.w3.org/ns/odrl.jsonld", {"ex": "https://ex.example/",
            "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "xsd": "http://www.w3.org/2001/XMLSchema#"}],
        "@graph": [
            {"@id": "ex:p", "@type": ["Policy", "Agreement"], "conflict": "prohibit", "assigner": "ex:provider",
             "permission": [{"@id": "ex:r1"}],
             "prohibition": [{"action": "sell", "remedy": [{"action": "delete"}]}]},
            {"@id": "ex:r1", "@type": "Permission",
             "action": {"rdf:value": {"@id": "odrl:print"}, "refinement": [{
                "leftOperand": "resolution", "operator": "lteq", "rightOperand": {"@value": "1200", "@type": "xsd:integer"}, "unit": "ex:dpi"}]},
             "target": {"@type": "AssetCollection", "source": "ex:album", "refinement": [
                {"leftOperand": "ex:year", "operator": "gt", "rightOperand": {"@value": "2000", "@type": "xsd:integer"}}]},
             "assignee": "ex:consumer",
             "constraint": [{"andSequence": {"@list": [{"@id": "ex:c1"}, {"@id": "ex:c2"}]}}],
             "duty": [{"action": "compensate", "compensatedParty": "ex:provider", "constraint": [
                {"leftOperand": "payAmount", "operator": "eq", "rightOperand": {"@value": "5.00", "@type": "xsd:decimal"}, "unit": "ex:EUR"}],
                "consequence": [{"action": "inform", "informedParty": "ex:provider"}]}]},
            {"@id": "ex:c1", "leftOperand": "dateTime", "operator": "gteq",
             "rightOperand": {"@value": "2026-01-01T00:00:00+02:00", "@type": "xsd:dateTime"}},
            {"@id": "ex:c2", "leftOperand": "count", "operator": "lteq", "rightOperand": {"@value": "10", "@type": "xsd:integer"},
             "status": {"@value": "5", "@type": "xsd:integer"}},
        ],
    })
}

fn turtle(text: &str) -> Policy {
    let mut found = Policy::parse_turtle(text, Reading::default()).unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[test]
fn turtle_json_ld_and_plain_json_give_one_model() {
    let from_turtle = turtle(TURTLE);
    assert_eq!(from_turtle, policy(json_ld()));
    assert_eq!(from_turtle, policy(from_turtle.to_json()), "{}", from_turtle.to_json());
    assert_eq!(
        from_turtle,
        turtle(&from_turtle.to_turtle().unwrap()),
        "{}",
        from_turtle.to_turtle().unwrap()
    );
    assert_eq!(
        from_turtle,
        Policy::parse_expanded(&from_turtle.to_expanded().unwrap(), Reading::default()).unwrap()
    );
    let rule = &from_turtle.permissions()[0];
    assert_eq!(rule.id.as_deref(), Some("https://ex.example/r1"));
    assert_eq!(
        rule.target.as_ref().map(|t| (t.id.as_deref(), t.collection)),
        Some((Some("https://ex.example/album"), true))
    );
    assert_eq!(rule.refinements.len(), 1);
    assert_eq!(rule.duties[0].consequences[0].functions[0].role, "http://www.w3.org/ns/odrl/2/informedParty");
    assert_eq!(from_turtle.prohibitions()[0].remedies.len(), 1);
    let Constraint::Logical(sequence) = &rule.constraints[0] else { panic!() };
    assert_eq!(sequence.logic, Logic::AndSequence);
    let ids: Vec<_> = sequence.items.iter().map(Constraint::id).collect();
    assert_eq!(ids, [Some("https://ex.example/c1"), Some("https://ex.example/c2")]);
}

#[test]
fn values_mean_what_their_datatype_says() {
    let value = |json: Value| match &only("ex:a", "eq", json).permissions()[0].constraints[0] {
        Constraint::Atomic(a) => a.right[0].clone(),
        Constraint::Logical(_) => panic!(),
    };
    let xsd = |text: &str, name: &str| {
        value(json!({"@value": text, "@type": format!("http://www.w3.org/2001/XMLSchema#{name}")}))
    };
    let same = |a: &Operand, b: &Operand| a.typed() == b.typed();
    assert!(same(&xsd("2026-01-01T02:00:00+02:00", "dateTime"), &xsd("2026-01-01", "date")));
    assert!(same(&xsd("P1D", "duration"), &xsd("PT24H", "dayTimeDuration")));
    assert!(same(&xsd("5.00", "decimal"), &xsd("5", "integer")));
    assert!(same(&xsd("1e3", "double"), &xsd("1000", "integer")));
    assert_eq!(xsd("true", "boolean").typed(), Typed::Flag(true));
    assert_eq!(value(json!({"@value": "chat", "@language": "fr"})).typed(), Typed::Text("chat", Some("fr")));
    assert_eq!(value(json!({"@id": "urn:x"})).typed(), Typed::Iri("urn:x"));
    for wrong in [xsd("tomorrow", "dateTime"), xsd("x", "integer"), xsd("2", "boolean"), xsd("x", "gYear")] {
        assert!(matches!(wrong.typed(), Typed::Wrong(_)), "{wrong:?}");
    }
}

#[test]
fn compact_policies_are_taken_apart() {
    let p = policy(
        json!({"@type": "Set", "action": ["read", "print"], "target": ["urn:a", "urn:b"], "assigner": "urn:me",
        "permission": [{"assignee": "urn:x"}, {"action": "use", "target": "urn:c"}]}),
    );
    let atoms: Vec<_> = p
        .permissions()
        .iter()
        .map(|r| (r.action.rsplit('/').next().unwrap(), r.target.as_ref().and_then(Referent::plain).unwrap()))
        .collect();
    assert_eq!(
        atoms,
        [("read", "urn:a"), ("read", "urn:b"), ("print", "urn:a"), ("print", "urn:b"), ("use", "urn:c")]
    );
    assert_eq!(p.assigner(), Some("urn:me"));
    assert_eq!(p, policy(p.to_json()));
    let many: Vec<String> = (0..40).map(|n| format!("urn:{n}")).collect();
    let product = json!({"permission": [{"action": "use", "target": many, "assignee": many}]});
    assert!(Policy::parse(&product).unwrap_err().reason.contains("more than"));
}

#[test]
fn a_policy_is_found_from_its_asset_and_party() {
    let p = turtle(
        r"@prefix odrl: <http://www.w3.org/ns/odrl/2/> .
        <urn:data> odrl:hasPolicy <urn:p> . <urn:me> odrl:assigneeOf <urn:p> .
        <urn:p> a odrl:Set ; odrl:permission [ odrl:action odrl:read ] .",
    );
    assert_eq!((p.target(), p.assignee()), (Some("urn:data"), Some("urn:me")));
}

#[test]
fn unset_is_not_invalid() {
    let with = |conflict: Value| policy(json!({"conflict": conflict, "permission": [{"action": "use"}]}));
    assert_eq!(policy(json!({"permission": []})).conflicts(), []);
    assert_eq!(with(json!("invalid")).conflicts(), [Conflict::Invalid]);
    assert_eq!(with(json!(["perm", "prohibit"])).conflict(), Conflict::Invalid);
    assert!(!with(json!("invalid")).same_terms(&policy(json!({"permission": [{"action": "use"}]}))));
}

fn family(members: &[(&str, &[&str], &str)]) -> BTreeMap<String, Policy> {
    let one = |(id, parents, action): &(&str, &[&str], &str)| {
        let value = json!({"@id": id, "@type": "Set", "inheritFrom": parents, "target": "urn:data",
            "permission": [{"action": action, "constraint": [
                {"leftOperand": "count", "operator": "lteq", "rightOperand": "9", "status": "5"}]}]});
        ((*id).to_owned(), policy(value))
    };
    members.iter().map(one).collect()
}

#[test]
fn ancestors_are_inherited_once_and_circles_refused() {
    let diamond = family(&[
        ("urn:child", &["urn:left", "urn:right"], "play"),
        ("urn:left", &["urn:top"], "read"),
        ("urn:right", &["urn:top"], "print"),
        ("urn:top", &[], "display"),
    ]);
    let whole = diamond["urn:child"].inherit(&|id| diamond.get(id)).unwrap();
    let actions: Vec<_> = whole.permissions().iter().map(|r| r.action.rsplit('/').next().unwrap()).collect();
    assert_eq!(actions, ["play", "display", "read", "print"]);
    assert!(whole.inherits().is_empty());
    let status = |n: usize| match &whole.permissions()[n].constraints[0] {
        Constraint::Atomic(a) => a.status.is_some(),
        Constraint::Logical(_) => panic!(),
    };
    assert!(status(0) && !status(1), "recorded values do not pass on");
    assert!(!permits(&diamond["urn:child"], &facts()), "a policy without its parents grants nothing");
    for circle in [
        family(&[("urn:a", &["urn:a"], "read")]),
        family(&[
            ("urn:a", &["urn:b"], "read"),
            ("urn:b", &["urn:c"], "read"),
            ("urn:c", &["urn:a"], "read"),
        ]),
        family(&[("urn:a", &["urn:b"], "read"), ("urn:b", &["urn:b"], "read")]),
    ] {
        let error = circle["urn:a"].inherit(&|id| circle.get(id)).unwrap_err();
        assert!(error.reason.contains("itself"), "{error}");
    }
    let orphan = family(&[("urn:a", &["urn:gone"], "read")]);
    assert!(orphan["urn:a"].inherit(&|_| None).unwrap_err().reason.contains("cannot be found"));
}

#[test]
fn inherited_rules_stay_with_those_they_were_for() {
    let parent = policy(json!({"@id": "urn:parent", "assignee": "urn:friend", "conflict": "perm",
        "permission": [{"action": "use"}]}));
    let child = policy(json!({"@id": "urn:child", "inheritFrom": "urn:parent", "conflict": "prohibit",
        "prohibition": [{"action": "sell"}]}));
    let whole = child.inherit(&|_| Some(&parent)).unwrap();
    assert_eq!(whole.permissions()[0].assignee, Some(Referent::one("urn:friend")));
    assert_eq!(whole.conflicts(), [Conflict::Perm, Conflict::Prohibit]);
    assert_eq!(whole.conflict(), Conflict::Invalid);
}

#[test]
fn references_are_read_from_the_callers_table() {
    let p = policy(json!({"permission": [{"action": "use", "constraint": [
        {"leftOperand": "spatial", "operator": "isAnyOf", "rightOperandReference": "urn:list"}]}]}));
    assert!(!permits(&p, &facts()));
    let table =
        BTreeMap::from([("urn:list".to_owned(), vec![Operand { value: "FR".into(), ..Operand::default() }])]);
    assert!(permits(&p.with_references(&table), &facts()));
    assert_eq!(p.with_references(&BTreeMap::new()), p, "what is not in the table stays open");
}

#[test]
fn trees_that_refer_to_themselves_are_refused() {
    let text = "@prefix odrl: <http://www.w3.org/ns/odrl/2/> .
        <urn:p> a odrl:Set ; odrl:permission <urn:r> . <urn:r> odrl:action odrl:use ; odrl:duty <urn:r> .";
    assert!(Policy::parse_turtle(text, Reading::default()).unwrap_err().reason.contains("itself"));
    let mut wide = "@prefix odrl: <http://www.w3.org/ns/odrl/2/> . <urn:p> a odrl:Set ; odrl:permission [ odrl:action odrl:use ; odrl:constraint <urn:0> ] .".to_owned();
    for n in 0..40 {
        wide.push_str(&format!("<urn:{n}> odrl:and <urn:{0}>, [ odrl:or <urn:{0}> ] .", n + 1));
    }
    assert!(Policy::parse_turtle(&wide, Reading::default()).is_err(), "sharing does not explode");
}

#[test]
fn an_action_is_demanded_unless_the_reading_says_otherwise() {
    let text = "@prefix odrl: <http://www.w3.org/ns/odrl/2/> . <urn:p> a odrl:Set ; odrl:permission [ ] .";
    assert_eq!(Policy::parse_turtle(text, Reading::default()).unwrap_err().path, "permission/0/action");
    let any = Policy::parse_turtle(text, Reading { any_action: true }).unwrap().remove(0);
    assert!(permits(&any, &Facts { action: "sell".into(), ..facts() }));
}
