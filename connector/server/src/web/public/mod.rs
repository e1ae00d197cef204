//! Public endpoints beside the protocol: version, DID document, credentials, SPARQL, health.

mod credentials;
mod health;
mod sparql;
mod version;

pub(in crate::web) use health::operations as health_operations;
pub use sparql::respond as sparql_response;

use actix_web::web;

/// Mounts the public endpoints.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/.well-known/dspace-version", web::get().to(version::versions))
        .route("/.well-known/did.json", web::get().to(version::did_document))
        .route("/credentials/participant", web::get().to(credentials::participant))
        .route("/credentials/presentation", web::get().to(credentials::presentation))
        .route("/credentials/datasets/{id}", web::get().to(credentials::dataset))
        .service(
            web::resource("/sparql").route(web::get().to(sparql::get)).route(web::post().to(sparql::post)),
        );
}
