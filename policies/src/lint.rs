//! Remarks on a policy before it is published: what is void, contradictory, or said in a way that will not be
//! understood.

use crate::decide::RuleKind;
use crate::model::{Atomic, Constraint, Operator, Policy, PolicyKind, Rule, Typed};
use crate::relate::{Options, conflicts, never_holds};
use crate::terms::{deprecated, short};
use serde::Serialize;

/// How much a remark matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// It can be said better.
    Hint,
    /// It does not do what it seems to.
    Warning,
    /// It is refused, or void.
    Error,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Where in the policy; empty for the policy as a whole.
    pub path: String,
    /// Which remark: `no-permission`, `never`, `clash`, `clash-maybe`, `operator`, `unit`, `value`, `twice`,
    /// `strategies`, `parties`, `deprecated`, `single`, `unsupported`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
}

/// Remarks on a policy, the gravest first.
#[must_use]
pub fn lint(policy: &Policy) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut add = |path: &str, code: &'static str, severity: Severity| {
        let finding = Finding { path: path.to_owned(), code, severity };
        if !out.contains(&finding) {
            out.push(finding);
        }
    };
    if policy.permissions.is_empty() && policy.kind.can_grant() && policy.inherits.is_empty() {
        add("", "no-permission", Severity::Warning);
    }
    if policy.conflicts.len() > 1 {
        add("conflict", "strategies", Severity::Error);
    }
    let lacks = match policy.kind {
        PolicyKind::Agreement => policy.assigner.is_none() || policy.assignee.is_none(),
        PolicyKind::Offer => policy.assigner.is_none(),
        _ => false,
    };
    let said_by_rules = |rule: &Rule| {
        rule.assigner.is_some() && (policy.kind == PolicyKind::Offer || rule.assignee.is_some())
    };
    if lacks && !policy.rules().all(|(_, _, rule)| said_by_rules(rule)) {
        add("", "parties", Severity::Warning);
    }
    let options = Options::default();
    for (kind, path, rule) in policy.rules() {
        if kind != RuleKind::Obligation && never_holds(rule, &options) {
            add(&path, "never", Severity::Warning);
        }
        of_rule(&path, rule, &mut add);
    }
    for clash in conflicts(policy, &options) {
        let code = if clash.certain == Some(true) { "clash" } else { "clash-maybe" };
        // A strategy that is named settles it.
        let severity = if policy.conflicts.len() == 1 { Severity::Hint } else { Severity::Warning };
        add(&clash.path, code, severity);
    }
    for unsupported in policy.unsupported() {
        add(&unsupported.path, "unsupported", Severity::Error);
    }
    out.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    out
}

fn of_rule(path: &str, rule: &Rule, add: &mut dyn FnMut(&str, &'static str, Severity)) {
    if deprecated().any(|name| name == short(&rule.action)) {
        add(&format!("{path}/action"), "deprecated", Severity::Hint);
    }
    let lists = [("constraint", &rule.constraints), ("action/refinement", &rule.refinements)];
    for (name, constraints) in lists {
        for (n, constraint) in constraints.iter().enumerate() {
            let path = format!("{path}/{name}/{n}");
            if constraints.iter().take(n).any(|other| crate::compare::same_constraint(other, constraint)) {
                add(&path, "twice", Severity::Hint);
            }
            of_constraint(&path, constraint, add);
        }
    }
    for (name, rules) in
        [("duty", &rule.duties), ("consequence", &rule.consequences), ("remedy", &rule.remedies)]
    {
        for (n, inner) in rules.iter().enumerate() {
            of_rule(&format!("{path}/{name}/{n}"), inner, add);
        }
    }
}

fn of_constraint(path: &str, constraint: &Constraint, add: &mut dyn FnMut(&str, &'static str, Severity)) {
    match constraint {
        Constraint::Atomic(a) => of_atomic(path, a, add),
        Constraint::Logical(l) => {
            for (n, item) in l.items.iter().enumerate() {
                of_constraint(&format!("{path}/{}/{n}", l.logic.name()), item, add);
            }
        }
    }
}

fn of_atomic(path: &str, a: &Atomic, add: &mut dyn FnMut(&str, &'static str, Severity)) {
    use Operator::{Eq, Gt, Gteq, IsAnyOf, Lt, Lteq};
    // ODRL Vocabulary 2.2, notes on the left operands.
    let foreseen = match short(&a.left) {
        "elapsedTime" | "meteredTime" => matches!(a.operator, Eq | Lt | Lteq),
        "delayPeriod" => matches!(a.operator, Eq | Gt | Gteq),
        "timeInterval" => a.operator == Eq,
        _ => true,
    };
    if !foreseen {
        add(&format!("{path}/operator"), "operator", Severity::Warning);
    }
    if short(&a.left) == "payAmount" && a.unit.is_none() {
        add(&format!("{path}/unit"), "unit", Severity::Warning);
    }
    if a.right.iter().any(|r| matches!(r.typed(), Typed::Wrong(_))) {
        add(&format!("{path}/rightOperand"), "value", Severity::Error);
    }
    if a.operator == IsAnyOf && a.right.len() == 1 {
        add(&format!("{path}/operator"), "single", Severity::Hint);
    }
}
