//! What the store keeps. Each record is one JSON document; a few members are indexed beside it.

use crate::handling::Handling;
use ontology::time::Timestamp;
use protocol::agreement::Agreement;
use protocol::message::DataAddress;
use protocol::negotiation::Negotiation;
use protocol::role::Role;
use protocol::transfer::Transfer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The kinds of record; each is one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// [`Asset`].
    Asset,
    /// [`PolicyDefinition`].
    PolicyDefinition,
    /// [`ContractDefinition`].
    ContractDefinition,
    /// [`NegotiationRecord`].
    Negotiation,
    /// [`AgreementRecord`].
    Agreement,
    /// [`TransferRecord`].
    Transfer,
    /// [`Edr`].
    Edr,
    /// [`Secret`].
    Secret,
    /// [`Document`]: signed credentials and other published documents.
    Document,
    /// [`crate::webhook::Webhook`].
    Webhook,
    /// [`crate::webhook::DeadLetter`].
    DeadLetter,
    /// [`crate::usage::UsageRecord`].
    Usage,
    /// [`crate::usage::PolicyEvent`].
    PolicyEvent,
}

impl Kind {
    /// Every kind, in table order.
    pub const ALL: [Self; 13] = [
        Self::Asset,
        Self::PolicyDefinition,
        Self::ContractDefinition,
        Self::Negotiation,
        Self::Agreement,
        Self::Transfer,
        Self::Edr,
        Self::Secret,
        Self::Document,
        Self::Webhook,
        Self::DeadLetter,
        Self::Usage,
        Self::PolicyEvent,
    ];

    /// Table name.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::PolicyDefinition => "policy_definition",
            Self::ContractDefinition => "contract_definition",
            Self::Negotiation => "negotiation",
            Self::Agreement => "agreement",
            Self::Transfer => "transfer",
            Self::Edr => "edr",
            Self::Secret => "secret",
            Self::Document => "document",
            Self::Webhook => "webhook",
            Self::DeadLetter => "dead_letter",
            Self::Usage => "usage",
            Self::PolicyEvent => "policy_event",
        }
    }

    /// The name that clients see in error messages, as in the EDC Management API.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Asset => "Asset",
            Self::PolicyDefinition => "PolicyDefinition",
            Self::ContractDefinition => "ContractDefinition",
            Self::Negotiation => "ContractNegotiation",
            Self::Agreement => "ContractAgreement",
            Self::Transfer => "TransferProcess",
            Self::Edr => "EndpointDataReferenceEntry",
            Self::Secret => "Secret",
            Self::Document => "Document",
            Self::Webhook => "Webhook",
            Self::DeadLetter => "DeadLetter",
            Self::Usage => "Usage",
            Self::PolicyEvent => "PolicyEvent",
        }
    }
}

/// Members kept in columns of their own, so that look-ups stay indexed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// DID of the counterparty.
    pub peer: Option<String>,
    /// The counterparty's process id.
    pub peer_pid: Option<String>,
    /// State name, e.g. `FINALIZED`.
    pub state: Option<String>,
    /// The record this one belongs to (agreement of a transfer, negotiation of an agreement).
    pub parent: Option<String>,
}

/// A document that the store keeps.
pub trait Record: Serialize + DeserializeOwned + Send + Sync {
    /// Its table.
    const KIND: Kind;
    /// Its key.
    fn id(&self) -> &str;
    /// Its indexed members.
    fn index(&self) -> Index {
        Index::default()
    }
}

/// Something that can be shared: data about it, and where its bytes are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asset {
    /// Local id; also the dataset id in the catalogue.
    pub id: String,
    /// Public properties, keys as full IRIs, values as JSON.
    pub properties: Map<String, Value>,
    /// Properties that never leave this participant.
    #[serde(default)]
    pub private_properties: Map<String, Value>,
    /// Where the bytes are: `type` plus keys of that type (`HttpData`: `baseUrl`...; `File`: `path`).
    #[serde(default)]
    pub data_address: Map<String, Value>,
    /// SHA-256 of the bytes in hexadecimal, when known.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Size in bytes, when known.
    #[serde(default)]
    pub byte_size: Option<u64>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A named policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyDefinition {
    /// Key.
    pub id: String,
    /// The policy as DSP plain JSON.
    pub policy: Value,
    /// When it was created.
    pub created_at: Timestamp,
}

