//! Permissions, prohibitions and obligations.

use super::lookup::On;
use super::report::{Done, Part, Premise, RuleReport};
use super::truth::{self, Truth};
use super::walk::Walk;
use super::{Outcome, RuleKind, referent};
use crate::model::{Constraint, Referent, Rule};
use crate::terms::{is_own_duty, short};

/// What was found of a rule.
struct Judged {
    truth: Truth,
    covers: bool,
    attempted: Truth,
    premises: Vec<Premise>,
}

impl Walk<'_> {
    /// Does this permission grant what is asked?
    pub(super) fn permission(&mut self, path: &str, rule: &Rule) -> bool {
        let (start, next, open) = (self.clauses.len(), self.next, self.open.len());
        let judged = self.applies(path, RuleKind::Permission, rule);
        // A duty may have conditions, but a permission has no consequence and no remedy.
        let sound = self.misplaced(
            path,
            RuleKind::Permission,
            &[("consequence", &rule.consequences), ("remedy", &rule.remedies)],
        );
        let (met, conditions) = self.duties(path, rule);
        let truth = truth::both(truth::both(judged.truth, sound), met);
        let granted = judged.covers && matches!(truth, Truth::True | Truth::Deferred);
        if granted || !judged.covers {
            self.clear(start);
        }
        if !judged.covers {
            // When a rule about something else changes, and what it demands, is of no interest.
            self.next = next;
            self.open.truncate(open);
        }
        let activation = if judged.covers { truth.into() } else { Outcome::NotSatisfied };
        self.report(path, RuleKind::Permission, rule, activation, judged, conditions);
        granted
    }

    /// Does this prohibition forbid what is asked? One that cannot be decided does; one that is decided at a
    /// later stage does not yet.
    pub(super) fn prohibition(&mut self, path: &str, rule: &Rule) -> bool {
        let (start, next) = (self.clauses.len(), self.next);
        let judged = self.applies(path, RuleKind::Prohibition, rule);
        let sound = self.misplaced(
            path,
            RuleKind::Prohibition,
            &[("consequence", &rule.consequences), ("duty", &rule.duties)],
        );
        // Not even a false condition makes a rule harmless when part of it is not understood.
        let truth = if sound == Truth::True { judged.truth } else { Truth::Unknown };
        let active = judged.covers && !matches!(truth, Truth::False | Truth::Deferred);
        if !judged.covers {
            // A part of the use is forbidden, which only the user can observe.
            self.next = next;
            self.clear(start);
            self.note_action(path, RuleKind::Prohibition, Outcome::Contractual, rule);
        } else if !active {
            self.clear(start);
        } else if self.clauses.len() == start {
            self.note_action(path, RuleKind::Prohibition, Outcome::Satisfied, rule);
        } else {
            self.blame(start);
        }
        let activation = if judged.covers { truth.into() } else { Outcome::NotSatisfied };
        self.report(path, RuleKind::Prohibition, rule, activation, judged, Vec::new());
        active
    }

    /// Obligations bind by contract, but for those that the connector fulfils itself and those whose state the
    /// ledger knows.
    pub(super) fn obligation(&mut self, path: &str, rule: &Rule) {
        let done = self.done(path, rule);
        let outcome = match done {
            Done::Fulfilled => Outcome::Satisfied,
            Done::Violated => Outcome::NotSatisfied,
            Done::NotSet if is_own_duty(&rule.action) => Outcome::Satisfied,
            Done::NotSet => Outcome::Contractual,
        };
        self.note_action(path, RuleKind::Obligation, outcome, rule);
        if done != Done::Fulfilled && !is_own_duty(&rule.action) {
            self.open(path, rule);
        }
        let report = self.duty_report(path, rule, outcome, done);
        self.report.rules.push(report);
    }

    /// Is the request what the rule is about, with all its conditions?
    pub(super) fn matches(&mut self, path: &str, kind: RuleKind, rule: &Rule) -> bool {
        let judged = self.applies(path, kind, rule);
        let undecided = kind == RuleKind::Prohibition && judged.truth == Truth::Unknown;
        judged.covers && (judged.truth == Truth::True || undecided)
    }

    pub(super) fn duty_report(&self, path: &str, rule: &Rule, activation: Outcome, done: Done) -> RuleReport {
        RuleReport {
            path: path.to_owned(),
            id: rule.id.clone(),
            kind: RuleKind::Obligation,
            action: rule.action.clone(),
            activation,
            attempted: if done == Done::Fulfilled { Outcome::Satisfied } else { Outcome::Unknown },
            done,
            deadline: super::duty::deadline(self.facts, rule),
            premises: Vec::new(),
            conditions: Vec::new(),
        }
    }

    fn report(
        &mut self,
        path: &str,
        kind: RuleKind,
        rule: &Rule,
        activation: Outcome,
        judged: Judged,
        conditions: Vec<RuleReport>,
    ) {
        self.report.rules.push(RuleReport {
            path: path.to_owned(),
            id: rule.id.clone(),
            kind,
            action: rule.action.clone(),
            activation,
            attempted: judged.attempted.into(),
            done: Done::NotSet,
            deadline: None,
            premises: judged.premises,
            conditions,
        });
    }

    pub(super) fn note_action(&mut self, path: &str, kind: RuleKind, outcome: Outcome, rule: &Rule) {
        let right = vec![short(&rule.action).to_owned()];
        self.note(path.to_owned(), kind, outcome, ("action", "eq", right), Vec::new());
    }

    /// Rules that have no meaning where they stand make their owner undecidable.
    fn misplaced(&mut self, path: &str, kind: RuleKind, members: &[(&str, &Vec<Rule>)]) -> Truth {
        let mut truth = Truth::True;
        for (name, rules) in members {
            if !rules.is_empty() {
                let clause = (*name, "", Vec::new());
                self.note(format!("{path}/{name}"), kind, Outcome::Unknown, clause, Vec::new());
                truth = Truth::Unknown;
            }
        }
        truth
    }

    /// Party, target, action and constraints together.
    fn applies(&mut self, path: &str, kind: RuleKind, rule: &Rule) -> Judged {
        let (policy, facts) = (self.policy, self.facts);
        let unknown = self.not_understood(path, kind, &rule.unknown);
        let covers = self.actions.cover(&rule.action, &facts.action);
        let mut premises = Vec::new();
        let (assignee, premise) = self.same(
            (path, kind, "assignee", On::Party),
            rule.assignee.as_ref(),
            policy.assignee.as_deref(),
            facts.assignee.as_deref(),
        );
        premises.extend(premise);
        let (target, premise) = self.same(
            (path, kind, "target", On::Asset),
            rule.target.as_ref(),
            policy.target.as_deref(),
            facts.target.as_deref(),
        );
        premises.extend(premise);
        let (refined, items) =
            self.list(kind, On::Action, &format!("{path}/action/refinement"), &rule.refinements);
        let action = truth::both(covers.into(), refined);
        if !rule.action.is_empty() {
            let path = format!("{path}/action");
            premises.push(Premise { part: Part::Action, path, id: None, outcome: action.into(), items });
        }
        let (constraints, items) =
            self.list(kind, On::Request, &format!("{path}/constraint"), &rule.constraints);
        premises.extend(items);
        let truth = truth::all(&[assignee, target, refined, constraints]);
        Judged {
            // Not even a false condition makes a rule harmless when part of it is not understood.
            truth: if unknown { Truth::Unknown } else { truth },
            covers,
            attempted: truth::all(&[assignee, target, action]),
            premises,
        }
    }

    /// Conditions that must all hold.
    pub(super) fn list(
        &mut self,
        kind: RuleKind,
        on: On,
        path: &str,
        constraints: &[Constraint],
    ) -> (Truth, Vec<Premise>) {
        let (mut results, mut items) = (Vec::new(), Vec::new());
        for (n, constraint) in constraints.iter().enumerate() {
            let (truth, item) = self.constraint(kind, on, &format!("{path}/{n}"), constraint);
            results.push(truth);
            items.push(item);
        }
        (truth::all(&results), items)
    }

    /// Is the rule about this party or target? It is when it names none.
    fn same(
        &mut self,
        (path, kind, what, on): (&str, RuleKind, &str, On),
        own: Option<&Referent>,
        head: Option<&str>,
        actual: Option<&str>,
    ) -> (Truth, Option<Premise>) {
        let facts = self.facts;
        let (id, collection) = match own {
            Some(referent) => (referent.id.as_deref(), referent.collection),
            None => (head, false),
        };
        if id.is_none() && own.is_none() {
            return (Truth::True, None);
        }
        let path = format!("{path}/{what}");
        let mut truth = Truth::True;
        if let Some(id) = id {
            // A narrowed name stands for those of its members that satisfy the refinements.
            let narrowed = collection || own.is_some_and(|r| !r.refinements.is_empty());
            truth = referent::names(facts, id, narrowed, actual);
            // Membership may be stated of the collection's own name as well as of its source.
            if let Some(uid) = own.and_then(|r| r.uid.as_deref()) {
                truth = truth::any(&[truth, referent::names(facts, uid, true, actual)]);
            }
        }
        if truth != Truth::True {
            let right = id.iter().map(|id| (*id).to_owned()).collect();
            let found = actual.into_iter().map(str::to_owned).collect();
            self.note(path.clone(), kind, truth.into(), (what, "eq", right), found);
        }
        let mut items = Vec::new();
        if let Some(referent) = own {
            if self.not_understood(&path, kind, &referent.unknown) {
                truth = truth::both(truth, Truth::Unknown);
            }
            let (refined, found) = self.list(kind, on, &format!("{path}/refinement"), &referent.refinements);
            truth = truth::both(truth, refined);
            items = found;
        }
        let part = if on == On::Party { Part::Party } else { Part::Target };
        (truth, Some(Premise { part, path, id: id.map(str::to_owned), outcome: truth.into(), items }))
    }
}
