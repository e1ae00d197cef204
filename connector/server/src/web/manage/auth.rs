//! The key of the management API.

use super::error::ApiError;
use crate::web::State;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use sha2::{Digest, Sha256};

/// Lets a request through that carries the key as `X-Api-Key` or as bearer token.
pub(super) async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let expected = request.app_data::<Data<State>>().and_then(|state| state.management_key_sha256);
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let given =
        header("x-api-key").or_else(|| header("authorization").and_then(|v| v.strip_prefix("Bearer ")));
    match (expected, given) {
        (Some(expected), Some(given)) if same(&Sha256::digest(given.as_bytes()), &expected) => {}
        (_, None) => return Err(ApiError::unauthenticated("x-api-key not found").into()),
        _ => return Err(ApiError::unauthenticated("Request could not be authenticated").into()),
    }
    next.call(request).await
}

/// Compares digests without an early end. Digests, so that not even the key's length shows.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |all, (l, r)| all | (l ^ r)) == 0
}
