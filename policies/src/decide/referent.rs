//! Is the request about this asset or party?

use super::truth::{Truth, not};
use super::value;
use crate::facts::Facts;
use crate::model::{Operand, Operator};

/// Most steps from a member to its collections, so that a circle ends too.
const MOST_STEPS: u32 = 1024;

/// Is `member` a part of `collection`, directly or through other collections? `None` when membership is not known.
pub(crate) fn is_member(facts: &Facts, member: &str, collection: &str) -> Option<bool> {
    fn climbs(
        parts: &std::collections::BTreeMap<String, Vec<String>>,
        from: &str,
        to: &str,
        steps: &mut u32,
    ) -> bool {
        let Some(left) = steps.checked_sub(1) else { return false };
        *steps = left;
        parts
            .get(from)
            .is_some_and(|above| above.iter().any(|next| next == to || climbs(parts, next, to, steps)))
    }
    let parts = facts.world.collections.as_ref()?;
    Some(climbs(parts, member, collection, &mut { MOST_STEPS }))
}

/// Does the name in a rule stand for `actual`? A plain name stands for itself and, if it is a collection, for its
/// members; what is said to be a collection stands for its members only.
pub(crate) fn names(facts: &Facts, named: &str, collection: bool, actual: Option<&str>) -> Truth {
    let Some(actual) = actual else { return Truth::Unknown };
    if actual == named && !collection {
        return Truth::True;
    }
    match is_member(facts, actual, named) {
        Some(member) => member.into(),
        None if collection => Truth::Unknown,
        None => Truth::False,
    }
}

/// Comparison of the consumer; `isPartOf` and `isA` ask for membership.
pub(crate) fn recipient(facts: &Facts, operator: Operator, right: &[Operand]) -> Truth {
    let Some(actual) = facts.assignee.as_deref() else { return Truth::Unknown };
    let mut any = Truth::False;
    for operand in right {
        let truth = names(facts, &operand.value, false, Some(actual));
        if truth == Truth::True || any == Truth::False {
            any = truth;
        }
    }
    match (operator, right.len()) {
        (_, 0) => Truth::Unknown,
        (Operator::Eq | Operator::IsA | Operator::IsPartOf, 1) => any,
        (Operator::Neq, 1) | (Operator::IsNoneOf, _) => not(any),
        (Operator::IsAnyOf | Operator::IsPartOf, _) => any,
        _ => value::texts(
            operator,
            right,
            std::slice::from_ref(facts.assignee.as_ref().unwrap_or(&String::new())),
        ),
    }
}
