//! JSON-LD without a network.
//!
//! Enough of [JSON-LD 1.1 expansion](https://www.w3.org/TR/json-ld11-api/#expansion-algorithm) to read what
//! connectors send, over contexts compiled into this crate. A context that is not among them is an error.

mod context;
mod dsp;
mod error;
mod expand;
mod known;
mod node;
mod path;
mod term;
#[cfg(test)]
mod tests;
mod value;

use expand::{Expander, Unmapped};

pub use dsp::to_dsp_plain;
pub use error::JsonLdError;
pub use known::*;
pub use node::Node;
use serde_json::Value;

/// Expands a document into one node object: keys are full IRIs, values arrays of `@value`, `@id`, `@list` or
/// node objects. Relative identifiers stay as they are.
pub fn expand(value: &Value) -> Result<Value, JsonLdError> {
    expand_with(value, None)
}

/// As [`expand`], for a document with any number of nodes at its top (`@graph`, or an array).
pub fn expand_all(value: &Value) -> Result<Vec<Value>, JsonLdError> {
    Expander::new(Unmapped::Drop).documents(value, None)
}

/// Contexts that were read beforehand, to expand many documents under.
pub struct Prepared {
    loader: context::Loader,
    active: std::sync::Arc<context::Context>,
}

impl Prepared {
    /// Reads `contexts` once; `often` are addresses of contexts that documents often name on top of them.
    pub fn new(contexts: &Value, often: &[&str]) -> Result<Self, JsonLdError> {
        let mut loader = context::Loader::default();
        let active = loader.apply(&std::sync::Arc::default(), contexts, true, &path::Path::Root)?;
        for address in often {
            loader.apply(&active, &Value::String((*address).to_owned()), true, &path::Path::Root)?;
        }
        Ok(Self { loader, active })
    }

    /// As [`expand_all`], as if the document's own contexts came after these.
    pub fn expand_all(&self, value: &Value) -> Result<Vec<Value>, JsonLdError> {
        Expander::prepared(self.loader.clone()).nodes(std::sync::Arc::clone(&self.active), value)
    }
}

/// As [`expand`]; `default_context` stands in where the document has no `@context` of its own.
pub fn expand_with(value: &Value, default_context: Option<&Value>) -> Result<Value, JsonLdError> {
    Expander::new(Unmapped::Drop).document(value, default_context)
}
