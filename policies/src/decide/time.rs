//! Comparisons whose answer changes with time.

use super::Walk;
use super::truth::Truth;
use crate::model::{Atomic, Operator};
use ontology::time::{Timestamp, parse_duration};
use std::cmp::Ordering;

/// Ordered comparison.
pub(super) fn ordered(operator: Operator, ordering: Ordering) -> Option<bool> {
    Some(match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Neq => ordering.is_ne(),
        Operator::Lt => ordering.is_lt(),
        Operator::Lteq => ordering.is_le(),
        Operator::Gt => ordering.is_gt(),
        Operator::Gteq => ordering.is_ge(),
        _ => return None,
    })
}

/// `now` against an instant; notes when the answer can change.
pub(super) fn against(walk: &mut Walk<'_>, operator: Operator, limit: Timestamp) -> Truth {
    // The answer can change when the limit is reached, and again just after it.
    walk.may_change(limit);
    walk.may_change(limit.plus_millis(1));
    ordered(operator, walk.facts.now.cmp(&limit)).map_or(Truth::Unknown, Truth::from)
}

/// Time since the agreement, against a duration.
pub(super) fn elapsed(walk: &mut Walk<'_>, a: &Atomic) -> (Truth, Vec<String>) {
    let (Some(since), Some(limit)) =
        (walk.facts.agreed_at, a.right.first().and_then(|r| parse_duration(&r.value).ok()))
    else {
        return (Truth::Unknown, Vec::new());
    };
    let found = vec![format!("PT{}S", walk.facts.now.minus(since) / 1000)];
    (against(walk, a.operator, since.plus_millis(limit)), found)
}

/// EDC's `inForceDate`: an instant, or `contractAgreement+` and a duration such as `30d`.
pub(crate) enum InForce {
    At(Timestamp),
    After(i64),
}

pub(crate) fn in_force(text: &str) -> Option<InForce> {
    match text.strip_prefix("contractAgreement") {
        Some(rest) => {
            let negative = rest.starts_with('-');
            let millis = parse_duration(rest.trim_start_matches(['+', '-'])).ok()?;
            Some(InForce::After(if negative { -millis } else { millis }))
        }
        None => Timestamp::parse(text).ok().map(InForce::At),
    }
}

/// Judges `inForceDate`; before there is an agreement, a relative date cannot be known yet.
pub(super) fn judge_in_force(walk: &mut Walk<'_>, a: &Atomic) -> Truth {
    match (a.right.first().and_then(|r| in_force(&r.value)), walk.facts.agreed_at) {
        (Some(InForce::At(at)), _) => against(walk, a.operator, at),
        (Some(InForce::After(millis)), Some(agreed)) => against(walk, a.operator, agreed.plus_millis(millis)),
        (Some(InForce::After(_)), None) if !walk.facts.phase.is_use() => Truth::Deferred,
        _ => Truth::Unknown,
    }
}
