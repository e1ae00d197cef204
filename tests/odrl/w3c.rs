//! The reports of the W3C ODRL Formal Semantics draft. Its files are not consistent in their keys, so that what is
//! needed is read by name; `controlState` is the answer.

use crate::score::{Score, folder, read};
use ontology::time::Timestamp;
use policies::{DutyRecord, DutyState, Facts, Phase, Policy, RuleKind, decide_and_report};
use serde_json::Value;

/// The first value of a member with this name, anywhere.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(name).or_else(|| map.values().find_map(|v| find(v, name))),
        Value::Array(items) => items.iter().find_map(|v| find(v, name)),
        _ => None,
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    find(value, name).and_then(Value::as_str).map(str::to_owned)
}

#[test]
fn w3c_formal_semantics() {
    let Some(folder) = folder("w3c-formal-semantics") else { return };
    let mut score = Score::new("w3c");
    for (policy, cases) in [("A1", vec!["A11", "A12"]), ("C1", vec!["C11", "C12"])] {
        let json = |path: String| -> Value { serde_json::from_str(&read(folder.join(path))).unwrap() };
        // The name `xsd` of the remote context is not part of its published form.
        let document = read(folder.join(format!("{policy}/policy{policy}.json")))
            .replace("\"xsd:", "\"http://www.w3.org/2001/XMLSchema#")
            .replace("\"rdf:value\"", "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#value\"");
        let rules = Policy::parse(&serde_json::from_str(&document).unwrap()).unwrap();
        for case in cases {
            let request = json(format!("{policy}/{case}/evaluationrequest{case}.json"));
            let expected = json(format!("{policy}/{case}/compliancereport{case}.json"));
            let moment = text(find(&request, "requestParameters").unwrap(), "@value").unwrap();
            let mut facts = Facts {
                now: Timestamp::parse(&moment).unwrap(),
                phase: Phase::Stream,
                action: text(&request, "evaluatedAction")
                    .unwrap()
                    .replace("odrl:", "http://www.w3.org/ns/odrl/2/"),
                // The draft writes `billie1` in the request and `billie` in the policy.
                assignee: text(&request, "evaluatedParty").map(|p| p.replace("billie1", "billie")),
                target: text(&request, "evaluatedTarget"),
                ..Facts::default()
            };
            let state = folder.join(format!("{policy}/{case}/state{case}.json"));
            if state.exists() {
                let state: Value = serde_json::from_str(&read(state)).unwrap();
                let duty = text(&state, "conditionId").unwrap();
                facts.world.duties.push(DutyRecord { duty, state: DutyState::Fulfilled, late: false });
            }
            let (verdict, report) = decide_and_report(&rules, &facts);
            let permit = text(&expected, "report:controlState").unwrap() == "report:Permit";
            score.note(case, verdict.permitted == permit, || format!("{verdict:?}"));
            let active = text(&expected, "report:activationState").unwrap() == "report:Active";
            let rule = report.rules.iter().find(|r| r.kind == RuleKind::Permission).unwrap();
            let ours = rule.activation == policies::Outcome::Satisfied;
            score.note(&format!("{case} activation"), ours == active, || format!("{rule:?}"));
        }
    }
    score.expect(8, 0);
}
