//! Evaluation plans: which conditions of a policy are decided in a scope, and which are left out there and why.

use super::output::{Form, Members};
use engine::port::Clock as _;
use policies::{Clause, Facts, Outcome, Phase, Policy, decide};
use serde_json::Value;

/// EDC's policy scopes, with the stage at which we ask the same question.
const SCOPES: [(&str, Phase); 7] = [
    ("catalog", Phase::Catalogue),
    ("request.catalog", Phase::Catalogue),
    ("contract.negotiation", Phase::Negotiation),
    ("request.contract.negotiation", Phase::Negotiation),
    ("transfer.process", Phase::Transfer),
    ("request.transfer.process", Phase::Transfer),
    ("policy.monitor", Phase::Stream),
];

/// The stage of a scope.
pub(super) fn phase(scope: &str) -> Option<Phase> {
    SCOPES.iter().find(|(name, _)| *name == scope).map(|(_, phase)| *phase)
}

/// The scopes there are.
pub(super) fn scopes() -> Vec<&'static str> {
    SCOPES.iter().map(|(name, _)| *name).collect()
}

/// The plan of `policy` at `phase` in the documented form.
pub(super) fn write(form: Form, policy: &Policy, phase: Phase) -> Value {
    let now = crate::system::SystemClock.now();
    let verdict = decide(policy, &Facts { now, phase, ..Facts::default() });
    let rules = policy.to_json();
    let steps = |list: &str, kind: &str| {
        each(form, &rules, list, list, &|r, at| rule(form, r, at, kind, &verdict.clauses))
    };
    Members::new("PolicyEvaluationPlan", None)
        .with("preValidators", Value::Array(Vec::new()))
        .with("permissionSteps", steps("permission", "PermissionStep"))
        .with("prohibitionSteps", steps("prohibition", "ProhibitionStep"))
        .with("obligationSteps", steps("obligation", "DutyStep"))
        .with("postValidators", Value::Array(Vec::new()))
        .into()
}

/// A step for each item of the list `name` of `parent`, which is at `place`.
fn each(form: Form, parent: &Value, name: &str, place: &str, step: &dyn Fn(&Value, &str) -> Value) -> Value {
    let items = parent.get(name).and_then(Value::as_array).into_iter().flatten();
    form.many(items.enumerate().map(|(n, item)| step(item, &format!("{place}/{n}"))).collect())
}

fn rule(form: Form, rule: &Value, place: &str, kind: &str, clauses: &[Clause]) -> Value {
    let constraints = each(form, rule, "constraint", &format!("{place}/constraint"), &|c, at| {
        constraint(form, c, at, clauses)
    });
    let step = left_out(form, Members::new(kind, None), place, clauses)
        .with("ruleFunctions", Value::Array(Vec::new()))
        .with("constraintSteps", constraints);
    if kind != "PermissionStep" {
        return step.into();
    }
    let duties = each(form, rule, "duty", &format!("{place}/duty"), &|d, at| {
        self::rule(form, d, at, "DutyStep", clauses)
    });
    step.with("dutySteps", duties).into()
}

fn constraint(form: Form, value: &Value, place: &str, clauses: &[Clause]) -> Value {
    for (list, kind) in [
        ("and", "AndConstraintStep"),
        ("andSequence", "AndConstraintStep"),
        ("or", "OrConstraintStep"),
        ("xone", "XoneConstraintStep"),
    ] {
        if value.get(list).is_some() {
            let steps = each(form, value, list, &format!("{place}/{list}"), &|c, at| {
                constraint(form, c, at, clauses)
            });
            return Members::new(kind, None).with("constraintSteps", steps).into();
        }
    }
    let text = |name: &str| match value.get(name) {
        Some(Value::String(text)) => Value::String(text.clone()),
        Some(other) => Value::String(other.to_string()),
        None => Value::String(String::new()),
    };
    left_out(form, Members::new("AtomicConstraintStep", None), place, clauses)
        .with("functionParams", Value::Array(["leftOperand", "operator", "rightOperand"].map(text).to_vec()))
        .into()
}

/// Says whether what is at `place` is left out.
fn left_out(form: Form, step: Members, place: &str, clauses: &[Clause]) -> Members {
    let reasons: Vec<Value> = clauses
        .iter()
        .filter(|c| c.path == place && matches!(c.outcome, Outcome::Deferred | Outcome::Contractual))
        .map(|c| Value::String(c.reason.clone()))
        .collect();
    step.with("isFiltered", !reasons.is_empty()).with("filteringReasons", form.many(reasons))
}
