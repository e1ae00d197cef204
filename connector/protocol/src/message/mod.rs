//! Messages of the Dataspace Protocol 2025-1 as plain JSON.
//!
//! Each struct is one message of the schemas. `parse` is strict about everything the schemas define, names the
//! member at fault, and keeps members that they do not define in `extra`. Other JSON-LD forms must be brought
//! into the schemas' form before.

mod address;
mod catalog;
mod check;
mod error;
mod kind;
mod negotiation;
pub(crate) mod shape;
mod transfer;
pub mod version;
mod wire;

pub use address::{DataAddress, EndpointProperty, HTTP, join};
pub use catalog::{CatalogError, CatalogRequestMessage, DatasetRequestMessage};
pub use error::{ContractNegotiationError, NIL_PID, TransferError, reasons};
pub use kind::{
    MessageKind, NegotiationMessage, TransferMessage, parse_catalog_request, parse_negotiation,
    parse_transfer,
};
pub use negotiation::{
    ContractAgreementMessage, ContractAgreementVerificationMessage, ContractNegotiation,
    ContractNegotiationEventMessage, ContractNegotiationTerminationMessage, ContractOfferMessage,
    ContractRequestMessage, EventType,
};
pub use transfer::{
    TransferCompletionMessage, TransferProcess, TransferRequestMessage, TransferStartMessage,
    TransferSuspensionMessage, TransferTerminationMessage,
};
pub use version::{Auth, Version, VersionResponse, version_response};

/// Has `offer` the shape of an offer within a message (contract schema)?
///
/// # Errors
/// Which member has not, as a path below `offer`.
pub fn check_offer(offer: &serde_json::Value) -> Result<(), Malformed> {
    shape::offer(offer, "offer", true)
}

/// A message does not have the form that the protocol demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Malformed {
    /// Path of the member at fault, e.g. `offer.permission[0].action`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}
