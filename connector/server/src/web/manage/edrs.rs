//! `/edrs`: endpoint data references.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::output::{self, Form, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::record::{Edr, Kind};
use serde_json::Value;

pub(super) fn operations(api: &mut Api) {
    api.group("Endpoint data references");
    api.post("/edrs/request", query)
        .about("Entries that match")
        .may_take("QuerySpec")
        .gives(Answer::List("EndpointDataReferenceEntry"));
    api.get("/edrs/{id}/dataaddress", data_address)
        .about("The address of the data, with the token in clear")
        .gives(Answer::Json("DataAddress"));
    api.delete("/edrs/{id}", delete).about("Forget an entry");
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Edr).await?;
    let found = state.engine.query::<Edr>(&query).await?;
    Ok(Form::V3.list(found.iter().map(write)))
}

async fn data_address(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(Form::V3.object(address(&state.engine.get::<Edr>(&id).await?)))
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
