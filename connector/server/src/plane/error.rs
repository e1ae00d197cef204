//! Why a source gives no bytes. The texts reach consumers, so they name neither paths nor URLs.

/// A source that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The data address is not complete or not understood.
    #[error("data address: {0}")]
    Address(String),
    /// There is no such file.
    #[error("the source does not exist any more")]
    Missing,
    /// The file is not below the permitted folder, or is no regular file.
    #[error("the source may not be served: {0}")]
    Forbidden(String),
    /// It is not what was published.
    #[error("the source changed: {expected} bytes were published, {found} found")]
    Changed {
        /// Bytes promised.
        expected: u64,
        /// Bytes there now.
        found: u64,
    },
    /// The upstream said something other than its content.
    #[error("the source answered with status {0}")]
    Status(u16),
    /// The upstream's answer contradicts the request.
    #[error("the source answered wrongly: {0}")]
    Answer(String),
    /// No connection, or it broke.
    #[error("the source cannot be reached: {0}")]
    Unreachable(String),
    /// Reading failed.
    #[error("the source cannot be read: {0}")]
    Read(String),
    /// The transfer was revoked while its stream ran.
    #[error("the transfer was revoked")]
    Revoked,
}

impl SourceError {
    pub(super) fn from_file(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Self::Missing,
            // The operating system's own text has no path in it.
            kind => Self::Read(kind.to_string()),
        }
    }

    pub(super) fn from_client(error: &reqwest::Error) -> Self {
        let what = if error.is_timeout() {
            "it took too long"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the connection broke"
        };
        Self::Unreachable(what.to_owned())
    }
}
