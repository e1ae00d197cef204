//! From policy and facts to a verdict.

mod constraint;
mod rule;
mod time;
mod truth;
mod value;
mod verdict;
mod walk;

pub(crate) use time::{InForce, in_force};
pub(crate) use value::place;
pub use verdict::{Clause, Outcome, RuleKind, Verdict};

use crate::facts::Facts;
use crate::model::Policy;
use crate::terms::short;
use walk::Walk;

/// Judges `policy` on `facts`. An offer is judged as if it were agreed. What no permission allows is denied, and
/// a prohibition prevails over any permission.
#[must_use]
pub fn decide(policy: &Policy, facts: &Facts) -> Verdict {
    let mut walk = Walk::new(policy, facts);
    let mut duties = Vec::new();
    let mut granted = false;
    for (n, rule) in policy.permissions.iter().enumerate() {
        if walk.permission(&format!("permission/{n}"), rule) {
            granted = true;
            duties.extend(rule.duties.iter().map(|duty| short(&duty.action).to_owned()));
        }
    }
    if granted {
        walk.clear(0);
    }
    let mut forbidden = walk.not_understood("", RuleKind::Permission, &policy.unknown);
    for (n, rule) in policy.prohibitions.iter().enumerate() {
        forbidden |= walk.prohibition(&format!("prohibition/{n}"), rule);
    }
    for (n, rule) in policy.obligations.iter().enumerate() {
        duties.push(short(&rule.action).to_owned());
        walk.obligation(&format!("obligation/{n}"), rule);
    }
    Verdict { permitted: granted && !forbidden, clauses: walk.clauses, next_change: walk.next, duties }
}
