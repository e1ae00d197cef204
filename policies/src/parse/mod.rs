//! From JSON in any JSON-LD form, or Turtle, to the model.
//!
//! Nothing is dropped in silence: a member that is not understood is kept and makes its owner undecidable, for a
//! misspelt or foreign condition must not turn into no condition.

mod constraint;
mod direct;
mod graph;
mod head;
mod member;
pub(crate) mod rule;

use crate::model::{Conflict, Policy, PolicyKind};
use crate::terms::{UNEXPLAINED, full, short};
use graph::Graph;
use head::Head;
use member::{Members, scalar};
use ontology::jsonld::{self, Node, Prepared};
use ontology::{dct, dspace, odrl, turtle};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Most rules, constraints and values in one policy, all together.
const MOST: usize = 10_000;

/// Why a document is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct PolicyError {
    /// Where in the input.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

/// Latitude in reading. The default is the strict reading of the ODRL Information Model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// A rule without an action is about every action, as some test suites have it; the Information Model demands
    /// an action.
    pub any_action: bool,
}

pub(crate) fn wrong(path: impl Into<String>, reason: impl Into<String>) -> PolicyError {
    PolicyError { path: path.into(), reason: reason.into() }
}

fn iri(term: &str) -> String {
    format!("{}{term}", odrl::NS)
}

/// What is left of the allowance for the size of a policy, and how it is read.
struct Budget {
    left: usize,
    reading: Reading,
}

impl Budget {
    fn take(&mut self, path: &str) -> Result<(), PolicyError> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            wrong(path, format!("the policy has more than {MOST} rules, constraints and values"))
        })?;
        Ok(())
    }
}

impl Policy {
    /// Reads a policy: DSP 2025-1 plain JSON, or any JSON-LD form over embedded contexts.
    ///
    /// # Errors
    /// [`PolicyError`] with the path of what cannot be read.
    pub fn parse(value: &Value) -> Result<Self, PolicyError> {
        let document = match value {
            Value::Object(_) => value,
            Value::Array(items) => match items.as_slice() {
                [one @ Value::Object(_)] => one,
                [_, _, ..] if items.iter().all(Value::is_object) => return only(Self::parse_all(value)?),
                _ => return Err(wrong("policy", "is not one object")),
            },
            _ => return Err(wrong("policy", "is not an object")),
        };
        match Self::read_plain(document) {
            Some(policy) => Ok(policy),
            None => Self::read_json_ld(document),
        }
    }

    /// The short way, for documents in the plain form of the Dataspace Protocol.
    pub(crate) fn read_plain(document: &Value) -> Option<Self> {
        direct::read(document, &mut Budget { left: MOST, reading: Reading::default() })
    }

    /// The general way, by JSON-LD expansion.
    pub(crate) fn read_json_ld(document: &Value) -> Result<Self, PolicyError> {
        let nodes = expanded(document)?;
        let [one] = nodes.as_slice() else {
            return only(policies_of(&nodes, Reading::default())?);
        };
        let node = Node::new(one).ok_or_else(|| wrong("policy", "is not a node"))?;
        match kind(&node) {
            // Most documents are one tree as they stand.
            Ok(_) if !graph::has_named_parts(one) => read(&node, Reading::default()),
            Ok(_) => {
                let graph = Graph::new(&nodes);
                let root = graph.find(|_| true).into_iter().next().unwrap_or_default();
                from_tree(&graph.tree(root)?, Reading::default())
            }
            // Another thing, such as a dataset, that has policies.
            Err(error) => match policies_of(&nodes, Reading::default())? {
                found if found.is_empty() => Err(error),
                found => only(found),
            },
        }
    }

    /// Reads all policies of a JSON-LD document, for example of a `@graph`, in its order. A policy is a node of one
    /// of the ODRL policy classes.
    ///
    /// # Errors
    /// [`PolicyError`] with the path of what cannot be read.
    pub fn parse_all(value: &Value) -> Result<Vec<Self>, PolicyError> {
        let mut nodes = Vec::new();
        for item in value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice) {
            if !item.is_object() {
                return Err(wrong("policy", "is not an object"));
            }
            nodes.extend(expanded(item)?);
        }
        policies_of(&nodes, Reading::default())
    }

    /// Reads all policies of a Turtle document, in its order.
    ///
    /// # Errors
    /// [`PolicyError`] with the line, or the path in the policy, of what cannot be read.
    pub fn parse_turtle(text: &str, reading: Reading) -> Result<Vec<Self>, PolicyError> {
        let nodes = turtle::read(text).map_err(|e| wrong(format!("line {}", e.line), e.reason))?;
        let nodes: Vec<Value> = nodes.into_iter().map(Value::Object).collect();
        policies_of(&nodes, reading)
    }

    /// Reads a policy from an expanded JSON-LD node, whose inner nodes are in place.
    ///
    /// # Errors
    /// [`PolicyError`] with the path of what cannot be read.
    pub fn parse_expanded(node: &Value, reading: Reading) -> Result<Self, PolicyError> {
        from_tree(node, reading)
    }
}

fn only(found: Vec<Policy>) -> Result<Policy, PolicyError> {
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(policy), None) => Ok(policy),
        (None, _) => Err(wrong("policy", "the document describes no policy")),
        (Some(_), Some(_)) => Err(wrong("policy", "the document describes more than one policy")),
    }
}

