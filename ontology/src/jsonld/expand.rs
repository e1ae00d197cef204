//! The [expansion algorithm](https://www.w3.org/TR/json-ld11-api/#expansion-algorithm), for node and value objects.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::context::{Context, Loader, empty};
use super::error::JsonLdError;
use super::path::Path;
use super::term::{Coercion, Term};
use super::value::{finish, language_map, literal, texts, wrong};

/// Nesting of objects and arrays that is still read.
const MAX_DEPTH: usize = 64;

/// What happens to members whose name no context explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unmapped {
    /// Dropped, as JSON-LD wants.
    Drop,
    /// Kept under their own name as a JSON literal.
    Keep,
}

/// One run over one document.
pub(super) struct Expander {
    loader: Loader,
    unmapped: Unmapped,
}

impl Expander {
    pub(super) fn new(unmapped: Unmapped) -> Self {
        Self { loader: Loader::default(), unmapped }
    }

    /// With contexts that were applied before.
    pub(super) fn prepared(loader: Loader) -> Self {
        Self { loader, unmapped: Unmapped::Drop }
    }

    /// The single node of a document.
    pub(super) fn document(
        &mut self,
        value: &Value,
        default_context: Option<&Value>,
    ) -> Result<Value, JsonLdError> {
        let mut nodes = self.documents(value, default_context)?.into_iter();
        match (nodes.next(), nodes.next()) {
            (Some(node), None) => Ok(node),
            (None, _) => Err(wrong(&Path::Root, "the document describes nothing")),
            (Some(_), Some(_)) => Err(wrong(&Path::Root, "the document describes more than one thing")),
        }
    }

    /// All nodes at the top of a document.
    pub(super) fn documents(
        &mut self,
        value: &Value,
        default_context: Option<&Value>,
    ) -> Result<Vec<Value>, JsonLdError> {
        let mut active = empty();
        if let Some(context) = default_context
            && !has_context(value)
        {
            let context = context.get("@context").unwrap_or(context);
            active = self.loader.apply(&active, context, true, &Path::Root)?;
        }
        self.nodes(active, value)
    }

