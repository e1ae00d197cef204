//! From policy and facts to a verdict.

mod atomic;
mod time;
mod truth;

pub(crate) use atomic::place;
pub(crate) use time::in_force;

use crate::facts::{Facts, Phase};
use crate::model::{Constraint, Logic, Policy, Rule};
use crate::terms::{includes, short};
use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};
use truth::Truth;

/// Which kind of rule a clause belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RuleKind {
    /// Allows.
    Permission,
    /// Forbids.
    Prohibition,
    /// Demands.
    Obligation,
}

/// The result of one clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Holds.
    Satisfied,
    /// Does not hold.
    NotSatisfied,
    /// Cannot be known; never grants.
    Unknown,
    /// Will be checked at a later stage.
    Deferred,
    /// Binding by contract; not enforced by this connector.
    Contractual,
}

/// One clause with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clause {
    /// Where in the policy.
    pub path: String,
    /// Of which kind of rule.
    pub rule: RuleKind,
    /// The clause in English.
    pub text: String,
    /// The result.
    pub outcome: Outcome,
    /// Left operand.
    pub left: String,
    /// Operator.
    pub operator: String,
    /// Right operand.
    pub right: Vec<String>,
    /// What the left operand was found to be.
    pub found: Vec<String>,
    /// Why, in English.
    pub reason: String,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// May it be done?
    pub permitted: bool,
    /// Each clause with its result.
    pub clauses: Vec<Clause>,
    /// The next instant at which time alone can change the answer.
    pub next_change: Option<Timestamp>,
    /// What the consumer must do, by action.
    pub duties: Vec<String>,
}

/// What a walk through the policy collects.
pub(crate) struct Walk<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) next: Option<Timestamp>,
}

impl Walk<'_> {
    pub(crate) fn may_change(&mut self, at: Timestamp) {
        if at > self.facts.now && self.next.is_none_or(|next| at < next) {
            self.next = Some(at);
        }
    }
}

/// Judges `policy` on `facts`. An offer is judged as if it were agreed. What no permission allows is denied.
#[must_use]
pub fn decide(policy: &Policy, facts: &Facts) -> Verdict {
    let mut walk = Walk { facts, clauses: Vec::new(), next: None };
    let mut duties = Vec::new();
    let mut permitted = false;
    for (n, rule) in policy.permissions.iter().enumerate() {
        let path = format!("permission/{n}");
        let holds = judge(&mut walk, RuleKind::Permission, &path, rule);
        let applies =
            includes(&rule.action, &facts.action) && for_this_party(rule, facts) && rule.unknown.is_empty();
        if applies
            && matches!(holds, Truth::True | Truth::Deferred)
            && duties_can_be_met(&mut walk, &path, rule)
        {
            permitted = true;
            duties.extend(rule.duties.iter().map(|d| short(&d.action).to_owned()));
        }
    }
    for (n, rule) in policy.prohibitions.iter().enumerate() {
        let path = format!("prohibition/{n}");
        let holds = judge(&mut walk, RuleKind::Prohibition, &path, rule);
        if !includes(&rule.action, &facts.action) {
            // A part of the use is forbidden, which only the user can observe.
            contractual(&mut walk, RuleKind::Prohibition, &path, &rule.action);
            continue;
        }
        // Not known counts as active; not yet knowable does not, for it will be asked again.
        let active = !matches!(holds, Truth::False | Truth::Deferred) || !rule.unknown.is_empty();
        permitted &= !(active && for_this_party(rule, facts));
    }
    for (n, rule) in policy.obligations.iter().enumerate() {
        duties.push(short(&rule.action).to_owned());
        contractual(&mut walk, RuleKind::Obligation, &format!("obligation/{n}"), &rule.action);
    }
    Verdict { permitted, clauses: walk.clauses, next_change: walk.next, duties }
}

fn for_this_party(rule: &Rule, facts: &Facts) -> bool {
    rule.assignee.is_none() || rule.assignee == facts.assignee
}

/// The connector logs and notifies by itself; other duties of a permission cannot be seen to be done before use.
fn duties_can_be_met(walk: &mut Walk<'_>, path: &str, rule: &Rule) -> bool {
    let mut met = true;
    for (n, duty) in rule.duties.iter().enumerate() {
        if !["log", "inform"].contains(&short(&duty.action)) {
            met = false;
            walk.clauses.push(plain(
                RuleKind::Obligation,
                format!("{path}/duty/{n}"),
                Outcome::Unknown,
                &duty.action,
                "whether this was done before the use is not known",
            ));
        }
    }
    met
}

fn contractual(walk: &mut Walk<'_>, rule: RuleKind, path: &str, action: &str) {
    let reason = "binding by contract; this connector does not observe it";
    walk.clauses.push(plain(rule, path.to_owned(), Outcome::Contractual, action, reason));
}

fn plain(rule: RuleKind, path: String, outcome: Outcome, action: &str, reason: &str) -> Clause {
    Clause {
        path,
        rule,
        text: short(action).to_owned(),
        outcome,
        left: String::new(),
        operator: String::new(),
        right: Vec::new(),
        found: Vec::new(),
        reason: reason.to_owned(),
    }
}

/// All constraints of a rule together.
fn judge(walk: &mut Walk<'_>, kind: RuleKind, path: &str, rule: &Rule) -> Truth {
    let results: Vec<Truth> = rule
        .constraints
        .iter()
        .enumerate()
        .map(|(n, c)| constraint(walk, kind, &format!("{path}/constraint/{n}"), c))
        .collect();
    truth::all(&results)
}

fn constraint(walk: &mut Walk<'_>, kind: RuleKind, path: &str, c: &Constraint) -> Truth {
    match c {
        Constraint::Atomic(a) => atomic::judge(walk, kind, path, a),
        Constraint::Logical(logic, items) => {
            let results: Vec<Truth> = items
                .iter()
                .enumerate()
                .map(|(n, item)| constraint(walk, kind, &format!("{path}/{}/{n}", logic.name()), item))
                .collect();
            match logic {
                // Without a history of when each became true, the order cannot be seen; all must hold.
                Logic::And | Logic::AndSequence => truth::all(&results),
                Logic::Or => truth::any(&results),
                Logic::Xone => truth::one(&results),
            }
        }
    }
}

/// Is this operand judged at this stage, or at a later one?
pub(crate) fn later(left: &str, phase: Phase) -> bool {
    match short(left) {
        "count" | "elapsedTime" => !phase.is_use(),
        "purpose" => phase == Phase::Catalogue,
        _ => false,
    }
}
