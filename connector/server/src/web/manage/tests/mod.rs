//! Bodies in and out in the documented forms, and the API behind its routes.

mod bench;
mod catalogues;
mod contracts;
mod every_field;
mod openapi;
mod policy_forms;
mod publishing;
mod queries;
mod routes;
mod v4;

use ontology::edc;
use serde_json::{Value, json};

const EDC: &str = edc::NS;

/// `@context` as EDC's clients send it.
fn context() -> Value {
    json!({"@vocab": EDC})
}

/// The same object with the context that answers have, as last member.
fn answered(mut value: Value) -> Value {
    let context = json!({"@vocab": EDC, "edc": EDC, "odrl": "http://www.w3.org/ns/odrl/2/"});
    value.as_object_mut().unwrap().insert("@context".to_owned(), context);
    value
}

/// The record without the instant at which it was made.
fn timeless(mut value: Value) -> Value {
    value.as_object_mut().unwrap().shift_remove("createdAt").expect("createdAt");
    value
}

/// An error answer with one entry.
fn one_error(kind: &str, message: &str, path: Value, invalid: Value) -> Value {
    json!([{"message": message, "type": kind, "path": path, "invalidValue": invalid}])
}
