//! Conditions on verifiable credentials (Gaia-X profile `ovc`). The profile has no term for whom to trust, so only
//! credentials of trusted issuers count, while they are valid.

use super::time::Change;
use super::truth::Truth;
use super::value::{by_value, ordered};
use super::{NotCounted, WhyNot};
use crate::facts::{Credential, CredentialStatus, Facts};
use crate::model::{Atomic, Constraint, Operand, Operator, Policy, Rule};
use serde_json::Value;
use std::cmp::Ordering;

/// Judges a condition on the credentials of the consumer.
pub(crate) fn judge(facts: &Facts, a: &Atomic, change: Change<'_>) -> Truth {
    let kind = a.credential.as_deref().unwrap_or_default();
    let mut tally = Tally::default();
    for credential in of_kind(facts, kind) {
        if !credential.trusted || credential.status != CredentialStatus::Valid {
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

fn of_kind<'a>(facts: &'a Facts, kind: &str) -> impl Iterator<Item = &'a Credential> {
    let wanted = move |t: &String| same_type(t, kind);
    facts.world.credentials.iter().filter(move |c| kind.is_empty() || c.types.iter().any(wanted))
}

/// The credentials of the kind that a condition asks for that [`judge`] leaves out, and why.
pub(super) fn not_counted(facts: &Facts, a: &Atomic) -> Vec<NotCounted> {
    let why = |c: &Credential| match c.status {
        _ if !c.trusted => Some(WhyNot::Untrusted),
        CredentialStatus::Revoked => Some(WhyNot::Revoked),
        CredentialStatus::Suspended => Some(WhyNot::Suspended),
        CredentialStatus::Unknown => Some(WhyNot::Unchecked),
        CredentialStatus::Valid if is_valid(c, facts) => None,
        CredentialStatus::Valid if c.from.is_some_and(|from| from > facts.now) => Some(WhyNot::Early),
        CredentialStatus::Valid => Some(WhyNot::Expired),
    };
    of_kind(facts, a.credential.as_deref().unwrap_or_default())
        .filter_map(|c| Some(NotCounted { issuer: c.issuer.clone(), why: why(c)? }))
        .collect()
}

impl Policy {
    /// Does any answer of this policy depend on credentials that a consumer presents?
    #[must_use]
    pub fn asks_for_credentials(&self) -> bool {
        fn of_rule(rule: &Rule) -> bool {
            let parties = [&rule.assignee, &rule.target, &rule.assigner];
            let inner = parties.into_iter().flatten().flat_map(|referent| &referent.refinements);
            rule.constraints.iter().chain(&rule.refinements).chain(inner).any(asks)
                || rule.duties.iter().chain(&rule.consequences).chain(&rule.remedies).any(of_rule)
        }
        self.permissions.iter().chain(&self.prohibitions).chain(&self.obligations).any(of_rule)
    }
}

/// Does the condition look into credentials?
pub(crate) fn asks(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::Atomic(a) => a.credential.is_some(),
        Constraint::Logical(l) => l.items.iter().any(asks),
    }
}

/// Can the path be followed by [`visit`]? `$`, then names and positions.
pub(crate) fn is_path(path: &str) -> bool {
    let Some(mut rest) = path.strip_prefix('$').filter(|rest| !rest.is_empty()) else { return false };
    while !rest.is_empty() {
        let step = if let Some(inner) = rest.strip_prefix("['") {
            inner.split_once("']").filter(|(name, _)| !name.is_empty())
        } else if let Some(inner) = rest.strip_prefix('[') {
            let number = |text: &str| text == "*" || text.parse::<usize>().is_ok();
            inner.split_once(']').filter(|(index, _)| number(index))
        } else {
            rest.strip_prefix('.').and_then(|name| {
                let end = name.find(['.', '[']).unwrap_or(name.len());
                // Wildcards, filters and descent are not followed.
                name.split_at_checked(end)
                    .filter(|(name, _)| !name.is_empty() && !name.contains(['*', '?', '(', ']']))
            })
        };
        match step {
            Some((_, next)) => rest = next,
            None => return false,
        }
    }
    true
}

fn is_valid(credential: &Credential, facts: &Facts) -> bool {
    credential.from.is_none_or(|from| from <= facts.now)
        && credential.until.is_none_or(|until| facts.now < until)
}

/// Are these two names of one type of credential? Types may be written in full or short.
#[must_use]
pub fn same_type(a: &str, b: &str) -> bool {
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
