//! What waits for a decision of ours.

use super::provide::table_policy;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::Participant;
use crate::record::NegotiationRecord;
use policies::{Phase, Policy, Verdict, relate};
use protocol::negotiation::{ActKind, State, legal};
use protocol::role::Role;
use serde::Serialize;
use std::sync::Arc;

/// How what the counterparty asks compares with what was offered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Comparison {
    /// The same terms.
    Same,
    /// Allows nothing more.
    Within,
    /// Allows more.
    Wider,
    /// Neither follows, or it cannot be shown.
    Incomparable,
}

/// A negotiation that waits for us.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// The negotiation.
    pub record: NegotiationRecord,
    /// How the offer on the table compares with our terms (provider) or with what we asked for (consumer).
    pub comparison: Comparison,
    /// The policy's answer if we agreed now (provider).
    pub report: Option<Verdict>,
    /// The acts that are ours to take.
    pub legal: &'static [ActKind],
}

impl Engine {
    /// Negotiations in which the next act is ours and is not taken by itself, oldest first.
    ///
    /// # Errors
    /// A store failure.
    pub async fn inbox(&self) -> Result<Vec<Inbox>, Fault> {
        let mut waiting = Vec::new();
        for state in [State::Requested, State::Offered, State::Accepted, State::Agreed, State::Verified] {
            for (record, _) in self.by_index::<NegotiationRecord>(Some(state.name()), None).await? {
                if ours(&record, state) {
                    waiting.push(self.inbox_entry(record)?);
                }
            }
        }
        waiting.sort_by_key(|entry| entry.record.updated_at);
        Ok(waiting)
    }

    /// What can be said of one negotiation to whoever decides.
    ///
    /// # Errors
    /// When the offer on the table cannot be read.
    pub fn inbox_entry(&self, record: NegotiationRecord) -> Result<Inbox, Fault> {
        let legal = legal(record.process.state(), record.role);
        let Ok(table) = table_policy(&record) else {
            return Ok(Inbox { record, comparison: Comparison::Same, report: None, legal });
        };
        let ours = match record.role {
            Role::Provider => self.own_terms(&record),
            Role::Consumer => record.asked.as_ref().map(Policy::parse).transpose()?,
        };
        let comparison = ours.map_or(Comparison::Incomparable, |ours| compare(&table, &ours));
        let report = (record.role == Role::Provider).then(|| {
            let mut caller = Caller::participant(record.peer.clone());
            caller.claims.clone_from(&record.claims);
            caller.known =
                Arc::new(Participant { credentials: record.credentials.clone(), ..Participant::default() });
            let facts = self.facts(Phase::Agreement, &caller, &record.dataset_id, &record.purpose);
            self.ask(&table, &caller, facts)
        });
        Ok(Inbox { record, comparison, report, legal })
    }
}

/// Does the next act lie with us?
fn ours(record: &NegotiationRecord, state: State) -> bool {
    matches!(
        (record.role, state),
        (Role::Provider, State::Requested | State::Accepted | State::Verified)
            | (Role::Consumer, State::Offered | State::Agreed)
    )
}

/// Canonical equality first; then what each of the two permits. What does not follow either way is incomparable.
fn compare(table: &Policy, ours: &Policy) -> Comparison {
    if table.same_terms(ours) {
        return Comparison::Same;
    }
    let options = relate::Options::default();
    let within = relate::within(table, ours, &options).holds == Some(true);
    let wider = relate::within(ours, table, &options).holds == Some(true);
    match (within, wider) {
        (true, true) => Comparison::Same,
        (true, false) => Comparison::Within,
        (false, true) => Comparison::Wider,
        (false, false) => Comparison::Incomparable,
    }
}
