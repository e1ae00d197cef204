//! The messages of each protocol as one type, by their `@type`.

use super::catalog::CatalogRequestMessage;
use super::check::Object;
use super::negotiation::{
    ContractAgreementMessage, ContractAgreementVerificationMessage, ContractNegotiationEventMessage,
    ContractNegotiationTerminationMessage, ContractOfferMessage, ContractRequestMessage, EventType,
};
use super::transfer::{
    TransferCompletionMessage, TransferRequestMessage, TransferStartMessage, TransferSuspensionMessage,
    TransferTerminationMessage,
};
use super::{Malformed, reasons};
use crate::agreement::{Agreement, SIGNATURE_PROPERTY};
use crate::role::Role;
use crate::{negotiation, transfer};
use serde_json::Value;
use std::fmt;

/// Type of a message that moves a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// [`ContractRequestMessage`].
    ContractRequest,
    /// [`ContractOfferMessage`].
    ContractOffer,
    /// [`ContractAgreementMessage`].
    ContractAgreement,
    /// [`ContractAgreementVerificationMessage`].
    ContractAgreementVerification,
    /// [`ContractNegotiationEventMessage`].
    ContractNegotiationEvent,
    /// [`ContractNegotiationTerminationMessage`].
    ContractNegotiationTermination,
    /// [`TransferRequestMessage`].
    TransferRequest,
    /// [`TransferStartMessage`].
    TransferStart,
    /// [`TransferSuspensionMessage`].
    TransferSuspension,
    /// [`TransferCompletionMessage`].
    TransferCompletion,
    /// [`TransferTerminationMessage`].
    TransferTermination,
}

impl MessageKind {
    /// `@type` on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ContractRequest => ContractRequestMessage::TYPE,
            Self::ContractOffer => ContractOfferMessage::TYPE,
            Self::ContractAgreement => ContractAgreementMessage::TYPE,
            Self::ContractAgreementVerification => ContractAgreementVerificationMessage::TYPE,
            Self::ContractNegotiationEvent => ContractNegotiationEventMessage::TYPE,
            Self::ContractNegotiationTermination => ContractNegotiationTerminationMessage::TYPE,
            Self::TransferRequest => TransferRequestMessage::TYPE,
            Self::TransferStart => TransferStartMessage::TYPE,
            Self::TransferSuspension => TransferSuspensionMessage::TYPE,
            Self::TransferCompletion => TransferCompletionMessage::TYPE,
            Self::TransferTermination => TransferTerminationMessage::TYPE,
        }
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A message of the contract negotiation protocol.
#[derive(Debug, Clone, PartialEq)]
pub enum NegotiationMessage {
    /// Initial request or counter-offer.
    Request(ContractRequestMessage),
    /// Initial offer or reply.
    Offer(ContractOfferMessage),
    /// Agreement.
    Agreement(ContractAgreementMessage),
    /// Verification of the agreement.
    Verification(ContractAgreementVerificationMessage),
    /// ACCEPTED or FINALIZED.
    Event(ContractNegotiationEventMessage),
    /// Termination.
    Termination(ContractNegotiationTerminationMessage),
}

/// A message of the transfer process protocol.
#[derive(Debug, Clone, PartialEq)]
pub enum TransferMessage {
    /// Request.
    Request(TransferRequestMessage),
    /// Start or resumption.
    Start(TransferStartMessage),
    /// Suspension.
    Suspension(TransferSuspensionMessage),
    /// Completion.
    Completion(TransferCompletionMessage),
    /// Termination.
    Termination(TransferTerminationMessage),
}

macro_rules! each {
    ($self:ident, $message:ident => $value:expr) => {
        match $self {
            Self::Request($message) => $value,
            Self::Offer($message) => $value,
            Self::Agreement($message) => $value,
            Self::Verification($message) => $value,
            Self::Event($message) => $value,
            Self::Termination($message) => $value,
        }
    };
}

