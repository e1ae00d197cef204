//! Is a credential about a participant?

use super::signed;
use ontology::time::Timestamp;
use serde_json::{Value, json};

/// Is `id` the DID, something of its document, or an address below it?
pub(super) fn is_of(id: &str, did: &str, home: &str) -> bool {
    if id.split('#').next() == Some(did) {
        return true;
    }
    let folder = home.strip_suffix("did.json").map(|f| f.strip_suffix(".well-known/").unwrap_or(f));
    // Dots in the path could lead out of it.
    folder.is_some_and(|folder| id.parse::<reqwest::Url>().is_ok_and(|url| url.as_str().starts_with(folder)))
}

/// What can be said of a credential before anybody verified it, when it is one about `did`.
///
/// # Errors
/// Why it would be of no use in a presentation of `did`.
pub fn outline(text: &str, did: &str, home: &str) -> Result<Value, String> {
    let signed = signed::unverified(text)?;
    let subjects = signed::subjects(&signed.credential);
    let ours = |s: &Value| s.get("id").and_then(Value::as_str).is_some_and(|id| is_of(id, did, home));
    if subjects.is_empty() || !subjects.iter().all(ours) {
        return Err(format!("it is not about {did}"));
    }
    let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    Ok(json!({
        "issuer": signed.issuer, "types": signed::types(&signed.credential),
        "validFrom": time(signed.from), "validUntil": time(signed.until),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_lie_below_their_did() {
        let (did, home) = ("did:web:a.example:alice", "https://a.example/alice/did.json");
        for id in ["did:web:a.example:alice", "did:web:a.example:alice#x", "https://a.example/alice/vc#cs"] {
            assert!(is_of(id, did, home), "{id}");
        }
        for id in [
            "did:web:a.example",
            "did:web:a.example:alice2",
            "https://a.example/bob/vc#cs",
            "https://a.example/alice/../bob/vc",
            "https://a.example/alice2/vc",
            "https://b.example/alice/vc",
            "urn:x",
            "",
        ] {
            assert!(!is_of(id, did, home), "{id}");
        }
        let home = "https://a.example/.well-known/did.json";
        assert!(is_of("https://a.example/vc/1#cs", "did:web:a.example", home));
        assert!(!is_of("https://a.example.evil/vc/1#cs", "did:web:a.example", home));
    }
}
