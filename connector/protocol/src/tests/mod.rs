//! Tests of the crate as a whole.

mod agreement;
mod dcp;
mod docs;
mod examples;
mod machines;
mod peers;
mod strict;
mod wire;

use serde_json::{Value, json};

pub(crate) fn offer() -> Value {
    json!({
        "@id": "urn:offer:1",
        "@type": "Offer",
        "target": "urn:dataset:1",
        "permission": [{
            "action": "use",
            "constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "research"}]
        }]
    })
}

pub(crate) fn agreement() -> Value {
    json!({
        "@id": "urn:agreement:1",
        "@type": "Agreement",
        "target": "urn:dataset:1",
        "assigner": "did:web:provider",
        "assignee": "did:web:consumer",
        "timestamp": "2026-01-02T03:04:05Z",
        "permission": [{"action": "use"}]
    })
}
