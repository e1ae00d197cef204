//! The protocol messages that a negotiation sends, as JSON.

use crate::record::NegotiationRecord;
use protocol::agreement::{Agreement, SIGNATURE_PROPERTY};
use serde_json::{Map, Value, json};

fn message(kind: &str, record: &NegotiationRecord) -> Map<String, Value> {
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

/// Initial ContractRequestMessage.
pub(super) fn request(record: &NegotiationRecord, offer: &Value, callback: &str) -> Value {
    let mut body = message("ContractRequestMessage", record);
    body.remove("providerPid");
    body.insert("offer".to_owned(), offer.clone());
    body.insert("callbackAddress".to_owned(), json!(callback));
    if !record.purpose.is_empty() {
        body.insert(PURPOSE_PROPERTY.to_owned(), json!(record.purpose));
    }
    Value::Object(body)
}

/// A counter-offer: a ContractRequestMessage within a negotiation.
pub(super) fn counter_offer(record: &NegotiationRecord, offer: &Value) -> Value {
    let mut body = message("ContractRequestMessage", record);
    body.insert("offer".to_owned(), offer.clone());
    Value::Object(body)
}

/// ContractOfferMessage; an initial one names where we are and not the consumer's process.
pub(super) fn offer(record: &NegotiationRecord, offer: &Value, callback: Option<&str>) -> Value {
    let mut body = message("ContractOfferMessage", record);
    body.insert("offer".to_owned(), offer.clone());
    if let Some(callback) = callback {
        body.insert("callbackAddress".to_owned(), json!(callback));
    }
    Value::Object(body)
}

/// ContractAgreementMessage with our signatures beside the agreement: EDC compares all of the agreement with the
/// offer, also properties that it does not know.
pub(super) fn agreement(record: &NegotiationRecord, agreement: &Agreement) -> Value {
    let mut body = message("ContractAgreementMessage", record);
    body.insert("agreement".to_owned(), agreement.policy().clone());
    if let Some(jws) = &agreement.signatures {
        body.insert(SIGNATURE_PROPERTY.to_owned(), jws.clone());
    }
    Value::Object(body)
}

/// ContractAgreementVerificationMessage with our signatures, when there are any.
pub(super) fn verification(record: &NegotiationRecord, agreement: &Agreement) -> Value {
    let mut body = message("ContractAgreementVerificationMessage", record);
    if let Some(jws) = &agreement.signatures {
        body.insert(SIGNATURE_PROPERTY.to_owned(), jws.clone());
    }
    Value::Object(body)
}

/// ContractNegotiationEventMessage.
pub(super) fn event(record: &NegotiationRecord, kind: &str) -> Value {
    let mut body = message("ContractNegotiationEventMessage", record);
    body.insert("eventType".to_owned(), json!(kind));
    Value::Object(body)
}

/// ContractNegotiationTerminationMessage.
pub(super) fn termination(record: &NegotiationRecord, code: &str, reasons: &[String]) -> Value {
    let mut body = message("ContractNegotiationTerminationMessage", record);
    body.insert("code".to_owned(), json!(code));
    if !reasons.is_empty() {
        body.insert("reason".to_owned(), json!(reasons));
    }
    Value::Object(body)
}

/// Extension property in which a consumer states its purposes.
pub(super) const PURPOSE_PROPERTY: &str = "https://w3id.org/entente/v1/purpose";
