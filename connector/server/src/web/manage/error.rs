//! Faults in the documented array form. The only place that maps them for management clients.

use super::place;
use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use catalog::QueryError;
use engine::{Fault, SparqlFault};
use ontology::jsonld::JsonLdError;
use policies::PolicyError;
use serde_json::{Value, json};

/// An error answer: `[{message, type, path, invalidValue}]`, with one entry for each thing that is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{}", entries.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("; "))]
pub struct ApiError {
    status: StatusCode,
    kind: &'static str,
    entries: Vec<Entry>,
    /// The acts that are possible instead.
    legal: Option<Vec<String>>,
}

#[derive(Debug)]
struct Entry {
    message: String,
    path: Option<String>,
    invalid: Value,
}

impl Entry {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), path: None, invalid: Value::Null }
    }

    fn missing(path: String) -> Self {
        let message = format!("mandatory value '{path}' is missing or it is blank");
        Self { message, path: Some(path), invalid: Value::Null }
    }
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, entries: vec![Entry::new(message)], legal: None }
    }

    pub(super) fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message)
    }

    /// A field that is wrong; `path` is that of the expanded form.
    pub(super) fn field(path: impl Into<String>, message: impl Into<String>, invalid: Value) -> Self {
        Self::invalid(vec![Entry { message: message.into(), path: Some(path.into()), invalid }])
    }

    /// A mandatory value that is not there.
    pub(super) fn missing(path: impl Into<String>) -> Self {
        Self::all_missing(vec![path.into()])
    }

    /// Mandatory values that are not there.
    pub(super) fn all_missing(paths: Vec<String>) -> Self {
        Self::invalid(paths.into_iter().map(Entry::missing).collect())
    }

    fn invalid(entries: Vec<Entry>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: "ValidationFailure", entries, legal: None }
    }

    /// A mandatory object that is not there.
    pub(super) fn missing_object(path: String) -> Self {
        Self::field(path.clone(), format!("mandatory object '{path}' is missing"), Value::Null)
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "InvalidRequest", message)
    }

    pub(super) fn no_route(method: &str, path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "ObjectNotFound", format!("there is no {method} {path}"))
    }

    pub(super) fn no_object(method: &str, path: &str, reason: &str) -> Self {
        let message = format!("{method} {path}: {reason}");
        Self::new(StatusCode::NOT_FOUND, "ObjectNotFound", message)
    }

    pub(super) fn wrong_method(method: &str, path: &str, allowed: &str) -> Self {
        let message = format!("{path} has no {method}; it has {allowed}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "InvalidRequest", message)
    }

    /// Several fields that are wrong: path, message and value of each.
    pub(super) fn fields(faults: Vec<(String, String, Value)>) -> Self {
        let entry = |(path, message, invalid)| Entry { message, path: Some(path), invalid };
        Self::invalid(faults.into_iter().map(entry).collect())
    }

    /// A policy at `place` that cannot be read.
    pub(super) fn policy(place: &str, error: &PolicyError) -> Self {
        let inner = place::odrl(error.path.strip_prefix("policy").unwrap_or(&error.path));
        let path = if inner.is_empty() { place.to_owned() } else { format!("{place}/{inner}") };
        Self::field(path, error.to_string(), Value::Null)
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let message = fault.to_string();
        match fault {
            Fault::Malformed { field, .. } => Self::field(place::of_field(&field), message, Value::Null),
            Fault::Unauthenticated(_) => Self::unauthenticated(&message),
            Fault::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "ObjectNotFound", message),
            Fault::IllegalState { legal, .. } => {
                let mut error = Self::new(StatusCode::CONFLICT, "ObjectConflict", message);
                error.legal = Some(legal);
                error
            }
            Fault::Refused { reasons, .. } if !reasons.is_empty() => {
                let entries = reasons.into_iter().map(Entry::new).collect();
                Self { status: StatusCode::FORBIDDEN, kind: "NotAuthorized", entries, legal: None }
            }
            Fault::Refused { .. } => Self::new(StatusCode::FORBIDDEN, "NotAuthorized", "it is refused"),
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

impl From<SparqlFault> for ApiError {
    fn from(fault: SparqlFault) -> Self {
        match fault {
            SparqlFault::Fault(fault) => fault.into(),
            SparqlFault::Query(error @ (QueryError::TooLong | QueryError::Busy)) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "Unavailable", error.to_string())
            }
            SparqlFault::Query(error @ QueryError::NotAcceptable(_)) => {
                Self::new(StatusCode::NOT_ACCEPTABLE, "InvalidRequest", error.to_string())
            }
            SparqlFault::Query(error) => Self::bad_request(error.to_string()),
            other => Fault::Internal(other.to_string()).into(),
        }
    }
}

impl From<JsonLdError> for ApiError {
    fn from(error: JsonLdError) -> Self {
        Self::field(place::of_pointer(error.path()), error.to_string(), Value::Null)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let entries: Vec<Value> = self
            .entries
            .iter()
            .map(|e| {
                let mut entry = json!({"message": e.message, "type": self.kind, "path": e.path, "invalidValue": e.invalid});
                if let (Some(legal), Some(members)) = (&self.legal, entry.as_object_mut()) {
                    members.insert("legalActions".to_owned(), json!(legal));
                }
                entry
            })
            .collect();
        let mut response = HttpResponse::build(self.status);
        match self.status {
            StatusCode::UNAUTHORIZED => response.insert_header((WWW_AUTHENTICATE, "Bearer")),
            StatusCode::SERVICE_UNAVAILABLE => response.insert_header((RETRY_AFTER, "1")),
            _ => &mut response,
        };
        response.json(entries)
    }
}
