//! `/contractagreements`.

use super::error::ApiError;
use super::{negotiations, output};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::record::{AgreementRecord, Kind, NegotiationRecord};
use protocol::role::Role;
use serde_json::{Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/contractagreements/request", web::post().to(query))
        .route("/contractagreements/{id}", web::get().to(get))
        .route("/contractagreements/{id}/negotiation", web::get().to(negotiation));
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Agreement).await?;
    let found = state.engine.query::<AgreementRecord>(&query).await?;
    Ok(output::list(found.iter().map(|a| write(state.engine.did(), a)).collect()))
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
    json!({
        "@type": "ContractAgreement", "@id": contract.id, "agreementId": contract.id,
        "assetId": contract.dataset_id, "policy": output::policy(contract.agreement.policy()),
        "contractSigningDate": contract.signed_at.seconds(), "providerId": provider, "consumerId": consumer,
    })
}
