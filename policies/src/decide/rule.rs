//! Permissions, prohibitions and obligations.

use super::truth::{self, Truth};
use super::walk::Walk;
use super::{Outcome, RuleKind};
use crate::model::Rule;
use crate::terms::{includes, is_own_duty, short};

impl Walk<'_> {
    /// Does this permission grant what is asked?
    pub(super) fn permission(&mut self, path: &str, rule: &Rule) -> bool {
        let start = self.clauses.len();
        let holds = self.applies(path, RuleKind::Permission, rule);
        let met = self.duties(path, rule);
        let granted = met && matches!(holds, Truth::True | Truth::Deferred);
        let covers = includes(&rule.action, &self.facts.action);
        if granted || !covers {
            self.clear(start);
        }
        granted && covers
    }

    /// Does this prohibition forbid what is asked? One that cannot be decided does; one that is decided at a
    /// later stage does not yet.
    pub(super) fn prohibition(&mut self, path: &str, rule: &Rule) -> bool {
        let start = self.clauses.len();
        let holds = self.applies(path, RuleKind::Prohibition, rule);
        if !includes(&rule.action, &self.facts.action) {
            // A part of the use is forbidden, which only the user can observe.
            self.clear(start);
            self.note_action(path, RuleKind::Prohibition, Outcome::Contractual, rule);
            return false;
        }
        let active = !matches!(holds, Truth::False | Truth::Deferred);
        if !active {
            self.clear(start);
        } else if self.clauses.len() == start {
            self.note_action(path, RuleKind::Prohibition, Outcome::Satisfied, rule);
        } else {
            self.blame(start);
        }
        active
    }

    /// Obligations bind by contract, but for those that the connector fulfils itself.
    pub(super) fn obligation(&mut self, path: &str, rule: &Rule) {
        let own = is_own_duty(&rule.action);
        let outcome = if own { Outcome::Satisfied } else { Outcome::Contractual };
        self.note_action(path, RuleKind::Obligation, outcome, rule);
    }

    fn note_action(&mut self, path: &str, kind: RuleKind, outcome: Outcome, rule: &Rule) {
        let right = vec![short(&rule.action).to_owned()];
        self.note(path.to_owned(), kind, outcome, ("action", "eq", right), Vec::new());
    }

    /// Party, target and constraints together.
    fn applies(&mut self, path: &str, kind: RuleKind, rule: &Rule) -> Truth {
        let (policy, facts) = (self.policy, self.facts);
        let unknown = self.not_understood(path, kind, &rule.unknown);
        let mut results = vec![
            self.same(
                path,
                kind,
                "assignee",
                rule.assignee.as_ref().or(policy.assignee.as_ref()),
                facts.assignee.as_ref(),
            ),
            self.same(
                path,
                kind,
                "target",
                rule.target.as_ref().or(policy.target.as_ref()),
                facts.target.as_ref(),
            ),
        ];
        for (n, constraint) in rule.constraints.iter().enumerate() {
            results.push(self.constraint(kind, &format!("{path}/constraint/{n}"), constraint));
        }
        // Not even a false condition makes a rule harmless when part of it is not understood.
        if unknown { Truth::Unknown } else { truth::all(&results) }
    }

    /// Is the rule about this party or target? It is when it names none.
    fn same(
        &mut self,
        path: &str,
        kind: RuleKind,
        what: &str,
        named: Option<&String>,
        actual: Option<&String>,
    ) -> Truth {
        let Some(named) = named else { return Truth::True };
        let truth = actual.map_or(Truth::Unknown, |actual| Truth::from(actual == named));
        if truth != Truth::True {
            let clause = (what, "eq", vec![named.clone()]);
            self.note(
                format!("{path}/{what}"),
                kind,
                truth.into(),
                clause,
                actual.into_iter().cloned().collect(),
            );
        }
        truth
    }

    /// Can the duties of a permission be met? They come before the use, so that they are asked for at its start.
    fn duties(&mut self, path: &str, rule: &Rule) -> bool {
        let mut met = true;
        for (n, duty) in rule.duties.iter().enumerate() {
            let outcome =
                match (is_own_duty(&duty.action) && duty.unknown.is_empty(), self.facts.phase.is_use()) {
                    (true, _) => Outcome::Satisfied,
                    (false, false) => Outcome::Deferred,
                    (false, true) => Outcome::Unknown,
                };
            met &= outcome != Outcome::Unknown;
            self.note_action(&format!("{path}/duty/{n}"), RuleKind::Obligation, outcome, duty);
        }
        met
    }
}
