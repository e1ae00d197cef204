//! What our own side asks of a transfer.

use super::provide::Cause;
use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::monitor::Watched;
use crate::port::Expect;
use crate::record::{AgreementRecord, Kind, TransferRecord};
use protocol::role::Role;
use protocol::transfer::{Act, ActKind, State, Transfer};
use serde_json::{Value, json};

/// Ask the provider of an agreement for the data.
#[derive(Debug, Clone)]
pub struct TransferOrder {
    /// Provider's DSP base address.
    pub address: String,
    /// Agreement id.
    pub agreement_id: String,
    /// Distribution format, e.g. `HttpData-PULL`.
    pub format: String,
    /// Callback addresses in the EDC form.
    pub callback_addresses: Vec<Value>,
    /// Protocol name that the client used.
    pub protocol: String,
}

/// How long an order for a transfer waits for an agreement that is about to come into force.
const FINAL_SOON: std::time::Duration = std::time::Duration::from_secs(2);

impl Engine {
    /// Starts a transfer as consumer.
    ///
    /// # Errors
    /// [`Fault::Malformed`] when there is no such agreement in force of which we are the consumer.
    pub async fn start_transfer(&self, order: TransferOrder) -> Result<TransferRecord, Fault> {
        let contract = self.soon_in_force(&order.agreement_id).await?;
        if !contract.in_force {
            return Err(Fault::Conflict(format!("agreement {} is not in force yet", contract.id)));
        }
        if let Some((_, reason)) = &contract.ended {
            return Err(Fault::Conflict(format!("agreement {} was ended: {reason}", contract.id)));
        }
        self.ports.peers.check_url(&order.address)?;
        let now = self.now();
        let record = TransferRecord {
            pid: self.ports.ids.urn(),
            role: Role::Consumer,
            peer: contract.peer,
            peer_pid: None,
            peer_address: order.address.trim_end_matches('/').to_owned(),
            agreement_id: contract.id,
            dataset_id: contract.dataset_id,
            process: Transfer::open(&order.format),
            format: order.format,
            token_sha256: None,
            token_expires: None,
            callback_addresses: order.callback_addresses,
            protocol: order.protocol,
            created_at: now,
            updated_at: now,
            error_detail: None,
        };
        let body = reply::request(&record, &self.settings.base_url);
        let message = self.transfer_message(&record, "", body, &Caller::default());
        self.commit(self.keep_transfer(&record, Expect::Absent)?.and(message)).await?;
        Ok(record)
    }

    /// The contract of which we are the consumer. Clients made for EDC ask for a transfer as soon as they see the
    /// agreement, which is a moment before both sides have made it final; that moment is waited for.
    async fn soon_in_force(&self, agreement: &str) -> Result<AgreementRecord, Fault> {
        let mut events = self.subscribe();
        let contract = self.consumed(agreement).await?;
        if contract.in_force || contract.ended.is_some() {
            return Ok(contract);
        }
        let becomes = async {
            loop {
                // Any event will do; a reader that lags looks again too.
                drop(events.recv().await);
                let contract = self.consumed(agreement).await?;
                if contract.in_force || contract.ended.is_some() {
                    return Ok(contract);
                }
            }
        };
        tokio::time::timeout(FINAL_SOON, becomes).await.unwrap_or(Ok(contract))
    }

    /// A contract of which we are the consumer.
    async fn consumed(&self, agreement: &str) -> Result<AgreementRecord, Fault> {
        match self.find::<AgreementRecord>(agreement).await? {
            Some((contract, _)) if contract.role == Role::Consumer => Ok(contract),
            _ => Err(Fault::malformed("contractId", format!("no agreement {agreement} with us as consumer"))),
        }
    }

    /// Ends a transfer at once.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::IllegalState`].
    pub async fn terminate_transfer(&self, pid: &str, code: &str, reason: &str) -> Result<(), Fault> {
        self.stop_transfer(pid, code, reason).await
    }

    /// As [`Engine::terminate_transfer`], with a protocol code. The stream is cut before anything is written,
    /// so that even a full disk does not keep it open.
    pub(crate) async fn stop_transfer(&self, pid: &str, code: &str, reason: &str) -> Result<(), Fault> {
        self.end_transfer(pid, None, code, reason).await
    }

    /// As [`Engine::stop_transfer`], in this state only if one is given.
    pub(super) async fn end_transfer(
        &self,
        pid: &str,
        only: Option<State>,
        code: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<TransferRecord>(pid).await?;
        let state = record.process.state();
        if only.is_some_and(|wanted| wanted != state) {
            return Err(crate::step::illegal(state, "it has gone on", Vec::new()));
        }
        let reasons: Vec<String> = Some(reason.to_owned()).filter(|r| !r.is_empty()).into_iter().collect();
        let act = Act::Terminate { code: Some(code.to_owned()), reason: reasons.clone() };
        let role = record.role;
        self.move_on(&mut record, role, act)?;
        self.cut(&record, reason);
        record.error_detail = reasons.first().cloned();
        let mut change = self.keep_transfer(&record, Expect::Version(version))?;
        let metered = self.used_until_now(&record).await?;
        if let Some((_, usage)) = &metered {
            change = change.then(usage.clone());
        }
        // A peer that has not answered yet is told when it does; see the outbox.
        if record.peer_pid.is_some() {
            change = change.and(self.transfer_termination_of(&record));
        }
        Ok(self.commit(change).await?)
    }

