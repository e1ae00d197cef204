//! The model as quads: DCAT 3 with ODRL offers and Gaia-X terms for the publisher. Pure.

mod writer;

use crate::model::{Catalogue, Dataset, Offer};
use crate::names::{dataset_graph, named, offer_graph};
use ontology::{dcat, dct, foaf, gx, odrl, place, spdx, xsd};
use oxrdf::{NamedOrBlankNode, Quad};
use writer::{Writer, node, term, typed};

/// FOAF's link to a document about something; here to the credential about it.
const PAGE: &str = "http://xmlns.com/foaf/0.1/page";
/// FOAF's link from a record to what it describes.
const PRIMARY_TOPIC: &str = "http://xmlns.com/foaf/0.1/primaryTopic";

/// The node of the participant; peers of other makes have ids that are not IRIs.
fn agent(catalogue: &Catalogue) -> Option<NamedOrBlankNode> {
    node(&named("participant", &catalogue.participant_id))
}

fn service(catalogue: &Catalogue) -> Option<NamedOrBlankNode> {
    node(&named("service", &catalogue.service_id)).filter(|_| !catalogue.endpoint_url.is_empty())
}

/// The quads of the participant's own graph.
pub(crate) fn participant(catalogue: &Catalogue) -> Vec<Quad> {
    write_participant(catalogue).unwrap_or_default()
}

fn write_participant(catalogue: &Catalogue) -> Option<Vec<Quad>> {
    let mut w = Writer::new(&catalogue.id)?;
    let (of, who) = (node(&catalogue.id)?, agent(catalogue)?);
    w.class(&of, dcat::CATALOG_CLASS);
    w.text(&of, dct::TITLE, &catalogue.title);
    // DCAT-AP wants a description; there is none but the title.
    w.text(&of, dct::DESCRIPTION, &catalogue.title);
    w.link(&of, dct::PUBLISHER, &who);
    if let Some(service) = service(catalogue) {
        w.link(&of, dcat::SERVICE, &service);
        w.class(&service, dcat::DATA_SERVICE);
        w.text(&service, dct::TITLE, &catalogue.title);
        w.add(&service, dcat::ENDPOINT_URL, term(&catalogue.endpoint_url));
    }
    let publisher = &catalogue.publisher;
    w.class(&who, foaf::AGENT);
    w.text(&who, dct::IDENTIFIER, &catalogue.participant_id);
    if !publisher.name.is_empty() {
        w.text(&who, foaf::NAME, &publisher.name);
    }
    if publisher.country.is_some() || publisher.registration.is_some() || catalogue.self_description.is_some()
    {
        w.class(&who, gx::LEGAL_PERSON);
    }
    if let Some(country) = &publisher.country {
        let address = w.blank(&who, gx::LEGAL_ADDRESS);
        w.class(&address, gx::ADDRESS);
        w.text(&address, gx::COUNTRY_CODE, place::canonical(country).unwrap_or(country));
    }
    if let Some(number) = &publisher.registration {
        let registration = w.blank(&who, gx::REGISTRATION_NUMBER);
        w.class(&registration, gx::LOCAL_REGISTRATION_NUMBER);
        w.text(&registration, gx::LOCAL, number);
    }
    if let Some(url) = &catalogue.self_description {
        w.add(&who, PAGE, term(url));
    }
    Some(w.quads)
}

/// The quads of a dataset's graph, offers left out.
pub(crate) fn dataset(catalogue: &Catalogue, d: &Dataset) -> Vec<Quad> {
    write_dataset(catalogue, d).unwrap_or_default()
}

