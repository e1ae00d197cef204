//! Comparisons whose answer changes with time.

use super::truth::Truth;
use super::value::ordered;
use crate::model::Operator;
use crate::terms::short;
use ontology::time::{Timestamp, read_duration};

/// Called with each instant at which time alone can change the answer.
pub(crate) type Change<'a> = &'a mut dyn FnMut(Timestamp);

/// `now` against an instant; tells when the answer changes.
pub(crate) fn against(now: Timestamp, operator: Operator, limit: Timestamp, change: Change<'_>) -> Truth {
    let after = limit.plus_millis(1);
    match operator {
        Operator::Lt | Operator::Gteq => change(limit),
        Operator::Lteq | Operator::Gt => change(after),
        _ => {
            change(limit);
            change(after);
        }
    }
    ordered(operator, now.cmp(&limit)).into()
}

/// The operator for a span of time. By the vocabulary, `eq` names the whole period: in it for elapsedTime and
/// meteredTime, after it for delayPeriod and timeInterval. `None` where `neq` has no meaning.
pub(crate) fn span(left: &str, operator: Operator) -> Option<Operator> {
    match (short(left), operator) {
        ("elapsedTime" | "meteredTime", Operator::Eq) => Some(Operator::Lteq),
        ("delayPeriod" | "timeInterval", Operator::Eq) => Some(Operator::Gteq),
        (_, Operator::Neq) => None,
        (_, operator) => Some(operator),
    }
}

/// EDC's `inForceDate`: an instant, or `contractAgreement+` and a duration such as `30d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InForce {
    At(Timestamp),
    After(i64),
}

pub(crate) fn in_force(text: &str) -> Option<InForce> {
    let text = text.trim();
    let Some(rest) = text.strip_prefix("contractAgreement") else {
        return Timestamp::read(text).map(InForce::At);
    };
    let (sign, duration) = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
        (Some(duration), _) => (1, duration),
        (_, Some(duration)) => (-1, duration),
        _ => return None,
    };
    let millis = read_duration(duration).filter(|ms| *ms >= 0)?;
    Some(InForce::After(sign * millis))
}
