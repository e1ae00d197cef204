//! Active contexts: what a document's words currently mean.
//!
//! Follows the [context processing algorithm](https://www.w3.org/TR/json-ld11-api/#context-processing-algorithm)
//! without fetching, base addresses and term protection.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};

use super::error::JsonLdError;
use super::known;
use super::path::Path;
use super::term::{self, Term};

/// Inline contexts a document may bring. Each costs a copy of the terms in force.
const MAX_CONTEXTS: usize = 10_000;
/// Contexts within contexts.
const MAX_NESTING: usize = 16;

/// The terms in force at one place of a document.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    /// `None` for a term that is explicitly mapped to nothing.
    pub(super) terms: HashMap<Arc<str>, Option<Arc<Term>>>,
    pub(super) vocab: Option<String>,
    pub(super) language: Option<String>,
    /// What to go back to below a node whose context does not propagate.
    pub(super) previous: Option<Arc<Context>>,
}

impl Context {
    pub(super) fn term(&self, name: &str) -> Option<&Arc<Term>> {
        self.terms.get(name)?.as_ref()
    }

    /// [IRI expansion](https://www.w3.org/TR/json-ld11-api/#iri-expansion). `None` when the word means nothing.
    /// Identifiers that stay relative are returned unchanged.
    pub(super) fn iri(&self, word: &str, in_vocab: bool) -> Option<String> {
        if is_keyword(word) {
            return Some(word.to_owned());
        }
        if looks_like_keyword(word) {
            return None;
        }
        if in_vocab && let Some(term) = self.terms.get(word) {
            return term.as_ref().map(|term| term.iri.clone());
        }
        if let Some((prefix, suffix)) = word.split_once(':') {
            if prefix != "_"
                && !suffix.starts_with("//")
                && let Some(term) = self.term(prefix).filter(|term| term.prefix)
            {
                return Some(format!("{}{suffix}", term.iri));
            }
            if !prefix.is_empty() {
                return Some(word.to_owned());
            }
        }
        match (&self.vocab, in_vocab) {
            (Some(vocab), true) => Some(format!("{vocab}{word}")),
            _ => Some(word.to_owned()),
        }
    }
}

/// The context that means nothing; every document begins with it.
pub(super) fn empty() -> Arc<Context> {
    static EMPTY: LazyLock<Arc<Context>> = LazyLock::new(Arc::default);
    Arc::clone(&EMPTY)
}

/// Contexts that documents brought before. Most documents bring one of a handful, and applying one costs more than
/// all the rest of reading a document.
mod made {
    use super::{Applied, Context};
    use serde_json::Value;
    use std::collections::HashMap;
    use std::sync::{Arc, LazyLock, PoisonError, RwLock};

    /// Most contexts kept; then all are forgotten.
    const MOST: usize = 256;
    /// Longest text of a context that is kept, in bytes.
    const LONGEST: usize = 2048;

    type Key = (usize, String);

    /// By the context that was in force (kept alive here, so that its address stays its own) and the text of the new.
    static MADE: LazyLock<RwLock<HashMap<Key, Applied>>> = LazyLock::new(RwLock::default);

    fn key(active: &Arc<Context>, text: String) -> Key {
        (Arc::as_ptr(active) as usize, text)
    }

    /// What `local` became before, or its text.
    pub(super) fn find(active: &Arc<Context>, local: &Value) -> Result<Arc<Context>, String> {
        let key = key(active, local.to_string());
        let made = MADE.read().unwrap_or_else(PoisonError::into_inner);
        match made.get(&key) {
            Some((_, result)) => Ok(Arc::clone(result)),
            None => Err(key.1),
        }
    }

    pub(super) fn keep(active: &Arc<Context>, text: String, result: &Arc<Context>) {
        if text.len() > LONGEST {
            return;
        }
        let mut made = MADE.write().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= MOST {
            made.clear();
        }
        made.insert(key(active, text), (Arc::clone(active), Arc::clone(result)));
    }
}

/// A context and what became of it.
type Applied = (Arc<Context>, Arc<Context>);

/// Applies contexts and remembers the embedded ones it has already applied.
#[derive(Clone, Default)]
pub(super) struct Loader {
    /// By the context it was applied to (kept alive here, so the address stays its own) and its address.
    seen: HashMap<(usize, &'static str), Applied>,
    inline: usize,
}

impl Loader {
    /// The context in force after `local`. With `propagate` false it ends at the node it was given for.
    pub(super) fn apply(
        &mut self,
        active: &Arc<Context>,
        local: &Value,
        propagate: bool,
        path: &Path<'_>,
    ) -> Result<Arc<Context>, JsonLdError> {
        let propagate = match local.get("@propagate") {
            None => propagate,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => return Err(invalid(path, "`@propagate` must be true or false")),
        };
        let mut result = match made::find(active, local) {
            Ok(found) => {
                self.count(path)?;
                found
            }
            Err(text) => {
                let result = self.step(active, local, path, 0)?;
                made::keep(active, text, &result);
                result
            }
        };
        if !propagate && !Arc::ptr_eq(&result, active) {
            let previous = active.previous.clone().unwrap_or_else(|| Arc::clone(active));
            Arc::make_mut(&mut result).previous = Some(previous);
        }
        Ok(result)
    }

