//! `/dataplanes`: the one that is built in.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::output::{Form, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::{Value, json};

pub(super) fn operations(api: &mut Api) {
    api.group("Data planes");
    api.get("/dataplanes", list).about("The data planes in use").gives(Answer::List("DataPlaneInstance"));
}

async fn list(form: Form, state: Data<State>) -> Result<HttpResponse, ApiError> {
    Ok(form.list([write(form, &state.engine.settings().public_url)]))
}

/// The data plane below `public_url`.
pub(super) fn write(form: Form, public_url: &str) -> Value {
    Members::new("DataPlaneInstance", Some("http"))
        .with("url", format!("{public_url}/data"))
        .with("allowedSourceTypes", json!(["HttpData", "File"]))
        .with("allowedTransferTypes", form.many(vec![json!(crate::plane::HTTP_PULL)]))
        .with("state", "AVAILABLE")
        .into()
}
