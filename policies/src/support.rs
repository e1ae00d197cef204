//! What this connector can enforce. Everything else is refused when a policy is written or received.

use crate::decide::RuleKind;
use crate::model::{Atomic, Constraint, Operator, Policy, Rule};
use crate::terms::{ACTIONS, CLAIM_NS, OPERANDS, SIGNED_AGREEMENT, short};
use ontology::{edc, gx, odrl};

/// A term that cannot be enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// Where in the policy.
    pub path: String,
    /// The term.
    pub term: String,
    /// Why not.
    pub reason: String,
}

impl Policy {
    /// The terms that this connector neither enforces nor can show as contractual.
    #[must_use]
    pub fn unsupported(&self) -> Vec<Unsupported> {
        let mut found = Vec::new();
        for profile in &self.profiles {
            let known = profile.starts_with(odrl::NS.trim_end_matches('/'))
                || profile.starts_with("https://w3id.org/dspace/2025/1")
                || profile.starts_with(edc::NS);
            if !known {
                found.push(unsupported(
                    "profile",
                    profile,
                    "the profile is not known, so its terms have no meaning here",
                ));
            }
        }
        for (kind, path, rule) in self.rules() {
            check(kind, &path, rule, &mut found);
        }
        found
    }
}

fn unsupported(path: &str, term: &str, reason: &str) -> Unsupported {
    Unsupported { path: path.to_owned(), term: term.to_owned(), reason: reason.to_owned() }
}

fn check(kind: RuleKind, path: &str, rule: &Rule, found: &mut Vec<Unsupported>) {
    let action = short(&rule.action);
    if !ACTIONS.iter().any(|(name, _)| *name == action) {
        found.push(unsupported(
            &format!("{path}/action"),
            action,
            "the action is not one of the ODRL vocabulary",
        ));
    }
    for term in &rule.unknown {
        found.push(unsupported(path, short(term), "the term has no meaning here"));
    }
    for (n, constraint) in rule.constraints.iter().enumerate() {
        walk(&format!("{path}/constraint/{n}"), constraint, found);
    }
    for (n, duty) in rule.duties.iter().enumerate() {
        if kind == RuleKind::Permission && !["log", "inform"].contains(&short(&duty.action)) {
            found.push(unsupported(
                &format!("{path}/duty/{n}"),
                short(&duty.action),
                "a duty that must be done before the use cannot be checked; write it as an obligation of the policy",
            ));
        }
    }
}

fn walk(path: &str, constraint: &Constraint, found: &mut Vec<Unsupported>) {
    match constraint {
        Constraint::Logical(logic, items) => {
            for (n, item) in items.iter().enumerate() {
                walk(&format!("{path}/{}/{n}", logic.name()), item, found);
            }
        }
        Constraint::Atomic(atomic) => found.extend(operand(path, atomic)),
    }
}

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
}

pub(crate) fn sort(left: &str) -> Option<Sort> {
    let name = short(left);
    if OPERANDS.contains(&name) {
        return Some(match name {
            "dateTime" => Sort::Instant,
            "elapsedTime" => Sort::Duration,
            "count" => Sort::Number,
            "spatial" => Sort::Place,
            _ => Sort::Text,
        });
    }
    if left == SIGNED_AGREEMENT {
        return Some(Sort::Flag);
    }
    if left == format!("{}inForceDate", edc::NS) {
        return Some(Sort::InForce);
    }
    (left.starts_with(CLAIM_NS) || left.starts_with(gx::NS) || left.starts_with("gx:")).then_some(Sort::Text)
}

fn operand(path: &str, a: &Atomic) -> Option<Unsupported> {
    use Operator::{Eq, Gt, Gteq, HasPart, IsA, IsAllOf, IsAnyOf, IsNoneOf, IsPartOf, Lt, Lteq, Neq};
    let Some(sort) = sort(&a.left) else {
        return Some(unsupported(
            &format!("{path}/leftOperand"),
            short(&a.left),
            "the operand has no meaning here",
        ));
    };
    let ordered = matches!(a.operator, Eq | Neq | Lt | Lteq | Gt | Gteq);
    let set = matches!(a.operator, Eq | Neq | IsA | IsAnyOf | IsNoneOf | IsAllOf);
    let fits = match sort {
        Sort::Instant | Sort::Duration | Sort::Number | Sort::InForce => ordered && a.right.len() == 1,
        Sort::Place => set || matches!(a.operator, IsPartOf | HasPart),
        Sort::Text => set,
        Sort::Flag => a.operator == Eq && a.right.len() == 1,
    };
    if !fits {
        let reason = format!("does not go with {}", short(&a.left));
        return Some(unsupported(&format!("{path}/operator"), a.operator.name(), &reason));
    }
    a.right.iter().find(|right| !readable(sort, &right.value)).map(|right| {
        unsupported(
            &format!("{path}/rightOperand"),
            &right.value,
            &format!("is not a value of {}", short(&a.left)),
        )
    })
}

fn readable(sort: Sort, text: &str) -> bool {
    match sort {
        Sort::Instant => ontology::time::Timestamp::parse(text).is_ok(),
        Sort::Duration => ontology::time::parse_duration(text).is_ok(),
        Sort::Number => text.parse::<u64>().is_ok(),
        Sort::Place => crate::decide::place(text).is_some(),
        Sort::InForce => crate::decide::in_force(text).is_some(),
        Sort::Flag => text == "true",
        Sort::Text => !text.is_empty(),
    }
}
