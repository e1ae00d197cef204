//! A QuerySpec on a peer's catalogue. Applied here, for the protocol leaves the meaning of filters to each peer.

use super::compact::iri;
use engine::Fault;
use engine::port::Query;
use engine::publish::selector;
use engine::record::{Asset, ContractDefinition, Criterion};
use ontology::time::Timestamp;
use ontology::{dcat, dct, edc};
use serde_json::{Map, Value};

/// EDC's names of properties that datasets have under public names.
const ALIASES: [(&str, &str, &str); 6] = [
    ("name", dct::NS, "title"),
    ("title", dct::NS, "title"),
    ("description", dct::NS, "description"),
    ("keywords", dcat::NS, "keyword"),
    ("contenttype", dcat::NS, "mediaType"),
    ("license", dct::NS, "license"),
];

/// The query in the `filter` of a catalogue request as EDC sends it: one QuerySpec, its terms in any form.
///
/// # Errors
/// [`Fault::Malformed`] for anything else.
pub(in crate::web) fn filter(filter: &[Value]) -> Result<Option<Query>, Fault> {
    let malformed = |reason: &str| {
        Fault::malformed(
            "filter",
            format!("{reason}; SPARQL at /sparql searches this catalogue in other ways"),
        )
    };
    let spec = match filter {
        [] => return Ok(None),
        [Value::Object(spec)] => spec,
        _ => return Err(malformed("is not one QuerySpec")),
    };
    let mut terms = short(spec);
    terms.shift_remove("@type");
    terms.shift_remove("@id");
    const KNOWN: [&str; 5] = ["offset", "limit", "sortField", "sortOrder", "filterExpression"];
    if let Some(other) = terms.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(malformed(&format!("{other} is not a term of QuerySpec")));
    }
    terms.insert("@context".to_owned(), serde_json::json!({"@vocab": edc::NS}));
    let expanded = super::jsonld::expand(&Value::Object(terms)).map_err(|e| malformed(&e.to_string()))?;
    let node = super::jsonld::node(&expanded).map_err(|e| malformed(&e.to_string()))?;
    super::query::raw(&node).map(Some).map_err(|e| malformed(&e.to_string()))
}

/// The members under the last part of their names.
fn short(members: &Map<String, Value>) -> Map<String, Value> {
    fn deep(value: &Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(short(members)),
            Value::Array(items) => items.iter().map(deep).collect(),
            other => other.clone(),
        }
    }
    members
        .iter()
        .map(|(key, value)| (key.rsplit(['/', ':']).next().unwrap_or(key).to_owned(), deep(value)))
        .collect()
}

/// Leaves the datasets of `catalogue` (DSP plain JSON) that `query` asks for, in its order; tells how many there
/// are on all pages.
pub(in crate::web) fn datasets(catalogue: &mut Value, query: &Query) -> usize {
    let Some(members) = catalogue.as_object_mut() else { return 0 };
    let all = match members.get_mut("dataset").map(Value::take) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    };
    let criteria = ContractDefinition {
        id: String::new(),
        access_policy_id: String::new(),
        contract_policy_id: String::new(),
        assets_selector: query
            .filter
            .iter()
            .map(|c| Criterion { operand_left: iri(c.operand_left.trim_matches('\'')), ..c.clone() })
            .collect(),
        handling: engine::Handling::default(),
        created_at: Timestamp::from_millis(0),
    };
    let mut found: Vec<(Asset, Value)> = all
        .into_iter()
        .map(|dataset| (described(&dataset), dataset))
        .filter(|(asset, _)| selector::selects(&criteria, asset))
        .collect();
    if let Some(field) = &query.sort_field {
        found.sort_by_cached_key(|(asset, _)| sort_key(asset, field));
    }
    if query.descending {
        found.reverse();
    }
    let total = found.len();
    let (offset, limit) = (as_count(query.offset), as_count(query.limit));
    let page: Vec<Value> = found.into_iter().skip(offset).take(limit).map(|(_, dataset)| dataset).collect();
    if page.is_empty() {
        members.shift_remove("dataset");
    } else {
        members.insert("dataset".to_owned(), Value::Array(page));
    }
    total
}

fn as_count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The dataset as the asset that it describes, so that it is selected by the same rules.
fn described(dataset: &Value) -> Asset {
    let members = dataset.as_object().into_iter().flatten();
    let mut properties: Map<String, Value> =
        members.map(|(name, value)| (iri(name), value.clone())).collect();
    for (name, ns, term) in ALIASES {
        if let Some(value) = properties.get(&format!("{ns}{term}")).cloned() {
            properties.entry(format!("{}{name}", edc::NS)).or_insert(value);
        }
    }
    Asset {
        id: dataset.get("@id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        properties,
        private_properties: Map::new(),
        data_address: Map::new(),
        sha256: None,
        byte_size: None,
        created_at: Timestamp::from_millis(0),
    }
}

fn sort_key(asset: &Asset, field: &str) -> String {
    let field = iri(field.trim_matches('\''));
    let name = field.strip_prefix(edc::NS).unwrap_or(&field);
    if ["id", "@id"].contains(&name) {
        return asset.id.clone();
    }
    let long = format!("{}{name}", edc::NS);
    match asset.properties.get(&long).or_else(|| asset.properties.get(&field)) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
