//! Our self-issued tokens (DCP 1.0, "Self-Issued ID Tokens").

use super::compact;
use engine::port::{Clock, Ids, Signer, TrustError};
use protocol::dcp::SelfIssued;
use serde_json::json;
use std::sync::Arc;

/// How long a token lives, in seconds. Each call gets its own.
const LIFE_S: i64 = 60;

/// Issues tokens in our name.
pub struct TokenIssuer {
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    header: String,
    mock: bool,
}

impl std::fmt::Debug for TokenIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenIssuer").field("did", &self.signer.did()).finish_non_exhaustive()
    }
}

impl TokenIssuer {
    /// An issuer that signs with `signer`.
    #[must_use]
    pub fn new(signer: Arc<dyn Signer>, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        let header = compact::encode(&json!({
            "alg": signer.algorithm(), "typ": "JWT", "kid": signer.key_id(),
        }));
        Self { signer, clock, ids, header, mock: false }
    }

    /// Issues mock tokens, as [`super::mock`] describes.
    #[must_use]
    pub fn insecure_mock(mut self) -> Self {
        self.mock = true;
        self
    }

    /// The `Authorization` header of one call to `audience`.
    ///
    /// # Errors
    /// When our key cannot be used.
    pub fn authorization(&self, audience: &str) -> Result<String, TrustError> {
        if self.mock {
            return Ok(super::mock::authorization(self.signer.did(), audience));
        }
        Ok(format!("Bearer {}", self.issue(audience)?))
    }

    /// A token for `audience`, to be used once.
    ///
    /// # Errors
    /// When our key cannot be used.
    pub fn issue(&self, audience: &str) -> Result<String, TrustError> {
        let iat = self.clock.now().seconds();
        let did = self.signer.did().to_owned();
        let claims = SelfIssued {
            iss: did.clone(),
            sub: did,
            aud: audience.to_owned(),
            jti: self.ids.urn(),
            iat,
            exp: iat.saturating_add(LIFE_S),
            nbf: None,
            token: None,
        };
        let claims = serde_json::to_value(claims).map_err(|e| TrustError::Unavailable(e.to_string()))?;
        compact::sign(self.signer.as_ref(), &self.header, &claims)
    }
}
