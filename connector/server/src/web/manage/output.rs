//! Bodies out: the documented compact forms of v3 and v4, with `@context` last.

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse};
use ontology::jsonld::EDC_MANAGEMENT_V2;
use ontology::time::Timestamp;
use ontology::{edc, odrl};
use protocol::role::Role;
use serde_json::{Map, Value, json};
use std::future::{Ready, ready};

/// The form of answers, by the version of the API that is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// EDC v3, and all that is older: an inline context, ODRL terms with prefix, and lists of one collapse.
    #[default]
    V3,
    /// EDC v4: a context by name, ODRL terms without prefix, and lists stay.
    V4,
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    /// The form of the scope that the request came through.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.app_data::<Self>().copied().unwrap_or_default()))
    }
}

impl Form {
    fn context(self) -> Value {
        match self {
            Self::V3 => json!({"@vocab": edc::NS, "edc": edc::NS, "odrl": odrl::NS}),
            Self::V4 => json!([EDC_MANAGEMENT_V2]),
        }
    }

    /// `value` with the context as its last member.
    pub(super) fn with_context(self, value: Value) -> Value {
        with_this_context(value, self.context())
    }

    /// 200 with one object.
    pub(super) fn object(self, value: Value) -> HttpResponse {
        HttpResponse::Ok().json(self.with_context(value))
    }

    /// 200 with a list; each entry has its context.
    pub(super) fn list(self, values: impl IntoIterator<Item = Value>) -> HttpResponse {
        HttpResponse::Ok().json(values.into_iter().map(|v| self.with_context(v)).collect::<Vec<_>>())
    }

    /// The answer to a creation.
    pub(super) fn created(self, id: &str, at: Timestamp) -> HttpResponse {
        self.object(json!({"@type": "IdResponse", "@id": id, "createdAt": at.millis()}))
    }

    /// Callback addresses as they are kept.
    pub(super) fn callbacks(self, kept: &[Value]) -> Value {
        match self {
            Self::V3 => collapse(kept.to_vec()),
            Self::V4 => super::plain::callbacks(kept),
        }
    }

    /// A list; in v3 one entry stands for itself.
    pub(super) fn many(self, items: Vec<Value>) -> Value {
        match self {
            Self::V3 => collapse(items),
            Self::V4 => Value::Array(items),
        }
    }
}

pub(super) fn with_this_context(mut value: Value, context: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.shift_remove("@context");
        members.insert("@context".to_owned(), context);
    }
    value
}

/// 204, the answer of an operation without a result.
pub(super) fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// A property's key: short in the EDC vocabulary, else as it is.
pub(super) fn key(iri: &str) -> String {
    iri.strip_prefix(edc::NS).filter(|term| !term.contains([':', '/'])).unwrap_or(iri).to_owned()
}

/// Members with short keys, at every depth.
pub(super) fn short(members: &Map<String, Value>) -> Map<String, Value> {
    members.iter().map(|(k, v)| (key(k), short_value(v))).collect()
}

fn short_value(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(short(members)),
        Value::Array(items) => Value::Array(items.iter().map(short_value).collect()),
        other => other.clone(),
    }
}

/// One entry stands for itself, as compaction has it; none and several stay a list.
pub(super) fn collapse(mut items: Vec<Value>) -> Value {
    if items.len() == 1 { items.pop().unwrap_or_default() } else { Value::Array(items) }
}

/// EDC's name of a role.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Consumer => "CONSUMER",
        Role::Provider => "PROVIDER",
    }
}

/// An object whose members are there only when they have a value.
#[derive(Debug, Default)]
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// Begins with the type and, where there is one, the id.
    pub(super) fn new(kind: &str, id: Option<&str>) -> Self {
        Self(Map::new()).some("@id", id).with("@type", kind)
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn some<V: Into<Value>>(self, name: &str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl From<Members> for Value {
    fn from(members: Members) -> Self {
        Self::Object(members.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_comes_last_whatever_was_there() {
        let out = Form::V3.with_context(json!({"@context": [], "@id": "x", "b": 1}));
        assert_eq!(
            out.to_string(),
            concat!(
                r#"{"@id":"x","b":1,"@context":{"@vocab":"https://w3id.org/edc/v0.0.1/ns/","#,
                r#""edc":"https://w3id.org/edc/v0.0.1/ns/","odrl":"http://www.w3.org/ns/odrl/2/"}}"#
            )
        );
    }

    #[test]
    fn lists_of_one_collapse_and_others_stay() {
        assert_eq!(collapse(vec![json!(1)]), json!(1));
        assert_eq!(collapse(vec![]), json!([]));
        assert_eq!(collapse(vec![json!(1), json!(2)]), json!([1, 2]));
    }

    #[test]
    fn keys_of_the_vocabulary_are_short() {
        assert_eq!(key("https://w3id.org/edc/v0.0.1/ns/name"), "name");
        assert_eq!(key("https://w3id.org/edc/v0.0.1/ns/a:b"), "https://w3id.org/edc/v0.0.1/ns/a:b");
        assert_eq!(key("http://purl.org/dc/terms/title"), "http://purl.org/dc/terms/title");
    }
}
