//! From the model to DSP 2025-1 plain JSON (`contract-schema`).

use crate::decide::asks;
use crate::model::{Atomic, Constraint, Operand, Policy, Referent, Rule, Unknown};
use crate::parse::PolicyError;
use crate::terms::{UNEXPLAINED, short};
use ontology::{dct, jsonld, ovc, rdf, turtle};
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
        let conflicts: Vec<&str> = self.conflicts.iter().map(|c| c.name()).collect();
        if let Some(conflicts) = one_or_more(conflicts.into_iter().map(|c| json!(c)).collect()) {
            out.insert("conflict".to_owned(), conflicts);
        }
        if !self.inherits.is_empty() {
            out.insert("inheritFrom".to_owned(), json!(self.inherits));
        }
        if let Some(other) = &self.replaced_by {
            out.insert(dct::IS_REPLACED_BY.to_owned(), json!({"@id": other}));
        }
        rules(&mut out, "permission", &self.permissions);
        rules(&mut out, "prohibition", &self.prohibitions);
        rules(&mut out, "obligation", &self.obligations);
        unknown(&mut out, &self.unknown);
        Value::Object(out)
    }

    /// The policy as one expanded JSON-LD node.
    ///
    /// # Errors
    /// [`PolicyError`] when the policy holds a member that cannot be written as JSON-LD.
    pub fn to_expanded(&self) -> Result<Value, PolicyError> {
        let mut plain = self.to_json();
        if let Some(members) = plain.as_object_mut() {
            members.insert("@context".to_owned(), json!([{"@vocab": UNEXPLAINED}, jsonld::ODRL_CONTEXT]));
        }
        let expanded = jsonld::expand(&plain);
        expanded.map_err(|e| crate::parse::wrong(e.path().trim_start_matches('/'), e.to_string()))
    }

    /// The policy as Turtle.
    ///
    /// # Errors
    /// As [`Policy::to_expanded`].
    pub fn to_turtle(&self) -> Result<String, PolicyError> {
        Ok(turtle::write(&[self.to_expanded()?]))
    }
}

fn one_or_more(mut values: Vec<Value>) -> Option<Value> {
    match values.len() {
        0 => None,
        1 => values.pop(),
        _ => Some(Value::Array(values)),
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
    if let Some(id) = &rule.id {
        out.insert("@id".to_owned(), json!(id));
    }
    out.insert("action".to_owned(), action(rule));
    for (key, value) in [("assigner", &rule.assigner), ("assignee", &rule.assignee), ("target", &rule.target)]
    {
        if let Some(value) = value {
            let class = if key == "target" { "AssetCollection" } else { "PartyCollection" };
            out.insert(key.to_owned(), referent(value, class));
        }
    }
    for function in &rule.functions {
        let class = if function.role.ends_with("output") { "AssetCollection" } else { "PartyCollection" };
        let value = referent(&function.referent, class);
        match out.entry(short(&function.role).to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(values) => values.push(value),
            other => *other = value,
        }
    }
    by_profile(&mut out, "constraint", &rule.constraints);
    rules(&mut out, "duty", &rule.duties);
    rules(&mut out, "consequence", &rule.consequences);
    rules(&mut out, "remedy", &rule.remedies);
    unknown(&mut out, &rule.unknown);
    Value::Object(out)
}

fn action(rule: &Rule) -> Value {
    if rule.refinements.is_empty() && rule.included_in.is_empty() && rule.implies.is_empty() {
        return json!(short(&rule.action));
    }
    let mut out = Map::new();
    out.insert(rdf::VALUE.to_owned(), json!({"@id": rule.action}));
    constraints(&mut out, "refinement", &rule.refinements);
    for (key, terms) in [("includedIn", &rule.included_in), ("implies", &rule.implies)] {
        if !terms.is_empty() {
            out.insert(key.to_owned(), terms.iter().map(|t| json!({"@id": t})).collect());
        }
    }
    Value::Object(out)
}

fn referent(referent: &Referent, class: &str) -> Value {
    if let Some(id) = referent.plain() {
        return json!(id);
    }
    let mut out = Map::new();
    match (&referent.id, &referent.uid) {
        (Some(source), uid) if referent.collection => {
            out.insert("@type".to_owned(), json!(class));
            if let Some(uid) = uid {
                out.insert("@id".to_owned(), json!(uid));
            }
            out.insert("source".to_owned(), json!(source));
        }
        (Some(id), _) => {
            out.insert("@id".to_owned(), json!(id));
        }
        (None, _) => {
            if referent.collection {
                out.insert("@type".to_owned(), json!(class));
            }
        }
    }
    by_profile(&mut out, "refinement", &referent.refinements);
    unknown(&mut out, &referent.unknown);
    Value::Object(out)
}

fn constraints(out: &mut Map<String, Value>, key: &str, items: &[Constraint]) {
    if !items.is_empty() {
        out.insert(key.to_owned(), Value::Array(items.iter().map(constraint).collect()));
    }
}

/// Conditions on credentials have a property of their own: what stands under `constraint` must have a left operand of
/// ODRL (DSP 2025-1, schema of contract negotiation messages).
fn by_profile(out: &mut Map<String, Value>, key: &str, items: &[Constraint]) {
    let (claims, others): (Vec<&Constraint>, Vec<&Constraint>) = items.iter().partition(|c| asks(c));
    for (key, items) in [(key, others), (ovc::CONSTRAINT, claims)] {
        if !items.is_empty() {
            out.insert(key.to_owned(), Value::Array(items.into_iter().map(constraint).collect()));
        }
    }
}

fn constraint(c: &Constraint) -> Value {
    match c {
        Constraint::Logical(l) => {
            let mut out = Map::new();
            if let Some(id) = &l.id {
                out.insert("@id".to_owned(), json!(id));
            }
            out.insert(l.logic.name().to_owned(), Value::Array(l.items.iter().map(constraint).collect()));
            Value::Object(out)
        }
        Constraint::Atomic(a) => atomic(a),
    }
}

fn atomic(a: &Atomic) -> Value {
    let mut out = Map::new();
    if let Some(id) = &a.id {
        out.insert("@id".to_owned(), json!(id));
    }
    match &a.credential {
        Some(kind) => {
            out.insert(ovc::LEFT_OPERAND.to_owned(), json!(a.left));
            if !kind.is_empty() {
                out.insert(ovc::CREDENTIAL_SUBJECT_TYPE.to_owned(), json!(kind));
            }
        }
        None => {
            out.insert("leftOperand".to_owned(), json!(short(&a.left)));
        }
    }
    out.insert("operator".to_owned(), json!(a.operator.name()));
    if let Some(right) = one_or_more(a.right.iter().map(operand).collect()) {
        out.insert("rightOperand".to_owned(), right);
    }
    if !a.references.is_empty() {
        let references = a.references.iter().map(|r| json!({"@id": r})).collect();
        out.insert("rightOperandReference".to_owned(), references);
    }
    if let Some(unit) = &a.unit {
        out.insert("unit".to_owned(), json!(unit));
    }
    if let Some(status) = &a.status {
        out.insert("status".to_owned(), operand(status));
    }
    unknown(&mut out, &a.unknown);
    Value::Object(out)
}

fn operand(o: &Operand) -> Value {
    match (&o.language, &o.datatype) {
        _ if o.iri => json!({"@id": o.value}),
        (Some(language), _) => json!({"@value": o.value, "@language": language}),
        (None, Some(datatype)) => json!({"@value": o.value, "@type": datatype}),
        (None, None) => json!(o.value),
    }
}
