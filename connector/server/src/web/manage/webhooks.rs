//! `/v1/webhooks`: subscriptions to the event log. Bodies are plain JSON.
//!
//! The signing secret (Standard Webhooks) is in the answer to the creation and nowhere else.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{fresh_id, json as json_body};
use super::output;
use crate::notify;
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::Fault;
use engine::port::Clock as _;
use engine::webhook::{DeadLetter, Webhook};
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn operations(api: &mut Api) {
    api.group("Webhooks");
    api.post("/webhooks", create)
        .about("Have events posted")
        .takes("WebhookInput")
        .gives_as(201, Answer::Json("Webhook"))
        .fails(&[409]);
    api.get("/webhooks", list).about("All subscriptions").gives(Answer::List("Webhook"));
    api.get("/webhooks/{id}", get).about("One subscription").gives(Answer::Json("Webhook"));
    api.delete("/webhooks/{id}", delete).about("End a subscription");
    api.post("/webhooks/{id}/replay", replay).about("Post again what came after an event").takes("Replay");
    api.get("/webhooks/{id}/dead-letters", dead_letters)
        .about("What could not be delivered")
        .gives(Answer::List("DeadLetter"));
    api.post("/webhooks/{id}/dead-letters/{seq}/replay", replay_letter)
        .about("One more attempt, now")
        .fails(&[502]);
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    id: Option<String>,
    url: String,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default = "ten")]
    max_attempts: u32,
    secret: Option<String>,
}

const fn ten() -> u32 {
    10
}

async fn create(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = json_body(&state, payload).await?.unwrap_or_default();
    let wanted: Wanted = serde_json::from_value(body).map_err(|e| ApiError::bad_request(e.to_string()))?;
    if !(1..=50).contains(&wanted.max_attempts) {
        return Err(ApiError::field("maxAttempts", "must be 1 to 50", json!(wanted.max_attempts)));
    }
    let secret = match wanted.secret {
        Some(secret) => notify::checked_secret(&secret)
            .map_err(|reason| ApiError::field("secret", reason, Value::Null))?,
        None => notify::fresh_secret().map_err(Fault::Internal)?,
    };
    let webhook = Webhook {
        id: wanted.id.filter(|id| !id.trim().is_empty()).unwrap_or_else(fresh_id),
        url: wanted.url,
        types: wanted.types,
        max_attempts: wanted.max_attempts,
        cursor: 0,
        created_at: crate::system::SystemClock.now(),
    };
    let made = state.engine.create_webhook(webhook, secret.clone()).await?;
    let mut answer = write(&made);
    if let Some(members) = answer.as_object_mut() {
        members.insert("secret".to_owned(), json!(secret));
    }
    Ok(HttpResponse::Created().json(answer))
}

async fn list(state: Data<State>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(state.engine.webhooks().await?.iter().map(write).collect::<Vec<_>>()))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(write(&state.engine.get::<Webhook>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_webhook(&id).await?;
    Ok(output::done())
}

async fn replay(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = json_body(&state, payload).await?.unwrap_or_default();
    let after = body.get("after").and_then(Value::as_i64);
    let after =
        after.ok_or_else(|| ApiError::field("after", "must be the number of an event", json!(null)))?;
    state.engine.replay_webhook(&id, after).await?;
    Ok(output::done())
}

async fn dead_letters(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let letters = state.engine.dead_letters(&id).await?;
    let own = state.engine.did();
    let shown = letters.iter().map(|l| {
        json!({"sequence": l.event.seq, "attempts": l.attempts, "error": l.error, "at": l.at.to_rfc3339(),
            "event": super::events::cloud_event(own, &l.event)})
    });
    Ok(HttpResponse::Ok().json(shown.collect::<Vec<_>>()))
}

/// One more attempt, now.
async fn replay_letter(state: Data<State>, path: Path<(String, i64)>) -> Result<HttpResponse, ApiError> {
    let (id, seq) = path.into_inner();
    let webhook: Webhook = state.engine.get(&id).await?;
    let letter: DeadLetter = state.engine.get(&DeadLetter::key(&id, seq)).await?;
    notify::deliver_once(&state.engine, &state.http, &webhook, &letter.event)
        .await
        .map_err(|reason| Fault::Peer(format!("{}: {reason}", webhook.url)))?;
    state.engine.forget_dead_letter(&id, seq).await?;
    Ok(output::done())
}

fn write(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id, "url": webhook.url, "types": webhook.types, "maxAttempts": webhook.max_attempts,
        "cursor": webhook.cursor, "createdAt": webhook.created_at.to_rfc3339(),
    })
}
