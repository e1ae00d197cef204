//! The duty ledger: what is to be done under an agreement, until when, and what became of it.
//!
//! An entry is written with the contract. A deadline that passes is an event, and running transfers are judged again.
//! What falls to us as consumer, deletion, is done before its deadline.

use super::record::{Duty, UsageRecord};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::monitor::Watched;
use crate::port::{Change, Expect, Write};
use crate::record::{AgreementRecord, Edr, Kind, Record as _, TransferRecord};
use ontology::time::Timestamp;
use policies::DutyState;
use protocol::role::Role;
use protocol::transfer::State;
use serde_json::json;

/// How long before its deadline a duty of ours is done.
const HEAD_START_MS: i64 = 60_000;

impl Engine {
    /// The ledger of a contract that comes into force; nothing where nothing is to be done.
    pub(crate) fn open_ledger(&self, contract: &AgreementRecord) -> Result<Change, Fault> {
        if !mentions_duties(contract.agreement.policy()) {
            return Ok(Change::new());
        }
        let now = self.now();
        let mut usage = UsageRecord::new(&contract.id, &contract.peer, contract.role);
        for duty in &self.terms(contract)?.duties {
            // What follows a breach is due only after it.
            if duty.own || duty.path.contains("/consequence/") {
                continue;
            }
            usage.duties.push(Duty {
                path: duty.path.clone(),
                id: duty.id.clone(),
                action: duty.action.clone(),
                deadline: duty.deadline,
                state: DutyState::Pending,
                late: false,
                at: now,
                evidence: None,
            });
        }
        if usage.duties.is_empty() {
            return Ok(Change::new());
        }
        Ok(Change::new().put(&usage, Expect::Absent)?.all(self.duties_timer(&usage)))
    }

    /// The timer of the next deadline, in time to do what is ours.
    pub(super) fn duties_timer(&self, usage: &UsageRecord) -> Option<Write> {
        let deletes = |deadline| usage.duties.iter().any(|d| is_deletion(d) && d.deadline == Some(deadline));
        let at = usage.next_deadline().map(|deadline| {
            let early = deadline.plus_millis(-HEAD_START_MS);
            // Once that has passed, what was ours is done.
            let ours = usage.role == Role::Consumer && deletes(deadline) && early > self.now();
            if ours { early } else { deadline.plus_millis(1) }
        });
        self.timer(Watched::Duties(usage.agreement_id.clone()), at)
    }

    /// Looks at the ledger of an agreement, one of whose deadlines has come.
    pub(crate) async fn duties_due(&self, agreement: &str) -> Result<(), Fault> {
        let contract: AgreementRecord = self.get(agreement).await?;
        let now = self.now();
        if contract.role == Role::Consumer {
            let ours = |d: &Duty| {
                is_deletion(d)
                    && d.state == DutyState::Pending
                    && d.deadline.is_some_and(|at| at.plus_millis(-HEAD_START_MS) <= now)
            };
            let usage = self.usage_now(&contract).await?;
            for duty in usage.duties.iter().filter(|d| ours(d)) {
                if self.is_ours(&contract, &duty.path)? {
                    self.delete_ours(&contract, &duty.path).await?;
                }
            }
        }
        let mut turn = self.usage_turn(&contract).await?;
        let mut events = Change::new();
        for duty in &mut turn.usage.duties {
            if duty.state == DutyState::Pending && duty.deadline.is_some_and(|at| at < now) {
                duty.state = DutyState::Violated;
                duty.at = now;
                events = events.and(self.duty_event("policy.duty.violated", &contract, duty));
            }
        }
        let timer = self.duties_timer(&turn.usage);
        if events.0.is_empty() {
            return self.commit_timer(timer).await;
        }
        self.commit(turn.keep()?.then(events).all(timer)).await?;
        self.look_again(agreement).await
    }

    /// Must we do it, rather than the counterparty?
    fn is_ours(&self, contract: &AgreementRecord, path: &str) -> Result<bool, Fault> {
        let terms = self.terms(contract)?;
        let found = terms.duties.iter().find(|d| d.path == path);
        Ok(found.is_some_and(|d| d.assignee.as_deref().is_none_or(|who| who == self.did())))
    }

