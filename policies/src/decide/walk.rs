//! What is collected on the way through a policy.

use super::truth::Truth;
use super::{Actions, Clause, Modification, NotCounted, OpenDuty, Outcome, Report, RuleKind};
use crate::facts::Facts;
use crate::model::{Policy, Unknown};
use crate::terms::short;
use crate::words;
use ontology::time::Timestamp;

pub(super) struct Walk<'a> {
    pub(super) policy: &'a Policy,
    pub(super) facts: &'a Facts,
    pub(super) clauses: Vec<Clause>,
    pub(super) next: Option<Timestamp>,
    pub(super) actions: Actions,
    pub(super) report: Report,
    pub(super) open: Vec<OpenDuty>,
    pub(super) modifications: Vec<Modification>,
}

/// Keeps the nearest instant after `now`.
pub(super) fn sooner(next: &mut Option<Timestamp>, now: Timestamp, at: Timestamp) {
    if at > now && next.is_none_or(|next| at < next) {
        *next = Some(at);
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(policy: &'a Policy, facts: &'a Facts) -> Self {
        Self {
            policy,
            facts,
            clauses: Vec::new(),
            next: None,
            actions: Actions::of(policy),
            report: Report::default(),
            open: Vec::new(),
            modifications: Vec::new(),
        }
    }

    /// Time alone can change an answer at `at`.
    pub(super) fn may_change(&mut self, at: Timestamp) {
        sooner(&mut self.next, self.facts.now, at);
    }

    /// Writes a clause down, with its words.
    pub(super) fn note(
        &mut self,
        path: String,
        rule: RuleKind,
        outcome: Outcome,
        (left, operator, right): (&str, &str, Vec<String>),
        found: Vec<String>,
    ) {
        let blocks = match rule {
            RuleKind::Permission => matches!(outcome, Outcome::NotSatisfied | Outcome::Unknown),
            RuleKind::Prohibition => matches!(outcome, Outcome::Satisfied | Outcome::Unknown),
            // A duty of a permission; an obligation of the policy that was violated is another matter.
            RuleKind::Obligation => {
                outcome == Outcome::Unknown
                    || (outcome == Outcome::NotSatisfied && !path.starts_with("obligation/"))
            }
        };
        let mut clause = Clause {
            path,
            rule,
            text: String::new(),
            outcome,
            left: left.to_owned(),
            operator: operator.to_owned(),
            right,
            found,
            reason: String::new(),
            blocks,
            not_counted: Vec::new(),
        };
        clause.text = words::text(&clause, words::Lang::En);
        clause.reason = words::reason(&clause, words::Lang::En);
        self.clauses.push(clause);
    }

    /// Says of the clause just written down which credentials do not count for it.
    pub(super) fn set_aside(&mut self, not_counted: Vec<NotCounted>) {
        if let Some(clause) = self.clauses.last_mut().filter(|_| !not_counted.is_empty()) {
            clause.not_counted = not_counted;
            clause.reason = words::reason(clause, words::Lang::En);
        }
    }

    /// The clauses from `start` are no reason for a refusal.
    pub(super) fn clear(&mut self, start: usize) {
        for clause in self.clauses.iter_mut().skip(start) {
            clause.blocks = false;
        }
    }

    /// The clauses from `start` together stand in the way, and none alone: blame those that hold, as in an `xone`
    /// of which two hold, or else all.
    pub(super) fn blame(&mut self, start: usize) {
        let Some(clauses) = self.clauses.get_mut(start..) else { return };
        if clauses.iter().any(|clause| clause.blocks) {
            return;
        }
        let some_hold = clauses.iter().any(|clause| clause.outcome == Outcome::Satisfied);
        for clause in clauses {
            clause.blocks = !some_hold || clause.outcome == Outcome::Satisfied;
        }
    }

    /// Notes members that are not understood. Are there any?
    pub(super) fn not_understood(&mut self, path: &str, rule: RuleKind, members: &Unknown) -> bool {
        for key in members.keys() {
            let name = short(key);
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            self.note(path, rule, Outcome::Unknown, (name, "", Vec::new()), Vec::new());
        }
        !members.is_empty()
    }
}

impl From<Truth> for Outcome {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Satisfied,
            Truth::False => Self::NotSatisfied,
            Truth::Unknown => Self::Unknown,
            Truth::Deferred => Self::Deferred,
        }
    }
}
