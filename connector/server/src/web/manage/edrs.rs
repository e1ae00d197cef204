//! `/edrs`: endpoint data references.

use super::error::ApiError;
use super::output;
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::record::{Edr, Kind};
use serde_json::{Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/edrs/request", web::post().to(query))
        .route("/edrs/{id}/dataaddress", web::get().to(address))
        .route("/edrs/{id}", web::delete().to(delete));
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Edr).await?;
    let found = state.engine.query::<Edr>(&query).await?;
    Ok(output::list(found.iter().map(write).collect()))
}

fn write(edr: &Edr) -> Value {
    json!({
        "@id": edr.transfer_pid, "@type": "EndpointDataReferenceEntry", "providerId": edr.provider,
        "assetId": edr.dataset_id, "agreementId": edr.agreement_id, "transferProcessId": edr.transfer_pid,
        "contractNegotiationId": edr.negotiation_pid, "createdAt": edr.created_at.millis(),
    })
}

async fn address(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let edr = state.engine.get::<Edr>(&id).await?;
    let property = |name: &str| edr.address.property(name).map(str::to_owned);
    Ok(output::object(json!({
        "@type": "DataAddress",
        "type": edr.address.endpoint_type,
        "endpointType": edr.address.endpoint_type,
        "endpoint": property("endpoint"),
        "authType": property("authType"),
        "authorization": property("authorization"),
    })))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_edr(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}
