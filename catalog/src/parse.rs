//! A peer's catalogue, ours or another make's, as the model. Tolerant: what is not understood is left out.

use crate::model::{Catalogue, Dataset, Distribution, Offer, Publisher};
use ontology::time::Timestamp;
use ontology::{dcat, dct, edc, foaf, spdx};
use policies::Policy;
use serde_json::{Map, Value};

/// Why a document is not a catalogue.
#[derive(Debug, thiserror::Error)]
#[error("not a catalogue: {0}")]
pub struct ParseError(String);

/// Reads a `Catalog` in DSP plain JSON.
///
/// # Errors
/// When `@id` or `participantId` is missing. A dataset whose offers cannot be read is left out.
pub fn catalogue(value: &Value) -> Result<Catalogue, ParseError> {
    let root = value.as_object().ok_or_else(|| ParseError("not an object".to_owned()))?;
    let required = |key: &str| scalar(root.get(key)).ok_or_else(|| ParseError(format!("`{key}` is missing")));
    let id = required("@id")?;
    let participant_id = required("participantId")?;
    let service = items(root.get("service")).into_iter().next();
    let of_service = |key: &str| service.and_then(|s| scalar(s.get(key)));
    let publisher = found(root, &[(dct::NS, "publisher", "dct:publisher")]);
    Ok(Catalogue {
        // EDC makes a new id for each answer; a graph wants a stable and absolute one.
        id: if id.contains(':') && !id.contains(char::is_whitespace) {
            id
        } else {
            format!("urn:catalogue:{participant_id}")
        },
        title: first(root, &[(dct::NS, "title", "dct:title")]).unwrap_or_else(|| participant_id.clone()),
        endpoint_url: of_service("endpointURL").unwrap_or_default(),
        service_id: of_service("@id").unwrap_or_default(),
        self_description: first(root, &[(foaf::NS, "page", "foaf:page")]),
        publisher: Publisher {
            name: publisher
                .and_then(Value::as_object)
                .and_then(|p| first(p, &[(foaf::NS, "name", "foaf:name")]))
                .unwrap_or_default(),
            ..Publisher::default()
        },
        datasets: items(root.get("dataset")).into_iter().filter_map(dataset).collect(),
        participant_id,
    })
}

/// Reads one `Dataset`.
#[must_use]
pub fn dataset(value: &Value) -> Option<Dataset> {
    let node = value.as_object()?;
    let offers: Vec<Offer> = items(node.get("hasPolicy"))
        .into_iter()
        .filter_map(|offer| {
            Some(Offer { id: scalar(offer.get("@id"))?, policy: strip(Policy::parse(offer).ok()?) })
        })
        .collect();
    if offers.is_empty() {
        return None;
    }
    let texts = |keys: &[(&str, &str, &str)]| -> Vec<String> {
        items(found(node, keys)).into_iter().filter_map(|v| scalar(Some(v))).collect()
    };
    let time = |keys: &[(&str, &str, &str)]| first(node, keys).and_then(|t| Timestamp::parse(&t).ok());
    let checksum = found(node, &[(spdx::NS, "checksum", "spdx:checksum")]).and_then(Value::as_object);
    Some(Dataset {
        id: scalar(node.get("@id"))?,
        title: first(node, &[(dct::NS, "title", "dct:title"), (edc::NS, "name", "name")]),
        description: first(
            node,
            &[(dct::NS, "description", "dct:description"), (edc::NS, "description", "description")],
        ),
        keywords: texts(&[(dcat::NS, "keyword", "dcat:keyword")]),
        license: first(node, &[(dct::NS, "license", "dct:license")]),
        sources: texts(&[(dct::NS, "source", "dct:source")]),
        language: texts(&[(dct::NS, "language", "dct:language")]),
        media_type: first(
            node,
            &[(dcat::NS, "mediaType", "dcat:mediaType"), (edc::NS, "contenttype", "contenttype")],
        ),
        byte_size: first(node, &[(dcat::NS, "byteSize", "dcat:byteSize")]).and_then(|n| n.parse().ok()),
        sha256: checksum.and_then(|c| first(c, &[(spdx::NS, "checksumValue", "spdx:checksumValue")])),
        issued: time(&[(dct::NS, "issued", "dct:issued")]),
        modified: time(&[(dct::NS, "modified", "dct:modified")]),
        distributions: items(node.get("distribution"))
            .into_iter()
            .filter_map(|d| Some(Distribution { format: scalar(d.get("format"))? }))
            .collect(),
        credential: first(node, &[(foaf::NS, "page", "foaf:page")]),
        properties: rest(node),
        offers,
    })
}

fn strip(policy: Policy) -> Policy {
    policy.with_parties(None, policies::PolicyKind::Set, None, None, None)
}

const KNOWN: [&str; 5] = ["@id", "@type", "@context", "hasPolicy", "distribution"];

/// Members that have no field of their own, with full IRIs as keys.
fn rest(node: &Map<String, Value>) -> Map<String, Value> {
    const DCT: [&str; 7] = ["title", "description", "license", "source", "language", "issued", "modified"];
    const DCAT: [&str; 3] = ["keyword", "mediaType", "byteSize"];
    let mut out = Map::new();
    for (key, value) in node {
        if KNOWN.contains(&key.as_str()) {
            continue;
        }
        let full = full(key);
        let taken = DCT.iter().any(|t| full == format!("{}{t}", dct::NS))
            || DCAT.iter().any(|t| full == format!("{}{t}", dcat::NS))
            || full == format!("{}checksum", spdx::NS)
            || full == format!("{}page", foaf::NS)
            || ["id", "name", "description", "contenttype"].iter().any(|t| full == format!("{}{t}", edc::NS));
        if !taken {
            out.insert(full, value.clone());
        }
    }
    out
}

fn full(key: &str) -> String {
    for (prefix, ns) in
        [("dct:", dct::NS), ("dcat:", dcat::NS), ("spdx:", spdx::NS), ("foaf:", foaf::NS), ("edc:", edc::NS)]
    {
        if let Some(term) = key.strip_prefix(prefix) {
            return format!("{ns}{term}");
        }
    }
    if key.contains(':') { key.to_owned() } else { format!("{}{key}", edc::NS) }
}

fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

/// The first present of several spellings: full IRI, or as given.
fn found<'a>(node: &'a Map<String, Value>, keys: &[(&str, &str, &str)]) -> Option<&'a Value> {
    keys.iter().find_map(|(ns, term, short)| node.get(&format!("{ns}{term}")).or_else(|| node.get(*short)))
}

fn first(node: &Map<String, Value>, keys: &[(&str, &str, &str)]) -> Option<String> {
    items(found(node, keys)).into_iter().find_map(|v| scalar(Some(v)))
}

fn scalar(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Object(node) => scalar(node.get("@value").or_else(|| node.get("@id"))),
        Value::Array(items) => items.first().and_then(|v| scalar(Some(v))),
        Value::Null => None,
    }
}