    /// All nodes at the top of a document, under a context that is in force already.
    pub(super) fn nodes(&mut self, active: Arc<Context>, value: &Value) -> Result<Vec<Value>, JsonLdError> {
        let mut nodes = Vec::new();
        match value {
            Value::Object(map) => match self.graph(&active, map)? {
                Some(items) => nodes = items,
                None => nodes.extend(self.object(&active, None, map, &Path::Root, 0)?),
            },
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.value(&active, None, item, &Path::Root.index(at), 1, &mut nodes)?;
                }
            }
            _ => return Err(wrong(&Path::Root, "a document must be an object")),
        }
        nodes.retain(|node| node.get("@value").is_none() && node.is_object());
        Ok(nodes)
    }

    /// Contents of a document that is nothing but `@context` and `@graph`.
    fn graph(
        &mut self,
        active: &Arc<Context>,
        map: &Map<String, Value>,
    ) -> Result<Option<Vec<Value>>, JsonLdError> {
        let (Some(graph), true) = (map.get("@graph"), map.keys().all(|k| k == "@graph" || k == "@context"))
        else {
            return Ok(None);
        };
        let mut context = Arc::clone(active);
        if let Some(local) = map.get("@context") {
            context = self.loader.apply(active, local, true, &Path::Root.key("@context"))?;
        }
        let mut nodes = Vec::new();
        self.value(&context, None, graph, &Path::Root.key("@graph"), 1, &mut nodes)?;
        Ok(Some(nodes))
    }

    /// Expands any value of `term` and appends the result; null adds nothing.
    fn value(
        &mut self,
        active: &Arc<Context>,
        term: Option<&Arc<Term>>,
        value: &Value,
        path: &Path<'_>,
        depth: usize,
        out: &mut Vec<Value>,
    ) -> Result<(), JsonLdError> {
        if depth > MAX_DEPTH {
            return Err(JsonLdError::TooDeep { path: path.text() });
        }
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.value(active, term, item, &path.index(at), depth + 1, out)?;
                }
            }
            Value::Object(map) => {
                if let Some(set) = single_set(active, map) {
                    return self.value(active, term, set, &path.key("@set"), depth + 1, out);
                }
                out.extend(self.object(active, term, map, path, depth)?);
            }
            scalar => {
                let scoped = self.property_scope(active, term, path)?;
                out.push(literal(&scoped, term, scalar));
            }
        }
        Ok(())
    }

    /// The context inside a term that brings one of its own.
    fn property_scope(
        &mut self,
        active: &Arc<Context>,
        term: Option<&Arc<Term>>,
        path: &Path<'_>,
    ) -> Result<Arc<Context>, JsonLdError> {
        match term.and_then(|term| term.context.as_ref()) {
            Some(scoped) => self.loader.apply(active, scoped, true, path),
            None => Ok(Arc::clone(active)),
        }
    }

    fn object(
        &mut self,
        active: &Arc<Context>,
        term: Option<&Arc<Term>>,
        map: &Map<String, Value>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Option<Value>, JsonLdError> {
        let mut context = match &active.previous {
            Some(previous) if !stays_in_scope(active, map) => Arc::clone(previous),
            _ => Arc::clone(active),
        };
        context = self.property_scope(&context, term, path)?;
        if let Some(local) = map.get("@context") {
            context = self.loader.apply(&context, local, true, &path.key("@context"))?;
        }
        let types = type_words(&context, map, path)?;
        let unscoped = Arc::clone(&context);
        for word in &types {
            if let Some(local) = unscoped.term(word).and_then(|term| term.context.as_ref()) {
                context = self.loader.apply(&context, local, false, &path.key("@type"))?;
            }
        }
        self.members(&context, &unscoped, map, path, depth)
    }

    fn members(
        &mut self,
        context: &Arc<Context>,
        type_context: &Arc<Context>,
        map: &Map<String, Value>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Option<Value>, JsonLdError> {
        let mut node = Map::new();
        for (key, value) in map {
            let here = path.key(key);
            if key == "@context" {
                continue;
            }
            let iri = match context.iri(key, true) {
                Some(iri) if iri.starts_with('@') => {
                    self.keyword(&iri, context, type_context, value, &here, depth, &mut node)?;
                    continue;
                }
                Some(iri) if iri.contains(':') => iri,
                _ if self.unmapped == Unmapped::Keep && !key.starts_with('@') => {
                    node.insert(key.clone(), json!([{"@value": value, "@type": "@json"}]));
                    continue;
                }
                _ => continue,
            };
            let mut values = Vec::new();
            let term = context.term(key);
            match term {
                Some(term) if term.coercion == Coercion::Json => {
                    values.push(json!({"@value": value, "@type": "@json"}));
                }
                Some(term) if term.language_map && value.is_object() => {
                    language_map(value, &here, &mut values)?;
                }
                _ => self.value(context, term, value, &here, depth + 1, &mut values)?,
            }
            if value.is_null() {
                continue;
            }
            let already_list = matches!(values.as_slice(), [only] if only.get("@list").is_some());
            if term.is_some_and(|term| term.list) && !already_list {
                values = vec![json!({"@list": values})];
            }
            match node.get_mut(&iri) {
                Some(Value::Array(present)) => present.append(&mut values),
                _ => {
                    node.insert(iri, Value::Array(values));
                }
            }
        }
        finish(node, path)
    }

    #[expect(clippy::too_many_arguments, reason = "one place in the algorithm, all of it state")]
    fn keyword(
        &mut self,
        keyword: &str,
        context: &Arc<Context>,
        type_context: &Arc<Context>,
        value: &Value,
        path: &Path<'_>,
        depth: usize,
        node: &mut Map<String, Value>,
    ) -> Result<(), JsonLdError> {
        let expanded = match keyword {
            "@id" => match value {
                Value::String(id) => json!(context.iri(id, false).unwrap_or_else(|| id.clone())),
                Value::Null => return Ok(()),
                _ => return Err(wrong(path, "an identifier must be a text")),
            },
            "@type" => {
                let words = texts(value, path)?;
                let iris = words.into_iter().filter_map(|word| type_context.iri(word, true));
                let mut all: Vec<Value> = iris.map(Value::String).collect();
                if let Some(Value::Array(present)) = node.get_mut("@type") {
                    present.append(&mut all);
                    return Ok(());
                }
                Value::Array(all)
            }
            "@value" => value.clone(),
            "@language" | "@direction" => match value {
                Value::String(text) => json!(text.to_lowercase()),
                _ => return Err(wrong(path, "must be a text")),
            },
            "@list" | "@set" => {
                let mut items = Vec::new();
                self.value(context, None, value, path, depth + 1, &mut items)?;
                Value::Array(items)
            }
            "@index" => return Ok(()),
            other => {
                return Err(JsonLdError::Unsupported { path: path.text(), feature: format!("`{other}`") });
            }
        };
        if node.insert(keyword.to_owned(), expanded).is_some() {
            return Err(wrong(path, "stands twice under different names"));
        }
        Ok(())
    }
}

/// The words of all `@type` members, sorted: scoped contexts apply in that order.
fn type_words<'m>(
    context: &Context,
    map: &'m Map<String, Value>,
    path: &Path<'_>,
) -> Result<Vec<&'m str>, JsonLdError> {
    let mut words = Vec::new();
    for (key, value) in map {
        // Only the keyword itself and terms for it name types; a prefixed name never is a keyword.
        if key == "@type" || context.term(key).is_some_and(|term| term.iri == "@type") {
            words.extend(texts(value, &path.key(key))?);
        }
    }
    words.sort_unstable();
    Ok(words)
}

/// Value objects and bare references keep a type-scoped context; other nodes leave it.
fn stays_in_scope(context: &Context, map: &Map<String, Value>) -> bool {
    let keyword = |key: &String| context.iri(key, true);
    map.keys().any(|key| keyword(key).as_deref() == Some("@value"))
        || (map.len() == 1 && map.keys().all(|key| keyword(key).as_deref() == Some("@id")))
}

fn single_set<'m>(context: &Context, map: &'m Map<String, Value>) -> Option<&'m Value> {
    let (key, value) = map.iter().next().filter(|_| map.len() == 1)?;
    (context.iri(key, true)? == "@set").then_some(value)
}

fn has_context(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_context),
        other => other.get("@context").is_some(),
    }
}
