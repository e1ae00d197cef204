//! Contract negotiation endpoints.

use super::body::{self, Rejected};
use super::error::{Part, Pids, known, respond};
use crate::web::{State, caller};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use engine::Fault;
use engine::record::NegotiationRecord;
use serde_json::{Value, json};

fn acknowledgement(record: &NegotiationRecord) -> Value {
    let (consumer, provider) = record.pids();
    json!({
        "@context": [ontology::jsonld::DSPACE_CONTEXT],
        "@type": "ContractNegotiation",
        "providerPid": known(provider),
        "consumerPid": known(consumer),
        "state": record.process.state().name(),
    })
}

/// An initial message; answered 201 with the new process.
pub(super) async fn initial(state: Data<State>, request: HttpRequest, payload: Payload) -> HttpResponse {
    take(&state, &request, None, payload, StatusCode::CREATED).await
}

/// A message within a process; answered 200 with its state.
pub(super) async fn message(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> HttpResponse {
    take(&state, &request, Some(&path.0), payload, StatusCode::OK).await
}

async fn take(
    state: &State,
    request: &HttpRequest,
    pid: Option<&str>,
    payload: Payload,
    success: StatusCode,
) -> HttpResponse {
    let mut pids = Pids::default();
    let result = async {
        let caller = caller::of(state, request).await?;
        caller.require()?;
        let body = body::read(state, request, payload).await?;
        pids = Pids::of(&body);
        let message = protocol::message::parse_negotiation(body).map_err(Fault::from)?;
        if !matches_path(request.path(), &message) {
            return Err(Fault::malformed("@type", "does not belong to this address").into());
        }
        Ok::<_, Rejected>(state.engine.receive_negotiation(&caller, pid, message).await?)
    }
    .await;
    match result {
        Ok(record) => HttpResponse::build(success).json(acknowledgement(&record)),
        Err(rejected) => respond(Part::Negotiation, &pids, &rejected),
    }
}

/// `GET` of a process by its counterparty.
pub(super) async fn state(state: Data<State>, request: HttpRequest, pid: Path<String>) -> HttpResponse {
    let found = async {
        let caller = caller::of(&state, &request).await?;
        state.engine.negotiation_of(&caller, &pid).await
    };
    match found.await {
        Ok(record) => HttpResponse::Ok().json(acknowledgement(&record)),
        Err(fault) => respond(Part::Negotiation, &Pids::default(), &Rejected::Fault(fault)),
    }
}

/// Is this message one for this path? A message at another's address is a client error, whatever its content.
fn matches_path(path: &str, message: &protocol::message::NegotiationMessage) -> bool {
    use protocol::message::NegotiationMessage as Message;
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    matches!(
        (last, message),
        ("request", Message::Request(_))
            | ("offers", Message::Offer(_))
            | ("agreement", Message::Agreement(_))
            | ("verification", Message::Verification(_))
            | ("events", Message::Event(_))
            | ("termination", Message::Termination(_))
    )
}
