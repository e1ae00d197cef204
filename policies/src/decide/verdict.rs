//! The answer and what it is made of.

use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which kind of rule a clause belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RuleKind {
    /// Allows.
    Permission,
    /// Forbids.
    Prohibition,
    /// Demands.
    Obligation,
}

/// The result of one clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Holds.
    Satisfied,
    /// Does not hold.
    NotSatisfied,
    /// Cannot be known; never grants.
    Unknown,
    /// Will be checked at a later stage.
    Deferred,
    /// Binding by contract; not enforced by this connector.
    Contractual,
}

/// One clause with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clause {
    /// Where in the policy.
    pub path: String,
    /// Of which kind of rule.
    pub rule: RuleKind,
    /// The clause in English.
    pub text: String,
    /// The result.
    pub outcome: Outcome,
    /// Left operand; `action`, `target` and `assignee` for those parts of a rule.
    pub left: String,
    /// Operator; empty when the left operand is not understood.
    pub operator: String,
    /// Right operand.
    pub right: Vec<String>,
    /// What the left operand was found to be.
    pub found: Vec<String>,
    /// Why, in English.
    pub reason: String,
    /// It is one of the reasons for a refusal.
    #[serde(default)]
    pub blocks: bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// May it be done?
    pub permitted: bool,
    /// Each clause with its result.
    pub clauses: Vec<Clause>,
    /// The next instant at which time alone can change the answer.
    pub next_change: Option<Timestamp>,
    /// What the consumer must do, by action.
    pub duties: Vec<String>,
}
