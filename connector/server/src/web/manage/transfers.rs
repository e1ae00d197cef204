//! `/transferprocesses`.

use super::error::ApiError;
use super::jsonld::{expanded, node, required};
use super::{negotiations, output};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::TransferOrder;
use engine::record::{Kind, TransferRecord};
use serde_json::{Map, Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/transferprocesses", web::post().to(start))
        .route("/transferprocesses/request", web::post().to(query))
        .route("/transferprocesses/{id}", web::get().to(get))
        .route("/transferprocesses/{id}/state", web::get().to(state_of))
        .route("/transferprocesses/{id}/terminate", web::post().to(terminate))
        .route("/transferprocesses/{id}/suspend", web::post().to(suspend))
        .route("/transferprocesses/{id}/resume", web::post().to(resume))
        .route("/transferprocesses/{id}/deprovision", web::post().to(deprovision));
}

async fn start(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let order = read(&expanded(&state, payload).await?)?;
    let record = state.engine.start_transfer(order).await?;
    Ok(output::created(&record.pid, record.created_at))
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Transfer).await?;
    let found = state.engine.query::<TransferRecord>(&query).await?;
    Ok(output::list(found.iter().map(write).collect()))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(output::object(write(&state.engine.get::<TransferRecord>(&id).await?)))
}

async fn state_of(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<TransferRecord>(&id).await?;
    Ok(output::object(json!({"@type": "TransferState", "state": record.process.state().name()})))
}

async fn terminate(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let reason = negotiations::reason(&state, payload).await?;
    state.engine.terminate_transfer(&id, &reason).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn suspend(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let reason = negotiations::reason(&state, payload).await?;
    state.engine.suspend_transfer(&id, &reason).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn resume(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.resume_transfer(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Nothing is ever provisioned here, so there is nothing to take back; clients of EDC still call it.
async fn deprovision(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.get::<TransferRecord>(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) fn read(body: &Value) -> Result<TransferOrder, ApiError> {
    let root = node(body)?;
    Ok(TransferOrder {
        address: required(&root, "counterPartyAddress")?,
        agreement_id: required(&root, "contractId")?,
        format: required(&root, "transferType")?,
        callback_addresses: negotiations::callbacks(&root),
        protocol: required(&root, "protocol")?,
    })
}

pub(super) fn write(record: &TransferRecord) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
    put("@type", json!("TransferProcess"));
    put("@id", json!(record.pid));
    put("type", json!(negotiations::role(record.role)));
    put("state", json!(record.process.state().name()));
    put("stateTimestamp", json!(record.updated_at.millis()));
    put("createdAt", json!(record.created_at.millis()));
    put("callbackAddresses", output::collapse(record.callback_addresses.clone()));
    put("assetId", json!(record.dataset_id));
    put("contractId", json!(record.agreement_id));
    put("transferType", json!(record.format));
    if let Some(pid) = &record.peer_pid {
        put("correlationId", json!(pid));
    }
    if let Some(detail) = &record.error_detail {
        put("errorDetail", json!(detail));
    }
    Value::Object(out)
}
