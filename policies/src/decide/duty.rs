//! Duties: what must be done for a permission, and what must be done anyway.

use super::report::{Done, RuleReport};
use super::truth::{self, Truth};
use super::verdict::{Modification, OpenDuty};
use super::walk::Walk;
use super::{Outcome, RuleKind};
use crate::facts::{DutyRecord, DutyState, Facts, PendingDuties};
use crate::model::{Atomic, Constraint, Operator, Rule};
use crate::terms::{is_own_duty, short};
use ontology::time::{Timestamp, read_duration};

/// Operands that say when a duty is to be done or how much is to be paid, and not whether there is a duty.
pub(crate) const WHEN: [&str; 7] =
    ["dateTime", "elapsedTime", "delayPeriod", "timeInterval", "event", "meteredTime", "payAmount"];

/// The record of a duty, by its identifier or its path.
pub(crate) fn record<'a>(facts: &'a Facts, path: &str, id: Option<&str>) -> Option<&'a DutyRecord> {
    facts.world.duties.iter().find(|record| record.duty == path || id == Some(record.duty.as_str()))
}

/// When a duty must be done, where that follows from its constraints.
pub(crate) fn deadline(facts: &Facts, rule: &Rule) -> Option<Timestamp> {
    earliest(facts.agreed_at, rule.constraints.iter().chain(&rule.refinements))
}

/// The earliest deadline among conditions, when the contract was concluded at `agreed`.
pub(crate) fn earliest<'a>(
    agreed: Option<Timestamp>,
    conditions: impl Iterator<Item = &'a Constraint>,
) -> Option<Timestamp> {
    let mut found: Option<Timestamp> = None;
    let mut see = |a: &Atomic| {
        let [right] = a.right.as_slice() else { return };
        let at = match (short(&a.left), a.operator) {
            ("dateTime", Operator::Lt | Operator::Lteq | Operator::Eq) => Timestamp::read(&right.value),
            ("elapsedTime" | "delayPeriod", Operator::Lt | Operator::Lteq | Operator::Eq) => {
                agreed.and_then(|agreed| Some(agreed.plus_millis(read_duration(&right.value)?)))
            }
            _ => None,
        };
        if let Some(at) = at {
            found = Some(found.map_or(at, |known| known.min(at)));
        }
    };
    // Only what holds in any case is a deadline: not the branches of an `or`.
    for constraint in conditions {
        if let Constraint::Atomic(a) = constraint {
            see(a);
        }
    }
    found
}

impl Walk<'_> {
    /// Has it been done, by the ledger and the clock?
    pub(super) fn done(&self, path: &str, rule: &Rule) -> Done {
        match record(self.facts, path, rule.id.as_deref()).map(|record| record.state) {
            Some(DutyState::Fulfilled) => Done::Fulfilled,
            Some(DutyState::Violated) => Done::Violated,
            _ if deadline(self.facts, rule).is_some_and(|at| at < self.facts.now) => Done::Violated,
            _ => Done::NotSet,
        }
    }

    /// Can the duties of a permission be met? They come before the use, so that they are asked for at its start.
    pub(super) fn duties(&mut self, path: &str, rule: &Rule) -> (Truth, Vec<RuleReport>) {
        let (mut met, mut reports) = (Truth::True, Vec::new());
        for (n, duty) in rule.duties.iter().enumerate() {
            let path = format!("{path}/duty/{n}");
            let done = self.done(&path, duty);
            let truth = self.duty(&path, duty, done);
            met = truth::both(met, truth);
            self.note_action(&path, RuleKind::Obligation, truth.into(), duty);
            reports.push(self.duty_report(&path, duty, truth.into(), done));
        }
        (met, reports)
    }

    fn duty(&mut self, path: &str, duty: &Rule, done: Done) -> Truth {
        let facts = self.facts;
        if !duty.unknown.is_empty() || !duty.duties.is_empty() || !duty.remedies.is_empty() {
            return Truth::Unknown;
        }
        if self.is_inactive(path, duty) {
            return Truth::True;
        }
        match done {
            Done::Fulfilled => {
                let late = record(facts, path, duty.id.as_deref()).is_some_and(|record| record.late);
                if late { self.consequences(path, duty) } else { Truth::True }
            }
            Done::Violated => {
                self.open(path, duty);
                Truth::False
            }
            Done::NotSet if is_own_duty(&duty.action) => Truth::True,
            Done::NotSet if self.transforms(duty) => {
                let action = duty.action.clone();
                self.modifications.push(Modification { action, path: path.to_owned() });
                Truth::True
            }
            Done::NotSet => {
                self.open(path, duty);
                match (facts.mode.pending, facts.phase.is_use()) {
                    (PendingDuties::Allow, _) | (_, false) => Truth::Deferred,
                    (PendingDuties::Block, true) => Truth::Unknown,
                }
            }
        }
    }

    /// Can the data plane do it on the way, without conditions that it does not know?
    fn transforms(&self, duty: &Rule) -> bool {
        duty.constraints.is_empty()
            && self.facts.mode.transforms.iter().any(|t| short(t) == short(&duty.action))
    }

    /// A duty with a condition that does not hold is not one. Conditions on time say until when it is to be done, and
    /// an amount says what is to be paid; neither lifts it.
    fn is_inactive(&mut self, path: &str, duty: &Rule) -> bool {
        let start = self.clauses.len();
        let mut inactive = false;
        for (n, constraint) in duty.constraints.iter().enumerate() {
            let mut timed = false;
            constraint.each(&mut |a| timed |= WHEN.contains(&short(&a.left)));
            if timed {
                continue;
            }
            let on = super::lookup::On::Request;
            let path = format!("{path}/constraint/{n}");
            let (truth, _) = self.constraint(RuleKind::Obligation, on, &path, constraint);
            inactive |= truth == Truth::False;
        }
        self.clear(start);
        inactive
    }

    /// After a violation the duty itself and every consequence must have been done.
    fn consequences(&mut self, path: &str, duty: &Rule) -> Truth {
        let mut all = Truth::True;
        for (n, consequence) in duty.consequences.iter().enumerate() {
            let path = format!("{path}/consequence/{n}");
            let done = self.done(&path, consequence) == Done::Fulfilled;
            if !done {
                self.open(&path, consequence);
                self.note_action(&path, RuleKind::Obligation, Outcome::NotSatisfied, consequence);
                all = Truth::False;
            }
        }
        all
    }

    /// Writes down that something is still to be done.
    pub(super) fn open(&mut self, path: &str, rule: &Rule) {
        let deadline = deadline(self.facts, rule);
        if let Some(at) = deadline {
            self.may_change(at.plus_millis(1));
        }
        self.open.push(OpenDuty {
            path: path.to_owned(),
            id: rule.id.clone(),
            action: short(&rule.action).to_owned(),
            deadline,
        });
    }
}