/// One condition of a selector or query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Criterion {
    /// Property IRI or path.
    pub operand_left: String,
    /// One of `= != in "not in" like ilike contains < <= > >=`.
    pub operator: String,
    /// Value; an array for `in` and `not in`.
    pub operand_right: Value,
}

/// Which assets are offered, to whom (access policy) and on which terms (contract policy).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContractDefinition {
    /// Key.
    pub id: String,
    /// Decides who sees the offer.
    pub access_policy_id: String,
    /// The terms of the offer.
    pub contract_policy_id: String,
    /// All must hold; empty selects every asset.
    #[serde(default)]
    pub assets_selector: Vec<Criterion>,
    /// What happens by itself.
    #[serde(default)]
    pub handling: Handling,
    /// When it was created.
    pub created_at: Timestamp,
}

/// One contract negotiation, seen from one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NegotiationRecord {
    /// Our process id.
    pub pid: String,
    /// Our role.
    pub role: Role,
    /// DID of the counterparty.
    pub peer: String,
    /// The counterparty's process id, once known.
    pub peer_pid: Option<String>,
    /// Base URL to which messages for the counterparty are sent.
    pub peer_address: String,
    /// The dataset negotiated about.
    pub dataset_id: String,
    /// Id of the offer that started it.
    pub offer_id: String,
    /// The contract definition behind that offer (provider).
    #[serde(default)]
    pub definition_id: Option<String>,
    /// Verified claims about the consumer when it asked (provider).
    #[serde(default)]
    pub claims: policies::Claims,
    /// What the consumer presented when it asked, with its status then (provider).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<policies::Credential>,
    /// What happens by itself.
    #[serde(default)]
    pub handling: Handling,
    /// What we asked for at first (consumer).
    #[serde(default)]
    pub asked: Option<Value>,
    /// The state machine.
    pub process: Negotiation,
    /// What the consumer stated as purposes.
    #[serde(default)]
    pub purpose: Vec<String>,
    /// Callback addresses in the EDC form, as given by the client.
    #[serde(default)]
    pub callback_addresses: Vec<Value>,
    /// Protocol name that the client used.
    pub protocol: String,
    /// Created at.
    pub created_at: Timestamp,
    /// Last state change.
    pub updated_at: Timestamp,
    /// Why it failed, if it did.
    #[serde(default)]
    pub error_detail: Option<String>,
}

/// A contract agreement, with its signatures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgreementRecord {
    /// Agreement id, the same on both sides.
    pub id: String,
    /// Our negotiation.
    pub negotiation_pid: String,
    /// Our role.
    pub role: Role,
    /// DID of the counterparty.
    pub peer: String,
    /// The dataset.
    pub dataset_id: String,
    /// The agreement itself.
    pub agreement: Agreement,
    /// The claims about the consumer on which the agreement rests.
    #[serde(default)]
    pub claims: policies::Claims,
    /// Stated purposes.
    #[serde(default)]
    pub purpose: Vec<String>,
    /// What happens by itself in transfers.
    #[serde(default)]
    pub handling: Handling,
    /// When it was concluded.
    pub signed_at: Timestamp,
    /// Set once the negotiation is FINALIZED.
    pub in_force: bool,
    /// When we ended it, and why.
    #[serde(default)]
    pub ended: Option<(Timestamp, String)>,
}

/// One transfer process, seen from one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferRecord {
    /// Our process id.
    pub pid: String,
    /// Our role.
    pub role: Role,
    /// DID of the counterparty.
    pub peer: String,
    /// The counterparty's process id, once known.
    pub peer_pid: Option<String>,
    /// Base URL to which messages for the counterparty are sent.
    pub peer_address: String,
    /// The agreement that allows it.
    pub agreement_id: String,
    /// The dataset.
    pub dataset_id: String,
    /// Distribution format, e.g. `HttpData-PULL`.
    pub format: String,
    /// The state machine.
    pub process: Transfer,
    /// SHA-256 of the current access token in hexadecimal (provider).
    #[serde(default)]
    pub token_sha256: Option<String>,
    /// When that token expires.
    #[serde(default)]
    pub token_expires: Option<Timestamp>,
    /// Callback addresses in the EDC form.
    #[serde(default)]
    pub callback_addresses: Vec<Value>,
    /// Protocol name that the client used.
    pub protocol: String,
    /// Created at.
    pub created_at: Timestamp,
    /// Last state change.
    pub updated_at: Timestamp,
    /// Why it failed, if it did.
    #[serde(default)]
    pub error_detail: Option<String>,
}

