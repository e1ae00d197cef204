//! `/transferprocesses`.

use super::api::{Answer, Api, Version};
use super::error::ApiError;
use super::jsonld::{expanded, node, required};
use super::negotiations;
use super::output::{self, Form, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::TransferOrder;
use engine::record::{Kind, TransferRecord};
use serde_json::Value;

pub(super) fn operations(api: &mut Api) {
    api.group("Transfer processes");
    api.post("/transferprocesses", start)
        .about("Ask for the data of an agreement")
        .takes("TransferRequest")
        .gives(Answer::Json("IdResponse"))
        .fails(&[403, 404, 409, 502]);
    api.post("/transferprocesses/request", query)
        .about("Transfers that match")
        .may_take("QuerySpec")
        .gives(Answer::List("TransferProcess"));
    api.get("/transferprocesses/{id}", get).about("One transfer").gives(Answer::Json("TransferProcess"));
    api.get("/transferprocesses/{id}/state", state_of)
        .about("Its state")
        .gives(Answer::Json("TransferState"));
    api.post("/transferprocesses/{id}/terminate", terminate)
        .about("End it")
        .may_take("TerminateTransfer")
        .fails(&[409]);
    api.post("/transferprocesses/{id}/suspend", suspend)
        .about("Pause it")
        .may_take("SuspendTransfer")
        .fails(&[409]);
    api.post("/transferprocesses/{id}/resume", resume).about("Go on").fails(&[403, 409]);
    if api.version() != Version::V4 {
        api.post("/transferprocesses/{id}/deprovision", deprovision).about("Nothing to do; for old clients");
    }
}

async fn start(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let order = read(&expanded(&state, payload).await?)?;
    let record = state.engine.start_transfer(order).await?;
    Ok(form.created(&record.pid, record.created_at))
}

async fn query(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Transfer).await?;
    let found = state.engine.query::<TransferRecord>(&query).await?;
    Ok(form.list(found.iter().map(|record| write(form, record))))
}

async fn get(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(form.object(write(form, &state.engine.get::<TransferRecord>(&id).await?)))
}

async fn state_of(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<TransferRecord>(&id).await?;
    let name = record.process.state().name();
    Ok(form.object(Members::new("TransferState", None).with("state", name).into()))
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
    let [address, agreement_id, format, protocol] = required(
        &root,
        ["counterPartyAddress", "contractId", "transferType", negotiations::protocol_term(&root)],
    )?;
    let callback_addresses = negotiations::callbacks(&root);
    Ok(TransferOrder { address, agreement_id, format, callback_addresses, protocol })
}

/// A transfer in the documented form.
pub(super) fn write(form: Form, record: &TransferRecord) -> Value {
    Members::new("TransferProcess", Some(&record.pid))
        .with("type", output::role(record.role))
        .with("state", record.process.state().name())
        .with("stateTimestamp", record.updated_at.millis())
        .with("createdAt", record.created_at.millis())
        .with("callbackAddresses", form.callbacks(&record.callback_addresses))
        .some("correlationId", record.peer_pid.as_deref())
        .with("assetId", record.dataset_id.as_str())
        .with("contractId", record.agreement_id.as_str())
        .with("transferType", record.format.as_str())
        .some("errorDetail", record.error_detail.as_deref())
        .into()
}
