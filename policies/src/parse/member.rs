//! Members of an expanded node.

use super::{PolicyError, wrong};
use crate::model::{Operand, Unknown};
use crate::terms::UNEXPLAINED;
use ontology::jsonld::Node;
use ontology::{dct, odrl, rdfs};
use serde_json::Value;

/// Namespaces whose members say something about a rule, but do not change what it means.
const ANNOTATIONS: [&str; 2] = [rdfs::NS, "http://www.w3.org/2004/02/skos/core#"];

/// Terms of Dublin Core that describe. Others, such as a frequency, say how a rule is meant.
const DESCRIPTIONS: [&str; 22] = [
    "title",
    "alternative",
    "description",
    "abstract",
    "creator",
    "contributor",
    "publisher",
    "created",
    "issued",
    "modified",
    "date",
    "dateSubmitted",
    "identifier",
    "source",
    "references",
    "isReferencedBy",
    "relation",
    "provenance",
    "subject",
    "license",
    "bibliographicCitation",
    "isVersionOf",
];

/// A node, and which of its members were read.
pub(super) struct Members<'a> {
    node: Node<'a>,
    /// By their place in the node.
    taken: Vec<bool>,
}

impl<'a> Members<'a> {
    pub(super) fn new(node: Node<'a>) -> Self {
        Self { node, taken: vec![false; node.as_map().len()] }
    }

    /// The values of a member of the ODRL vocabulary.
    pub(super) fn take(&mut self, term: &str) -> &'a [Value] {
        self.take_where(|key| key.strip_prefix(odrl::NS) == Some(term))
    }

    /// The values of a member.
    pub(super) fn take_iri(&mut self, wanted: &str) -> &'a [Value] {
        self.take_where(|key| key == wanted)
    }

    fn take_where(&mut self, wanted: impl Fn(&str) -> bool) -> &'a [Value] {
        let found = self.node.as_map().keys().enumerate().find(|(_, key)| wanted(key));
        let Some((place, key)) = found else { return &[] };
        if let Some(taken) = self.taken.get_mut(place) {
            *taken = true;
        }
        self.node.values(key)
    }

    /// Its identifier: `@id`, or `odrl:uid` where there is none.
    pub(super) fn id(&mut self) -> Option<String> {
        let uid = self.take("uid").first().and_then(scalar).map(|o| o.value);
        self.node.id().map(str::to_owned).or(uid)
    }

    /// At most one literal or reference.
    pub(super) fn text(&mut self, term: &str) -> Result<Option<String>, PolicyError> {
        match self.take(term) {
            [] => Ok(None),
            [one] => match scalar(one) {
                Some(found) => Ok(Some(found.value)),
                None => Err(wrong(term, "is not a text or reference")),
            },
            _ => Err(wrong(term, "must be one")),
        }
    }

    /// What was not read; `tolerated` members are dropped.
    pub(super) fn rest(&self, tolerated: impl Fn(&str) -> bool) -> Unknown {
        let mut unknown = Unknown::new();
        for ((key, value), taken) in self.node.as_map().iter().zip(&self.taken) {
            let read = *taken || key.starts_with('@');
            if !read && !is_empty(value) && !tolerated(key) {
                unknown.insert(key.clone(), value.clone());
            }
        }
        unknown
    }
}

/// Does the member merely describe?
pub(super) fn annotation(key: &str) -> bool {
    let dublin_core =
        key.strip_prefix(dct::NS).or_else(|| key.strip_prefix("http://purl.org/dc/elements/1.1/"));
    dublin_core.is_some_and(|name| DESCRIPTIONS.contains(&name))
        || ANNOTATIONS.iter().any(|ns| key.starts_with(ns))
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// A literal or a reference.
pub(super) fn scalar(value: &Value) -> Option<Operand> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    match value {
        Value::Object(node) => {
            if let Some(literal) = node.get("@value") {
                let datatype = node.get("@type").and_then(Value::as_str).map(str::to_owned);
                let language = node.get("@language").and_then(Value::as_str).map(str::to_owned);
                return Some(Operand { value: text(literal)?, iri: false, datatype, language });
            }
            // A reference has no members of its own.
            let id = node.get("@id").and_then(Value::as_str)?;
            (node.len() == 1).then(|| Operand { value: id.to_owned(), iri: true, ..Operand::default() })
        }
        other => Some(Operand { value: text(other)?, iri: false, ..Operand::default() }),
    }
}

/// A node that only names itself and says that it is one thing of its kind, not a collection.
pub(super) fn single(value: &Value) -> Option<Operand> {
    const KINDS: [&str; 3] = ["Party", "Asset", "Action"];
    let node = Node::new(value)?;
    let of_kind = |t: &&str| {
        let name = t.strip_prefix(odrl::NS).or_else(|| t.strip_prefix(UNEXPLAINED));
        name.is_some_and(|name| KINDS.contains(&name))
    };
    (node.keys().all(annotation) && node.types().iter().all(of_kind))
        .then(|| Some(Operand { value: node.id()?.to_owned(), iri: true, ..Operand::default() }))?
}