    fn step(
        &mut self,
        active: &Arc<Context>,
        local: &Value,
        path: &Path<'_>,
        nesting: usize,
    ) -> Result<Arc<Context>, JsonLdError> {
        if nesting > MAX_NESTING {
            return Err(JsonLdError::TooDeep { path: path.text() });
        }
        match local {
            Value::Null => Ok(empty()),
            Value::String(address) => self.embedded(active, address, path, nesting),
            Value::Array(items) => {
                let mut result = Arc::clone(active);
                for (at, item) in items.iter().enumerate() {
                    result = self.step(&result, item, &path.index(at), nesting + 1)?;
                }
                Ok(result)
            }
            Value::Object(map) => {
                // A document may wrap its context in another `@context`, as context files do.
                match map.get("@context") {
                    Some(inner) => self.step(active, inner, &path.key("@context"), nesting + 1),
                    None => self.inline(active, map, path, nesting),
                }
            }
            _ => Err(invalid(path, "must be an address, an object, an array or null")),
        }
    }

    fn embedded(
        &mut self,
        active: &Arc<Context>,
        address: &str,
        path: &Path<'_>,
        nesting: usize,
    ) -> Result<Arc<Context>, JsonLdError> {
        let (address, context) = known::find(address)
            .ok_or_else(|| JsonLdError::UnknownContext { path: path.text(), context: address.to_owned() })?;
        let key = (Arc::as_ptr(active) as usize, address);
        if let Some((_, result)) = self.seen.get(&key) {
            return Ok(Arc::clone(result));
        }
        let result = self.step(active, context, path, nesting + 1)?;
        self.seen.insert(key, (Arc::clone(active), Arc::clone(&result)));
        Ok(result)
    }

    fn count(&mut self, path: &Path<'_>) -> Result<(), JsonLdError> {
        self.inline += 1;
        if self.inline > MAX_CONTEXTS {
            return Err(JsonLdError::TooManyContexts { path: path.text() });
        }
        Ok(())
    }

    fn inline(
        &mut self,
        active: &Arc<Context>,
        map: &Map<String, Value>,
        path: &Path<'_>,
        nesting: usize,
    ) -> Result<Arc<Context>, JsonLdError> {
        self.count(path)?;
        let mut base = Arc::clone(active);
        if let Some(import) = map.get("@import") {
            if !import.is_string() {
                return Err(invalid(path, "`@import` must be an address"));
            }
            base = self.step(&base, import, &path.key("@import"), nesting + 1)?;
        }
        let mut context = Context::clone(&base);
        match map.get("@vocab") {
            None => {}
            Some(Value::Null) => context.vocab = None,
            Some(Value::String(vocab)) => {
                context.vocab = context.iri(vocab, true);
            }
            Some(_) => return Err(invalid(path, "`@vocab` must be a text or null")),
        }
        match map.get("@language") {
            None => {}
            Some(Value::Null) => context.language = None,
            Some(Value::String(language)) => context.language = Some(language.to_lowercase()),
            Some(_) => return Err(invalid(path, "`@language` must be a text or null")),
        }
        if map.get("@version").is_some_and(|version| version.as_f64() != Some(1.1)) {
            return Err(invalid(path, "`@version` must be 1.1"));
        }
        term::define_all(&mut context, map, path)?;
        Ok(Arc::new(context))
    }
}

pub(super) fn invalid(path: &Path<'_>, reason: impl Into<String>) -> JsonLdError {
    JsonLdError::InvalidContext { path: path.text(), reason: reason.into() }
}

pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "@base"
            | "@container"
            | "@context"
            | "@direction"
            | "@graph"
            | "@id"
            | "@import"
            | "@included"
            | "@index"
            | "@json"
            | "@language"
            | "@list"
            | "@nest"
            | "@none"
            | "@prefix"
            | "@propagate"
            | "@protected"
            | "@reverse"
            | "@set"
            | "@type"
            | "@value"
            | "@version"
            | "@vocab"
    )
}

/// `@` and letters only: reserved for keywords to come, and ignored.
pub(super) fn looks_like_keyword(word: &str) -> bool {
    word.strip_prefix('@')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphabetic()))
}
