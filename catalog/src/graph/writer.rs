//! Collects the quads of one named graph.

use crate::names::is_absolute;
use ontology::{odrl, rdf, xsd};
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use serde_json::Value;

pub(super) struct Writer {
    graph: GraphName,
    /// Begins the label of each blank node: the same model makes the same quads, and no two graphs share a node.
    label: String,
    blanks: usize,
    pub(super) quads: Vec<Quad>,
}

pub(super) fn iri(text: &str) -> Option<NamedNode> {
    NamedNode::new(text).ok()
}

pub(super) fn node(text: &str) -> Option<NamedOrBlankNode> {
    iri(text).map(NamedOrBlankNode::from)
}

/// An IRI when it is one, else text.
pub(super) fn term(text: &str) -> Term {
    match iri(text).filter(|_| is_absolute(text)) {
        Some(node) => node.into(),
        None => Literal::new_simple_literal(text).into(),
    }
}

pub(super) fn typed(text: impl Into<String>, datatype: &str) -> Term {
    match iri(datatype) {
        Some(datatype) => Literal::new_typed_literal(text, datatype).into(),
        None => Literal::new_simple_literal(text).into(),
    }
}

impl Writer {
    pub(super) fn new(graph: &str) -> Option<Self> {
        let mut label = "b".to_owned();
        for byte in graph.bytes() {
            if byte.is_ascii_alphanumeric() {
                label.push(char::from(byte));
            } else {
                label.push_str(&format!("_{byte:02X}"));
            }
        }
        Some(Self { graph: iri(graph)?.into(), label, blanks: 0, quads: Vec::new() })
    }

    pub(super) fn add(&mut self, subject: &NamedOrBlankNode, predicate: &str, object: impl Into<Term>) {
        if let Some(predicate) = iri(predicate) {
            self.quads.push(Quad::new(subject.clone(), predicate, object, self.graph.clone()));
        }
    }

    pub(super) fn class(&mut self, subject: &NamedOrBlankNode, class: &str) {
        if let Some(class) = iri(class) {
            self.add(subject, rdf::TYPE, class);
        }
    }

    pub(super) fn text(&mut self, subject: &NamedOrBlankNode, predicate: &str, text: &str) {
        self.add(subject, predicate, Literal::new_simple_literal(text));
    }

    pub(super) fn link(&mut self, subject: &NamedOrBlankNode, predicate: &str, object: &NamedOrBlankNode) {
        self.add(subject, predicate, Term::from(object.clone()));
    }

    /// A new blank node as the object.
    pub(super) fn blank(&mut self, subject: &NamedOrBlankNode, predicate: &str) -> NamedOrBlankNode {
        self.blanks += 1;
        let label = format!("{}-{}", self.label, self.blanks);
        let blank = NamedOrBlankNode::from(BlankNode::new(label).unwrap_or_default());
        self.link(subject, predicate, &blank);
        blank
    }

    /// A value of a further property, plain or as a JSON-LD value object.
    pub(super) fn value(&mut self, subject: &NamedOrBlankNode, predicate: &str, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.value(subject, predicate, item)),
            Value::String(text) => self.add(subject, predicate, term(text)),
            Value::Bool(flag) => self.add(subject, predicate, Literal::from(*flag)),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(integer), _) => self.add(subject, predicate, Literal::from(integer)),
                (None, Some(float)) => self.add(subject, predicate, Literal::from(float)),
                (None, None) => {}
            },
            Value::Object(members) => {
                let member = |key: &str| members.get(key).and_then(Value::as_str);
                match (members.get("@value"), member("@id"), member("@language"), member("@type")) {
                    (Some(Value::String(text)), _, Some(language), _) => {
                        match Literal::new_language_tagged_literal(text, language) {
                            Ok(literal) => self.add(subject, predicate, literal),
                            Err(_) => self.text(subject, predicate, text),
                        }
                    }
                    (Some(Value::String(text)), _, None, Some(datatype)) => {
                        self.add(subject, predicate, typed(text, datatype));
                    }
                    (Some(Value::String(text)), ..) => self.text(subject, predicate, text),
                    (Some(scalar @ (Value::Bool(_) | Value::Number(_))), ..) => {
                        self.value(subject, predicate, scalar);
                    }
                    (None, Some(id), ..) => self.add(subject, predicate, term(id)),
                    (None, None, ..) => {
                        let blank = self.blank(subject, predicate);
                        if let Some(class) = member("@type") {
                            self.class(&blank, class);
                        }
                        for (key, value) in members.iter().filter(|(key, _)| is_absolute(key)) {
                            self.value(&blank, key, value);
                        }
                    }
                    _ => {}
                }
            }
            Value::Null => {}
        }
    }

    /// A plain JSON value of an ODRL policy (ODRL Vocabulary 2.2), with one triple for each member.
    pub(super) fn odrl(&mut self, subject: &NamedOrBlankNode, key: &str, value: &Value) {
        let predicate = odrl_iri(key);
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.odrl(subject, key, item)),
            Value::Object(members) if members.contains_key("@id") || members.contains_key("@value") => {
                self.value(subject, &predicate, value);
            }
            Value::Object(members) => {
                let blank = self.blank(subject, &predicate);
                match key {
                    "permission" => self.class(&blank, odrl::PERMISSION_CLASS),
                    "prohibition" => self.class(&blank, odrl::PROHIBITION_CLASS),
                    "obligation" | "duty" => self.class(&blank, odrl::DUTY_CLASS),
                    _ => {}
                }
                for (key, value) in members.iter().filter(|(key, _)| !key.starts_with('@')) {
                    self.odrl(&blank, key, value);
                }
            }
            Value::String(text) if VOCABULARY.contains(&key) => {
                self.add(subject, &predicate, term(&odrl_iri(text)));
            }
            Value::String(text) if key == "dateTime" => {
                self.add(subject, &predicate, typed(text, xsd::DATE_TIME))
            }
            other => self.value(subject, &predicate, other),
        }
    }
}

/// Members whose text is a term of the vocabulary.
const VOCABULARY: [&str; 4] = ["action", "leftOperand", "operator", "conflict"];

fn odrl_iri(term: &str) -> String {
    if term.contains(':') { term.to_owned() } else { format!("{}{term}", odrl::NS) }
}
