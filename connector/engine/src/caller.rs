//! Who is asking.

use ontology::time::Timestamp;
use policies::{Claims, Credential};

/// An authenticated participant, or nobody in particular.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// DID; `None` is an anonymous caller.
    pub did: Option<String>,
    /// Verified claims; the engine adds those of the self-description.
    pub claims: Claims,
    /// Credentials that it presented, with their status; the engine fills them in.
    pub credentials: Vec<Credential>,
    /// What it presented in vain, one sentence for each piece.
    pub problems: Vec<String>,
    /// When the status of these credentials must be looked at again.
    pub recheck: Option<Timestamp>,
    /// W3C trace parent of the request.
    pub traceparent: Option<String>,
}

impl Caller {
    /// The participant `did`.
    #[must_use]
    pub fn participant(did: impl Into<String>) -> Self {
        Self { did: Some(did.into()), ..Self::default() }
    }

    /// The DID, or the fault that asks for one.
    ///
    /// # Errors
    /// [`crate::Fault::Unauthenticated`] for an anonymous caller.
    pub fn require(&self) -> Result<&str, crate::Fault> {
        self.did.as_deref().ok_or_else(|| {
            crate::Fault::Unauthenticated("this needs a self-issued token of a participant".to_owned())
        })
    }
}
