//! Term definitions of a context.
//!
//! [Create Term Definition](https://www.w3.org/TR/json-ld11-api/#create-term-definition), without `@reverse`,
//! `@nest` and the map containers.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::context::{Context, invalid, is_keyword, looks_like_keyword};
use super::error::JsonLdError;
use super::path::Path;

/// How a term's plain values are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coercion {
    None,
    Id,
    Vocab,
    Json,
    Datatype(String),
}

/// What a term stands for.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) iri: String,
    pub(super) coercion: Coercion,
    pub(super) list: bool,
    pub(super) language_map: bool,
    /// Outer `None`: the default language applies.
    pub(super) language: Option<Option<String>>,
    /// Scoped context, applied where the term is used.
    pub(super) context: Option<Value>,
    pub(super) prefix: bool,
}

/// Defines every term of a context object.
pub(super) fn define_all(
    context: &mut Context,
    map: &Map<String, Value>,
    path: &Path<'_>,
) -> Result<(), JsonLdError> {
    let mut done = HashMap::new();
    for name in map.keys() {
        define(context, map, name, &mut done, path)?;
    }
    Ok(())
}

fn define<'m>(
    context: &mut Context,
    map: &'m Map<String, Value>,
    name: &'m str,
    done: &mut HashMap<&'m str, bool>,
    path: &Path<'_>,
) -> Result<(), JsonLdError> {
    match done.get(name) {
        Some(true) => return Ok(()),
        Some(false) => return Err(invalid(&path.key(name), "is defined through itself")),
        None => {}
    }
    if is_keyword(name) || looks_like_keyword(name) {
        return Ok(());
    }
    let Some(value) = map.get(name) else { return Ok(()) };
    if name.is_empty() {
        return Err(invalid(path, "a term must have a name"));
    }
    done.insert(name, false);
    context.terms.remove(name);
    let here = path.key(name);
    let term = match value {
        Value::Null => None,
        Value::String(iri) => {
            mapping(context, map, name, Some(iri), done, &here)?.map(|iri| simple(name, iri))
        }
        Value::Object(definition) => expanded(context, map, name, definition, done, &here)?,
        _ => return Err(invalid(&here, "must be a text, an object or null")),
    };
    context.terms.insert(Arc::from(name), term.map(Arc::new));
    done.insert(name, true);
    Ok(())
}

fn simple(name: &str, iri: String) -> Term {
    let prefix = can_prefix(name, &iri);
    Term {
        iri,
        coercion: Coercion::None,
        list: false,
        language_map: false,
        language: None,
        context: None,
        prefix,
    }
}

/// Whether a term may stand before a colon: its IRI must end where a local name can begin.
fn can_prefix(name: &str, iri: &str) -> bool {
    !name.contains([':', '/']) && iri.ends_with([':', '/', '?', '#', '[', ']', '@'])
}

fn expanded<'m>(
    context: &mut Context,
    map: &'m Map<String, Value>,
    name: &'m str,
    definition: &'m Map<String, Value>,
    done: &mut HashMap<&'m str, bool>,
    path: &Path<'_>,
) -> Result<Option<Term>, JsonLdError> {
    for feature in ["@reverse", "@nest"] {
        if definition.contains_key(feature) {
            return Err(unsupported(path, feature));
        }
    }
    let iri = match definition.get("@id") {
        Some(Value::Null) => return Ok(None),
        Some(Value::String(id)) => mapping(context, map, name, Some(id), done, path)?,
        Some(_) => return Err(invalid(path, "`@id` must be a text or null")),
        None => mapping(context, map, name, None, done, path)?,
    };
    let Some(iri) = iri else { return Ok(None) };
    let mut term = simple(name, iri);
    term.coercion = match definition.get("@type") {
        None | Some(Value::Null) => Coercion::None,
        Some(Value::String(kind)) => match kind.as_str() {
            "@id" => Coercion::Id,
            "@vocab" => Coercion::Vocab,
            "@json" => Coercion::Json,
            "@none" => Coercion::None,
            _ => match resolve(context, map, kind, done, path)? {
                Some(datatype) if !datatype.starts_with('@') => Coercion::Datatype(datatype),
                _ => return Err(invalid(path, format!("`@type` cannot be `{kind}`"))),
            },
        },
        Some(_) => return Err(invalid(path, "`@type` must be a text")),
    };
    match definition.get("@container") {
        None | Some(Value::Null) => {}
        Some(Value::String(kind)) => contain(&mut term, kind, path)?,
        Some(Value::Array(kinds)) => {
            for kind in kinds {
                contain(&mut term, kind.as_str().unwrap_or_default(), path)?;
            }
        }
        Some(_) => return Err(invalid(path, "`@container` must be a text or an array")),
    }
    match definition.get("@language") {
        None => {}
        Some(Value::Null) => term.language = Some(None),
        Some(Value::String(language)) => term.language = Some(Some(language.to_lowercase())),
        Some(_) => return Err(invalid(path, "`@language` must be a text or null")),
    }
    match definition.get("@prefix") {
        None => {}
        Some(Value::Bool(prefix)) => term.prefix = *prefix,
        Some(_) => return Err(invalid(path, "`@prefix` must be true or false")),
    }
    term.context = definition.get("@context").cloned();
    Ok(Some(term))
}

