//! `/edrs`: endpoint data references.

use super::error::ApiError;
use super::output::{self, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::record::{Edr, Kind};
use serde_json::Value;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/edrs/request", web::post().to(query))
        .route("/edrs/{id}/dataaddress", web::get().to(data_address))
        .route("/edrs/{id}", web::delete().to(delete));
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Edr).await?;
    let found = state.engine.query::<Edr>(&query).await?;
    Ok(output::list(found.iter().map(write)))
}

async fn data_address(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(output::object(address(&state.engine.get::<Edr>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_edr(&id).await?;
    Ok(output::done())
}

/// An entry in the documented form.
pub(super) fn write(edr: &Edr) -> Value {
    Members::new("EndpointDataReferenceEntry", Some(&edr.transfer_pid))
        .with("providerId", edr.provider.as_str())
        .with("assetId", edr.dataset_id.as_str())
        .with("agreementId", edr.agreement_id.as_str())
        .with("transferProcessId", edr.transfer_pid.as_str())
        .with("createdAt", edr.created_at.millis())
        .with("contractNegotiationId", edr.negotiation_pid.as_str())
        .into()
}

/// Its data address in the documented form, with the token in clear.
pub(super) fn address(edr: &Edr) -> Value {
    let property = |name: &str| edr.address.property(name);
    Members::new("DataAddress", None)
        .with("type", edr.address.endpoint_type.as_str())
        .some("endpoint", property("endpoint"))
        .some("authType", property("authType"))
        .with("endpointType", edr.address.endpoint_type.as_str())
        .some("authorization", property("authorization"))
        .into()
}
