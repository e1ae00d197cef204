//! Is one policy within another, and can both hold?

use super::formula::Formula;
use super::scope::{self, Placed};
use super::solve::{overlap, satisfiable};
use super::{Answer, Options, truth_to_option};
use crate::decide::{Actions, Truth, all, any, not};
use crate::model::{Conflict, Policy, Rule};

/// Is every use that `inner` permits one that `outer` permits too, under duties of `inner` that are at least as
/// strong? The question of a provider about a counter-offer. Ids, kinds and, unless the options say otherwise,
/// target and parties in the heads are left aside.
#[must_use]
pub fn within(inner: &Policy, outer: &Policy, options: &Options) -> Answer {
    if inner.same_terms(outer) && inner.conflicts().len() < 2 {
        return Answer::new(true, "", false, "covered");
    }
    for (policy, second) in [(inner, false), (outer, true)] {
        if let Some(term) = not_understood(policy) {
            return Answer::new(None, term, second, "not-decidable");
        }
    }
    let perm = |p: &Policy| p.conflict() == Conflict::Perm && !p.prohibitions.is_empty();
    if perm(inner) || perm(outer) {
        return Answer::new(None, "conflict", false, "strategy");
    }
    let actions = Actions::of(inner).with(&Actions::of(outer));
    let mut open: Option<Answer> = None;
    let mut note = |answer: Answer| -> Option<Answer> {
        match answer.holds {
            Some(true) => None,
            Some(false) => Some(answer),
            None => {
                open.get_or_insert(answer);
                None
            }
        }
    };
    for (n, rule) in inner.permissions.iter().enumerate() {
        let p = Placed { policy: inner, rule };
        let path = format!("permission/{n}");
        let found =
            [covered(p, &path, outer, &actions, options), allowed(p, &path, inner, outer, &actions, options)];
        if let Some(no) = found.into_iter().find_map(&mut note) {
            return no;
        }
    }
    for (n, rule) in outer.obligations.iter().enumerate() {
        let met = any(&inner.obligations.iter().map(|own| as_strong(own, rule, options)).collect::<Vec<_>>());
        let answer = Answer::new(truth_to_option(met), &format!("obligation/{n}"), true, "duty-missing");
        if let Some(no) = note(answer) {
            return no;
        }
    }
    open.unwrap_or_else(|| Answer::new(true, "", false, "covered"))
}

/// The first thing about the whole policy that is not understood.
fn not_understood(policy: &Policy) -> Option<&str> {
    let unknown = policy.unknown.keys().next().map(String::as_str);
    unknown.or(policy.inherits.first().map(|_| "inheritFrom")).or(policy.replaced_by.as_deref())
}

/// Do the permissions of `outer` cover this one?
fn covered(p: Placed<'_>, path: &str, outer: &Policy, actions: &Actions, options: &Options) -> Answer {
    let own = Formula::of(p.rule, true);
    if satisfiable(own.as_ref(), options) == Truth::False {
        return Answer::new(true, path, false, "covered");
    }
    let (mut sure, mut maybe, mut strict) = (Vec::new(), Vec::new(), false);
    for rule in &outer.permissions {
        let q = Placed { policy: outer, rule };
        let duties = duties_met(p.rule, rule, options);
        strict |= duties == Truth::False && scope::within(p, q, actions, options) == Truth::True;
        match all(&[scope::within(p, q, actions, options), duties]) {
            Truth::True => sure.push(rule),
            Truth::False => {}
            _ => maybe.push(rule),
        }
    }
    // A use that this permits and none of those does.
    let escapes = |rules: &[&Rule]| -> Truth {
        let refused: Option<Vec<Formula<'_>>> = rules.iter().map(|q| Formula::of(q, false)).collect();
        let whole =
            refused.and_then(Formula::all).zip(own.clone()).and_then(|(refused, own)| own.and(refused));
        satisfiable(whole.as_ref(), options)
    };
    let certain = escapes(&sure);
    let because = if strict { "duty-missing" } else { "not-covered" };
    match certain {
        Truth::False => Answer::new(true, path, false, "covered"),
        Truth::True if maybe.is_empty() && scope::sound(p.rule) == Truth::True => {
            match silent(p.rule, &sure, options) {
                true => Answer::new(None, path, false, "not-decidable"),
                false => Answer::new(false, path, false, because),
            }
        }
        _ => Answer::new(None, path, false, "not-decidable"),
    }
}

/// In an open world, is there an operand that only the other side has a condition on?
fn silent(own: &Rule, others: &[&Rule], options: &Options) -> bool {
    options.silence == super::Silence::Unknown
        && others
            .iter()
            .any(|other| overlap(Formula::of(own, true), Formula::of(other, true), options) == Truth::Unknown)
}

