//! Conditions.

use super::truth::{self, Truth};
use super::walk::Walk;
use super::{Outcome, RuleKind, time, value};
use crate::facts::Phase;
use crate::model::{Atomic, Constraint, Logic, Operator};
use crate::support::{Sort, sort};
use crate::terms::{SIGNED_AGREEMENT, short};
use ontology::time::Timestamp;
use oxsdatatypes::Decimal;
use std::str::FromStr;

impl Walk<'_> {
    /// Judges a condition and writes its clauses down.
    pub(super) fn constraint(&mut self, kind: RuleKind, path: &str, c: &Constraint) -> Truth {
        let (logic, items) = match c {
            Constraint::Atomic(a) => return self.atomic(kind, path, a),
            Constraint::Logical(logic, items) => (*logic, items),
        };
        let start = self.clauses.len();
        let results: Vec<Truth> = items
            .iter()
            .enumerate()
            .map(|(n, item)| self.constraint(kind, &format!("{path}/{}/{n}", logic.name()), item))
            .collect();
        let truth = match logic {
            // Without a history of when each became true, the order cannot be seen; all must hold.
            Logic::And | Logic::AndSequence => truth::all(&results),
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
        truth
    }

    fn atomic(&mut self, kind: RuleKind, path: &str, a: &Atomic) -> Truth {
        let (truth, found) = if !a.unknown.is_empty() || a.unit.is_some() {
            (Truth::Unknown, Vec::new())
        } else if is_later(&a.left, self.facts.phase) {
            (Truth::Deferred, Vec::new())
        } else {
            self.compare(a)
        };
        let right = a.right.iter().map(|r| r.value.clone()).collect();
        let clause = (short(&a.left), a.operator.name(), right);
        self.note(path.to_owned(), kind, Outcome::from(truth), clause, found);
        self.not_understood(path, kind, &a.unknown);
        truth
    }

    fn compare(&mut self, a: &Atomic) -> (Truth, Vec<String>) {
        let facts = self.facts;
        let only = match a.right.as_slice() {
            [one] => Some(one.value.as_str()),
            _ => None,
        };
        match (sort(&a.left), only) {
            (Some(Sort::Instant), Some(limit)) => {
                let truth =
                    Timestamp::parse(limit).map_or(Truth::Unknown, |at| time::against(self, a.operator, at));
                (truth, vec![facts.now.to_rfc3339()])
            }
            (Some(Sort::Duration), Some(limit)) => time::elapsed(self, a, limit),
            (Some(Sort::InForce), Some(limit)) => {
                (time::judge_in_force(self, a.operator, limit), vec![facts.now.to_rfc3339()])
            }
            (Some(Sort::Number), Some(limit)) => match (facts.uses, Decimal::from_str(limit)) {
                (Some(uses), Ok(limit)) => {
                    let ordering = Decimal::from(uses).cmp(&limit);
                    (time::ordered(a.operator, ordering).into(), vec![uses.to_string()])
                }
                (uses, _) => (Truth::Unknown, uses.map(|n| n.to_string()).into_iter().collect()),
            },
            (Some(Sort::Flag), Some("true")) if a.left == SIGNED_AGREEMENT && a.operator == Operator::Eq => {
                // The negotiation sees to it: without both signatures no contract comes into force.
                if facts.phase.is_use() {
                    (Truth::True, vec!["true".to_owned()])
                } else {
                    (Truth::Deferred, Vec::new())
                }
            }
            (Some(Sort::Place), _) => {
                let found = value::places_of(&facts.claims, &a.left);
                (value::places(a, &found), found)
            }
            (Some(Sort::Text), _) => {
                let found = value::texts_of(facts, &a.left);
                let truth = if short(&a.left) == "purpose" {
                    value::purposes(a, &found)
                } else {
                    value::texts(a, &found)
                };
                (truth, found)
            }
            _ => (Truth::Unknown, Vec::new()),
        }
    }
}

/// Is this operand judged at a later stage than this one?
fn is_later(left: &str, phase: Phase) -> bool {
    match short(left) {
        "count" | "elapsedTime" | "delayPeriod" => !phase.is_use(),
        "purpose" => phase == Phase::Catalogue,
        _ => false,
    }
}
