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
    /// Credentials of the kind that the clause asks for, and why they do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_counted: Vec<NotCounted>,
}

/// A credential that was presented and does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotCounted {
    /// Who issued it.
    pub issuer: String,
    /// Why it does not count.
    pub why: WhyNot,
}

/// Why a credential does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhyNot {
    /// Its issuer is not trusted for this type.
    Untrusted,
    /// It was revoked.
    Revoked,
    /// It is suspended.
    Suspended,
    /// Whether it was revoked cannot be checked.
    Unchecked,
    /// It is not valid yet.
    Early,
    /// It has expired.
    Expired,
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
    /// A permission and a prohibition both hold; the policy says which prevails, or is void.
    #[serde(default)]
    pub conflict: bool,
    /// What must be changed in the data on the way; only when it is permitted.
    #[serde(default)]
    pub modifications: Vec<Modification>,
    /// What is still to be done, with its deadline.
    #[serde(default)]
    pub open: Vec<OpenDuty>,
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// It may be done.
    Permit,
    /// It may be done, on data that is changed first.
    PermitWithModifications,
    /// It may not be done.
    Deny,
}

/// A change to the data that a permission demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Modification {
    /// What to do, as an IRI of an action.
    pub action: String,
    /// The duty that demands it, by its path.
    pub path: String,
}

/// Something that is still to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenDuty {
    /// Where in the policy.
    pub path: String,
    /// Its own identifier.
    pub id: Option<String>,
    /// What, by action.
    pub action: String,
    /// Until when, where that follows from the policy.
    pub deadline: Option<Timestamp>,
}

impl Verdict {
    /// The answer in one word.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        match (self.permitted, self.modifications.is_empty()) {
            (false, _) => Decision::Deny,
            (true, true) => Decision::Permit,
            (true, false) => Decision::PermitWithModifications,
        }
    }
}

impl Clause {
    /// Why the clause has its result, as a code that does not change with the language.
    #[must_use]
    pub fn code(&self) -> &'static str {
        let part = match self.left.as_str() {
            _ if self.operator.is_empty() => return "term.not-understood",
            "assignee" => "party",
            "target" => "target",
            "action" if self.rule == RuleKind::Prohibition => "prohibition",
            "action" => "duty",
            _ => "constraint",
        };
        match (part, self.outcome) {
            ("party", Outcome::NotSatisfied) => "party.other",
            ("party", _) => "party.unknown",
            ("target", Outcome::NotSatisfied) => "target.other",
            ("target", _) => "target.unknown",
            ("prohibition", Outcome::Satisfied) => "prohibition.active",
            ("prohibition", _) => "prohibition.contractual",
            ("duty", Outcome::Satisfied) => "duty.fulfilled",
            ("duty", Outcome::NotSatisfied) => "duty.violated",
            ("duty", Outcome::Contractual) => "duty.contractual",
            ("duty", _) => "duty.pending",
            (_, Outcome::Satisfied) => "constraint.satisfied",
            (_, Outcome::NotSatisfied) => "constraint.unsatisfied",
            (_, Outcome::Deferred) => "constraint.later",
            (_, Outcome::Unknown) if self.found.is_empty() => "constraint.no-value",
            (_, Outcome::Unknown) => "constraint.not-comparable",
            (_, Outcome::Contractual) => "constraint.contractual",
        }
    }
}
