//! What another participant presents: the verifiable presentation that its DID document links to (DIF Linked
//! Verifiable Presentations; VP-JWT and VC-JWT by W3C VC-JOSE-COSE). It must be signed by the participant itself,
//! and each credential by its issuer; only credentials about the participant are taken.

use super::cache::lock;
use super::compact::Compact;
use super::did_web::DidWebResolver;
use super::http::{Http, HttpFault};
use super::signed::{self, Signed};
use super::status::StatusLists;
use super::subject::is_of;
use super::trusted::TrustedIssuers;
use super::verifier::Verifiers;
use engine::port::{Clock, TrustError};
use ontology::time::Timestamp;
use policies::{Credential, CredentialStatus};
use protocol::dcp::{ASSERTION_METHOD, AUTHENTICATION, DidDocument};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Type of the service at which a presentation is.
pub(super) const LINKED_PRESENTATION: &str = "LinkedVerifiablePresentation";
/// Most credentials of one presentation.
pub(super) const MOST_CREDENTIALS: usize = 32;

const TYP: [&str; 3] = ["vp+jwt", "vp+ld+json+jwt", "vp+ld+jwt"];
const ENVELOPES: [&str; 3] =
    ["data:application/vc+jwt,", "data:application/vc+ld+json+jwt,", "data:application/vc+ld+jwt,"];
const MOST_BYTES: usize = 256 * 1024;
/// What could not be checked is tried again after this, and what was wrong after the other.
const RETRY_MS: i64 = 5_000;
const RETRY_INVALID_MS: i64 = 30_000;
/// How long, and of how many participants, the last presentation is remembered.
const REMEMBER_MS: i64 = 10 * 60_000;
const MOST_REMEMBERED: usize = 1_024;

/// What was presented.
#[derive(Debug, Default)]
pub(super) struct Presented {
    /// What holds, with its status.
    pub(super) credentials: Vec<Credential>,
    /// What does not, and why.
    pub(super) problems: Vec<String>,
    /// When to look again.
    pub(super) again: Option<Timestamp>,
}

impl Presented {
    fn look_again(&mut self, at: Option<Timestamp>) {
        self.again = self.again.into_iter().chain(at).min();
    }

    fn problem(&mut self, now: Timestamp, what: &str, fault: &TrustError) {
        let wait = if matches!(fault, TrustError::Unavailable(_)) { RETRY_MS } else { RETRY_INVALID_MS };
        self.look_again(Some(now.plus_millis(wait)));
        self.problems.push(format!("{what}: {fault}"));
    }
}

/// Reads presentations.
pub(super) struct Presentations {
    http: Http,
    resolver: Arc<DidWebResolver>,
    verifiers: Arc<Verifiers>,
    clock: Arc<dyn Clock>,
    statuses: StatusLists,
    pub(super) trusted: TrustedIssuers,
    /// The newest presentation of each participant, and when it was read.
    last: Mutex<HashMap<String, (Timestamp, Vec<String>)>>,
}

impl Presentations {
    pub(super) fn new(
        http: Http,
        resolver: Arc<DidWebResolver>,
        verifiers: Arc<Verifiers>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let statuses =
            StatusLists::new(http.clone(), Arc::clone(&resolver), Arc::clone(&verifiers), Arc::clone(&clock));
        Self {
            http,
            resolver,
            verifiers,
            clock,
            statuses,
            trusted: TrustedIssuers::default(),
            last: Mutex::default(),
        }
    }

    /// The status of a credential whose proof was checked.
    pub(super) fn statuses(&self) -> &StatusLists {
        &self.statuses
    }

    /// What the participant of `document` presents; nothing when the document links to no presentation. `home` is
    /// where the document is.
    pub(super) async fn of(&self, document: &DidDocument, home: &str) -> Presented {
        let mut found = Presented::default();
        let Some(url) = document.service_endpoint(LINKED_PRESENTATION) else { return found };
        let what = format!("the presentation {url}");
        let texts = match self.fetch(url).await {
            Ok(None) => Ok(Vec::new()),
            Ok(Some(text)) => self.open(&text, document).map_err(TrustError::Invalid),
            Err(fault) => Err(fault),
        };
        let texts = self.remember(&document.id, texts, &mut found);
        match texts {
            Ok(texts) => {
                for (n, text) in texts.iter().enumerate() {
                    let taken = self.take(text, &document.id, home, &mut found).await;
                    if let Err(fault) = taken {
                        let what = format!("credential {} of {}", n + 1, document.id);
                        found.problem(self.clock.now(), &what, &fault);
                    }
                }
            }
            Err(fault) => found.problem(self.clock.now(), &what, &fault),
        }
        found
    }

    /// Keeps what was presented, and gives it again for a while when the participant is out of reach: what its
    /// credentials are worth depends on their issuers, who are asked all the same.
    fn remember(
        &self,
        did: &str,
        texts: Result<Vec<String>, TrustError>,
        found: &mut Presented,
    ) -> Result<Vec<String>, TrustError> {
        let now = self.clock.now();
        let mut last = lock(&self.last);
        match texts {
            Ok(texts) if !texts.is_empty() => {
                if last.len() >= MOST_REMEMBERED {
                    last.retain(|_, (at, _)| now.minus(*at) < REMEMBER_MS);
                }
                if last.len() < MOST_REMEMBERED {
                    last.insert(did.to_owned(), (now, texts.clone()));
                }
                Ok(texts)
            }
            Err(TrustError::Unavailable(reason)) => {
                match last.get(did).filter(|(at, _)| now.minus(*at) < REMEMBER_MS) {
                    Some((_, texts)) => {
                        tracing::info!(%did, %reason, "the last presentation is used for now");
                        found.look_again(Some(now.plus_millis(RETRY_MS)));
                        Ok(texts.clone())
                    }
                    None => Err(TrustError::Unavailable(reason)),
                }
            }
            other => {
                last.remove(did);
                other
            }
        }
    }

