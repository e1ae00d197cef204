//! Bodies in: any JSON-LD form, expanded offline. A body without context is read with the EDC vocabulary.

use super::error::ApiError;
use crate::web::State;
use actix_web::web::Payload;
use bytes::BytesMut;
use futures_util::StreamExt as _;
use ontology::edc;
use ontology::jsonld::{Node, expand_with};
use serde_json::{Map, Value, json};

/// `term` of the EDC vocabulary.
pub(super) fn ns(term: &str) -> String {
    format!("{}{term}", edc::NS)
}

/// Reads the body within the limit. `None` when it is empty.
pub(super) async fn json(state: &State, mut payload: Payload) -> Result<Option<Value>, ApiError> {
    let limit = state.limits.body_bytes;
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| ApiError::bad_request(e.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|e| ApiError::bad_request(format!("the body is not JSON: {e}")))
}

/// Reads and expands the body.
pub(super) async fn expanded(state: &State, payload: Payload) -> Result<Value, ApiError> {
    let body = json(state, payload).await?.ok_or_else(|| ApiError::bad_request("input json is null"))?;
    expand(&body)
}

/// Expands one object.
pub(super) fn expand(body: &Value) -> Result<Value, ApiError> {
    if !body.is_object() {
        return Err(ApiError::bad_request("the body is not a JSON object"));
    }
    let default = json!({"@vocab": edc::NS, "odrl": ontology::odrl::NS});
    expand_with(body, Some(&default)).map_err(|e| ApiError::field(e.path(), e.to_string(), Value::Null))
}

/// The node of an expanded body.
pub(super) fn node(expanded: &Value) -> Result<Node<'_>, ApiError> {
    Node::new(expanded).ok_or_else(|| ApiError::bad_request("the body is not a JSON object"))
}

/// A text that must be there and not blank.
pub(super) fn required(node: &Node<'_>, term: &str) -> Result<String, ApiError> {
    optional(node, term).filter(|text| !text.trim().is_empty()).ok_or_else(|| ApiError::missing(&ns(term)))
}

/// A text that may be there.
pub(super) fn optional(node: &Node<'_>, term: &str) -> Option<String> {
    node.first_str(&ns(term))
}

/// `@id`, or a fresh one; a blank one is an error.
pub(super) fn id(node: &Node<'_>) -> Result<String, ApiError> {
    match node.id() {
        Some(id) if id.trim().is_empty() => Err(ApiError::field("@id", "@id cannot be blank", json!(id))),
        Some(id) => Ok(id.to_owned()),
        None => Ok(uuid::Uuid::new_v4().to_string()),
    }
}

/// The members of a nested node as plain JSON, with full IRIs as keys.
pub(super) fn members(node: &Node<'_>) -> Map<String, Value> {
    node.as_map()
        .iter()
        .filter(|(key, _)| !key.starts_with('@'))
        .map(|(key, value)| (key.clone(), plain(value)))
        .collect()
}

/// Expanded JSON-LD without its wrapping.
pub(super) fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => match items.as_slice() {
            [one] => plain(one),
            many => Value::Array(many.iter().map(plain).collect()),
        },
        Value::Object(node) => {
            if let Some(literal) = node.get("@value") {
                return literal.clone();
            }
            if let Some(list) = node.get("@list") {
                return match list {
                    Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
                    one => plain(one),
                };
            }
            Value::Object(
                node.iter()
                    .map(|(k, v)| (k.clone(), if k.starts_with('@') { v.clone() } else { plain(v) }))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}
