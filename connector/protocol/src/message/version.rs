//! The version metadata of a participant: plain JSON without a context, at `.well-known/dspace-version`.

use super::Malformed;
use super::check::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The protocol version of this crate.
pub const VERSION: &str = "2025-1";

/// Versions that a participant speaks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionResponse {
    /// At least one.
    pub protocol_versions: Vec<Version>,
    /// Members that the protocol does not define.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One version, and where it is spoken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// Version, e.g. `2025-1`.
    pub version: String,
    /// Absolute path, to be appended to the root of the metadata's own address.
    pub path: String,
    /// Transport; `HTTPS`.
    pub binding: String,
    /// Groups the versions of one service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_id: Option<String>,
    /// Kind of participant ids, e.g. `did:web`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier_type: Option<String>,
    /// How to authenticate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Members that the protocol does not define.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How to authenticate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Auth {
    /// Protocol, e.g. `DCP`.
    pub protocol: String,
    /// Its version.
    pub version: String,
    /// Profiles of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profile: Vec<String>,
    /// Members that the protocol does not define.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl VersionResponse {
    /// Reads version metadata.
    ///
    /// # Errors
    /// [`Malformed`] naming the first member that breaks the schema.
    pub fn parse(value: Value) -> Result<Self, Malformed> {
        let body = Object::at(&value, "")?;
        body.required("protocolVersions")?;
        for (index, item) in body.items("protocolVersions", 1)?.iter().enumerate() {
            let version = Object::at(item, format!("protocolVersions[{index}]"))?;
            version.text("version")?;
            version.text("path")?;
            version.exactly("binding", "HTTPS")?;
            version.optional_text("serviceId")?;
            version.optional_text("identifierType")?;
            if version.has("auth") {
                let auth = Object::at(version.required("auth")?, version.path_of("auth"))?;
                auth.text("protocol")?;
                auth.text("version")?;
                if !auth.items("profile", 0)?.iter().all(Value::is_string) {
                    return Err(auth.fault("profile", "must be an array of strings"));
                }
            }
        }
        serde_json::from_value(value)
            .map_err(|error| Malformed { field: "body".to_owned(), reason: error.to_string() })
    }

    /// The entry for our version of the protocol.
    #[must_use]
    pub fn ours(&self) -> Option<&Version> {
        self.protocol_versions.iter().find(|entry| entry.version == VERSION)
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // String keys and JSON values only, so this cannot fail.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The metadata of a participant that speaks this version below `path`.
#[must_use]
pub fn version_response(path: &str) -> VersionResponse {
    let version = Version {
        version: VERSION.to_owned(),
        path: path.to_owned(),
        binding: "HTTPS".to_owned(),
        service_id: None,
        identifier_type: Some("did:web".to_owned()),
        auth: None,
        extra: Map::new(),
    };
    VersionResponse { protocol_versions: vec![version], extra: Map::new() }
}
