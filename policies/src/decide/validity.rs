//! When a policy has had its time.

use super::leaf::DAY;
use super::{InForce, in_force, sort, span};
use crate::model::{Atomic, Constraint, Logic, Operator, Policy};
use crate::support::Sort;
use ontology::time::{Timestamp, read_duration};

impl Policy {
    /// The first instant from which no permission can hold any more, whatever else is or becomes true, when the
    /// contract was concluded at `agreed`. None while at least one permission is not limited in time.
    #[must_use]
    pub fn ends(&self, agreed: Timestamp) -> Option<Timestamp> {
        let each = self.permissions.iter().map(|rule| earliest(&rule.constraints, agreed));
        each.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

/// Only what must hold in any case ends a permission: not the branches of an `or`.
fn earliest(conditions: &[Constraint], agreed: Timestamp) -> Option<Timestamp> {
    conditions
        .iter()
        .filter_map(|condition| match condition {
            Constraint::Atomic(a) => end(a, agreed),
            Constraint::Logical(l) if matches!(l.logic, Logic::And | Logic::AndSequence) => {
                earliest(&l.items, agreed)
            }
            Constraint::Logical(_) => None,
        })
        .min()
}

/// From when on a condition never holds again.
fn end(a: &Atomic, agreed: Timestamp) -> Option<Timestamp> {
    let [right] = a.right.as_slice() else { return None };
    let (operator, limit) = match sort(&a.left)? {
        Sort::Instant => (a.operator, Timestamp::read(&right.value)?),
        Sort::InForce => match in_force(&right.value)? {
            InForce::At(at) => (a.operator, at),
            InForce::After(ms) => (a.operator, agreed.plus_millis(ms)),
        },
        Sort::Duration => (span(&a.left, a.operator)?, agreed.plus_millis(read_duration(&right.value)?)),
        Sort::Days => {
            let days: i64 = right.value.parse().ok()?;
            (a.operator, agreed.plus_millis(days.saturating_mul(DAY)))
        }
        _ => return None,
    };
    match operator {
        Operator::Lt => Some(limit),
        Operator::Lteq | Operator::Eq => Some(limit.plus_millis(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Facts, Phase, Policy, decide};
    use ontology::time::Timestamp;
    use serde_json::{Value, json};

    const AGREED: &str = "2026-05-01T00:00:00Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn ends(permissions: Value) -> Option<Timestamp> {
        Policy::parse(&json!({"@type": "Set", "permission": permissions})).unwrap().ends(at(AGREED))
    }

    fn atom(left: &str, operator: &str, right: &str) -> Value {
        json!({"leftOperand": left, "operator": operator, "rightOperand": right})
    }

    #[test]
    fn a_policy_ends_with_the_last_of_its_permissions() {
        let june = atom("dateTime", "lt", "2026-06-01T00:00:00Z");
        let one = |c: Value| json!([{"action": "use", "constraint": [c]}]);
        for (permissions, expected) in [
            (one(june.clone()), Some("2026-06-01T00:00:00Z")),
            (one(atom("dateTime", "lteq", "2026-06-01T00:00:00Z")), Some("2026-06-01T00:00:00.001Z")),
            (one(atom("elapsedTime", "lteq", "P1D")), Some("2026-05-02T00:00:00.001Z")),
            (one(atom("inForceDate", "lteq", "contractAgreement+1d")), Some("2026-05-02T00:00:00.001Z")),
            (one(atom("delayPeriod", "eq", "P1D")), None),
            (one(atom("dateTime", "gteq", "2026-06-01T00:00:00Z")), None),
            (one(atom("spatial", "eq", "FR")), None),
            (one(json!({"and": [june.clone(), atom("spatial", "eq", "FR")]})), Some("2026-06-01T00:00:00Z")),
            (one(json!({"or": [june.clone(), atom("spatial", "eq", "FR")]})), None),
            (json!([{"action": "use", "constraint": [june.clone()]}, {"action": "use"}]), None),
            (
                json!([{"action": "use", "constraint": [june]},
                    {"action": "use", "constraint": [atom("dateTime", "lt", "2026-07-01T00:00:00Z")]}]),
                Some("2026-07-01T00:00:00Z"),
            ),
        ] {
            assert_eq!(ends(permissions.clone()), expected.map(at), "{permissions}");
        }
    }

    #[test]
    fn it_permits_until_then_and_not_from_then_on() {
        for (left, operator, right) in [
            ("dateTime", "lt", "2026-06-01T00:00:00Z"),
            ("dateTime", "lteq", "2026-06-01T00:00:00Z"),
            ("elapsedTime", "lteq", "P1D"),
            ("elapsedTime", "eq", "P1D"),
            ("inForceDate", "lteq", "contractAgreement+1d"),
        ] {
            let policy = Policy::parse(&json!({"@type": "Set",
                "permission": [{"action": "use", "constraint": [atom(left, operator, right)]}]}))
            .unwrap();
            let end = policy.ends(at(AGREED)).unwrap();
            let permits = |now| {
                let facts = Facts {
                    now,
                    phase: Phase::Transfer,
                    action: "use".to_owned(),
                    agreed_at: Some(at(AGREED)),
                    uses: Some(1),
                    ..Facts::default()
                };
                decide(&policy, &facts).permitted
            };
            assert!(permits(end.plus_millis(-1)), "{left} {operator}");
            assert!(!permits(end), "{left} {operator}");
        }
    }
}
