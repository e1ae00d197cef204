//! `/policydefinitions`.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{expanded, fresh_id, id, node, ns, required};
use super::output::{self, Form, Members};
use super::{compact, place, plan};
use crate::web::State;
use ::policies::Policy;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use engine::port::Clock as _;
use engine::record::{Kind, PolicyDefinition};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn operations(api: &mut Api) {
    api.group("Policy definitions");
    api.post("/policydefinitions", create)
        .about("Create a policy definition")
        .takes("PolicyDefinitionInput")
        .gives(Answer::Json("IdResponse"))
        .fails(&[409]);
    api.post("/policydefinitions/request", query)
        .about("Policy definitions that match")
        .may_take("QuerySpec")
        .gives(Answer::List("PolicyDefinition"));
    api.get("/policydefinitions/{id}", get)
        .about("One policy definition")
        .gives(Answer::Json("PolicyDefinition"));
    api.put("/policydefinitions/{id}", update)
        .about("Change a policy definition")
        .takes("PolicyDefinitionInput");
    api.delete("/policydefinitions/{id}", delete).about("Delete a policy definition").fails(&[409]);
    api.post("/policydefinitions/{id}/validate", validate)
        .about("Can the policy be enforced?")
        .gives(Answer::Json("PolicyValidationResult"));
    api.post("/policydefinitions/{id}/evaluationplan", evaluation_plan)
        .about("Which conditions are decided in a scope")
        .takes("PolicyEvaluationPlanRequest")
        .gives(Answer::Json("PolicyEvaluationPlan"));
}

async fn create(
    request: HttpRequest,
    form: Form,
    state: Data<State>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let mut definition = read(&expanded(&state, payload).await?)?;
    if request.path().starts_with("/v2/") {
        permit_when_empty(&mut definition.policy);
    }
    if definition.id.is_empty() {
        definition.id = fresh_id();
    }
    let made = state.engine.create_policy(definition).await?;
    Ok(form.created(&made.id, made.created_at))
}

async fn update(state: Data<State>, path: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let mut definition = read(&expanded(&state, payload).await?)?;
    definition.id = path.into_inner();
    state.engine.update_policy(definition).await?;
    Ok(output::done())
}

async fn query(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::PolicyDefinition).await?;
    let found = state.engine.query::<PolicyDefinition>(&query).await?;
    Ok(form.list(found.iter().map(|definition| write(form, definition))))
}

async fn get(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(form.object(write(form, &state.engine.get::<PolicyDefinition>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_policy(&id).await?;
    Ok(output::done())
}

async fn validate(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let definition = state.engine.get::<PolicyDefinition>(&id).await?;
    let errors: Vec<Value> = match Policy::parse(&definition.policy) {
        Ok(policy) => policy
            .unsupported()
            .iter()
            .map(|u| Value::String(format!("{} at {}: {}", u.term, u.path, u.reason)))
            .collect(),
        Err(error) => vec![Value::String(error.to_string())],
    };
    let result = Members::new("PolicyValidationResult", None)
        .with("isValid", errors.is_empty())
        .with("errors", form.many(errors));
    Ok(form.object(result.into()))
}

async fn evaluation_plan(
    form: Form,
    state: Data<State>,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let body = expanded(&state, payload).await?;
    let [scope] = required(&node(&body)?, ["policyScope"])?;
    let phase = plan::phase(&scope).ok_or_else(|| {
        let message = format!("there is no scope {scope}; there are {}", plan::scopes().join(", "));
        ApiError::field(ns("policyScope"), message, Value::String(scope))
    })?;
    let definition = state.engine.get::<PolicyDefinition>(&id).await?;
    let policy = Policy::parse(&definition.policy).map_err(|e| ApiError::policy(&ns("policy"), &e))?;
    Ok(form.object(plan::write(form, &policy, phase)))
}

/// A policy definition from an expanded body; its id is empty when the body has none.
pub(super) fn read(body: &Value) -> Result<PolicyDefinition, ApiError> {
    let root = node(body)?;
    let place = ns("policy");
    let Some(policy) = root.first_node(&place) else { return Err(ApiError::missing_object(place)) };
    let policy = Value::Object(policy.as_map().clone());
    // The engine reads it again; here the place of a fault in the body is known.
    Policy::parse(&policy).map_err(|e| ApiError::policy(&place, &e))?;
    let created_at = crate::system::SystemClock.now();
    Ok(PolicyDefinition { id: id(&root)?.unwrap_or_default(), policy, created_at })
}

/// Clients of v2 write a policy without any rule and mean that everybody may use the data; `edcpy` can write no other.
/// What is stored, and read back, says so.
fn permit_when_empty(policy: &mut Value) {
    let Some(members) = policy.as_object_mut() else { return };
    let has = |term: &str| {
        members.get(&place::odrl(term)).and_then(Value::as_array).is_some_and(|rules| !rules.is_empty())
    };
    if !["permission", "prohibition", "obligation"].into_iter().any(has) {
        let everybody = json!([{place::odrl("action"): [{"@id": place::odrl("use")}]}]);
        members.insert(place::odrl("permission"), everybody);
    }
}

/// A policy definition in the documented form. Its policy has an id, always the same when it has none of its own.
pub(super) fn write(form: Form, definition: &PolicyDefinition) -> Value {
    let mut policy = compact::policy(form, &definition.policy);
    if let Some(members) = policy.as_object_mut()
        && !members.contains_key("@id")
    {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, definition.id.as_bytes());
        members.shift_insert(0, "@id".to_owned(), Value::String(id.to_string()));
    }
    Members::new("PolicyDefinition", Some(&definition.id))
        .with("createdAt", definition.created_at.millis())
        .with("policy", policy)
        .into()
}
