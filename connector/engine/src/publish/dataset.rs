//! An asset as a DCAT dataset.

use crate::record::Asset;
use catalog::{Dataset, Distribution, Offer};
use ontology::{dcat, dct, edc};
use serde_json::{Map, Value};

/// The dataset that describes `asset`, with `offers`.
#[must_use]
pub fn of(asset: &Asset, formats: &[String], offers: Vec<Offer>, public_url: &str) -> Dataset {
    let mut rest = asset.properties.clone();
    let mut take = |keys: &[&str]| -> Vec<String> {
        let mut found = Vec::new();
        for key in keys {
            if let Some(value) = rest.remove(*key) {
                found.extend(strings(&value));
            }
        }
        found
    };
    let ns = |term: &str| format!("{}{term}", edc::NS);
    let title = take(&[&dct("title"), &ns("title"), &ns("name")]);
    let description = take(&[&dct("description"), &ns("description")]);
    let keywords = take(&[&dcat("keyword"), &ns("keywords"), &ns("keyword")]);
    let license = take(&[&dct("license"), &ns("license")]);
    let sources = take(&[&dct("source"), &ns("source")]);
    let language = take(&[&dct("language"), &ns("language")]);
    let media = take(&[&dcat("mediaType"), &ns("contenttype"), &ns("mediaType")]);
    take(&[&ns("id")]);
    Dataset {
        id: asset.id.clone(),
        title: title.into_iter().next(),
        description: description.into_iter().next(),
        keywords,
        license: license.into_iter().next(),
        sources,
        language,
        media_type: media.into_iter().next(),
        byte_size: asset.byte_size,
        sha256: asset.sha256.clone(),
        issued: Some(asset.created_at),
        modified: None,
        offers,
        distributions: formats.iter().map(|format| Distribution { format: format.clone() }).collect(),
        credential: Some(format!("{public_url}/credentials/datasets/{}", segment(&asset.id))),
        properties: public(rest),
    }
}

/// `id` as one path segment.
#[must_use]
pub fn segment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn public(properties: Map<String, Value>) -> Map<String, Value> {
    properties.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn dct(term: &str) -> String {
    format!("{}{term}", dct::NS)
}

fn dcat(term: &str) -> String {
    format!("{}{term}", dcat::NS)
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::String(s) => vec![s.clone()],
        Value::Object(node) => node
            .get("@id")
            .or_else(|| node.get("@value"))
            .and_then(Value::as_str)
            .map(|s| vec![s.to_owned()])
            .unwrap_or_default(),
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}
