//! The management API: EDC Management API v3 (`/v3`, what old clients use also as `/v2`) and v4 (`/v4`), and our own
//! additions (`/v1`).

mod agreements;
mod api;
mod assets;
mod auth;
mod catalog;
mod compact;
mod contract_definitions;
mod credentials;
mod dataplanes;
mod edrs;
mod error;
mod events;
mod fields;
mod handling;
mod jsonld;
pub(in crate::web) mod narrow;
mod negotiations;
mod output;
mod own;
mod place;
mod plain;
mod plan;
mod policies;
mod query;
mod secrets;
mod steer;
mod transfers;
mod usage;
mod webhooks;

#[cfg(test)]
mod tests;

pub(in crate::web) use api::{Answer, Api};
pub use error::ApiError;
pub(crate) use events::cloud_event;

use actix_web::web;

/// Mounts the management API, each version behind the key, and its documentation.
pub fn configure(config: &mut web::ServiceConfig) {
    api::configure(config);
}
