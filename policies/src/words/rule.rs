//! Rules in words.

use super::{Catalogue, part};
use crate::decide::RuleKind;
use crate::model::{Conflict, Constraint, Policy, Referent, Rule};

/// One sentence for a rule, and more for what follows from it.
pub(super) fn sentence(kind: RuleKind, rule: &Rule, w: &Catalogue) -> String {
    let head = match kind {
        RuleKind::Permission => w.you_may,
        RuleKind::Prohibition => w.you_may_not,
        RuleKind::Obligation => w.you_must,
    };
    let mut out = format!("{head} {}", act(rule, w));
    if let Some(target) = &rule.target {
        out.push_str(&format!(" ({} {})", w.about, named(target, w)));
    }
    if let Some(assignee) = &rule.assignee {
        out.push_str(&format!(" ({} {})", w.only_for, named(assignee, w)));
    }
    if !rule.constraints.is_empty() {
        let link = if kind == RuleKind::Permission { w.only_if } else { w.when };
        out.push_str(&format!("{link} {}", conditions(&rule.constraints, w)));
    }
    if !rule.duties.is_empty() {
        let parts: Vec<String> = rule.duties.iter().map(|duty| self::duty(duty, w)).collect();
        out.push_str(&format!("{} {}", w.duty, parts.join(w.and)));
    }
    out.push_str(&consequences(rule, w));
    out.push('.');
    if !rule.remedies.is_empty() {
        let parts: Vec<String> = rule.remedies.iter().map(|remedy| duty(remedy, w)).collect();
        out.push_str(&format!("{} {}.", w.remedy, parts.join(w.and)));
    }
    for key in rule.unknown.keys() {
        out.push_str(&format!(" {}.", w.term(key)));
    }
    out
}

/// An action with its refinements.
fn act(rule: &Rule, w: &Catalogue) -> String {
    let action = w.act(&rule.action).to_owned();
    if rule.refinements.is_empty() {
        return action;
    }
    format!("{action} ({} {})", w.narrowed, conditions(&rule.refinements, w))
}

/// What is to be done, when, and what else if it is not.
fn duty(duty: &Rule, w: &Catalogue) -> String {
    let mut out = act(duty, w);
    if !duty.constraints.is_empty() {
        out.push_str(&format!(" ({} {})", w.narrowed, conditions(&duty.constraints, w)));
    }
    out.push_str(&consequences(duty, w));
    out
}

fn consequences(rule: &Rule, w: &Catalogue) -> String {
    if rule.consequences.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = rule.consequences.iter().map(|c| duty(c, w)).collect();
    format!("{} {}", w.else_also, parts.join(w.and))
}

fn conditions(constraints: &[Constraint], w: &Catalogue) -> String {
    let several = constraints.len() > 1;
    let parts: Vec<String> = constraints.iter().map(|c| part(c, w, several)).collect();
    parts.join(w.between)
}

/// An asset or party, or those of a collection that satisfy the refinements.
fn named(referent: &Referent, w: &Catalogue) -> String {
    let mut out = match &referent.id {
        Some(id) if referent.collection => format!("{} {id}", w.members_of),
        Some(id) => id.clone(),
        None => w.anyone.to_owned(),
    };
    if !referent.refinements.is_empty() {
        out.push_str(&format!(", {} {}", w.narrowed, conditions(&referent.refinements, w)));
    }
    for key in referent.unknown.keys() {
        out.push_str(&format!(" [{}]", w.term(key)));
    }
    out
}

/// What holds for the policy as a whole.
pub(super) fn head(policy: &Policy, w: &Catalogue) -> Vec<String> {
    let mut out = Vec::new();
    match policy.conflicts() {
        [] => {}
        [one] => {
            let [perm, prohibit, invalid] = w.strategies;
            let text = match one {
                Conflict::Perm => perm,
                Conflict::Prohibit => prohibit,
                Conflict::Invalid => invalid,
            };
            out.push(text.to_owned());
        }
        _ => out.push(w.contradicting.to_owned()),
    }
    out.extend(policy.inherits().iter().map(|parent| format!("{} {parent}.", w.inherits)));
    out.extend(policy.replaced_by().map(|other| format!("{} {other}.", w.replaced)));
    if !policy.kind().can_grant() {
        out.push(format!("{} {}.", w.grants_nothing, policy.kind().name()));
    }
    let foreign = policy.profiles().iter().filter(|p| !crate::support::is_known_profile(p));
    out.extend(foreign.map(|profile| format!("{} {profile}.", w.profile)));
    out
}
