//! The plain JSON that the Dataspace Protocol's schemas describe.
//!
//! Messages that are plain already, which is nearly all of them, are recognised and returned untouched. Others are
//! expanded and written out again by what their terms mean.

mod recognise;
mod shape;
#[cfg(test)]
mod tests;
mod write;

use serde_json::Value;

use super::error::JsonLdError;
use super::expand::{Expander, Unmapped};
use super::known::{self, DSPACE_CONTEXT, EDC_DSPACE_CONTEXT};

/// Turns a protocol message in any JSON-LD form into the plain JSON of the protocol's schemas.
///
/// Prefixed, expanded and 2024-1 or 0.8 spellings become unprefixed terms, single objects become arrays where the
/// schema has arrays, references become texts. Members without a meaning here are kept: as they stand in a message
/// that is plain already, else under a prefixed name (`dct:title`), or unchanged if no context explains them.
pub fn to_dsp_plain(value: Value) -> Result<Value, JsonLdError> {
    if recognise::is_plain(&value) {
        return Ok(value);
    }
    let (value, contexts) = readable(value);
    let default = Value::from(vec![DSPACE_CONTEXT]);
    let expanded = Expander::new(Unmapped::Keep).document(&value, Some(&default))?;
    let mut plain = write::node(&expanded);
    if let Some(object) = plain.as_object_mut() {
        object.insert("@context".to_owned(), Value::from(contexts));
    }
    Ok(plain)
}

/// The document without contexts that nobody here knows, if it names the protocol's own context, whose terms are
/// protected: the others cannot change what they mean. Also the contexts to name in the plain form.
fn readable(mut value: Value) -> (Value, Vec<String>) {
    let mut contexts = vec![DSPACE_CONTEXT.to_owned()];
    if let Some(Value::Array(items)) = value.get_mut("@context") {
        let of_protocol = items.iter().any(|item| item == DSPACE_CONTEXT);
        for item in items.iter().filter_map(Value::as_str) {
            let plain = item == EDC_DSPACE_CONTEXT || !known::is_known(item);
            if of_protocol && plain && !contexts.iter().any(|present| present == item) {
                contexts.push(item.to_owned());
            }
        }
        if of_protocol {
            items.retain(|item| item.as_str().is_none_or(known::is_known));
        }
    }
    (value, contexts)
}
