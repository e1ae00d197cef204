//! What a policy is judged on.

mod hierarchy;
mod mode;
mod world;

pub use hierarchy::Hierarchy;
pub use mode::{Behaviour, Mode, Offers, PendingDuties, Units};
pub use world::{Credential, CredentialStatus, DutyRecord, DutyState, Event, Payment, World};

use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Verified statements about the consumer, by operand IRI or claim key.
pub type Claims = BTreeMap<String, Vec<String>>;

/// When in the life of a contract the question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// The catalogue is rendered for a caller.
    #[default]
    Catalogue,
    /// A contract request has arrived.
    Negotiation,
    /// The agreement is about to be signed.
    Agreement,
    /// A transfer is about to start.
    Transfer,
    /// Data is flowing.
    Stream,
}

impl Phase {
    /// Is there a contract under which something is used?
    #[must_use]
    pub const fn is_use(self) -> bool {
        matches!(self, Self::Transfer | Self::Stream)
    }
}

/// The state of the world for one decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Facts {
    /// Now.
    pub now: Timestamp,
    /// Stage.
    pub phase: Phase,
    /// What is asked for: an action's IRI, or its name in the ODRL vocabulary.
    pub action: String,
    /// Dataset.
    pub target: Option<String>,
    /// Consumer; `None` is an unknown caller.
    pub assignee: Option<String>,
    /// Provider.
    pub assigner: Option<String>,
    /// Verified claims about the consumer.
    pub claims: Claims,
    /// Purposes that the consumer states.
    pub purpose: Option<Vec<String>>,
    /// When the contract was concluded.
    pub agreed_at: Option<Timestamp>,
    /// When the transfer started.
    pub started_at: Option<Timestamp>,
    /// Which use under the contract this is, from 1.
    pub uses: Option<u64>,
    /// What else is known: counters, payments, events, duties, collections, values of further operands.
    pub world: World,
    /// How the question is to be understood.
    pub mode: Mode,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            now: Timestamp::from_millis(0),
            phase: Phase::default(),
            action: "use".to_owned(),
            target: None,
            assignee: None,
            assigner: None,
            claims: Claims::new(),
            purpose: None,
            agreed_at: None,
            started_at: None,
            uses: None,
            world: World::default(),
            mode: Mode::default(),
        }
    }
}
