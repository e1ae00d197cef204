//! Compact JWS (RFC 7515, section 7.1), taken apart without trusting any of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::port::{Signer, TrustError};
use serde_json::{Map, Value};

/// Longest text that is looked at.
const MOST_BYTES: usize = 256 * 1024;

/// The parts of a compact JWS.
#[derive(Debug)]
pub(super) struct Compact<'a> {
    header: Map<String, Value>,
    signed: &'a str,
    /// The payload as JSON.
    pub(super) payload: Value,
    /// The signature.
    pub(super) signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes a token apart.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err("it is too long".to_owned());
        }
        let (signed, signature) = text.rsplit_once('.').ok_or("it is not a compact JWS")?;
        let (header, payload) = signed.split_once('.').ok_or("it is not a compact JWS")?;
        let part = |name: &str, text: &str| {
            URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("its {name} is not base64url"))
        };
        let json = |name: &str, text: &str| -> Result<Value, String> {
            serde_json::from_slice(&part(name, text)?).map_err(|_| format!("its {name} is not JSON"))
        };
        let Value::Object(header) = json("header", header)? else {
            return Err("its header is not an object".to_owned());
        };
        // Extensions that must be understood, and none is.
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err("its header demands an unknown extension".to_owned());
        }
        Ok(Self {
            header,
            signed,
            payload: json("payload", payload)?,
            signature: part("signature", signature)?,
        })
    }

    /// A text member of the header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// What was signed.
    pub(super) fn input(&self) -> &'a [u8] {
        self.signed.as_bytes()
    }
}

/// Base64url of a header, for use with [`sign`].
pub(super) fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// Signs `payload` under an encoded header.
pub(super) fn sign(signer: &dyn Signer, header: &str, payload: &Value) -> Result<String, TrustError> {
    let mut text = format!("{header}.{}", encode(payload));
    let signature = signer.sign(text.as_bytes())?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_nonsense_is_not_a_jws() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
        let text = format!("{header}.e30.AQ");
        let jws = Compact::parse(&text).unwrap();
        assert_eq!((jws.header("alg"), jws.header("kid")), (Some("ES256"), None));
        assert_eq!(
            (jws.input(), jws.signature.as_slice()),
            (&text.as_bytes()[..text.len() - 3], [1].as_slice())
        );
        let crit = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","crit":["exp"]}"#);
        for (text, reason) in [
            ("", "it is not a compact JWS"),
            ("a.b", "it is not a compact JWS"),
            ("=.e30.AQ", "its header is not base64url"),
            ("e30.e30.AQ.AQ", "its payload is not base64url"),
            ("AQ.e30.AQ", "its header is not JSON"),
            ("W10.e30.AQ", "its header is not an object"),
            ("e30.AQ.AQ", "its payload is not JSON"),
            ("e30.e30.A", "its signature is not base64url"),
            (&format!("{crit}.e30.AQ"), "its header demands an unknown extension"),
        ] {
            assert_eq!(Compact::parse(text).unwrap_err(), reason, "{text}");
        }
        assert_eq!(Compact::parse(&"a".repeat(MOST_BYTES + 1)).unwrap_err(), "it is too long");
    }
}
