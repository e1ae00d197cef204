//! State beyond the request itself.

use super::{Claims, Hierarchy};
use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is known beside clock, caller and claims. `None` is "not known", which is not the same as "none".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct World {
    /// Values of further left operands at this request, by IRI or by the name in the ODRL vocabulary.
    pub context: Claims,
    /// Properties of the action that is asked for, by left operand; judged by refinements of actions.
    pub action: Claims,
    /// Properties of the target, by left operand; judged by refinements of assets.
    pub asset: Claims,
    /// Units of the values above, by left operand, as IRIs.
    pub units: BTreeMap<String, String>,
    /// Members, and the collections that each is a direct part of.
    pub collections: Option<BTreeMap<String, Vec<String>>>,
    /// What happens or happened.
    pub events: Option<Vec<Event>>,
    /// When there was a use before, under the same agreement.
    pub used_at: Option<Vec<Timestamp>>,
    /// Time of use so far, in milliseconds.
    pub metered: Option<i64>,
    /// How many uses are going on now, each of which adds to it.
    pub metering: u32,
    /// What was paid.
    pub paid: Option<Vec<Payment>>,
    /// What has become of duties and obligations.
    pub duties: Vec<DutyRecord>,
    /// Credentials of the consumer.
    pub credentials: Vec<Credential>,
    /// Hierarchy of purposes, industries and other terms, by IRI.
    pub terms: Hierarchy,
    /// When conditions within an `andSequence` became true, by their path in the policy.
    pub became: BTreeMap<String, Timestamp>,
}

/// Something that happens at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its IRI.
    pub id: String,
    /// Its beginning.
    pub start: Timestamp,
    /// Its end; `None` while it goes on.
    pub end: Option<Timestamp>,
}

/// Money that was paid for the use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// Decimal number.
    pub amount: String,
    /// Currency, as in the policy's `unit`.
    pub unit: String,
    /// When.
    pub at: Timestamp,
}

/// What has become of a duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DutyRecord {
    /// Its identifier, or its path in the policy: `permission/0/duty/0`.
    pub duty: String,
    /// Its state.
    pub state: DutyState,
    /// It was fulfilled only after it had been violated, so that its consequences are due as well.
    #[serde(default)]
    pub late: bool,
}

/// State of a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DutyState {
    /// Still to be done.
    Pending,
    /// Done.
    Fulfilled,
    /// Not done in time, or can no longer be done.
    Violated,
}

/// A credential about the consumer whose proof was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// Who issued it.
    pub issuer: String,
    /// The issuer is on the trusted list for this type. What an untrusted issuer says is not known.
    pub trusted: bool,
    /// First instant at which it is valid.
    pub from: Option<Timestamp>,
    /// First instant at which it is no longer valid.
    pub until: Option<Timestamp>,
    /// What its issuer says of it today.
    #[serde(default)]
    pub status: CredentialStatus,
    /// Types of the credential and of its subject, as IRIs or short names.
    pub types: Vec<String>,
    /// The credential; JSONPath starts here.
    pub body: Value,
}

/// What an issuer says of a credential after it was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialStatus {
    /// Nothing against it, or it has no status at all.
    #[default]
    Valid,
    /// Withdrawn for good.
    Revoked,
    /// Withdrawn for now.
    Suspended,
    /// The issuer cannot be asked, or its answer cannot be verified. It does not count.
    Unknown,
}
