//! From nodes that refer to each other to one tree for each policy.
//!
//! Only the members that make up a policy are followed, so that the description of a dataset does not become part
//! of the rule that is about it.

use super::{PolicyError, iri, wrong};
use ontology::{odrl, ovc, rdf};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most nodes of one tree: nodes that are shared are copied, which must not explode.
const MOST: usize = 50_000;

/// Nodes by id.
pub(super) struct Graph {
    nodes: BTreeMap<String, Map<String, Value>>,
    /// Ids in the order of the document.
    order: Vec<String>,
}

/// What is taken over of a node that is referred to.
#[derive(Clone, Copy)]
enum Part {
    /// All members.
    All,
    /// A party, asset or action: only what narrows it.
    Narrowing,
    /// Only its name.
    Name,
}

fn part(property: &str) -> Part {
    const ALL: [&str; 13] = [
        "permission",
        "prohibition",
        "obligation",
        "duty",
        "consequence",
        "remedy",
        "constraint",
        "refinement",
        "and",
        "or",
        "xone",
        "andSequence",
        "failure",
    ];
    match property.strip_prefix(odrl::NS) {
        Some(name) if ALL.contains(&name) => Part::All,
        Some("leftOperand" | "rightOperand" | "operator" | "profile" | "inheritFrom" | "unit") => Part::Name,
        Some(_) => Part::Narrowing,
        None if property == ovc::CONSTRAINT => Part::All,
        None => Part::Name,
    }
}

/// What narrows a party, asset or action, or says where an action belongs.
fn narrows(key: &str) -> bool {
    key == rdf::VALUE
        || key == ovc::CONSTRAINT
        || ["refinement", "source", "includedIn", "implies"].iter().any(|name| key == iri(name))
}

impl Graph {
    /// Gathers the nodes of a document, also those within others.
    pub(super) fn new(documents: &[Value]) -> Self {
        let mut graph = Self { nodes: BTreeMap::new(), order: Vec::new() };
        for document in documents {
            graph.gather(document, true);
        }
        graph.apply_inverse();
        graph
    }

