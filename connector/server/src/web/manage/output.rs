//! Bodies out: the documented compact form of v3, with `@context` last.

use actix_web::HttpResponse;
use ontology::time::Timestamp;
use ontology::{dcat, dct, edc, foaf, odrl, spdx};
use serde_json::{Map, Value, json};

const DSPACE: &str = "https://w3id.org/dspace/2025/1/";

fn prefixes() -> [(&'static str, &'static str); 6] {
    [
        ("odrl", odrl::NS),
        ("dcat", dcat::NS),
        ("dct", dct::NS),
        ("spdx", spdx::NS),
        ("foaf", foaf::NS),
        ("dspace", DSPACE),
    ]
}

/// The context of v3 objects.
fn context() -> Value {
    json!({"@vocab": edc::NS, "edc": edc::NS, "odrl": odrl::NS})
}

/// The context of catalogues, which use more vocabularies.
fn wide_context() -> Value {
    let mut context = Map::new();
    context.insert("@vocab".to_owned(), json!(edc::NS));
    context.insert("edc".to_owned(), json!(edc::NS));
    for (prefix, ns) in prefixes() {
        context.insert(prefix.to_owned(), json!(ns));
    }
    Value::Object(context)
}

/// `value` with the context as its last member.
pub(super) fn with_context(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.insert("@context".to_owned(), context());
    }
    value
}

/// 200 with one object.
pub(super) fn object(value: Value) -> HttpResponse {
    HttpResponse::Ok().json(with_context(value))
}

/// 200 with a list; each entry has its context.
pub(super) fn list(values: Vec<Value>) -> HttpResponse {
    HttpResponse::Ok().json(values.into_iter().map(with_context).collect::<Vec<_>>())
}

/// The answer to a creation.
pub(super) fn created(id: &str, at: Timestamp) -> HttpResponse {
    object(json!({"@type": "IdResponse", "@id": id, "createdAt": at.millis()}))
}

/// A property's key: short in the EDC vocabulary, else as it is.
pub(super) fn key(iri: &str) -> String {
    iri.strip_prefix(edc::NS).filter(|term| !term.contains([':', '/'])).unwrap_or(iri).to_owned()
}

/// Members with short keys, at every depth.
pub(super) fn short(members: &Map<String, Value>) -> Map<String, Value> {
    members.iter().map(|(k, v)| (key(k), short_value(v))).collect()
}

fn short_value(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(short(members)),
        Value::Array(items) => Value::Array(items.iter().map(short_value).collect()),
        other => other.clone(),
    }
}

/// One entry stands for itself, as compaction has it.
pub(super) fn collapse(mut items: Vec<Value>) -> Value {
    if items.len() == 1 { items.pop().unwrap_or_default() } else { Value::Array(items) }
}

/// A policy (DSP plain JSON) with prefixed ODRL terms.
pub(super) fn policy(value: &Value) -> Value {
    let mut out = Map::new();
    if let Some(id) = value.get("@id") {
        out.insert("@id".to_owned(), id.clone());
    }
    let kind = value.get("@type").and_then(Value::as_str).unwrap_or("Set");
    out.insert("@type".to_owned(), json!(format!("odrl:{kind}")));
    for term in ["assigner", "assignee", "target"] {
        if let Some(text) = value.get(term).and_then(Value::as_str) {
            out.insert(format!("odrl:{term}"), json!({"@id": text}));
        }
    }
    if let Some(profile) = value.get("profile") {
        out.insert("odrl:profile".to_owned(), profile.clone());
    }
    for term in ["permission", "prohibition", "obligation"] {
        let rules = value
            .get(term)
            .and_then(Value::as_array)
            .map(|r| r.iter().map(rule).collect())
            .unwrap_or_default();
        out.insert(format!("odrl:{term}"), collapse(rules));
    }
    Value::Object(out)
}

fn term(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if !text.contains(':') => json!({"@id": format!("odrl:{text}")}),
        Some(text) => json!({"@id": text}),
        None => value.clone(),
    }
}

fn rule(value: &Value) -> Value {
    let mut out = Map::new();
    for (name, member) in value.as_object().into_iter().flatten() {
        let compact = match name.as_str() {
            "action" => term(member),
            "constraint" => {
                collapse(member.as_array().map(|c| c.iter().map(constraint).collect()).unwrap_or_default())
            }
            "duty" => collapse(member.as_array().map(|d| d.iter().map(rule).collect()).unwrap_or_default()),
            _ => member.clone(),
        };
        out.insert(format!("odrl:{name}"), compact);
    }
    Value::Object(out)
}

fn constraint(value: &Value) -> Value {
    let mut out = Map::new();
    for (name, member) in value.as_object().into_iter().flatten() {
        let compact = match name.as_str() {
            "leftOperand" | "operator" => term(member),
            "and" | "or" | "xone" | "andSequence" => {
                collapse(member.as_array().map(|c| c.iter().map(constraint).collect()).unwrap_or_default())
            }
            _ => member.clone(),
        };
        out.insert(format!("odrl:{name}"), compact);
    }
    Value::Object(out)
}

/// A catalogue or dataset (DSP plain JSON) in the form that v3 clients see.
pub(super) fn catalogue(value: &Value) -> Value {
    let mut out = compact(value);
    if let Some(members) = out.as_object_mut() {
        members.remove("@context");
        members.insert("@context".to_owned(), wide_context());
    }
    out
}

fn compact(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let many = |value: &Value, each: fn(&Value) -> Value| match value {
        Value::Array(items) => collapse(items.iter().map(each).collect()),
        one => each(one),
    };
    let mut out = Map::new();
    for (name, member) in members {
        match name.as_str() {
            "@type" => {
                let kind = member.as_str().unwrap_or_default();
                let plain = !kind.is_empty() && !kind.contains(':');
                out.insert(
                    "@type".to_owned(),
                    if plain { json!(format!("dcat:{kind}")) } else { member.clone() },
                );
            }
            "dataset" | "catalog" | "service" | "distribution" | "accessService" => {
                out.insert(format!("dcat:{name}"), many(member, compact));
            }
            "hasPolicy" => {
                out.insert("odrl:hasPolicy".to_owned(), many(member, policy));
            }
            "format" => {
                out.insert("dct:format".to_owned(), json!({"@id": member}));
            }
            "participantId" => {
                out.insert("dspace:participantId".to_owned(), json!({"@id": member}));
            }
            "endpointURL" | "endpointDescription" | "servesDataset" => {
                out.insert(format!("dcat:{name}"), member.clone());
            }
            other => {
                out.insert(prefixed(other), nested(member));
            }
        }
    }
    if members.get("@type").and_then(Value::as_str) == Some("Dataset")
        && let Some(id) = members.get("@id")
    {
        out.insert("id".to_owned(), id.clone());
    }
    Value::Object(out)
}

fn nested(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(k, v)| (prefixed(k), nested(v))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(nested).collect()),
        other => other.clone(),
    }
}

fn prefixed(name: &str) -> String {
    prefixes()
        .iter()
        .find_map(|(prefix, ns)| name.strip_prefix(ns).map(|term| format!("{prefix}:{term}")))
        .unwrap_or_else(|| key(name))
}
