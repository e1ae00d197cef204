//! Who is calling: verification of self-issued tokens (DCP 1.0, "Self-Issued ID Tokens").

use super::compact::Compact;
use super::did_web::{DidWebResolver, ResolveFault};
use super::replay::{Replay, Use};
use super::verifier::{ALGORITHMS, Verifiers};
use engine::port::Clock;
use ontology::time::Timestamp;
use protocol::dcp::{AUTHENTICATION, CAPABILITY_INVOCATION, SelfIssued};
use serde::Deserialize as _;
use std::sync::Arc;

/// Clocks may differ by this much, in seconds.
const LEEWAY_S: i64 = 30;
/// A token is not accepted when older than this, whatever it says, so that the memory of used ones stays small.
const OLDEST_S: i64 = 600;
const MOST_REMEMBERED: usize = 500_000;

/// Why a caller is not who it says, or cannot be checked now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct AuthFault {
    /// 401, or 503 when the same caller may succeed later.
    pub status: u16,
    /// For people.
    pub reason: String,
}

impl AuthFault {
    fn refused(reason: impl std::fmt::Display) -> Self {
        Self { status: 401, reason: format!("the token is refused: {reason}") }
    }

    fn later(reason: impl std::fmt::Display) -> Self {
        Self { status: 503, reason: format!("the token cannot be accepted now: {reason}") }
    }
}

/// Checks the `Authorization` header of requests.
pub struct Authenticator {
    did: String,
    resolver: Arc<DidWebResolver>,
    clock: Arc<dyn Clock>,
    started: Timestamp,
    verifiers: Verifiers,
    replay: Replay,
    mock: bool,
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").field("did", &self.did).finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Accepts tokens for `did`, our own DID. Make one for each process: it remembers the tokens that were used
    /// since then.
    #[must_use]
    pub fn new(did: &str, resolver: Arc<DidWebResolver>, clock: Arc<dyn Clock>) -> Self {
        Self {
            did: did.to_owned(),
            resolver,
            started: clock.now(),
            clock,
            verifiers: Verifiers::default(),
            replay: Replay::new(MOST_REMEMBERED),
            mock: false,
        }
    }

    /// Believes what callers say, as [`super::mock`] describes.
    #[must_use]
    pub fn insecure_mock(mut self) -> Self {
        self.mock = true;
        self
    }

    /// The DID of the caller; `None` when the request carries no `Authorization` at all.
    ///
    /// # Errors
    /// [`AuthFault`] for everything that is there but does not prove who is calling.
    pub async fn authenticate(&self, authorization: Option<&str>) -> Result<Option<String>, AuthFault> {
        let Some(header) = authorization else { return Ok(None) };
        if self.mock {
            return super::mock::caller(header).map(Some);
        }
        let token = bearer(header).ok_or(AuthFault {
            status: 401,
            reason: "the Authorization header is not a bearer token".to_owned(),
        })?;
        self.verify(token).await.map(Some)
    }

    async fn verify(&self, token: &str) -> Result<String, AuthFault> {
        let jws = Compact::parse(token).map_err(AuthFault::refused)?;
        let algorithm = jws.header("alg").unwrap_or("none");
        if !ALGORITHMS.contains(&algorithm) {
            return Err(AuthFault::refused(format!("the algorithm {algorithm} is not accepted")));
        }
        // Other signed things of the same peer, such as credentials, are not tokens.
        if let Some(typ) = jws.header("typ").filter(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(AuthFault::refused(format!("it is a {typ}, not a JWT")));
        }
        let claims = SelfIssued::deserialize(&jws.payload).map_err(AuthFault::refused)?;
        // Before anything is fetched on behalf of the caller.
        let end_s = self.check(&claims)?;
        let (kid, key) = self
            .resolver
            .key(&claims.iss, jws.header("kid"), &[CAPABILITY_INVOCATION, AUTHENTICATION])
            .await
            .map_err(|fault| match fault {
                ResolveFault::Invalid(_) => AuthFault::refused(fault),
                ResolveFault::Unavailable(_) => AuthFault::later(fault),
            })?;
        self.verifiers
            .get(&kid, &key)
            .and_then(|verifier| verifier.verify(algorithm, jws.input(), &jws.signature))
            .map_err(AuthFault::refused)?;
        match self.replay.record(&claims.iss, &claims.jti, end_s, self.clock.now()) {
            Use::First => Ok(claims.iss),
            Use::Again => Err(AuthFault::refused("it was used before")),
            Use::Full => Err(AuthFault::later("too many calls")),
        }
    }

    /// Checks the claims and gives the second after which the token is useless.
    fn check(&self, claims: &SelfIssued) -> Result<i64, AuthFault> {
        let now = self.clock.now();
        claims.check(&self.did, now, LEEWAY_S).map_err(AuthFault::refused)?;
        let end_s = claims.exp.min(claims.iat.saturating_add(OLDEST_S)).saturating_add(LEEWAY_S);
        if end_s < now.seconds() {
            return Err(AuthFault::refused("it was issued too long ago"));
        }
        // What was used before this process began is not known. A new token will do, hence not 401.
        if claims.iat < self.started.seconds() {
            return Err(AuthFault::later("it was issued before this connector started"));
        }
        Ok(end_s)
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
