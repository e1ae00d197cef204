//! `/v1/negotiations`, `/v1/transfers`, `/v1/inbox`: decisions by hand.
//!
//! Each act answers 202 with the process as it is then, and 409 with the legal acts when the state does not allow
//! it. A policy is given as `{"policy": {...}}`, in any JSON-LD form.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{expand, json as json_body, node, ns, optional, required};
use super::output::Form;
use super::{negotiations, transfers};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::record::{AgreementRecord, NegotiationRecord, TransferRecord};
use engine::{Inbox, OfferOrder};
use serde_json::{Value, json};

/// What can be done with a negotiation by hand.
const ACTS: [(&str, &str, &str); 8] = [
    ("offer", "/negotiations/{id}/offer", "Provider: offer, or counter-offer with another policy"),
    ("request", "/negotiations/{id}/request", "Consumer: ask for other terms"),
    ("accept", "/negotiations/{id}/accept", "Consumer: accept the offer"),
    ("agree", "/negotiations/{id}/agree", "Provider: agree"),
    ("verify", "/negotiations/{id}/verify", "Consumer: verify the agreement"),
    ("finalize", "/negotiations/{id}/finalize", "Provider: finalise"),
    ("refuse", "/negotiations/{id}/refuse", "End it with a reason, as refused"),
    ("terminate", "/negotiations/{id}/terminate", "End it with a reason"),
];

/// What can be done with a transfer by hand.
const TRANSFER_ACTS: [(&str, &str, &str); 5] = [
    ("start", "/transfers/{id}/start", "Provider: start it"),
    ("suspend", "/transfers/{id}/suspend", "Pause it with a reason"),
    ("resume", "/transfers/{id}/resume", "Go on"),
    ("complete", "/transfers/{id}/complete", "It is done"),
    ("terminate", "/transfers/{id}/terminate", "End it with a reason"),
];

pub(super) fn operations(api: &mut Api) {
    api.group("Decisions by hand");
    api.get("/inbox", inbox).about("Negotiations that wait for us").gives(Answer::List("Negotiation"));
    api.post("/negotiations/offers", open)
        .about("Provider: open a negotiation with an offer")
        .takes("OpenOffer")
        .gives_as(202, Answer::Json("Negotiation"))
        .fails(&[403, 404, 409]);
    api.get("/negotiations/{id}", negotiation)
        .about("A negotiation with what is needed to decide")
        .gives(Answer::Json("Negotiation"));
    for (act, path, about) in ACTS {
        let body = if ["offer", "request"].contains(&act) { "OfferAct" } else { "Why" };
        api.post(path, move |state: Data<State>, id: Path<String>, payload: Payload| {
            negotiate(state, id, payload, act)
        })
        .about(about)
        .may_take(body)
        .gives_as(202, Answer::Json("Negotiation"))
        .fails(&[403, 409]);
    }
    api.get("/transfers/{id}", transfer)
        .about("A transfer with what is needed to decide")
        .gives(Answer::Json("Transfer"));
    for (act, path, about) in TRANSFER_ACTS {
        api.post(path, move |state: Data<State>, id: Path<String>, payload: Payload| {
            steer_transfer(state, id, payload, act)
        })
        .about(about)
        .may_take("Why")
        .gives_as(202, Answer::Json("Transfer"))
        .fails(&[403, 409]);
    }
}

async fn inbox(state: Data<State>) -> Result<HttpResponse, ApiError> {
    let waiting = state.engine.inbox().await?;
    Ok(HttpResponse::Ok().json(waiting.iter().map(entry).collect::<Vec<_>>()))
}

async fn negotiation(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<NegotiationRecord>(&id).await?;
    Ok(HttpResponse::Ok().json(entry(&state.engine.inbox_entry(record)?)))
}

async fn open(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = json_body(&state, payload).await?.unwrap_or_default();
    let policy = policy(&body)?;
    let expanded = expand(&body)?;
    let root = node(&expanded)?;
    let [peer, address, asset_id] = required(&root, ["counterPartyId", "counterPartyAddress", "assetId"])?;
    let definition_id = optional(&root, "contractDefinitionId");
    let order = OfferOrder { peer, address, asset_id, definition_id, policy };
    let record = state.engine.open_with_offer(order).await?;
    Ok(HttpResponse::Accepted().json(entry(&state.engine.inbox_entry(record)?)))
}

async fn negotiate(
    state: Data<State>,
    id: Path<String>,
    payload: Payload,
    act: &str,
) -> Result<HttpResponse, ApiError> {
    let body = json_body(&state, payload).await?.unwrap_or_else(|| json!({}));
    let (reason, code) = why(&body)?;
    let engine = &state.engine;
    let record = match act {
        "offer" => engine.offer(&id, policy(&body)?).await?,
        "request" => engine.counter_offer(&id, policy(&body)?).await?,
        "accept" => engine.accept(&id).await?,
        "agree" => engine.agree(&id).await?,
        "verify" => engine.verify(&id).await?,
        "finalize" => engine.finalize(&id).await?,
        "refuse" => engine.terminate_negotiation(&id, code.as_deref().unwrap_or("refused"), &reason).await?,
        "terminate" => {
            engine.terminate_negotiation(&id, code.as_deref().unwrap_or("terminated"), &reason).await?
        }
        other => {
            return Err(ApiError::no_route("POST", &format!("/v1/negotiations/{id}/{other}")));
        }
    };
    Ok(HttpResponse::Accepted().json(entry(&engine.inbox_entry(record)?)))
}

