//! Messages of the catalogue protocol. The catalogue itself is for crate `catalog`.

use super::wire::message;
use serde_json::Value;

message! {
    /// A consumer asks for the catalogue.
    pub struct CatalogRequestMessage {
        /// Filter in a form that both sides must know; empty means everything.
        #[serde(default)]
        filter: Vec<Value>,
    }
    check |body| body.items("filter", 0).map(drop)
}

message! {
    /// A consumer asks for one dataset. The HTTPS binding uses a GET without a body instead.
    pub struct DatasetRequestMessage {
        /// Dataset id.
        dataset: String,
    }
    check |body| body.text("dataset").map(drop)
}

message! {
    /// Why there is no catalogue or dataset.
    pub struct CatalogError {
        /// Code of the sender's choosing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Reasons, strings or objects.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reason: Vec<Value>,
    }
    check |body| body.code_and_reason(0)
}
