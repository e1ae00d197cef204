//! What ends in time: requests for transfers that nobody answers, and agreements whose policy has had its time.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::monitor::Watched;
use crate::port::{Change, Expect, Write};
use crate::record::{AgreementRecord, TransferRecord};
use ontology::time::Timestamp;
use protocol::transfer::State;
use serde_json::{Value, json};

impl Engine {
    /// The timers of a transfer in its new state: until when it must start, and when its policy is asked again
    /// (`again`, while it runs).
    pub(crate) fn transfer_timers(&self, record: &TransferRecord, again: Option<Timestamp>) -> Vec<Write> {
        let state = record.process.state();
        let until = (state == State::Requested).then(|| self.request_deadline(record));
        let again = again.filter(|_| state == State::Started);
        let timers = [
            self.timer(Watched::Request(record.pid.clone()), until),
            self.timer(Watched::Transfer(record.pid.clone()), again),
        ];
        timers.into_iter().flatten().collect()
    }

    fn request_deadline(&self, record: &TransferRecord) -> Timestamp {
        record.created_at.plus_millis(self.settings.transfer_deadline_ms)
    }

    /// A transfer that should have started by now is terminated, and the counterparty told.
    pub(crate) async fn request_overdue(&self, pid: &str) -> Result<(), Fault> {
        let record: TransferRecord = self.get(pid).await?;
        if record.process.state() == State::Requested && self.request_deadline(&record) <= self.now() {
            let seconds = self.settings.transfer_deadline_ms / 1000;
            let reason = format!("the transfer did not start within {seconds} s");
            return match self.end_transfer(pid, Some(State::Requested), "deadline", &reason).await {
                // It went on meanwhile.
                Err(Fault::IllegalState { .. }) => Ok(()),
                other => other,
            };
        }
        let again = (record.process.state() == State::Requested).then(|| self.request_deadline(&record));
        self.reset(Watched::Request(pid.to_owned()), again).await
    }

    /// The timer of a contract that comes into force; none when its policy is not limited in time.
    pub(crate) fn validity_timer(&self, contract: &AgreementRecord) -> Result<Option<Write>, Fault> {
        if !is_limited(contract.agreement.policy()) {
            return Ok(None);
        }
        let ends = self.terms(contract)?.policy.ends(contract.signed_at);
        Ok(self.timer(Watched::Agreement(contract.id.clone()), ends))
    }

    /// The time of a contract has passed: its transfers end, which is recorded once.
    pub(crate) async fn agreement_overdue(&self, id: &str) -> Result<(), Fault> {
        let (mut contract, version) = self.load_row::<AgreementRecord>(id).await?;
        let what = Watched::Agreement(id.to_owned());
        let ends = self.terms(&contract)?.policy.ends(contract.signed_at);
        let Some(ends) = ends.filter(|_| contract.in_force && contract.ended.is_none()) else {
            return self.reset(what, None).await;
        };
        if ends > self.now() {
            return self.reset(what, Some(ends)).await;
        }
        let reason = format!("the agreement was valid until {ends}");
        // Before the write, so that a crash in between leaves the timer.
        self.end_transfers_of(id, "agreement-expired", &reason).await?;
        contract.ended = Some((self.now(), reason.clone()));
        let data = json!({ "reason": reason, "validUntil": ends.to_rfc3339(), "counterPartyId": contract.peer,
            "datasetId": contract.dataset_id });
        let change = Change::new()
            .put(&contract, Expect::Version(version))?
            .and(self.event("contract.agreement.expired", id, data))
            .all(self.timer(what, None));
        Ok(self.commit(change).await?)
    }

    /// Ends every transfer under an agreement.
    pub(crate) async fn end_transfers_of(&self, id: &str, code: &str, reason: &str) -> Result<(), Fault> {
        for (transfer, _) in self.by_index::<TransferRecord>(None, Some(id)).await? {
            if transfer.process.is_terminal() {
                continue;
            }
            match self.stop_transfer(&transfer.pid, code, reason).await {
                // It may have ended by itself meanwhile.
                Ok(()) | Err(Fault::IllegalState { .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }
}

/// Does each permission have conditions? Cheaper than reading the policy.
fn is_limited(policy: &Value) -> bool {
    let permissions = policy.get("permission").and_then(Value::as_array);
    permissions.is_none_or(|all| all.iter().all(|rule| rule.get("constraint").is_some()))
}