fn write_dataset(catalogue: &Catalogue, d: &Dataset) -> Option<Vec<Quad>> {
    let name = dataset_graph(&catalogue.id, &d.id);
    let (mut w, this, of) = (Writer::new(&name)?, node(&name)?, node(&catalogue.id)?);
    let title = d.title.as_deref().unwrap_or(&d.id);
    w.link(&of, dcat::DATASET, &this);
    w.class(&this, dcat::DATASET_CLASS);
    w.text(&this, dct::IDENTIFIER, &d.id);
    w.text(&this, dct::TITLE, title);
    w.text(&this, dct::DESCRIPTION, d.description.as_deref().unwrap_or(title));
    if let Some(who) = agent(catalogue) {
        w.link(&this, dct::PUBLISHER, &who);
    }
    d.keywords.iter().for_each(|keyword| w.text(&this, dcat::KEYWORD, keyword));
    d.language.iter().for_each(|language| w.add(&this, dct::LANGUAGE, term(language)));
    d.sources.iter().for_each(|source| w.add(&this, dct::SOURCE, term(source)));
    if let Some(license) = &d.license {
        w.add(&this, dct::LICENSE, term(license));
    }
    for (predicate, at) in [(dct::ISSUED, d.issued), (dct::MODIFIED, d.modified)] {
        if let Some(at) = at {
            w.add(&this, predicate, typed(at.to_rfc3339(), xsd::DATE_TIME));
        }
    }
    content(&mut w, &this, d);
    for distribution in &d.distributions {
        let form = w.blank(&this, dcat::DISTRIBUTION);
        w.class(&form, dcat::DISTRIBUTION_CLASS);
        w.text(&form, dct::FORMAT, &distribution.format);
        if let Some(service) = service(catalogue) {
            w.add(&form, dcat::ACCESS_URL, term(&catalogue.endpoint_url));
            w.link(&form, dcat::ACCESS_SERVICE, &service);
        }
        content(&mut w, &form, d);
    }
    if let Some(url) = &d.credential {
        w.add(&this, PAGE, term(url));
        if let Some(record) = node(url) {
            w.link(&of, dcat::RECORD, &record);
            w.class(&record, dcat::CATALOG_RECORD);
            w.link(&record, PRIMARY_TOPIC, &this);
            if let Some(at) = d.modified.or(d.issued) {
                w.add(&record, dct::MODIFIED, typed(at.to_rfc3339(), xsd::DATE_TIME));
            }
        }
    }
    for (key, value) in &d.properties {
        w.value(&this, key, value);
    }
    Some(w.quads)
}

/// What is known of the bytes, the same in each form. DCAT looks for it at the distribution, people at the
/// dataset.
fn content(w: &mut Writer, of: &NamedOrBlankNode, d: &Dataset) {
    if let Some(media) = &d.media_type {
        w.text(of, dcat::MEDIA_TYPE, media);
    }
    if let Some(size) = d.byte_size {
        w.add(of, dcat::BYTE_SIZE, typed(size.to_string(), xsd::NON_NEGATIVE_INTEGER));
    }
    if let Some(sha256) = &d.sha256 {
        let sum = w.blank(of, spdx::CHECKSUM);
        w.class(&sum, spdx::CHECKSUM_CLASS);
        w.add(&sum, spdx::ALGORITHM, term(spdx::CHECKSUM_ALGORITHM_SHA256));
        w.add(&sum, spdx::CHECKSUM_VALUE, typed(sha256, xsd::HEX_BINARY));
    }
}

/// The quads of one offer's graph.
fn offer(catalogue: &Catalogue, d: &Dataset, offer: &Offer) -> Option<Vec<Quad>> {
    let name = offer_graph(&catalogue.id, &d.id, &offer.id);
    let of = node(&dataset_graph(&catalogue.id, &d.id))?;
    let (mut w, this) = (Writer::new(&name)?, node(&name)?);
    w.link(&of, odrl::HAS_POLICY, &this);
    w.class(&this, odrl::OFFER);
    w.text(&this, dct::IDENTIFIER, &offer.id);
    w.link(&this, odrl::TARGET, &of);
    if let Some(who) = agent(catalogue) {
        w.link(&this, odrl::ASSIGNER, &who);
    }
    let policy = offer.policy.to_json();
    for key in ["profile", "conflict", "permission", "prohibition", "obligation"] {
        if let Some(value) = policy.get(key) {
            w.odrl(&this, key, value);
        }
    }
    Some(w.quads)
}

/// A dataset's graph and those of its offers.
pub(crate) fn dataset_with_offers(catalogue: &Catalogue, d: &Dataset) -> Vec<Quad> {
    let mut quads = dataset(catalogue, d);
    quads.extend(d.offers.iter().filter_map(|o| offer(catalogue, d, o)).flatten());
    quads
}

/// All graphs of a catalogue.
pub(crate) fn all(catalogue: &Catalogue) -> Vec<Quad> {
    let mut quads = participant(catalogue);
    quads.extend(catalogue.datasets.iter().flat_map(|d| dataset_with_offers(catalogue, d)));
    quads
}
