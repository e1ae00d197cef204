//! `/v1/credentials`: credentials that others issued about us and that we present. Everybody who asks our public
//! listener gets them, as a signed presentation.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::json as json_body;
use super::output;
use crate::identity::credentials::MEDIA_TYPE;
use crate::identity::outline;
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::port::Clock as _;
use engine::record::Document;
use engine::wallet::HELD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(super) fn operations(api: &mut Api) {
    api.group("Credentials that we present");
    api.post("/credentials", hold)
        .about("Present a credential (VC-JWT) that somebody issued about us")
        .takes("CredentialInput")
        .gives_as(201, Answer::Json("Credential"))
        .fails(&[409]);
    api.get("/credentials", list).about("All that we present").gives(Answer::List("Credential"));
    api.delete("/credentials/{id}", discard).about("Present it no longer");
}

async fn hold(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = json_body(&state, payload).await?.unwrap_or_default();
    let text = body.get("credential").and_then(Value::as_str).map(str::trim);
    let text = text.filter(|text| !text.is_empty()).ok_or_else(|| ApiError::missing("credential"))?;
    let shown = show(&state, text).map_err(|reason| ApiError::field("credential", reason, Value::Null))?;
    let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    let document = Document {
        id: format!("{HELD}{}", hash.get(..32).unwrap_or(&hash)),
        media_type: MEDIA_TYPE.to_owned(),
        body: text.to_owned(),
        source_hash: hash,
        created_at: crate::system::SystemClock.now(),
    };
    state.engine.hold_credential(&document).await?;
    let kept = state.engine.get::<Document>(&document.id).await?;
    Ok(HttpResponse::Created().json(entry(&kept, shown)))
}

async fn list(state: Data<State>) -> Result<HttpResponse, ApiError> {
    let held = state.engine.held_credentials().await?;
    // It was readable when it was taken; it is no longer about us when our own address has changed.
    let unreadable = || json!({"issuer": "", "types": [], "validFrom": null, "validUntil": null});
    let shown =
        held.iter().map(|kept| entry(kept, show(&state, &kept.body).unwrap_or_else(|_| unreadable())));
    Ok(HttpResponse::Ok().json(shown.collect::<Vec<_>>()))
}

async fn discard(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.drop_credential(&id).await?;
    Ok(output::done())
}

fn show(state: &State, text: &str) -> Result<Value, String> {
    let home = protocol::dcp::did_web_url(state.engine.did(), state.http.guard().dev());
    outline(text, state.engine.did(), &home.map_err(|e| e.to_string())?)
}

fn entry(kept: &Document, mut shown: Value) -> Value {
    if let Some(members) = shown.as_object_mut() {
        members.insert("id".to_owned(), json!(kept.id.strip_prefix(HELD)));
        members.insert("heldSince".to_owned(), json!(kept.created_at.to_rfc3339()));
    }
    shown
}
