//! The short way from DSP 2025-1 plain JSON to the model, past JSON-LD.
//!
//! It takes a document only when each member and each value is of a form whose expansion is known beforehand, and
//! when nothing in it is wrong. All else, errors included, is left to the general way, so that there is one place
//! that says what a document means. Tests hold the two against each other.

use super::Budget;
use crate::model::{Atomic, Conflict, Constraint, Logic, Logical, Operand, Operator, Policy, PolicyKind};
use crate::model::{Referent, Rule, Unknown};
use crate::terms::{deprecated, full, is_action, is_operand, short};
use ontology::{edc, jsonld, odrl, xsd};
use serde_json::{Map, Value};

/// Deepest nesting of logical constraints; what is nested deeper goes the general way.
const DEEPEST: usize = 8;
/// Deepest nesting of duties; the same.
const DEEPEST_DUTY: usize = 3;

/// The policy of a document, or `None` where the general way must read it.
pub(super) fn read(document: &Value, budget: &mut Budget) -> Option<Policy> {
    let mut policy = Policy {
        id: None,
        kind: PolicyKind::Set,
        target: None,
        assigner: None,
        assignee: None,
        profiles: Vec::new(),
        conflicts: Vec::new(),
        inherits: Vec::new(),
        replaced_by: None,
        permissions: Vec::new(),
        prohibitions: Vec::new(),
        obligations: Vec::new(),
        unknown: Unknown::new(),
    };
    for (key, value) in document.as_object()? {
        match key.as_str() {
            "@context" => items(value).iter().all(is_plain_context).then_some(())?,
            "@id" => policy.id = Some(reference(value)?),
            "@type" => policy.kind = PolicyKind::named(local(value.as_str()?))?,
            "target" => policy.target = Some(reference(value)?),
            "assigner" => policy.assigner = Some(reference(value)?),
            "assignee" => policy.assignee = Some(reference(value)?),
            "profile" => policy.profiles = items(value).iter().map(reference).collect::<Option<_>>()?,
            "conflict" => policy.conflicts = vec![Conflict::named(value.as_str()?)?],
            "permission" => policy.permissions = rules(value, budget, 0)?,
            "prohibition" => policy.prohibitions = rules(value, budget, 0)?,
            "obligation" => policy.obligations = rules(value, budget, 0)?,
            // When the agreement was made; the message says so, not the policy.
            "timestamp" if value.is_string() => {}
            _ => return None,
        }
    }
    Some(policy)
}

/// Contexts that explain the names read here no differently than the built-in ones do.
fn is_plain_context(context: &Value) -> bool {
    context.as_str().is_some_and(|address| [jsonld::DSPACE_CONTEXT, jsonld::ODRL_CONTEXT].contains(&address))
}

/// One value, or several in an array.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// The name of a class of ODRL.
fn local(class: &str) -> &str {
    class.strip_prefix("odrl:").unwrap_or(class)
}

/// An IRI, with a prefix of the contexts spelt out. Only prefixes of which it is certain what the contexts make of
/// them are read here.
fn expanded(text: &str) -> Option<String> {
    let (prefix, rest) = text.split_once(':')?;
    match prefix {
        "odrl" if !rest.starts_with("//") => Some(format!("{}{rest}", odrl::NS)),
        "edc" if !rest.starts_with("//") => Some(format!("{}{rest}", edc::NS)),
        "http" | "https" | "urn" | "did" | "claim" => Some(text.to_owned()),
        _ => None,
    }
}

/// A text that names something.
fn reference(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    if text.contains(':') {
        return expanded(text);
    }
    (!text.trim().is_empty() && !text.starts_with('@')).then(|| text.to_owned())
}

/// A term: an IRI, or a name that `known` has in the ODRL vocabulary.
fn term(value: &Value, known: impl Fn(&str) -> bool) -> Option<String> {
    let text = value.as_str()?;
    if text.contains(':') { Some(full(&expanded(text)?)) } else { known(text).then(|| full(text)) }
}

fn rules(value: &Value, budget: &mut Budget, depth: usize) -> Option<Vec<Rule>> {
    (depth <= DEEPEST_DUTY).then_some(())?;
    items(value).iter().map(|one| rule(one.as_object()?, budget, depth)).collect()
}

