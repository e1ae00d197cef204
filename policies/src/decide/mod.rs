//! From policy and facts to a verdict.

mod actions;
mod constraint;
mod credential;
mod duty;
mod event;
mod leaf;
mod lookup;
mod referent;
mod report;
mod rule;
mod sort;
mod time;
mod truth;
mod validity;
pub(crate) mod value;
mod verdict;
mod walk;

pub(crate) use actions::Actions;
pub use credential::same_type;
pub(crate) use credential::{asks, is_path};
pub(crate) use duty::{WHEN, deadline, earliest, record};
pub(crate) use event::covers;
pub(crate) use leaf::Leaf;
pub(crate) use lookup::{On, keys};
pub(crate) use referent::names;
pub use report::{Done, FORCE_NS, Part, Premise, Report, RuleReport};
pub(crate) use sort::sort;
pub(crate) use time::{InForce, against, in_force, span};
pub(crate) use truth::{Truth, all, any, both, not};
pub(crate) use value::place;
pub use verdict::{Clause, Decision, Modification, NotCounted, OpenDuty, Outcome, RuleKind, Verdict, WhyNot};

use crate::facts::{Behaviour, Facts, Offers};
use crate::model::{Conflict, Policy, PolicyKind, Rule};
use crate::terms::short;
use walk::Walk;

/// Judges `policy` on `facts`. An offer is judged as if it were agreed, unless the mode says otherwise. What no
/// permission allows is denied, and a prohibition prevails over any permission, unless the policy says that
/// permissions do.
#[must_use]
pub fn decide(policy: &Policy, facts: &Facts) -> Verdict {
    decide_and_report(policy, facts).0
}

/// As [`decide`], with the result of every rule and premise.
#[must_use]
pub fn decide_and_report(policy: &Policy, facts: &Facts) -> (Verdict, Report) {
    let mut walk = Walk::new(policy, facts);
    let mut duties = Vec::new();
    let mut granted = false;
    for (n, rule) in policy.permissions.iter().enumerate() {
        let kept = (walk.modifications.len(), walk.open.len());
        if walk.permission(&format!("permission/{n}"), rule) {
            granted = true;
            duties.extend(rule.duties.iter().map(|duty| short(&duty.action).to_owned()));
        } else {
            // What would have to be done for a permission that does not hold anyway is of no interest, unless it
            // is all that is missing.
            walk.modifications.truncate(kept.0);
        }
    }
    if granted {
        walk.clear(0);
    }
    let void = void(&mut walk);
    let mut forbidden = false;
    for (n, rule) in policy.prohibitions.iter().enumerate() {
        forbidden |= walk.prohibition(&format!("prohibition/{n}"), rule);
    }
    for (n, rule) in policy.obligations.iter().enumerate() {
        duties.push(short(&rule.action).to_owned());
        walk.obligation(&format!("obligation/{n}"), rule);
    }
    let conflict = granted && forbidden;
    let permitted = !void
        && match (granted, forbidden) {
            (true, true) => policy.conflict() == Conflict::Perm,
            (granted, false) => granted || facts.mode.behaviour == Behaviour::Open,
            (false, true) => false,
        };
    if permitted {
        walk.clear(0);
    }
    let modifications = if permitted { walk.modifications } else { Vec::new() };
    let verdict = Verdict {
        permitted,
        clauses: walk.clauses,
        next_change: walk.next,
        duties,
        conflict,
        modifications,
        open: walk.open,
    };
    (verdict, walk.report)
}

/// Is there something about the policy as a whole for which it grants nothing?
fn void(walk: &mut Walk<'_>) -> bool {
    let (policy, facts) = (walk.policy, walk.facts);
    let mut void = walk.not_understood("", RuleKind::Permission, &policy.unknown);
    let mut because = |term: &str| {
        walk.note(
            term.to_owned(),
            RuleKind::Permission,
            Outcome::Unknown,
            (term, "", Vec::new()),
            Vec::new(),
        );
        void = true;
    };
    for profile in &policy.profiles {
        // Without the profile nobody knows what its terms mean (ODRL Information Model 2.2, section 4).
        if !crate::support::is_known_profile(profile) && !facts.mode.profiles.contains(profile) {
            because(profile);
        }
    }
    if !policy.inherits.is_empty() {
        because("inheritFrom");
    }
    if policy.replaced_by.is_some() {
        because(ontology::dct::IS_REPLACED_BY);
    }
    let grants =
        policy.kind.can_grant() && !(policy.kind == PolicyKind::Offer && facts.mode.offers == Offers::Never);
    if !grants {
        because(policy.kind.name());
    }
    void
}

/// Is what the facts ask for what this one rule is about, with all its conditions? What cannot be decided is not,
/// except for a prohibition.
pub(crate) fn matches(
    policy: &Policy,
    actions: &Actions,
    facts: &Facts,
    path: &str,
    kind: RuleKind,
    rule: &Rule,
) -> bool {
    let mut walk = Walk::new(policy, facts);
    walk.actions = actions.clone();
    walk.matches(path, kind, rule)
}
