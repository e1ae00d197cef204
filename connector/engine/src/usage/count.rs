//! Counting uses: what is written together with the start and the end of a transfer.

use super::record::{UsageRecord, Use};
use super::terms::Terms;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect};
use crate::record::{AgreementRecord, TransferRecord};
use ontology::time::Timestamp;
use policies::Tracked;
use protocol::role::Role;
use serde_json::json;
use tokio::sync::OwnedMutexGuard;

/// Most uses whose instants are kept; older ones are counted, but no longer within a period.
const MOST_INSTANTS: usize = 10_000;

/// The usage record of one agreement, with its turn: nobody else in this process changes it meanwhile, and the
/// version guards it against other processes.
pub(crate) struct Turn {
    pub(crate) usage: UsageRecord,
    expect: Expect,
    _guard: OwnedMutexGuard<()>,
}

impl Turn {
    /// The write of the record.
    pub(crate) fn keep(&self) -> Result<Change, Fault> {
        Ok(Change::new().put(&self.usage, self.expect)?)
    }
}

impl Engine {
    /// Waits for the turn at the usage of an agreement.
    pub(crate) async fn usage_turn(&self, contract: &AgreementRecord) -> Result<Turn, Fault> {
        let guard = self.locks.hold(&format!("usage {}", contract.id)).await;
        let (usage, expect) = match self.find::<UsageRecord>(&contract.id).await? {
            Some((usage, version)) => (usage, Expect::Version(version)),
            None => (UsageRecord::new(&contract.id, &contract.peer, contract.role), Expect::Absent),
        };
        Ok(Turn { usage, expect, _guard: guard })
    }

    /// The usage record of an agreement as it is now.
    pub(crate) async fn usage_now(&self, contract: &AgreementRecord) -> Result<UsageRecord, Fault> {
        let found = self.find::<UsageRecord>(&contract.id).await?;
        Ok(found.map_or_else(
            || UsageRecord::new(&contract.id, &contract.peer, contract.role),
            |(usage, _)| usage,
        ))
    }

    /// What the connector does by itself at a use: it logs, and it informs. Both are events, which the operator's
    /// webhooks carry to whom they concern.
    pub(crate) fn own_duties(&self, terms: &Terms, contract: &AgreementRecord, transfer: &str) -> Change {
        let mut change = Change::new();
        for duty in terms.duties.iter().filter(|d| d.own && !d.path.contains("/consequence/")) {
            change = change.and(self.event(
                "policy.duty.performed",
                &contract.id,
                json!({
                    "agreementId": contract.id, "transferId": transfer, "duty": duty.path, "action": duty.action,
                    "informedParty": duty.party, "counterPartyId": contract.peer, "datasetId": contract.dataset_id,
                }),
            ));
        }
        change
    }

    /// The use ends or pauses: its time is added up. The turn must be held until the change is committed.
    pub(crate) async fn used_until_now(
        &self,
        record: &TransferRecord,
    ) -> Result<Option<(Turn, Change)>, Fault> {
        let metered = record.role == Role::Provider
            && self
                .find::<UsageRecord>(&record.agreement_id)
                .await?
                .is_some_and(|(usage, _)| usage.running.contains_key(&record.pid));
        if !metered {
            return Ok(None);
        }
        let contract: AgreementRecord = self.get(&record.agreement_id).await?;
        let mut turn = self.usage_turn(&contract).await?;
        turn.usage.pause(&record.pid, self.now());
        let change = turn.keep()?;
        Ok(Some((turn, change)))
    }
}

impl UsageRecord {
    /// A new use begins.
    pub(crate) fn begin(&mut self, transfer: &str, now: Timestamp, tracked: &Tracked) {
        self.uses = self.uses.saturating_add(1);
        self.used_at.push(Use { at: now, transfer: transfer.to_owned() });
        let horizon = now.plus_millis(tracked.window_ms.map_or(0, i64::saturating_neg));
        // The last one before this one stays, as a policy may ask how long ago it was.
        let last = self.used_at.len().saturating_sub(2);
        let too_many = self.used_at.len().saturating_sub(MOST_INSTANTS);
        let mut place = 0;
        self.used_at.retain(|used| {
            let keep = place >= last || (place >= too_many && used.at > horizon);
            place += 1;
            keep
        });
        self.resume(transfer, now, tracked);
    }

    /// A use goes on.
    pub(crate) fn resume(&mut self, transfer: &str, now: Timestamp, tracked: &Tracked) {
        if tracked.metered {
            self.running.entry(transfer.to_owned()).or_insert(now);
        }
    }

    /// A use stops, for now or for good.
    pub(crate) fn pause(&mut self, transfer: &str, now: Timestamp) {
        if let Some(since) = self.running.remove(transfer) {
            self.metered_ms = self.metered_ms.saturating_add(now.minus(since).max(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn uses_are_kept_as_long_as_the_policy_asks_about_them() {
        let mut usage = UsageRecord::new("a", "did:web:c.example", Role::Provider);
        let day = Tracked { window_ms: Some(86_400_000), ..Tracked::default() };
        for (n, seconds) in [0, 10, 86_405, 86_420].into_iter().enumerate() {
            usage.begin(&format!("t{n}"), at(seconds), &day);
        }
        assert_eq!(usage.uses, 4);
        let kept: Vec<&str> = usage.used_at.iter().map(|u| u.transfer.as_str()).collect();
        assert_eq!(kept, ["t2", "t3"], "what is a day old is only counted");
        let mut usage = UsageRecord::new("a", "did:web:c.example", Role::Provider);
        for n in 0..5 {
            usage.begin(&format!("t{n}"), at(n), &Tracked::default());
        }
        assert_eq!((usage.uses, usage.used_at.len()), (5, 2));
        assert!(usage.running.is_empty(), "nobody asked for the time of use");
    }

    #[test]
    fn the_time_of_use_is_added_up_over_pauses_and_parallel_uses() {
        let mut usage = UsageRecord::new("a", "did:web:c.example", Role::Provider);
        let metered = Tracked { metered: true, ..Tracked::default() };
        usage.begin("one", at(0), &metered);
        usage.begin("two", at(5), &metered);
        assert_eq!(usage.metered(at(10)), 15_000);
        usage.pause("one", at(10));
        usage.pause("one", at(50));
        assert_eq!(usage.metered(at(20)), 25_000);
        usage.resume("one", at(20), &metered);
        usage.pause("two", at(20));
        assert_eq!((usage.metered(at(30)), usage.uses), (35_000, 2));
    }
}
