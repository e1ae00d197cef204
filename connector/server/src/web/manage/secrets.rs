//! `/secrets`. Write-only: reading gives the alias, never the value.

use super::error::ApiError;
use super::jsonld::{expanded, id, node, required};
use super::output;
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::port::Clock as _;
use engine::record::Secret;
use serde_json::{Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/secrets", web::post().to(create))
        .route("/secrets", web::put().to(update))
        .route("/secrets/{id}", web::get().to(get))
        .route("/secrets/{id}", web::delete().to(delete));
}

fn read(body: &Value) -> Result<Secret, ApiError> {
    let root = node(body)?;
    Ok(Secret {
        id: id(&root)?,
        value: required(&root, "value")?,
        created_at: crate::system::SystemClock.now(),
    })
}

async fn create(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let secret = read(&expanded(&state, payload).await?)?;
    let (id, at) = (secret.id.clone(), secret.created_at);
    state.engine.create_secret(secret).await?;
    Ok(output::created(&id, at))
}

async fn update(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    state.engine.update_secret(read(&expanded(&state, payload).await?)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let secret = state.engine.get::<Secret>(&id).await?;
    Ok(output::object(json!({"@type": "Secret", "@id": secret.id, "createdAt": secret.created_at.millis()})))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_secret(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}
