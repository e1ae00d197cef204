//! Questions about two policies, or about one before it is signed: is one within the other, can both hold, where do
//! they contradict each other, and what of it can be enforced.
//!
//! Answers are three-valued and name the clause that decides. They are about the decisions that [`crate::decide`]
//! makes: "within" means that whatever the one permits the other permits too. Conditions are taken apart into a
//! bounded normal form; beyond the bound the answer is "unknown".

mod axis;
mod class;
mod conflict;
mod contain;
mod enforce;
mod formula;
mod scope;
mod solve;
mod term;

pub use class::UsageClass;
pub use conflict::{Clash, ClashKind, conflicts, conflicts_between};
pub use contain::{compatible, within};
pub use enforce::{Assessment, Capabilities, Enforcer, Stage, enforceability};

use crate::decide::Truth;
use crate::facts::Hierarchy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A three-valued answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Yes, no, or `None` when neither follows.
    pub holds: Option<bool>,
    /// The clause that decides, by its path in the first policy, or in the second where `in_second` is set.
    pub path: String,
    /// The path is one of the second policy.
    pub in_second: bool,
    /// Why, as a code: `covered`, `not-covered`, `prohibited`, `duty-missing`, `overlap`, `no-overlap`,
    /// `not-decidable`, `strategy`, `nothing-permitted`.
    pub because: String,
}

impl Answer {
    fn new(holds: impl Into<Option<bool>>, path: &str, in_second: bool, because: &str) -> Self {
        Self { holds: holds.into(), path: path.to_owned(), in_second, because: because.to_owned() }
    }
}

/// What it means when the two sides have conditions, but none on the same operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Silence {
    /// Nothing keeps both from holding.
    #[default]
    Unconstrained,
    /// Not known: what a side did not say may still be meant (open world).
    Unknown,
}

/// What `eq` means for a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Periods {
    /// The whole period, as decisions read it: at most so long for `elapsedTime` and `meteredTime`, at least for
    /// `delayPeriod`.
    #[default]
    Span,
    /// Exactly so long.
    Point,
}

/// How policies are compared.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Hierarchy of terms.
    pub terms: Hierarchy,
    /// Lowest and highest value of operands, by IRI, as decimal numbers; the ODRL operands have theirs built in.
    pub domains: BTreeMap<String, (Option<String>, Option<String>)>,
    /// Sides that are silent on each other's operands.
    pub silence: Silence,
    /// Spans of time.
    pub periods: Periods,
    /// Also compare target and parties in the heads of the policies, which differ between offer and agreement.
    pub heads: bool,
    /// Property that says where a recurring `timeInterval` begins, as an IRI.
    pub anchor: Option<String>,
}

/// Do the conditions of a rule exclude each other?
pub(crate) fn never_holds(rule: &crate::model::Rule, options: &Options) -> bool {
    solve::satisfiable(formula::Formula::of(rule, true).as_ref(), options) == Truth::False
}

pub(crate) fn truth_to_option(truth: Truth) -> Option<bool> {
    match truth {
        Truth::True => Some(true),
        Truth::False => Some(false),
        Truth::Unknown | Truth::Deferred => None,
    }
}
