//! `/contractdefinitions`.

use super::error::ApiError;
use super::jsonld::{expanded, fresh_id, id, node, required};
use super::output::{self, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::port::Clock as _;
use engine::record::{ContractDefinition, Criterion, Kind};
use serde_json::Value;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/contractdefinitions", web::post().to(create))
        .route("/contractdefinitions", web::put().to(update))
        .route("/contractdefinitions/request", web::post().to(query))
        .route("/contractdefinitions/{id}", web::get().to(get))
        .route("/contractdefinitions/{id}", web::delete().to(delete));
}

async fn create(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let mut definition = read(&expanded(&state, payload).await?)?;
    if definition.id.is_empty() {
        definition.id = fresh_id();
    }
    let made = state.engine.create_contract_definition(definition).await?;
    Ok(output::created(&made.id, made.created_at))
}

async fn update(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let definition = read(&expanded(&state, payload).await?)?;
    if definition.id.is_empty() {
        return Err(ApiError::missing("@id"));
    }
    state.engine.update_contract_definition(definition).await?;
    Ok(output::done())
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::ContractDefinition).await?;
    let found = state.engine.query::<ContractDefinition>(&query).await?;
    Ok(output::list(found.iter().map(write)))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(output::object(write(&state.engine.get::<ContractDefinition>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_contract_definition(&id).await?;
    Ok(output::done())
}

/// A contract definition from an expanded body; its id is empty when the body has none.
pub(super) fn read(body: &Value) -> Result<ContractDefinition, ApiError> {
    let root = node(body)?;
    let [access_policy_id, contract_policy_id] = required(&root, ["accessPolicyId", "contractPolicyId"])?;
    let assets_selector = super::query::criteria(&root, "assetsSelector")?;
    let id = id(&root)?.unwrap_or_default();
    let handling = super::handling::read(&root)?;
    let created_at = crate::system::SystemClock.now();
    Ok(ContractDefinition { id, access_policy_id, contract_policy_id, assets_selector, handling, created_at })
}

/// A contract definition in the documented form.
pub(super) fn write(definition: &ContractDefinition) -> Value {
    Members::new("ContractDefinition", Some(&definition.id))
        .with("createdAt", definition.created_at.millis())
        .with("accessPolicyId", definition.access_policy_id.as_str())
        .with("contractPolicyId", definition.contract_policy_id.as_str())
        .with("assetsSelector", output::collapse(definition.assets_selector.iter().map(criterion).collect()))
        .some("handling", handling(definition))
        .into()
}

/// Only what is not the default, so that clients of EDC see what they know.
fn handling(definition: &ContractDefinition) -> Option<Value> {
    if definition.handling.is_automatic() { None } else { serde_json::to_value(&definition.handling).ok() }
}

fn criterion(criterion: &Criterion) -> Value {
    let right = match &criterion.operand_right {
        Value::Array(items) => output::collapse(items.clone()),
        one => one.clone(),
    };
    Members::new("Criterion", None)
        .with("operandLeft", criterion.operand_left.as_str())
        .with("operator", criterion.operator.as_str())
        .with("operandRight", right)
        .into()
}
