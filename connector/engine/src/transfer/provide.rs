//! The provider's side of starting: policy, counted use, token, grant.

use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::monitor::Watched;
use crate::port::{Change, Expect, Grant, StoreError};
use crate::record::{AgreementRecord, Kind, TransferRecord};
use crate::usage::{Answer, Turn};
use policies::Phase;
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
        let terms = self.terms(&contract)?;
        let resumed = matches!(cause, Cause::Resumption);
        for _ in 0..COUNT_ATTEMPTS {
            let mut turn = self.usage_turn(&contract).await?;
            // A resumed transfer is the use that was counted when it first started.
            let number = if resumed { turn.usage.uses.max(1) } else { turn.usage.uses.saturating_add(1) };
            let answer = self.judge(Phase::Transfer, &contract, &turn.usage, &record.pid, number).await?;
            let until = match answer {
                Answer::Yes(until) => until,
                Answer::No(refused) => return Err(refused),
            };
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
            if resumed {
                turn.usage.resume(&record.pid, self.now(), &terms.tracked);
            } else {
                turn.usage.begin(&record.pid, self.now(), &terms.tracked);
                change = change.then(self.own_duties(&terms, &contract, &record.pid));
            }
            // Time of use begins to run, which may bring the end nearer than it looked before.
            let again = if terms.tracked.metered { Some(self.now()) } else { until };
            let change = change
                .all(self.transfer_timers(&started, again))
                .then(turn.keep()?)
                .put(&started, expect)?
                .and(self.transfer_event(&started))
                .and(self.transfer_message(&started, "start", body, &caller));
            match self.commit(change).await {
                Ok(()) => {
                    self.grant(&started, asset);
                    return Ok(started);
                }
                // Another process counted a use meanwhile; ask again with the new number.
                Err(StoreError::Stale(Kind::Usage, _) | StoreError::Exists(Kind::Usage, _)) => {}
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
    ) -> Result<(Change, Turn), Fault> {
        let contract: AgreementRecord = self.get(&record.agreement_id).await?;
        if let Some((at, reason)) = &contract.ended {
            return Err(Fault::refused(format!("the agreement was ended at {at}: {reason}")));
        }
        let mut turn = self.usage_turn(&contract).await?;
        let number = turn.usage.uses.max(1);
        let until = match self.judge(Phase::Transfer, &contract, &turn.usage, &record.pid, number).await? {
            Answer::Yes(until) => until,
            Answer::No(refused) => return Err(refused),
        };
        let terms = self.terms(&contract)?;
        self.move_on(record, Role::Consumer, Act::Start { data_address: None })?;
        record.token_expires = Some(self.now().plus_millis(self.settings.token_ttl_ms));
        let mut change = Change::new();
        let mut again = until;
        if terms.tracked.metered {
            turn.usage.resume(&record.pid, self.now(), &terms.tracked);
            change = turn.keep()?;
            again = Some(self.now());
        }
        change = change.all(self.transfer_timers(record, again));
        if !answered {
            return Ok((change, turn));
        }
        let token = self.ports.ids.token();
        let address = self.ports.planes.address(&record.pid, &token);
        record.token_sha256 = Some(hex(&Sha256::digest(token.as_bytes())));
        self.move_on(record, Role::Provider, Act::Start { data_address: Some(address.clone()) })?;
        let body = reply::start(record, Some(&address));
        Ok((change.and(self.transfer_message(record, "start", body, &Caller::default())), turn))
    }

    /// Tells the data plane again about a transfer that runs.
    pub(crate) fn regrant(&self, record: &TransferRecord) -> Result<(), Fault> {
        let asset = self.asset_of(&record.dataset_id)?;
        self.grant(record, asset);
        Ok(())
    }

    /// After a restart: grants of running transfers, which are judged again. One whose timer has passed meanwhile gets
    /// no data before that.
    pub(crate) async fn restore_transfers(&self) -> Result<(), Fault> {
        for (record, _) in self.by_index::<TransferRecord>(Some(State::Started.name()), None).await? {
            if record.role != Role::Provider {
                continue;
            }
            let what = Watched::Transfer(record.pid.clone());
            if self.monitor.stored(&what).is_some_and(|at| at <= self.now()) {
                self.monitor.hold(&record.pid);
            } else if let Err(fault) = self.regrant(&record) {
                tracing::warn!(transfer = %record.pid, %fault, "cannot be restored");
            }
            self.monitor.watch(what, Some(self.now()));
        }
        Ok(())
    }

    /// Asks the policy again for a running transfer, and ends it when the answer has flipped.
    pub(crate) async fn reconsider(&self, pid: &str) -> Result<(), Fault> {
        let record: TransferRecord = self.get(pid).await?;
        if record.process.state() != State::Started || record.role != Role::Provider {
            return self.reset(Watched::Transfer(pid.to_owned()), None).await;
        }
        let contract: AgreementRecord = self.get(&record.agreement_id).await?;
        let usage = self.usage_now(&contract).await?;
        match self.judge(Phase::Stream, &contract, &usage, pid, usage.uses.max(1)).await? {
            Answer::Yes(until) => {
                if self.monitor.was_cut(pid) {
                    self.regrant(&record)?;
                }
                self.reset(Watched::Transfer(pid.to_owned()), until).await
            }
            Answer::No(refused) => self.stop_transfer(pid, "policy", &refused.to_string()).await,
        }
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        out.push_str(&format!("{byte:02x}"));
        out
    })
}
