//! What can be known about other participants: their self-description and their signatures.

use super::cache::Cache;
use super::did_document::SELF_DESCRIPTION;
use super::did_web::DidWebResolver;
use super::http::{Http, HttpFault};
use super::presented::{Presentations, Presented};
use super::self_description as description;
use super::signed::Signed;
use super::trusted::TrustedIssuers;
use super::verifier::Verifiers;
use async_trait::async_trait;
use engine::port::{Clock, Participant, Trust, TrustError};
use policies::CredentialStatus;
use protocol::dcp::{ASSERTION_METHOD, DidDocument};
use reqwest::Url;
use std::sync::Arc;

const MOST_PARTICIPANTS: usize = 4096;
const MOST_BYTES: usize = 256 * 1024;
const KEEP_MS: i64 = 10 * 60_000;
const KEEP_ABSENT_MS: i64 = 60_000;
const KEEP_INVALID_MS: i64 = 30_000;
const KEEP_UNAVAILABLE_MS: i64 = 1_000;

type Known = Result<Arc<Participant>, TrustError>;

/// Asks participants themselves, over HTTP.
pub struct HttpTrust {
    resolver: Arc<DidWebResolver>,
    http: Http,
    clock: Arc<dyn Clock>,
    verifiers: Arc<Verifiers>,
    presentations: Presentations,
    participants: Cache<Known>,
}

impl std::fmt::Debug for HttpTrust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpTrust").finish_non_exhaustive()
    }
}

impl HttpTrust {
    /// Finds DIDs with `resolver` and self-descriptions with `http`.
    #[must_use]
    pub fn new(resolver: Arc<DidWebResolver>, http: Http, clock: Arc<dyn Clock>) -> Self {
        let participants = Cache::new(MOST_PARTICIPANTS, Arc::clone(&clock));
        let verifiers = Arc::<Verifiers>::default();
        let presentations = Presentations::new(
            http.clone(),
            Arc::clone(&resolver),
            Arc::clone(&verifiers),
            Arc::clone(&clock),
        );
        Self { resolver, http, clock, verifiers, presentations, participants }
    }

    /// Counts credentials of these issuers; of none before.
    #[must_use]
    pub fn trusting(mut self, issuers: TrustedIssuers) -> Self {
        self.presentations.trusted = issuers;
        self
    }

    async fn load(&self, did: &str) -> (Known, i64) {
        match self.ask(did).await {
            Ok((participant, keep_ms)) => (Ok(Arc::new(participant)), keep_ms),
            Err(fault @ TrustError::Invalid(_)) => (Err(fault), KEEP_INVALID_MS),
            Err(fault) => (Err(fault), KEEP_UNAVAILABLE_MS),
        }
    }

    /// The participant, and for how long this may be believed.
    async fn ask(&self, did: &str) -> Result<(Participant, i64), TrustError> {
        let document = self.resolver.resolve(did).await?;
        let home = self.resolver.url(did)?;
        let (described, mut presented) =
            tokio::join!(self.self_description(&document, &home), self.presentations.of(&document, &home));
        let (mut participant, mut keep_ms) = match described? {
            None => (description::bare(did), KEEP_ABSENT_MS),
            Some((url, text)) => {
                let text = text.as_str();
                self.described(&document, &home, url, text, &mut presented).await?
            }
        };
        if let Some(again) = presented.again {
            keep_ms = keep_ms.min(again.minus(self.clock.now())).max(1);
        }
        participant.credentials = presented.credentials;
        participant.problems = presented.problems;
        participant.recheck = presented.again;
        Ok((participant, keep_ms))
    }

    /// What a self-description says, if it holds and was not withdrawn.
    async fn described(
        &self,
        document: &DidDocument,
        home: &str,
        url: String,
        text: &str,
        presented: &mut Presented,
    ) -> Result<(Participant, i64), TrustError> {
        let did = document.id.as_str();
        let invalid = |reason: String| TrustError::Invalid(format!("the self-description {url}: {reason}"));
        let now = self.clock.now();
        let verified = description::verify(text, document, &self.verifiers, now).map_err(invalid)?;
        let participant = description::participant(&verified.credential, did, home, &url).map_err(invalid)?;
        let answer = self.presentations.statuses().check(&verified.credential, did).await;
        match (answer.status, answer.problem) {
            (CredentialStatus::Valid, _) => {}
            (CredentialStatus::Unknown, Some(TrustError::Unavailable(reason))) => {
                return Err(TrustError::Unavailable(format!("the self-description {url}: {reason}")));
            }
            (_, Some(problem)) => return Err(invalid(problem.to_string())),
            (status, None) => return Err(invalid(format!("it is {status:?}").to_lowercase())),
        }
        presented.again = presented.again.into_iter().chain(answer.again).min();
        let left = verified.until.map_or(KEEP_MS, |until| until.minus(now));
        let signed = Signed {
            issuer: did.to_owned(),
            from: verified.from,
            until: verified.until,
            credential: verified.credential,
        };
        let credential = self.presentations.weigh(signed, did, presented).await;
        presented.credentials.push(credential);
        Ok((participant, left.min(KEEP_MS)))
    }

    /// URL and text of the self-description, if the participant publishes one.
    async fn self_description(
        &self,
        document: &DidDocument,
        home: &str,
    ) -> Result<Option<(String, String)>, TrustError> {
        let declared = document.service_endpoint(SELF_DESCRIPTION);
        let url = match declared {
            Some(url) => url.to_owned(),
            None => usual_place(home)?,
        };
        let accept = "application/vc+jwt, application/jwt;q=0.5";
        let answer = self.http.fetch(&url, accept, MOST_BYTES).await.map_err(|fault| {
            let reason = format!("the self-description {url}: {fault}");
            match fault {
                HttpFault::Unreachable(_) => TrustError::Unavailable(reason),
                _ => TrustError::Invalid(reason),
            }
        })?;
        match answer.status {
            200 => {}
            404 | 410 => return Ok(None),
            // At a place that the participant never named, any refusal means that it is not there.
            400..=499 if declared.is_none() => return Ok(None),
            status => {
                return Err(TrustError::Unavailable(format!("the self-description {url} answered {status}")));
            }
        }
        if declared.is_none() && answer.media_type.as_deref() == Some("text/html") {
            return Ok(None);
        }
        let text = String::from_utf8(answer.body)
            .map_err(|_| TrustError::Invalid(format!("the self-description {url} is not text")))?;
        Ok(Some((url, text.trim().to_owned())))
    }
}

/// Where our own kind publishes it.
fn usual_place(home: &str) -> Result<String, TrustError> {
    let home: Url = home.parse().map_err(|_| TrustError::Invalid(format!("{home} is not a URL")))?;
    Ok(format!("{}/credentials/participant", home.origin().ascii_serialization()))
}

#[async_trait]
impl Trust for HttpTrust {
    async fn participant(&self, did: &str) -> Result<Arc<Participant>, TrustError> {
        self.participants.get(did, None, || self.load(did)).await
    }

    async fn verify(
        &self,
        did: &str,
        kid: &str,
        alg: &str,
        signing_input: &[u8],
        signature: &[u8],
    ) -> Result<(), TrustError> {
        let (kid, key) = self.resolver.key(did, Some(kid), &[ASSERTION_METHOD]).await?;
        self.verifiers
            .get(&kid, &key)
            .and_then(|verifier| verifier.verify(alg, signing_input, signature))
            .map_err(TrustError::Invalid)
    }
}
