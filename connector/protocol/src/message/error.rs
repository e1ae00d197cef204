//! Error objects.

use super::wire::message;
use serde_json::Value;

/// Stands in for a process id that does not exist yet, where the schema demands one.
pub const NIL_PID: &str = "urn:uuid:00000000-0000-0000-0000-000000000000";

message! {
    /// A negotiation message was refused; its effect did not happen.
    pub struct ContractNegotiationError {
        /// The provider's process id, or [`NIL_PID`].
        provider_pid: String,
        /// The consumer's process id, or [`NIL_PID`].
        consumer_pid: String,
        /// Code of the sender's choosing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Reasons, strings or objects.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reason: Vec<Value>,
    }
    check |body| {
        body.pids()?;
        body.code_and_reason(1)
    }
}

message! {
    /// A transfer message was refused; its effect did not happen.
    pub struct TransferError {
        /// The provider's process id, or [`NIL_PID`].
        provider_pid: String,
        /// The consumer's process id, or [`NIL_PID`].
        consumer_pid: String,
        /// Code of the sender's choosing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Reasons, strings or objects.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reason: Vec<Value>,
    }
    check |body| {
        body.pids()?;
        body.code_and_reason(1)
    }
}

/// Reasons as text: strings as they are, objects by their `message`, all else as JSON.
#[must_use]
pub fn reasons(items: &[Value]) -> Vec<String> {
    items
        .iter()
        .map(|item| match item {
            Value::String(text) => text.clone(),
            other => match other.get("message") {
                Some(Value::String(text)) => text.clone(),
                _ => other.to_string(),
            },
        })
        .collect()
}
