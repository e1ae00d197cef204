//! States and acts of a transfer process, and the table of its legal transitions.

use crate::message::DataAddress;
use crate::refusal;
use crate::role::Role;
use crate::table::{self, By, Edge, Legal};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// Name of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The consumer has asked.
    Requested,
    /// Data may flow.
    Started,
    /// Data may not flow for now.
    Suspended,
    /// All data has flowed. Terminal.
    Completed,
    /// Ended. Terminal.
    Terminated,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Requested, Self::Started, Self::Suspended, Self::Completed, Self::Terminated];

    /// Name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Started => "STARTED",
            Self::Suspended => "SUSPENDED",
            Self::Completed => "COMPLETED",
            Self::Terminated => "TERMINATED",
        }
    }

    /// No way out?
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Terminated)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a party does, with what it needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Starts or resumes.
    Start {
        /// Where to fetch the data; only the provider of a pull transfer gives it.
        data_address: Option<DataAddress>,
    },
    /// Pauses.
    Suspend {
        /// Code, if any.
        code: Option<String>,
        /// Reasons.
        reason: Vec<String>,
    },
    /// All data has flowed.
    Complete,
    /// Ends the transfer.
    Terminate {
        /// Code, if any.
        code: Option<String>,
        /// Reasons.
        reason: Vec<String>,
    },
}

/// [`Act`] without its data; `Request` opens a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActKind {
    /// The consumer's opening request, see [`Transfer::open`](super::Transfer::open).
    Request,
    /// [`Act::Start`].
    Start,
    /// [`Act::Suspend`].
    Suspend,
    /// [`Act::Complete`].
    Complete,
    /// [`Act::Terminate`].
    Terminate,
}

impl ActKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Request, Self::Start, Self::Suspend, Self::Complete, Self::Terminate];
}

impl fmt::Display for ActKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl table::Act for ActKind {
    fn message(self) -> &'static str {
        match self {
            Self::Request => "TransferRequestMessage",
            Self::Start => "TransferStartMessage",
            Self::Suspend => "TransferSuspensionMessage",
            Self::Complete => "TransferCompletionMessage",
            Self::Terminate => "TransferTerminationMessage",
        }
    }
}

impl Act {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::Start { .. } => ActKind::Start,
            Self::Suspend { .. } => ActKind::Suspend,
            Self::Complete => ActKind::Complete,
            Self::Terminate { .. } => ActKind::Terminate,
        }
    }
}

/// A refused act of a transfer.
pub type Refused = refusal::Refused<State, ActKind>;

type Row = Edge<State, ActKind>;

pub(crate) const TABLE: &[Row] = {
    use ActKind as A;
    use State as S;
    &[
        Row::new(None, A::Request, By::Consumer, S::Requested),
        Row::new(Some(S::Requested), A::Start, By::Provider, S::Started),
        Row::new(Some(S::Requested), A::Terminate, By::Either, S::Terminated),
        Row::new(Some(S::Started), A::Complete, By::Either, S::Completed),
        Row::new(Some(S::Started), A::Suspend, By::Either, S::Suspended),
        Row::new(Some(S::Started), A::Terminate, By::Either, S::Terminated),
        Row::new(Some(S::Started), A::Start, By::Nobody, S::Started).lenient(
            By::Provider,
            "only once, to answer a resumption by the consumer with a new data address",
        ),
        Row::new(Some(S::Suspended), A::Start, By::Either, S::Started),
        Row::new(Some(S::Suspended), A::Terminate, By::Either, S::Terminated),
    ]
};

static LEGAL: LazyLock<Legal<State, ActKind>> = LazyLock::new(|| table::legal_acts(TABLE));

/// What `from` may send in `state` by the protocol's diagram.
#[must_use]
pub fn legal(state: State, from: Role) -> &'static [ActKind] {
    LEGAL.get(&(state, from)).map_or(&[], Vec::as_slice)
}

/// The legal transitions as a Markdown table.
#[must_use]
pub fn transition_table() -> String {
    table::markdown(TABLE)
}

/// The legal transitions as a Mermaid state diagram.
#[must_use]
pub fn transition_diagram() -> String {
    table::diagram(TABLE)
}
