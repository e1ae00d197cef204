//! `/transferprocesses`.

use super::error::ApiError;
use super::jsonld::{expanded, node, required};
use super::negotiations;
use super::output::{self, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload};
use engine::TransferOrder;
use engine::record::{Kind, TransferRecord};
use serde_json::Value;

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
    Ok(output::list(found.iter().map(write)))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(output::object(write(&state.engine.get::<TransferRecord>(&id).await?)))
}

async fn state_of(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<TransferRecord>(&id).await?;
    let name = record.process.state().name();
    Ok(output::object(Members::new("TransferState", None).with("state", name).into()))
}

async fn terminate(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let reason = negotiations::reason(&state, payload).await?;
    state.engine.terminate_transfer(&id, "terminated", &reason).await?;
    Ok(output::done())
}

async fn suspend(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let reason = negotiations::reason(&state, payload).await?;
    state.engine.suspend_transfer(&id, &reason).await?;
    Ok(output::done())
}

async fn resume(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.resume_transfer(&id).await?;
    Ok(output::done())
}

/// Nothing is ever provisioned here, so there is nothing to take back; clients of EDC still call it.
async fn deprovision(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.get::<TransferRecord>(&id).await?;
    Ok(output::done())
}

/// An order from an expanded body. What EDC deprecated or uses for pushing is let pass.
pub(super) fn read(body: &Value) -> Result<TransferOrder, ApiError> {
    let root = node(body)?;
    let [address, agreement_id, format, protocol] =
        required(&root, ["counterPartyAddress", "contractId", "transferType", "protocol"])?;
    let callback_addresses = negotiations::callbacks(&root);
    Ok(TransferOrder { address, agreement_id, format, callback_addresses, protocol })
}

/// A transfer in the documented form.
pub(super) fn write(record: &TransferRecord) -> Value {
    Members::new("TransferProcess", Some(&record.pid))
        .with("type", output::role(record.role))
        .with("state", record.process.state().name())
        .with("stateTimestamp", record.updated_at.millis())
        .with("createdAt", record.created_at.millis())
        .with("callbackAddresses", output::collapse(record.callback_addresses.clone()))
        .some("correlationId", record.peer_pid.as_deref())
        .with("assetId", record.dataset_id.as_str())
        .with("contractId", record.agreement_id.as_str())
        .with("transferType", record.format.as_str())
        .some("errorDetail", record.error_detail.as_deref())
        .into()
}
