//! The protocol messages that a transfer sends, as JSON.

use crate::record::TransferRecord;
use protocol::message::DataAddress;
use serde_json::{Map, Value, json};

fn message(kind: &str, record: &TransferRecord) -> Map<String, Value> {
    let (consumer, provider) = record.pids();
    let mut body = Map::new();
    body.insert("@context".to_owned(), json!([ontology::jsonld::DSPACE_CONTEXT]));
    body.insert("@type".to_owned(), json!(kind));
    if let Some(pid) = provider {
        body.insert("providerPid".to_owned(), json!(pid));
    }
    if let Some(pid) = consumer {
        body.insert("consumerPid".to_owned(), json!(pid));
    }
    body
}

/// TransferRequestMessage.
pub(super) fn request(record: &TransferRecord, callback: &str) -> Value {
    let mut body = message("TransferRequestMessage", record);
    body.remove("providerPid");
    body.insert("agreementId".to_owned(), json!(record.agreement_id));
    body.insert("format".to_owned(), json!(record.format));
    body.insert("callbackAddress".to_owned(), json!(callback));
    Value::Object(body)
}

/// TransferStartMessage.
pub(super) fn start(record: &TransferRecord, address: Option<&DataAddress>) -> Value {
    let mut body = message("TransferStartMessage", record);
    if let Some(address) = address.and_then(|a| serde_json::to_value(a).ok()) {
        body.insert("dataAddress".to_owned(), address);
    }
    Value::Object(body)
}

/// TransferCompletionMessage.
pub(super) fn completion(record: &TransferRecord) -> Value {
    Value::Object(message("TransferCompletionMessage", record))
}

/// TransferSuspensionMessage.
pub(super) fn suspension(record: &TransferRecord, code: &str, reasons: &[String]) -> Value {
    with_reason(message("TransferSuspensionMessage", record), code, reasons)
}

/// TransferTerminationMessage.
pub(super) fn termination(record: &TransferRecord, code: &str, reasons: &[String]) -> Value {
    with_reason(message("TransferTerminationMessage", record), code, reasons)
}

fn with_reason(mut body: Map<String, Value>, code: &str, reasons: &[String]) -> Value {
    body.insert("code".to_owned(), json!(code));
    if !reasons.is_empty() {
        body.insert("reason".to_owned(), json!(reasons));
    }
    Value::Object(body)
}