fn policies_of(nodes: &[Value], reading: Reading) -> Result<Vec<Policy>, PolicyError> {
    let graph = Graph::new(nodes);
    let is_policy = |node: &Map<String, Value>| {
        let types = node.get("@type").and_then(Value::as_array).into_iter().flatten();
        types
            .filter_map(Value::as_str)
            .filter_map(|t| t.strip_prefix(odrl::NS))
            .any(|name| PolicyKind::named(name).is_some())
    };
    let mut found = graph.find(is_policy);
    if found.is_empty() {
        // Without a class, what has rules is a policy.
        found = graph.find(|node| {
            ["permission", "prohibition", "obligation"].iter().any(|list| node.contains_key(&iri(list)))
        });
    }
    found.into_iter().map(|id| from_tree(&graph.tree(id)?, reading)).collect()
}

fn from_tree(tree: &Value, reading: Reading) -> Result<Policy, PolicyError> {
    let node = Node::new(tree).ok_or_else(|| wrong("policy", "is not a node"))?;
    read(&node, reading)
}

fn not_json_ld(error: &jsonld::JsonLdError) -> PolicyError {
    let path = error.path().trim_start_matches('/').to_owned();
    let text = error.to_string();
    let reason = text.strip_prefix(error.path()).map_or(text.as_str(), |t| t.trim_start_matches(": "));
    wrong(if path.is_empty() { "policy" } else { path.as_str() }, reason)
}

/// Contexts under every document: the protocol's names and those of ODRL are explained, and all other names caught.
static CONTEXTS: LazyLock<Option<Prepared>> = LazyLock::new(|| {
    let contexts = json!([{"@vocab": UNEXPLAINED}, jsonld::ODRL_CONTEXT, jsonld::DSPACE_CONTEXT]);
    Prepared::new(&contexts, &[jsonld::ODRL_CONTEXT, jsonld::DSPACE_CONTEXT]).ok()
});

/// The nodes of a document under its own context and those that every document has.
fn expanded(document: &Value) -> Result<Vec<Value>, PolicyError> {
    // They are part of the build, and a test reads them.
    let contexts =
        CONTEXTS.as_ref().ok_or_else(|| wrong("@context", "the built-in contexts cannot be read"))?;
    // An explicit null would take the names away that every document has.
    let nulls = |context: &Value| match context {
        Value::Null => true,
        Value::Array(items) => items.iter().any(Value::is_null),
        _ => false,
    };
    let found = match document.get("@context") {
        Some(own) if nulls(own) => {
            let mut document = document.clone();
            if let Some(own) = document.get_mut("@context") {
                *own = Value::Array(
                    own.as_array().into_iter().flatten().filter(|c| !c.is_null()).cloned().collect(),
                );
            }
            contexts.expand_all(&document)
        }
        _ => contexts.expand_all(document),
    };
    found.map_err(|e| not_json_ld(&e))
}

fn read(node: &Node<'_>, reading: Reading) -> Result<Policy, PolicyError> {
    let kind = kind(node)?;
    let mut budget = Budget { left: MOST, reading };
    let mut members = Members::new(*node);
    let id = members.id();
    let mut conflicts = members
        .take("conflict")
        .iter()
        .map(|term| {
            let term = scalar(term).ok_or_else(|| wrong("conflict", "is not a term"))?.value;
            Conflict::named(short(&full(&term)))
                .ok_or_else(|| wrong("conflict", format!("{term} is not perm, prohibit or invalid")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    conflicts.sort_unstable();
    conflicts.dedup();
    let profiles = iris(&mut members, "profile")?;
    let inherits = iris(&mut members, "inheritFrom")?;
    let replaced_by = node.first_str(dct::IS_REPLACED_BY);
    let head = Head::read(&mut members, &mut budget)?;
    let mut rules = |term: &str| -> Result<_, PolicyError> {
        let mut out = Vec::new();
        for (n, value) in members.take(term).iter().enumerate() {
            out.extend(rule::read(value, &format!("{term}/{n}"), &head, &mut budget, 0)?);
        }
        Ok(out)
    };
    let (permissions, prohibitions, obligations) =
        (rules("permission")?, rules("prohibition")?, rules("obligation")?);
    Ok(Policy {
        id,
        kind,
        target: head.shared.target,
        assigner: head.shared.assigner,
        assignee: head.shared.assignee,
        profiles,
        conflicts,
        inherits,
        replaced_by,
        permissions,
        prohibitions,
        obligations,
        unknown: members.rest(|key| {
            let foreign = !key.starts_with(odrl::NS) && !key.starts_with(UNEXPLAINED);
            // Messages carry extensions at this level.
            foreign || key == format!("{UNEXPLAINED}timestamp") || key.starts_with(dspace::NS)
        }),
    })
}

fn iris(members: &mut Members<'_>, term: &str) -> Result<Vec<String>, PolicyError> {
    members
        .take(term)
        .iter()
        .map(|v| {
            let found = scalar(v).map(|o| o.value).filter(|text| !text.trim().is_empty());
            found.ok_or_else(|| wrong(term, "is not an IRI"))
        })
        .collect()
}

fn kind(node: &Node<'_>) -> Result<PolicyKind, PolicyError> {
    let names: Vec<&str> =
        node.types().iter().map(|t| t.rsplit(['/', '#', ':']).next().unwrap_or(t)).collect();
    // A policy may have several types, the general one among them; the particular one says what it is.
    let known = names.iter().filter_map(|name| PolicyKind::named(name));
    match (known.max_by_key(|kind| *kind != PolicyKind::Set), names.first()) {
        (Some(kind), _) => Ok(kind),
        (None, None) => Ok(PolicyKind::Set),
        (None, Some(other)) => Err(wrong("@type", format!("{other} is not a kind of policy"))),
    }
}
