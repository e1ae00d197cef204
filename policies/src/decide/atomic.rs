//! One comparison.

use super::truth::Truth;
use super::{Clause, Outcome, RuleKind, Walk, later, time};
use crate::facts::{Claims, Facts};
use crate::model::{Atomic, Operator};
use crate::support::{Sort, sort};
use crate::terms::{CLAIM_NS, SIGNED_AGREEMENT, short};
use crate::words;
use ontology::time::Timestamp;
use ontology::{gx, odrl};

/// Judges one comparison and writes down the clause.
pub(super) fn judge(walk: &mut Walk<'_>, kind: RuleKind, path: &str, a: &Atomic) -> Truth {
    let (truth, found) =
        if later(&a.left, walk.facts.phase) { (Truth::Deferred, Vec::new()) } else { compare(walk, a) };
    let outcome = match truth {
        Truth::True => Outcome::Satisfied,
        Truth::False => Outcome::NotSatisfied,
        Truth::Unknown => Outcome::Unknown,
        Truth::Deferred => Outcome::Deferred,
    };
    let text = words::constraint(a, words::Lang::En);
    let mut clause = Clause {
        path: path.to_owned(),
        rule: kind,
        text,
        outcome,
        left: short(&a.left).to_owned(),
        operator: a.operator.name().to_owned(),
        right: a.right.iter().map(|r| r.value.clone()).collect(),
        found,
        reason: String::new(),
    };
    clause.reason = words::reason(&clause, words::Lang::En);
    walk.clauses.push(clause);
    truth
}

fn compare(walk: &mut Walk<'_>, a: &Atomic) -> (Truth, Vec<String>) {
    let right = a.right.first().map(|r| r.value.as_str()).unwrap_or_default();
    match sort(&a.left) {
        Some(Sort::Instant) => {
            let found = vec![walk.facts.now.to_rfc3339()];
            match Timestamp::parse(right) {
                Ok(limit) => (time::against(walk, a.operator, limit), found),
                Err(_) => (Truth::Unknown, found),
            }
        }
        Some(Sort::Duration) => time::elapsed(walk, a),
        Some(Sort::InForce) => (time::judge_in_force(walk, a), vec![walk.facts.now.to_rfc3339()]),
        Some(Sort::Number) => match (walk.facts.uses, right.parse::<u64>()) {
            (Some(uses), Ok(limit)) => {
                let answer = time::ordered(a.operator, uses.cmp(&limit)).map_or(Truth::Unknown, Truth::from);
                (answer, vec![uses.to_string()])
            }
            _ => (Truth::Unknown, Vec::new()),
        },
        // The negotiation sees to it; a contract without both signatures never comes into force.
        Some(Sort::Flag) if a.left == SIGNED_AGREEMENT => {
            if walk.facts.phase.is_use() {
                (Truth::True, vec!["true".to_owned()])
            } else {
                (Truth::Deferred, Vec::new())
            }
        }
        Some(Sort::Place) => {
            let found = claim(&walk.facts.claims, &a.left);
            (places(a, &found), found)
        }
        Some(Sort::Text) => {
            let found = values(walk.facts, &a.left);
            (texts(a, &found), found)
        }
        _ => (Truth::Unknown, Vec::new()),
    }
}

fn values(facts: &Facts, left: &str) -> Vec<String> {
    match short(left) {
        "recipient" => facts.assignee.iter().cloned().collect(),
        "purpose" => facts.purpose.clone().unwrap_or_default(),
        _ => claim(&facts.claims, left),
    }
}

/// A claim under any of the names of its operand.
fn claim(claims: &Claims, left: &str) -> Vec<String> {
    let name = short(left);
    let keys = [
        left.to_owned(),
        name.to_owned(),
        format!("{}{name}", odrl::NS),
        left.strip_prefix(CLAIM_NS).unwrap_or(left).to_owned(),
        left.strip_prefix(gx::NS).map_or_else(|| left.to_owned(), |term| format!("gx:{term}")),
        left.strip_prefix("gx:").map_or_else(|| left.to_owned(), |term| format!("{}{term}", gx::NS)),
    ];
    keys.iter().find_map(|key| claims.get(key)).cloned().unwrap_or_default()
}

/// Set comparison; nothing is known of what is not there.
fn texts(a: &Atomic, found: &[String]) -> Truth {
    if found.is_empty() {
        return Truth::Unknown;
    }
    let same =
        |left: &str, right: &str| short(left) == short(right) || last(left) == right || left == last(right);
    let listed = |value: &String| a.right.iter().any(|r| same(value, &r.value));
    match a.operator {
        Operator::Eq | Operator::IsA => {
            (found.len() == 1 && a.right.len() == 1 && found.iter().all(listed)).into()
        }
        Operator::Neq | Operator::IsNoneOf => (!found.iter().any(listed)).into(),
        Operator::IsAnyOf => found.iter().any(listed).into(),
        Operator::IsAllOf => a.right.iter().all(|r| found.iter().any(|v| same(v, &r.value))).into(),
        _ => Truth::Unknown,
    }
}

/// The last segment of an IRI, so that `https://purpose.example/research` is `research`.
fn last(text: &str) -> &str {
    if text.contains("://") { text.rsplit(['/', '#', ':']).next().unwrap_or(text) } else { text }
}

/// The code in a place written as a code or as an IRI that ends with one.
pub(crate) fn place(text: &str) -> Option<&str> {
    let code = last(text);
    let known = |code: &str| {
        ontology::place::canonical(code).is_some() || ontology::place::within("FR", code).is_some()
    };
    [text, code].into_iter().find(|c| known(c)).or_else(|| {
        // A subdivision such as FR-29 lies in its country.
        code.split_once('-')
            .filter(|(country, _)| ontology::place::canonical(country).is_some())
            .map(|_| code)
    })
}

fn places(a: &Atomic, found: &[String]) -> Truth {
    let Some(here) = found.first().and_then(|f| place(f)) else { return Truth::Unknown };
    if found.len() != 1 {
        return Truth::Unknown;
    }
    let equal = |right: &str| match (ontology::place::canonical(here), ontology::place::canonical(right)) {
        (Some(a), Some(b)) => a == b,
        _ => here == right,
    };
    let each = |test: &dyn Fn(&str) -> Option<bool>| -> Vec<Truth> {
        a.right.iter().map(|r| place(&r.value).and_then(test).map_or(Truth::Unknown, Truth::from)).collect()
    };
    let not = |truth: Truth| match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        other => other,
    };
    match a.operator {
        Operator::Eq | Operator::IsA | Operator::IsAllOf => super::truth::all(&each(&|r| Some(equal(r)))),
        Operator::IsAnyOf => super::truth::any(&each(&|r| Some(equal(r)))),
        Operator::Neq | Operator::IsNoneOf => not(super::truth::any(&each(&|r| Some(equal(r))))),
        Operator::IsPartOf => super::truth::any(&each(&|r| {
            if equal(r) { Some(true) } else { ontology::place::within(here, r) }
        })),
        Operator::HasPart => super::truth::all(&each(&|r| {
            if equal(r) { Some(true) } else { ontology::place::within(r, here) }
        })),
        _ => Truth::Unknown,
    }
}
