//! The Dataspace Protocol 2025-1 over HTTPS, provider and consumer under one base.

mod body;
mod catalog;
mod error;
mod negotiations;
mod transfers;

use actix_web::web;

/// Version path below the public root.
pub const VERSION_PATH: &str = "/dsp/2025-1";

/// Mounts the protocol endpoints.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope(VERSION_PATH)
            .route("/catalog/request", web::post().to(catalog::request))
            .route("/catalog/datasets/{id}", web::get().to(catalog::dataset))
            .route("/negotiations/request", web::post().to(negotiations::initial))
            .route("/negotiations/offers", web::post().to(negotiations::initial))
            .route("/negotiations/{pid}", web::get().to(negotiations::state))
            .route("/negotiations/{pid}/request", web::post().to(negotiations::message))
            .route("/negotiations/{pid}/offers", web::post().to(negotiations::message))
            .route("/negotiations/{pid}/agreement", web::post().to(negotiations::message))
            .route("/negotiations/{pid}/agreement/verification", web::post().to(negotiations::message))
            .route("/negotiations/{pid}/events", web::post().to(negotiations::message))
            .route("/negotiations/{pid}/termination", web::post().to(negotiations::message))
            .route("/transfers/request", web::post().to(transfers::initial))
            .route("/transfers/{pid}", web::get().to(transfers::state))
            .route("/transfers/{pid}/start", web::post().to(transfers::message))
            .route("/transfers/{pid}/completion", web::post().to(transfers::message))
            .route("/transfers/{pid}/suspension", web::post().to(transfers::message))
            .route("/transfers/{pid}/termination", web::post().to(transfers::message)),
    );
}
