//! Comparisons of values, without allocation.

use super::truth::{Truth, not};
use crate::facts::Hierarchy;
use crate::model::{Operand, Operator, number};
use crate::terms::short;
use ontology::place::Place;
use ontology::time::{Timestamp, read_duration};
use std::cmp::Ordering;
use std::net::IpAddr;

/// Conjunction over a list.
fn every<T>(items: impl IntoIterator<Item = T>, test: impl Fn(T) -> Truth) -> Truth {
    let mut out = Truth::True;
    for item in items {
        match test(item) {
            Truth::False => return Truth::False,
            Truth::True => {}
            _ => out = Truth::Unknown,
        }
    }
    out
}

/// Disjunction over a list.
fn some<T>(items: impl IntoIterator<Item = T>, test: impl Fn(T) -> Truth) -> Truth {
    not(every(items, |item| not(test(item))))
}

fn is_single(operator: Operator, right: &[Operand]) -> bool {
    !matches!(operator, Operator::Eq | Operator::IsA | Operator::Neq) || right.len() == 1
}

/// Ordered comparison; `None` for operators that do not order.
pub(crate) fn ordered(operator: Operator, ordering: Ordering) -> Option<bool> {
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

/// Set comparison of texts; nothing is known of what is not there.
pub(crate) fn texts(operator: Operator, right: &[Operand], found: &[String]) -> Truth {
    if found.is_empty() || right.is_empty() || !is_single(operator, right) {
        return Truth::Unknown;
    }
    let listed = |value: &String| right.iter().any(|r| short(value) == short(&r.value));
    match operator {
        Operator::Eq | Operator::IsA => found.iter().all(listed).into(),
        Operator::Neq | Operator::IsNoneOf => (!found.iter().any(listed)).into(),
        Operator::IsAnyOf => found.iter().any(listed).into(),
        Operator::IsAllOf => {
            right.iter().all(|r| found.iter().any(|value| short(value) == short(&r.value))).into()
        }
        _ => Truth::Unknown,
    }
}

/// Comparison of claims: as sets of texts, and by value where the operator asks for an order.
pub(crate) fn claims(operator: Operator, right: &[Operand], found: &[String], h: &Hierarchy) -> Truth {
    match operator {
        Operator::Lt | Operator::Lteq | Operator::Gt | Operator::Gteq => free(operator, right, found, h),
        _ => texts(operator, right, found),
    }
}

/// Comparison of terms that a hierarchy may order: `eq` is identity, `isA` and `isPartOf` follow the hierarchy.
pub(crate) fn terms(operator: Operator, right: &[Operand], found: &[String], h: &Hierarchy) -> Truth {
    if found.is_empty() || right.is_empty() || !is_single(operator, right) {
        return Truth::Unknown;
    }
    let within = |inner: &str, outer: &str| -> Truth {
        if short(inner) == short(outer) { Truth::True } else { h.within(inner, outer).into() }
    };
    match operator {
        Operator::IsA | Operator::IsPartOf => every(found, |value| some(right, |r| within(value, &r.value))),
        Operator::HasPart => every(right, |r| some(found, |value| within(&r.value, value))),
        _ => texts(operator, right, found),
    }
}

/// Comparison of the stated purposes: each of them is a use of its own, so they must all have the same answer. To
/// pursue a purpose is to pursue those above it.
pub(crate) fn purposes(operator: Operator, right: &[Operand], found: &[String], h: &Hierarchy) -> Truth {
    if found.is_empty() || right.is_empty() || !is_single(operator, right) {
        return Truth::Unknown;
    }
    let same =
        |x: &str, r: &Operand| short(x) == short(&r.value) || last(x) == r.value || x == last(&r.value);
    let within = |x: &str, r: &Operand| -> Truth {
        if same(x, r) {
            return Truth::True;
        }
        // Two purposes of which nothing relates one to the other are two purposes, unless the hierarchy knows
        // both and leaves open whether they meet.
        match h.within(x, &r.value) {
            Some(within) => within.into(),
            None if h.knows(x) && h.knows(&r.value) => Truth::Unknown,
            None => Truth::False,
        }
    };
    let listed = |x: &String| some(right, |r| within(x, r));
    let (all, any) = (every(found, listed), some(found, listed));
    let each = if all == Truth::True {
        Truth::True
    } else if any == Truth::False {
        Truth::False
    } else {
        Truth::Unknown
    };
    match operator {
        Operator::Eq | Operator::IsA | Operator::IsAnyOf | Operator::IsPartOf => each,
        Operator::Neq | Operator::IsNoneOf => not(each),
        Operator::IsAllOf => {
            let named = right.iter().all(|r| found.iter().any(|x| same(x, r)));
            if named { each } else { Truth::False }
        }
        _ => Truth::Unknown,
    }
}

/// The last segment of an IRI, so that `https://purpose.example/research` is `research`.
fn last(text: &str) -> &str {
    if text.contains("://") { text.rsplit(['/', '#', ':']).next().unwrap_or(text) } else { text }
}

/// The code of a place that is written as a code or as an IRI that ends with one.
pub(crate) fn place(text: &str) -> Option<&str> {
    [last(text), text].into_iter().find(|code| ontology::place::is_known(code))
}

fn read_place(text: &str) -> Option<Place> {
    [last(text), text].into_iter().find_map(Place::read)
}

/// Comparison of places. To be in a place is to be in all that it lies in, so that `eq` with a region is understood
/// as the examples of DSP mean it. A participant of several countries is nowhere in particular.
/// Who is in a union is asked for at an instant, or else as things stand.
pub(crate) fn places(
    operator: Operator,
    right: &[Operand],
    found: &[String],
    at: Option<Timestamp>,
) -> Truth {
    let [here] = found else { return Truth::Unknown };
    let Some(here) = read_place(here) else { return Truth::Unknown };
    if right.is_empty() || !is_single(operator, right) {
        return Truth::Unknown;
    }
    let within = |x: &Place, y: &Place| x.within(y, at).map_or(Truth::Unknown, Truth::from);
    let inside = |r: &Operand| read_place(&r.value).map_or(Truth::Unknown, |there| within(&here, &there));
    match operator {
        Operator::Eq | Operator::IsA | Operator::IsAllOf => every(right, inside),
        Operator::Neq | Operator::IsNoneOf => not(some(right, inside)),
        Operator::IsAnyOf | Operator::IsPartOf => some(right, inside),
        Operator::HasPart => {
            every(right, |r| read_place(&r.value).map_or(Truth::Unknown, |there| within(&there, &here)))
        }
        _ => Truth::Unknown,
    }
}

/// Comparison by value of an operand that has no fixed sort: as numbers, instants or durations where both sides
/// are such, else as terms.
pub(crate) fn free(operator: Operator, right: &[Operand], found: &[String], h: &Hierarchy) -> Truth {
    if found.is_empty() || right.is_empty() {
        return Truth::Unknown;
    }
    let one = |value: &String, r: &Operand, operator| -> Truth {
        by_value(value, r).map_or(Truth::Unknown, |o| ordered(operator, o).into())
    };
    match (operator, right, found) {
        (Operator::Lt | Operator::Lteq | Operator::Gt | Operator::Gteq, [r], [value]) => {
            one(value, r, operator)
        }
        (Operator::Eq | Operator::Neq, [r], values) if values.iter().all(|v| by_value(v, r).is_some()) => {
            let same = every(values, |value| one(value, r, Operator::Eq));
            let none = every(values, |value| one(value, r, Operator::Neq));
            if operator == Operator::Eq { same } else { none }
        }
        (Operator::IsAnyOf | Operator::IsNoneOf, right, values)
            if values.iter().all(|v| right.iter().all(|r| by_value(v, r).is_some())) =>
        {
            let any = some(values, |value| some(right, |r| one(value, r, Operator::Eq)));
            if operator == Operator::IsAnyOf { any } else { not(any) }
        }
        _ => terms(operator, right, found, h),
    }
}

/// How a value stands to a right operand, by the datatype of the latter or else by what both can be read as.
pub(crate) fn by_value(value: &str, right: &Operand) -> Option<Ordering> {
    if right.iri || right.language.is_some() {
        return None;
    }
    if let (Some(a), Some(b)) = (number(value), number(&right.value)) {
        return Some(a.cmp(&b));
    }
    if let (Some(a), Some(b)) = (Timestamp::read(value), Timestamp::read(&right.value)) {
        return Some(a.cmp(&b));
    }
    match (read_duration(value), read_duration(&right.value)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => None,
    }
}

/// Comparison of versions by their parts: `2.10` comes after `2.9`.
pub(crate) fn versions(operator: Operator, right: &[Operand], found: &[String]) -> Truth {
    match (operator, right, found) {
        (Operator::Lt | Operator::Lteq | Operator::Gt | Operator::Gteq, [r], [value]) => {
            match parts(value, &r.value) {
                Some(ordering) => ordered(operator, ordering).into(),
                None => Truth::Unknown,
            }
        }
        _ => texts(operator, right, found),
    }
}

fn parts(a: &str, b: &str) -> Option<Ordering> {
    let (mut a, mut b) = (a.trim_start_matches('v').split('.'), b.trim_start_matches('v').split('.'));
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (None, None) => return Some(Ordering::Equal),
            (x, y) => (x.unwrap_or("0").parse::<u64>().ok()?, y.unwrap_or("0").parse::<u64>().ok()?),
        };
        if x != y {
            return Some(x.cmp(&y));
        }
    }
}

