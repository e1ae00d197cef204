//! From JSON in any JSON-LD form to the model.

mod operand;

use crate::model::{Atomic, Constraint, Logic, Operator, Policy, PolicyKind, Rule};
use crate::terms::{full, short};
use ontology::jsonld::{self, Node};
use ontology::{odrl, rdf};
use serde_json::{Value, json};

/// Deepest nesting of logical constraints.
const DEEPEST: usize = 16;
/// Most constraints in one policy.
const MOST: usize = 2_000;

/// Why a document is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct PolicyError {
    /// Where in the input.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

pub(crate) fn wrong(path: impl Into<String>, reason: impl Into<String>) -> PolicyError {
    PolicyError { path: path.into(), reason: reason.into() }
}

pub(crate) fn iri(term: &str) -> String {
    format!("{}{term}", odrl::NS)
}

impl Policy {
    /// Reads a policy: DSP 2025-1 plain JSON, or any JSON-LD form over embedded contexts.
    ///
    /// # Errors
    /// [`PolicyError`] with the path of what cannot be read.
    pub fn parse(value: &Value) -> Result<Self, PolicyError> {
        if !value.is_object() {
            return Err(wrong("policy", "is not an object"));
        }
        let default = json!([jsonld::DSPACE_ODRL_CONTEXT]);
        let expanded =
            jsonld::expand_with(value, Some(&default)).map_err(|e| wrong(e.path(), e.to_string()))?;
        let node = Node::new(&expanded).ok_or_else(|| wrong("policy", "is not a node"))?;
        let kind = match node.types().iter().map(|t| short(t).rsplit('/').next().unwrap_or(t)).next() {
            Some("Offer") => PolicyKind::Offer,
            Some("Agreement") => PolicyKind::Agreement,
            Some("Set" | "Policy") | None => PolicyKind::Set,
            Some(other) => return Err(wrong("@type", format!("{other} is not Set, Offer or Agreement"))),
        };
        let text = |term: &str| node.first_str(&iri(term));
        let mut budget = MOST;
        let mut rules = |term: &str| -> Result<Vec<Rule>, PolicyError> {
            node.values(&iri(term))
                .iter()
                .enumerate()
                .map(|(n, value)| rule(value, &format!("{term}/{n}"), 0, &mut budget))
                .collect()
        };
        let policy = Self {
            id: node.id().map(str::to_owned),
            kind,
            target: text("target"),
            assigner: text("assigner"),
            assignee: text("assignee"),
            profiles: strings(node.values(&iri("profile"))),
            permissions: rules("permission")?,
            prohibitions: rules("prohibition")?,
            obligations: rules("obligation")?,
        };
        for term in ["inheritFrom", "conflict", "action"] {
            if node.has(&iri(term)) {
                return Err(wrong(term, "is not supported at the level of a policy"));
            }
        }
        Ok(policy)
    }
}

fn strings(values: &[Value]) -> Vec<String> {
    values.iter().filter_map(|v| operand::scalar(v).map(|o| o.value)).collect()
}

fn rule(value: &Value, path: &str, depth: usize, budget: &mut usize) -> Result<Rule, PolicyError> {
    let node = Node::new(value).ok_or_else(|| wrong(path, "is not an object"))?;
    let action = match node.values(&iri("action")) {
        [one] => action(one, path)?,
        [] => return Err(wrong(format!("{path}/action"), "is missing")),
        _ => return Err(wrong(format!("{path}/action"), "must be one; write a rule for each")),
    };
    let constraints = node
        .values(&iri("constraint"))
        .iter()
        .enumerate()
        .map(|(n, c)| constraint(c, &format!("{path}/constraint/{n}"), 0, budget))
        .collect::<Result<Vec<_>, _>>()?;
    let mut duties = Vec::new();
    for (n, duty) in node.values(&iri("duty")).iter().enumerate() {
        if depth >= 4 {
            return Err(wrong(path, "duties are nested too deeply"));
        }
        duties.push(rule(duty, &format!("{path}/duty/{n}"), depth + 1, budget)?);
    }
    const KNOWN: [&str; 6] = ["action", "constraint", "duty", "assignee", "assigner", "target"];
    let unknown = node
        .keys()
        .filter(|key| key.starts_with(odrl::NS) && !KNOWN.contains(&short(key)))
        .map(str::to_owned)
        .collect();
    Ok(Rule { action, constraints, duties, assignee: node.first_str(&iri("assignee")), unknown })
}

fn action(value: &Value, path: &str) -> Result<String, PolicyError> {
    if let Some(found) = operand::scalar(value) {
        return Ok(full(&found.value));
    }
    let node = Node::new(value).ok_or_else(|| wrong(format!("{path}/action"), "is not a term"))?;
    if node.has(&iri("refinement")) {
        return Err(wrong(format!("{path}/action/refinement"), "refinements are not supported"));
    }
    // EDC's older form and the RDF form of an action with a value.
    node.first_str(&format!("{}type", odrl::NS))
        .or_else(|| node.first_str(rdf::VALUE))
        .map(|name| full(&name))
        .ok_or_else(|| wrong(format!("{path}/action"), "is not a term"))
}

fn constraint(
    value: &Value,
    path: &str,
    depth: usize,
    budget: &mut usize,
) -> Result<Constraint, PolicyError> {
    *budget = budget
        .checked_sub(1)
        .ok_or_else(|| wrong(path, format!("there are more than {MOST} constraints")))?;
    if depth > DEEPEST {
        return Err(wrong(path, "constraints are nested too deeply"));
    }
    let node = Node::new(value).ok_or_else(|| wrong(path, "is not an object"))?;
    let joined: Vec<Logic> = Logic::ALL.into_iter().filter(|l| node.has(&iri(l.name()))).collect();
    if let [logic] = joined.as_slice() {
        if node.has(&iri("leftOperand")) {
            return Err(wrong(path, "is both a comparison and a logical constraint"));
        }
        let items = node.values(&iri(logic.name()));
        if items.is_empty() {
            return Err(wrong(format!("{path}/{}", logic.name()), "is empty"));
        }
        let items = items
            .iter()
            .enumerate()
            .map(|(n, c)| constraint(c, &format!("{path}/{}/{n}", logic.name()), depth + 1, budget))
            .collect::<Result<_, _>>()?;
        return Ok(Constraint::Logical(*logic, items));
    }
    if !joined.is_empty() {
        return Err(wrong(path, "has more than one logical operator"));
    }
    let left = node
        .first_str(&iri("leftOperand"))
        .filter(|t| !t.trim().is_empty())
        .ok_or_else(|| wrong(format!("{path}/leftOperand"), "is missing"))?;
    let operator =
        node.first_str(&iri("operator")).ok_or_else(|| wrong(format!("{path}/operator"), "is missing"))?;
    let operator = Operator::named(short(&full(&operator)))
        .ok_or_else(|| wrong(format!("{path}/operator"), format!("{operator} is not an operator of ODRL")))?;
    if node.has(&iri("rightOperandReference")) {
        return Err(wrong(format!("{path}/rightOperandReference"), "references are not followed"));
    }
    let values = node.values(&iri("rightOperand"));
    let right = values
        .iter()
        .map(|v| operand::scalar(v).ok_or_else(|| wrong(format!("{path}/rightOperand"), "is not a value")))
        .collect::<Result<Vec<_>, _>>()?;
    if right.is_empty() {
        return Err(wrong(format!("{path}/rightOperand"), "is missing"));
    }
    Ok(Constraint::Atomic(Atomic { left: full(&left), operator, listed: right.len() > 1, right }))
}
