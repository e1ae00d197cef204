//! Bodies in: any JSON-LD form, expanded offline. A body without context is read with the EDC vocabulary, and a
//! policy without context with ODRL's.

use super::error::ApiError;
use crate::web::State;
use actix_web::web::Payload;
use bytes::BytesMut;
use futures_util::StreamExt as _;
use ontology::jsonld::{Node, ODRL_CONTEXT, expand_with};
use ontology::{edc, odrl};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// `term` of the EDC vocabulary.
pub(super) fn ns(term: &str) -> String {
    format!("{}{term}", edc::NS)
}

/// Reads the body within the limit.
pub(super) async fn bytes(state: &State, mut payload: Payload) -> Result<BytesMut, ApiError> {
    let limit = state.limits.body_bytes;
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| ApiError::bad_request(e.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads a JSON body. `None` when it is empty.
pub(super) async fn json(state: &State, payload: Payload) -> Result<Option<Value>, ApiError> {
    parse(&bytes(state, payload).await?)
}

pub(super) fn parse(bytes: &[u8]) -> Result<Option<Value>, ApiError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    // The text of the error has line and column.
    serde_json::from_slice(bytes)
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
    let body = match body {
        Value::Object(_) => body,
        // The expanded form of a document is a list.
        Value::Array(items) => match items.as_slice() {
            [one @ Value::Object(_)] => one,
            _ => return Err(ApiError::bad_request("the body is not one JSON object")),
        },
        Value::Null => return Err(ApiError::bad_request("input json is null")),
        _ => return Err(ApiError::bad_request("the body is not a JSON object")),
    };
    let default = json!({"@vocab": edc::NS, "edc": edc::NS, "odrl": odrl::NS});
    Ok(expand_with(&with_odrl(body), Some(&default))?)
}

/// Gives a policy that names ODRL terms without a context that context. EDC would take them for its own terms,
/// and then for no rules at all.
fn with_odrl(body: &Value) -> Cow<'_, Value> {
    const HEADS: [&str; 6] = ["permission", "prohibition", "obligation", "target", "assigner", "assignee"];
    let bare = |policy: &&Value| {
        policy.as_object().is_some_and(|members| {
            !members.contains_key("@context") && HEADS.iter().any(|head| members.contains_key(*head))
        })
    };
    let long = ns("policy");
    let names = ["policy", "edc:policy", long.as_str()];
    let Some(name) = names.into_iter().find(|name| body.get(*name).as_ref().is_some_and(bare)) else {
        return Cow::Borrowed(body);
    };
    let mut body = body.clone();
    if let Some(members) = body.get_mut(name).and_then(Value::as_object_mut) {
        members.insert("@context".to_owned(), json!(ODRL_CONTEXT));
    }
    Cow::Owned(body)
}

/// The node of an expanded body.
pub(super) fn node(expanded: &Value) -> Result<Node<'_>, ApiError> {
    Node::new(expanded).ok_or_else(|| ApiError::bad_request("the body is not a JSON object"))
}

/// Texts that must be there and not blank. What is missing is named all at once.
pub(super) fn required<const N: usize>(node: &Node<'_>, terms: [&str; N]) -> Result<[String; N], ApiError> {
    required_within("", node, terms)
}

/// As [`required`], for a node at `place` in the body.
pub(super) fn required_within<const N: usize>(
    place: &str,
    node: &Node<'_>,
    terms: [&str; N],
) -> Result<[String; N], ApiError> {
    let mut missing = Vec::new();
    let found = terms.map(|term| {
        optional(node, term).unwrap_or_else(|| {
            missing.push(if place.is_empty() { ns(term) } else { format!("{place}/{}", ns(term)) });
            String::new()
        })
    });
    if missing.is_empty() { Ok(found) } else { Err(ApiError::all_missing(missing)) }
}

/// A text that may be there; blank counts as absent.
pub(super) fn optional(node: &Node<'_>, term: &str) -> Option<String> {
    node.first_str(&ns(term)).filter(|text| !text.trim().is_empty())
}

/// `@id`, which may be absent but not blank.
pub(super) fn id(node: &Node<'_>) -> Result<Option<String>, ApiError> {
    match node.id() {
        Some(id) if id.trim().is_empty() => Err(ApiError::field("@id", "@id cannot be blank", json!(id))),
        other => Ok(other.map(str::to_owned)),
    }
}

/// A fresh id.
pub(super) fn fresh_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The members of a nested node as plain JSON, with full IRIs as keys.
pub(super) fn members(node: &Node<'_>) -> Map<String, Value> {
    node.as_map()
        .iter()
        .filter(|(key, _)| !key.starts_with('@'))
        .map(|(key, value)| (key.clone(), plain(value)))
        .collect()
}

/// Expanded JSON-LD without its wrapping. As in EDC, literals lose datatype and language.
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

/// A value to compare with: a literal, or a reference as text.
pub(super) fn scalar(value: &Value) -> Value {
    value.get("@value").or_else(|| value.get("@id")).unwrap_or(value).clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError as _;

    #[test]
    fn malformed_json_is_named_by_line_and_column() {
        let error = parse(b"{\n  \"a\": }").unwrap_err();
        assert!(error.to_string().contains("line 2 column 8"), "{error}");
        assert_eq!(error.status_code().as_u16(), 400);
        assert_eq!(parse(b" \n").unwrap(), None);
    }

    #[test]
    fn only_one_object_is_a_body() {
        for bad in [json!(null), json!(1), json!([]), json!([{"a": 1}, {"a": 2}])] {
            assert!(expand(&bad).is_err(), "{bad}");
        }
        let one = json!([{"https://w3id.org/edc/v0.0.1/ns/a": [{"@value": 1}]}]);
        assert_eq!(optional(&node(&expand(&one).unwrap()).unwrap(), "a").as_deref(), Some("1"));
        let unknown = expand(&json!({"@context": "https://nowhere.example/c.jsonld"})).unwrap_err();
        assert!(unknown.to_string().contains("https://nowhere.example/c.jsonld"), "{unknown}");
    }

    #[test]
    fn wrapping_falls_away() {
        let date = json!({"@value": "2025-01-01", "@type": "http://www.w3.org/2001/XMLSchema#date"});
        assert_eq!(plain(&json!([date])), json!("2025-01-01"));
        assert_eq!(plain(&json!([{"@value": 1}, {"@id": "urn:x"}])), json!([1, {"@id": "urn:x"}]));
        assert_eq!(plain(&json!([{"@list": [{"@value": 1}]}])), json!([1]), "a list stays one");
        assert_eq!(scalar(&date), json!("2025-01-01"));
        assert_eq!(scalar(&json!({"@id": "urn:x"})), json!("urn:x"));
    }
}
