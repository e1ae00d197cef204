//! Policies and catalogues (DSP plain JSON) as v4 clients see them: terms as in the protocol, and lists that stay
//! lists.

use super::output::key;
use ontology::{dcat, dct, edc};
use serde_json::{Map, Value, json};

/// Members of policies, rules and constraints that are lists of objects.
const LISTS: [&str; 12] = [
    "permission",
    "prohibition",
    "obligation",
    "duty",
    "constraint",
    "refinement",
    "consequence",
    "remedy",
    "and",
    "or",
    "xone",
    "andSequence",
];

const IN_FORCE: &str = "https://w3id.org/edc/v0.0.1/ns/inForceDate";

/// Prefixes that the context of v4 knows.
const PREFIXES: [(&str, &str); 2] = [("dct", dct::NS), ("dcat", dcat::NS)];

/// A policy. Its lists of rules are there even when empty.
pub(super) fn policy(value: &Value) -> Value {
    let mut out = rules(value);
    if let Some(members) = out.as_object_mut() {
        members.shift_remove("@context");
        for term in ["permission", "prohibition", "obligation"] {
            members.entry(term).or_insert_with(|| json!([]));
        }
    }
    out
}

fn rules(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let member = |(name, value): (&String, &Value)| {
        let value = match name.as_str() {
            list_of if LISTS.contains(&list_of) => list(value, &rules),
            // EDC's one operand that has a plain name.
            "leftOperand" if value.as_str() == Some(IN_FORCE) => json!("inForceDate"),
            _ => value.clone(),
        };
        (name.clone(), value)
    };
    Value::Object(members.iter().map(member).collect())
}

fn list(value: &Value, each: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(each).collect(),
        one => Value::Array(vec![each(one)]),
    }
}

/// A catalogue or dataset.
pub(super) fn catalogue(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let mut out = Map::new();
    for (name, member) in members.iter().filter(|(name, _)| *name != "@context") {
        match name.as_str() {
            "dataset" | "catalog" | "service" | "distribution" => {
                out.insert(name.clone(), list(member, &catalogue));
            }
            "accessService" => {
                out.insert(name.clone(), catalogue(member));
            }
            "hasPolicy" => {
                out.insert(name.clone(), list(member, &policy));
            }
            "@id" | "@type" | "participantId" | "format" | "endpointURL" | "endpointDescription" => {
                out.insert(name.clone(), member.clone());
            }
            other => {
                out.insert(short(other), nested(member));
            }
        }
    }
    Value::Object(out)
}

fn nested(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (short(name), nested(value))).collect(),
        Value::Array(items) => items.iter().map(nested).collect(),
        other => other.clone(),
    }
}

/// The name of a property that the context of v4 leads to the same IRI; where it has none, the IRI.
fn short(name: &str) -> String {
    let iri = super::compact::iri(name);
    let term = key(&iri);
    if term != iri {
        // The context gives this term another meaning among properties.
        return if TERMS.contains(&term.as_str()) { iri } else { term };
    }
    let prefixed = PREFIXES
        .iter()
        .find_map(|(prefix, ns)| iri.strip_prefix(ns).map(|local| format!("{prefix}:{local}")));
    prefixed.unwrap_or(iri)
}

/// Terms that mean something else than EDC's word of that name, here or there in the context of v4.
const TERMS: [&str; 12] = [
    "conformsTo",
    "policy",
    "properties",
    "dataset",
    "catalog",
    "service",
    "distribution",
    "accessService",
    "hasPolicy",
    "participantId",
    "format",
    "endpointURL",
];

/// Callback addresses, whose events are a list.
pub(super) fn callbacks(kept: &[Value]) -> Value {
    let each = |one: &Value| {
        let mut one = one.clone();
        if let Some(events) = one.get_mut("events") {
            *events = list(events, &Value::clone);
        }
        one
    };
    kept.iter().map(each).collect()
}

/// The properties of an asset: as in v3, but for names that the context of v4 takes for something else.
pub(super) fn properties(members: Map<String, Value>) -> Map<String, Value> {
    let rename =
        |name: String| if TERMS.contains(&name.as_str()) { format!("{}{name}", edc::NS) } else { name };
    members.into_iter().map(|(name, value)| (rename(name), value)).collect()
}
