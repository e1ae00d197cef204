//! What can go wrong in a use case. One place at each edge maps these to bodies and statuses.

use crate::port::{PeerError, StoreError, TrustError};
use crate::record::Kind;
use policies::Verdict;

/// Why a use case did not happen. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The input does not have the required form.
    #[error("{field}: {reason}")]
    Malformed {
        /// Member or path at fault.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No or no valid proof of who is calling.
    #[error("{0}")]
    Unauthenticated(String),
    /// No such record, or not for this caller.
    #[error("Object of type {} with ID={id} was not found", kind.label())]
    NotFound {
        /// What was looked for.
        kind: Kind,
        /// Its key.
        id: String,
    },
    /// The process is in a state that does not allow this.
    #[error("{reason}")]
    IllegalState {
        /// Current state.
        state: String,
        /// Explanation.
        reason: String,
        /// What would be allowed.
        legal: Vec<String>,
    },
    /// A policy or a check of terms says no.
    #[error("{}", reasons.join("; "))]
    Refused {
        /// One sentence for each reason.
        reasons: Vec<String>,
        /// The clauses, when a policy decided.
        verdict: Option<Box<Verdict>>,
    },
    /// The change clashes with what exists.
    #[error("{0}")]
    Conflict(String),
    /// The counterparty failed.
    #[error("{0}")]
    Peer(String),
    /// Try again later.
    #[error("{0}")]
    Busy(String),
    /// No space left to store the change.
    #[error("the disk is full; nothing was changed")]
    Full,
    /// Our own failure.
    #[error("{0}")]
    Internal(String),
}

impl Fault {
    /// A malformed member.
    pub fn malformed(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Malformed { field: field.into(), reason: reason.into() }
    }

    /// A refusal for one reason.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reasons: vec![reason.into()], verdict: None }
    }

    /// A refusal by policy.
    #[must_use]
    pub fn policy(verdict: Verdict) -> Self {
        Self::Refused {
            reasons: policies::refusal(&verdict, policies::Lang::En),
            verdict: Some(Box::new(verdict)),
        }
    }

    /// A missing record.
    pub fn not_found(kind: Kind, id: impl Into<String>) -> Self {
        Self::NotFound { kind, id: id.into() }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Exists(kind, id) => {
                Self::Conflict(format!("{} with ID={id} exists already", kind.label()))
            }
            StoreError::Missing(kind, id) => Self::NotFound { kind, id },
            StoreError::Stale(kind, id) => {
                Self::Busy(format!("{} {id} is being changed by another step", kind.label()))
            }
            StoreError::Full => Self::Full,
            StoreError::BadQuery(field, reason) => Self::Malformed { field, reason },
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<PeerError> for Fault {
    fn from(error: PeerError) -> Self {
        match error {
            PeerError::Forbidden(url, reason) => {
                Self::malformed("address", format!("{url} is refused: {reason}"))
            }
            other => Self::Peer(other.to_string()),
        }
    }
}

impl From<TrustError> for Fault {
    fn from(error: TrustError) -> Self {
        match error {
            TrustError::Invalid(reason) => Self::refused(reason),
            TrustError::Unavailable(reason) => Self::Busy(reason),
        }
    }
}

impl From<protocol::message::Malformed> for Fault {
    fn from(error: protocol::message::Malformed) -> Self {
        Self::malformed(error.field, error.reason)
    }
}

impl From<policies::PolicyError> for Fault {
    fn from(error: policies::PolicyError) -> Self {
        Self::malformed(error.path, error.reason)
    }
}
