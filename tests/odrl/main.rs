//! The public ODRL suites, run in place where they are present, with exact counts.
//!
//! Cases that we answer otherwise on purpose stand in `exempt.txt`, each with its reason; a case that stands there
//! and passes is an error too, so that the list stays honest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

mod events;
mod graphs;
mod ids;
mod pairs;
mod score;
mod solidlab;
mod w3c;
