//! The scenarios of the official Dataspace Protocol kit, as data: what the connector under test is made to do, and
//! what its peer does and expects.

mod negotiation;
mod transfer;

use std::fmt;

/// State of a negotiation or transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the protocol's own names")]
pub enum State {
    Requested,
    Offered,
    Accepted,
    Agreed,
    Verified,
    Finalized,
    Started,
    Suspended,
    Completed,
    Terminated,
}

impl State {
    /// Name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Offered => "OFFERED",
            Self::Accepted => "ACCEPTED",
            Self::Agreed => "AGREED",
            Self::Verified => "VERIFIED",
            Self::Finalized => "FINALIZED",
            Self::Started => "STARTED",
            Self::Suspended => "SUSPENDED",
            Self::Completed => "COMPLETED",
            Self::Terminated => "TERMINATED",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a participant does next in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Consumer: a contract request, or a counter-offer in reply to an offer.
    Request,
    /// Provider: an offer.
    Offer,
    /// Consumer: accepts the offer.
    Accept,
    /// Provider: the agreement.
    Agree,
    /// Consumer: verifies the agreement.
    Verify,
    /// Provider: finalizes.
    Finalize,
    /// Starts or resumes a transfer.
    Start,
    /// Suspends a transfer.
    Suspend,
    /// Completes a transfer.
    Complete,
    /// Either side of either kind of process.
    Terminate,
}

/// Who the connector under test is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It asks.
    Consumer,
    /// It offers.
    Provider,
}

impl Role {
    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Consumer => Self::Provider,
            Self::Provider => Self::Consumer,
        }
    }
}

/// Kind of process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Contract negotiation.
    Negotiation,
    /// Transfer process.
    Transfer,
}

/// Group of scenarios: protocol and role of the connector under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Version metadata.
    Met,
    /// Catalogue.
    Cat,
    /// Negotiation as provider.
    Cn,
    /// Negotiation as consumer.
    CnC,
    /// Transfer as provider.
    Tp,
    /// Transfer as consumer.
    TpC,
}

impl Group {
    /// All, in the kit's order.
    pub const ALL: [Self; 6] = [Self::Met, Self::Cat, Self::Cn, Self::CnC, Self::Tp, Self::TpC];

    /// Prefix of the names of its scenarios.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "MET",
            Self::Cat => "CAT",
            Self::Cn => "CN",
            Self::CnC => "CN_C",
            Self::Tp => "TP",
            Self::TpC => "TP_C",
        }
    }

    /// Kind of process and role of the connector under test; none where there is no process.
    #[must_use]
    pub const fn process(self) -> Option<(Kind, Role)> {
        match self {
            Self::Met | Self::Cat => None,
            Self::Cn => Some((Kind::Negotiation, Role::Provider)),
            Self::CnC => Some((Kind::Negotiation, Role::Consumer)),
            Self::Tp => Some((Kind::Transfer, Role::Provider)),
            Self::TpC => Some((Kind::Transfer, Role::Consumer)),
        }
    }
}

/// When the connector under test has entered `state` for the `nth` time, it is made to `act`.
#[derive(Debug, Clone, Copy)]
pub struct Cue {
    /// State entered.
    pub state: State,
    /// How often, counted from 1.
    pub nth: u32,
    /// What follows.
    pub act: Move,
}

/// What the peer does, or expects of the connector under test.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// The version list names 2025-1.
    Versions,
    /// The catalogue has the dataset.
    Catalogue,
    /// The dataset is served by itself.
    Dataset,
    /// An unknown dataset is answered with a catalogue error.
    NoDataset,
    /// The process begins: a request of the peer, or one that the connector under test is told to send.
    Open,
    /// A message of the connector under test takes the peer's process to this state.
    Await(State),
    /// The peer sends a message that is accepted.
    Send(Move),
    /// The peer sends a message that must be refused with a client error other than 404.
    Refused(Move),
    /// The connector under test shows its process in this state.
    Shows(State),
}

/// One scenario.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Its group.
    pub group: Group,
    /// Number within the group, e.g. `01-02`.
    pub number: &'static str,
    /// Dataset, or name of the agreement.
    pub subject: &'static str,
    /// What the connector under test is made to do.
    pub script: &'static [Cue],
    /// What its peer does and expects.
    pub steps: &'static [Step],
    /// Switched off in the kit itself.
    pub disabled: bool,
}

impl Scenario {
    /// Name as in the kit, e.g. `CN:01-02`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.group.name(), self.number)
    }

    /// Prefix of the kit's settings for it, e.g. `CN_01_02`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}_{}", self.group.name(), self.number.replace('-', "_"))
    }
}

const fn on(state: State, act: Move) -> Cue {
    Cue { state, nth: 1, act }
}

const fn again(state: State, act: Move) -> Cue {
    Cue { state, nth: 2, act }
}

const fn scenario(
    group: Group,
    number: &'static str,
    subject: &'static str,
    script: &'static [Cue],
    steps: &'static [Step],
) -> Scenario {
    Scenario { group, number, subject, script, steps, disabled: false }
}

const FIRST: [Scenario; 4] = [
    scenario(Group::Met, "01-01", "", &[], &[Step::Versions]),
    scenario(Group::Cat, "01-01", "CAT0101", &[], &[Step::Catalogue]),
    scenario(Group::Cat, "01-02", "CAT0102", &[], &[Step::Dataset]),
    scenario(Group::Cat, "01-03", "CAT0103", &[], &[Step::NoDataset]),
];

/// All scenarios, those that the kit switches off included.
#[must_use]
pub fn all() -> Vec<Scenario> {
    [
        FIRST.as_slice(),
        &negotiation::PROVIDER,
        &negotiation::CONSUMER,
        &transfer::PROVIDER,
        &transfer::CONSUMER,
    ]
    .concat()
}

/// The scenario of a dataset or agreement name.
#[must_use]
pub fn of_subject(subject: &str) -> Option<Scenario> {
    all().into_iter().find(|s| s.subject == subject && s.group.process().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_subjects_are_unique_and_every_process_is_opened() {
        let all = all();
        let names: BTreeSet<_> = all.iter().map(Scenario::name).collect();
        assert_eq!(names.len(), all.len());
        let subjects: BTreeSet<_> = all.iter().map(|s| s.subject).collect();
        assert_eq!(subjects.len(), all.len());
        for one in &all {
            let opens = one.steps.iter().filter(|s| matches!(s, Step::Open)).count();
            assert_eq!(opens, usize::from(one.group.process().is_some()), "{}", one.name());
            assert!(one.steps.len() > opens, "{} expects nothing", one.name());
        }
    }
}
