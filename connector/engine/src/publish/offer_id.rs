//! Offer ids: `definition:asset:terms`, the first two in base64url, the last a digest of the terms.
//!
//! Stable for as long as the terms are, so that catalogues can be cached. Parts that are not base64 are
//! taken as they are, as EDC does.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use policies::Policy;
use sha2::{Digest, Sha256};

/// The id of the offer of `asset` by `definition` under `policy`.
#[must_use]
pub fn make(definition: &str, asset: &str, policy: &Policy) -> String {
    let digest = Sha256::digest(policy.to_json().to_string().as_bytes());
    let terms = digest.iter().take(12).copied().collect::<Vec<u8>>();
    format!(
        "{}:{}:{}",
        URL_SAFE_NO_PAD.encode(definition),
        URL_SAFE_NO_PAD.encode(asset),
        URL_SAFE_NO_PAD.encode(terms)
    )
}

/// The readings `(definition, asset)` of an offer id, the encoded one first.
#[must_use]
pub fn readings(id: &str) -> Vec<(String, String)> {
    let Some((definition, rest)) = id.split_once(':') else { return Vec::new() };
    let Some((asset, _)) = rest.rsplit_once(':') else { return Vec::new() };
    let mut found = Vec::new();
    if let (Some(d), Some(a)) = (decode(definition), decode(asset)) {
        found.push((d, a));
    }
    found.push((definition.to_owned(), asset.to_owned()));
    found
}

fn decode(part: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).or_else(|_| STANDARD.decode(part)).ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_makes_and_plain_parts() {
        let policy =
            Policy::parse(&serde_json::json!({"@type": "Set", "permission": [{"action": "use"}]})).unwrap();
        let id = make("def 1", "asset:1", &policy);
        assert_eq!(readings(&id).first(), Some(&("def 1".to_owned(), "asset:1".to_owned())));
        assert_eq!(id, make("def 1", "asset:1", &policy));
        assert!(readings("CD123:ACN0101:456").contains(&("CD123".to_owned(), "ACN0101".to_owned())));
        assert!(readings("nothing").is_empty());
    }
}
