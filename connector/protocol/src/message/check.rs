//! Looking at JSON members strictly, with their path in every complaint.

use super::Malformed;
use ontology::jsonld::DSPACE_CONTEXT;
use serde_json::{Map, Value};

/// One JSON object and where it is.
pub(crate) struct Object<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Object<'a> {
    /// `value` at `path` (empty for the message itself), which must be an object.
    pub(crate) fn at(value: &'a Value, path: impl Into<String>) -> Result<Self, Malformed> {
        let path = path.into();
        match value {
            Value::Object(members) => Ok(Self { members, path }),
            _ => {
                let field = if path.is_empty() { "body".to_owned() } else { path };
                Err(Malformed { field, reason: "must be an object".to_owned() })
            }
        }
    }

    /// A complaint about the member `name`.
    pub(crate) fn fault(&self, name: &str, reason: impl Into<String>) -> Malformed {
        Malformed { field: self.path_of(name), reason: reason.into() }
    }

    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&'a Value, Malformed> {
        self.members.get(name).ok_or_else(|| self.fault(name, "is missing"))
    }

    /// A string that says something, if present.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&'a str>, Malformed> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Err(self.fault(name, "must not be empty")),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.fault(name, "must be a string")),
        }
    }

    /// A string that says something.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, Malformed> {
        self.required(name)?;
        self.optional_text(name)?.ok_or_else(|| self.fault(name, "is missing"))
    }

    /// Exactly this string.
    pub(crate) fn exactly(&self, name: &str, wanted: &str) -> Result<(), Malformed> {
        if self.text(name)? == wanted { Ok(()) } else { Err(self.fault(name, format!("must be {wanted}"))) }
    }

    /// One of these strings.
    pub(crate) fn one_of(&self, name: &str, wanted: &[&str]) -> Result<(), Malformed> {
        if wanted.contains(&self.text(name)?) {
            Ok(())
        } else {
            Err(self.fault(name, format!("must be one of {}", wanted.join(", "))))
        }
    }

    /// An array with at least `least` items, if present; else no items.
    pub(crate) fn items(&self, name: &str, least: usize) -> Result<&'a [Value], Malformed> {
        match self.members.get(name) {
            None => Ok(&[]),
            Some(Value::Array(items)) if items.len() < least => {
                Err(self.fault(name, "must not be empty when present"))
            }
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(self.fault(name, "must be an array")),
        }
    }

    /// Exactly one of two members.
    pub(crate) fn either(&self, first: &str, second: &str) -> Result<(), Malformed> {
        match (self.has(first), self.has(second)) {
            (true, false) | (false, true) => Ok(()),
            (true, true) => Err(self.fault(first, format!("must not be sent together with {second}"))),
            (false, false) => Err(self.fault(first, format!("is missing, and there is no {second} either"))),
        }
    }

    /// An absolute http(s) URL, if present.
    pub(crate) fn optional_url(&self, name: &str) -> Result<(), Malformed> {
        let Some(url) = self.optional_text(name)? else { return Ok(()) };
        let lower = url.to_ascii_lowercase();
        let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        if host.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(self.fault(name, "must be an absolute http or https URL"));
        }
        Ok(())
    }

    /// As [`Object::optional_url`], and present.
    pub(crate) fn url(&self, name: &str) -> Result<(), Malformed> {
        self.required(name)?;
        self.optional_url(name)
    }

    /// `@context`, `@type` and `@id` of a message.
    pub(crate) fn envelope(&self, typ: &str) -> Result<(), Malformed> {
        let Value::Array(contexts) = self.required("@context")? else {
            return Err(self.fault("@context", "must be an array of strings"));
        };
        if !contexts.iter().all(Value::is_string) {
            return Err(self.fault("@context", "must be an array of strings"));
        }
        if !contexts.iter().any(|context| context == DSPACE_CONTEXT) {
            return Err(self.fault("@context", format!("must contain {DSPACE_CONTEXT}")));
        }
        self.exactly("@type", typ)?;
        self.optional_text("@id").map(drop)
    }

    /// `providerPid` and `consumerPid`.
    pub(crate) fn pids(&self) -> Result<(), Malformed> {
        self.text("providerPid")?;
        self.text("consumerPid").map(drop)
    }

    /// `code` and `reason`, both optional.
    pub(crate) fn code_and_reason(&self, least: usize) -> Result<(), Malformed> {
        match self.members.get("code") {
            None | Some(Value::String(_)) => {}
            Some(_) => return Err(self.fault("code", "must be a string")),
        }
        self.items("reason", least).map(drop)
    }
}
