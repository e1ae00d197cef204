//! Values in expanded JSON-LD.

use crate::model::Operand;
use serde_json::Value;

/// A literal or a reference.
pub(super) fn scalar(value: &Value) -> Option<Operand> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    match value {
        Value::Object(node) => {
            if let Some(literal) = node.get("@value") {
                let datatype = node.get("@type").and_then(Value::as_str).map(str::to_owned);
                return Some(Operand { value: text(literal)?, iri: false, datatype });
            }
            // A reference has no members of its own.
            let id = node.get("@id").and_then(Value::as_str)?;
            (node.len() == 1).then(|| Operand { value: id.to_owned(), iri: true, datatype: None })
        }
        other => Some(Operand { value: text(other)?, iri: false, datatype: None }),
    }
}
