//! Are two policies the same terms?

use crate::model::{Constraint, Logic, Policy, Rule, Unknown};
use crate::support::{Sort, sort};
use crate::terms::short;
use ontology::time::{Timestamp, parse_duration};
use oxsdatatypes::Decimal;
use serde_json::{Value, json};
use std::str::FromStr;

impl Policy {
    /// Same rules: order does not matter, except in `andSequence`; literals are compared by value; id, kind,
    /// target and parties of the policy are left aside.
    #[must_use]
    pub fn same_terms(&self, other: &Self) -> bool {
        canonical(self) == canonical(other)
    }
}

fn canonical(policy: &Policy) -> Value {
    let rules = |rules: &[Rule]| set(rules.iter().map(rule).collect());
    let profiles = set(policy.profiles.iter().map(|p| json!(p)).collect());
    json!([
        profiles,
        policy.conflict.map(crate::Conflict::name),
        rules(&policy.permissions),
        rules(&policy.prohibitions),
        rules(&policy.obligations),
        verbatim(&policy.unknown),
    ])
}

/// Order and repetition do not matter.
fn set(items: Vec<Value>) -> Value {
    let mut items = sorted(items);
    items.dedup();
    Value::Array(items)
}

fn sorted(mut items: Vec<Value>) -> Vec<Value> {
    items.sort_by_cached_key(Value::to_string);
    items
}

/// Members that are not understood, by the bytes of their canonical form (RFC 8785).
fn verbatim(members: &Unknown) -> Value {
    if members.is_empty() {
        return Value::Null;
    }
    // Only numbers beyond the range of doubles cannot be written; those are then not equal to anything.
    serde_json_canonicalizer::to_string(members).map_or_else(|e| json!([e.to_string()]), Value::String)
}

fn rule(rule: &Rule) -> Value {
    json!([
        rule.action,
        rule.target,
        rule.assigner,
        rule.assignee,
        // Several constraints mean the same as their conjunction.
        set(conjuncts(&rule.constraints)),
        set(rule.duties.iter().map(self::rule).collect()),
        verbatim(&rule.unknown),
    ])
}

/// The items of a conjunction, with those of conjunctions within it.
fn conjuncts(items: &[Constraint]) -> Vec<Value> {
    items
        .iter()
        .flat_map(|c| match c {
            Constraint::Logical(Logic::And, inner) => conjuncts(inner),
            other => vec![constraint(other)],
        })
        .collect()
}

fn constraint(c: &Constraint) -> Value {
    match c {
        Constraint::Logical(_, items) if items.len() == 1 => items.first().map_or(Value::Null, constraint),
        Constraint::Logical(logic, items) => {
            let items = match logic {
                Logic::And => set(conjuncts(items)),
                Logic::Or => set(items.iter().map(constraint).collect()),
                // One of two equal conditions is never the only one.
                Logic::Xone => Value::Array(sorted(items.iter().map(constraint).collect())),
                Logic::AndSequence => Value::Array(items.iter().map(constraint).collect()),
            };
            json!([logic.name(), items])
        }
        Constraint::Atomic(a) => {
            let values = a.right.iter().map(|o| json!(value(&a.left, &o.value))).collect();
            json!([short(&a.left), a.operator.name(), set(values), a.unit, verbatim(&a.unknown)])
        }
    }
}

/// The value in one spelling: an instant, a duration or a number may be written in several.
fn value(left: &str, text: &str) -> String {
    let same = match sort(left) {
        Some(Sort::Instant | Sort::InForce) => Timestamp::parse(text).ok().map(Timestamp::to_rfc3339),
        Some(Sort::Duration) => parse_duration(text).ok().map(|ms| format!("{ms} ms")),
        Some(Sort::Number) => Decimal::from_str(text).ok().map(|n| n.to_string()),
        Some(Sort::Place) => ontology::place::canonical(text).map(str::to_owned),
        _ => None,
    };
    same.unwrap_or_else(|| short(text.strip_prefix("odrl:").unwrap_or(text)).to_owned())
}
