//! Telling whether a message is plain already.

use serde_json::{Map, Value};

use super::shape::{self, Shape};

/// Whether nothing in the message needs another form. Members that are not the protocol's are not looked into.
pub(super) fn is_plain(value: &Value) -> bool {
    value.as_object().is_some_and(|map| context_is_plain(map) && members(map))
}

/// Contexts by address only: an inline one could rename anything.
fn context_is_plain(map: &Map<String, Value>) -> bool {
    match map.get("@context") {
        None | Some(Value::String(_)) => true,
        Some(Value::Array(items)) => items.iter().all(Value::is_string),
        Some(_) => false,
    }
}

fn object(map: &Map<String, Value>) -> bool {
    !map.contains_key("@context") && members(map)
}

fn members(map: &Map<String, Value>) -> bool {
    map.iter().all(|(key, value)| match key.as_str() {
        "@context" => true,
        "@id" => value.is_string(),
        "@type" => value.as_str().is_some_and(|text| shape::class(text) == text && !prefixed_class(text)),
        _ if key.starts_with('@') => false,
        _ => match shape::by_term(key) {
            Some(member) => fits(member.shape, value),
            None => !shape::has_plain_name(key),
        },
    })
}

fn prefixed_class(text: &str) -> bool {
    ["dspace:", "dcat:", "odrl:"].iter().any(|prefix| text.starts_with(prefix))
}

fn fits(shape: Shape, value: &Value) -> bool {
    match shape {
        Shape::Text => !value.is_object() && !value.is_array(),
        Shape::Texts => match value {
            Value::Array(items) => items.iter().all(Value::is_string),
            other => !other.is_object(),
        },
        Shape::Term => match value {
            Value::String(text) => shape::term(text) == *text,
            other => !other.is_array() && !other.is_object(),
        },
        Shape::Operand => match value {
            Value::String(text) => shape::operand(text) == *text,
            other => !other.is_array() && !other.is_object(),
        },
        Shape::Value => right_operand(value),
        Shape::Object => match value {
            Value::Object(map) => object(map),
            other => !other.is_array(),
        },
        // In a request `dataset` is a text; in the wrong place it is the reader's business to refuse it.
        Shape::Objects => match value {
            Value::Array(items) => items.iter().all(|item| item.as_object().is_none_or(object)),
            other => !other.is_object(),
        },
        Shape::Reference => match value {
            Value::Object(map) => object(map) && map.len() > 1,
            other => !other.is_array(),
        },
        Shape::Array => match value {
            Value::Array(items) => items.iter().all(|item| item.get("@value").is_none()),
            other => other.is_null(),
        },
    }
}

/// Texts, typed literals and references are all plain; a literal without a type is not.
fn right_operand(value: &Value) -> bool {
    match value {
        Value::Object(map) if map.contains_key("@value") => map.len() > 1,
        Value::Object(map) => !map.contains_key("@list"),
        Value::Array(items) => items.iter().all(right_operand),
        _ => true,
    }
}
