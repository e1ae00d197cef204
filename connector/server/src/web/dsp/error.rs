//! Faults as the protocol's error bodies and statuses (dsp section "errors"). The only such place.

use super::body::Rejected;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use engine::Fault;
use serde_json::{Map, Value, json};

/// Which error object a part of the protocol uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Catalog,
    Negotiation,
    Transfer,
}

/// Process ids to echo in an error body.
#[derive(Debug, Clone, Default)]
pub(super) struct Pids {
    pub(super) consumer: Option<String>,
    pub(super) provider: Option<String>,
}

impl Pids {
    /// What the message itself carried.
    pub(super) fn of(message: &Value) -> Self {
        let member = |name: &str| {
            let text = message.get(name).and_then(Value::as_str);
            text.filter(|pid| !pid.trim().is_empty()).map(str::to_owned)
        };
        Self { consumer: member("consumerPid"), provider: member("providerPid") }
    }
}

/// A process id for a body whose schema wants one. While the counterparty has not given its own it is the nil UUID,
/// and never empty.
pub(super) fn known(pid: Option<&str>) -> &str {
    pid.unwrap_or(engine::record::NIL_PID)
}

/// The response for what went wrong.
pub(super) fn respond(part: Part, pids: &Pids, rejected: &Rejected) -> HttpResponse {
    let (status, code, reasons) = match rejected {
        Rejected::TooLarge(limit) => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            vec![json!(format!("body: is larger than {limit} bytes"))],
        ),
        Rejected::Fault(fault) => judge(fault),
    };
    let mut body = Map::new();
    body.insert("@context".to_owned(), json!([ontology::jsonld::DSPACE_CONTEXT]));
    let kind = match part {
        Part::Catalog => "CatalogError",
        Part::Negotiation => "ContractNegotiationError",
        Part::Transfer => "TransferError",
    };
    body.insert("@type".to_owned(), json!(kind));
    if part != Part::Catalog {
        body.insert("providerPid".to_owned(), json!(known(pids.provider.as_deref())));
        body.insert("consumerPid".to_owned(), json!(known(pids.consumer.as_deref())));
    }
    body.insert("code".to_owned(), json!(code));
    body.insert("reason".to_owned(), Value::Array(reasons));
    let mut response = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header(("WWW-Authenticate", "Bearer"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header(("Retry-After", "1"));
    }
    response.json(Value::Object(body))
}

fn judge(fault: &Fault) -> (StatusCode, &'static str, Vec<Value>) {
    let one = vec![json!(fault.to_string())];
    match fault {
        Fault::Malformed { .. } => (StatusCode::BAD_REQUEST, "malformed", one),
        Fault::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, "unauthenticated", one),
        Fault::NotFound { .. } => (StatusCode::NOT_FOUND, "not-found", one),
        Fault::IllegalState { legal, .. } => {
            let mut reasons = one;
            if !legal.is_empty() {
                reasons.push(json!(format!("legal now: {}", legal.join(", "))));
            }
            (StatusCode::BAD_REQUEST, "illegal-state", reasons)
        }
        Fault::Refused { reasons, verdict } => (
            StatusCode::BAD_REQUEST,
            if verdict.is_some() { "policy" } else { "refused" },
            reasons.iter().map(|reason| json!(reason)).collect(),
        ),
        Fault::Conflict(_) => (StatusCode::BAD_REQUEST, "conflict", one),
        Fault::Peer(_) => (StatusCode::BAD_GATEWAY, "peer", one),
        // Never 4xx for our own trouble: peers take that as final.
        Fault::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy", one),
        Fault::Full => (StatusCode::INSUFFICIENT_STORAGE, "full", one),
        other => {
            tracing::error!(fault = %other, "internal fault");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                vec![json!("internal error; see the provider's log")],
            )
        }
    }
}
