//! The management API: EDC Management API v3 (`/v3`, some of it also as `/v2`), and our own additions (`/v1`).

mod agreements;
mod assets;
mod auth;
mod catalog;
mod definitions;
mod edrs;
mod error;
mod jsonld;
mod negotiations;
mod output;
mod own;
mod policies;
mod query;
mod secrets;
mod transfers;

#[cfg(test)]
mod tests;

pub use error::ApiError;

use actix_web::web;

/// Mounts the management API behind its key.
pub fn configure(config: &mut web::ServiceConfig) {
    for version in ["/v3", "/v2"] {
        config.service(
            web::scope(version)
                .wrap(actix_web::middleware::from_fn(auth::check))
                .configure(assets::configure)
                .configure(policies::configure)
                .configure(definitions::configure)
                .configure(catalog::configure)
                .configure(negotiations::configure)
                .configure(agreements::configure)
                .configure(transfers::configure)
                .configure(edrs::configure)
                .configure(secrets::configure),
        );
    }
    config.service(
        web::scope("/v1").wrap(actix_web::middleware::from_fn(auth::check)).configure(own::configure),
    );
}
