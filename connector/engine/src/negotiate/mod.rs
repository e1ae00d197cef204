//! Contract negotiation (DSP section 7): orders from our side, messages from the other.

mod consume;
mod inbox;
mod order;
mod provide;
mod receive;
mod reply;
mod steer;

pub use inbox::{Comparison, Inbox};
pub use order::NegotiationOrder;
pub use steer::OfferOrder;

use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, Write};
use crate::record::{Kind, NegotiationRecord};
use crate::step::{event_name, illegal};
use protocol::negotiation::{Act, Negotiation};
use protocol::role::Role;
use serde_json::json;

impl Engine {
    /// A negotiation, for its counterparty only.
    ///
    /// # Errors
    /// [`Fault::NotFound`] also when the caller is not the counterparty, so that ids do not leak.
    pub async fn negotiation_of(&self, caller: &Caller, pid: &str) -> Result<NegotiationRecord, Fault> {
        let did = caller.require()?;
        let record: NegotiationRecord = self.get(pid).await?;
        if record.peer == did { Ok(record) } else { Err(Fault::not_found(Kind::Negotiation, pid)) }
    }

    /// Applies one act; the record changes only when it is legal.
    pub(crate) fn advance(&self, record: &mut NegotiationRecord, from: Role, act: Act) -> Result<(), Fault> {
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

    /// The event that says which state a negotiation reached.
    pub(crate) fn negotiation_event(&self, record: &NegotiationRecord) -> Write {
        let state = record.process.state().name();
        self.event(
            &event_name("contract.negotiation", state),
            &record.pid,
            json!({
                "state": state,
                "role": record.role,
                "counterPartyId": record.peer,
                "correlationId": record.peer_pid,
                "datasetId": record.dataset_id,
                "offerId": record.offer_id,
                "agreementId": record.process.agreement().map(|a| a.id().to_owned()),
                "reason": record.error_detail,
                "callbacks": !record.callback_addresses.is_empty(),
            }),
        )
    }

    /// A change that stores `record` and says so.
    pub(crate) fn keep(&self, record: &NegotiationRecord, expect: Expect) -> Result<Change, Fault> {
        Ok(Change::new().put(record, expect)?.and(self.negotiation_event(record)))
    }

    /// A message of this negotiation to the counterparty.
    pub(crate) fn negotiation_message(
        &self,
        record: &NegotiationRecord,
        path: &str,
        body: serde_json::Value,
        caller: &Caller,
    ) -> Write {
        let base = record.peer_address.trim_end_matches('/');
        let url = match (path, record.peer_pid.as_deref()) {
            ("", _) | (_, None) => match record.role {
                Role::Consumer => format!("{base}/negotiations/request"),
                Role::Provider => format!("{base}/negotiations/offers"),
            },
            (path, Some(pid)) => {
                format!("{base}/negotiations/{}/{path}", crate::publish::dataset::segment(pid))
            }
        };
        self.outgoing(Kind::Negotiation, &record.pid, &record.peer, url, body, caller.traceparent.as_deref())
    }
}

impl Engine {
    /// The message that tells the counterparty of our termination.
    pub(crate) fn termination_of(&self, record: &NegotiationRecord) -> Write {
        let (code, reasons) = match &record.process {
            Negotiation::Terminated(ended) => (ended.code.as_deref(), ended.reason.as_slice()),
            _ => (None, [].as_slice()),
        };
        let body = reply::termination(record, code.unwrap_or("terminated"), reasons);
        self.negotiation_message(record, "termination", body, &Caller::default())
    }
}

/// Is this negotiation over?
pub(crate) fn over(process: &Negotiation) -> bool {
    process.is_terminal()
}
