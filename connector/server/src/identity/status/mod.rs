//! The status of other people's credentials: revoked, suspended, or nothing against them (W3C Bitstring Status List
//! 1.0). What cannot be fetched or verified is unknown, and what is unknown does not count.

mod entry;
mod list;

use super::cache::{Cache, lock};
use super::did_web::DidWebResolver;
use super::http::{Http, HttpFault};
use super::signed::{self, Signed};
use super::verifier::Verifiers;
use engine::port::{Clock, TrustError};
use entry::{Entry, Purpose, entries};
use list::StatusList;
use ontology::time::Timestamp;
use policies::CredentialStatus;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

#[cfg(test)]
pub(in crate::identity) use list::pack;

/// Most lists in memory; only those of trusted issuers are fetched.
const MOST_LISTS: usize = 64;
const MOST_BYTES: usize = 256 * 1024;
/// How long a list is believed when its issuer says nothing, and the bounds of what it may say. The upper one is
/// also the longest time after which a revocation is noticed.
const USUAL_TTL_MS: i64 = 300_000;
const TTL_MS: std::ops::RangeInclusive<i64> = 1_000..=900_000;
/// When a list could not be had, it is asked for again after this.
const RETRY_MS: i64 = 5_000;

/// A list that was verified.
#[derive(Debug)]
struct Kept {
    issuer: String,
    list: StatusList,
    /// Not believed from then on.
    until: Timestamp,
}

#[derive(Clone)]
struct Answer {
    kept: Result<Arc<Kept>, TrustError>,
    again: Timestamp,
}

/// The status of a credential.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Status {
    /// What the issuer says, or that this is not known.
    pub(super) status: CredentialStatus,
    /// Why it is not known.
    pub(super) problem: Option<TrustError>,
    /// When to ask again; never, for a credential without status.
    pub(super) again: Option<Timestamp>,
}

/// Fetches, verifies and keeps status lists.
pub(super) struct StatusLists {
    http: Http,
    resolver: Arc<DidWebResolver>,
    verifiers: Arc<Verifiers>,
    clock: Arc<dyn Clock>,
    lists: Cache<Answer>,
    /// The newest of each list, for when its issuer is out of reach before the list is too old.
    last: Mutex<HashMap<String, Arc<Kept>>>,
}

impl StatusLists {
    /// Without lists yet.
    pub(super) fn new(
        http: Http,
        resolver: Arc<DidWebResolver>,
        verifiers: Arc<Verifiers>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let lists = Cache::new(MOST_LISTS, Arc::clone(&clock));
        Self { http, resolver, verifiers, clock, lists, last: Mutex::default() }
    }

    /// The status of a credential of `issuer` whose proof was checked.
    pub(super) async fn check(&self, credential: &Value, issuer: &str) -> Status {
        let mut found = Status { status: CredentialStatus::Valid, problem: None, again: None };
        let listed = match entries(credential) {
            Ok(listed) => listed,
            Err(reason) => {
                let problem = Some(TrustError::Invalid(reason));
                return Status { status: CredentialStatus::Unknown, problem, again: None };
            }
        };
        for entry in &listed {
            let answer = self.lists.get(&entry.list, None, || self.load(&entry.list)).await;
            found.again = found.again.into_iter().chain(Some(answer.again)).min();
            match answer.kept.and_then(|kept| look_up(&kept, entry, issuer)) {
                Ok(status) => found.status = worse(found.status, status),
                Err(problem) => {
                    found.status = worse(found.status, CredentialStatus::Unknown);
                    found.problem = Some(problem);
                }
            }
        }
        found
    }

