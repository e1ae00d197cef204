//! The contract negotiation state machine (DSP 2025-1, contract negotiation protocol).

mod rules;

pub(crate) use rules::TABLE;
pub use rules::{Act, ActKind, Refused, State, legal, transition_diagram, transition_table};

use crate::agreement::Agreement;
use crate::role::Role;
use crate::table;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One contract negotiation; the same on both sides when each has seen every message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Negotiation {
    /// [`State::Requested`].
    Requested(Requested),
    /// [`State::Offered`].
    Offered(Offered),
    /// [`State::Accepted`].
    Accepted(Accepted),
    /// [`State::Agreed`].
    Agreed(Agreed),
    /// [`State::Verified`].
    Verified(Verified),
    /// [`State::Finalized`].
    Finalized(Finalized),
    /// [`State::Terminated`].
    Terminated(Terminated),
}

/// The consumer has asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    /// What the consumer asked for.
    pub offer: Value,
}

/// The provider has offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offered {
    /// What the provider offered.
    pub offer: Value,
}

/// The consumer has accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    /// What the consumer accepted.
    pub offer: Value,
}

/// The provider has sent an agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreed {
    /// The agreement, not verified yet.
    pub agreement: Agreement,
}

/// The consumer has verified the agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verified {
    /// The agreement, with the consumer's signature if it sent one.
    pub agreement: Agreement,
}

/// The agreement is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finalized {
    /// The agreement.
    pub agreement: Agreement,
}

/// Ended without an agreement in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terminated {
    /// Who ended it.
    pub by: Role,
    /// Code, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Reasons.
    #[serde(default)]
    pub reason: Vec<String>,
    /// The state before.
    pub was: State,
    /// The agreement that did not come into force, if one had been sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
}

impl Negotiation {
    /// A new negotiation: the consumer opens with a request, the provider with an offer.
    #[must_use]
    pub const fn open(from: Role, offer: Value) -> Self {
        match from {
            Role::Consumer => Self::Requested(Requested { offer }),
            Role::Provider => Self::Offered(Offered { offer }),
        }
    }

    /// Name of the state.
    #[must_use]
    pub const fn state(&self) -> State {
        match self {
            Self::Requested(_) => State::Requested,
            Self::Offered(_) => State::Offered,
            Self::Accepted(_) => State::Accepted,
            Self::Agreed(_) => State::Agreed,
            Self::Verified(_) => State::Verified,
            Self::Finalized(_) => State::Finalized,
            Self::Terminated(_) => State::Terminated,
        }
    }

    /// Is it over?
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.state().is_terminal()
    }

    /// The agreement, once sent; in force only when finalized.
    #[must_use]
    pub const fn agreement(&self) -> Option<&Agreement> {
        match self {
            Self::Requested(_) | Self::Offered(_) | Self::Accepted(_) => None,
            Self::Agreed(Agreed { agreement })
            | Self::Verified(Verified { agreement })
            | Self::Finalized(Finalized { agreement }) => Some(agreement),
            Self::Terminated(terminated) => terminated.agreement.as_ref(),
        }
    }

    /// The offer on the table, until there is an agreement.
    #[must_use]
    pub const fn offer(&self) -> Option<&Value> {
        match self {
            Self::Requested(Requested { offer })
            | Self::Offered(Offered { offer })
            | Self::Accepted(Accepted { offer }) => Some(offer),
            Self::Agreed(_) | Self::Verified(_) | Self::Finalized(_) | Self::Terminated(_) => None,
        }
    }

    /// The next state, whoever of us `from` is. For our own acts ask [`legal`] first where the diagram matters:
    /// this takes a termination from both parties at any time before the end.
    ///
    /// # Errors
    /// [`Refused`] when the act is not legal in this state for `from`.
    pub fn apply(self, from: Role, act: Act) -> Result<Self, Refused> {
        let (state, kind) = (self.state(), act.kind());
        let refused = || table::refuse(state, from, kind, legal(state, from));
        let to = table::step(TABLE, state, from, kind).ok_or_else(refused)?;
        Ok(match (to, self, act) {
            (State::Requested, _, Act::Request { offer }) => Self::Requested(Requested { offer }),
            (State::Offered, _, Act::Offer { offer }) => Self::Offered(Offered { offer }),
            (State::Accepted, Self::Offered(Offered { offer }), _) => Self::Accepted(Accepted { offer }),
            (State::Agreed, _, Act::Agree { agreement }) => Self::Agreed(Agreed { agreement }),
            (State::Verified, Self::Agreed(Agreed { mut agreement }), Act::Verify { signature }) => {
                agreement.signatures = signature.or(agreement.signatures);
                Self::Verified(Verified { agreement })
            }
            (State::Finalized, Self::Verified(Verified { agreement }), _) => {
                Self::Finalized(Finalized { agreement })
            }
            (State::Terminated, before, Act::Terminate { code, reason }) => Self::Terminated(Terminated {
                by: from,
                code,
                reason,
                was: state,
                agreement: before.agreement().cloned(),
            }),
            // No row of the table leads here; a test applies every row.
            _ => return Err(refused()),
        })
    }
}
