//! Messages of the contract negotiation protocol.

use super::check::Object;
use super::wire::message;
use super::{Malformed, shape};
use crate::negotiation::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;

message! {
    /// The consumer asks for a contract, or makes a counter-offer.
    pub(crate) struct ContractRequestMessage {
        /// The consumer's process id.
        consumer_pid: String,
        /// The provider's process id, in a counter-offer only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider_pid: Option<String>,
        /// `MessageOffer` object.
        offer: Value,
        /// The consumer's base URL, in an initial request only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        callback_address: Option<String>,
    }
    check |body| {
        body.text("consumerPid")?;
        body.either("callbackAddress", "providerPid")?;
        body.optional_text("providerPid")?;
        body.optional_url("callbackAddress")?;
        offer(body, false)
    }
}

impl ContractRequestMessage {
    /// An initial request.
    #[must_use]
    pub fn initial(
        consumer_pid: impl Into<String>,
        offer: Value,
        callback_address: impl Into<String>,
    ) -> Self {
        Self::new(consumer_pid.into(), None, offer, Some(callback_address.into()))
    }

    /// A counter-offer.
    #[must_use]
    pub fn counter(consumer_pid: impl Into<String>, provider_pid: impl Into<String>, offer: Value) -> Self {
        Self::new(consumer_pid.into(), Some(provider_pid.into()), offer, None)
    }
}

message! {
    /// The provider offers, on its own account or in reply to a request.
    pub(crate) struct ContractOfferMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id, in a reply only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consumer_pid: Option<String>,
        /// `MessageOffer` object with a target.
        offer: Value,
        /// The provider's base URL, in an initial offer only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        callback_address: Option<String>,
    }
    check |body| {
        body.text("providerPid")?;
        body.either("callbackAddress", "consumerPid")?;
        body.optional_text("consumerPid")?;
        body.optional_url("callbackAddress")?;
        offer(body, true)
    }
}

impl ContractOfferMessage {
    /// An initial offer.
    #[must_use]
    pub fn initial(
        provider_pid: impl Into<String>,
        offer: Value,
        callback_address: impl Into<String>,
    ) -> Self {
        Self::new(provider_pid.into(), None, offer, Some(callback_address.into()))
    }

    /// A reply to a request.
    #[must_use]
    pub fn reply(provider_pid: impl Into<String>, consumer_pid: impl Into<String>, offer: Value) -> Self {
        Self::new(provider_pid.into(), Some(consumer_pid.into()), offer, None)
    }
}

fn offer(body: &Object<'_>, needs_target: bool) -> Result<(), Malformed> {
    shape::offer(body.required("offer")?, "offer", needs_target)
}

message! {
    /// The provider's agreement.
    pub struct ContractAgreementMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
        /// `Agreement` object.
        agreement: Value,
    }
    check |body| {
        body.pids()?;
        shape::agreement(body.required("agreement")?, "agreement")
    }
}

message! {
    /// The consumer has verified the agreement.
    pub struct ContractAgreementVerificationMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
    }
    check |body| body.pids()
}

/// What a [`ContractNegotiationEventMessage`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventType {
    /// The consumer accepts the provider's offer.
    Accepted,
    /// The provider puts the agreement into force.
    Finalized,
}

message! {
    /// The consumer has accepted, or the provider has finalized.
    pub struct ContractNegotiationEventMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
        /// Which of both.
        event_type: EventType,
    }
    check |body| {
        body.pids()?;
        body.one_of("eventType", &["ACCEPTED", "FINALIZED"])
    }
}

message! {
    /// Either party ends the negotiation.
    pub struct ContractNegotiationTerminationMessage {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
        /// Code of the sender's choosing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Reasons, strings or objects.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reason: Vec<Value>,
    }
    check |body| {
        body.pids()?;
        body.code_and_reason(1)
    }
}

message! {
    /// Acknowledgement: the state of a negotiation.
    pub struct ContractNegotiation {
        /// The provider's process id.
        provider_pid: String,
        /// The consumer's process id.
        consumer_pid: String,
        /// State.
        state: State,
    }
    check |body| {
        body.pids()?;
        body.one_of("state", &State::ALL.map(State::name))
    }
}
