//! Version metadata (DSP section 4.3) and the DID document.

use crate::web::State;
use crate::web::dsp::VERSION_PATH;
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

/// `GET /.well-known/dspace-version`.
pub(super) async fn versions() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "protocolVersions": [{
            "version": "2025-1",
            "path": VERSION_PATH,
            "binding": "HTTPS",
            "identifierType": "did:web",
        }]
    }))
}

/// `GET /.well-known/did.json`.
pub(super) async fn did_document(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/did+json").body(state.did_document.to_string())
}
