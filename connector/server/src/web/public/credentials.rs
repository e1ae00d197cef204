//! Self-descriptions at stable URLs.

use crate::identity::credentials::PRESENTATION_MEDIA_TYPE;
use crate::web::{State, caller};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use engine::Fault;
use engine::record::Document;
use serde_json::json;

/// `GET /credentials/participant`: the LegalPerson credential.
pub(super) async fn participant(state: Data<State>) -> HttpResponse {
    serve(state.issuer.participant(&state.engine).await)
}

/// `GET /credentials/presentation`: the credentials of others about us, for everybody who wants to verify them.
pub(super) async fn presentation(state: Data<State>) -> HttpResponse {
    match state.issuer.presentation(&state.engine).await {
        Ok(Some(text)) => HttpResponse::Ok().content_type(PRESENTATION_MEDIA_TYPE).body(text),
        Ok(None) => HttpResponse::NotFound().json(json!({"reason": ["nothing is presented here"]})),
        Err(fault) => {
            tracing::error!(%fault, "the presentation cannot be served");
            HttpResponse::InternalServerError().json(json!({"reason": ["internal error"]}))
        }
    }
}

/// `GET /credentials/datasets/{id}`: the data product credential of a dataset that the caller may see.
pub(super) async fn dataset(state: Data<State>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    let found = async {
        let caller = caller::of(&state, &request).await?;
        let (_, dataset) = state.engine.dataset_for(&caller, &id).await?;
        state.issuer.dataset(&state.engine, &dataset).await
    };
    serve(found.await)
}

fn serve(document: Result<Document, Fault>) -> HttpResponse {
    match document {
        Ok(document) => HttpResponse::Ok().content_type(document.media_type).body(document.body),
        Err(fault @ Fault::NotFound { .. }) => {
            HttpResponse::NotFound().json(json!({"reason": [fault.to_string()]}))
        }
        Err(fault @ Fault::Unauthenticated(_)) => {
            HttpResponse::Unauthorized().json(json!({"reason": [fault.to_string()]}))
        }
        Err(fault) => {
            tracing::error!(%fault, "a credential cannot be served");
            HttpResponse::InternalServerError().json(json!({"reason": ["internal error"]}))
        }
    }
}