    /// Provider: starts a transfer that the consumer asked for, or resumes a suspended one.
    ///
    /// # Errors
    /// [`Fault::NotFound`], [`Fault::IllegalState`], or [`Fault::Refused`] by policy.
    pub async fn launch_transfer(&self, pid: &str) -> Result<(), Fault> {
        let turn = self.locks.hold(pid).await;
        let (record, version) = self.load_row::<TransferRecord>(pid).await?;
        self.possible(&record, ActKind::Start)?;
        if record.process.state() == State::Suspended {
            drop(turn);
            return self.resume_transfer(pid).await;
        }
        self.provide(record, Expect::Version(version), Cause::Order).await.map(drop)
    }

    /// Is this act ours to take now?
    fn possible(&self, record: &TransferRecord, kind: ActKind) -> Result<(), Fault> {
        let state = record.process.state();
        let legal = protocol::transfer::legal(state, record.role);
        if legal.contains(&kind) {
            return Ok(());
        }
        Err(crate::step::illegal(
            state,
            format!("{kind} is not possible as {} in state {state}", record.role.name()),
            legal.iter().map(|k| k.to_string().to_lowercase()).collect(),
        ))
    }

    /// Pauses a running transfer.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::IllegalState`].
    pub async fn suspend_transfer(&self, pid: &str, reason: &str) -> Result<(), Fault> {
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<TransferRecord>(pid).await?;
        let reasons: Vec<String> = Some(reason.to_owned()).filter(|r| !r.is_empty()).into_iter().collect();
        let act = Act::Suspend { code: Some("suspended".to_owned()), reason: reasons.clone() };
        let role = record.role;
        self.possible(&record, ActKind::Suspend)?;
        self.move_on(&mut record, role, act)?;
        self.cut(&record, reason);
        let body = reply::suspension(&record, "suspended", &reasons);
        let metered = self.used_until_now(&record).await?;
        let usage = metered.as_ref().map(|(_, usage)| usage.clone()).unwrap_or_default();
        let change = self
            .keep_transfer(&record, Expect::Version(version))?
            .then(usage)
            .and(self.transfer_message(&record, "suspension", body, &Caller::default()));
        Ok(self.commit(change).await?)
    }

    /// Resumes a suspended transfer. As provider, the policy is checked again and a new token is issued.
    ///
    /// # Errors
    /// [`Fault::NotFound`], [`Fault::IllegalState`] or [`Fault::Refused`].
    pub async fn resume_transfer(&self, pid: &str) -> Result<(), Fault> {
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<TransferRecord>(pid).await?;
        if record.process.state() != State::Suspended {
            return Err(crate::step::illegal(
                record.process.state(),
                "only a suspended transfer can be resumed",
                protocol::transfer::legal(record.process.state(), record.role)
                    .iter()
                    .map(|k| k.to_string().to_lowercase())
                    .collect(),
            ));
        }
        match record.role {
            Role::Provider => {
                self.provide(record, Expect::Version(version), Cause::Resumption).await.map(drop)
            }
            Role::Consumer => {
                self.move_on(&mut record, Role::Consumer, Act::Start { data_address: None })?;
                let body = reply::start(&record, None);
                let change = self
                    .keep_transfer(&record, Expect::Version(version))?
                    .and(self.transfer_message(&record, "start", body, &Caller::default()));
                Ok(self.commit(change).await?)
            }
        }
    }

    /// Says that a transfer is complete.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::IllegalState`].
    pub async fn complete_transfer(&self, pid: &str) -> Result<(), Fault> {
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<TransferRecord>(pid).await?;
        let role = record.role;
        self.possible(&record, ActKind::Complete)?;
        self.move_on(&mut record, role, Act::Complete)?;
        self.cut(&record, "the transfer is complete");
        let body = reply::completion(&record);
        let metered = self.used_until_now(&record).await?;
        let usage = metered.as_ref().map(|(_, usage)| usage.clone()).unwrap_or_default();
        let change = self
            .keep_transfer(&record, Expect::Version(version))?
            .then(usage)
            .and(self.transfer_message(&record, "completion", body, &Caller::default()));
        Ok(self.commit(change).await?)
    }

    /// Ends a contract: no new transfer under it, and running ones are cut and terminated.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::Conflict`] when it has ended already.
    pub async fn end_agreement(&self, id: &str, reason: &str) -> Result<(), Fault> {
        let (mut contract, version) = self.load_row::<AgreementRecord>(id).await?;
        if let Some((at, _)) = &contract.ended {
            return Err(Fault::Conflict(format!("agreement {id} was ended at {at}")));
        }
        contract.ended = Some((self.now(), reason.to_owned()));
        let change = crate::port::Change::new()
            .put(&contract, Expect::Version(version))?
            .and(self.event("contract.agreement.ended", id, json!({ "reason": reason })))
            .all(self.timer(Watched::Agreement(id.to_owned()), None));
        self.commit(change).await?;
        self.end_transfers_of(id, "agreement-ended", reason).await
    }

    /// Takes the data away from a transfer that we provide.
    pub(crate) fn cut(&self, record: &TransferRecord, reason: &str) {
        if record.role == Role::Provider {
            self.ports.planes.revoke(&record.pid, reason);
            self.monitor.forget(&Watched::Transfer(record.pid.clone()));
        }
    }

    /// The dataset's asset, which must still exist.
    pub(crate) fn asset_of(&self, dataset: &str) -> Result<crate::record::Asset, Fault> {
        self.published().assets.get(dataset).cloned().ok_or_else(|| Fault::not_found(Kind::Asset, dataset))
    }
}
