//! Sets of values on a line.

use crate::decide::Truth;
use crate::model::Operator;
use oxsdatatypes::Decimal;

/// An end of an interval: a value, and whether it belongs to it. `None` is without end.
type End = Option<(Decimal, bool)>;

/// An interval that is not empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) low: End,
    pub(super) high: End,
}

impl Interval {
    pub(super) const fn everything() -> Self {
        Self { low: None, high: None }
    }

    fn meet(self, other: Self) -> Option<Self> {
        let low = match (self.low, other.low) {
            (Some((a, x)), Some((b, y))) => Some(if a == b {
                (a, x && y)
            } else if a > b {
                (a, x)
            } else {
                (b, y)
            }),
            (a, b) => a.or(b),
        };
        let high = match (self.high, other.high) {
            (Some((a, x)), Some((b, y))) => Some(if a == b {
                (a, x && y)
            } else if a < b {
                (a, x)
            } else {
                (b, y)
            }),
            (a, b) => a.or(b),
        };
        let apart = matches!((low, high), (Some((l, x)), Some((h, y))) if l > h || (l == h && !(x && y)));
        (!apart).then_some(Self { low, high })
    }
}

/// A union of intervals.
pub(super) type Set = Vec<Interval>;

pub(super) fn meet(a: &Set, b: &Set) -> Set {
    a.iter().flat_map(|x| b.iter().filter_map(|y| x.meet(*y))).collect()
}

/// The values that a comparison, or its negation, admits. `None` when the operator does not order. `whole` is for
/// values that are whole numbers.
pub(super) fn admitted(operator: Operator, right: &[Decimal], positive: bool, whole: bool) -> Option<Set> {
    let below = |v: Decimal, closed: bool| Interval { low: None, high: Some((v, closed)) };
    let above = |v: Decimal, closed: bool| Interval { low: Some((v, closed)), high: None };
    let point = |v: Decimal| Interval { low: Some((v, true)), high: Some((v, true)) };
    let sides = |v: Decimal| vec![below(v, false), above(v, false)];
    let one = || match right {
        [v] => Some(*v),
        _ => None,
    };
    let set = match (operator, positive) {
        (Operator::Lt, true) | (Operator::Gteq, false) => vec![below(one()?, false)],
        (Operator::Lteq, true) | (Operator::Gt, false) => vec![below(one()?, true)],
        (Operator::Gt, true) | (Operator::Lteq, false) => vec![above(one()?, false)],
        (Operator::Gteq, true) | (Operator::Lt, false) => vec![above(one()?, true)],
        (Operator::Eq, true) | (Operator::Neq, false) => vec![point(one()?)],
        (Operator::Neq, true) | (Operator::Eq, false) => sides(one()?),
        (Operator::IsAnyOf, true) | (Operator::IsNoneOf, false) => right.iter().map(|v| point(*v)).collect(),
        (Operator::IsNoneOf, true) | (Operator::IsAnyOf, false) => {
            right.iter().fold(vec![Interval::everything()], |set, v| meet(&set, &sides(*v)))
        }
        _ => return None,
    };
    Some(if whole { set.into_iter().filter_map(snapped).collect() } else { set })
}

/// The interval of whole numbers within one.
fn snapped(interval: Interval) -> Option<Interval> {
    let one = Decimal::from(1);
    let low = match interval.low {
        Some((v, closed)) => {
            let up = v.checked_ceil()?;
            Some((if up == v && !closed { up.checked_add(one)? } else { up }, true))
        }
        None => None,
    };
    let high = match interval.high {
        Some((v, closed)) => {
            let down = v.checked_floor()?;
            Some((if down == v && !closed { down.checked_sub(one)? } else { down }, true))
        }
        None => None,
    };
    Interval { low, high: None }.meet(Interval { low: None, high })
}

/// Is there a value of the first set that is at most some value of the second?
pub(super) fn can_precede(first: &Set, second: &Set) -> Truth {
    let possible = first.iter().any(|a| {
        second.iter().any(|b| match (a.low, b.high) {
            (Some((l, x)), Some((h, y))) => l < h || (l == h && x && y),
            _ => true,
        })
    });
    possible.into()
}
