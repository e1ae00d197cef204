//! Use cases of the connector over ports. Async, but without HTTP, database or key handling.
//!
//! Each use case loads, asks the pure core for the next state, and commits the new state together with the
//! messages and events it causes. Bytes of payload never pass through here.

pub mod agreement;
pub mod caller;
pub mod discover;
mod doc;
pub mod engine;
pub mod facts;
pub mod fault;
pub mod handling;
mod locks;
pub mod monitor;
pub mod negotiate;
pub mod outbox;
pub mod port;
pub mod publish;
pub mod record;
mod step;
pub mod transfer;
pub mod usage;
pub mod wallet;
pub mod webhook;

pub use agreement::{AgreementCheck, SignatureCheck};
pub use caller::Caller;
pub use discover::SparqlFault;
pub use engine::{Engine, KnownPeer, Ports, Settings};
pub use fault::Fault;
pub use handling::{Handling, Mode};
pub use negotiate::{Inbox, NegotiationOrder, OfferOrder};
pub use transfer::TransferOrder;