    async fn fetch(&self, url: &str) -> Result<Option<String>, TrustError> {
        let accept = "application/vp+jwt, application/jwt;q=0.5";
        let answer = self.http.fetch(url, accept, MOST_BYTES).await.map_err(|fault| match fault {
            HttpFault::Unreachable(_) => TrustError::Unavailable(fault.to_string()),
            _ => TrustError::Invalid(fault.to_string()),
        })?;
        match answer.status {
            200 => String::from_utf8(answer.body)
                .map(|text| Some(text.trim().to_owned()))
                .map_err(|_| TrustError::Invalid("it is not text".to_owned())),
            404 | 410 => Ok(None),
            status => Err(TrustError::Unavailable(format!("the answer is {status}"))),
        }
    }

    /// Checks the presentation itself and gives the credentials in it, unchecked.
    fn open(&self, text: &str, document: &DidDocument) -> Result<Vec<String>, String> {
        let jws = Compact::parse(text)?;
        signed::media(jws.header("typ"), &TYP)?;
        let did = document.id.as_str();
        let kid = jws.header("kid").ok_or("the header names no key")?;
        let key = [AUTHENTICATION, ASSERTION_METHOD].iter().find_map(|use_| document.key(kid, use_));
        let key = key.ok_or_else(|| format!("{did} does not list {kid} under {AUTHENTICATION}"))?;
        let fragment = kid.rsplit_once('#').map_or(kid, |(_, fragment)| fragment);
        self.verifiers.get(&format!("{did}#{fragment}"), key)?.verify(
            jws.header("alg").unwrap_or("none"),
            jws.input(),
            &jws.signature,
        )?;
        let vp = &jws.payload;
        let is = |node: &Value, class: &str| match node.get("type") {
            Some(Value::Array(all)) => all.iter().any(|t| t == class),
            Some(one) => one == class,
            None => false,
        };
        if !is(vp, "VerifiablePresentation") {
            return Err("it is not a VerifiablePresentation".to_owned());
        }
        let holder = vp.get("holder").map(|h| h.as_str().or_else(|| h.get("id")?.as_str()));
        if holder.is_some_and(|holder| holder != Some(did)) {
            return Err(format!("its holder is not {did}"));
        }
        let now = self.clock.now().seconds();
        if vp.get("exp").and_then(Value::as_i64).is_some_and(|exp| exp <= now) {
            return Err("it has expired".to_owned());
        }
        let listed = match vp.get("verifiableCredential") {
            Some(Value::Array(all)) => all.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        if listed.len() > MOST_CREDENTIALS {
            return Err(format!("it has more than {MOST_CREDENTIALS} credentials"));
        }
        let text = |item: &Value| match item {
            Value::String(text) => text.clone(),
            // What is no envelope fails as a credential and is named there.
            other => {
                let id = other.get("id").and_then(Value::as_str).unwrap_or_default();
                ENVELOPES.iter().find_map(|e| id.strip_prefix(e)).unwrap_or_default().to_owned()
            }
        };
        Ok(listed.iter().map(text).collect())
    }

    async fn take(&self, text: &str, did: &str, home: &str, found: &mut Presented) -> Result<(), TrustError> {
        let signed = signed::verify(text, &self.resolver, &self.verifiers).await?;
        let subjects = signed::subjects(&signed.credential);
        let stranger = subjects
            .iter()
            .map(|s| s.get("id").and_then(Value::as_str))
            .find(|id| id.is_none_or(|id| !is_of(id, did, home)));
        match stranger {
            _ if subjects.is_empty() => {
                return Err(TrustError::Invalid("it has no subject".to_owned()));
            }
            Some(id) => {
                let id = id.unwrap_or("somebody unnamed");
                return Err(TrustError::Invalid(format!("it is about {id}, not about {did}")));
            }
            None => {}
        }
        let credential = self.weigh(signed, did, found).await;
        found.credentials.push(credential);
        Ok(())
    }

    /// A credential about `did` whose proof holds, with whether it counts. The status of what does not count
    /// anyway is not asked for, so that nobody makes us fetch lists of their choice.
    pub(super) async fn weigh(&self, signed: Signed, did: &str, found: &mut Presented) -> Credential {
        let Signed { credential: body, issuer, from, until } = signed;
        let all = signed::types(&body);
        let accepted = self.trusted.accepted(&issuer, did, &all);
        let trusted = !accepted.is_empty();
        let mut status = CredentialStatus::Unknown;
        if trusted {
            let answer = self.statuses.check(&body, &issuer).await;
            found.look_again(answer.again);
            found.problems.extend(answer.problem.map(|problem| problem.to_string()));
            status = answer.status;
        }
        Credential { issuer, trusted, from, until, status, types: if trusted { accepted } else { all }, body }
    }
}
