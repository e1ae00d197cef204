//! Where data is (data address schema), and where messages go.

use super::Malformed;
use super::check::Object;
use ontology::edc;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Endpoint type of data behind an HTTP URL.
pub const HTTP: &str = "https://w3id.org/idsa/v4.1/HTTP";

const TYPE: &str = "DataAddress";
const PROPERTY_TYPE: &str = "EndpointProperty";

/// How to reach data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataAddress {
    /// `DataAddress`.
    #[serde(rename = "@type")]
    pub typ: String,
    /// URI that says how the rest is to be read.
    pub endpoint_type: String,
    /// URL, unless it is among the properties.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Anything else that is needed, e.g. a token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoint_properties: Vec<EndpointProperty>,
    /// Members that the protocol does not define.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One property of a [`DataAddress`]. Its value is often a secret, so `Debug` leaves it out.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointProperty {
    /// `EndpointProperty`.
    #[serde(rename = "@type")]
    pub typ: String,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Members that the protocol does not define.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl fmt::Debug for EndpointProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointProperty").field("name", &self.name).finish_non_exhaustive()
    }
}

impl EndpointProperty {
    /// A property.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { typ: PROPERTY_TYPE.to_owned(), name: name.into(), value: value.into(), extra: Map::new() }
    }
}

impl DataAddress {
    /// An address without endpoint and properties.
    #[must_use]
    pub fn new(endpoint_type: impl Into<String>) -> Self {
        Self {
            typ: TYPE.to_owned(),
            endpoint_type: endpoint_type.into(),
            endpoint: None,
            endpoint_properties: Vec::new(),
            extra: Map::new(),
        }
    }

    /// A URL to be fetched with a bearer token.
    #[must_use]
    pub fn http_pull(url: impl Into<String>, token: impl Into<String>) -> Self {
        let url = url.into();
        Self::new(HTTP)
            // EDC sends the URL under this name, so its consumers find it here.
            .with_property(edc_name("endpoint"), url.clone())
            .with_property("authorization", token)
            .with_property("authType", "bearer")
            .with_endpoint(url)
    }

    /// With a URL.
    #[must_use]
    pub fn with_endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// With one more property.
    #[must_use]
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.endpoint_properties.push(EndpointProperty::new(name, value));
        self
    }

    /// The property `name`, or the one that EDC gives that name in its namespace. `endpoint` is also found where
    /// the protocol has it, in its own member.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        let find = |wanted: &str| {
            self.endpoint_properties.iter().find(|p| p.name == wanted).map(|p| p.value.as_str())
        };
        let member = if name == "endpoint" { self.endpoint.as_deref() } else { None };
        member.or_else(|| find(name)).or_else(|| find(&edc_name(name)))
    }

    /// The URL, wherever it is.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.property("endpoint")
    }

    /// Checks the member `name` of a message, if present.
    pub(super) fn check(body: &Object<'_>, name: &str) -> Result<(), Malformed> {
        if !body.has(name) {
            return Ok(());
        }
        let address = Object::at(body.required(name)?, name)?;
        address.exactly("@type", TYPE)?;
        address.text("endpointType")?;
        address.optional_text("endpoint")?;
        for (index, item) in address.items("endpointProperties", 1)?.iter().enumerate() {
            let property = Object::at(item, format!("{name}.endpointProperties[{index}]"))?;
            property.exactly("@type", PROPERTY_TYPE)?;
            property.text("name")?;
            if !property.required("value")?.is_string() {
                return Err(property.fault("value", "must be a string"));
            }
        }
        Ok(())
    }
}

fn edc_name(name: &str) -> String {
    format!("{}{name}", edc::NS)
}

/// `base` and `path` with exactly one slash between them; callback addresses come with and without one.
#[must_use]
pub fn join(base: &str, path: &str) -> String {
    format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
}
