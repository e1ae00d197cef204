//! `handling` in bodies: what happens by itself.
//!
//! `"automatic"`, `"manual"`, or an object with `request`, `accepted`, `verify`, `finalize` and `transfer` (each
//! `automatic` or `manual`), `automaticFor` (participants) and `automaticPolicyId` (a policy definition).

use super::error::ApiError;
use super::jsonld::{ns, optional, plain};
use engine::{Handling, Mode};
use ontology::jsonld::Node;
use serde_json::{Value, json};

/// The handling that an expanded body asks for; automatic when it says nothing.
pub(super) fn read(root: &Node<'_>) -> Result<Handling, ApiError> {
    let at = ns("handling");
    if root.values(&at).is_empty() {
        return Ok(Handling::default());
    }
    if let Some(text) = root.first_str(&at) {
        return Ok(match mode(&at, &text)? {
            Mode::Automatic => Handling::default(),
            Mode::Manual => Handling::manual(),
        });
    }
    let Some(node) = root.first_node(&at) else {
        return Err(ApiError::field(at, "handling must be text or an object", Value::Null));
    };
    let step = |name: &str| match optional(&node, name) {
        Some(text) => mode(&format!("{at}/{}", ns(name)), &text),
        None => Ok(Mode::Automatic),
    };
    let automatic_for = node.values(&ns("automaticFor")).iter();
    let named = automatic_for.filter_map(|v| match plain(v) {
        Value::String(text) => Some(text),
        other => other.get("@id").and_then(Value::as_str).map(str::to_owned),
    });
    Ok(Handling {
        request: step("request")?,
        accepted: step("accepted")?,
        verify: step("verify")?,
        finalize: step("finalize")?,
        transfer: step("transfer")?,
        automatic_for: named.collect(),
        automatic_policy_id: optional(&node, "automaticPolicyId"),
    })
}

fn mode(path: &str, text: &str) -> Result<Mode, ApiError> {
    match text {
        "automatic" => Ok(Mode::Automatic),
        "manual" => Ok(Mode::Manual),
        other => Err(ApiError::field(path, "must be automatic or manual", json!(other))),
    }
}
