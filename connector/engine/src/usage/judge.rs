//! What is kept of the uses, as facts for the policy, and the policy's answer.

use super::record::{PolicyEvent, UsageRecord};
use super::terms::Terms;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::facts::refused;
use crate::fault::Fault;
use crate::record::AgreementRecord;
use ontology::time::Timestamp;
use policies::{DutyRecord, DutyState, Event, Facts, Payment, Phase, decide};

/// The policy's answer about one use.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It may be, at least until this instant.
    Yes(Option<Timestamp>),
    /// It may not be, for the reasons in this refusal.
    No(Fault),
}

/// Actions of duties that a consent fulfils.
const CONSENT: [&str; 2] = ["obtainConsent", "acceptTracking"];

impl Engine {
    /// Judges the use `transfer` under `contract`, which is number `number`.
    pub(crate) async fn judge(
        &self,
        phase: Phase,
        contract: &AgreementRecord,
        usage: &UsageRecord,
        transfer: &str,
        number: u64,
    ) -> Result<Answer, Fault> {
        let caller = self.known(&Caller::participant(contract.peer.clone())).await?;
        let terms = self.terms(contract)?;
        let mut facts = self.agreed_facts(phase, contract, &caller, number);
        let presented = terms.policy.asks_for_credentials();
        if presented {
            facts.world.credentials.clone_from(&caller.known.credentials);
        }
        facts.world.events = Some(self.events_of(&terms, &contract.id).await?);
        let expiry = usage.tell(&terms, transfer, &mut facts);
        let decided = terms.program.decide(&facts);
        if decided.permitted && !decided.modified {
            let recheck = caller.known.recheck.filter(|_| presented);
            return Ok(Answer::Yes([decided.next_change, expiry, recheck].into_iter().flatten().min()));
        }
        // No data plane of ours changes data on the way, so that an answer with modifications is none.
        Ok(Answer::No(refused(&terms.policy, &caller, decide(&terms.policy, &facts))))
    }

    /// What was reported of the events that a policy names.
    async fn events_of(&self, terms: &Terms, agreement: &str) -> Result<Vec<Event>, Fault> {
        let mut found = Vec::new();
        for name in &terms.tracked.events {
            for (event, _) in self.by_index::<PolicyEvent>(Some(name), None).await? {
                if event.agreement_id.as_deref().is_none_or(|id| id == agreement) {
                    found.push(Event { id: event.event, start: event.start, end: event.end });
                }
            }
        }
        Ok(found)
    }
}

impl UsageRecord {
    /// Adds what is known to `facts`; gives the first instant at which a consent expires.
    pub(crate) fn tell(&self, terms: &Terms, transfer: &str, facts: &mut Facts) -> Option<Timestamp> {
        let now = facts.now;
        let world = &mut facts.world;
        world.used_at = Some(self.used_at.iter().filter(|u| u.transfer != transfer).map(|u| u.at).collect());
        world.metered = Some(self.metered(now));
        world.metering = u32::try_from(self.running.len()).unwrap_or(u32::MAX);
        let payment =
            |p: &super::record::Paid| Payment { amount: p.amount.clone(), unit: p.unit.clone(), at: p.at };
        world.paid = Some(self.payments.iter().map(payment).collect());
        world.duties = self
            .duties
            .iter()
            .map(|d| DutyRecord { duty: d.path.clone(), state: d.state, late: d.late })
            .collect();
        let settled = terms.policy.paid_in_full(facts);
        let consents: Vec<_> = self.consents.iter().filter(|c| c.holds(now)).collect();
        for duty in &terms.duties {
            let asked = |by: &str| duty.party.as_deref().is_none_or(|party| party == by);
            let consented = CONSENT.contains(&duty.action.as_str()) && consents.iter().any(|c| asked(&c.by));
            if consented || settled.contains(&duty.path) {
                fulfil(&mut facts.world.duties, &duty.path);
            }
        }
        consents.iter().filter_map(|c| c.until).min()
    }
}

/// Marks a duty as done; one that was violated has been done late.
fn fulfil(duties: &mut Vec<DutyRecord>, path: &str) {
    match duties.iter_mut().find(|d| d.duty == path) {
        Some(record) => {
            record.late |= record.state == DutyState::Violated;
            record.state = DutyState::Fulfilled;
        }
        None => duties.push(DutyRecord { duty: path.to_owned(), state: DutyState::Fulfilled, late: false }),
    }
}
