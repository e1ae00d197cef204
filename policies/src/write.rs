//! From the model to DSP 2025-1 plain JSON (`contract-schema`).

use crate::model::{Constraint, Operand, Policy, Rule};
use crate::terms::short;
use serde_json::{Map, Value, json};

impl Policy {
    /// The policy as DSP plain JSON, without `@context`. Empty lists are left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        if let Some(id) = &self.id {
            out.insert("@id".to_owned(), json!(id));
        }
        out.insert("@type".to_owned(), json!(self.kind.name()));
        for (key, value) in
            [("assigner", &self.assigner), ("assignee", &self.assignee), ("target", &self.target)]
        {
            if let Some(value) = value {
                out.insert(key.to_owned(), json!(value));
            }
        }
        if !self.profiles.is_empty() {
            out.insert("profile".to_owned(), json!(self.profiles));
        }
        for (key, rules) in [
            ("permission", &self.permissions),
            ("prohibition", &self.prohibitions),
            ("obligation", &self.obligations),
        ] {
            if !rules.is_empty() {
                out.insert(key.to_owned(), Value::Array(rules.iter().map(rule).collect()));
            }
        }
        Value::Object(out)
    }
}

fn rule(rule: &Rule) -> Value {
    let mut out = Map::new();
    out.insert("action".to_owned(), json!(short(&rule.action)));
    if let Some(assignee) = &rule.assignee {
        out.insert("assignee".to_owned(), json!(assignee));
    }
    if !rule.constraints.is_empty() {
        out.insert("constraint".to_owned(), Value::Array(rule.constraints.iter().map(constraint).collect()));
    }
    if !rule.duties.is_empty() {
        out.insert("duty".to_owned(), Value::Array(rule.duties.iter().map(self::rule).collect()));
    }
    Value::Object(out)
}

pub(crate) fn constraint(c: &Constraint) -> Value {
    match c {
        Constraint::Logical(logic, items) => {
            json!({ logic.name(): items.iter().map(constraint).collect::<Vec<_>>() })
        }
        Constraint::Atomic(a) => {
            let right = match a.right.as_slice() {
                [one] if !a.listed => operand(one),
                many => Value::Array(many.iter().map(operand).collect()),
            };
            json!({"leftOperand": short(&a.left), "operator": a.operator.name(), "rightOperand": right})
        }
    }
}

fn operand(o: &Operand) -> Value {
    match (&o.datatype, o.iri) {
        (_, true) => json!({"@id": o.value}),
        (Some(datatype), _) => json!({"@value": o.value, "@type": datatype}),
        (None, _) => json!(o.value),
    }
}
