//! From the pure machines' refusals to faults, and the names of events.

use crate::fault::Fault;
use std::fmt::Display;

/// An illegal transition as a fault.
pub(crate) fn illegal(state: impl Display, reason: impl Into<String>, legal: Vec<String>) -> Fault {
    Fault::IllegalState { state: state.to_string(), reason: reason.into(), legal }
}

/// `contract.negotiation.agreed` and the like.
pub(crate) fn event_name(prefix: &str, state: &str) -> String {
    format!("{prefix}.{}", state.to_ascii_lowercase())
}

/// Text of protocol reasons, which may be strings or objects.
pub(crate) fn reason_text(reasons: &[serde_json::Value]) -> String {
    let body = serde_json::json!({ "reason": reasons });
    crate::discover::reasons(Some(&body)).trim_start_matches(": ").to_owned()
}