async fn transfer(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(transfer_entry(&state, &id).await?))
}

async fn steer_transfer(
    state: Data<State>,
    id: Path<String>,
    payload: Payload,
    act: &str,
) -> Result<HttpResponse, ApiError> {
    let body = json_body(&state, payload).await?.unwrap_or_else(|| json!({}));
    let (reason, code) = why(&body)?;
    let engine = &state.engine;
    match act {
        "start" => engine.launch_transfer(&id).await?,
        "suspend" => engine.suspend_transfer(&id, &reason).await?,
        "resume" => engine.resume_transfer(&id).await?,
        "complete" => engine.complete_transfer(&id).await?,
        "terminate" => {
            engine.terminate_transfer(&id, code.as_deref().unwrap_or("terminated"), &reason).await?
        }
        other => return Err(ApiError::no_route("POST", &format!("/v1/transfers/{id}/{other}"))),
    }
    Ok(HttpResponse::Accepted().json(transfer_entry(&state, &id).await?))
}

/// `reason` and `code` of a body.
fn why(body: &Value) -> Result<(String, Option<String>), ApiError> {
    let text = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(ApiError::field(name, format!("{name} must be text"), other.clone())),
    };
    Ok((text("reason")?.unwrap_or_default(), text("code")?.filter(|code| !code.trim().is_empty())))
}

/// The `policy` of a body as plain JSON.
fn policy(body: &Value) -> Result<Option<Value>, ApiError> {
    let Some(given) = body.get("policy").filter(|p| !p.is_null()) else { return Ok(None) };
    let expanded = expand(&json!({"policy": given}))?;
    let root = node(&expanded)?;
    let at = ns("policy");
    let found = root.first_node(&at).ok_or_else(|| ApiError::missing_object(at.clone()))?;
    let parsed = ::policies::Policy::parse(&Value::Object(found.as_map().clone()))
        .map_err(|e| ApiError::policy(&at, &e))?;
    let mut plain = parsed.to_json();
    if let (Some(members), Some(id)) = (plain.as_object_mut(), found.id()) {
        members.insert("@id".to_owned(), json!(id));
    }
    Ok(Some(plain))
}

/// A credential that the consumer presented, without its content.
fn presented(credential: &::policies::Credential) -> Value {
    json!({
        "issuer": credential.issuer, "types": credential.types, "trusted": credential.trusted,
        "status": credential.status, "validUntil": credential.until.map(ontology::time::Timestamp::to_rfc3339),
    })
}

fn entry(waiting: &Inbox) -> Value {
    let record = &waiting.record;
    let mut out = negotiations::write(Form::V3, record);
    let report = waiting.report.as_ref().map(|verdict| {
        let said = |lang| ::policies::refusal(verdict, lang);
        json!({
            "permitted": verdict.permitted, "reasons": said(::policies::Lang::En),
            "sentences": {"en": said(::policies::Lang::En), "fr": said(::policies::Lang::Fr)},
        })
    });
    let more = json!({
        "role": record.role,
        "datasetId": record.dataset_id,
        "offer": record.process.offer(),
        "agreement": record.process.agreement().map(protocol::agreement::Agreement::to_wire),
        "claims": record.claims,
        "credentials": record.credentials.iter().map(presented).collect::<Vec<_>>(),
        "purpose": record.purpose,
        "handling": record.handling,
        "comparison": record.process.offer().map(|_| waiting.comparison),
        "report": report,
        "legalActions": waiting.legal.iter().map(|act| act.to_string().to_lowercase()).collect::<Vec<_>>(),
    });
    merge(&mut out, more);
    out
}

async fn transfer_entry(state: &State, id: &str) -> Result<Value, ApiError> {
    let record = state.engine.get::<TransferRecord>(id).await?;
    let contract = state.engine.get::<AgreementRecord>(&record.agreement_id).await?;
    let process_state = record.process.state();
    let legal = protocol::transfer::legal(process_state, record.role);
    let mut out = transfers::write(Form::V3, &record);
    merge(
        &mut out,
        json!({
            "role": record.role,
            "counterPartyId": record.peer,
            "handling": contract.handling,
            "legalActions": legal.iter().map(|act| act.to_string().to_lowercase()).collect::<Vec<_>>(),
        }),
    );
    Ok(out)
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(members), Value::Object(more)) = (into.as_object_mut(), more) {
        members.extend(more);
    }
}
