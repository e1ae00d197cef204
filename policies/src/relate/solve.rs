//! Can a formula be satisfied?

use super::axis::{self, Interval, Set};
use super::formula::{Conjunction, Formula, Literal};
use super::{Options, Periods, Silence, term};
use crate::catena_x;
use crate::decide::{InForce, On, Truth, all, any, in_force, sort, span};
use crate::model::{Atomic, Operator, number};
use crate::support::Sort;
use crate::terms::short;
use ontology::time::{Timestamp, parse_duration};
use oxsdatatypes::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What a comparison is about, so that two comparisons of one key are about the same value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Now,
    Elapsed,
    Delay,
    Metered,
    /// Place in a rule, operand, unit.
    Other(u8, String, String),
}

/// A comparison on a line, in one of the kinds of values that can be compared.
struct OnAxis {
    operator: Operator,
    right: Vec<Decimal>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Whole,
    Instant,
    Span,
}

/// Is there a request for which the formula holds? `None` in place of a formula is one that is too large.
pub(super) fn satisfiable(formula: Option<&Formula<'_>>, options: &Options) -> Truth {
    let Some(formula) = formula else { return Truth::Unknown };
    any(&formula.0.iter().map(|c| conjunction(c, options)).collect::<Vec<_>>())
}

/// Can two conditions hold together?
pub(super) fn overlap(a: Option<Formula<'_>>, b: Option<Formula<'_>>, options: &Options) -> Truth {
    let (Some(a), Some(b)) = (a, b) else { return Truth::Unknown };
    let silent = options.silence == Silence::Unknown && !share(&keys(&a, options), &keys(&b, options));
    match satisfiable(a.and(b).as_ref(), options) {
        Truth::True if silent => Truth::Unknown,
        other => other,
    }
}

/// Have both sides a condition on one value, or on two that depend on each other?
fn share(a: &BTreeSet<Key>, b: &BTreeSet<Key>) -> bool {
    let linked =
        |x: &BTreeSet<Key>, y: &BTreeSet<Key>| x.contains(&Key::Metered) && y.contains(&Key::Elapsed);
    a.intersection(b).next().is_some() || linked(a, b) || linked(b, a)
}

fn keys(formula: &Formula<'_>, options: &Options) -> BTreeSet<Key> {
    formula.0.iter().flatten().map(|l| key(l, options)).collect()
}

fn key(l: &Literal<'_>, options: &Options) -> Key {
    let a = l.atom;
    if l.on != On::Request || a.credential.is_some() {
        return other(l);
    }
    match sort(&a.left) {
        Some(Sort::Instant) => Key::Now,
        Some(Sort::InForce) => match a.right.first().and_then(|r| in_force(&r.value)) {
            Some(InForce::At(_)) => Key::Now,
            Some(InForce::After(_)) => Key::Elapsed,
            None => other(l),
        },
        Some(Sort::Days) => Key::Elapsed,
        // Decisions measure both from the agreement.
        Some(Sort::Duration) if short(&a.left) == "elapsedTime" || options.periods == Periods::Span => {
            Key::Elapsed
        }
        Some(Sort::Duration) => Key::Delay,
        Some(Sort::Metered) => Key::Metered,
        _ => other(l),
    }
}

fn other(l: &Literal<'_>) -> Key {
    let place = match l.on {
        On::Request => 0,
        On::Action => 1,
        On::Asset => 2,
        On::Party => 3,
    };
    let credential = l.atom.credential.as_deref().map(|kind| format!("{kind} ")).unwrap_or_default();
    Key::Other(place, format!("{credential}{}", short(&l.atom.left)), l.atom.unit.clone().unwrap_or_default())
}

