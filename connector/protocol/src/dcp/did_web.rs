//! Where the document of a `did:web` is (did:web method, "Read").

use std::net::Ipv4Addr;

/// Why a DID has no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DidFault {
    /// Another DID method, or no DID.
    #[error("{0} is not a did:web")]
    Method(String),
    /// The host or port cannot be used.
    #[error("{0} does not name a host")]
    Host(String),
    /// A path segment that could leave the path.
    #[error("{0} has an unusable path")]
    Path(String),
}

/// The URL of the DID document of `did`: https, except for hosts on this machine when `allow_http_loopback`.
///
/// # Errors
/// [`DidFault`] for anything but a plain `did:web` without query and fragment.
pub fn did_web_url(did: &str, allow_http_loopback: bool) -> Result<String, DidFault> {
    let rest = did.strip_prefix("did:web:").ok_or_else(|| DidFault::Method(did.to_owned()))?;
    let mut segments = rest.split(':');
    let (host, port) = segments.next().and_then(authority).ok_or_else(|| DidFault::Host(did.to_owned()))?;
    let mut path = String::new();
    for segment in segments {
        if !is_segment(segment) {
            return Err(DidFault::Path(did.to_owned()));
        }
        path.push('/');
        path.push_str(segment);
    }
    if path.is_empty() {
        path.push_str("/.well-known");
    }
    let scheme = if allow_http_loopback && is_loopback(&host) { "http" } else { "https" };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{scheme}://{host}{port}{path}/did.json"))
}

fn authority(text: &str) -> Option<(String, Option<u16>)> {
    // The only escape that a host has is the colon before its port.
    let lower = text.to_ascii_lowercase();
    let (host, port) = match lower.split_once("%3a") {
        Some((host, port)) => (host, Some(number(port)?)),
        None => (lower.as_str(), None),
    };
    let labels = host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    labels.then(|| (host.to_owned(), port))
}

fn number(port: &str) -> Option<u16> {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| port.parse().ok()).flatten().filter(|port| *port != 0)
}

/// A segment of DID characters that stays one segment when a server decodes it.
fn is_segment(segment: &str) -> bool {
    let mut decoded = Vec::new();
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let (Some(high), Some(low)) = (bytes.next().and_then(hex), bytes.next().and_then(hex)) else {
                    return false;
                };
                decoded.push(high * 16 + low);
            }
            b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => decoded.push(byte),
            _ => return false,
        }
    }
    let harmful = |byte: &u8| matches!(byte, b'/' | b'\\' | b'?' | b'#' | b'%') || byte.is_ascii_control();
    !decoded.is_empty() && decoded != b"." && decoded != b".." && !decoded.iter().any(harmful)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn documents_are_found_where_the_method_says() {
        for (did, url) in [
            ("did:web:example.org", "https://example.org/.well-known/did.json"),
            ("did:web:Example.ORG%3A8443", "https://example.org:8443/.well-known/did.json"),
            ("did:web:example.org%3a8443:a:b-1", "https://example.org:8443/a/b-1/did.json"),
            ("did:web:example.org:caf%C3%A9", "https://example.org/caf%C3%A9/did.json"),
            ("did:web:localhost%3A9000:p", "https://localhost:9000/p/did.json"),
        ] {
            assert_eq!(did_web_url(did, false).as_deref(), Ok(url));
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_and_on_demand() {
        for (did, url) in [
            ("did:web:localhost%3A9000:p", "http://localhost:9000/p/did.json"),
            ("did:web:127.0.0.1%3A80", "http://127.0.0.1:80/.well-known/did.json"),
            ("did:web:localhost.example.org", "https://localhost.example.org/.well-known/did.json"),
            ("did:web:128.0.0.1", "https://128.0.0.1/.well-known/did.json"),
        ] {
            assert_eq!(did_web_url(did, true).as_deref(), Ok(url));
        }
    }

    #[test]
    fn addresses_that_could_lead_elsewhere_are_refused() {
        let host = |did: &str| assert_eq!(did_web_url(did, true), Err(DidFault::Host(did.to_owned())));
        let path = |did: &str| assert_eq!(did_web_url(did, true), Err(DidFault::Path(did.to_owned())));
        for did in [
            "did:web:",
            "did:web:%3A80",
            "did:web:a%3A",
            "did:web:a%3A0",
            "did:web:a%3A65536",
            "did:web:a%3A+80",
            "did:web:a%3A80%3A81",
            "did:web:user@host",
            "did:web:a%40b",
            "did:web:a/b",
            "did:web:a..b",
            "did:web:-a",
            "did:web:%5B::1%5D",
        ] {
            host(did);
        }
        for did in [
            "did:web:a:",
            "did:web:a::b",
            "did:web:a:..",
            "did:web:a:%2e%2E",
            "did:web:a:b%2Fc",
            "did:web:a:b%5Cc",
            "did:web:a:b#key",
            "did:web:a:b?x=1",
            "did:web:a:%0A",
            "did:web:a:%252e",
            "did:web:a:%4",
        ] {
            path(did);
        }
        assert_eq!(did_web_url("did:key:z6Mk", true), Err(DidFault::Method("did:key:z6Mk".to_owned())));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_document_url_or_a_fault(text in "(did:web:)?\\PC{0,40}", local: bool) {
            if let Ok(url) = did_web_url(&text, local) {
                prop_assert!(url.starts_with("https://") || (local && url.starts_with("http://")));
                prop_assert!(url.ends_with("/did.json"));
                prop_assert!(!url.contains(['?', '#', '\\', '@', ' ']) && !url.contains("/../"));
            }
        }
    }
}
