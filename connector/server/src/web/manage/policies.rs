//! `/policydefinitions`.

use super::error::ApiError;
use super::jsonld::{expanded, id, node, ns};
use super::output;
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::port::Clock as _;
use engine::record::{Kind, PolicyDefinition};
use serde_json::{Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/policydefinitions", web::post().to(create))
        .route("/policydefinitions/request", web::post().to(query))
        .route("/policydefinitions/{id}", web::get().to(get))
        .route("/policydefinitions/{id}", web::put().to(update))
        .route("/policydefinitions/{id}", web::delete().to(delete))
        .route("/policydefinitions/{id}/validate", web::post().to(validate));
}

async fn create(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let made = state.engine.create_policy(read(&expanded(&state, payload).await?)?).await?;
    Ok(output::created(&made.id, made.created_at))
}

async fn update(state: Data<State>, path: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let mut definition = read(&expanded(&state, payload).await?)?;
    definition.id = path.into_inner();
    state.engine.update_policy(definition).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::PolicyDefinition).await?;
    let found = state.engine.query::<PolicyDefinition>(&query).await?;
    Ok(output::list(found.iter().map(write).collect()))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(output::object(write(&state.engine.get::<PolicyDefinition>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_policy(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn validate(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let definition = state.engine.get::<PolicyDefinition>(&id).await?;
    let errors: Vec<String> = match ::policies::Policy::parse(&definition.policy) {
        Ok(policy) => {
            policy.unsupported().iter().map(|u| format!("{} at {}: {}", u.term, u.path, u.reason)).collect()
        }
        Err(error) => vec![error.to_string()],
    };
    Ok(output::object(
        json!({"@type": "PolicyValidationResult", "isValid": errors.is_empty(), "errors": errors}),
    ))
}

/// A policy definition from an expanded body.
pub(super) fn read(body: &Value) -> Result<PolicyDefinition, ApiError> {
    let root = node(body)?;
    let policy = root.values(&ns("policy")).first().cloned().filter(Value::is_object).ok_or_else(|| {
        let path = ns("policy");
        ApiError::field(&path, format!("mandatory object '{path}' is missing"), Value::Null)
    })?;
    Ok(PolicyDefinition { id: id(&root)?, policy, created_at: crate::system::SystemClock.now() })
}

pub(super) fn write(definition: &PolicyDefinition) -> Value {
    json!({
        "@id": definition.id, "@type": "PolicyDefinition",
        "createdAt": definition.created_at.millis(), "policy": output::policy(&definition.policy),
    })
}
