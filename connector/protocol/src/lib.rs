//! The Dataspace Protocol 2025-1 as values: messages, both state machines, agreements and the claims of
//! the Decentralized Claims Protocol.
//!
//! Pure: no clock, no network, no store, no keys, no randomness. A message is parsed strictly into a struct;
//! a machine takes itself and an act and returns its next state or a refusal; callers perform the effects.
//!
//! The legal transitions are in one table per machine ([`negotiation::transition_table`],
//! [`transfer::transition_table`]); `docs/state-machines.md` is generated from them.

pub mod agreement;
pub mod dcp;
pub mod jws;
pub mod message;
pub mod negotiation;
pub mod refusal;
pub mod role;
mod table;
pub mod transfer;

#[cfg(test)]
mod tests;

pub use message::version::version_response;
