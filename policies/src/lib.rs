//! ODRL 2.2 usage policies: model, loading, decisions and plain words. Pure: clock, claims and counters are
//! arguments.
//!
//! Logic is three-valued: what is not known never grants, and a prohibition that cannot be decided counts as
//! active.

mod compare;
pub mod decide;
mod facts;
mod model;
mod parse;
mod support;
mod terms;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use decide::{Clause, Outcome, RuleKind, Verdict, decide};
pub use facts::{Claims, Facts, Phase};
pub use model::{Atomic, Conflict, Constraint, Logic, Operand, Operator, Policy, PolicyKind, Rule};
pub use parse::PolicyError;
pub use support::Unsupported;
pub use words::{Lang, refusal, sentences};
