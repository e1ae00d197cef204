//! What a machine answers to an act that is not legal now.

/// An act was refused; the process stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refused<S, A> {
    /// State of the process.
    pub state: S,
    /// One sentence for people.
    pub reason: String,
    /// What the same party may do in this state.
    pub legal: Vec<A>,
}
