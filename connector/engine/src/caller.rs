//! Who is asking.

use crate::port::Participant;
use policies::Claims;
use std::sync::Arc;

/// An authenticated participant, or nobody in particular.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// DID; `None` is an anonymous caller.
    pub did: Option<String>,
    /// Verified claims; the engine adds those of the self-description.
    pub claims: Claims,
    /// What else is known of it, its credentials above all; the engine fills it in.
    pub known: Arc<Participant>,
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
