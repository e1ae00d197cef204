//! Self-issued tokens (DCP 1.0, "Self-Issued ID Tokens").

use ontology::time::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Claims of a self-issued token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfIssued {
    /// DID of the sender.
    pub iss: String,
    /// DID of the sender again.
    pub sub: String,
    /// DID of the receiver.
    #[serde(deserialize_with = "single")]
    pub aud: String,
    /// Single-use id.
    pub jti: String,
    /// Issued at, in seconds.
    #[serde(deserialize_with = "seconds")]
    pub iat: i64,
    /// Expires at, in seconds.
    #[serde(deserialize_with = "seconds")]
    pub exp: i64,
    /// Not valid before, in seconds.
    #[serde(default, deserialize_with = "some_seconds", skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Access token for the sender's Credential Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Why a self-issued token does not prove anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// `iss` is not a DID.
    #[error("the issuer {0} is not a DID")]
    NotADid(String),
    /// `iss` and `sub` differ.
    #[error("the issuer {issuer} and the subject {subject} differ")]
    NotSelfIssued {
        /// `iss`.
        issuer: String,
        /// `sub`.
        subject: String,
    },
    /// It is for somebody else.
    #[error("the token is for {0}")]
    Audience(String),
    /// No `jti`.
    #[error("the token has no id (jti)")]
    NoId,
    /// `exp` has passed.
    #[error("the token expired at {0}")]
    Expired(Timestamp),
    /// `nbf` is to come.
    #[error("the token is not valid before {0}")]
    TooEarly(Timestamp),
    /// `iat` is to come.
    #[error("the token was issued in the future, at {0}")]
    FromTheFuture(Timestamp),
}

impl SelfIssued {
    /// Checks all claims that can be checked without a key and without memory: the caller verifies the
    /// signature and that `jti` is new.
    ///
    /// # Errors
    /// The first [`TokenFault`].
    pub fn check(&self, audience: &str, now: Timestamp, leeway_s: i64) -> Result<(), TokenFault> {
        if !self.iss.starts_with("did:") {
            return Err(TokenFault::NotADid(self.iss.clone()));
        }
        if self.iss != self.sub {
            return Err(TokenFault::NotSelfIssued { issuer: self.iss.clone(), subject: self.sub.clone() });
        }
        if self.aud != audience {
            return Err(TokenFault::Audience(self.aud.clone()));
        }
        if self.jti.trim().is_empty() {
            return Err(TokenFault::NoId);
        }
        let now = now.seconds();
        if self.exp.saturating_add(leeway_s) <= now {
            return Err(TokenFault::Expired(Timestamp::from_seconds(self.exp)));
        }
        let latest = now.saturating_add(leeway_s);
        match self.nbf {
            Some(nbf) if nbf > latest => Err(TokenFault::TooEarly(Timestamp::from_seconds(nbf))),
            _ if self.iat > latest => Err(TokenFault::FromTheFuture(Timestamp::from_seconds(self.iat))),
            _ => Ok(()),
        }
    }
}

/// `aud` may be an array; for one receiver it must have one member.
fn single<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Array(items) => match <[Value; 1]>::try_from(items) {
            Ok([Value::String(text)]) => Ok(text),
            _ => Err(D::Error::custom("aud must name exactly one receiver")),
        },
        _ => Err(D::Error::custom("aud must be a string")),
    }
}

/// JWT dates may have a fraction; it is of no use here.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    // Four digit years end long before this; it keeps all arithmetic in range.
    const LATEST: f64 = 253_402_300_800.0;
    let number = serde_json::Number::deserialize(deserializer)?;
    match (number.as_i64(), number.as_f64()) {
        (_, Some(value)) if !(0.0..LATEST).contains(&value) => Err(D::Error::custom("date out of range")),
        (Some(value), _) => Ok(value),
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        (None, Some(value)) => Ok(value.floor() as i64),
        (None, None) => Err(D::Error::custom("date out of range")),
    }
}

fn some_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    seconds(deserializer).map(Some)
}
