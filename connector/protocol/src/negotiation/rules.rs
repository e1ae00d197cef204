//! States and acts of a contract negotiation, and the table of its legal transitions.

use crate::agreement::Agreement;
use crate::refusal;
use crate::role::Role;
use crate::table::{self, By, Edge, Legal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::sync::LazyLock;

/// Name of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The consumer has asked.
    Requested,
    /// The provider has offered.
    Offered,
    /// The consumer has accepted the provider's offer.
    Accepted,
    /// The provider has sent an agreement.
    Agreed,
    /// The consumer has verified the agreement.
    Verified,
    /// The agreement is in force. Terminal.
    Finalized,
    /// Ended without an agreement in force. Terminal.
    Terminated,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Offered,
        Self::Accepted,
        Self::Agreed,
        Self::Verified,
        Self::Finalized,
        Self::Terminated,
    ];

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
            Self::Terminated => "TERMINATED",
        }
    }

    /// No way out?
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Finalized | Self::Terminated)
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
    /// Consumer: asks, or makes a counter-offer.
    Request {
        /// MessageOffer object.
        offer: Value,
    },
    /// Provider: offers.
    Offer {
        /// MessageOffer object.
        offer: Value,
    },
    /// Consumer: accepts the offer.
    Accept,
    /// Provider: sends the agreement.
    Agree {
        /// The agreement.
        agreement: Agreement,
    },
    /// Consumer: has verified the agreement.
    Verify {
        /// All signatures of the agreement, when there are any; replaces those known so far.
        signature: Option<Value>,
    },
    /// Provider: the agreement is in force.
    Finalize,
    /// Ends the negotiation.
    Terminate {
        /// Code, if any.
        code: Option<String>,
        /// Reasons.
        reason: Vec<String>,
    },
}

/// [`Act`] without its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActKind {
    /// [`Act::Request`].
    Request,
    /// [`Act::Offer`].
    Offer,
    /// [`Act::Accept`].
    Accept,
    /// [`Act::Agree`].
    Agree,
    /// [`Act::Verify`].
    Verify,
    /// [`Act::Finalize`].
    Finalize,
    /// [`Act::Terminate`].
    Terminate,
}

impl ActKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Request,
        Self::Offer,
        Self::Accept,
        Self::Agree,
        Self::Verify,
        Self::Finalize,
        Self::Terminate,
    ];
}

impl fmt::Display for ActKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl table::Act for ActKind {
    fn message(self) -> &'static str {
        match self {
            Self::Request => "ContractRequestMessage",
            Self::Offer => "ContractOfferMessage",
            Self::Accept => "ContractNegotiationEventMessage ACCEPTED",
            Self::Agree => "ContractAgreementMessage",
            Self::Verify => "ContractAgreementVerificationMessage",
            Self::Finalize => "ContractNegotiationEventMessage FINALIZED",
            Self::Terminate => "ContractNegotiationTerminationMessage",
        }
    }
}

impl Act {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::Request { .. } => ActKind::Request,
            Self::Offer { .. } => ActKind::Offer,
            Self::Accept => ActKind::Accept,
            Self::Agree { .. } => ActKind::Agree,
            Self::Verify { .. } => ActKind::Verify,
            Self::Finalize => ActKind::Finalize,
            Self::Terminate { .. } => ActKind::Terminate,
        }
    }
}

/// A refused act of a negotiation.
pub type Refused = refusal::Refused<State, ActKind>;

type Row = Edge<State, ActKind>;

const EITHER: &str = "a termination is taken at any time before the end";

pub(crate) const TABLE: &[Row] = {
    use ActKind as A;
    use State as S;
    &[
        Row::new(None, A::Request, By::Consumer, S::Requested),
        Row::new(None, A::Offer, By::Provider, S::Offered),
        Row::new(Some(S::Requested), A::Offer, By::Provider, S::Offered),
        Row::new(Some(S::Requested), A::Agree, By::Provider, S::Agreed),
        Row::new(Some(S::Requested), A::Terminate, By::Either, S::Terminated),
        Row::new(Some(S::Offered), A::Request, By::Consumer, S::Requested),
        Row::new(Some(S::Offered), A::Accept, By::Consumer, S::Accepted),
        Row::new(Some(S::Offered), A::Terminate, By::Either, S::Terminated),
        Row::new(Some(S::Accepted), A::Agree, By::Provider, S::Agreed),
        Row::new(Some(S::Accepted), A::Terminate, By::Provider, S::Terminated).lenient(By::Either, EITHER),
        Row::new(Some(S::Agreed), A::Verify, By::Consumer, S::Verified),
        Row::new(Some(S::Agreed), A::Terminate, By::Consumer, S::Terminated).lenient(By::Either, EITHER),
        Row::new(Some(S::Verified), A::Finalize, By::Provider, S::Finalized),
        Row::new(Some(S::Verified), A::Terminate, By::Provider, S::Terminated).lenient(By::Either, EITHER),
    ]
};

static LEGAL: LazyLock<Legal<State, ActKind>> = LazyLock::new(|| table::legal_acts(TABLE));

/// What `from` may send in `state` by the protocol's diagram. [`Negotiation::apply`](super::Negotiation::apply) takes terminations from
/// more senders than this.
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
