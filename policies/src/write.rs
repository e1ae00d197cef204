//! From the model to DSP 2025-1 plain JSON (`contract-schema`).

use crate::model::{Atomic, Constraint, Operand, Policy, Rule, Unknown};
use crate::terms::{UNEXPLAINED, short};
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
        texts(
            &mut out,
            [("assigner", &self.assigner), ("assignee", &self.assignee), ("target", &self.target)],
        );
        if !self.profiles.is_empty() {
            out.insert("profile".to_owned(), json!(self.profiles));
        }
        if let Some(conflict) = self.conflict {
            out.insert("conflict".to_owned(), json!(conflict.name()));
        }
        rules(&mut out, "permission", &self.permissions);
        rules(&mut out, "prohibition", &self.prohibitions);
        rules(&mut out, "obligation", &self.obligations);
        unknown(&mut out, &self.unknown);
        Value::Object(out)
    }
}

fn texts(out: &mut Map<String, Value>, members: [(&str, &Option<String>); 3]) {
    for (key, value) in members {
        if let Some(value) = value {
            out.insert(key.to_owned(), json!(value));
        }
    }
}

fn rules(out: &mut Map<String, Value>, key: &str, rules: &[Rule]) {
    if !rules.is_empty() {
        out.insert(key.to_owned(), Value::Array(rules.iter().map(rule).collect()));
    }
}

fn unknown(out: &mut Map<String, Value>, members: &Unknown) {
    for (key, value) in members {
        out.insert(key.strip_prefix(UNEXPLAINED).unwrap_or(key).to_owned(), value.clone());
    }
}

fn rule(rule: &Rule) -> Value {
    let mut out = Map::new();
    out.insert("action".to_owned(), json!(short(&rule.action)));
    texts(&mut out, [("assigner", &rule.assigner), ("assignee", &rule.assignee), ("target", &rule.target)]);
    if !rule.constraints.is_empty() {
        out.insert("constraint".to_owned(), Value::Array(rule.constraints.iter().map(constraint).collect()));
    }
    rules(&mut out, "duty", &rule.duties);
    unknown(&mut out, &rule.unknown);
    Value::Object(out)
}

fn constraint(c: &Constraint) -> Value {
    match c {
        Constraint::Logical(logic, items) => {
            json!({ logic.name(): items.iter().map(constraint).collect::<Vec<_>>() })
        }
        Constraint::Atomic(a) => atomic(a),
    }
}

fn atomic(a: &Atomic) -> Value {
    let right = match a.right.as_slice() {
        [one] => operand(one),
        many => Value::Array(many.iter().map(operand).collect()),
    };
    let mut out = Map::new();
    out.insert("leftOperand".to_owned(), json!(short(&a.left)));
    out.insert("operator".to_owned(), json!(a.operator.name()));
    out.insert("rightOperand".to_owned(), right);
    if let Some(unit) = &a.unit {
        out.insert("unit".to_owned(), json!(unit));
    }
    unknown(&mut out, &a.unknown);
    Value::Object(out)
}

fn operand(o: &Operand) -> Value {
    match (&o.datatype, o.iri) {
        (_, true) => json!({"@id": o.value}),
        (Some(datatype), _) => json!({"@value": o.value, "@type": datatype}),
        (None, _) => json!(o.value),
    }
}
