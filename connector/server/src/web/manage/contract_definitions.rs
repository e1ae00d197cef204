//! `/contractdefinitions`.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{expanded, fresh_id, id, node, required};
use super::output::{self, Form, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::port::Clock as _;
use engine::record::{ContractDefinition, Criterion, Kind};
use serde_json::Value;

pub(super) fn operations(api: &mut Api) {
    api.group("Contract definitions");
    api.post("/contractdefinitions", create)
        .about("Offer assets under policies")
        .takes("ContractDefinitionInput")
        .gives(Answer::Json("IdResponse"))
        .fails(&[409]);
    api.put("/contractdefinitions", update)
        .about("Change a contract definition")
        .takes("ContractDefinitionInput")
        .fails(&[404, 409]);
    api.post("/contractdefinitions/request", query)
        .about("Contract definitions that match")
        .may_take("QuerySpec")
        .gives(Answer::List("ContractDefinition"));
    api.get("/contractdefinitions/{id}", get)
        .about("One contract definition")
        .gives(Answer::Json("ContractDefinition"));
    api.delete("/contractdefinitions/{id}", delete).about("Delete a contract definition").fails(&[409]);
}

async fn create(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let mut definition = read(&expanded(&state, payload).await?)?;
    if definition.id.is_empty() {
        definition.id = fresh_id();
    }
    let made = state.engine.create_contract_definition(definition).await?;
    Ok(form.created(&made.id, made.created_at))
}

async fn update(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let definition = read(&expanded(&state, payload).await?)?;
    if definition.id.is_empty() {
        return Err(ApiError::missing("@id"));
    }
    state.engine.update_contract_definition(definition).await?;
    Ok(output::done())
}

async fn query(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::ContractDefinition).await?;
    let found = state.engine.query::<ContractDefinition>(&query).await?;
    Ok(form.list(found.iter().map(|definition| write(form, definition))))
}

async fn get(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(form.object(write(form, &state.engine.get::<ContractDefinition>(&id).await?)))
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
pub(super) fn write(form: Form, definition: &ContractDefinition) -> Value {
    Members::new("ContractDefinition", Some(&definition.id))
        .with("createdAt", definition.created_at.millis())
        .with("accessPolicyId", definition.access_policy_id.as_str())
        .with("contractPolicyId", definition.contract_policy_id.as_str())
        .with("assetsSelector", selector(form, definition))
        .some("handling", handling(definition))
        .into()
}

/// Only what is not the default, so that clients of EDC see what they know.
fn handling(definition: &ContractDefinition) -> Option<Value> {
    if definition.handling.is_automatic() { None } else { serde_json::to_value(&definition.handling).ok() }
}

fn selector(form: Form, definition: &ContractDefinition) -> Value {
    form.many(definition.assets_selector.iter().map(|one| criterion(form, one)).collect())
}

fn criterion(form: Form, criterion: &Criterion) -> Value {
    let right = match &criterion.operand_right {
        Value::Array(items) => form.many(items.clone()),
        one => one.clone(),
    };
    Members::new("Criterion", None)
        .with("operandLeft", criterion.operand_left.as_str())
        .with("operator", criterion.operator.as_str())
        .with("operandRight", right)
        .into()
}