/// Comparison of BCP 47 language tags: `fr-CA` is part of `fr`.
pub(crate) fn languages(operator: Operator, right: &[Operand], found: &[String]) -> Truth {
    if found.is_empty() || right.is_empty() || !is_single(operator, right) {
        return Truth::Unknown;
    }
    let within = |inner: &str, outer: &str| -> Truth {
        let (inner, outer) = (last(inner), last(outer));
        let head = inner.get(..outer.len()).is_some_and(|head| head.eq_ignore_ascii_case(outer));
        (head && matches!(inner.as_bytes().get(outer.len()), None | Some(b'-'))).into()
    };
    let same = |x: &str, y: &str| -> Truth { last(x).eq_ignore_ascii_case(last(y)).into() };
    match operator {
        Operator::Eq => every(found, |value| every(right, |r| same(value, &r.value))),
        Operator::Neq | Operator::IsNoneOf => {
            not(some(found, |value| some(right, |r| same(value, &r.value))))
        }
        Operator::IsAnyOf => some(found, |value| some(right, |r| same(value, &r.value))),
        Operator::IsAllOf => every(right, |r| some(found, |value| same(value, &r.value))),
        Operator::IsA | Operator::IsPartOf => every(found, |value| some(right, |r| within(value, &r.value))),
        Operator::HasPart => every(right, |r| some(found, |value| within(&r.value, value))),
        _ => Truth::Unknown,
    }
}

