//! A policy as a flat program that decides without allocating.
//!
//! What can be read once is read when the program is made: instants, durations, numbers, the names under which
//! values are known, the actions that a rule covers. [`crate::decide`] gives the same answers from the model itself,
//! slowly and with reasons; the two are held together by property tests.

mod compile;
mod run;

pub use run::Decided;

use crate::decide::{InForce, On, Truth};
use crate::facts::Phase;
use crate::model::{Atomic, Conflict, Logic, Operator, PolicyKind};
use ontology::time::Timestamp;
use oxsdatatypes::Decimal;
use std::sync::Arc;

/// A compiled policy.
#[derive(Debug, Clone)]
pub struct Program {
    kind: PolicyKind,
    conflict: Conflict,
    /// Profiles that only the caller can vouch for.
    profiles: Box<[Box<str>]>,
    /// Something about the policy as a whole makes it void.
    void: bool,
    permissions: Box<[Rule]>,
    prohibitions: Box<[Rule]>,
    obligations: Box<[Duty]>,
    /// Conditions of all rules, each before its parts.
    nodes: Box<[Node]>,
}

/// A run of nodes, which are conjoined.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

#[derive(Debug, Clone)]
struct Rule {
    action: Action,
    /// Cannot be decided, whatever its conditions.
    opaque: bool,
    target: Option<Name>,
    assignee: Option<Name>,
    conditions: Span,
    duties: Box<[Duty]>,
}

/// The actions that a rule covers.
#[derive(Debug, Clone)]
enum Action {
    Any,
    /// Actions of the vocabulary by their place in it, and other names.
    These(u64, Arc<[Box<str>]>),
}

/// A target or party.
#[derive(Debug, Clone)]
struct Name {
    id: Option<Box<str>>,
    uid: Option<Box<str>>,
    /// Stands for its members.
    collection: bool,
    opaque: bool,
}

#[derive(Debug, Clone)]
struct Duty {
    path: Box<str>,
    id: Option<Box<str>>,
    action: Box<str>,
    /// The connector does it itself.
    own: bool,
    opaque: bool,
    unconditional: bool,
    /// Conditions that make it a duty at all, each a run of its own.
    conditions: Box<[Span]>,
    /// The earliest fixed deadline, and the earliest one after the agreement in milliseconds.
    due: (Option<Timestamp>, Option<i64>),
    consequences: Box<[Duty]>,
}

#[derive(Debug, Clone)]
enum Node {
    Leaf(Test),
    /// A joined condition, whose parts follow and end before `end`.
    Joined {
        logic: Logic,
        end: u32,
        paths: Box<[Box<str>]>,
    },
}

/// A comparison that is read from the model each time.
#[derive(Debug, Clone)]
struct Leaf {
    on: On,
    atom: Atomic,
    keys: Box<[String]>,
}

/// A comparison, read beforehand where that is possible.
#[derive(Debug, Clone)]
enum Test {
    Constant(Truth),
    Now(Operator, Timestamp),
    Since(Operator, i64),
    InForce(Operator, InForce),
    Uses(Operator, Decimal),
    Read(Box<Leaf>),
}

/// Is a comparison with the agreement or a counter put off?
const fn is_early(phase: Phase) -> bool {
    !phase.is_use()
}