    /// The list at `url`, and for how long this answer holds. It is renewed before it is too old, so that an issuer
    /// that is away for a moment does no harm.
    async fn load(&self, url: &str) -> (Answer, i64) {
        let fetched = self.fetch(url).await.map_err(|fault| {
            let named = |reason| format!("the status list {url}: {reason}");
            match fault {
                TrustError::Unavailable(reason) => TrustError::Unavailable(named(reason)),
                other => TrustError::Invalid(named(other.to_string())),
            }
        });
        let now = self.clock.now();
        let mut last = lock(&self.last);
        let (kept, again_ms) = match fetched {
            Ok((kept, ttl)) => {
                if last.len() >= MOST_LISTS {
                    last.retain(|_, kept| kept.until > now);
                }
                if last.len() >= MOST_LISTS {
                    last.clear();
                }
                last.insert(url.to_owned(), Arc::clone(&kept));
                (Ok(kept), ttl - ttl / 3)
            }
            Err(fault) => match last.get(url).filter(|kept| kept.until > now) {
                Some(kept) if matches!(fault, TrustError::Unavailable(_)) => {
                    tracing::warn!(%fault, "the last one is used for now");
                    (Ok(Arc::clone(kept)), kept.until.minus(now).clamp(1, RETRY_MS))
                }
                _ => (Err(fault), RETRY_MS),
            },
        };
        (Answer { kept, again: now.plus_millis(again_ms) }, again_ms)
    }

    async fn fetch(&self, url: &str) -> Result<(Arc<Kept>, i64), TrustError> {
        let accept = "application/vc+jwt, application/jwt;q=0.5";
        let answer = self.http.fetch(url, accept, MOST_BYTES).await.map_err(|fault| match fault {
            HttpFault::Unreachable(_) => TrustError::Unavailable(fault.to_string()),
            _ => TrustError::Invalid(fault.to_string()),
        })?;
        if answer.status != 200 {
            return Err(TrustError::Unavailable(format!("the answer is {}", answer.status)));
        }
        let invalid = |reason: &str| TrustError::Invalid(reason.to_owned());
        let text = std::str::from_utf8(&answer.body).map_err(|_| invalid("it is not text"))?;
        let signed = signed::verify(text.trim(), &self.resolver, &self.verifiers).await?;
        let now = self.clock.now();
        signed.current(now).map_err(TrustError::Invalid)?;
        let Signed { credential, issuer, until, .. } = signed;
        let kind = |name: &str| {
            signed::types(&credential).iter().any(|t| t.rsplit(['#', '/', ':']).next() == Some(name))
        };
        if !kind("BitstringStatusListCredential") && !kind("StatusList2021Credential") {
            return Err(invalid("it is not a status list credential"));
        }
        let list = StatusList::of(&credential).map_err(TrustError::Invalid)?;
        let mut ttl = list.ttl_ms.unwrap_or(USUAL_TTL_MS).clamp(*TTL_MS.start(), *TTL_MS.end());
        if let Some(until) = until {
            ttl = ttl.min(until.minus(now)).max(1);
        }
        Ok((Arc::new(Kept { issuer, list, until: now.plus_millis(ttl) }), ttl))
    }
}

fn look_up(kept: &Kept, entry: &Entry, issuer: &str) -> Result<CredentialStatus, TrustError> {
    let invalid = |reason: String| TrustError::Invalid(format!("the status list {}: {reason}", entry.list));
    // Nobody withdraws what somebody else issued, and nobody vouches for it either.
    if kept.issuer != issuer {
        return Err(invalid(format!("it is issued by {}, not by {issuer}", kept.issuer)));
    }
    if !kept.list.is_about(entry.purpose.name()) {
        return Err(invalid(format!("it is not about {}", entry.purpose.name())));
    }
    match (kept.list.is_set(entry.index, entry.size), entry.purpose) {
        (None, _) => Err(invalid(format!("it has no entry {}", entry.index))),
        (Some(false), _) => Ok(CredentialStatus::Valid),
        (Some(true), Purpose::Revocation) => Ok(CredentialStatus::Revoked),
        (Some(true), Purpose::Suspension) => Ok(CredentialStatus::Suspended),
    }
}

/// The one that weighs more; what is known against a credential weighs more than what is not known.
fn worse(a: CredentialStatus, b: CredentialStatus) -> CredentialStatus {
    let weight = |status: CredentialStatus| match status {
        CredentialStatus::Valid => 0,
        CredentialStatus::Unknown => 1,
        CredentialStatus::Suspended => 2,
        CredentialStatus::Revoked => 3,
    };
    if weight(b) > weight(a) { b } else { a }
}
