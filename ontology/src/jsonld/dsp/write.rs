//! Writing expanded nodes in plain form.

use serde_json::{Map, Value, json};

use super::super::node::{Node, text_of};
use super::shape::{self, Member, Shape};
use crate::{edc, rdf};

const ODRL_TYPE: &str = "http://www.w3.org/ns/odrl/2/type";

/// The plain form of an expanded node.
pub(super) fn node(expanded: &Value) -> Value {
    let Some(read) = Node::new(expanded) else { return generic_value(expanded) };
    let query = [edc::QUERY_SPEC_CLASS, edc::CRITERION];
    let in_query = read.types().iter().any(|class| query.contains(class));
    let mut plain = Map::new();
    if let Some(id) = read.id() {
        plain.insert("@id".to_owned(), json!(id));
    }
    let types: Vec<Value> = read.types().into_iter().map(|class| json!(shape::class(class))).collect();
    if !types.is_empty() {
        plain.insert("@type".to_owned(), one_or_all(types));
    }
    for iri in read.keys() {
        let values = read.values(iri);
        match shape::by_iri(iri) {
            Some(member) => {
                if let Some(value) = shaped(member, values) {
                    plain.insert(member.term.to_owned(), value);
                }
            }
            None => {
                let keep_array = in_query && iri == edc::FILTER_EXPRESSION;
                let all: Vec<Value> = values.iter().map(generic_value).collect();
                let value = if keep_array { Value::Array(all) } else { one_or_all(all) };
                // What no context explains must not displace what one does.
                plain.entry(shape::short(iri, in_query)).or_insert(value);
            }
        }
    }
    Value::Object(plain)
}

/// A member in its form; `None` for an empty list that the schemas forbid.
fn shaped(member: &Member, values: &[Value]) -> Option<Value> {
    let each = |write: fn(&Value) -> Value| values.iter().map(write).collect::<Vec<_>>();
    Some(match member.shape {
        Shape::Text if member.term == "format" || member.term == "endpointType" => one_or_all(each(kind)),
        Shape::Text | Shape::Texts => one_or_all(each(text)),
        Shape::Term => one_or_all(each(|value| named(value, shape::term))),
        Shape::Operand => one_or_all(each(|value| named(value, shape::operand))),
        Shape::Value => one_or_all(each(right_operand)),
        Shape::Object => one_or_all(each(node)),
        Shape::Reference => one_or_all(each(text)),
        Shape::Objects if values.is_empty() => return None,
        Shape::Objects => Value::Array(each(node)),
        Shape::Array if values.is_empty() && member.term == "reason" => return None,
        Shape::Array => Value::Array(each(generic_value)),
    })
}

/// Literals by value, bare references by identifier, anything richer as an object.
fn text(value: &Value) -> Value {
    match value.get("@value") {
        Some(literal) => literal.clone(),
        None => match bare_reference(value) {
            Some(id) => json!(id),
            None => node(value),
        },
    }
}

/// Distribution formats and endpoint types are plain names that a vocabulary context may have turned into IRIs.
fn kind(value: &Value) -> Value {
    match text(value) {
        Value::String(name) => json!(shape::class(name.strip_prefix(edc::NS).unwrap_or(&name))),
        other => other,
    }
}

/// A term by its name, or an object if more is said about it than its name.
fn named(value: &Value, name: fn(&str) -> String) -> Value {
    match term_name(value) {
        Some(found) => json!(name(&found)),
        None => node(value),
    }
}

/// The one thing said: a literal, a reference, or, as older Eclipse releases and ODRL itself have it, an object
/// with the name as its type or value.
fn term_name(value: &Value) -> Option<String> {
    let map = value.as_object()?;
    if map.contains_key("@value") {
        return text_of(value);
    }
    let (only, _) = map.iter().next().filter(|_| map.len() == 1)?;
    match only.as_str() {
        "@id" => text_of(value),
        "@type" => Node::new(value)?.types().first().map(|&name| name.to_owned()),
        rdf::VALUE | ODRL_TYPE => Node::new(value)?.first_str(only),
        _ => None,
    }
}

/// Numbers and booleans become texts, as the schema wants; typed literals and references stay objects.
fn right_operand(value: &Value) -> Value {
    match value.get("@value") {
        Some(literal @ (Value::Number(_) | Value::Bool(_))) if value.get("@type").is_none() => {
            json!(literal.to_string())
        }
        Some(_) => generic_value(value),
        None => match bare_reference(value) {
            Some(id) => json!({"@id": id}),
            None => generic_value(value),
        },
    }
}

/// A value without a fixed form.
fn generic_value(value: &Value) -> Value {
    let Some(map) = value.as_object() else { return value.clone() };
    if let Some(items) = map.get("@list") {
        let items = items.as_array().into_iter().flatten();
        return json!({"@list": items.map(generic_value).collect::<Vec<_>>()});
    }
    match map.get("@value") {
        Some(literal) if map.len() == 1 || map.get("@type").is_some_and(|t| t == "@json") => literal.clone(),
        Some(_) => value.clone(),
        None => node(value),
    }
}

fn bare_reference(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get("@id")?.as_str()
}

fn one_or_all(mut values: Vec<Value>) -> Value {
    match values.pop() {
        Some(only) if values.is_empty() => only,
        Some(last) => {
            values.push(last);
            Value::Array(values)
        }
        None => Value::Array(values),
    }
}
