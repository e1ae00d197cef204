//! One operation, and the list that the modules fill.

use super::schemas;
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Responder, Route, web};
use serde_json::{Value, json};

/// The versions of the API, each below its own path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Version {
    /// Our own additions.
    V1,
    /// EDC v2: the part of v3 that old clients still use under this name.
    V2,
    /// EDC v3.
    V3,
    /// EDC v4: strict bodies, its own context.
    V4,
    /// Health and documentation, below no version and open.
    Plain,
}

impl Version {
    /// The path before every path.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::V1 => "/v1",
            Self::V2 => "/v2",
            Self::V3 => "/v3",
            Self::V4 => "/v4",
            Self::Plain => "",
        }
    }

    /// Does it need the key?
    pub(super) const fn keyed(self) -> bool {
        !matches!(self, Self::Plain)
    }
}

/// What an operation answers when it succeeds.
#[derive(Debug, Clone)]
pub(in crate::web) enum Answer {
    /// Nothing: 204.
    Nothing,
    /// A named schema as JSON.
    Json(&'static str),
    /// A list of a named schema as JSON.
    List(&'static str),
    /// Other media types, each with a schema, or without one for text.
    Media(Vec<(&'static str, Option<&'static str>)>),
}

/// One operation with its handler.
pub(in crate::web) struct Operation {
    pub(super) version: Version,
    pub(super) method: Method,
    /// Below the prefix of the version.
    pub(super) path: &'static str,
    pub(super) group: &'static str,
    pub(super) summary: &'static str,
    pub(super) query: Vec<(&'static str, Value, &'static str)>,
    /// Media types and schemas of the body; the schema's name, if it has one.
    pub(super) body: Vec<(&'static str, Option<&'static str>)>,
    pub(super) body_required: bool,
    pub(super) status: u16,
    pub(super) answer: Answer,
    /// Other answers that are no errors of the usual form.
    pub(super) others: Vec<(u16, &'static str)>,
    pub(super) errors: Vec<u16>,
    pub(super) route: Route,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.full_path())
    }
}

impl Operation {
    /// The path on the listener.
    pub(super) fn full_path(&self) -> String {
        format!("{}{}", self.version.prefix(), self.path)
    }

    /// What it does, in a few words.
    pub(in crate::web) fn about(&mut self, summary: &'static str) -> &mut Self {
        self.summary = summary;
        self
    }

    /// A parameter in the query of the URL.
    pub(in crate::web) fn query(
        &mut self,
        name: &'static str,
        schema: Value,
        about: &'static str,
    ) -> &mut Self {
        self.query.push((name, schema, about));
        self
    }

    /// A JSON body that must be there.
    pub(in crate::web) fn takes(&mut self, schema: &'static str) -> &mut Self {
        self.body_required = true;
        self.may_take(schema)
    }

    /// A JSON body that may be there.
    pub(in crate::web) fn may_take(&mut self, schema: &'static str) -> &mut Self {
        self.takes_media("application/json", Some(schema))
    }

    /// A body of another media type.
    pub(in crate::web) fn takes_media(
        &mut self,
        media: &'static str,
        schema: Option<&'static str>,
    ) -> &mut Self {
        self.body.push((media, schema));
        self
    }

    /// What it answers, with 200, or 204 for nothing.
    pub(in crate::web) fn gives(&mut self, answer: Answer) -> &mut Self {
        self.status = if matches!(answer, Answer::Nothing) { 204 } else { 200 };
        self.answer = answer;
        self
    }

    /// What it answers, with another status.
    pub(in crate::web) fn gives_as(&mut self, status: u16, answer: Answer) -> &mut Self {
        self.answer = answer;
        self.status = status;
        self
    }

    /// Another answer, in a form of its own.
    pub(in crate::web) fn or_gives(&mut self, status: u16, schema: &'static str) -> &mut Self {
        self.others.push((status, schema));
        self
    }

    /// Errors beside those that follow from its shape.
    pub(in crate::web) fn fails(&mut self, statuses: &[u16]) -> &mut Self {
        self.errors.extend_from_slice(statuses);
        self
    }

    /// The schema to hold a body to, where the version asks for it.
    pub(super) fn checked_body(&self) -> Option<&'static str> {
        let (_, schema) = self.body.first()?;
        schema.filter(|_| self.version == Version::V4)
    }

    /// All statuses of errors: those it names, and those that follow from the key, the path and the body.
    pub(super) fn error_statuses(&self) -> Vec<u16> {
        let mut all = self.errors.clone();
        if self.version.keyed() {
            all.extend([401, 500, 503]);
        }
        if self.path.contains('{') {
            all.push(404);
        }
        if !self.body.is_empty() {
            all.extend([400, 413]);
        }
        if !self.query.is_empty() {
            all.push(400);
        }
        // A change may find the disk full.
        if self.method != Method::GET && !self.path.ends_with("/request") {
            all.push(507);
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// A list of operations under one version, with a group for the document.
#[derive(Debug)]
pub(in crate::web) struct Api {
    version: Version,
    group: &'static str,
    operations: Vec<Operation>,
}

impl Api {
    pub(super) const fn new(version: Version) -> Self {
        Self { version, group: "", operations: Vec::new() }
    }

    /// The version that is filled.
    pub(in crate::web) const fn version(&self) -> Version {
        self.version
    }

    /// What follows belongs to this group.
    pub(in crate::web) const fn group(&mut self, name: &'static str) {
        self.group = name;
    }

    pub(in crate::web) fn get<F, Args>(&mut self, path: &'static str, handler: F) -> &mut Operation
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, handler)
    }

    pub(in crate::web) fn post<F, Args>(&mut self, path: &'static str, handler: F) -> &mut Operation
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, handler)
    }

    pub(in crate::web) fn put<F, Args>(&mut self, path: &'static str, handler: F) -> &mut Operation
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PUT, path, handler)
    }

    pub(in crate::web) fn delete<F, Args>(&mut self, path: &'static str, handler: F) -> &mut Operation
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::DELETE, path, handler)
    }

    #[expect(clippy::expect_used, reason = "it was pushed the line before")]
    fn add<F, Args>(&mut self, method: Method, path: &'static str, handler: F) -> &mut Operation
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.operations.push(Operation {
            version: self.version,
            route: web::method(method.clone()).to(handler),
            method,
            path,
            group: self.group,
            summary: "",
            query: Vec::new(),
            body: Vec::new(),
            body_required: false,
            status: 204,
            answer: Answer::Nothing,
            others: Vec::new(),
            errors: Vec::new(),
        });
        self.operations.last_mut().expect("not empty")
    }

    pub(super) fn into_operations(self) -> Vec<Operation> {
        self.operations
    }
}

/// A reference to a named schema in the form that `version` has.
pub(super) fn reference(version: Version, name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", schemas::name(version, name))})
}
