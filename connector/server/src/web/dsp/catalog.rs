//! Catalogue endpoints (DSP section 5).

use super::body::{self, Rejected};
use super::error::{Part, Pids, respond};
use crate::web::{State, caller};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use engine::Fault;
use serde_json::Value;

/// `POST /catalog/request`.
pub(super) async fn request(state: Data<State>, request: HttpRequest, payload: Payload) -> HttpResponse {
    match catalogue(&state, &request, payload).await {
        Ok(value) => HttpResponse::Ok().json(value),
        Err(rejected) => respond(Part::Catalog, &Pids::default(), &rejected),
    }
}

async fn catalogue(state: &State, request: &HttpRequest, payload: Payload) -> Result<Value, Rejected> {
    let caller = caller::of(state, request).await?;
    let message = body::read(state, request, payload).await?;
    let message = protocol::message::parse_catalog_request(message).map_err(Fault::from)?;
    if message.filter.iter().any(|f| !is_empty_query(f)) {
        return Err(Fault::malformed(
            "filter",
            "filters are not supported here; use SPARQL at /sparql to search this catalogue",
        )
        .into());
    }
    let catalogue = state.engine.catalogue_for(&caller).await?;
    Ok(catalog::render::catalogue(&catalogue))
}

/// EDC always sends a query, also one that asks for everything.
fn is_empty_query(filter: &Value) -> bool {
    let Some(query) = filter.as_object() else { return false };
    query.iter().all(|(key, value)| {
        let term = key.rsplit(['/', ':']).next().unwrap_or(key);
        match term {
            "filterExpression" => value.as_array().is_some_and(Vec::is_empty),
            "offset" => value.as_u64() == Some(0),
            "limit" | "sortOrder" | "sortField" | "@type" | "@id" => true,
            _ => false,
        }
    })
}

/// `GET /catalog/datasets/{id}`.
pub(super) async fn dataset(state: Data<State>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    let found = async {
        let caller = caller::of(&state, &request).await?;
        let (frame, dataset) = state.engine.dataset_for(&caller, &id).await?;
        Ok::<_, Fault>(catalog::render::dataset(&frame, &dataset))
    };
    match found.await {
        Ok(value) => HttpResponse::Ok().json(value),
        Err(fault) => respond(Part::Catalog, &Pids::default(), &Rejected::Fault(fault)),
    }
}