/// Does what `outer` forbids stay forbidden under `inner`, as far as this permission reaches?
fn allowed(
    p: Placed<'_>,
    path: &str,
    inner: &Policy,
    outer: &Policy,
    actions: &Actions,
    options: &Options,
) -> Answer {
    let mut open = None;
    for rule in &outer.prohibitions {
        let r = Placed { policy: outer, rule };
        let reaches = scope::overlaps(p, r, actions, options);
        if reaches == Truth::False {
            continue;
        }
        let kept = inner.prohibitions.iter().filter(|own| {
            let own = Placed { policy: inner, rule: own };
            scope::within(r, own, actions, options) == Truth::True
        });
        let parts: Option<Vec<Formula<'_>>> = [Formula::of(p.rule, true), Formula::of(rule, true)]
            .into_iter()
            .chain(kept.map(|own| Formula::of(own, false)))
            .collect();
        // A prohibition of a part of the use binds by contract and is never decided here.
        match all(&[reaches, satisfiable(parts.and_then(Formula::all).as_ref(), options)]) {
            Truth::False => {}
            Truth::True => return Answer::new(false, path, false, "prohibited"),
            _ => open = Some(Answer::new(None, path, false, "not-decidable")),
        }
    }
    open.unwrap_or_else(|| Answer::new(true, path, false, "covered"))
}

/// Does `own` demand all that `other` demands?
fn duties_met(own: &Rule, other: &Rule, options: &Options) -> Truth {
    let each =
        |duty: &Rule| any(&own.duties.iter().map(|mine| as_strong(mine, duty, options)).collect::<Vec<_>>());
    all(&other.duties.iter().map(each).collect::<Vec<_>>())
}

/// Whoever does what `own` demands has done what `other` demands: the same action, within its refinements and its
/// time, for the same parties, with all its consequences.
fn as_strong(own: &Rule, other: &Rule, options: &Options) -> Truth {
    if crate::compare::same_rule(own, other) {
        return Truth::True;
    }
    let same = own.action == other.action
        && (other.target.is_none() || own.target == other.target)
        && (other.assignee.is_none() || own.assignee == other.assignee)
        && other.functions.iter().all(|f| own.functions.contains(f))
        && other
            .consequences
            .iter()
            .all(|c| own.consequences.iter().any(|o| crate::compare::same_rule(o, c)));
    if !same || !own.unknown.is_empty() || !other.unknown.is_empty() {
        let opaque = !own.unknown.is_empty() || !other.unknown.is_empty();
        return if same && opaque { Truth::Unknown } else { Truth::False };
    }
    let escapes = Formula::of(own, true).zip(Formula::of(other, false)).and_then(|(own, not)| own.and(not));
    not(satisfiable(escapes.as_ref(), options))
}

/// Is there a use that both policies permit?
#[must_use]
pub fn compatible(first: &Policy, second: &Policy, options: &Options) -> Answer {
    for (policy, in_second) in [(first, false), (second, true)] {
        if let Some(term) = not_understood(policy) {
            return Answer::new(None, term, in_second, "not-decidable");
        }
    }
    let actions = Actions::of(first).with(&Actions::of(second));
    let mut best = Answer::new(false, "", false, "nothing-permitted");
    for (n, a) in first.permissions.iter().enumerate() {
        for b in &second.permissions {
            let path = format!("permission/{n}");
            let (p, q) = (Placed { policy: first, rule: a }, Placed { policy: second, rule: b });
            let scope = scope::overlaps(p, q, &actions, options);
            let free = [first, second].map(|policy| escapes(p, q, policy, &actions, options));
            let meet = overlap(Formula::of(a, true), Formula::of(b, true), options);
            match all(&[scope, meet, all(&free)]) {
                Truth::True => return Answer::new(true, &path, false, "overlap"),
                Truth::False if best.because == "nothing-permitted" => {
                    let because = if all(&free) == Truth::False { "prohibited" } else { "no-overlap" };
                    best = Answer::new(false, &path, false, because);
                }
                Truth::False => {}
                _ => best = Answer::new(None, &path, false, "not-decidable"),
            }
            if best.holds.is_none() {
                continue;
            }
        }
    }
    best
}

/// Is there a use under both permissions that no prohibition of `policy` forbids?
fn escapes(p: Placed<'_>, q: Placed<'_>, policy: &Policy, actions: &Actions, options: &Options) -> Truth {
    if policy.conflict() == Conflict::Perm {
        return Truth::True;
    }
    let hits = policy.prohibitions.iter().filter(|rule| {
        let r = Placed { policy, rule };
        // A prohibition forbids the use when it covers the narrower of the two actions.
        let covers =
            actions.cover(&r.rule.action, &p.rule.action) || actions.cover(&r.rule.action, &q.rule.action);
        covers
            && scope::overlaps(p, r, actions, options) != Truth::False
            && scope::overlaps(q, r, actions, options) != Truth::False
    });
    let parts: Option<Vec<Formula<'_>>> = [Formula::of(p.rule, true), Formula::of(q.rule, true)]
        .into_iter()
        .chain(hits.map(|rule| {
            if rule.unknown.is_empty() { Formula::of(rule, false) } else { Some(Formula::falsehood()) }
        }))
        .collect();
    satisfiable(parts.and_then(Formula::all).as_ref(), options)
}
