//! Conditions on verifiable credentials (Gaia-X profile `ovc`). The profile has no term for whom to trust, so only
//! credentials of trusted issuers count, while they are valid.

use super::time::Change;
use super::truth::Truth;
use super::value::{by_value, ordered};
use crate::facts::{Credential, Facts};
use crate::model::{Atomic, Operand, Operator};
use serde_json::Value;
use std::cmp::Ordering;

/// Judges a condition on the credentials of the consumer.
pub(crate) fn judge(facts: &Facts, a: &Atomic, change: Change<'_>) -> Truth {
    let kind = a.credential.as_deref().unwrap_or_default();
    let mut tally = Tally::default();
    for credential in &facts.world.credentials {
        let of_kind = kind.is_empty() || credential.types.iter().any(|t| same_type(t, kind));
        if !of_kind || !credential.trusted || credential.revoked {
            continue;
        }
        credential.from.into_iter().chain(credential.until).for_each(&mut *change);
        if is_valid(credential, facts) {
            visit(&credential.body, a.left.strip_prefix('$').unwrap_or(&a.left), &mut |value| {
                tally.add(value, &a.right);
            });
        }
    }
    tally.answer(a)
}

fn is_valid(credential: &Credential, facts: &Facts) -> bool {
    credential.from.is_none_or(|from| from <= facts.now)
        && credential.until.is_none_or(|until| facts.now < until)
}

/// Types may be written in full or short.
fn same_type(a: &str, b: &str) -> bool {
    fn last(text: &str) -> &str {
        text.rsplit(['#', '/', ':']).next().unwrap_or(text)
    }
    a == b || (last(a) == last(b) && (!a.contains("://") || !b.contains("://")))
}

#[derive(Default)]
struct Tally {
    values: usize,
    listed: usize,
    unreadable: usize,
    /// Which right operands were found, for the first 64.
    seen: u64,
    /// The order of the only value to the only right operand.
    order: Option<Ordering>,
}

impl Tally {
    fn add(&mut self, value: &Value, right: &[Operand]) {
        self.values += 1;
        let mut listed = false;
        for (n, operand) in right.iter().enumerate() {
            if let Some(order) = compare(value, operand) {
                self.order = Some(order);
                if order.is_eq() {
                    listed = true;
                    self.seen |= 1_u64.checked_shl(u32::try_from(n).unwrap_or(64)).unwrap_or(0);
                }
            } else if !matches!(value, Value::String(_)) {
                self.unreadable += 1;
            }
        }
        self.listed += usize::from(listed);
    }

    fn answer(&self, a: &Atomic) -> Truth {
        if self.values == 0 || a.right.is_empty() {
            return Truth::Unknown;
        }
        let single = a.right.len() == 1;
        match a.operator {
            Operator::Eq | Operator::IsA if single => (self.listed == self.values).into(),
            Operator::Neq if single => self.none(),
            Operator::IsNoneOf => self.none(),
            Operator::IsAnyOf => (self.listed > 0).into(),
            Operator::IsAllOf if a.right.len() <= 64 => {
                (self.seen.count_ones() as usize == a.right.len()).into()
            }
            Operator::Lt | Operator::Lteq | Operator::Gt | Operator::Gteq if single && self.values == 1 => {
                self.order.and_then(|order| ordered(a.operator, order)).into()
            }
            _ => Truth::Unknown,
        }
    }

    fn none(&self) -> Truth {
        if self.unreadable > 0 { Truth::Unknown } else { (self.listed == 0).into() }
    }
}

/// The order of a JSON value to a right operand; texts that are no numbers, dates or durations are equal or not
/// comparable, and inequality of texts is told apart from "not comparable" by the caller.
fn compare(value: &Value, right: &Operand) -> Option<Ordering> {
    match value {
        Value::String(text) if *text == right.value => Some(Ordering::Equal),
        Value::String(text) => by_value(text, right),
        Value::Bool(flag) => {
            let wanted = right.value.parse::<bool>().ok()?;
            Some(flag.cmp(&wanted))
        }
        Value::Number(found) => {
            let wanted = right.value.parse::<f64>().ok()?;
            match (found.as_i64(), right.value.parse::<i64>().ok()) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ => found.as_f64()?.partial_cmp(&wanted),
            }
        }
        _ => None,
    }
}

/// Calls `see` with each value at a path: `.name`, `['name']`, `[0]`, `[*]`; names may hold colons. An array on the
/// way, or at the end, stands for its items.
fn visit(value: &Value, path: &str, see: &mut dyn FnMut(&Value)) {
    if let Value::Array(items) = value
        && !path.starts_with('[')
    {
        items.iter().for_each(|item| visit(item, path, see));
        return;
    }
    if path.is_empty() {
        see(value);
        return;
    }
    let (name, rest) = if let Some(inner) = path.strip_prefix("['") {
        inner.split_once("']").unwrap_or(("", ""))
    } else if let Some(inner) = path.strip_prefix('[') {
        let (index, rest) = inner.split_once(']').unwrap_or(("", ""));
        match (index, value) {
            ("*", Value::Array(items)) => items.iter().for_each(|item| visit(item, rest, see)),
            (index, Value::Array(items)) => {
                let item = index.parse::<usize>().ok().and_then(|at| items.get(at));
                item.into_iter().for_each(|item| visit(item, rest, see));
            }
            _ => {}
        }
        return;
    } else {
        let path = path.strip_prefix('.').unwrap_or(path);
        // A name ends at the next dot, bracket or the end.
        path.split_at(path.find(['.', '[']).unwrap_or(path.len()))
    };
    if let Some(inner) = value.get(name).filter(|_| !name.is_empty()) {
        visit(inner, rest, see);
    }
}
