//! The model as quads. Pure.

use crate::model::{Catalogue, Dataset, Offer};
use crate::names::{dataset_graph, offer_graph};
use ontology::{dcat, dct, foaf, odrl, rdf, spdx, xsd};
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use serde_json::Value;

/// Collects the quads of one graph.
struct Writer {
    graph: GraphName,
    quads: Vec<Quad>,
}

fn iri(text: &str) -> Option<NamedNode> {
    NamedNode::new(text).ok()
}

/// An IRI when it is one, else text.
fn term(text: &str) -> Term {
    let absolute = ["http://", "https://", "urn:", "did:"].iter().any(|scheme| text.starts_with(scheme));
    match iri(text).filter(|_| absolute) {
        Some(node) => node.into(),
        None => Literal::new_simple_literal(text).into(),
    }
}

fn typed(text: String, datatype: &str) -> Term {
    match iri(datatype) {
        Some(datatype) => Literal::new_typed_literal(text, datatype).into(),
        None => Literal::new_simple_literal(text).into(),
    }
}

impl Writer {
    fn new(graph: &str) -> Option<Self> {
        Some(Self { graph: iri(graph)?.into(), quads: Vec::new() })
    }

    fn add(&mut self, subject: &NamedOrBlankNode, predicate: &str, object: impl Into<Term>) {
        if let Some(predicate) = iri(predicate) {
            self.quads.push(Quad::new(subject.clone(), predicate, object, self.graph.clone()));
        }
    }

    fn class(&mut self, subject: &NamedOrBlankNode, class: &str) {
        if let Some(class) = iri(class) {
            self.add(subject, rdf::TYPE, class);
        }
    }

    fn text(&mut self, subject: &NamedOrBlankNode, predicate: &str, text: &str) {
        self.add(subject, predicate, Literal::new_simple_literal(text));
    }

    fn node(&mut self, subject: &NamedOrBlankNode, predicate: &str, object: &NamedOrBlankNode) {
        self.add(subject, predicate, Term::from(object.clone()));
    }

    /// A plain JSON value of an ODRL rule, with terms of the ODRL vocabulary.
    fn odrl(&mut self, subject: &NamedOrBlankNode, key: &str, value: &Value) {
        let predicate = odrl_iri(key);
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.odrl(subject, key, item)),
            Value::Object(members) => {
                if let Some(id) = members.get("@id").and_then(Value::as_str) {
                    return self.add(subject, &predicate, term(id));
                }
                if let Some(literal) = members.get("@value") {
                    let text = literal.as_str().map_or_else(|| literal.to_string(), str::to_owned);
                    let datatype = members.get("@type").and_then(Value::as_str).unwrap_or(xsd::STRING);
                    return self.add(subject, &predicate, typed(text, datatype));
                }
                let blank = NamedOrBlankNode::from(BlankNode::default());
                self.node(subject, &predicate, &blank);
                for (key, value) in members.iter().filter(|(key, _)| !key.starts_with('@')) {
                    self.odrl(&blank, key, value);
                }
            }
            Value::String(text) if ["action", "leftOperand", "operator"].contains(&key) => {
                let full = odrl_iri(text);
                self.add(subject, &predicate, term(&full));
            }
            Value::String(text) => self.add(subject, &predicate, term(text)),
            Value::Null => {}
            other => self.text(subject, &predicate, &other.to_string()),
        }
    }
}

fn odrl_iri(term: &str) -> String {
    if term.contains(':') { term.to_owned() } else { format!("{}{term}", odrl::NS) }
}

fn dct(term: &str) -> String {
    format!("{}{term}", dct::NS)
}

fn dcat(term: &str) -> String {
    format!("{}{term}", dcat::NS)
}

/// The quads of the participant's own graph.
pub(crate) fn participant(catalogue: &Catalogue) -> Vec<Quad> {
    let Some(mut w) = Writer::new(&catalogue.id) else { return Vec::new() };
    let (Some(node), Some(who), Some(service)) =
        (iri(&catalogue.id), iri(&catalogue.participant_id), iri(&catalogue.service_id))
    else {
        return Vec::new();
    };
    let (node, who, service) =
        (NamedOrBlankNode::from(node), NamedOrBlankNode::from(who), NamedOrBlankNode::from(service));
    w.class(&node, &dcat("Catalog"));
    w.text(&node, &dct("title"), &catalogue.title);
    w.node(&node, &dct("publisher"), &who);
    w.node(&node, &dcat("service"), &service);
    w.class(&service, &dcat("DataService"));
    w.text(&service, &dct("title"), &catalogue.title);
    w.add(&service, &dcat("endpointURL"), term(&catalogue.endpoint_url));
    w.class(&who, &format!("{}Agent", foaf::NS));
    w.text(&who, &format!("{}name", foaf::NS), &catalogue.publisher.name);
    if let Some(country) = &catalogue.publisher.country {
        w.text(&who, &dct("spatial"), country);
    }
    if let Some(number) = &catalogue.publisher.registration {
        w.text(&who, &dct("identifier"), number);
    }
    if let Some(url) = &catalogue.self_description {
        w.add(&who, &format!("{}page", foaf::NS), term(url));
    }
    w.quads
}

