//! `/contractagreements`.

use super::error::ApiError;
use super::output::{self, Members};
use super::{compact, negotiations};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::record::{AgreementRecord, Kind, NegotiationRecord};
use protocol::role::Role;
use serde_json::{Map, Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/contractagreements/request", web::post().to(query))
        .route("/contractagreements/{id}", web::get().to(get))
        .route("/contractagreements/{id}/negotiation", web::get().to(negotiation));
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Agreement).await?;
    let found = state.engine.query::<AgreementRecord>(&query).await?;
    Ok(output::list(found.iter().map(|a| write(state.engine.did(), a))))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(output::object(write(state.engine.did(), &state.engine.get::<AgreementRecord>(&id).await?)))
}

async fn negotiation(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let contract = state.engine.get::<AgreementRecord>(&id).await?;
    let record = state.engine.get::<NegotiationRecord>(&contract.negotiation_pid).await?;
    Ok(output::object(negotiations::write(&record)))
}

/// An agreement in the documented form; the signing date is in seconds.
pub(super) fn write(own: &str, contract: &AgreementRecord) -> Value {
    let (provider, consumer) = match contract.role {
        Role::Provider => (own, contract.peer.as_str()),
        Role::Consumer => (contract.peer.as_str(), own),
    };
    let mut policy = compact::policy(contract.agreement.policy());
    if let Some(members) = policy.as_object_mut() {
        // It is the signing date.
        members.shift_remove("timestamp");
    }
    let claims: Map<String, Value> = contract
        .claims
        .iter()
        .map(|(name, values)| (name.clone(), output::collapse(values.iter().map(|v| json!(v)).collect())))
        .collect();
    Members::new("ContractAgreement", Some(&contract.id))
        .with("agreementId", contract.id.as_str())
        .with("assetId", contract.dataset_id.as_str())
        .with("policy", policy)
        .with("contractSigningDate", contract.signed_at.seconds())
        .with("consumerId", consumer)
        .with("providerId", provider)
        .some("claims", (!claims.is_empty()).then_some(claims))
        .into()
}
