//! Are two policies the same terms?

use crate::model::{Atomic, Constraint, Logic, Operand, Policy, Referent, Rule, Typed, Unknown};
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

/// The same comparison, in whatever spelling.
pub(crate) fn same_atom(a: &Atomic, b: &Atomic) -> bool {
    let of = |a: &Atomic| constraint(&Constraint::Atomic(Box::new(a.clone())));
    of(a) == of(b)
}

/// The same condition, in whatever spelling.
pub(crate) fn same_constraint(a: &Constraint, b: &Constraint) -> bool {
    constraint(a) == constraint(b)
}

/// The same rule, in whatever spelling.
pub(crate) fn same_rule(a: &Rule, b: &Rule) -> bool {
    rule(a) == rule(b)
}

fn canonical(policy: &Policy) -> Value {
    let rules = |rules: &[Rule]| set(rules.iter().map(rule).collect());
    let profiles = set(policy.profiles.iter().map(|p| json!(p)).collect());
    json!([
        profiles,
        policy.conflicts.iter().map(|c| c.name()).collect::<Vec<_>>(),
        policy.inherits,
        policy.replaced_by,
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
    let rules = |rules: &[Rule]| set(rules.iter().map(self::rule).collect());
    let terms = |terms: &[String]| set(terms.iter().map(|t| json!(t)).collect());
    let functions = rule.functions.iter().map(|f| json!([f.role, referent(Some(&f.referent))])).collect();
    json!([
        rule.action,
        // Several constraints mean the same as their conjunction.
        set(conjuncts(&rule.refinements)),
        terms(&rule.included_in),
        terms(&rule.implies),
        referent(rule.target.as_ref()),
        referent(rule.assigner.as_ref()),
        referent(rule.assignee.as_ref()),
        set(functions),
        set(conjuncts(&rule.constraints)),
        rules(&rule.duties),
        rules(&rule.consequences),
        rules(&rule.remedies),
        verbatim(&rule.unknown),
    ])
}

fn referent(referent: Option<&Referent>) -> Value {
    let Some(r) = referent else { return Value::Null };
    match r.plain() {
        Some(id) => json!(id),
        None => json!([r.id, r.collection, set(conjuncts(&r.refinements)), verbatim(&r.unknown)]),
    }
}

/// The items of a conjunction, with those of conjunctions within it.
fn conjuncts(items: &[Constraint]) -> Vec<Value> {
    items
        .iter()
        .flat_map(|c| match c {
            Constraint::Logical(l) if l.logic == Logic::And => conjuncts(&l.items),
            other => vec![constraint(other)],
        })
        .collect()
}

fn constraint(c: &Constraint) -> Value {
    match c {
        Constraint::Logical(l) if l.items.len() == 1 => l.items.first().map_or(Value::Null, constraint),
        Constraint::Logical(l) => {
            let items = match l.logic {
                Logic::And => set(conjuncts(&l.items)),
                Logic::Or => set(l.items.iter().map(constraint).collect()),
                // One of two equal conditions is never the only one.
                Logic::Xone => Value::Array(sorted(l.items.iter().map(constraint).collect())),
                Logic::AndSequence => Value::Array(l.items.iter().map(constraint).collect()),
            };
            json!([l.logic.name(), items])
        }
        Constraint::Atomic(a) => {
            let values = a.right.iter().map(|o| json!(value(&a.left, o))).collect();
            let references = set(a.references.iter().map(|r| json!(r)).collect());
            let status = a.status.as_ref().map(|o| value(&a.left, o));
            json!([
                short(&a.left),
                a.operator.name(),
                set(values),
                references,
                a.unit,
                status,
                a.credential,
                verbatim(&a.unknown)
            ])
        }
    }
}

/// The value in one spelling: an instant, a duration or a number may be written in several.
fn value(left: &str, operand: &Operand) -> String {
    let text = operand.value.as_str();
    let same = match sort(left) {
        Some(Sort::Instant | Sort::InForce) => Timestamp::parse(text).ok().map(Timestamp::to_rfc3339),
        Some(Sort::Duration) => parse_duration(text).ok().map(|ms| format!("{ms} ms")),
        Some(Sort::Number) => Decimal::from_str(text).ok().map(|n| n.to_string()),
        Some(Sort::Place) => ontology::place::canonical(text).map(str::to_owned),
        // A datatype says in how many ways the value may be written.
        _ => match operand.typed() {
            Typed::Instant(at) => Some(at.to_rfc3339()),
            Typed::Duration(ms) => Some(format!("{ms} ms")),
            Typed::Number(number) => Some(number.to_string()),
            Typed::Flag(flag) => Some(flag.to_string()),
            Typed::Text(text, Some(language)) => Some(format!("{text}@{language}")),
            _ => None,
        },
    };
    same.unwrap_or_else(|| short(text.strip_prefix("odrl:").unwrap_or(text)).to_owned())
}
