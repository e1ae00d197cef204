//! Transfer processes (DSP section 9): orders from our side, messages from the other, and what they do to the
//! data plane.

mod deadline;
mod order;
mod provide;
mod receive;
mod reply;

pub use order::TransferOrder;

use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, Write};
use crate::record::{Kind, TransferRecord};
use crate::step::{event_name, illegal};
use protocol::role::Role;
use protocol::transfer::{Act, Transfer};
use serde_json::{Value, json};

impl Engine {
    /// A transfer, for its counterparty only.
    ///
    /// # Errors
    /// [`Fault::NotFound`] also when the caller is not the counterparty.
    pub async fn transfer_of(&self, caller: &Caller, pid: &str) -> Result<TransferRecord, Fault> {
        let did = caller.require()?;
        let record: TransferRecord = self.get(pid).await?;
        if record.peer == did { Ok(record) } else { Err(Fault::not_found(Kind::Transfer, pid)) }
    }

    pub(crate) fn move_on(&self, record: &mut TransferRecord, from: Role, act: Act) -> Result<(), Fault> {
        let next = record.process.clone().apply(from, act).map_err(|refused| {
            illegal(
                refused.state.name(),
                refused.reason.clone(),
                refused.legal.iter().map(|kind| kind.to_string().to_lowercase()).collect(),
            )
        })?;
        record.process = next;
        record.updated_at = self.now();
        Ok(())
    }

    pub(crate) fn transfer_event(&self, record: &TransferRecord) -> Write {
        let state = record.process.state().name();
        self.event(
            &event_name("transfer.process", state),
            &record.pid,
            json!({
                "state": state,
                "role": record.role,
                "counterPartyId": record.peer,
                "correlationId": record.peer_pid,
                "agreementId": record.agreement_id,
                "datasetId": record.dataset_id,
                "reason": record.error_detail,
                "callbacks": !record.callback_addresses.is_empty(),
            }),
        )
    }

    /// A change that stores `record` with its timers and says so; not for one that we provide and that runs.
    pub(crate) fn keep_transfer(&self, record: &TransferRecord, expect: Expect) -> Result<Change, Fault> {
        let change = Change::new().put(record, expect)?.and(self.transfer_event(record));
        Ok(change.all(self.transfer_timers(record, None)))
    }

    pub(crate) fn transfer_message(
        &self,
        record: &TransferRecord,
        path: &str,
        body: Value,
        caller: &Caller,
    ) -> Write {
        let base = record.peer_address.trim_end_matches('/');
        let url = match (path, record.peer_pid.as_deref()) {
            ("", _) | (_, None) => format!("{base}/transfers/request"),
            (path, Some(pid)) => {
                format!("{base}/transfers/{}/{path}", crate::publish::dataset::segment(pid))
            }
        };
        self.outgoing(Kind::Transfer, &record.pid, &record.peer, url, body, caller.traceparent.as_deref())
    }

    /// The message that tells the counterparty of our termination.
    pub(crate) fn transfer_termination_of(&self, record: &TransferRecord) -> Write {
        let (code, reasons) = match &record.process {
            Transfer::Terminated(ended) => (ended.code.as_deref(), ended.reason.as_slice()),
            _ => (None, [].as_slice()),
        };
        let body = reply::termination(record, code.unwrap_or("terminated"), reasons);
        self.transfer_message(record, "termination", body, &Caller::default())
    }
}