/// The quads of a dataset's graph, offers left out.
pub(crate) fn dataset(catalogue: &Catalogue, d: &Dataset) -> Vec<Quad> {
    let name = dataset_graph(&catalogue.id, &d.id);
    let (Some(mut w), Some(node), Some(of)) = (Writer::new(&name), iri(&name), iri(&catalogue.id)) else {
        return Vec::new();
    };
    let (node, of) = (NamedOrBlankNode::from(node), NamedOrBlankNode::from(of));
    w.node(&of, &dcat("dataset"), &node);
    w.class(&node, &dcat("Dataset"));
    w.text(&node, &dct("identifier"), &d.id);
    w.text(&node, &dct("title"), d.title.as_deref().unwrap_or(&d.id));
    if let Some(who) = iri(&catalogue.participant_id) {
        w.add(&node, &dct("publisher"), who);
    }
    if let Some(text) = &d.description {
        w.text(&node, &dct("description"), text);
    }
    d.keywords.iter().for_each(|k| w.text(&node, &dcat("keyword"), k));
    d.language.iter().for_each(|l| w.add(&node, &dct("language"), term(l)));
    d.sources.iter().for_each(|s| w.add(&node, &dct("source"), term(s)));
    if let Some(license) = &d.license {
        w.add(&node, &dct("license"), term(license));
    }
    for (predicate, at) in [("issued", d.issued), ("modified", d.modified)] {
        if let Some(at) = at {
            w.add(&node, &dct(predicate), typed(at.to_rfc3339(), xsd::DATE_TIME));
        }
    }
    if let Some(media) = &d.media_type {
        w.text(&node, &dcat("mediaType"), media);
    }
    if let Some(size) = d.byte_size {
        w.add(&node, &dcat("byteSize"), typed(size.to_string(), &format!("{}nonNegativeInteger", xsd::NS)));
    }
    if let Some(sha256) = &d.sha256 {
        let sum = NamedOrBlankNode::from(BlankNode::default());
        w.node(&node, &format!("{}checksum", spdx::NS), &sum);
        w.class(&sum, &format!("{}Checksum", spdx::NS));
        w.add(
            &sum,
            &format!("{}algorithm", spdx::NS),
            term(&format!("{}checksumAlgorithm_sha256", spdx::NS)),
        );
        w.add(
            &sum,
            &format!("{}checksumValue", spdx::NS),
            typed(sha256.clone(), &format!("{}hexBinary", xsd::NS)),
        );
    }
    for distribution in &d.distributions {
        let blank = NamedOrBlankNode::from(BlankNode::default());
        w.node(&node, &dcat("distribution"), &blank);
        w.class(&blank, &dcat("Distribution"));
        w.text(&blank, &dct("format"), &distribution.format);
        w.add(&blank, &dcat("accessURL"), term(&catalogue.endpoint_url));
        w.add(&blank, &dcat("accessService"), term(&catalogue.service_id));
    }
    if let Some(url) = &d.credential {
        w.add(&node, &format!("{}page", foaf::NS), term(url));
    }
    for (key, value) in &d.properties {
        for item in value.as_array().map_or_else(|| vec![value], |items| items.iter().collect()) {
            match item {
                Value::String(text) => w.add(&node, key, term(text)),
                Value::Bool(flag) => w.add(&node, key, Literal::from(*flag)),
                Value::Number(number) => match number.as_i64() {
                    Some(integer) => w.add(&node, key, Literal::from(integer)),
                    None => w.add(&node, key, Literal::from(number.as_f64().unwrap_or(f64::NAN))),
                },
                // Nested values have no fixed meaning as triples; they stay in the JSON catalogue.
                _ => {}
            }
        }
    }
    w.quads
}

/// The quads of one offer's graph.
pub(crate) fn offer(catalogue: &Catalogue, d: &Dataset, offer: &Offer) -> Vec<Quad> {
    let name = offer_graph(&catalogue.id, &d.id, &offer.id);
    let (Some(mut w), Some(node), Some(of)) =
        (Writer::new(&name), iri(&name), iri(&dataset_graph(&catalogue.id, &d.id)))
    else {
        return Vec::new();
    };
    let (node, of) = (NamedOrBlankNode::from(node), NamedOrBlankNode::from(of));
    w.node(&of, &format!("{}hasPolicy", odrl::NS), &node);
    w.class(&node, &format!("{}Offer", odrl::NS));
    w.text(&node, &dct("identifier"), &offer.id);
    w.node(&node, &format!("{}target", odrl::NS), &of);
    if let Some(who) = iri(&catalogue.participant_id) {
        w.add(&node, &format!("{}assigner", odrl::NS), who);
    }
    let policy = offer.policy.to_json();
    for key in ["permission", "prohibition", "obligation", "profile"] {
        if let Some(value) = policy.get(key) {
            w.odrl(&node, key, value);
        }
    }
    w.quads
}

/// Everything, with the name of each graph.
pub(crate) fn all(catalogue: &Catalogue) -> Vec<Quad> {
    let mut quads = participant(catalogue);
    for d in &catalogue.datasets {
        quads.extend(dataset(catalogue, d));
        for o in &d.offers {
            quads.extend(offer(catalogue, d, o));
        }
    }
    quads
}
