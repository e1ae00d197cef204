//! Events, payments and uses over time.

use super::leaf::same_unit;
use super::time::Change;
use super::truth::Truth;
use crate::facts::Facts;
use crate::model::{Atomic, Operand, Operator, number};
use crate::terms::short;
use ontology::time::Timestamp;
use oxsdatatypes::Decimal;

/// Is the use before, during or after the event? `policyUsage` is the use itself.
pub(crate) fn judge(facts: &Facts, operator: Operator, right: &[Operand], change: Change<'_>) -> Truth {
    let [wanted] = right else { return Truth::Unknown };
    if short(&wanted.value) == "policyUsage" {
        return match operator {
            Operator::Eq | Operator::Lteq | Operator::Gteq if facts.phase.is_use() => Truth::True,
            Operator::Eq | Operator::Lteq | Operator::Gteq => Truth::Deferred,
            _ => Truth::Unknown,
        };
    }
    let Some(events) = facts.world.events.as_deref() else { return Truth::Unknown };
    // An event may come again; its latest occurrence that has begun counts, or else the next to come.
    let of_it = || events.iter().filter(|e| e.id == wanted.value);
    let begun = of_it().filter(|e| e.start <= facts.now).max_by_key(|e| e.start);
    let Some(event) = begun.or_else(|| of_it().min_by_key(|e| e.start)) else {
        // It has not happened, and nothing says when it will.
        return match operator {
            Operator::Lt | Operator::Lteq => Truth::True,
            Operator::Eq | Operator::Gt | Operator::Gteq => Truth::False,
            _ => Truth::Unknown,
        };
    };
    change(event.start);
    if let Some(end) = event.end {
        change(end.plus_millis(1));
    }
    let (begun, over) = (facts.now >= event.start, event.end.is_some_and(|end| facts.now > end));
    match operator {
        Operator::Lt => (!begun).into(),
        Operator::Lteq => (!over).into(),
        Operator::Eq => (begun && !over).into(),
        Operator::Gteq => begun.into(),
        Operator::Gt => over.into(),
        Operator::Neq => (!begun || over).into(),
        _ => Truth::Unknown,
    }
}

/// What was paid in a unit; without one, what was paid in the only unit there is.
pub(crate) fn paid(facts: &Facts, unit: Option<&str>) -> Option<Decimal> {
    let payments = facts.world.paid.as_deref()?;
    let first = payments.first().map(|p| p.unit.as_str());
    let mut sum = Decimal::from(0);
    for payment in payments.iter().filter(|p| p.at <= facts.now) {
        if unit.or(first).is_some_and(|unit| same_unit(unit, &payment.unit)) {
            sum = sum.checked_add(number(&payment.amount)?)?;
        } else if unit.is_none() {
            // Without a unit in the policy, money of two currencies cannot be added up.
            return None;
        }
    }
    Some(sum)
}

/// How many uses fall into the last `period`, this one included.
pub(crate) fn uses_within(now: Timestamp, earlier: &[Timestamp], period: i64, change: Change<'_>) -> u64 {
    let mut uses = 1;
    for at in earlier {
        let out = at.plus_millis(period);
        if *at <= now && now < out {
            uses += 1;
            change(out);
        }
    }
    uses
}

/// Does what was paid reach the amount of a condition on `payAmount`? Who paid more than was asked has paid.
pub(crate) fn covers(facts: &Facts, a: &Atomic) -> bool {
    let [amount] = a.right.as_slice() else { return false };
    let enough = matches!(a.operator, Operator::Eq | Operator::Gteq | Operator::Gt);
    match (paid(facts, a.unit.as_deref()), number(&amount.value)) {
        (Some(paid), Some(amount)) if enough => {
            paid > amount || (paid == amount && a.operator != Operator::Gt)
        }
        _ => false,
    }
}
