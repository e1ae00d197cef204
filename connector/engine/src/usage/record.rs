//! What is kept of the uses under one agreement: one document, written in the same transaction as the use it meters.

use crate::record::{Index, Kind, Record};
use ontology::time::Timestamp;
use policies::DutyState;
use protocol::role::Role;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Index state of a record with a duty whose deadline is still to come.
pub(crate) const OPEN: &str = "open";
/// Index state of all others.
pub(crate) const SETTLED: &str = "settled";

/// Counters, duties, payments and consents of one agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageRecord {
    /// The agreement.
    pub agreement_id: String,
    /// DID of the counterparty.
    pub peer: String,
    /// Our role.
    pub role: Role,
    /// Uses so far; the start of a transfer is one, its resumption is not.
    pub uses: u64,
    /// The last uses, newest last: as many as the policy asks about, and at least one.
    #[serde(default)]
    pub used_at: Vec<Use>,
    /// Time of use so far, without uses that go on, in milliseconds. Kept where the policy asks for it.
    #[serde(default)]
    pub metered_ms: i64,
    /// Uses that go on: transfer and instant since which it runs. Kept where the policy asks for it.
    #[serde(default)]
    pub running: BTreeMap<String, Timestamp>,
    /// The duty ledger.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// What was paid.
    #[serde(default)]
    pub payments: Vec<Paid>,
    /// Who consented.
    #[serde(default)]
    pub consents: Vec<Consent>,
}

/// One use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Use {
    /// When it began.
    pub at: Timestamp,
    /// The transfer that it was.
    pub transfer: String,
}

/// An entry of the duty ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Duty {
    /// Its path in the policy: `permission/0/duty/0`, `obligation/1`.
    pub path: String,
    /// Its identifier in the policy, if it has one.
    #[serde(default)]
    pub id: Option<String>,
    /// What is to be done, by action.
    pub action: String,
    /// Until when, where that follows from the policy.
    #[serde(default)]
    pub deadline: Option<Timestamp>,
    /// Its state.
    pub state: DutyState,
    /// It was done only after its deadline.
    #[serde(default)]
    pub late: bool,
    /// When it came into this state.
    pub at: Timestamp,
    /// What shows that it was done.
    #[serde(default)]
    pub evidence: Option<String>,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paid {
    /// Key within the agreement.
    pub id: String,
    /// Decimal number.
    pub amount: String,
    /// Currency, as in the policy's `unit`.
    pub unit: String,
    /// When.
    pub at: Timestamp,
    /// What shows it, for example the number of a bank transfer.
    #[serde(default)]
    pub reference: Option<String>,
}

/// A consent to the use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// Key within the agreement.
    pub id: String,
    /// Who consented.
    pub by: String,
    /// From when.
    pub at: Timestamp,
    /// Until when, if it was given for a time.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// When and why it was withdrawn.
    #[serde(default)]
    pub withdrawn: Option<(Timestamp, String)>,
    /// What shows it.
    #[serde(default)]
    pub reference: Option<String>,
}

/// Something that policies wait for, or that ends a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyEvent {
    /// Key.
    pub id: String,
    /// What happens, as policies name it.
    pub event: String,
    /// Its beginning.
    pub start: Timestamp,
    /// Its end, while that is not known it goes on.
    #[serde(default)]
    pub end: Option<Timestamp>,
    /// The only agreement that it concerns; all when absent.
    #[serde(default)]
    pub agreement_id: Option<String>,
    /// When it was reported.
    pub created_at: Timestamp,
}

impl Record for UsageRecord {
    const KIND: Kind = Kind::Usage;
    fn id(&self) -> &str {
        &self.agreement_id
    }
    fn index(&self) -> Index {
        let state = if self.next_deadline().is_some() { OPEN } else { SETTLED };
        Index { peer: Some(self.peer.clone()), state: Some(state.to_owned()), ..Index::default() }
    }
}

impl Record for PolicyEvent {
    const KIND: Kind = Kind::PolicyEvent;
    fn id(&self) -> &str {
        &self.id
    }
    fn index(&self) -> Index {
        Index { state: Some(self.event.clone()), parent: self.agreement_id.clone(), ..Index::default() }
    }
}

impl Consent {
    /// Does it hold at `now`?
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.at <= now && self.withdrawn.is_none() && self.until.is_none_or(|until| now < until)
    }
}

impl UsageRecord {
    /// Before the first use.
    pub(crate) fn new(agreement: &str, peer: &str, role: Role) -> Self {
        Self {
            agreement_id: agreement.to_owned(),
            peer: peer.to_owned(),
            role,
            uses: 0,
            used_at: Vec::new(),
            metered_ms: 0,
            running: BTreeMap::new(),
            duties: Vec::new(),
            payments: Vec::new(),
            consents: Vec::new(),
        }
    }

    /// The first deadline that a duty has not met yet.
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let open = self.duties.iter().filter(|d| d.state == DutyState::Pending);
        open.filter_map(|d| d.deadline).min()
    }

    /// Time of use until `now`, in milliseconds.
    #[must_use]
    pub fn metered(&self, now: Timestamp) -> i64 {
        let going_on = self.running.values().map(|since| now.minus(*since).max(0));
        going_on.fold(self.metered_ms, i64::saturating_add)
    }
}
