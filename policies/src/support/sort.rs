//! What kind of values the operands have that this connector enforces by itself, and what can be compared with them.

use crate::catena_x::{self, Answer};
use crate::decide::{in_force, place};
use crate::model::{Atomic, Operator};
use crate::terms::{CLAIM_NS, OPERANDS, SIGNED_AGREEMENT, short};
use ontology::time::{Timestamp, parse_duration};
use ontology::{edc, gx};
use oxsdatatypes::Decimal;
use std::str::FromStr;

/// What kind of values an operand has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Instant,
    Duration,
    Number,
    Place,
    Text,
    Flag,
    InForce,
    /// Time since the last use.
    Interval,
    /// Time of use so far.
    Metered,
    /// Before, during or after something happens.
    Event,
    /// Money.
    Paid,
    /// Days since the agreement.
    Days,
    Version,
    /// BCP 47.
    Language,
    /// A domain or a network.
    Location,
    /// A term that a hierarchy may order.
    Term,
    /// By what the values look like.
    Free,
}

pub(crate) fn sort(left: &str) -> Option<Sort> {
    let name = short(left);
    if OPERANDS.contains(&name) {
        return Some(match name {
            "dateTime" => Sort::Instant,
            "elapsedTime" | "delayPeriod" => Sort::Duration,
            "count" => Sort::Number,
            "spatial" => Sort::Place,
            "timeInterval" => Sort::Interval,
            "meteredTime" => Sort::Metered,
            "event" => Sort::Event,
            "payAmount" => Sort::Paid,
            _ => Sort::Text,
        });
    }
    // Of Catena-X's operands the clock answers some; the others are claims that nobody gives us, or contract terms.
    if let Some(answer) = catena_x::answer(left) {
        return match answer {
            Answer::Date => Some(Sort::Instant),
            Answer::Days => Some(Sort::Days),
            Answer::Claim | Answer::Contract => None,
        };
    }
    if left == SIGNED_AGREEMENT {
        return Some(Sort::Flag);
    }
    if left == edc::IN_FORCE_DATE {
        return Some(Sort::InForce);
    }
    if left.starts_with(gx::NS) || left.starts_with("gx:") {
        return Some(if left.ends_with("ountryCode") { Sort::Place } else { Sort::Text });
    }
    left.starts_with(CLAIM_NS).then_some(Sort::Text)
}

pub(super) fn takes_one(operator: Operator) -> bool {
    use Operator::{Eq, Gt, Gteq, IsA, Lt, Lteq, Neq};
    matches!(operator, Eq | Neq | Lt | Lteq | Gt | Gteq | IsA)
}

/// Is it a region, in which countries lie?
pub(crate) fn is_region(text: &str) -> bool {
    ontology::place::canonical(text).is_none()
        && place(text).is_some_and(|code| ontology::place::name(code, "en").is_some())
}

pub(super) fn fits(sort: Sort, a: &Atomic) -> bool {
    use Operator::{Eq, Gt, Gteq, HasPart, IsA, IsAllOf, IsAnyOf, IsNoneOf, IsPartOf, Lt, Lteq, Neq};
    let ordered = matches!(a.operator, Eq | Neq | Lt | Lteq | Gt | Gteq);
    let set = matches!(a.operator, Eq | Neq | IsA | IsAnyOf | IsNoneOf | IsAllOf);
    if takes_one(a.operator) && a.right.len() != 1 {
        return false;
    }
    match sort {
        Sort::Instant | Sort::Number | Sort::InForce => ordered,
        Sort::Duration => ordered && a.operator != Neq,
        Sort::Event | Sort::Paid => ordered,
        Sort::Interval => matches!(a.operator, Eq | Gt | Gteq),
        Sort::Metered | Sort::Days => matches!(a.operator, Eq | Lt | Lteq),
        Sort::Place => set || matches!(a.operator, IsPartOf | HasPart),
        // Purposes lie within each other.
        Sort::Text => set || (a.operator == IsPartOf && short(&a.left) == "purpose"),
        Sort::Flag => a.operator == Eq,
        _ => false,
    }
}

pub(super) fn readable(sort: Sort, text: &str) -> bool {
    match sort {
        Sort::Instant => Timestamp::parse(text).is_ok(),
        Sort::Duration | Sort::Interval | Sort::Metered => parse_duration(text).is_ok(),
        Sort::Days => text.parse::<u32>().is_ok(),
        Sort::Number | Sort::Paid => Decimal::from_str(text).is_ok(),
        Sort::Place => place(text).is_some(),
        Sort::InForce => in_force(text).is_some(),
        Sort::Flag => text == "true",
        _ => !text.is_empty(),
    }
}