    fn gather(&mut self, value: &Value, top: bool) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.gather(item, false)),
            Value::Object(members) if !members.contains_key("@value") => {
                let id = match members.get("@id").and_then(Value::as_str) {
                    Some(id) => Some(id.to_owned()),
                    None => top.then(|| format!("_:::{}", self.order.len())),
                };
                if let Some(id) = id.filter(|_| members.len() > 1 || top) {
                    if !self.nodes.contains_key(&id) {
                        self.order.push(id.clone());
                    }
                    let known = self.nodes.entry(id).or_default();
                    for (key, value) in members {
                        merge(known.entry(key.clone()).or_insert(Value::Null), value);
                    }
                }
                for (key, value) in members {
                    if !key.starts_with('@') || key == "@list" {
                        self.gather(value, false);
                    }
                }
            }
            _ => {}
        }
    }

    /// Properties that point from the asset or the party to its policy.
    fn apply_inverse(&mut self) {
        let mut found = Vec::new();
        for id in &self.order {
            let Some(node) = self.nodes.get(id) else { continue };
            for (inverse, property) in
                [("hasPolicy", "target"), ("assigneeOf", "assignee"), ("assignerOf", "assigner")]
            {
                let policies = node.get(&iri(inverse)).and_then(Value::as_array).into_iter().flatten();
                for policy in policies.filter_map(|p| p.get("@id")?.as_str()) {
                    found.push((policy.to_owned(), property, id.clone()));
                }
            }
        }
        for (policy, property, id) in found {
            if let Some(node) = self.nodes.get_mut(&policy) {
                merge(node.entry(iri(property)).or_insert(Value::Null), &json!([{"@id": id}]));
            }
        }
    }

    /// Ids of the nodes that `wanted` accepts, in the order of the document.
    pub(super) fn find(&self, wanted: impl Fn(&Map<String, Value>) -> bool) -> Vec<&str> {
        self.order.iter().filter(|id| self.nodes.get(*id).is_some_and(&wanted)).map(String::as_str).collect()
    }

    /// The node `id` with what it refers to in place.
    pub(super) fn tree(&self, id: &str) -> Result<Value, PolicyError> {
        let mut budget = MOST;
        self.node(id, Part::All, &mut Vec::new(), &mut budget)
    }

    fn node(
        &self,
        id: &str,
        part: Part,
        line: &mut Vec<String>,
        budget: &mut usize,
    ) -> Result<Value, PolicyError> {
        let members = self.nodes.get(id);
        let list = members.filter(|node| node.contains_key(rdf::FIRST));
        if let Some(first) = list {
            return self.list(first, line, budget);
        }
        let kept = |key: &str| match part {
            Part::All => true,
            Part::Narrowing => key == "@type" || narrows(key),
            Part::Name => false,
        };
        let wanted = members.filter(|node| {
            !matches!(part, Part::Narrowing) || node.keys().any(|k| narrows(k)) || refers(node)
        });
        let Some(node) = wanted.filter(|_| !matches!(part, Part::Name)) else {
            return Ok(json!({"@id": id}));
        };
        if line.iter().any(|above| above == id) {
            return Err(wrong(id, "is part of itself"));
        }
        line.push(id.to_owned());
        let mut out = Map::new();
        for (key, value) in node.iter().filter(|(key, _)| kept(key)) {
            if key == "@id" && id.starts_with("_:") {
                continue;
            }
            out.insert(key.clone(), self.value(key, value, line, budget)?);
        }
        if !id.starts_with("_:") {
            out.insert("@id".to_owned(), json!(id));
        }
        line.pop();
        Ok(Value::Object(out))
    }

    fn value(
        &self,
        key: &str,
        value: &Value,
        line: &mut Vec<String>,
        budget: &mut usize,
    ) -> Result<Value, PolicyError> {
        *budget = budget.checked_sub(1).ok_or_else(|| wrong("policy", "is too large once put together"))?;
        if key == "@id" || key == "@type" {
            return Ok(value.clone());
        }
        match value {
            Value::Array(items) => items
                .iter()
                .map(|item| self.value(key, item, line, budget))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Value::Object(members) if members.contains_key("@value") => Ok(value.clone()),
            Value::Object(members) => match members.get("@id").and_then(Value::as_str) {
                Some(id) => self.node(id, part(key), line, budget),
                None => {
                    let mut out = Map::new();
                    for (inner, value) in members {
                        // Items of a list stand in the place of the list.
                        let key = if inner == "@list" { key } else { inner };
                        out.insert(inner.clone(), self.value(key, value, line, budget)?);
                    }
                    Ok(Value::Object(out))
                }
            },
            other => Ok(other.clone()),
        }
    }

    /// A list that is written with `rdf:first` and `rdf:rest`.
    fn list(
        &self,
        first: &Map<String, Value>,
        line: &mut Vec<String>,
        budget: &mut usize,
    ) -> Result<Value, PolicyError> {
        let mut items = Vec::new();
        let mut cell = Some(first);
        while let Some(node) = cell {
            for item in node.get(rdf::FIRST).and_then(Value::as_array).into_iter().flatten() {
                items.push(self.value(&iri("and"), item, line, budget)?);
            }
            *budget = budget.checked_sub(1).ok_or_else(|| wrong("policy", "has a list without an end"))?;
            let rest = node.get(rdf::REST).and_then(|rest| rest.get(0)?.get("@id")?.as_str());
            cell = rest.and_then(|id| self.nodes.get(id));
            cell = cell.filter(|node| node.contains_key(rdf::FIRST));
        }
        Ok(json!({"@list": items}))
    }
}

/// Has the tree below its root a node with both a name and members, that others may refer to, or a cell of a list?
pub(super) fn has_named_parts(root: &Value) -> bool {
    fn named(value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(named),
            Value::Object(members) => {
                (members.contains_key("@id") && members.len() > 1)
                    || members.contains_key(rdf::FIRST)
                    || members.values().any(named)
            }
            _ => false,
        }
    }
    let hints = ["hasPolicy", "assigneeOf", "assignerOf"].map(iri);
    root.as_object().is_some_and(|members| {
        members.iter().any(|(key, value)| hints.contains(key) || named(value))
            || members.contains_key(rdf::FIRST)
    })
}

/// Is it said to be a collection?
fn refers(node: &Map<String, Value>) -> bool {
    let types = node.get("@type").and_then(Value::as_array).into_iter().flatten();
    types.filter_map(Value::as_str).any(|t| [odrl::ASSET_COLLECTION, odrl::PARTY_COLLECTION].contains(&t))
}

/// Joins two values of one member.
fn merge(known: &mut Value, more: &Value) {
    match (&mut *known, more) {
        (Value::Array(known), Value::Array(more)) => {
            for value in more.iter().filter(|value| !known.contains(value)).cloned().collect::<Vec<_>>() {
                known.push(value);
            }
        }
        (Value::Null, more) => *known = more.clone(),
        _ => {}
    }
}
