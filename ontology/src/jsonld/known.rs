//! The contexts compiled into this crate.
//!
//! They are written for reading: terms lead to the same IRIs as the published contexts, but are mostly unscoped
//! and unprotected, and the protocol context also knows the prefixes that catalogues use for extra members.

use std::sync::LazyLock;

use serde_json::Value;

/// Dataspace Protocol 2025-1.
pub const DSPACE_CONTEXT: &str = "https://w3id.org/dspace/2025/1/context.jsonld";
/// The policy part of the Dataspace Protocol context.
pub const DSPACE_ODRL_CONTEXT: &str = "https://w3id.org/dspace/2025/1/odrl-profile.jsonld";
/// ODRL 2.2.
pub const ODRL_CONTEXT: &str = "http://www.w3.org/ns/odrl.jsonld";
/// What the Eclipse connector adds to protocol messages.
pub const EDC_DSPACE_CONTEXT: &str = "https://w3id.org/edc/dspace/v0.0.1";
/// Eclipse management API, first context.
pub const EDC_MANAGEMENT_V001: &str = "https://w3id.org/edc/connector/management/v0.0.1";
/// Eclipse management API, second context (API v4).
pub const EDC_MANAGEMENT_V2: &str = "https://w3id.org/edc/connector/management/v2";
/// The Eclipse namespace used as a context; reads like [`EDC_MANAGEMENT_V001`].
pub const EDC_CONTEXT: &str = "https://w3id.org/edc/v0.0.1";
/// W3C Verifiable Credentials 2.0.
pub const CREDENTIALS_V2_CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
/// Gaia-X, moving version.
pub const GX_CONTEXT: &str = "https://w3id.org/gaia-x/development#";
/// Gaia-X, release 25.11.
pub const GX_2511_CONTEXT: &str = "https://w3id.org/gaia-x/2511#";

static DSPACE: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../contexts/dspace.json")));
static DSPACE_POLICY: LazyLock<Value> =
    LazyLock::new(|| parse(include_str!("../../contexts/dspace-policy.json")));
static ODRL: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../contexts/odrl.json")));
static EDC_DSPACE: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../contexts/edc-dspace.json")));
static EDC_MANAGEMENT: LazyLock<Value> =
    LazyLock::new(|| parse(include_str!("../../contexts/edc-management.json")));
static CREDENTIALS: LazyLock<Value> =
    LazyLock::new(|| parse(include_str!("../../contexts/credentials-v2.json")));
static GX: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../contexts/gx.json")));
static GX_2511: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../contexts/gx-2511.json")));

/// The context behind an address, or `None` if it is not compiled in. Gives the canonical address too.
pub(super) fn find(address: &str) -> Option<(&'static str, &'static Value)> {
    Some(match address {
        // Messages of the older versions are prefixed, and their terms kept their local names.
        DSPACE_CONTEXT
        | "https://w3id.org/dspace/2024/1/context.json"
        | "https://w3id.org/dspace/v0.8/context.json" => (DSPACE_CONTEXT, &*DSPACE),
        DSPACE_ODRL_CONTEXT => (DSPACE_ODRL_CONTEXT, &*DSPACE_POLICY),
        ODRL_CONTEXT | "https://www.w3.org/ns/odrl.jsonld" => (ODRL_CONTEXT, &*ODRL),
        EDC_DSPACE_CONTEXT => (EDC_DSPACE_CONTEXT, &*EDC_DSPACE),
        EDC_MANAGEMENT_V001 | EDC_MANAGEMENT_V2 | EDC_CONTEXT | "https://w3id.org/edc/v0.0.1/ns/" => {
            (EDC_MANAGEMENT_V2, &*EDC_MANAGEMENT)
        }
        CREDENTIALS_V2_CONTEXT => (CREDENTIALS_V2_CONTEXT, &*CREDENTIALS),
        GX_CONTEXT | "https://w3id.org/gaia-x/development" => (GX_CONTEXT, &*GX),
        GX_2511_CONTEXT | "https://w3id.org/gaia-x/2511" => (GX_2511_CONTEXT, &*GX_2511),
        _ => return None,
    })
}

/// Whether a context address can be resolved offline.
pub fn is_known(address: &str) -> bool {
    find(address).is_some()
}

/// The `@context` member of an embedded file. The files are part of the build; a test reads each of them.
fn parse(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    document.get("@context").cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_context_is_an_object() {
        for address in [
            DSPACE_CONTEXT,
            DSPACE_ODRL_CONTEXT,
            ODRL_CONTEXT,
            EDC_DSPACE_CONTEXT,
            EDC_MANAGEMENT_V001,
            EDC_MANAGEMENT_V2,
            EDC_CONTEXT,
            CREDENTIALS_V2_CONTEXT,
            GX_CONTEXT,
            GX_2511_CONTEXT,
        ] {
            let (_, context) = find(address).unwrap();
            assert!(context.as_object().is_some_and(|map| map.len() > 5), "{address}");
        }
        assert!(!is_known("https://example.org/context"));
    }
}