impl NegotiationMessage {
    /// Type of the message.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Request(_) => MessageKind::ContractRequest,
            Self::Offer(_) => MessageKind::ContractOffer,
            Self::Agreement(_) => MessageKind::ContractAgreement,
            Self::Verification(_) => MessageKind::ContractAgreementVerification,
            Self::Event(_) => MessageKind::ContractNegotiationEvent,
            Self::Termination(_) => MessageKind::ContractNegotiationTermination,
        }
    }

    /// The provider's process id; an initial request has none.
    #[must_use]
    pub fn provider_pid(&self) -> Option<&str> {
        match self {
            Self::Request(message) => message.provider_pid.as_deref(),
            Self::Offer(message) => Some(&message.provider_pid),
            Self::Agreement(message) => Some(&message.provider_pid),
            Self::Verification(message) => Some(&message.provider_pid),
            Self::Event(message) => Some(&message.provider_pid),
            Self::Termination(message) => Some(&message.provider_pid),
        }
    }

    /// The consumer's process id; an initial offer has none.
    #[must_use]
    pub fn consumer_pid(&self) -> Option<&str> {
        match self {
            Self::Request(message) => Some(&message.consumer_pid),
            Self::Offer(message) => message.consumer_pid.as_deref(),
            Self::Agreement(message) => Some(&message.consumer_pid),
            Self::Verification(message) => Some(&message.consumer_pid),
            Self::Event(message) => Some(&message.consumer_pid),
            Self::Termination(message) => Some(&message.consumer_pid),
        }
    }

    /// `@id` of the message.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        each!(self, message => message.id.as_deref())
    }

    /// Who sends such a message; `None` for either.
    #[must_use]
    pub const fn sender(&self) -> Option<Role> {
        match self {
            Self::Request(_) | Self::Verification(_) => Some(Role::Consumer),
            Self::Offer(_) | Self::Agreement(_) => Some(Role::Provider),
            Self::Event(message) => Some(match message.event_type {
                EventType::Accepted => Role::Consumer,
                EventType::Finalized => Role::Provider,
            }),
            Self::Termination(_) => None,
        }
    }

    /// What the message does to a negotiation.
    #[must_use]
    pub fn act(&self) -> negotiation::Act {
        use negotiation::Act;
        match self {
            Self::Request(message) => Act::Request { offer: message.offer.clone() },
            Self::Offer(message) => Act::Offer { offer: message.offer.clone() },
            Self::Agreement(message) => Act::Agree { agreement: Agreement::new(message.agreement.clone()) },
            Self::Verification(message) => {
                Act::Verify { signature: message.extra.get(SIGNATURE_PROPERTY).cloned() }
            }
            Self::Event(message) => match message.event_type {
                EventType::Accepted => Act::Accept,
                EventType::Finalized => Act::Finalize,
            },
            Self::Termination(message) => {
                Act::Terminate { code: message.code.clone(), reason: reasons(&message.reason) }
            }
        }
    }

    /// The message as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        each!(self, message => message.to_json())
    }
}

macro_rules! each_transfer {
    ($self:ident, $message:ident => $value:expr) => {
        match $self {
            Self::Request($message) => $value,
            Self::Start($message) => $value,
            Self::Suspension($message) => $value,
            Self::Completion($message) => $value,
            Self::Termination($message) => $value,
        }
    };
}

