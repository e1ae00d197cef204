//! The two parties of a process.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who acts: the participant that asks for data, or the one that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Asks for data.
    Consumer,
    /// Has the data.
    Provider,
}

impl Role {
    /// Both roles.
    pub const ALL: [Self; 2] = [Self::Consumer, Self::Provider];

    /// The counterparty's role.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Consumer => Self::Provider,
            Self::Provider => Self::Consumer,
        }
    }

    /// `consumer` or `provider`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consumer => "consumer",
            Self::Provider => "provider",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
