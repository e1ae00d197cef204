//! Self-descriptions at stable URLs.

use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use engine::Fault;
use engine::record::Document;
use serde_json::json;

/// `GET /credentials/participant`: the LegalPerson credential.
pub(super) async fn participant(state: Data<State>) -> HttpResponse {
    serve(&state, "credentials/participant").await
}

/// `GET /credentials/datasets/{id}`: the data product credential of a dataset.
pub(super) async fn dataset(state: Data<State>, id: Path<String>) -> HttpResponse {
    serve(&state, &format!("credentials/datasets/{}", id.as_str())).await
}

async fn serve(state: &State, id: &str) -> HttpResponse {
    match state.engine.get::<Document>(id).await {
        Ok(document) => HttpResponse::Ok().content_type(document.media_type).body(document.body),
        Err(Fault::NotFound { .. }) => {
            HttpResponse::NotFound().json(json!({"reason": [format!("there is no document {id}")]}))
        }
        Err(fault) => {
            tracing::error!(%fault, "a credential cannot be read");
            HttpResponse::InternalServerError().json(json!({"reason": ["internal error"]}))
        }
    }
}
