//! SolidLab's ODRL test suite: decision, activation of the rule, and satisfaction of each premise.

use crate::score::{Score, folder, read};
use ontology::time::Timestamp;
use ontology::turtle;
use policies::{
    DutyRecord, DutyState, Facts, Mode, Outcome, Part, PendingDuties, Phase, Policy, Premise, Reading,
    RuleKind, decide_and_report,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

const ODRL: &str = "http://www.w3.org/ns/odrl/2/";
const REPORT: &str = "https://w3id.org/force/compliance-report#";

type Node = Map<String, Value>;

fn nodes(path: &Path) -> Vec<Node> {
    turtle::read(&read(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn value(node: &Node, key: &str) -> Option<String> {
    let value = node.get(key)?.get(0)?;
    let text = value.get("@id").or_else(|| value.get("@value")).unwrap_or(value);
    text.as_str().map(str::to_owned)
}

fn report(node: &Node, key: &str) -> Option<String> {
    value(node, &format!("{REPORT}{key}")).map(|v| v.replace(REPORT, ""))
}

fn is(node: &Node, class: &str) -> bool {
    node.get("@type").and_then(Value::as_array).is_some_and(|types| types.iter().any(|t| t == class))
}

/// Request and state of the world.
fn facts(request: &[Node], world: &[Node]) -> Facts {
    let asked = request.iter().find(|n| is(n, &format!("{ODRL}Permission"))).unwrap();
    let mut facts = Facts {
        phase: Phase::Stream,
        action: value(asked, &format!("{ODRL}action")).unwrap(),
        target: value(asked, &format!("{ODRL}target")),
        assignee: value(asked, &format!("{ODRL}assignee")),
        // The suite keeps a permission while its duty is not violated.
        mode: Mode { pending: PendingDuties::Allow, ..Mode::default() },
        ..Facts::default()
    };
    let mut collections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in world {
        let id = node["@id"].as_str().unwrap().to_owned();
        if id == "http://example.com/request/currentTime" {
            facts.now = Timestamp::parse(&value(node, "http://purl.org/dc/terms/issued").unwrap()).unwrap();
        }
        for part in node.get(&format!("{ODRL}partOf")).and_then(Value::as_array).into_iter().flatten() {
            collections.entry(id.clone()).or_default().push(part["@id"].as_str().unwrap().to_owned());
        }
        if is(node, &format!("{REPORT}DutyReport")) {
            let state = match report(node, "deonticState").unwrap().as_str() {
                "Fulfilled" => DutyState::Fulfilled,
                "Violated" => DutyState::Violated,
                _ => DutyState::Pending,
            };
            facts.world.duties.push(DutyRecord { duty: report(node, "rule").unwrap(), state, late: false });
        }
    }
    facts.world.collections = Some(collections);
    facts
}

/// Does a premise count as satisfied for a rule of this kind?
fn holds(outcome: Outcome, kind: RuleKind) -> bool {
    match outcome {
        Outcome::Satisfied => true,
        Outcome::Deferred => kind == RuleKind::Permission,
        Outcome::Unknown => kind == RuleKind::Prohibition,
        _ => false,
    }
}

fn find<'a>(premises: &'a [Premise], wanted: &dyn Fn(&Premise) -> bool) -> Option<&'a Premise> {
    premises.iter().find_map(|p| if wanted(p) { Some(p) } else { find(&p.items, wanted) })
}

#[test]
fn solidlab_cases() {
    let Some(folder) = folder("solidlab") else { return };
    let cases: Vec<Value> = serde_json::from_str(&read(folder.join("cases.json"))).unwrap();
    let (mut decisions, mut activations) =
        (Score::new("solidlab-decision"), Score::new("solidlab-activation"));
    let mut premises = Score::new("solidlab-premise");
    let (mut allow, mut deny) = (0, 0);
    for case in &cases {
        let name = case["case"].as_str().unwrap();
        let at = |key: &str| folder.join(case[key].as_str().unwrap());
        let reading = Reading { any_action: true };
        let policy =
            Policy::parse_turtle(&read(at("policy")), reading).unwrap_or_else(|e| panic!("{name}: {e}"));
        let facts = facts(&nodes(&at("request")), &nodes(&at("sotw")));
        let (verdict, found) = decide_and_report(&policy[0], &facts);
        let expected = nodes(&at("test_case"));
        let active = case["expected_activation"] == "Active";
        let permit = active && case["rule"] == "Permission";
        if permit {
            allow += 1
        } else {
            deny += 1
        }
        decisions.note(name, verdict.permitted == permit, || format!("permitted: {}", verdict.permitted));

        let rule = expected.iter().find(|n| report(n, "activationState").is_some()).unwrap();
        let ours = found.rules.iter().find(|r| r.id == report(rule, "rule")).unwrap();
        let attempted = report(rule, "attemptState").unwrap() == "Attempted";
        activations.note(name, holds(ours.activation, ours.kind) == active, || {
            format!("{:?}, expected active: {active}, attempted: {attempted}", ours.activation)
        });

        for node in expected.iter().filter(|n| report(n, "satisfactionState").is_some()) {
            let class = node["@type"][0].as_str().unwrap().replace(REPORT, "");
            let part = match class.as_str() {
                "TargetReport" => Part::Target,
                "PartyReport" => Part::Party,
                "ActionReport" => Part::Action,
                "ConstraintReport" => Part::Constraint,
                other => panic!("{other}"),
            };
            let id = report(node, "constraint");
            let wanted = report(node, "satisfactionState").unwrap() == "Satisfied";
            let premise =
                find(&ours.premises, &|p| p.part == part && (part != Part::Constraint || p.id == id));
            // A part that the rule does not have holds.
            let got = premise.map_or(part != Part::Constraint, |p| holds(p.outcome, ours.kind));
            let case = format!("{name} {}", id.as_deref().unwrap_or(&class));
            premises.note(&case, got == wanted, || format!("{premise:?}, expected satisfied: {wanted}"));
        }
    }
    println!("solidlab: {allow} allow, {deny} deny");
    assert_eq!((allow, deny), (14, 19));
    decisions.expect(33, 0);
    activations.expect(33, 0);
    premises.expect(97, 0);
}
