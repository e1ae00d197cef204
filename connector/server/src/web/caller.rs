//! Who is calling a public endpoint, and within which trace.

use super::State;
use actix_web::HttpRequest;
use engine::{Caller, Fault};

/// Authenticates the request; no `Authorization` header makes an anonymous caller.
///
/// # Errors
/// [`Fault::Unauthenticated`] for a token that is not valid, with the reason.
pub async fn of(state: &State, request: &HttpRequest) -> Result<Caller, Fault> {
    let header = request.headers().get("authorization").map(|value| value.to_str().unwrap_or("?"));
    let did = state.authenticator.authenticate(header).await.map_err(|fault| {
        state.telemetry.refused_token();
        if fault.status == 503 { Fault::Busy(fault.reason) } else { Fault::Unauthenticated(fault.reason) }
    })?;
    Ok(Caller { did, traceparent: Some(trace(request)), ..Caller::default() })
}

/// The trace parent for what this request causes: the caller's trace with a span of ours, or a new trace.
#[must_use]
pub fn trace(request: &HttpRequest) -> String {
    let given = request.headers().get("traceparent").and_then(|v| v.to_str().ok());
    crate::telemetry::child(given)
}
