//! The key of the management API.

use super::error::ApiError;
use crate::web::State;
use actix_web::ResponseError as _;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use sha2::{Digest, Sha256};

/// Lets a request through that carries the key as `X-Api-Key` or as bearer token.
pub(super) async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let expected = request.app_data::<Data<State>>().and_then(|state| state.management_key_sha256);
    let refusal = match (expected, presented(&request)) {
        (Some(expected), Some(given)) if same(&Sha256::digest(given), &expected) => None,
        (_, None) => Some("x-api-key not found"),
        _ => Some("Request could not be authenticated"),
    };
    match refusal {
        None => Ok(next.call(request).await?.map_into_left_body()),
        // As a response, not as an error, so that it is counted like any other.
        Some(message) => {
            let response = ApiError::unauthenticated(message).error_response();
            Ok(request.into_response(response).map_into_right_body())
        }
    }
}

/// The key that the request carries. Clients without one send an empty header.
fn presented(request: &ServiceRequest) -> Option<&[u8]> {
    let api_key = request.headers().get("x-api-key").map(|value| value.as_bytes());
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.as_bytes().split_at_checked("bearer ".len())?;
        scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
    });
    [api_key, bearer].into_iter().flatten().find(|key| !key.is_empty())
}

/// Compares digests without an early end. Digests, so that not even the key's length shows.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |all, (l, r)| all | (l ^ r)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_the_same_only_when_equal() {
        assert!(same(&[1, 2], &[1, 2]));
        assert!(!same(&[1, 2], &[1, 3]));
        assert!(!same(&[1], &[1, 2]));
    }

    #[test]
    fn the_key_is_found_in_either_header() {
        let request = |headers: &[(&str, &str)]| {
            let build = headers
                .iter()
                .fold(actix_web::test::TestRequest::default(), |b, (n, v)| b.insert_header((*n, *v)));
            presented(&build.to_srv_request()).map(|key| String::from_utf8_lossy(key).into_owned())
        };
        assert_eq!(request(&[("X-Api-Key", "k")]).as_deref(), Some("k"));
        assert_eq!(request(&[("Authorization", "bearer k ")]).as_deref(), Some("k"));
        assert_eq!(request(&[("X-Api-Key", ""), ("Authorization", "Bearer k")]).as_deref(), Some("k"));
        for none in [
            vec![],
            vec![("X-Api-Key", "")],
            vec![("Authorization", "Basic k")],
            vec![("Authorization", "Bea")],
        ] {
            assert_eq!(request(&none), None, "{none:?}");
        }
    }
}
