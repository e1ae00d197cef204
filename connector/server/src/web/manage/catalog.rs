//! `/catalog`: asking peers.

use super::error::ApiError;
use super::jsonld::{expanded, node, optional, required};
use super::output;
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Payload};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/catalog/request", web::post().to(request))
        .route("/catalog/dataset/request", web::post().to(dataset));
}

async fn request(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = expanded(&state, payload).await?;
    let root = node(&body)?;
    let address = required(&root, "counterPartyAddress")?;
    let peer = optional(&root, "counterPartyId");
    let found = state.engine.request_catalogue(peer.as_deref(), &address, None).await?;
    Ok(HttpResponse::Ok().json(output::catalogue(&found)))
}

async fn dataset(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = expanded(&state, payload).await?;
    let root = node(&body)?;
    let address = required(&root, "counterPartyAddress")?;
    let peer = optional(&root, "counterPartyId");
    let id = root.id().ok_or_else(|| ApiError::missing("@id"))?;
    let found = state.engine.request_dataset(peer.as_deref(), &address, id).await?;
    Ok(HttpResponse::Ok().json(output::catalogue(&found)))
}
