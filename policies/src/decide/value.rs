//! Comparisons of texts and places.

use super::truth::{Truth, all, any, not};
use crate::facts::{Claims, Facts};
use crate::model::{Atomic, Operand, Operator};
use crate::terms::{CLAIM_NS, short};
use ontology::{gx, odrl};

/// Claims that say where a participant has its seat, best first.
const SEATS: [&str; 4] = [
    "gx:legalAddress.gx:countryCode",
    "https://w3id.org/gaia-x/development#legalAddress.gx:countryCode",
    "gx:headquartersAddress.gx:countryCode",
    "https://w3id.org/gaia-x/development#headquartersAddress.gx:countryCode",
];

/// What a text operand is found to be.
pub(super) fn texts_of(facts: &Facts, left: &str) -> Vec<String> {
    match short(left) {
        "recipient" => facts.assignee.iter().cloned().collect(),
        "purpose" => facts.purpose.clone().unwrap_or_default(),
        _ => claim(&facts.claims, left),
    }
}

/// Where the consumer is, under any name of the operand.
pub(super) fn places_of(claims: &Claims, left: &str) -> Vec<String> {
    let found = claim(claims, left);
    if found.is_empty() && short(left) == "spatial" {
        return SEATS.iter().find_map(|key| claims.get(*key)).cloned().unwrap_or_default();
    }
    found
}

fn claim(claims: &Claims, left: &str) -> Vec<String> {
    let name = short(left);
    let mut keys = vec![left.to_owned(), name.to_owned(), format!("{}{name}", odrl::NS)];
    if let Some(bare) = left.strip_prefix(CLAIM_NS) {
        keys.extend([bare.to_owned(), format!("claim:{bare}")]);
    }
    if let Some(term) = left.strip_prefix(gx::NS) {
        keys.push(format!("gx:{term}"));
    }
    if let Some(term) = left.strip_prefix("gx:") {
        keys.push(format!("{}{term}", gx::NS));
    }
    keys.iter().find_map(|key| claims.get(key)).cloned().unwrap_or_default()
}

/// Set comparison; nothing is known of what is not there.
pub(super) fn texts(a: &Atomic, found: &[String]) -> Truth {
    if found.is_empty() || a.right.is_empty() {
        return Truth::Unknown;
    }
    let listed = |value: &String| a.right.iter().any(|r| short(value) == short(&r.value));
    match a.operator {
        Operator::Eq | Operator::IsA => match a.right.as_slice() {
            [_] => found.iter().all(listed).into(),
            _ => Truth::Unknown,
        },
        Operator::Neq if a.right.len() != 1 => Truth::Unknown,
        Operator::Neq | Operator::IsNoneOf => (!found.iter().any(listed)).into(),
        Operator::IsAnyOf => found.iter().any(listed).into(),
        Operator::IsAllOf => {
            a.right.iter().all(|r| found.iter().any(|value| short(value) == short(&r.value))).into()
        }
        _ => Truth::Unknown,
    }
}

/// Comparison of the stated purposes: each of them is a use of its own, so they must all have the same answer.
pub(super) fn purposes(a: &Atomic, found: &[String]) -> Truth {
    let same =
        |x: &str, r: &Operand| short(x) == short(&r.value) || last(x) == r.value || x == last(&r.value);
    let listed = |purpose: &String| a.right.iter().any(|r| same(purpose, r));
    let each = match (found.iter().all(listed), found.iter().any(listed)) {
        _ if found.is_empty() || a.right.is_empty() => Truth::Unknown,
        (true, _) => Truth::True,
        (_, false) => Truth::False,
        _ => Truth::Unknown,
    };
    match a.operator {
        Operator::Eq | Operator::IsA | Operator::Neq if a.right.len() != 1 => Truth::Unknown,
        Operator::Eq | Operator::IsA | Operator::IsAnyOf => each,
        Operator::Neq | Operator::IsNoneOf => not(each),
        Operator::IsAllOf => {
            all(&[each, a.right.iter().all(|r| found.iter().any(|purpose| same(purpose, r))).into()])
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
    // A place lies in itself; of what is no place, nothing is known.
    let known = |code: &&str| ontology::place::within(code, code).is_some();
    [last(text), text].into_iter().find(known)
}

/// Comparison of places. To be in a place is to be in all that it lies in, so that `eq` with a region is understood
/// as the examples of DSP mean it. A participant of several countries is nowhere in particular.
pub(super) fn places(a: &Atomic, found: &[String]) -> Truth {
    let [here] = found else { return Truth::Unknown };
    let Some(here) = place(here) else { return Truth::Unknown };
    let each = |test: fn(&str, &str) -> Truth| -> Vec<Truth> {
        a.right.iter().map(|r| place(&r.value).map_or(Truth::Unknown, |there| test(here, there))).collect()
    };
    let within = |x: &str, y: &str| ontology::place::within(x, y).map_or(Truth::Unknown, Truth::from);
    match a.operator {
        _ if a.right.is_empty() => Truth::Unknown,
        Operator::Eq | Operator::IsA | Operator::Neq if a.right.len() != 1 => Truth::Unknown,
        Operator::Eq | Operator::IsA | Operator::IsAllOf => all(&each(within)),
        Operator::Neq | Operator::IsNoneOf => not(any(&each(within))),
        Operator::IsAnyOf | Operator::IsPartOf => any(&each(within)),
        Operator::HasPart => {
            all(&each(|here, there| ontology::place::within(there, here).map_or(Truth::Unknown, Truth::from)))
        }
        _ => Truth::Unknown,
    }
}
