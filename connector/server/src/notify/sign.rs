//! Signatures of webhooks, as the Standard Webhooks specification has them (1.0.0, symmetric, `v1`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// A fresh secret: 32 random bytes.
///
/// # Errors
/// When the system has no randomness.
pub(crate) fn fresh_secret() -> Result<String, String> {
    let mut bytes = [0; 32];
    openssl::rand::rand_bytes(&mut bytes).map_err(|e| e.to_string())?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// A secret that somebody chose.
///
/// # Errors
/// When it is not base64 of 24 to 64 bytes, with or without the prefix.
pub(crate) fn checked_secret(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix(PREFIX).unwrap_or(text);
    match STANDARD.decode(bare) {
        Ok(bytes) if (24..=64).contains(&bytes.len()) => Ok(format!("{PREFIX}{bare}")),
        Ok(bytes) => Err(format!("must be 24 to 64 bytes and is {}", bytes.len())),
        Err(error) => Err(format!("must be base64: {error}")),
    }
}

/// Value of the header `webhook-signature`: HMAC-SHA256 over `id.timestamp.body`.
pub(super) fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> Result<String, String> {
    let key = STANDARD
        .decode(secret.strip_prefix(PREFIX).unwrap_or(secret))
        .map_err(|e| format!("the secret is not base64: {e}"))?;
    let mac = || -> Result<Vec<u8>, openssl::error::ErrorStack> {
        let key = PKey::hmac(&key)?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
        signer.update(format!("{id}.{timestamp}.{body}").as_bytes())?;
        signer.sign_to_vec()
    };
    Ok(format!("v1,{}", STANDARD.encode(mac().map_err(|e| e.to_string())?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let got = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(got.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_ne!(fresh_secret().unwrap(), fresh_secret().unwrap());
    }
}
