//! What can be wrong with a JSON-LD document.

use thiserror::Error;

/// Why a document could not be expanded. `path` is a JSON pointer into the document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JsonLdError {
    /// A remote context that is not compiled in; nothing is ever fetched.
    #[error("{path}: unknown context `{context}`")]
    UnknownContext {
        /// Where it is named.
        path: String,
        /// Its address.
        context: String,
    },
    /// A context that breaks the rules of JSON-LD.
    #[error("{path}: invalid context: {reason}")]
    InvalidContext {
        /// Where it stands.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A JSON-LD feature that is deliberately left out.
    #[error("{path}: {feature} is not supported")]
    Unsupported {
        /// Where it is used.
        path: String,
        /// Which one.
        feature: String,
    },
    /// A value that its place does not allow.
    #[error("{path}: {reason}")]
    InvalidValue {
        /// Where it stands.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Nested beyond the limit.
    #[error("{path}: nested too deeply")]
    TooDeep {
        /// Where the limit was reached.
        path: String,
    },
    /// More inline contexts than an honest document has.
    #[error("{path}: too many contexts")]
    TooManyContexts {
        /// Where the limit was reached.
        path: String,
    },
}

impl JsonLdError {
    /// JSON pointer to the offending place; empty for the document itself.
    pub fn path(&self) -> &str {
        match self {
            Self::UnknownContext { path, .. }
            | Self::InvalidContext { path, .. }
            | Self::Unsupported { path, .. }
            | Self::InvalidValue { path, .. }
            | Self::TooDeep { path }
            | Self::TooManyContexts { path } => path,
        }
    }
}
