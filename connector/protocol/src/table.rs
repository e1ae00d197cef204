//! The transition table: one list of edges per machine, from which legality and the documentation follow.

use crate::refusal::Refused;
use crate::role::Role;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Nobody,
    Consumer,
    Provider,
    Either,
}

impl By {
    pub(crate) const fn allows(self, role: Role) -> bool {
        match self {
            Self::Nobody => false,
            Self::Either => true,
            Self::Consumer => matches!(role, Role::Consumer),
            Self::Provider => matches!(role, Role::Provider),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Consumer => "consumer",
            Self::Provider => "provider",
            Self::Either => "either",
        }
    }
}

/// One transition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge<S, A> {
    /// State before; `None` opens a process.
    pub(crate) from: Option<S>,
    pub(crate) act: A,
    /// Who may send it: the protocol's diagram.
    pub(crate) sent_by: By,
    /// From whom it is taken; never less than `sent_by`.
    pub(crate) taken_from: By,
    pub(crate) to: S,
    /// Condition or reason that the columns cannot express.
    pub(crate) note: &'static str,
}

impl<S: Copy, A: Copy> Edge<S, A> {
    /// Taken from exactly those who may send it.
    pub(crate) const fn new(from: Option<S>, act: A, by: By, to: S) -> Self {
        Self { from, act, sent_by: by, taken_from: by, to, note: "" }
    }

    /// Taken from more parties than may send it.
    pub(crate) const fn lenient(mut self, taken_from: By, note: &'static str) -> Self {
        self.taken_from = taken_from;
        self.note = note;
        self
    }
}

/// What a machine must tell the table about its names.
pub(crate) trait Act: Copy + Ord + Display {
    /// The wire message that carries the act.
    fn message(self) -> &'static str;
}

/// For each state and sender, what the diagram allows.
pub(crate) type Legal<S, A> = BTreeMap<(S, Role), Vec<A>>;

pub(crate) fn legal_acts<S: Copy + Ord, A: Copy>(table: &[Edge<S, A>]) -> Legal<S, A> {
    let mut legal = Legal::new();
    for edge in table {
        for role in Role::ALL {
            if let Some(from) = edge.from
                && edge.sent_by.allows(role)
            {
                legal.entry((from, role)).or_default().push(edge.act);
            }
        }
    }
    legal
}

/// The state after `act`, if it is taken from `role`.
pub(crate) fn step<S: Copy + PartialEq, A: Copy + PartialEq>(
    table: &[Edge<S, A>],
    from: S,
    role: Role,
    act: A,
) -> Option<S> {
    table
        .iter()
        .find(|edge| edge.from == Some(from) && edge.act == act && edge.taken_from.allows(role))
        .map(|edge| edge.to)
}

/// The refusal of `act`, with what would be legal.
pub(crate) fn refuse<S: Copy + Display, A: Act>(state: S, role: Role, act: A, legal: &[A]) -> Refused<S, A> {
    let mut reason = format!("{} of the {role} is not allowed in state {state}", act.message());
    let mut next = "; allowed: ";
    for kind in legal {
        reason.push_str(next);
        reason.push_str(kind.message());
        next = ", ";
    }
    if legal.is_empty() {
        reason.push_str("; nothing is allowed from this party now");
    }
    Refused { state, reason, legal: legal.to_vec() }
}

/// The table as Markdown.
pub(crate) fn markdown<S: Copy + Display, A: Act>(table: &[Edge<S, A>]) -> String {
    let mut out = String::from(
        "| from | act | message | sent by | taken from | to | note |\n|---|---|---|---|---|---|---|\n",
    );
    for edge in table {
        let from = edge.from.map_or_else(|| "(none)".to_owned(), |state| state.to_string());
        let row = [
            from,
            edge.act.to_string(),
            edge.act.message().to_owned(),
            edge.sent_by.name().to_owned(),
            edge.taken_from.name().to_owned(),
            edge.to.to_string(),
            edge.note.to_owned(),
        ];
        for cell in row {
            out.push_str("| ");
            out.push_str(&cell);
            out.push_str(if cell.is_empty() { "" } else { " " });
        }
        out.push_str("|\n");
    }
    out
}

/// The table as a Mermaid state diagram.
pub(crate) fn diagram<S: Copy + Display + PartialEq, A: Act>(table: &[Edge<S, A>]) -> String {
    let mut out = String::from("stateDiagram-v2\n");
    for edge in table.iter().filter(|edge| edge.sent_by != By::Nobody) {
        let from = edge.from.map_or_else(|| "[*]".to_owned(), |state| state.to_string());
        let line = writeln!(out, "    {from} --> {}: {} ({})", edge.to, edge.act, edge.sent_by.name());
        debug_assert!(line.is_ok(), "writing to a String cannot fail");
    }
    let mut ends: Vec<S> = Vec::new();
    for edge in table {
        if table.iter().all(|other| other.from != Some(edge.to)) && !ends.contains(&edge.to) {
            ends.push(edge.to);
        }
    }
    for end in ends {
        out.push_str(&format!("    {end} --> [*]\n"));
    }
    out
}