impl TransferMessage {
    /// Type of the message.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Request(_) => MessageKind::TransferRequest,
            Self::Start(_) => MessageKind::TransferStart,
            Self::Suspension(_) => MessageKind::TransferSuspension,
            Self::Completion(_) => MessageKind::TransferCompletion,
            Self::Termination(_) => MessageKind::TransferTermination,
        }
    }

    /// The provider's process id; a request has none.
    #[must_use]
    pub fn provider_pid(&self) -> Option<&str> {
        match self {
            Self::Request(_) => None,
            Self::Start(message) => Some(&message.provider_pid),
            Self::Suspension(message) => Some(&message.provider_pid),
            Self::Completion(message) => Some(&message.provider_pid),
            Self::Termination(message) => Some(&message.provider_pid),
        }
    }

    /// The consumer's process id.
    #[must_use]
    pub fn consumer_pid(&self) -> Option<&str> {
        each_transfer!(self, message => Some(&message.consumer_pid))
    }

    /// `@id` of the message.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        each_transfer!(self, message => message.id.as_deref())
    }

    /// What the message does to a transfer; `None` for a request, which opens one.
    #[must_use]
    pub fn act(&self) -> Option<transfer::Act> {
        use transfer::Act;
        Some(match self {
            Self::Request(_) => return None,
            Self::Start(message) => Act::Start { data_address: message.data_address.clone() },
            Self::Suspension(message) => {
                Act::Suspend { code: message.code.clone(), reason: reasons(&message.reason) }
            }
            Self::Completion(_) => Act::Complete,
            Self::Termination(message) => {
                Act::Terminate { code: message.code.clone(), reason: reasons(&message.reason) }
            }
        })
    }

    /// The message as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        each_transfer!(self, message => message.to_json())
    }
}

/// Reads a message of the contract negotiation protocol.
///
/// # Errors
/// [`Malformed`] naming the member at fault; `@type` when it is of another protocol.
pub fn parse_negotiation(value: Value) -> Result<NegotiationMessage, Malformed> {
    use NegotiationMessage as M;
    match typ(&value)?.as_str() {
        ContractRequestMessage::TYPE => ContractRequestMessage::parse(value).map(M::Request),
        ContractOfferMessage::TYPE => ContractOfferMessage::parse(value).map(M::Offer),
        ContractAgreementMessage::TYPE => ContractAgreementMessage::parse(value).map(M::Agreement),
        ContractAgreementVerificationMessage::TYPE => {
            ContractAgreementVerificationMessage::parse(value).map(M::Verification)
        }
        ContractNegotiationEventMessage::TYPE => ContractNegotiationEventMessage::parse(value).map(M::Event),
        ContractNegotiationTerminationMessage::TYPE => {
            ContractNegotiationTerminationMessage::parse(value).map(M::Termination)
        }
        other => Err(unknown(other, "contract negotiation")),
    }
}

/// Reads a message of the transfer process protocol.
///
/// # Errors
/// [`Malformed`] naming the member at fault; `@type` when it is of another protocol.
pub fn parse_transfer(value: Value) -> Result<TransferMessage, Malformed> {
    use TransferMessage as M;
    match typ(&value)?.as_str() {
        TransferRequestMessage::TYPE => TransferRequestMessage::parse(value).map(M::Request),
        TransferStartMessage::TYPE => TransferStartMessage::parse(value).map(M::Start),
        TransferSuspensionMessage::TYPE => TransferSuspensionMessage::parse(value).map(M::Suspension),
        TransferCompletionMessage::TYPE => TransferCompletionMessage::parse(value).map(M::Completion),
        TransferTerminationMessage::TYPE => TransferTerminationMessage::parse(value).map(M::Termination),
        other => Err(unknown(other, "transfer process")),
    }
}

/// Reads a message of the catalogue protocol.
///
/// # Errors
/// [`Malformed`] naming the member at fault.
pub fn parse_catalog_request(value: Value) -> Result<CatalogRequestMessage, Malformed> {
    CatalogRequestMessage::parse(value)
}

fn typ(value: &Value) -> Result<String, Malformed> {
    Object::at(value, "")?.text("@type").map(str::to_owned)
}

fn unknown(found: &str, protocol: &str) -> Malformed {
    // The sender's text is repeated, so it is cut.
    let found: String = found.chars().take(80).collect();
    Malformed { field: "@type".to_owned(), reason: format!("{found} is not a {protocol} message") }
}
