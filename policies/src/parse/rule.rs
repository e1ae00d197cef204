//! Permissions, prohibitions, obligations and duties.

use super::member::{Members, annotation, scalar, single};
use super::{Budget, PolicyError, constraint, iri, wrong};
use crate::model::{Rule, Unknown};
use crate::terms::full;
use ontology::jsonld::Node;
use ontology::rdf;
use serde_json::Value;

/// Deepest nesting of duties.
const DEEPEST: usize = 4;

pub(super) fn read(
    value: &Value,
    path: &str,
    budget: &mut Budget,
    depth: usize,
) -> Result<Rule, PolicyError> {
    budget.take(path)?;
    if depth > DEEPEST {
        return Err(wrong(path, "duties are nested too deeply"));
    }
    let node = Node::new(value).ok_or_else(|| wrong(path, "is not an object"))?;
    let mut members = Members::new(node);
    let at = |error: PolicyError| wrong(format!("{path}/{}", error.path), error.reason);
    let (action, refined) = match members.take("action") {
        [one] => action(one).ok_or_else(|| wrong(format!("{path}/action"), "is not a term"))?,
        [] => return Err(wrong(format!("{path}/action"), "is missing")),
        _ => return Err(wrong(format!("{path}/action"), "must be one; write a rule for each")),
    };
    let constraints = members
        .take("constraint")
        .iter()
        .enumerate()
        .map(|(n, c)| constraint::read(c, &format!("{path}/constraint/{n}"), budget, 0))
        .collect::<Result<_, _>>()?;
    let duties = members
        .take("duty")
        .iter()
        .enumerate()
        .map(|(n, duty)| read(duty, &format!("{path}/duty/{n}"), budget, depth + 1))
        .collect::<Result<_, _>>()?;
    let (target, assigner, assignee) = (
        members.party("target").map_err(at)?,
        members.party("assigner").map_err(at)?,
        members.party("assignee").map_err(at)?,
    );
    let mut unknown = members.rest(annotation);
    unknown.extend(refined);
    Ok(Rule { action, constraints, duties, target, assigner, assignee, unknown })
}

/// The action, and its refinements, which are not understood.
fn action(value: &Value) -> Option<(String, Unknown)> {
    if let Some(found) = scalar(value).or_else(|| single(value)) {
        return (!found.value.trim().is_empty()).then(|| (full(&found.value), Unknown::new()));
    }
    let node = Node::new(value)?;
    // RDF gives a refined action as a node with a value; EDC once wrote `odrl:type`.
    let named = [rdf::VALUE.to_owned(), iri("type")].iter().find_map(|key| node.first_str(key));
    let name = named.or_else(|| node.id().map(str::to_owned))?;
    let mut unknown = Unknown::new();
    for (key, value) in node.as_map() {
        if !key.starts_with('@') && key != rdf::VALUE && *key != iri("type") && !annotation(key) {
            unknown.insert(key.clone(), value.clone());
        }
    }
    Some((full(&name), unknown))
}
