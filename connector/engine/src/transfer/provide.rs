//! The provider's side of starting: policy, use counter, token, grant.

use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, Grant, StoreError, Write};
use crate::record::{AgreementRecord, TransferRecord};
use policies::{Phase, Policy, Verdict, decide};
use protocol::role::Role;
use protocol::transfer::{Act, State};
use sha2::{Digest, Sha256};

/// Why a transfer is started.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause<'a> {
    /// The consumer's request, which is stored in the same step.
    Request(&'a Caller),
    /// An order, for a request that is stored already.
    Order,
    /// It was suspended.
    Resumption,
}

/// How often a use is counted anew when another one came between.
const COUNT_ATTEMPTS: usize = 64;

impl Engine {
    /// The policy's answer for a use under `contract`, which would be number `uses`.
    pub(crate) async fn judge(
        &self,
        phase: Phase,
        contract: &AgreementRecord,
        uses: u64,
    ) -> Result<Verdict, Fault> {
        let caller = self.known(&Caller::participant(contract.peer.clone())).await?;
        let policy = Policy::parse(contract.agreement.policy())?;
        Ok(decide(&policy, &self.agreed_facts(phase, contract, caller.claims, uses)))
    }

    /// Starts or resumes `record`: the policy is asked, the use is counted in the same transaction as the new
    /// state, and the data plane is told after the commit.
    pub(crate) async fn provide(
        &self,
        record: TransferRecord,
        expect: Expect,
        cause: Cause<'_>,
    ) -> Result<TransferRecord, Fault> {
        let contract: AgreementRecord = self.get(&record.agreement_id).await?;
        if let Some((at, reason)) = &contract.ended {
            return Err(Fault::refused(format!("the agreement was ended at {at}: {reason}")));
        }
        let asset = self.asset_of(&record.dataset_id)?;
        for _ in 0..COUNT_ATTEMPTS {
            let before = self.ports.store.uses(&contract.id).await?;
            // A resumed transfer is the use that was counted when it first started.
            let number = if matches!(cause, Cause::Resumption) { before.max(1) } else { before + 1 };
            let verdict = self.judge(Phase::Transfer, &contract, number).await?;
            if !verdict.permitted {
                return Err(Fault::policy(verdict));
            }
            let mut started = record.clone();
            let token = self.ports.ids.token();
            let address = self.ports.planes.address(&started.pid, &token);
            let expires = self.now().plus_millis(self.settings.token_ttl_ms);
            started.token_sha256 = Some(hex(&Sha256::digest(token.as_bytes())));
            started.token_expires = Some(expires);
            self.move_on(&mut started, Role::Provider, Act::Start { data_address: Some(address.clone()) })?;

            let caller = match cause {
                Cause::Request(caller) => caller.clone(),
                Cause::Order | Cause::Resumption => Caller::default(),
            };
            let body = reply::start(&started, Some(&address));
            let mut change = Change::new();
            if matches!(cause, Cause::Request(_)) {
                change = change.and(self.transfer_event(&record));
            }
            if !matches!(cause, Cause::Resumption) {
                change = change.and(Write::Use { agreement: contract.id.clone(), limit: Some(number) });
            }
            let change = change
                .put(&started, expect)?
                .and(self.transfer_event(&started))
                .and(self.transfer_message(&started, "start", body, &caller));
            match self.commit(change).await {
                Ok(()) => {
                    self.grant(&started, asset);
                    self.monitor.watch(&started.pid, verdict.next_change);
                    return Ok(started);
                }
                // Another use was counted meanwhile; ask again with the new number.
                Err(StoreError::Exhausted(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Busy("too many uses of this agreement start at the same time".to_owned()))
    }

    fn grant(&self, record: &TransferRecord, asset: crate::record::Asset) {
        let (Some(token_sha256), Some(expires)) = (record.token_sha256.clone(), record.token_expires) else {
            return;
        };
        self.ports.planes.grant(Grant {
            transfer: record.pid.clone(),
            agreement: record.agreement_id.clone(),
            peer: record.peer.clone(),
            asset,
            token_sha256,
            expires,
        });
    }

    /// A consumer resumes: the same token works again, for as long as a new one would. `answered` consumers are sent
    /// a start with a new one instead.
    pub(crate) async fn resumed_by_consumer(
        &self,
        record: &mut TransferRecord,
        answered: bool,
    ) -> Result<Change, Fault> {
        let contract: AgreementRecord = self.get(&record.agreement_id).await?;
        if let Some((at, reason)) = &contract.ended {
            return Err(Fault::refused(format!("the agreement was ended at {at}: {reason}")));
        }
        let uses = self.ports.store.uses(&contract.id).await?.max(1);
        let verdict = self.judge(Phase::Transfer, &contract, uses).await?;
        if !verdict.permitted {
            return Err(Fault::policy(verdict));
        }
        self.move_on(record, Role::Consumer, Act::Start { data_address: None })?;
        record.token_expires = Some(self.now().plus_millis(self.settings.token_ttl_ms));
        self.monitor.watch(&record.pid, verdict.next_change);
        if !answered {
            return Ok(Change::new());
        }
        let token = self.ports.ids.token();
        let address = self.ports.planes.address(&record.pid, &token);
        record.token_sha256 = Some(hex(&Sha256::digest(token.as_bytes())));
        self.move_on(record, Role::Provider, Act::Start { data_address: Some(address.clone()) })?;
        let body = reply::start(record, Some(&address));
        Ok(Change::new().and(self.transfer_message(record, "start", body, &Caller::default())))
    }

    /// Tells the data plane again about a transfer that runs.
    pub(crate) fn regrant(&self, record: &TransferRecord) -> Result<(), Fault> {
        let asset = self.asset_of(&record.dataset_id)?;
        self.grant(record, asset);
        Ok(())
    }

    /// After a restart: grants and timers of running transfers.
    pub(crate) async fn restore_transfers(&self) -> Result<(), Fault> {
        for (record, _) in self.by_index::<TransferRecord>(Some(State::Started.name()), None).await? {
            if record.role == Role::Provider {
                if let Err(fault) = self.regrant(&record) {
                    tracing::warn!(transfer = %record.pid, %fault, "cannot be restored");
                }
                // Due at once: the monitor asks the policy before anything else happens.
                self.monitor.watch(&record.pid, Some(self.now()));
            }
        }
        Ok(())
    }

    /// Asks the policy again for a running transfer, and ends it when the answer has flipped.
    pub(crate) async fn reconsider(&self, pid: &str) -> Result<(), Fault> {
        let record: TransferRecord = self.get(pid).await?;
        if record.process.state() != State::Started || record.role != Role::Provider {
            return Ok(());
        }
        let contract: AgreementRecord = self.get(&record.agreement_id).await?;
        let uses = self.ports.store.uses(&contract.id).await?.max(1);
        let verdict = self.judge(Phase::Stream, &contract, uses).await?;
        if verdict.permitted {
            self.monitor.watch(pid, verdict.next_change);
            return Ok(());
        }
        let reason = policies::refusal(&verdict, policies::Lang::En).join("; ");
        self.stop_transfer(pid, "policy", &reason).await
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        out.push_str(&format!("{byte:02x}"));
        out
    })
}
