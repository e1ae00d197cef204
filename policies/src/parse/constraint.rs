//! Conditions.

use super::member::{Members, annotation, scalar};
use super::{Budget, PolicyError, wrong};
use crate::model::{Atomic, Constraint, Logic, Operand, Operator};
use crate::terms::{full, short};
use ontology::jsonld::Node;
use serde_json::Value;

/// Deepest nesting of logical constraints.
const DEEPEST: usize = 16;

pub(super) fn read(
    value: &Value,
    path: &str,
    budget: &mut Budget,
    depth: usize,
) -> Result<Constraint, PolicyError> {
    budget.take(path)?;
    if depth > DEEPEST {
        return Err(wrong(path, "constraints are nested too deeply"));
    }
    let node = Node::new(value).ok_or_else(|| wrong(path, "is not an object"))?;
    let joined: Vec<Logic> = Logic::ALL.into_iter().filter(|l| node.has(&super::iri(l.name()))).collect();
    match joined.as_slice() {
        [] => atomic(node, path, budget).map(Constraint::Atomic),
        [logic] => logical(node, *logic, path, budget, depth),
        _ => Err(wrong(path, "has more than one logical operator")),
    }
}

fn logical(
    node: Node<'_>,
    logic: Logic,
    path: &str,
    budget: &mut Budget,
    depth: usize,
) -> Result<Constraint, PolicyError> {
    let mut members = Members::new(node);
    let path = format!("{path}/{}", logic.name());
    let items = members.take(logic.name());
    if items.is_empty() {
        return Err(wrong(path, "is empty"));
    }
    if let Some(key) = members.rest(annotation).keys().next() {
        return Err(wrong(path, format!("stands beside {}", short(key))));
    }
    let items = items
        .iter()
        .enumerate()
        .map(|(n, c)| read(c, &format!("{path}/{n}"), budget, depth + 1))
        .collect::<Result<_, _>>()?;
    Ok(Constraint::Logical(logic, items))
}

fn atomic(node: Node<'_>, path: &str, budget: &mut Budget) -> Result<Atomic, PolicyError> {
    let mut members = Members::new(node);
    let at = |error: PolicyError| wrong(format!("{path}/{}", error.path), error.reason);
    let mut required = |term: &str| -> Result<String, PolicyError> {
        let found = members.text(term).map_err(at)?.filter(|text| !text.trim().is_empty());
        found.ok_or_else(|| wrong(format!("{path}/{term}"), "is missing"))
    };
    let left = required("leftOperand")?;
    let operator = required("operator")?;
    let operator = Operator::named(short(&full(&operator))).ok_or_else(|| {
        wrong(format!("{path}/operator"), format!("{} is not an operator of ODRL", short(&operator)))
    })?;
    let datatype = members.text("dataType").map_err(at)?;
    let unit = members.text("unit").map_err(at)?;
    let here = format!("{path}/rightOperand");
    let values = members.take("rightOperand");
    let mut right = Vec::with_capacity(values.len());
    for value in values {
        budget.take(&here)?;
        let read = scalar(value).ok_or_else(|| wrong(here.as_str(), "is not a value"))?;
        let datatype = read.datatype.or_else(|| datatype.clone().filter(|_| !read.iri));
        right.push(Operand { datatype, ..read });
    }
    let unknown = members.rest(annotation);
    // A reference stands in the place of the value, and is kept with what is not understood.
    if right.is_empty() && !unknown.contains_key(&super::iri("rightOperandReference")) {
        return Err(wrong(here, "is missing"));
    }
    Ok(Atomic { left: full(&left), operator, right, unit, unknown })
}
