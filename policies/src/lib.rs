//! ODRL 2.2 usage policies: model, loading, decisions and plain words. Pure: clock, claims and counters are
//! arguments.
//!
//! Logic is three-valued: what is not known never grants, and a prohibition that cannot be decided counts as
//! active.

mod catena_x;
mod compare;
pub mod decide;
mod facts;
pub mod lint;
mod model;
pub mod monitor;
mod parse;
mod program;
pub mod relate;
mod support;
mod template;
mod terms;
mod track;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use decide::{
    Clause, Decision, Done, FORCE_NS, Modification, NotCounted, OpenDuty, Outcome, Part, Premise, Report,
    RuleKind, RuleReport, Verdict, WhyNot, decide, decide_and_report,
};
pub use facts::{
    Behaviour, Claims, Credential, CredentialStatus, DutyRecord, DutyState, Event, Facts, Hierarchy, Mode,
    Offers, Payment, PendingDuties, Phase, Units, World,
};
pub use model::{
    Atomic, Conflict, Constraint, Function, Logic, Logical, Operand, Operator, Policy, PolicyKind, Referent,
    Rule, Typed,
};
pub use parse::{PolicyError, Reading};
pub use program::{Decided, Program};
pub use support::Unsupported;
pub use template::Template;
pub use track::{DutyOf, Tracked, is_positive};
pub use words::{Lang, answer, assessment, finding, outcome, refusal, sentences};