    /// Deletes what we hold under a contract as consumer: ways to the data are given back, and access tokens are
    /// deleted in the same transaction as the entry that says so.
    pub(crate) async fn delete_ours(&self, contract: &AgreementRecord, path: &str) -> Result<(), Fault> {
        let mut ended = 0_u32;
        for (transfer, _) in self.by_index::<TransferRecord>(None, Some(&contract.id)).await? {
            if transfer.process.is_terminal() {
                continue;
            }
            let end = match transfer.process.state() {
                State::Started => self.complete_transfer(&transfer.pid).await,
                _ => self.stop_transfer(&transfer.pid, "deleted", "the data is deleted as agreed").await,
            };
            match end {
                Ok(()) => ended += 1,
                // It may have ended by itself meanwhile.
                Err(Fault::IllegalState { .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        let mut turn = self.usage_turn(contract).await?;
        let mut change = Change::new();
        let mut tokens = 0_u32;
        for (edr, _) in self.by_index::<Edr>(None, Some(&contract.id)).await? {
            change = change.and(Write::Delete { kind: Kind::Edr, id: edr.id().to_owned() });
            tokens += 1;
        }
        let evidence = format!("{ended} transfers ended, {tokens} access tokens deleted");
        let event = self.settle(&mut turn.usage, contract, path, Some(evidence))?;
        let timer = self.duties_timer(&turn.usage);
        Ok(self.commit(change.then(turn.keep()?).and(event).all(timer)).await?)
    }

    /// Marks a duty as done, and gives the event that says so.
    pub(crate) fn settle(
        &self,
        usage: &mut UsageRecord,
        contract: &AgreementRecord,
        path: &str,
        evidence: Option<String>,
    ) -> Result<Write, Fault> {
        let now = self.now();
        let terms = self.terms(contract)?;
        let Some(of) = terms.duties.iter().find(|d| d.path == path || d.id.as_deref() == Some(path)) else {
            let known: Vec<&str> = terms.duties.iter().map(|d| d.path.as_str()).collect();
            return Err(Fault::malformed(
                "duty",
                format!("the agreement has no duty {path}; it has: {}", known.join(", ")),
            ));
        };
        if !usage.duties.iter().any(|d| d.path == of.path) {
            usage.duties.push(Duty {
                path: of.path.clone(),
                id: of.id.clone(),
                action: of.action.clone(),
                deadline: of.deadline,
                state: DutyState::Pending,
                late: false,
                at: now,
                evidence: None,
            });
        }
        let Some(duty) = usage.duties.iter_mut().find(|d| d.path == of.path) else {
            return Err(Fault::Internal("an entry that was just made is missing".to_owned()));
        };
        if duty.state == DutyState::Fulfilled {
            return Err(Fault::Conflict(format!("duty {} was fulfilled at {}", duty.path, duty.at)));
        }
        duty.late |= duty.state == DutyState::Violated || duty.deadline.is_some_and(|at| at < now);
        (duty.state, duty.at, duty.evidence) = (DutyState::Fulfilled, now, evidence);
        Ok(self.duty_event("policy.duty.fulfilled", contract, duty))
    }

    fn duty_event(&self, kind: &str, contract: &AgreementRecord, duty: &Duty) -> Write {
        self.event(
            kind,
            &contract.id,
            json!({
                "agreementId": contract.id, "duty": duty.path, "action": duty.action, "state": duty.state,
                "late": duty.late, "deadline": duty.deadline.map(Timestamp::to_rfc3339), "evidence": duty.evidence,
                "counterPartyId": contract.peer, "datasetId": contract.dataset_id,
            }),
        )
    }

    /// Judges the running transfers of an agreement again, at once.
    pub(crate) async fn look_again(&self, agreement: &str) -> Result<(), Fault> {
        let state = State::Started.name();
        for (transfer, _) in self.by_index::<TransferRecord>(Some(state), Some(agreement)).await? {
            if transfer.role == Role::Provider {
                self.monitor.watch(Watched::Transfer(transfer.pid), Some(self.now()));
            }
        }
        Ok(())
    }
}

fn is_deletion(duty: &Duty) -> bool {
    duty.action == "delete"
}

/// Is anything to be done under a policy? Cheaper than reading it.
fn mentions_duties(policy: &serde_json::Value) -> bool {
    let filled = |value: &serde_json::Value, key: &str| {
        value.get(key).is_some_and(|found| !found.as_array().is_some_and(Vec::is_empty))
    };
    let permissions = policy.get("permission").and_then(serde_json::Value::as_array);
    filled(policy, "obligation") || permissions.is_none_or(|all| all.iter().any(|rule| filled(rule, "duty")))
}
