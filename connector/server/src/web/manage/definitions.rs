//! `/contractdefinitions`.

use super::error::ApiError;
use super::jsonld::{expanded, id, node, ns, required};
use super::output;
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::port::Clock as _;
use engine::record::{ContractDefinition, Kind};
use serde_json::{Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/contractdefinitions", web::post().to(create))
        .route("/contractdefinitions", web::put().to(update))
        .route("/contractdefinitions/request", web::post().to(query))
        .route("/contractdefinitions/{id}", web::get().to(get))
        .route("/contractdefinitions/{id}", web::delete().to(delete));
}

async fn create(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let made = state.engine.create_contract_definition(read(&expanded(&state, payload).await?)?).await?;
    Ok(output::created(&made.id, made.created_at))
}

async fn update(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    state.engine.update_contract_definition(read(&expanded(&state, payload).await?)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::ContractDefinition).await?;
    let found = state.engine.query::<ContractDefinition>(&query).await?;
    Ok(output::list(found.iter().map(write).collect()))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(output::object(write(&state.engine.get::<ContractDefinition>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_contract_definition(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A contract definition from an expanded body.
pub(super) fn read(body: &Value) -> Result<ContractDefinition, ApiError> {
    let root = node(body)?;
    let assets_selector = root
        .nodes(&ns("assetsSelector"))
        .iter()
        .map(super::query::raw_criterion)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(ContractDefinition {
        id: id(&root)?,
        access_policy_id: required(&root, "accessPolicyId")?,
        contract_policy_id: required(&root, "contractPolicyId")?,
        assets_selector,
        created_at: crate::system::SystemClock.now(),
    })
}

pub(super) fn write(definition: &ContractDefinition) -> Value {
    let selector = definition
        .assets_selector
        .iter()
        .map(|c| {
            json!({
                "@type": "Criterion", "operandLeft": c.operand_left, "operator": c.operator,
                "operandRight": c.operand_right,
            })
        })
        .collect();
    json!({
        "@id": definition.id, "@type": "ContractDefinition", "createdAt": definition.created_at.millis(),
        "accessPolicyId": definition.access_policy_id, "contractPolicyId": definition.contract_policy_id,
        "assetsSelector": output::collapse(selector),
    })
}
