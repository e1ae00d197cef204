//! Conditions.

use super::leaf::Leaf;
use super::lookup::On;
use super::report::{Part, Premise};
use super::truth::{self, Truth};
use super::walk::Walk;
use super::{Outcome, RuleKind};
use crate::model::{Atomic, Constraint, Logic, Logical};
use crate::terms::short;

impl Walk<'_> {
    /// Judges a condition and writes its clauses down.
    pub(super) fn constraint(
        &mut self,
        kind: RuleKind,
        on: On,
        path: &str,
        c: &Constraint,
    ) -> (Truth, Premise) {
        let (truth, items) = match c {
            Constraint::Atomic(a) => (self.atomic(kind, on, path, a), Vec::new()),
            Constraint::Logical(l) => self.logical(kind, on, path, l),
        };
        let id = c.id().map(str::to_owned);
        (truth, Premise { part: Part::Constraint, path: path.to_owned(), id, outcome: truth.into(), items })
    }

    fn logical(&mut self, kind: RuleKind, on: On, path: &str, l: &Logical) -> (Truth, Vec<Premise>) {
        let start = self.clauses.len();
        let (mut results, mut items) = (Vec::new(), Vec::new());
        for (n, item) in l.items.iter().enumerate() {
            let (truth, item) = self.constraint(kind, on, &format!("{path}/{}/{n}", l.logic.name()), item);
            results.push(truth);
            items.push(item);
        }
        let truth = match l.logic {
            Logic::And => truth::all(&results),
            Logic::AndSequence => truth::both(truth::all(&results), self.in_order(path, l.items.len())),
            Logic::Or => truth::any(&results),
            Logic::Xone => truth::one(&results),
        };
        let harmless = match kind {
            RuleKind::Prohibition => matches!(truth, Truth::False | Truth::Deferred),
            _ => matches!(truth, Truth::True | Truth::Deferred),
        };
        if harmless {
            self.clear(start);
        } else {
            self.blame(start);
        }
        (truth, items)
    }

    /// Did the conditions become true one after the other? Where nobody kept the times, that all hold must do;
    /// where some are kept, one that is missing leaves the order open.
    fn in_order(&self, path: &str, count: usize) -> Truth {
        let became = &self.facts.world.became;
        let times: Vec<_> = (0..count).map(|n| became.get(&format!("{path}/andSequence/{n}"))).collect();
        if times.iter().all(Option::is_none) {
            return Truth::True;
        }
        match times.into_iter().collect::<Option<Vec<_>>>() {
            Some(times) => times.is_sorted().into(),
            None => Truth::Unknown,
        }
    }

    fn atomic(&mut self, kind: RuleKind, on: On, path: &str, a: &Atomic) -> Truth {
        let keys = super::lookup::keys(&a.left);
        let leaf = Leaf::new(self.facts, on, a, &keys);
        let truth = leaf.judge(&mut |at| super::walk::sooner(&mut self.next, self.facts.now, at));
        let undecided = !a.unknown.is_empty() || truth == Truth::Deferred;
        let found = if undecided { Vec::new() } else { leaf.found() };
        let right: Vec<String> = match a.references.as_slice() {
            [] => a.right.iter().map(|r| r.value.clone()).collect(),
            references => references.to_vec(),
        };
        self.note(path.to_owned(), kind, truth.into(), (short(&a.left), a.operator.name(), right), found);
        if a.credential.is_some() && truth != Truth::True {
            self.set_aside(super::credential::not_counted(self.facts, a));
        }
        self.not_understood(path, kind, &a.unknown);
        if !a.references.is_empty() {
            let clause = ("rightOperandReference", "", Vec::new());
            self.note(format!("{path}/rightOperandReference"), kind, Outcome::Unknown, clause, Vec::new());
        }
        truth
    }
}
