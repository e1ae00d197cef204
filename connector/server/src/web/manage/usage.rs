//! `/v1`: usage control. Counters, duties, payments and consents of an agreement, and events that policies name.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::json as json_body;
use crate::web::State;
use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use engine::port::{self, Clock as _, Ids as _};
use engine::usage::{Consent, Paid, PolicyEvent, UsageRecord};
use ontology::time::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(super) fn operations(api: &mut Api) {
    api.group("Usage control");
    api.get("/agreements/{id}/usage", usage)
        .about("Uses, duties, payments and consents so far")
        .gives(Answer::Json("Usage"));
    api.post("/agreements/{id}/duties/fulfil", fulfil)
        .about("A duty was done, with what shows it")
        .takes("DutyDone")
        .gives(Answer::Json("Usage"))
        .fails(&[409]);
    api.post("/agreements/{id}/duties/perform", perform)
        .about("Do a duty of ours now: delete what we hold as consumer")
        .takes("DutyName")
        .gives(Answer::Json("Usage"))
        .fails(&[409]);
    api.post("/agreements/{id}/payments", pay)
        .about("Something was paid for the use")
        .takes("PaymentInput")
        .gives(Answer::Json("Usage"))
        .fails(&[409]);
    api.post("/agreements/{id}/consents", consent)
        .about("Somebody consents to the use")
        .takes("ConsentInput")
        .gives(Answer::Json("Usage"))
        .fails(&[409]);
    api.post("/agreements/{id}/consents/{consent}/withdraw", withdraw)
        .about("A consent is withdrawn; what rests on it stops")
        .may_take("Reason")
        .gives(Answer::Json("Usage"))
        .fails(&[409]);
    api.get("/duties", open_duties)
        .about("Agreements with a duty whose deadline is still to come")
        .gives(Answer::List("Usage"));
    api.post("/policy-events", report)
        .about("Something happens that policies name")
        .takes("PolicyEventInput")
        .gives_as(201, Answer::Json("PolicyEvent"))
        .fails(&[404, 409]);
    api.get("/policy-events", events)
        .about("Events that were reported, oldest first")
        .query(
            "offset",
            json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
            "How many to pass over",
        )
        .query("limit", json!({"type": "integer", "minimum": 1, "maximum": 1000}), "How many at most")
        .gives(Answer::List("PolicyEvent"));
    api.post("/policy-events/{id}/end", end)
        .about("It ends")
        .may_take("EventEnd")
        .gives(Answer::Json("PolicyEvent"))
        .fails(&[409]);
}

/// A body with exactly the members of `T`.
async fn read<T: DeserializeOwned>(state: &State, payload: Payload) -> Result<T, ApiError> {
    let body = json_body(state, payload).await?.unwrap_or_else(|| json!({}));
    serde_json::from_value(body).map_err(|e| ApiError::bad_request(e.to_string()))
}

/// A member that is an instant.
fn instant(field: &'static str, text: Option<String>) -> Result<Option<Timestamp>, ApiError> {
    text.map(|text| {
        Timestamp::parse(&text).map_err(|_| {
            ApiError::field(field, "must be an instant such as 2026-01-31T12:00:00Z", json!(text))
        })
    })
    .transpose()
}

