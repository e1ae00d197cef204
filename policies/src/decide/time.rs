//! Comparisons whose answer changes with time.

use super::truth::Truth;
use super::walk::Walk;
use crate::model::{Atomic, Operator};
use crate::terms::short;
use ontology::time::{Timestamp, parse_duration};
use std::cmp::Ordering;

/// Ordered comparison; `None` for operators that do not order.
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

/// `now` against an instant; notes when the answer changes.
pub(super) fn against(walk: &mut Walk<'_>, operator: Operator, limit: Timestamp) -> Truth {
    let after = limit.plus_millis(1);
    match operator {
        Operator::Lt | Operator::Gteq => walk.may_change(limit),
        Operator::Lteq | Operator::Gt => walk.may_change(after),
        _ => {
            walk.may_change(limit);
            walk.may_change(after);
        }
    }
    ordered(operator, walk.facts.now.cmp(&limit)).into()
}

/// Time since the agreement, against a duration.
pub(super) fn elapsed(walk: &mut Walk<'_>, a: &Atomic, limit: &str) -> (Truth, Vec<String>) {
    let (Some(since), Ok(limit)) = (walk.facts.agreed_at, parse_duration(limit)) else {
        return (Truth::Unknown, Vec::new());
    };
    let found = vec![format!("PT{}S", walk.facts.now.minus(since).max(0) / 1000)];
    let operator = match (short(&a.left), a.operator) {
        // By the vocabulary, `eq` names the whole period: in it for elapsedTime, after it for delayPeriod.
        ("elapsedTime", Operator::Eq) => Operator::Lteq,
        ("delayPeriod", Operator::Eq) => Operator::Gteq,
        (_, Operator::Neq) => return (Truth::Unknown, found),
        (_, operator) => operator,
    };
    (against(walk, operator, since.plus_millis(limit)), found)
}

/// EDC's `inForceDate`: an instant, or `contractAgreement+` and a duration such as `30d`.
pub(crate) enum InForce {
    At(Timestamp),
    After(i64),
}

pub(crate) fn in_force(text: &str) -> Option<InForce> {
    let text = text.trim();
    let Some(rest) = text.strip_prefix("contractAgreement") else {
        return Timestamp::parse(text).ok().map(InForce::At);
    };
    let (sign, duration) = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
        (Some(duration), _) => (1, duration),
        (_, Some(duration)) => (-1, duration),
        _ => return None,
    };
    let millis = parse_duration(duration).ok().filter(|ms| *ms >= 0)?;
    Some(InForce::After(sign * millis))
}

/// Judges `inForceDate`; before there is an agreement, a relative date cannot be known yet.
pub(super) fn judge_in_force(walk: &mut Walk<'_>, operator: Operator, limit: &str) -> Truth {
    match (in_force(limit), walk.facts.agreed_at) {
        (Some(InForce::At(at)), _) => against(walk, operator, at),
        (Some(InForce::After(millis)), Some(agreed)) => against(walk, operator, agreed.plus_millis(millis)),
        (Some(InForce::After(_)), None) if !walk.facts.phase.is_use() => Truth::Deferred,
        _ => Truth::Unknown,
    }
}
