//! Literals, and what an expanded object may consist of.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::context::Context;
use super::error::JsonLdError;
use super::path::Path;
use super::term::{Coercion, Term};

/// Final checks of an expanded object; `None` if it is a null literal.
pub(super) fn finish(mut node: Map<String, Value>, path: &Path<'_>) -> Result<Option<Value>, JsonLdError> {
    if let Some(value) = node.get("@value") {
        let is_null = value.is_null();
        let json = node.get("@type").is_some_and(|t| t == "@json" || *t == json!(["@json"]));
        if node.keys().any(|k| !matches!(k.as_str(), "@value" | "@type" | "@language" | "@direction")) {
            return Err(wrong(path, "a literal has members that do not belong to it"));
        }
        if !json && (value.is_object() || value.is_array()) {
            return Err(wrong(path, "the value of a literal must be a text, a number or a boolean"));
        }
        // The type of a literal is one text, unlike that of a node.
        match node.remove("@type") {
            Some(Value::Array(types)) => match <[Value; 1]>::try_from(types) {
                Ok([one]) => drop(node.insert("@type".to_owned(), one)),
                Err(_) => return Err(wrong(path, "a literal has exactly one type")),
            },
            Some(other) => drop(node.insert("@type".to_owned(), other)),
            None => {}
        }
        return Ok((json || !is_null).then_some(Value::Object(node)));
    }
    if node.contains_key("@list") && node.len() > 1 {
        return Err(wrong(path, "a list has members that do not belong to it"));
    }
    if node.contains_key("@set") {
        return Err(wrong(path, "a set has members that do not belong to it"));
    }
    node.remove("@language");
    node.remove("@direction");
    Ok(Some(Value::Object(node)))
}

/// [Value expansion](https://www.w3.org/TR/json-ld11-api/#value-expansion) of a text, number or boolean.
pub(super) fn literal(context: &Context, term: Option<&Arc<Term>>, value: &Value) -> Value {
    let coercion = term.map_or(&Coercion::None, |term| &term.coercion);
    match (coercion, value) {
        (Coercion::Id, Value::String(text)) => {
            json!({"@id": context.iri(text, false).unwrap_or_else(|| text.clone())})
        }
        (Coercion::Vocab, Value::String(text)) => {
            json!({"@id": context.iri(text, true).unwrap_or_else(|| text.clone())})
        }
        (Coercion::Datatype(datatype), _) => json!({"@value": value, "@type": datatype}),
        (_, Value::String(_)) => {
            let own = term.and_then(|term| term.language.as_ref());
            match own.unwrap_or(&context.language) {
                Some(language) => json!({"@value": value, "@language": language}),
                None => json!({"@value": value}),
            }
        }
        _ => json!({"@value": value}),
    }
}

pub(super) fn language_map(value: &Value, path: &Path<'_>, out: &mut Vec<Value>) -> Result<(), JsonLdError> {
    for (language, texts_of) in value.as_object().into_iter().flatten() {
        for text in texts(texts_of, &path.key(language))? {
            out.push(match language.as_str() {
                "@none" => json!({"@value": text}),
                _ => json!({"@value": text, "@language": language.to_lowercase()}),
            });
        }
    }
    Ok(())
}

pub(super) fn texts<'v>(value: &'v Value, path: &Path<'_>) -> Result<Vec<&'v str>, JsonLdError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(vec![text]),
        Value::Array(items) => {
            let words = items.iter().map(|item| item.as_str().ok_or_else(|| wrong(path, "must be a text")));
            words.collect()
        }
        _ => Err(wrong(path, "must be a text or an array of texts")),
    }
}

pub(super) fn wrong(path: &Path<'_>, reason: &str) -> JsonLdError {
    JsonLdError::InvalidValue { path: path.text(), reason: reason.to_owned() }
}
