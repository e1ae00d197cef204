//! What happens by itself in a negotiation and its transfers, and what waits for a person.

use crate::caller::Caller;
use crate::engine::Engine;
use policies::Phase;
use serde::{Deserialize, Serialize};

/// Who takes a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The connector, when policies and checks allow it.
    #[default]
    Automatic,
    /// A person, through the management API. Checks apply all the same.
    Manual,
}

impl Mode {
    /// Does the connector act by itself?
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::Automatic)
    }
}

/// How the steps of a process are handled; all automatic by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Handling {
    /// Provider: the answer to a request.
    pub request: Mode,
    /// Provider: the agreement after the consumer accepted our offer.
    pub accepted: Mode,
    /// Consumer: the verification of an agreement.
    pub verify: Mode,
    /// Provider: the end of a verified negotiation.
    pub finalize: Mode,
    /// Provider: the start of a transfer.
    pub transfer: Mode,
    /// Participants for whom all steps are automatic, whatever the rest says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub automatic_for: Vec<String>,
    /// Policy definition: all steps are automatic for those whom it permits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic_policy_id: Option<String>,
}

impl Handling {
    /// Nothing happens by itself.
    #[must_use]
    pub fn manual() -> Self {
        let manual = Mode::Manual;
        Self {
            request: manual,
            accepted: manual,
            verify: manual,
            finalize: manual,
            transfer: manual,
            ..Self::default()
        }
    }

    /// Is it the default?
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        *self == Self::default()
    }
}

impl Engine {
    /// What `handling` means for `caller`. A rule that cannot be applied makes nothing automatic.
    pub(crate) fn handling_for(&self, handling: &Handling, caller: &Caller, dataset: &str) -> Handling {
        let named = caller.did.as_ref().is_some_and(|did| handling.automatic_for.contains(did));
        let permitted = || {
            let id = handling.automatic_policy_id.as_ref()?;
            let published = self.published();
            let policy = published.policies.get(id)?;
            let facts = self.facts(Phase::Negotiation, caller, dataset, &[]);
            Some(self.ask(policy, caller, facts).permitted)
        };
        if named || permitted() == Some(true) { Handling::default() } else { handling.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_automatic() {
        let some: Handling = serde_json::from_str(r#"{"request":"manual"}"#).unwrap();
        assert_eq!(some.request, Mode::Manual);
        assert!(some.transfer.is_automatic() && !some.is_automatic());
        assert!(Handling::default().is_automatic());
        assert_eq!(serde_json::from_value::<Handling>(serde_json::json!({})).unwrap(), Handling::default());
    }
}
