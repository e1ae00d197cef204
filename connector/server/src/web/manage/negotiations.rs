//! `/contractnegotiations`.

use super::error::ApiError;
use super::jsonld::{expanded, node, ns, optional, plain, required};
use super::{agreements, output};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::NegotiationOrder;
use engine::record::{AgreementRecord, Kind, NegotiationRecord};
use ontology::jsonld::Node;
use protocol::role::Role;
use serde_json::{Map, Value, json};

/// What the data is for, as our extension of the request.
const PURPOSE: &str = "https://w3id.org/entente/v1/purpose";

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/contractnegotiations", web::post().to(start))
        .route("/contractnegotiations/request", web::post().to(query))
        .route("/contractnegotiations/{id}", web::get().to(get))
        .route("/contractnegotiations/{id}", web::delete().to(delete))
        .route("/contractnegotiations/{id}/state", web::get().to(state_of))
        .route("/contractnegotiations/{id}/agreement", web::get().to(agreement))
        .route("/contractnegotiations/{id}/terminate", web::post().to(terminate));
}

async fn start(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let order = read(&expanded(&state, payload).await?)?;
    let record = state.engine.start_negotiation(order).await?;
    Ok(output::created(&record.pid, record.created_at))
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Negotiation).await?;
    let found = state.engine.query::<NegotiationRecord>(&query).await?;
    Ok(output::list(found.iter().map(write).collect()))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(output::object(write(&state.engine.get::<NegotiationRecord>(&id).await?)))
}

async fn state_of(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<NegotiationRecord>(&id).await?;
    Ok(output::object(json!({"@type": "NegotiationState", "state": record.process.state().name()})))
}

async fn agreement(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<NegotiationRecord>(&id).await?;
    let agreement = record.process.agreement().ok_or_else(|| {
        engine::Fault::not_found(Kind::Agreement, format!("of negotiation {}", id.as_str()))
    })?;
    let contract = state.engine.get::<AgreementRecord>(agreement.id()).await?;
    Ok(output::object(agreements::write(state.engine.did(), &contract)))
}

async fn terminate(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let reason = reason(&state, payload).await?;
    state.engine.terminate_negotiation(&id, &reason).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_negotiation(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The `reason` of a body that may be empty.
pub(super) async fn reason(state: &State, payload: Payload) -> Result<String, ApiError> {
    match super::jsonld::json(state, payload).await? {
        Some(body) => {
            let expanded = super::jsonld::expand(&body)?;
            Ok(optional(&node(&expanded)?, "reason").unwrap_or_default())
        }
        None => Ok(String::new()),
    }
}

/// An order from an expanded body.
pub(super) fn read(body: &Value) -> Result<NegotiationOrder, ApiError> {
    let root = node(body)?;
    let address = required(&root, "counterPartyAddress")?;
    let policy_path = ns("policy");
    let policy = root.first_node(&policy_path).ok_or_else(|| {
        ApiError::field(&policy_path, format!("mandatory object '{policy_path}' is missing"), Value::Null)
    })?;
    let odrl = |term: &str| format!("{}{term}", ontology::odrl::NS);
    let inner = |term: &str, value: Option<String>| {
        value
            .filter(|t| !t.trim().is_empty())
            .ok_or_else(|| ApiError::missing(&format!("{policy_path}/{term}")))
    };
    let offer_id = inner("@id", policy.id().map(str::to_owned))?;
    let target = inner(&odrl("target"), policy.first_str(&odrl("target")))?;
    let assigner = policy.first_str(&odrl("assigner"));
    let peer = optional(&root, "counterPartyId")
        .or(assigner)
        .filter(|p| !p.trim().is_empty())
        .ok_or_else(|| ApiError::missing(&format!("{policy_path}/{}", odrl("assigner"))))?;
    let parsed = ::policies::Policy::parse(&Value::Object(policy.as_map().clone()))
        .map_err(|e| ApiError::field(format!("{policy_path}/{}", e.path), e.reason.clone(), Value::Null))?;
    let mut offer = parsed.to_json();
    if let Some(members) = offer.as_object_mut() {
        members.insert("@id".to_owned(), json!(offer_id));
        members.insert("target".to_owned(), json!(target));
    }
    Ok(NegotiationOrder {
        peer,
        address,
        offer,
        purpose: root.values(PURPOSE).iter().filter_map(|v| plain(v).as_str().map(str::to_owned)).collect(),
        callback_addresses: callbacks(&root),
        protocol: required(&root, "protocol")?,
    })
}

/// Callback addresses, kept in EDC's form.
pub(super) fn callbacks(root: &Node<'_>) -> Vec<Value> {
    root.nodes(&ns("callbackAddresses"))
        .iter()
        .map(|node| Value::Object(output::short(&super::jsonld::members(node))))
        .collect()
}

pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Consumer => "CONSUMER",
        Role::Provider => "PROVIDER",
    }
}

pub(super) fn write(record: &NegotiationRecord) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
    put("@type", json!("ContractNegotiation"));
    put("@id", json!(record.pid));
    put("type", json!(role(record.role)));
    put("protocol", json!(record.protocol));
    put("state", json!(record.process.state().name()));
    put("counterPartyId", json!(record.peer));
    put("counterPartyAddress", json!(record.peer_address));
    put("callbackAddresses", output::collapse(record.callback_addresses.clone()));
    put("createdAt", json!(record.created_at.millis()));
    put("stateTimestamp", json!(record.updated_at.millis()));
    put("assetId", json!(record.dataset_id));
    if let Some(agreement) = record.process.agreement() {
        put("contractAgreementId", json!(agreement.id()));
    }
    if let Some(pid) = &record.peer_pid {
        put("correlationId", json!(pid));
    }
    if let Some(detail) = &record.error_detail {
        put("errorDetail", json!(detail));
    }
    Value::Object(out)
}
