//! Taxonomies and places in decisions: what lies within, its siblings, and what is no relation at all.

use super::*;

/// The facts of a consumer, with the taxonomies that the connector uses.
fn known() -> Facts {
    let mut facts = facts();
    facts.world.terms.built_in = true;
    facts
}

fn stating(purposes: &[&str]) -> Facts {
    Facts { purpose: Some(purposes.iter().map(|p| (*p).to_owned()).collect()), ..known() }
}

/// Both evaluators.
fn answer(policy: &Policy, facts: &Facts) -> bool {
    let (slow, fast) = (decide(policy, facts), Program::new(policy).decide(facts));
    assert_eq!(
        (slow.permitted, slow.next_change),
        (fast.permitted, fast.next_change),
        "{}",
        policy.to_json()
    );
    slow.permitted
}

#[test]
fn purposes_lie_within_those_above_them() {
    let research = "https://w3id.org/dpv#ResearchAndDevelopment";
    for (stated, within) in [
        (&["dpv:AcademicResearch"][..], true),
        (&["AcademicResearch"], true),
        (&["http://www.w3.org/ns/dpv#CommercialResearch"], true),
        (&["dpv:AcademicResearch", "dpv:ScientificResearch"], true),
        (&["dpv:ResearchAndDevelopment"], true),
        (&["dpv:Marketing"], false),
        (&["dpv:Purpose"], false),
        (&["dpv:AcademicResearch", "dpv:Marketing"], false),
        (&["research"], false),
    ] {
        for (operator, right) in
            [("isA", json!(research)), ("isPartOf", json!({"@id": research})), ("isAnyOf", json!([research]))]
        {
            let facts = stating(stated);
            assert_eq!(
                answer(&only("purpose", operator, right.clone()), &facts),
                within,
                "{stated:?} {operator}"
            );
        }
    }
    // A purpose of another branch is not what is forbidden; a part of the forbidden one is.
    let no_marketing = unless("purpose", "isA", json!("dpv:Marketing"));
    assert!(answer(&no_marketing, &stating(&["dpv:AcademicResearch"])));
    assert!(!answer(&no_marketing, &stating(&["dpv:TargetedAdvertising"])));
    assert!(!answer(&no_marketing, &stating(&[])));
    // Siblings.
    let academic = only("purpose", "isAnyOf", json!(["dpv:AcademicResearch"]));
    assert!(!answer(&academic, &stating(&["dpv:ScientificResearch"])));
    let not_known = Facts { world: World::default(), ..stating(&["dpv:AcademicResearch"]) };
    assert!(!answer(&only("purpose", "isA", json!(research)), &not_known), "without the taxonomy");
}

#[test]
fn industries_lie_within_their_sections() {
    let of = |industry: &str| {
        let mut facts = known();
        facts.world.context.insert("industry".to_owned(), vec![industry.to_owned()]);
        facts
    };
    let manufacturing = only("industry", "isPartOf", json!("http://data.europa.eu/ux2/nace2/C"));
    assert!(answer(&manufacturing, &of("http://data.europa.eu/ux2/nace2/29")));
    assert!(answer(&manufacturing, &of("nace2:30")));
    assert!(!answer(&manufacturing, &of("nace2:45")), "trade in what others made");
    assert!(!answer(&manufacturing, &of("nace2.1:29")), "another revision");
    assert!(!answer(&manufacturing, &of("29")), "a bare code is of no revision");
    assert!(!answer(&manufacturing, &known()));
    let not_trade = unless("industry", "isPartOf", json!("nace2:G"));
    assert!(answer(&not_trade, &of("nace2:29")));
    assert!(!answer(&not_trade, &of("nace2:45")));
    assert!(!answer(&not_trade, &of("nace2.1:46")), "not known, so it counts as forbidden");
}

#[test]
fn unions_are_those_of_the_time() {
    let seated = |country: &str, now: &str| {
        let mut facts = Facts { now: at(now), ..known() };
        facts.claims.insert("spatial".to_owned(), vec![country.to_owned()]);
        facts
    };
    for operator in ["eq", "isPartOf", "isAnyOf", "isA"] {
        let union = only("spatial", operator, json!("EU"));
        for (country, now, inside) in [
            ("GB", "2020-01-31T12:00:00Z", true),
            ("GB", "2020-02-01", false),
            ("GB", "2026-06-01", false),
            ("IE", "2026-06-01", true),
            ("HR", "2013-06-30", false),
            ("HR", "2013-07-01", true),
            ("SI", "2013-06-30", true),
            ("RS", "2026-06-01", false),
            ("NO", "2026-06-01", false),
        ] {
            assert_eq!(answer(&union, &seated(country, now)), inside, "{country} {operator} {now}");
        }
    }
    let area = only("spatial", "isPartOf", json!("EEA"));
    assert!(answer(&area, &seated("NO", "2026-06-01")));
    assert!(!answer(&area, &seated("CH", "2026-06-01")));
    // The day on which the answer changes is told beforehand.
    let union = only("spatial", "isPartOf", json!("EU"));
    let before = decide(&union, &seated("GB", "2020-01-15"));
    assert_eq!((before.permitted, before.next_change), (true, Some(at("2020-02-01"))));
    assert_eq!(decide(&union, &seated("GB", "2026-06-01")).next_change, None);
}

#[test]
fn actions_lie_within_those_that_include_them() {
    let asking = |action: &str| Facts { action: action.to_owned(), ..known() };
    let copying = policy(json!({"permission": [{"action": "reproduce"}]}));
    assert!(answer(&copying, &asking("extract")));
    assert!(answer(&copying, &asking("copy")), "an old name");
    assert!(!answer(&copying, &asking("print")), "a sibling");
    assert!(!answer(&copying, &asking("use")), "the other direction");
    assert!(!answer(&copying, &asking("sell")), "the other tree");
}
