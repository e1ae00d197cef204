//! Callback addresses, as clients of Eclipse EDC use them: an event envelope, posted to the addresses that came
//! with the request, for the types that they name. EDC tries once; we try a few times, and do not block others.

use crate::identity::Http;
use engine::Engine;
use engine::port::NewEvent;
use engine::record::{Edr, NegotiationRecord, Secret, TransferRecord};
use ontology::edc;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;

const ATTEMPTS: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Posts at the same time.
const AT_ONCE: usize = 64;
const MOST_BYTES: usize = 64 * 1024;

/// Hears of events from now on.
pub(super) async fn run(engine: Arc<Engine>, http: Http) {
    let mut notices = engine.subscribe();
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        match notices.recv().await {
            Ok(event) => {
                // Nearly no process has callback addresses, and the event says so.
                if event.data.get("callbacks") != Some(&Value::Bool(true)) {
                    continue;
                }
                for post in posts(&engine, &event).await {
                    tokio::spawn(deliver(Arc::clone(&engine), http.clone(), Arc::clone(&permits), post));
                }
            }
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "too many events at once; callbacks may be missing");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

struct Post {
    uri: String,
    header: Option<(String, String)>,
    body: Value,
}

/// What an event has to be posted where.
async fn posts(engine: &Engine, event: &NewEvent) -> Vec<Post> {
    let (addresses, payload) = if event.kind.starts_with("contract.negotiation.") {
        match engine.get::<NegotiationRecord>(&event.subject).await {
            Ok(record) if !record.callback_addresses.is_empty() => {
                let payload = negotiation(&record);
                (record.callback_addresses, payload)
            }
            _ => return Vec::new(),
        }
    } else if event.kind.starts_with("transfer.process.") {
        match engine.get::<TransferRecord>(&event.subject).await {
            Ok(record) if !record.callback_addresses.is_empty() => {
                let edr = engine.get::<Edr>(&record.pid).await.ok();
                let payload = transfer(&record, edr.filter(|_| event.kind.ends_with(".started")));
                (record.callback_addresses, payload)
            }
            _ => return Vec::new(),
        }
    } else {
        return Vec::new();
    };
    let body = json!({
        "id": event.id, "at": event.at.millis(), "type": class_name(&event.kind), "payload": payload,
    });
    addresses
        .iter()
        .filter(|address| wants(address, &event.kind))
        .filter_map(|address| {
            let text = |name: &str| address.get(name).and_then(Value::as_str).map(str::to_owned);
            let header = text("authKey").zip(text("authCodeId"));
            Some(Post { uri: text("uri")?, header, body: body.clone() })
        })
        .collect()
}

/// `transfer.process` matches `transfer.process.started`.
fn wants(address: &Value, kind: &str) -> bool {
    let matches = |wanted: &Value| wanted.as_str().is_some_and(|prefix| kind.starts_with(prefix));
    match address.get("events") {
        Some(Value::Array(list)) => list.iter().any(matches),
        Some(one) => matches(one),
        None => false,
    }
}

/// `transfer.process.started` as `TransferProcessStarted`.
fn class_name(kind: &str) -> String {
    kind.split('.')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        })
        .map(Option::unwrap_or_default)
        .collect()
}

fn negotiation(record: &NegotiationRecord) -> Value {
    let mut payload = json!({
        "contractNegotiationId": record.pid,
        "counterPartyAddress": record.peer_address,
        "counterPartyId": record.peer,
        "callbackAddresses": record.callback_addresses,
        "contractOffers": record.process.offer().into_iter().collect::<Vec<_>>(),
        "protocol": record.protocol,
    });
    if let (Some(agreement), Some(members)) = (record.process.agreement(), payload.as_object_mut()) {
        members.insert(
            "contractAgreement".to_owned(),
            json!({"id": agreement.id(), "assetId": record.dataset_id, "providerId": agreement.assigner(),
                "consumerId": agreement.assignee(), "policy": agreement.policy()}),
        );
    }
    payload
}

fn transfer(record: &TransferRecord, edr: Option<Edr>) -> Value {
    let mut payload = json!({
        "transferProcessId": record.pid,
        "contractId": record.agreement_id,
        "assetId": record.dataset_id,
        "type": record.role.name().to_uppercase(),
        "callbackAddresses": record.callback_addresses,
        "reason": record.error_detail,
    });
    if let (Some(edr), Some(members)) = (edr, payload.as_object_mut()) {
        let mut properties = Map::new();
        let mut put = |name: &str, value: &str| properties.insert(format!("{}{name}", edc::NS), json!(value));
        put("type", &edr.address.endpoint_type);
        put("endpointType", &edr.address.endpoint_type);
        if let Some(endpoint) = &edr.address.endpoint {
            put("endpoint", endpoint);
        }
        for property in &edr.address.endpoint_properties {
            put(&property.name, &property.value);
        }
        members.insert("dataAddress".to_owned(), json!({ "properties": properties }));
    }
    payload
}

async fn deliver(engine: Arc<Engine>, http: Http, permits: Arc<Semaphore>, post: Post) {
    let header = match post.header {
        Some((name, alias)) => match engine.get::<Secret>(&alias).await {
            Ok(secret) => Some((name, secret.value)),
            Err(fault) => return tracing::warn!(uri = %post.uri, %fault, "a callback has no secret"),
        },
        None => None,
    };
    let mut wait = FIRST_WAIT;
    for attempt in 1..=ATTEMPTS {
        let permit = permits.acquire().await;
        let answer = http
            .exchange(&post.uri, MOST_BYTES, |client, url| {
                let request = client.post(url).json(&post.body);
                match &header {
                    Some((name, value)) => request.header(name, value),
                    None => request,
                }
            })
            .await;
        drop(permit);
        let error = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => return,
            Ok(answer) => format!("answered {}", answer.status),
            Err(fault) => fault.to_string(),
        };
        tracing::warn!(uri = %post.uri, attempt, %error, "a callback is not taken");
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_prefixes_are_those_of_edc() {
        assert_eq!(class_name("transfer.process.started"), "TransferProcessStarted");
        assert_eq!(class_name("contract.negotiation.finalized"), "ContractNegotiationFinalized");
        let address =
            json!({"uri": "http://x", "events": ["transfer.process", "contract.negotiation.agreed"]});
        assert!(
            wants(&address, "transfer.process.started") && wants(&address, "contract.negotiation.agreed")
        );
        assert!(
            !wants(&address, "contract.negotiation.verified") && !wants(&json!({}), "transfer.process.x")
        );
        assert!(wants(&json!({"events": "transfer"}), "transfer.process.started"));
    }
}
