//! `/dataplanes`: the one that is built in.

use super::error::ApiError;
use super::output::{self, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use serde_json::{Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.route("/dataplanes", web::get().to(list));
}

async fn list(state: Data<State>) -> Result<HttpResponse, ApiError> {
    Ok(output::list([write(&state.engine.settings().public_url)]))
}

/// The data plane below `public_url`.
pub(super) fn write(public_url: &str) -> Value {
    Members::new("DataPlaneInstance", Some("http"))
        .with("url", format!("{public_url}/data"))
        .with("allowedSourceTypes", json!(["HttpData", "File"]))
        .with("allowedTransferTypes", crate::plane::HTTP_PULL)
        .with("state", "AVAILABLE")
        .into()
}
