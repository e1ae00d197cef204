//! Named readings of what the specifications leave open.

use serde::{Deserialize, Serialize};

/// How a question is to be understood. The default is the reading of the connector.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Mode {
    /// Duties of a permission that are neither fulfilled nor violated.
    pub pending: PendingDuties,
    /// What is neither permitted nor forbidden.
    pub behaviour: Behaviour,
    /// Offers, which grant nothing before they are agreed.
    pub offers: Offers,
    /// Units of values that are known without their unit.
    pub units: Units,
    /// Profiles beyond the built-in ones whose terms the caller vouches for, as IRIs.
    pub profiles: Vec<String>,
    /// Changes that the data plane can make on the way, as actions of the ODRL vocabulary (`anonymize`); a duty to
    /// make one of them is then fulfilled by the use itself and comes back as a modification.
    pub transforms: Vec<String>,
}

/// What a duty that is still to be done means for its permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PendingDuties {
    /// It must be done first (W3C ODRL Formal Semantics).
    #[default]
    Block,
    /// The permission holds until the duty is violated (SolidLab's test suite).
    Allow,
}

/// The answer where no rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Behaviour {
    /// What is not permitted is denied.
    #[default]
    Closed,
    /// What is not forbidden is permitted.
    Open,
}

/// What an offer means before it is agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Offers {
    /// It is judged as if the consumer had agreed to it: the question of catalogue and negotiation.
    #[default]
    AsIfAgreed,
    /// It grants nothing (ODRL Information Model 2.2, section 2.1.2).
    Never,
}

/// What a value without a unit is, where the policy names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Units {
    /// Not comparable.
    #[default]
    Strict,
    /// In the unit of the policy.
    AsInPolicy,
}
