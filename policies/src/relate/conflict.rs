//! Where rules contradict each other, before anybody asks for anything.

use super::formula::Formula;
use super::scope::{self, Placed};
use super::solve::overlap;
use super::{Options, truth_to_option};
use crate::decide::{Actions, Truth, all};
use crate::model::{Policy, Rule};
use crate::terms::short;
use serde::{Deserialize, Serialize};

/// Two rules that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clash {
    /// What kind of contradiction.
    pub kind: ClashKind,
    /// The rule that allows or demands, by its path in the first policy.
    pub path: String,
    /// The prohibition, by its path in the second policy, which may be the same.
    pub prohibition: String,
    /// Some use falls under both; `None` when that cannot be decided.
    pub certain: Option<bool>,
}

/// What a prohibition meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClashKind {
    /// What is permitted is forbidden.
    Permission,
    /// What must be done is forbidden.
    Obligation,
    /// What must be done for a permission is forbidden.
    Duty,
}

/// The contradictions within one policy.
#[must_use]
pub fn conflicts(policy: &Policy, options: &Options) -> Vec<Clash> {
    conflicts_between(policy, policy, options)
}

/// What `first` permits or demands, and `second` forbids. Actions meet in both directions of the hierarchy:
/// permitted print and forbidden use, and permitted use and forbidden print.
#[must_use]
pub fn conflicts_between(first: &Policy, second: &Policy, options: &Options) -> Vec<Clash> {
    let actions = Actions::of(first).with(&Actions::of(second));
    let mut found = Vec::new();
    for (m, forbidden) in second.prohibitions.iter().enumerate() {
        let r = Placed { policy: second, rule: forbidden };
        let mut check = |kind: ClashKind, path: String, rule: &Rule, within: Option<&Rule>| {
            let p = Placed { policy: first, rule };
            let implied = rule.implies.iter().any(|action| short(action) == short(&forbidden.action));
            let mut scope = scope::overlaps(p, r, &actions, options);
            if implied {
                let same = Rule { action: forbidden.action.clone(), ..rule.clone() };
                scope = scope::overlaps(Placed { policy: first, rule: &same }, r, &actions, options);
            }
            // A duty is done under the conditions of its permission.
            let own = match within {
                Some(outer) => {
                    Formula::of(rule, true).zip(Formula::of(outer, true)).and_then(|(a, b)| a.and(b))
                }
                None => Formula::of(rule, true),
            };
            let meet = overlap(own, Formula::of(forbidden, true), options);
            match all(&[scope, meet]) {
                Truth::False => {}
                truth => found.push(Clash {
                    kind,
                    path,
                    prohibition: format!("prohibition/{m}"),
                    certain: truth_to_option(truth),
                }),
            }
        };
        for (n, rule) in first.permissions.iter().enumerate() {
            check(ClashKind::Permission, format!("permission/{n}"), rule, None);
            for (d, duty) in rule.duties.iter().enumerate() {
                check(ClashKind::Duty, format!("permission/{n}/duty/{d}"), duty, Some(rule));
            }
        }
        for (n, rule) in first.obligations.iter().enumerate() {
            check(ClashKind::Obligation, format!("obligation/{n}"), rule, None);
        }
    }
    found
}