fn conjunction(literals: &Conjunction<'_>, options: &Options) -> Truth {
    let mut groups: BTreeMap<Key, Vec<Literal<'_>>> = BTreeMap::new();
    for literal in literals {
        groups.entry(key(literal, options)).or_default().push(*literal);
    }
    let mut axes: BTreeMap<Key, Set> = BTreeMap::new();
    let mut results = Vec::new();
    for (key, group) in groups {
        if contradicts_itself(&group) {
            return Truth::False;
        }
        match on_axis(&key, &group, options) {
            Some(Ok(set)) => {
                results.push((!set.is_empty()).into());
                axes.insert(key, set);
            }
            Some(Err(truth)) => results.push(truth),
            None => results.push(off_axis(&group, options)),
        }
    }
    // What is metered, and what was waited for, lies within the time that has passed.
    if let Some(elapsed) = axes.get(&Key::Elapsed) {
        for inner in [Key::Metered, Key::Delay] {
            results.extend(axes.get(&inner).map(|set| axis::can_precede(set, elapsed)));
        }
    }
    all(&results)
}

/// The same comparison, once as it is and once negated.
fn contradicts_itself(group: &[Literal<'_>]) -> bool {
    group.iter().enumerate().any(|(n, a)| {
        group
            .iter()
            .skip(n + 1)
            .any(|b| a.positive != b.positive && crate::compare::same_atom(a.atom, b.atom))
    })
}

/// Are these opaque comparisons all the same one?
fn all_same(group: &[Literal<'_>]) -> bool {
    group
        .iter()
        .zip(group.iter().skip(1))
        .all(|(a, b)| a.positive == b.positive && crate::compare::same_atom(a.atom, b.atom))
}

fn off_axis(group: &[Literal<'_>], options: &Options) -> Truth {
    let opaque = |a: &Atomic| {
        !a.unknown.is_empty() || !a.references.is_empty() || a.credential.is_some() || a.right.is_empty()
    };
    if group.iter().any(|l| opaque(l.atom)) {
        return periodic(group, options).unwrap_or_else(|| same_or_unknown(group));
    }
    let Some(first) = group.first() else { return Truth::True };
    let purpose = short(&first.atom.left) == "purpose";
    match sort(&first.atom.left) {
        Some(
            sort @ (Sort::Place
            | Sort::Text
            | Sort::Language
            | Sort::Version
            | Sort::Location
            | Sort::Term
            | Sort::Free),
        ) => term::satisfiable(sort, purpose, group, &options.terms),
        Some(Sort::Flag) => Truth::True,
        _ => periodic(group, options).unwrap_or_else(|| same_or_unknown(group)),
    }
}

/// One condition of which nothing is known can be met, as far as anyone can tell; two different ones may exclude
/// each other.
fn same_or_unknown(group: &[Literal<'_>]) -> Truth {
    if all_same(group) { Truth::True } else { Truth::Unknown }
}

/// Recurring intervals that begin at known instants meet when the distance of their beginnings is a multiple of what
/// both periods have in common.
fn periodic(group: &[Literal<'_>], options: &Options) -> Option<Truth> {
    let anchor = options.anchor.as_deref()?;
    let mut series = Vec::new();
    for l in group {
        let is_period =
            sort(&l.atom.left) == Some(Sort::Interval) && l.positive && l.atom.operator == Operator::Eq;
        let [right] = l.atom.right.as_slice() else { return None };
        let begin = match l.atom.unknown.get(anchor).map(|v| v.get(0).unwrap_or(v)) {
            Some(v) if l.atom.unknown.len() == 1 => v.get("@value").unwrap_or(v).as_str()?,
            _ => return None,
        };
        if !is_period {
            return None;
        }
        series.push((
            Timestamp::parse(begin).ok()?.millis(),
            parse_duration(&right.value).ok().filter(|p| *p > 0)?,
        ));
    }
    fn gcd(a: i64, b: i64) -> i64 {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    let meets =
        |a: &(i64, i64), b: &(i64, i64)| a.0.abs_diff(b.0).is_multiple_of(gcd(a.1, b.1).unsigned_abs());
    let all = series.iter().enumerate().all(|(n, a)| series.iter().skip(n + 1).all(|b| meets(a, b)));
    Some(all.into())
}

/// The values that a group of comparisons on one line admits; `None` when it is not about a line.
fn on_axis(key: &Key, group: &[Literal<'_>], options: &Options) -> Option<Result<Set, Truth>> {
    let parts: Vec<(OnAxis, bool)> =
        group.iter().map(|l| Some((placed(l, options)?, l.positive))).collect::<Option<_>>()?;
    let kind = parts.first()?.0.kind;
    if parts.iter().any(|(part, _)| part.kind != kind) {
        // An instant is never a span of time, and neither is a number.
        let hopeless = parts.iter().all(|(_, positive)| *positive);
        return Some(Err(if hopeless { Truth::False } else { Truth::Unknown }));
    }
    let mut set = vec![domain(key, kind, options)];
    for (part, positive) in &parts {
        let admitted = axis::admitted(part.operator, &part.right, *positive, kind == Kind::Whole)?;
        set = axis::meet(&set, &admitted);
    }
    Some(Ok(set))
}

fn domain(key: &Key, kind: Kind, options: &Options) -> Interval {
    let zero = Some((Decimal::from(0), true));
    if let Key::Other(_, name, _) = key
        && let Some((low, high)) = options.domains.get(name)
    {
        let end = |text: &Option<String>| text.as_deref().and_then(number).map(|v| (v, true));
        return Interval { low: end(low), high: end(high) };
    }
    let from_zero = match key {
        Key::Now => false,
        Key::Elapsed | Key::Delay | Key::Metered => true,
        Key::Other(_, name, _) => {
            kind == Kind::Whole
                || ["payAmount", "percentage", "absoluteSize", "resolution", "timeInterval"]
                    .contains(&name.as_str())
        }
    };
    let hundred =
        matches!(key, Key::Other(_, name, _) if name == "percentage").then(|| (Decimal::from(100), true));
    Interval { low: zero.filter(|_| from_zero), high: hundred }
}

/// A comparison as one on a line.
fn placed(l: &Literal<'_>, options: &Options) -> Option<OnAxis> {
    let a = l.atom;
    if !a.unknown.is_empty() || !a.references.is_empty() || a.credential.is_some() {
        return None;
    }
    let sort = sort(&a.left)?;
    let of_span = || match options.periods {
        Periods::Span => span(&a.left, a.operator),
        Periods::Point => Some(a.operator),
    };
    let values = |read: &dyn Fn(&str) -> Option<Decimal>| -> Option<Vec<Decimal>> {
        a.right.iter().map(|r| read(&r.value)).collect()
    };
    let instant = |text: &str| Timestamp::parse(text).ok().map(|at| Decimal::from(at.millis()));
    let millis = |text: &str| parse_duration(text).ok().map(Decimal::from);
    let made = |operator, right, kind| Some(OnAxis { operator, right, kind });
    match sort {
        Sort::Instant => made(catena_x::operator(&a.left, a.operator), values(&instant)?, Kind::Instant),
        Sort::InForce => match a.right.as_slice() {
            [one] => match in_force(&one.value)? {
                InForce::At(at) => made(a.operator, vec![Decimal::from(at.millis())], Kind::Instant),
                InForce::After(ms) => made(a.operator, vec![Decimal::from(ms)], Kind::Span),
            },
            _ => None,
        },
        Sort::Duration | Sort::Metered => made(of_span()?, values(&millis)?, Kind::Span),
        Sort::Days => {
            let days =
                |text: &str| text.parse::<i64>().ok().map(|d| Decimal::from(d.saturating_mul(86_400_000)));
            made(catena_x::operator(&a.left, a.operator), values(&days)?, Kind::Span)
        }
        Sort::Number => made(a.operator, values(&number)?, Kind::Whole),
        Sort::Paid => made(a.operator, values(&number)?, Kind::Number),
        Sort::Free | Sort::Text if a.right.iter().all(|r| !r.iri && r.language.is_none()) => {
            if sort == Sort::Text
                && !matches!(a.operator, Operator::Lt | Operator::Lteq | Operator::Gt | Operator::Gteq)
            {
                return None;
            }
            values(&number)
                .map(|v| (v, Kind::Number))
                .or_else(|| Some((values(&instant)?, Kind::Instant)))
                .or_else(|| Some((values(&millis)?, Kind::Span)))
                .and_then(|(right, kind)| made(a.operator, right, kind))
        }
        _ => None,
    }
}