fn rule(members: &Map<String, Value>, budget: &mut Budget, depth: usize) -> Option<Rule> {
    spend(budget)?;
    let mut rule = Rule::default();
    for (key, value) in members {
        match key.as_str() {
            "@type" => ["Permission", "Prohibition", "Duty", "Rule"]
                .contains(&local(value.as_str()?))
                .then_some(())?,
            "action" => {
                spend(budget)?;
                rule.action =
                    term(value, |name| is_action(name) || name == "log" || deprecated().any(|d| d == name))?;
            }
            "constraint" => rule.constraints = constraints(value, budget, 0)?,
            "duty" => rule.duties = rules(value, budget, depth + 1)?,
            "consequence" => rule.consequences = rules(value, budget, depth + 1)?,
            "remedy" => rule.remedies = rules(value, budget, depth + 1)?,
            "target" => rule.target = Some(referent(value, budget)?),
            "assigner" => rule.assigner = Some(referent(value, budget)?),
            "assignee" => rule.assignee = Some(referent(value, budget)?),
            _ => return None,
        }
    }
    // What an Information Model forbids is told by the general way.
    let nested = rule.consequences.iter().chain(&rule.remedies).any(|inner| !inner.consequences.is_empty());
    (!rule.action.is_empty() && !nested).then_some(rule)
}

fn referent(value: &Value, budget: &mut Budget) -> Option<Referent> {
    spend(budget)?;
    reference(value).map(Referent::one)
}

fn constraints(value: &Value, budget: &mut Budget, depth: usize) -> Option<Vec<Constraint>> {
    (depth <= DEEPEST).then_some(())?;
    items(value).iter().map(|one| constraint(one.as_object()?, budget, depth)).collect()
}

fn constraint(members: &Map<String, Value>, budget: &mut Budget, depth: usize) -> Option<Constraint> {
    spend(budget)?;
    let (mut left, mut operator, mut right, mut unit, mut joined) = (None, None, Vec::new(), None, None);
    for (key, value) in members {
        match key.as_str() {
            "@type" => {
                ["Constraint", "LogicalConstraint"].contains(&local(value.as_str()?)).then_some(())?;
            }
            "leftOperand" => left = Some(term(value, |name| is_operand(name) || name == "inForceDate")?),
            "operator" => {
                let name = term(value, |name| Operator::named(name).is_some())?;
                operator = Some(Operator::named(short(&name))?);
            }
            "rightOperand" => right = operands(value, budget)?,
            "unit" => unit = Some(reference(value)?),
            name => {
                let logic = Logic::ALL.into_iter().find(|logic| logic.name() == name)?;
                let items = constraints(value, budget, depth + 1)?;
                // Two logical operators in one constraint are an error.
                (joined.is_none() && !items.is_empty()).then_some(())?;
                joined = Some(Logical { id: None, logic, items });
            }
        }
    }
    match (joined, left, operator) {
        (Some(logical), None, None) if right.is_empty() && unit.is_none() => {
            Some(Constraint::Logical(logical))
        }
        (None, Some(left), Some(operator)) if !right.is_empty() => {
            Some(Constraint::Atomic(Box::new(Atomic {
                id: None,
                left,
                operator,
                right,
                references: Vec::new(),
                unit,
                status: None,
                credential: None,
                unknown: Unknown::new(),
            })))
        }
        _ => None,
    }
}

fn operands(value: &Value, budget: &mut Budget) -> Option<Vec<Operand>> {
    items(value)
        .iter()
        .map(|one| {
            spend(budget)?;
            operand(one)
        })
        .collect()
}

fn operand(value: &Value) -> Option<Operand> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    let Value::Object(members) = value else {
        return Some(Operand { value: text(value)?, ..Operand::default() });
    };
    match (members.len(), members.get("@id"), members.get("@value"), members.get("@type")) {
        (1, Some(id), None, None) => Some(Operand { value: reference(id)?, iri: true, ..Operand::default() }),
        (1, None, Some(value), None) => Some(Operand { value: text(value)?, ..Operand::default() }),
        (2, None, Some(value), Some(datatype)) => {
            let datatype = datatype.as_str()?;
            let name = datatype.strip_prefix("xsd:").or_else(|| datatype.strip_prefix(xsd::NS))?;
            (!name.starts_with("//")).then_some(())?;
            let datatype = Some(format!("{}{name}", xsd::NS));
            Some(Operand { value: text(value)?, datatype, ..Operand::default() })
        }
        _ => None,
    }
}

/// Counts one part, as the general way does; what is too large is told there.
fn spend(budget: &mut Budget) -> Option<()> {
    budget.left = budget.left.checked_sub(1)?;
    Some(())
}
