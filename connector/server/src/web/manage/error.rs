//! Faults in the documented array form. The only place that maps them for management clients.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use engine::Fault;
use serde_json::{Value, json};

/// An error answer: `[{message, type, path, invalidValue}]`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    status: StatusCode,
    kind: &'static str,
    message: String,
    path: Option<String>,
    // Boxed, for an error is better small.
    invalid: Box<Value>,
    /// Further reasons, one entry each.
    more: Vec<String>,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), path: None, invalid: Box::default(), more: Vec::new() }
    }

    pub(super) fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message)
    }

    /// A field that is missing or wrong; `path` is that of the expanded form.
    pub(super) fn field(path: impl Into<String>, message: impl Into<String>, invalid: Value) -> Self {
        Self {
            path: Some(path.into()),
            invalid: Box::new(invalid),
            ..Self::new(StatusCode::BAD_REQUEST, "ValidationFailure", message)
        }
    }

    /// A mandatory value that is not there.
    pub(super) fn missing(path: &str) -> Self {
        Self::field(path, format!("mandatory value '{path}' is missing or it is blank"), Value::Null)
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "InvalidRequest",
            format!("the body is larger than {limit} bytes"),
        )
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let message = fault.to_string();
        match fault {
            Fault::Malformed { field, .. } => {
                Self { path: Some(field), ..Self::new(StatusCode::BAD_REQUEST, "ValidationFailure", message) }
            }
            Fault::Unauthenticated(_) => Self::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message),
            Fault::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "ObjectNotFound", message),
            Fault::IllegalState { legal, .. } => Self {
                more: legal.into_iter().map(|act| format!("legal now: {act}")).collect(),
                ..Self::new(StatusCode::CONFLICT, "ObjectConflict", message)
            },
            Fault::Refused { reasons, .. } => {
                let mut reasons = reasons.into_iter();
                let first = reasons.next().unwrap_or(message);
                Self { more: reasons.collect(), ..Self::new(StatusCode::FORBIDDEN, "NotAuthorized", first) }
            }
            Fault::Conflict(_) => Self::new(StatusCode::CONFLICT, "ObjectConflict", message),
            Fault::Peer(_) => Self::new(StatusCode::BAD_GATEWAY, "BadGateway", message),
            Fault::Busy(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "Unavailable", message),
            Fault::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, "StorageFull", message),
            other => {
                tracing::error!(fault = %other, "internal fault");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Unexpected", message)
            }
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let entry = |message: &str| json!({"message": message, "type": self.kind, "path": self.path, "invalidValue": self.invalid});
        let entries: Vec<Value> = std::iter::once(self.message.as_str())
            .chain(self.more.iter().map(String::as_str))
            .map(entry)
            .collect();
        HttpResponse::build(self.status).json(entries)
    }
}