/// Comparison of places on the network: a domain lies in the domains above it, an address in its networks.
pub(crate) fn locations(operator: Operator, right: &[Operand], found: &[String]) -> Truth {
    if found.is_empty() || right.is_empty() || !is_single(operator, right) {
        return Truth::Unknown;
    }
    match operator {
        Operator::Eq | Operator::IsA | Operator::IsPartOf => {
            every(found, |value| some(right, |r| located(value, &r.value)))
        }
        Operator::IsAnyOf => some(found, |value| some(right, |r| located(value, &r.value))),
        Operator::Neq | Operator::IsNoneOf => {
            not(some(found, |value| some(right, |r| located(value, &r.value))))
        }
        _ => Truth::Unknown,
    }
}

fn located(here: &str, there: &str) -> Truth {
    let host = |text: &str| -> (usize, usize) {
        let start = text.find("://").map_or(0, |at| at + 3);
        let rest = text.get(start..).unwrap_or_default();
        let length = if text.contains("://") { rest.find('/').unwrap_or(rest.len()) } else { rest.len() };
        (start, start + length)
    };
    let (from, to) = host(here);
    let here = here.get(from..to).unwrap_or(here);
    let (from, to) = host(there);
    let there = there.get(from..to).unwrap_or(there);
    let (net, length) = match there.split_once('/') {
        Some((net, length)) => (net, length.parse::<u32>().ok()),
        None => (there, None),
    };
    match (here.parse::<IpAddr>(), net.parse::<IpAddr>()) {
        (Ok(here), Ok(net)) => match (here, net) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                prefix(u128::from(a.to_bits()), u128::from(b.to_bits()), 32, length.unwrap_or(32))
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => prefix(a.to_bits(), b.to_bits(), 128, length.unwrap_or(128)),
            _ => Truth::False,
        },
        // An address says nothing about the name, nor the name about the address.
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => Truth::Unknown,
        (Err(_), Err(_)) => {
            let tail = here.len().checked_sub(there.len()).and_then(|at| here.get(at..));
            let inside = tail.is_some_and(|tail| tail.eq_ignore_ascii_case(there))
                && (here.len() == there.len()
                    || there.starts_with('.')
                    || here.as_bytes().get(here.len() - there.len() - 1) == Some(&b'.'));
            inside.into()
        }
    }
}

fn prefix(a: u128, b: u128, width: u32, length: u32) -> Truth {
    if length > width {
        return Truth::Unknown;
    }
    let mask = u128::MAX.checked_shl(width - length).unwrap_or(0);
    (a & mask == b & mask).into()
}
