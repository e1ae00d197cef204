//! The insecure identity of test beds: whoever says who it is, is believed.
//!
//! It matches the mock identity of Eclipse EDC: the `Authorization` header is bare JSON. Releases up to 0.17 want
//! `region`, `audience` and `clientId`; 0.18 wants the last two. We send all three and read only `clientId`.
//! The configuration refuses it outside dev mode, and dev mode refuses public addresses.

use super::authenticate::AuthFault;
use async_trait::async_trait;
use engine::port::{Participant, Trust, TrustError};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The client that EDC's mock refuses, so that refusals can be tried.
const FAULTY: &str = "faultyClientId";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    client_id: String,
}

/// The header that says we are `did`.
pub(super) fn authorization(did: &str, audience: &str) -> String {
    json!({"region": "any", "audience": audience, "clientId": did}).to_string()
}

/// Who the header says is calling.
pub(super) fn caller(header: &str) -> Result<String, AuthFault> {
    let refused =
        |reason: String| AuthFault { status: 401, reason: format!("the token is refused: {reason}") };
    let token: Token =
        serde_json::from_str(header).map_err(|e| refused(format!("it is no mock token: {e}")))?;
    match token.client_id.trim() {
        "" => Err(refused("clientId is blank".to_owned())),
        FAULTY => Err(refused(format!("{FAULTY} stands for a client that is refused"))),
        id => Ok(id.to_owned()),
    }
}

/// Knows nothing about participants but their name; signatures are still checked for what they are.
#[derive(Debug)]
pub struct MockTrust<T>(pub T);

#[async_trait]
impl<T: Trust> Trust for MockTrust<T> {
    async fn participant(&self, did: &str) -> Result<Arc<Participant>, TrustError> {
        Ok(Arc::new(Participant { did: did.to_owned(), ..Participant::default() }))
    }

    async fn verify(
        &self,
        did: &str,
        kid: &str,
        alg: &str,
        signing_input: &[u8],
        signature: &[u8],
    ) -> Result<(), TrustError> {
        self.0.verify(did, kid, alg, signing_input, signature).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_both_forms_and_nothing_else() {
        assert_eq!(caller(&authorization("did:web:a", "b")).unwrap(), "did:web:a");
        assert_eq!(caller(r#"{"audience":null,"clientId":"consumer"}"#).unwrap(), "consumer");
        for wrong in ["", "Bearer abc", "{}", r#"{"clientId":" "}"#, r#"{"clientId":"faultyClientId"}"#] {
            assert_eq!(caller(wrong).unwrap_err().status, 401, "{wrong}");
        }
    }
}
