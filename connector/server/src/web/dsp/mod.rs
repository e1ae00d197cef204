//! The Dataspace Protocol 2025-1 over HTTPS, provider and consumer under one base.

mod body;
mod catalog;
mod error;
mod negotiations;
mod transfers;

use actix_web::web;

/// Version path below the public root.
pub const VERSION_PATH: &str = "/dsp/2025-1";

// One pattern for all messages within a process: patterns are tried in turn, and each costs more than a look at its words.
const NEGOTIATION_MESSAGE: &str =
    "/{pid}/{message:request|offers|agreement|agreement/verification|events|termination}";
const TRANSFER_MESSAGE: &str = "/{pid}/{message:start|completion|suspension|termination}";

/// Mounts the protocol endpoints.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope(VERSION_PATH)
            .service(
                web::scope("/catalog")
                    .route("/request", web::post().to(catalog::request))
                    .route("/datasets/{id}", web::get().to(catalog::dataset)),
            )
            .service(
                web::scope("/negotiations")
                    .route("/request", web::post().to(negotiations::initial))
                    .route("/offers", web::post().to(negotiations::initial))
                    .route("/{pid}", web::get().to(negotiations::state))
                    .route(NEGOTIATION_MESSAGE, web::post().to(negotiations::message)),
            )
            .service(
                web::scope("/transfers")
                    .route("/request", web::post().to(transfers::initial))
                    .route("/{pid}", web::get().to(transfers::state))
                    .route(TRANSFER_MESSAGE, web::post().to(transfers::message)),
            ),
    );
}
