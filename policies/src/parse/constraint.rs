//! Conditions.

use super::member::{Members, annotation, scalar};
use super::{Budget, PolicyError, wrong};
use crate::model::{Atomic, Constraint, Logic, Logical, Operand, Operator};
use crate::terms::{full, short};
use ontology::jsonld::Node;
use ontology::{odrl, ovc, xsd};
use serde_json::Value;

/// Deepest nesting of logical constraints.
const DEEPEST: usize = 16;

/// Several conditions; lists within the list are taken apart.
pub(super) fn list(
    values: &[Value],
    path: &str,
    budget: &mut Budget,
) -> Result<Vec<Constraint>, PolicyError> {
    values.iter().enumerate().map(|(n, c)| read(c, &format!("{path}/{n}"), budget, 0)).collect()
}

fn read(value: &Value, path: &str, budget: &mut Budget, depth: usize) -> Result<Constraint, PolicyError> {
    budget.take(path)?;
    if depth > DEEPEST {
        return Err(wrong(path, "constraints are nested too deeply"));
    }
    let node = Node::new(value).ok_or_else(|| wrong(path, "is not an object"))?;
    let names = || node.as_map().keys().filter_map(|key| key.strip_prefix(odrl::NS));
    let joined: Vec<Logic> =
        Logic::ALL.into_iter().filter(|l| names().any(|name| name == l.name())).collect();
    match joined.as_slice() {
        [] => atomic(node, path, budget).map(|a| Constraint::Atomic(Box::new(a))),
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
    let id = members.id();
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
    Ok(Constraint::Logical(Logical { id, logic, items }))
}

fn atomic(node: Node<'_>, path: &str, budget: &mut Budget) -> Result<Atomic, PolicyError> {
    let mut members = Members::new(node);
    let at = |error: PolicyError| wrong(format!("{path}/{}", error.path), error.reason);
    let credential = claim(&mut members, path)?;
    let mut required = |term: &str| -> Result<String, PolicyError> {
        let found = members.text(term).map_err(at)?.filter(|text| !text.trim().is_empty());
        found.ok_or_else(|| wrong(format!("{path}/{term}"), "is missing"))
    };
    let (left, credential) = match credential {
        Some((left, kind)) => (left, Some(kind)),
        None => (full(&required("leftOperand")?), None),
    };
    let operator = required("operator")?;
    let operator = named(&operator).ok_or_else(|| {
        wrong(format!("{path}/operator"), format!("{} is not an operator of ODRL", short(&operator)))
    })?;
    let datatype = members.text("dataType").map_err(at)?.map(|t| match t.strip_prefix("xsd:") {
        Some(name) => format!("{}{name}", xsd::NS),
        None => t,
    });
    let unit = members.text("unit").map_err(at)?;
    let status = one(members.take("status"), &format!("{path}/status"))?;
    let here = format!("{path}/rightOperand");
    let values = members.take("rightOperand");
    let mut right = Vec::with_capacity(values.len());
    for value in values {
        budget.take(&here)?;
        let read = scalar(value).ok_or_else(|| wrong(here.as_str(), "is not a value"))?;
        let datatype = read.datatype.or_else(|| datatype.clone().filter(|_| !read.iri));
        right.push(Operand { datatype, ..read });
    }
    let references = members
        .take("rightOperandReference")
        .iter()
        .map(|v| {
            // A literal refers to nothing (exit test V20), unless it is typed as an address.
            let address = |o: &Operand| o.datatype.as_deref().is_some_and(|t| t.ends_with("anyURI"));
            scalar(v)
                .filter(|o| o.iri || address(o))
                .map(|o| o.value)
                .ok_or_else(|| wrong(format!("{path}/rightOperandReference"), "is not an IRI"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if right.is_empty() && references.is_empty() {
        return Err(wrong(here, "is missing"));
    }
    if !right.is_empty() && !references.is_empty() {
        return Err(wrong(here, "stands beside rightOperandReference"));
    }
    let id = members.id();
    Ok(Atomic {
        id,
        left,
        operator,
        right,
        references,
        unit,
        status,
        credential,
        unknown: members.rest(annotation),
    })
}

/// Left operand and subject type of a condition on a credential.
fn claim(members: &mut Members<'_>, path: &str) -> Result<Option<(String, String)>, PolicyError> {
    let left = members.take_iri(ovc::LEFT_OPERAND).first().and_then(scalar).map(|o| o.value);
    let kind = members.take_iri(ovc::CREDENTIAL_SUBJECT_TYPE).first().and_then(scalar).map(|o| o.value);
    match (left, kind) {
        (None, None) => Ok(None),
        (Some(left), kind) if !left.trim().is_empty() => Ok(Some((left, kind.unwrap_or_default()))),
        _ => Err(wrong(format!("{path}/ovc:leftOperand"), "is missing")),
    }
}

/// The operator of a name; the profile for credentials is also met with `anyOf`.
fn named(name: &str) -> Option<Operator> {
    let full = full(name);
    let short = short(&full);
    Operator::named(short).or(match short {
        "anyOf" => Some(Operator::IsAnyOf),
        "noneOf" => Some(Operator::IsNoneOf),
        "allOf" => Some(Operator::IsAllOf),
        _ => None,
    })
}

fn one(values: &[Value], path: &str) -> Result<Option<Operand>, PolicyError> {
    match values {
        [] => Ok(None),
        [one] => scalar(one).map(Some).ok_or_else(|| wrong(path, "is not a value")),
        _ => Err(wrong(path, "must be one")),
    }
}
