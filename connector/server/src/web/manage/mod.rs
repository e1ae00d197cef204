//! The management API: EDC Management API v3 (`/v3`, what old clients use also as `/v2`), and our own additions
//! (`/v1`).

mod agreements;
mod assets;
mod auth;
mod catalog;
mod compact;
mod contract_definitions;
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
mod plan;
mod policies;
mod query;
mod secrets;
mod steer;
mod transfers;
mod webhooks;

#[cfg(test)]
mod tests;

pub use error::ApiError;
pub(crate) use events::cloud_event;

use actix_web::{HttpRequest, HttpResponse, web};

/// Mounts the management API behind its key.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::scope("/v3")
                .wrap(actix_web::middleware::from_fn(auth::check))
                .configure(common)
                .configure(assets::configure)
                .configure(edrs::configure)
                .configure(secrets::configure)
                .configure(dataplanes::configure)
                .default_service(web::to(no_route)),
        )
        .service(
            web::scope("/v2")
                .wrap(actix_web::middleware::from_fn(auth::check))
                .configure(common)
                .default_service(web::to(no_route)),
        )
        .service(
            web::scope("/v1")
                .wrap(actix_web::middleware::from_fn(auth::check))
                .configure(own::configure)
                .default_service(web::to(no_route)),
        );
}

/// What v2 and v3 of the API have in common.
fn common(config: &mut web::ServiceConfig) {
    config
        .configure(policies::configure)
        .configure(contract_definitions::configure)
        .configure(catalog::configure)
        .configure(negotiations::configure)
        .configure(agreements::configure)
        .configure(transfers::configure);
}

async fn no_route(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::no_route(request.method().as_str(), request.path()))
}
