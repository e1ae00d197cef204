//! The transfer process state machine (DSP 2025-1, transfer process protocol).

mod rules;

pub(crate) use rules::TABLE;
pub use rules::{Act, ActKind, Refused, State, legal, transition_diagram, transition_table};

use crate::message::DataAddress;
use crate::role::Role;
use crate::table;
use serde::{Deserialize, Serialize};

/// One transfer process; the same on both sides when each has seen every message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Transfer {
    /// [`State::Requested`].
    Requested(Requested),
    /// [`State::Started`].
    Started(Started),
    /// [`State::Suspended`].
    Suspended(Suspended),
    /// [`State::Completed`].
    Completed(Completed),
    /// [`State::Terminated`].
    Terminated(Terminated),
}

/// The consumer has asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    /// Distribution format, e.g. `HttpData-PULL`.
    pub format: String,
}

/// Data may flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// Latest address of the data, if any was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_address: Option<DataAddress>,
    /// How often it has been started, from 1.
    pub starts: u32,
    /// Who sent the latest start.
    pub by: Role,
}

/// Data may not flow for now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspended {
    /// Who paused it.
    pub by: Role,
    /// Code, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Reasons.
    #[serde(default)]
    pub reason: Vec<String>,
    /// Latest address of the data, if any was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_address: Option<DataAddress>,
    /// How often it has been started.
    pub starts: u32,
}

/// All data has flowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Completed {
    /// Who said so.
    pub by: Role,
}

/// Ended.
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
}

impl Transfer {
    /// A new transfer, requested by the consumer.
    #[must_use]
    pub fn open(format: impl Into<String>) -> Self {
        Self::Requested(Requested { format: format.into() })
    }

    /// Name of the state.
    #[must_use]
    pub const fn state(&self) -> State {
        match self {
            Self::Requested(_) => State::Requested,
            Self::Started(_) => State::Started,
            Self::Suspended(_) => State::Suspended,
            Self::Completed(_) => State::Completed,
            Self::Terminated(_) => State::Terminated,
        }
    }

    /// Is it over?
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.state().is_terminal()
    }

    /// Latest address of the data while the transfer is not over.
    #[must_use]
    pub const fn data_address(&self) -> Option<&DataAddress> {
        match self {
            Self::Started(started) => started.data_address.as_ref(),
            Self::Suspended(suspended) => suspended.data_address.as_ref(),
            Self::Requested(_) | Self::Completed(_) | Self::Terminated(_) => None,
        }
    }

    const fn starts(&self) -> u32 {
        match self {
            Self::Started(started) => started.starts,
            Self::Suspended(suspended) => suspended.starts,
            Self::Requested(_) | Self::Completed(_) | Self::Terminated(_) => 0,
        }
    }

    /// The next state, whoever of us `from` is.
    ///
    /// # Errors
    /// [`Refused`] when the act is not legal in this state for `from`.
    pub fn apply(self, from: Role, act: Act) -> Result<Self, Refused> {
        let (state, kind) = (self.state(), act.kind());
        let refused = || table::refuse(state, from, kind, legal(state, from));
        let to = table::step(TABLE, state, from, kind).ok_or_else(refused)?;
        Ok(match (to, self, act) {
            // The table's note: without a resumption by the consumer this is a repeat.
            (State::Started, Self::Started(Started { by: Role::Provider, .. }), _) => return Err(refused()),
            (State::Started, Self::Started(now), Act::Start { data_address }) => Self::Started(Started {
                data_address: data_address.or(now.data_address),
                starts: now.starts,
                by: from,
            }),
            (State::Started, before, Act::Start { data_address }) => Self::Started(Started {
                data_address: data_address.or_else(|| before.data_address().cloned()),
                starts: before.starts().saturating_add(1),
                by: from,
            }),
            (State::Suspended, Self::Started(now), Act::Suspend { code, reason }) => {
                Self::Suspended(Suspended {
                    by: from,
                    code,
                    reason,
                    data_address: now.data_address,
                    starts: now.starts,
                })
            }
            (State::Completed, _, Act::Complete) => Self::Completed(Completed { by: from }),
            (State::Terminated, _, Act::Terminate { code, reason }) => {
                Self::Terminated(Terminated { by: from, code, reason, was: state })
            }
            // No row of the table leads here; a test applies every row.
            _ => return Err(refused()),
        })
    }
}
