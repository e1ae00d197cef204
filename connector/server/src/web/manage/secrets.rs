//! `/secrets`. Write-only, unlike EDC's: reading gives the alias, never the value.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{expanded, fresh_id, id, node, required};
use super::output::{self, Form, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::port::Clock as _;
use engine::record::Secret;
use serde_json::Value;

pub(super) fn operations(api: &mut Api) {
    api.group("Secrets");
    api.post("/secrets", create)
        .about("Keep a secret")
        .takes("SecretInput")
        .gives(Answer::Json("IdResponse"))
        .fails(&[409]);
    api.put("/secrets", update).about("Change a secret").takes("SecretInput").fails(&[404]);
    api.get("/secrets/{id}", get)
        .about("Is there such a secret? Never its value")
        .gives(Answer::Json("Secret"));
    api.delete("/secrets/{id}", delete).about("Delete a secret");
}

async fn create(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let mut secret = read(&expanded(&state, payload).await?)?;
    if secret.id.is_empty() {
        secret.id = fresh_id();
    }
    let (id, at) = (secret.id.clone(), secret.created_at);
    state.engine.create_secret(secret).await?;
    Ok(form.created(&id, at))
}

async fn update(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let secret = read(&expanded(&state, payload).await?)?;
    if secret.id.is_empty() {
        return Err(ApiError::missing("@id"));
    }
    state.engine.update_secret(secret).await?;
    Ok(output::done())
}

async fn get(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(form.object(write(&state.engine.get::<Secret>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_secret(&id).await?;
    Ok(output::done())
}

/// A secret from an expanded body; its id is empty when the body has none.
pub(super) fn read(body: &Value) -> Result<Secret, ApiError> {
    let root = node(body)?;
    let [value] = required(&root, ["value"])?;
    let created_at = crate::system::SystemClock.now();
    Ok(Secret { id: id(&root)?.unwrap_or_default(), value, created_at })
}

pub(super) fn write(secret: &Secret) -> Value {
    Members::new("Secret", Some(&secret.id)).with("createdAt", secret.created_at.millis()).into()
}