async fn usage(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(write(&state.engine.usage(&id).await?)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DutyDone {
    duty: String,
    evidence: Option<String>,
}

async fn fulfil(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body: DutyDone = read(&state, payload).await?;
    Ok(HttpResponse::Ok().json(write(&state.engine.fulfil_duty(&id, &body.duty, body.evidence).await?)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DutyName {
    duty: String,
}

async fn perform(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body: DutyName = read(&state, payload).await?;
    Ok(HttpResponse::Ok().json(write(&state.engine.perform_duty(&id, &body.duty).await?)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PaymentInput {
    #[serde(default)]
    id: String,
    amount: String,
    unit: String,
    at: Option<String>,
    reference: Option<String>,
}

async fn pay(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body: PaymentInput = read(&state, payload).await?;
    let at = instant("at", body.at)?.unwrap_or_else(now);
    let payment = Paid { id: body.id, amount: body.amount, unit: body.unit, at, reference: body.reference };
    Ok(HttpResponse::Ok().json(write(&state.engine.record_payment(&id, payment).await?)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConsentInput {
    #[serde(default)]
    id: String,
    by: String,
    at: Option<String>,
    until: Option<String>,
    reference: Option<String>,
}

async fn consent(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body: ConsentInput = read(&state, payload).await?;
    let consent = Consent {
        id: body.id,
        by: body.by,
        at: instant("at", body.at)?.unwrap_or_else(now),
        until: instant("until", body.until)?,
        withdrawn: None,
        reference: body.reference,
    };
    Ok(HttpResponse::Ok().json(write(&state.engine.record_consent(&id, consent).await?)))
}

async fn withdraw(
    state: Data<State>,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let (id, consent) = path.into_inner();
    let reason = super::negotiations::reason(&state, payload).await?;
    Ok(HttpResponse::Ok().json(write(&state.engine.withdraw_consent(&id, &consent, &reason).await?)))
}

async fn open_duties(state: Data<State>) -> Result<HttpResponse, ApiError> {
    let found = state.engine.open_duties().await?;
    Ok(HttpResponse::Ok().json(found.iter().map(write).collect::<Vec<_>>()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EventInput {
    #[serde(default)]
    id: String,
    event: String,
    start: Option<String>,
    end: Option<String>,
    agreement_id: Option<String>,
}

async fn report(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body: EventInput = read(&state, payload).await?;
    let fresh = || crate::system::SystemIds.urn();
    let event = PolicyEvent {
        id: Some(body.id).filter(|id| !id.trim().is_empty()).unwrap_or_else(fresh),
        event: body.event,
        start: instant("start", body.start)?.unwrap_or_else(now),
        end: instant("end", body.end)?,
        agreement_id: body.agreement_id,
        created_at: now(),
    };
    state.engine.report_event(event.clone()).await?;
    Ok(HttpResponse::Created().json(write_event(&event)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    offset: u32,
    #[serde(default = "fifty")]
    limit: u32,
}

const fn fifty() -> u32 {
    50
}

async fn events(state: Data<State>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let page = Query::<Page>::from_query(request.query_string())
        .map_err(|e| ApiError::bad_request(format!("the query of /v1/policy-events: {e}")))?
        .into_inner();
    if !(1..=1000).contains(&page.limit) {
        return Err(ApiError::field("limit", "must be 1 to 1000", json!(page.limit)));
    }
    let query =
        port::Query { offset: page.offset.into(), limit: page.limit.into(), ..port::Query::default() };
    let found = state.engine.policy_events(&query).await?;
    Ok(HttpResponse::Ok().json(found.iter().map(write_event).collect::<Vec<_>>()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventEnd {
    at: Option<String>,
}

async fn end(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body: EventEnd = read(&state, payload).await?;
    let at = instant("at", body.at)?.unwrap_or_else(now);
    Ok(HttpResponse::Ok().json(write_event(&state.engine.end_event(&id, at).await?)))
}

fn now() -> Timestamp {
    crate::system::SystemClock.now()
}

fn write_event(event: &PolicyEvent) -> Value {
    json!({
        "id": event.id, "event": event.event, "start": event.start.to_rfc3339(),
        "end": event.end.map(Timestamp::to_rfc3339), "agreementId": event.agreement_id,
        "createdAt": event.created_at.to_rfc3339(),
    })
}

fn write(usage: &UsageRecord) -> Value {
    let text = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    let duties = usage.duties.iter().map(|d| {
        json!({"duty": d.path, "id": d.id, "action": d.action, "state": d.state, "late": d.late,
            "deadline": text(d.deadline), "since": d.at.to_rfc3339(), "evidence": d.evidence})
    });
    let payments = usage.payments.iter().map(|p| {
        json!({"id": p.id, "amount": p.amount, "unit": p.unit, "at": p.at.to_rfc3339(), "reference": p.reference})
    });
    let consents = usage.consents.iter().map(|c| {
        json!({"id": c.id, "by": c.by, "at": c.at.to_rfc3339(), "until": text(c.until), "reference": c.reference,
            "withdrawn": c.withdrawn.as_ref().map(|(at, why)| json!({"at": at.to_rfc3339(), "reason": why}))})
    });
    json!({
        "agreementId": usage.agreement_id, "role": usage.role, "counterParty": usage.peer, "uses": usage.uses,
        "lastUse": text(usage.used_at.last().map(|used| used.at)),
        "meteredSeconds": usage.metered(now()) / 1000,
        "duties": duties.collect::<Vec<_>>(), "payments": payments.collect::<Vec<_>>(),
        "consents": consents.collect::<Vec<_>>(),
    })
}