/// Endpoint data reference: how the consumer reaches the data of one transfer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Edr {
    /// Our transfer process id; also the key.
    pub transfer_pid: String,
    /// The agreement.
    pub agreement_id: String,
    /// Our negotiation.
    pub negotiation_pid: String,
    /// The dataset.
    pub dataset_id: String,
    /// DID of the provider.
    pub provider: String,
    /// Endpoint and token.
    pub address: DataAddress,
    /// Created at.
    pub created_at: Timestamp,
}

/// A secret of this participant, e.g. the key for an upstream. Write-only through the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    /// Alias.
    pub id: String,
    /// Value.
    pub value: String,
    /// Created at.
    pub created_at: Timestamp,
}

/// A published document, e.g. a credential as VC-JWT.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Path below the public base, e.g. `credentials/participant`.
    pub id: String,
    /// Media type.
    pub media_type: String,
    /// The bytes as text; kept as signed, for ever.
    pub body: String,
    /// Hash of what it was made from; a change means that it must be made again.
    pub source_hash: String,
    /// Created at.
    pub created_at: Timestamp,
}

impl Record for Asset {
    const KIND: Kind = Kind::Asset;
    fn id(&self) -> &str {
        &self.id
    }
}
impl Record for PolicyDefinition {
    const KIND: Kind = Kind::PolicyDefinition;
    fn id(&self) -> &str {
        &self.id
    }
}
impl Record for ContractDefinition {
    const KIND: Kind = Kind::ContractDefinition;
    fn id(&self) -> &str {
        &self.id
    }
}
impl Record for Secret {
    const KIND: Kind = Kind::Secret;
    fn id(&self) -> &str {
        &self.id
    }
}
impl Record for Document {
    const KIND: Kind = Kind::Document;
    fn id(&self) -> &str {
        &self.id
    }
}
impl Record for Edr {
    const KIND: Kind = Kind::Edr;
    fn id(&self) -> &str {
        &self.transfer_pid
    }
    fn index(&self) -> Index {
        Index {
            peer: Some(self.provider.clone()),
            parent: Some(self.agreement_id.clone()),
            ..Index::default()
        }
    }
}
impl Record for NegotiationRecord {
    const KIND: Kind = Kind::Negotiation;
    fn id(&self) -> &str {
        &self.pid
    }
    fn index(&self) -> Index {
        Index {
            peer: Some(self.peer.clone()),
            peer_pid: self.peer_pid.clone(),
            state: Some(self.process.state().name().to_owned()),
            parent: Some(self.dataset_id.clone()),
        }
    }
}
impl Record for AgreementRecord {
    const KIND: Kind = Kind::Agreement;
    fn id(&self) -> &str {
        &self.id
    }
    fn index(&self) -> Index {
        Index {
            peer: Some(self.peer.clone()),
            parent: Some(self.negotiation_pid.clone()),
            ..Index::default()
        }
    }
}
impl Record for TransferRecord {
    const KIND: Kind = Kind::Transfer;
    fn id(&self) -> &str {
        &self.pid
    }
    fn index(&self) -> Index {
        Index {
            peer: Some(self.peer.clone()),
            peer_pid: self.peer_pid.clone(),
            state: Some(self.process.state().name().to_owned()),
            parent: Some(self.agreement_id.clone()),
        }
    }
}

/// Stands for the process id of a counterparty that has not given its own, where a schema wants one.
pub const NIL_PID: &str = "urn:uuid:00000000-0000-0000-0000-000000000000";

impl NegotiationRecord {
    /// The consumer's and the provider's pid, where known.
    #[must_use]
    pub fn pids(&self) -> (Option<&str>, Option<&str>) {
        match self.role {
            Role::Consumer => (Some(&self.pid), self.peer_pid.as_deref()),
            Role::Provider => (self.peer_pid.as_deref(), Some(&self.pid)),
        }
    }
}

impl TransferRecord {
    /// The consumer's and the provider's pid, where known.
    #[must_use]
    pub fn pids(&self) -> (Option<&str>, Option<&str>) {
        match self.role {
            Role::Consumer => (Some(&self.pid), self.peer_pid.as_deref()),
            Role::Provider => (self.peer_pid.as_deref(), Some(&self.pid)),
        }
    }
}
