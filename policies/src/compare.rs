//! Are two policies the same terms?

use crate::model::{Constraint, Logic, Policy, Rule};
use crate::terms::short;
use ontology::time::Timestamp;
use serde_json::{Value, json};

impl Policy {
    /// Same rules: order does not matter, except in `andSequence`; literals are compared by value; id, kind,
    /// target and parties of the policy are left aside.
    #[must_use]
    pub fn same_terms(&self, other: &Self) -> bool {
        canonical(self) == canonical(other)
    }
}

fn canonical(policy: &Policy) -> Value {
    let rules = |rules: &[Rule]| sorted(rules.iter().map(rule).collect());
    let mut profiles = policy.profiles.clone();
    profiles.sort();
    json!([profiles, rules(&policy.permissions), rules(&policy.prohibitions), rules(&policy.obligations)])
}

fn sorted(mut items: Vec<Value>) -> Value {
    items.sort_by_cached_key(Value::to_string);
    items.dedup();
    Value::Array(items)
}

fn rule(rule: &Rule) -> Value {
    let constraints = match rule.constraints.as_slice() {
        // Several constraints mean the same as their conjunction.
        [Constraint::Logical(Logic::And, items)] => items.iter().map(constraint).collect(),
        many => many.iter().map(constraint).collect(),
    };
    let mut unknown = rule.unknown.clone();
    unknown.sort();
    json!([
        rule.action,
        rule.assignee,
        sorted(constraints),
        sorted(rule.duties.iter().map(self::rule).collect()),
        unknown
    ])
}

fn constraint(c: &Constraint) -> Value {
    match c {
        Constraint::Logical(logic, items) => {
            let items: Vec<Value> = items.iter().map(constraint).collect();
            let items = if *logic == Logic::AndSequence { Value::Array(items) } else { sorted(items) };
            json!([logic.name(), items])
        }
        Constraint::Atomic(a) => {
            let values = a.right.iter().map(|o| json!(value(&a.left, &o.value))).collect();
            json!([short(&a.left), a.operator.name(), sorted(values)])
        }
    }
}

/// Equal instants written differently are the same; so are terms and their IRIs.
fn value(left: &str, text: &str) -> String {
    if short(left) == "dateTime"
        && let Ok(at) = Timestamp::parse(text)
    {
        return at.to_rfc3339();
    }
    short(text).strip_prefix("odrl:").unwrap_or_else(|| short(text)).to_owned()
}