fn contain(term: &mut Term, kind: &str, path: &Path<'_>) -> Result<(), JsonLdError> {
    match kind {
        "@set" => {}
        "@list" => term.list = true,
        "@language" => term.language_map = true,
        _ => return Err(unsupported(path, &format!("`@container`: `{kind}`"))),
    }
    Ok(())
}

/// The IRI of a term: from its `@id`, or else from its own name.
fn mapping<'m>(
    context: &mut Context,
    map: &'m Map<String, Value>,
    name: &'m str,
    id: Option<&'m str>,
    done: &mut HashMap<&'m str, bool>,
    path: &Path<'_>,
) -> Result<Option<String>, JsonLdError> {
    if let Some(id) = id.filter(|id| *id != name) {
        let Some(iri) = resolve(context, map, id, done, path)? else { return Ok(None) };
        if iri.starts_with('@') && !is_keyword(&iri) {
            return Ok(None);
        }
        if iri == "@context" {
            return Err(invalid(path, "cannot stand for `@context`"));
        }
        if !iri.starts_with('@') && !iri.contains(':') {
            return Err(invalid(path, format!("`{iri}` is not an IRI")));
        }
        return Ok(Some(iri));
    }
    if name.contains(':') {
        return compact_name(context, map, name, done, path);
    }
    match &context.vocab {
        Some(vocab) => Ok(Some(format!("{vocab}{name}"))),
        None => Err(invalid(path, "has no `@id` and there is no `@vocab`")),
    }
}

/// A word inside a context, which may use terms defined later in the same context.
fn resolve<'m>(
    context: &mut Context,
    map: &'m Map<String, Value>,
    word: &'m str,
    done: &mut HashMap<&'m str, bool>,
    path: &Path<'_>,
) -> Result<Option<String>, JsonLdError> {
    if let Some((word, _)) = map.get_key_value(word) {
        define(context, map, word, done, path)?;
    } else if word.contains(':') {
        return compact_name(context, map, word, done, path);
    }
    Ok(context.iri(word, true))
}

fn compact_name<'m>(
    context: &mut Context,
    map: &'m Map<String, Value>,
    word: &'m str,
    done: &mut HashMap<&'m str, bool>,
    path: &Path<'_>,
) -> Result<Option<String>, JsonLdError> {
    if let Some((prefix, suffix)) = word.split_once(':') {
        if !suffix.starts_with("//") && map.contains_key(prefix) {
            define(context, map, prefix, done, path)?;
        }
        if let Some(term) = context.term(prefix).filter(|term| term.prefix && !suffix.starts_with("//")) {
            return Ok(Some(format!("{}{suffix}", term.iri)));
        }
    }
    Ok(Some(word.to_owned()))
}

fn unsupported(path: &Path<'_>, feature: &str) -> JsonLdError {
    JsonLdError::Unsupported { path: path.text(), feature: feature.to_owned() }
}
