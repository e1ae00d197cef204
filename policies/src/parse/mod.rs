//! From JSON in any JSON-LD form to the model.
//!
//! Nothing is dropped in silence: a member that is not understood is kept and makes its owner undecidable, for a
//! misspelt or foreign condition must not turn into no condition.

mod constraint;
mod member;
mod rule;

use crate::model::{Conflict, Policy, PolicyKind, Rule};
use crate::terms::{UNEXPLAINED, full, short};
use member::{Members, scalar};
use ontology::jsonld::{self, Node};
use ontology::{dspace, odrl};
use serde_json::{Map, Value, json};

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

pub(super) fn wrong(path: impl Into<String>, reason: impl Into<String>) -> PolicyError {
    PolicyError { path: path.into(), reason: reason.into() }
}

fn iri(term: &str) -> String {
    format!("{}{term}", odrl::NS)
}

/// What is left of the allowance for the size of a policy.
struct Budget(usize);

impl Budget {
    fn take(&mut self, path: &str) -> Result<(), PolicyError> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| {
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
        let map = match value {
            Value::Object(map) => map,
            Value::Array(items) => match items.as_slice() {
                [Value::Object(map)] => map,
                _ => return Err(wrong("policy", "is not one object")),
            },
            _ => return Err(wrong("policy", "is not an object")),
        };
        let expanded = jsonld::expand(&explained(map)).map_err(|error| {
            let path = error.path().trim_start_matches('/').to_owned();
            let text = error.to_string();
            let reason =
                text.strip_prefix(error.path()).map_or(text.as_str(), |t| t.trim_start_matches(": "));
            wrong(if path.is_empty() { "policy" } else { path.as_str() }, reason)
        })?;
        let node = Node::new(&expanded).ok_or_else(|| wrong("policy", "is not a node"))?;
        read(&node)
    }
}

/// The document under its own context, with the protocol's names and those of ODRL explained as well, and all
/// other names caught.
fn explained(map: &Map<String, Value>) -> Value {
    let mut contexts =
        vec![json!({"@vocab": UNEXPLAINED}), json!(jsonld::ODRL_CONTEXT), json!(jsonld::DSPACE_CONTEXT)];
    match map.get("@context") {
        None | Some(Value::Null) => {}
        Some(Value::Array(own)) => contexts.extend(own.iter().filter(|c| !c.is_null()).cloned()),
        Some(own) => contexts.push(own.clone()),
    }
    let mut document = map.clone();
    document.insert("@context".to_owned(), Value::Array(contexts));
    Value::Object(document)
}

fn read(node: &Node<'_>) -> Result<Policy, PolicyError> {
    let mut budget = Budget(MOST);
    let mut members = Members::new(*node);
    let conflict = match members.text("conflict")? {
        Some(term) => Some(
            Conflict::named(short(&full(&term)))
                .ok_or_else(|| wrong("conflict", format!("{term} is not perm, prohibit or invalid")))?,
        ),
        None => None,
    };
    Ok(Policy {
        id: node.id().map(str::to_owned),
        kind: kind(node)?,
        target: members.party("target")?,
        assigner: members.party("assigner")?,
        assignee: members.party("assignee")?,
        profiles: members
            .take("profile")
            .iter()
            .map(|v| scalar(v).map(|o| o.value).ok_or_else(|| wrong("profile", "is not an IRI")))
            .collect::<Result<_, _>>()?,
        conflict,
        permissions: rules(&mut members, "permission", &mut budget)?,
        prohibitions: rules(&mut members, "prohibition", &mut budget)?,
        obligations: rules(&mut members, "obligation", &mut budget)?,
        unknown: members.rest(|key| {
            let foreign = !key.starts_with(odrl::NS) && !key.starts_with(UNEXPLAINED);
            // Messages carry extensions at this level.
            foreign || key == format!("{UNEXPLAINED}timestamp") || key.starts_with(dspace::NS)
        }),
    })
}

fn kind(node: &Node<'_>) -> Result<PolicyKind, PolicyError> {
    let names: Vec<&str> =
        node.types().iter().map(|t| t.rsplit(['/', '#', ':']).next().unwrap_or(t)).collect();
    let known = names.iter().find_map(|name| match *name {
        "Offer" => Some(PolicyKind::Offer),
        "Agreement" => Some(PolicyKind::Agreement),
        "Set" | "Policy" => Some(PolicyKind::Set),
        _ => None,
    });
    match (known, names.first()) {
        (Some(kind), _) => Ok(kind),
        (None, None) => Ok(PolicyKind::Set),
        (None, Some(other)) => Err(wrong("@type", format!("{other} is not Set, Offer or Agreement"))),
    }
}

fn rules(members: &mut Members<'_>, term: &str, budget: &mut Budget) -> Result<Vec<Rule>, PolicyError> {
    members
        .take(term)
        .iter()
        .enumerate()
        .map(|(n, value)| rule::read(value, &format!("{term}/{n}"), budget, 0))
        .collect()
}
