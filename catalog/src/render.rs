//! The catalogue as DSP 2025-1 plain JSON (section 5; `Catalog`, `Dataset`).

use crate::model::{Catalogue, Dataset};
use ontology::jsonld::DSPACE_CONTEXT;
use ontology::{dcat, dct, foaf, spdx};
use serde_json::{Map, Value, json};

/// A `Catalog`. An empty `dataset` is left out, as the schema wants.
#[must_use]
pub fn catalogue(catalogue: &Catalogue) -> Value {
    let mut out = Map::new();
    out.insert("@context".to_owned(), json!([DSPACE_CONTEXT]));
    out.insert("@id".to_owned(), json!(catalogue.id));
    out.insert("@type".to_owned(), json!("Catalog"));
    out.insert("participantId".to_owned(), json!(catalogue.participant_id));
    out.insert("service".to_owned(), json!([service(catalogue)]));
    out.insert(format!("{}title", dct::NS), json!(catalogue.title));
    let publisher = &catalogue.publisher;
    out.insert(
        format!("{}publisher", dct::NS),
        json!({"@id": catalogue.participant_id, format!("{}name", foaf::NS): publisher.name}),
    );
    if let Some(url) = &catalogue.self_description {
        out.insert(format!("{}page", foaf::NS), json!({"@id": url}));
    }
    if !catalogue.datasets.is_empty() {
        let items: Vec<Value> = catalogue.datasets.iter().map(|d| bare(catalogue, d)).collect();
        out.insert("dataset".to_owned(), Value::Array(items));
    }
    Value::Object(out)
}

/// A `Dataset` on its own, with its context.
#[must_use]
pub fn dataset(catalogue: &Catalogue, dataset: &Dataset) -> Value {
    let mut out = Map::new();
    out.insert("@context".to_owned(), json!([DSPACE_CONTEXT]));
    if let Value::Object(members) = bare(catalogue, dataset) {
        out.extend(members);
    }
    Value::Object(out)
}

fn service(catalogue: &Catalogue) -> Value {
    json!({
        "@id": catalogue.service_id,
        "@type": "DataService",
        "endpointURL": catalogue.endpoint_url,
        "endpointDescription": "dspace:connector",
    })
}

fn bare(catalogue: &Catalogue, d: &Dataset) -> Value {
    let mut out = Map::new();
    out.insert("@id".to_owned(), json!(d.id));
    out.insert("@type".to_owned(), json!("Dataset"));
    let offers: Vec<Value> = d
        .offers
        .iter()
        .map(|offer| {
            let mut policy = Map::new();
            policy.insert("@id".to_owned(), json!(offer.id));
            policy.insert("@type".to_owned(), json!("Offer"));
            if let Value::Object(members) = offer.policy.to_json() {
                // The target is the dataset around it; DSP forbids naming it here.
                let kept = members.into_iter().filter(|(key, _)| {
                    !["@id", "@type", "@context", "target", "assigner", "assignee"].contains(&key.as_str())
                });
                policy.extend(kept);
            }
            Value::Object(policy)
        })
        .collect();
    out.insert("hasPolicy".to_owned(), Value::Array(offers));
    let distributions: Vec<Value> = d
        .distributions
        .iter()
        .map(|x| json!({"@type": "Distribution", "format": x.format, "accessService": service(catalogue)}))
        .collect();
    out.insert("distribution".to_owned(), Value::Array(distributions));
    let mut put = |ns: &str, term: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(format!("{ns}{term}"), value);
        }
    };
    put(dct::NS, "title", d.title.as_ref().map(|t| json!(t)));
    put(dct::NS, "description", d.description.as_ref().map(|t| json!(t)));
    put(dcat::NS, "keyword", many(&d.keywords));
    put(dct::NS, "license", d.license.as_ref().map(|t| json!(t)));
    put(dct::NS, "source", many(&d.sources));
    put(dct::NS, "language", many(&d.language));
    put(dct::NS, "issued", d.issued.map(|t| json!(t.to_rfc3339())));
    put(dct::NS, "modified", d.modified.map(|t| json!(t.to_rfc3339())));
    put(dcat::NS, "mediaType", d.media_type.as_ref().map(|t| json!(t)));
    put(dcat::NS, "byteSize", d.byte_size.map(|n| json!(n)));
    put(
        spdx::NS,
        "checksum",
        d.sha256.as_ref().map(|sum| {
            json!({
                format!("{}algorithm", spdx::NS): {"@id": format!("{}checksumAlgorithm_sha256", spdx::NS)},
                format!("{}checksumValue", spdx::NS): sum,
            })
        }),
    );
    put(foaf::NS, "page", d.credential.as_ref().map(|url| json!({"@id": url})));
    for (key, value) in &d.properties {
        out.entry(key.clone()).or_insert_with(|| value.clone());
    }
    Value::Object(out)
}

fn many(items: &[String]) -> Option<Value> {
    (!items.is_empty()).then(|| json!(items))
}
