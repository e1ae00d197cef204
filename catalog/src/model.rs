//! What a catalogue is made of (DCAT 3; DSP 2025-1 section 5).

use ontology::time::Timestamp;
use policies::Policy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A catalogue of one participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Catalogue {
    /// IRI; also the name of the participant's graph.
    pub id: String,
    /// DID of the participant.
    pub participant_id: String,
    /// Title.
    pub title: String,
    /// DSP base URL.
    pub endpoint_url: String,
    /// IRI of the data service.
    pub service_id: String,
    /// URL of the participant's credential.
    pub self_description: Option<String>,
    /// Who publishes.
    pub publisher: Publisher,
    /// What is on offer.
    pub datasets: Vec<Dataset>,
}

/// The organisation behind a catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// Name.
    pub name: String,
    /// ISO 3166-1 code of its seat.
    pub country: Option<String>,
    /// Registration number.
    pub registration: Option<String>,
}

/// A dataset with the offers for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Dataset {
    /// Id, unique in the catalogue; not always an IRI.
    pub id: String,
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Licence, an IRI or a name.
    pub license: Option<String>,
    /// Where it comes from, IRIs or names.
    pub sources: Vec<String>,
    /// Language tags.
    pub language: Vec<String>,
    /// Media type.
    pub media_type: Option<String>,
    /// Size in bytes.
    pub byte_size: Option<u64>,
    /// SHA-256 in hexadecimal.
    pub sha256: Option<String>,
    /// When it was published.
    pub issued: Option<Timestamp>,
    /// When it was changed.
    pub modified: Option<Timestamp>,
    /// The offers.
    pub offers: Vec<Offer>,
    /// How it can be had.
    pub distributions: Vec<Distribution>,
    /// URL of its data product credential.
    pub credential: Option<String>,
    /// Further properties by IRI.
    pub properties: Map<String, Value>,
}

/// Terms under which a dataset can be had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Offer id.
    pub id: String,
    /// The terms.
    #[serde(with = "as_json")]
    pub policy: Policy,
}

/// A way to get a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// DSP transfer format, e.g. `HttpData-PULL`.
    pub format: String,
}

/// A policy in its plain JSON form.
mod as_json {
    use super::Policy;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(policy: &Policy, to: S) -> Result<S::Ok, S::Error> {
        policy.to_json().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Policy, D::Error> {
        Policy::parse(&Value::deserialize(from)?).map_err(D::Error::custom)
    }
}
