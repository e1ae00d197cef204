//! From request bytes to DSP plain JSON.

use crate::web::State;
use actix_web::HttpRequest;
use actix_web::web::Payload;
use bytes::BytesMut;
use engine::Fault;
use futures_util::StreamExt;
use serde_json::Value;

/// Why a body was not taken.
#[derive(Debug)]
pub(super) enum Rejected {
    /// Larger than the limit.
    TooLarge(usize),
    /// Anything else.
    Fault(Fault),
}

impl From<Fault> for Rejected {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Reads the body, within the limit, and brings any JSON-LD form of it into the schema's plain form.
pub(super) async fn read(
    state: &State,
    request: &HttpRequest,
    mut payload: Payload,
) -> Result<Value, Rejected> {
    let limit = state.limits.body_bytes;
    let mime = request.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
    let essence = mime.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if !essence.is_empty() && essence != "application/json" && essence != "application/ld+json" {
        return Err(Fault::malformed("Content-Type", format!("{essence} is not application/json")).into());
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| Fault::malformed("body", e.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(Rejected::TooLarge(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    let value: Value =
        serde_json::from_slice(&bytes).map_err(|e| Fault::malformed("body", format!("is not JSON: {e}")))?;
    if !value.is_object() {
        return Err(Fault::malformed("body", "is not a JSON object").into());
    }
    ontology::jsonld::to_dsp_plain(value).map_err(|e| Fault::malformed("@context", e.to_string()).into())
}
