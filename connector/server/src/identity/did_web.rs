//! Resolution of `did:web`, with memory.

use super::cache::Cache;
use super::http::{Http, HttpFault};
use engine::port::{Clock, TrustError};
use protocol::dcp::{DidDocument, did_web_url};
use serde_json::Value;
use std::sync::Arc;

const MOST_DOCUMENTS: usize = 4096;
const MOST_BYTES: usize = 128 * 1024;
const KEEP_MS: i64 = 5 * 60_000;
/// Failures are kept too, so that a burst of requests asks a broken peer once.
const KEEP_FAILURE_MS: i64 = 1_000;
/// An unknown key causes a new look at documents older than this.
const RECHECK_MS: i64 = 10_000;

/// Why a DID does not lead to what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveFault {
    /// It never will.
    #[error("{0}")]
    Invalid(String),
    /// Not now.
    #[error("{0}")]
    Unavailable(String),
}

impl From<ResolveFault> for TrustError {
    fn from(fault: ResolveFault) -> Self {
        match fault {
            ResolveFault::Invalid(reason) => Self::Invalid(reason),
            ResolveFault::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}

type Resolved = Result<Arc<DidDocument>, ResolveFault>;

/// Fetches DID documents. In dev mode, hosts on this machine are asked over plain HTTP.
pub struct DidWebResolver {
    http: Http,
    clock: Arc<dyn Clock>,
    documents: Cache<Resolved>,
}

impl std::fmt::Debug for DidWebResolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DidWebResolver").finish_non_exhaustive()
    }
}

impl DidWebResolver {
    /// A resolver without memory yet.
    #[must_use]
    pub fn new(http: Http, clock: Arc<dyn Clock>) -> Self {
        Self { http, documents: Cache::new(MOST_DOCUMENTS, Arc::clone(&clock)), clock }
    }

    /// The document of `did`.
    ///
    /// # Errors
    /// [`ResolveFault`].
    pub async fn resolve(&self, did: &str) -> Result<Arc<DidDocument>, ResolveFault> {
        self.documents.get(did, None, || self.load(did)).await
    }

    /// The id and public key `kid` of `did`, listed under one of `relationships`. Without `kid`, the only key of
    /// the document.
    ///
    /// # Errors
    /// [`ResolveFault`], also when there is no such key.
    pub async fn key(
        &self,
        did: &str,
        kid: Option<&str>,
        relationships: &[&str],
    ) -> Result<(String, Value), ResolveFault> {
        let mut document = self.resolve(did).await?;
        let long_ago = self.clock.now().plus_millis(-RECHECK_MS);
        if find(&document, kid, relationships).is_none()
            && self.documents.made(did).is_some_and(|made| made < long_ago)
        {
            // The key may be new.
            document = self.documents.get(did, Some(long_ago), || self.load(did)).await?;
        }
        find(&document, kid, relationships).ok_or_else(|| {
            let key = kid.unwrap_or("its only key");
            ResolveFault::Invalid(format!("{did} does not list {key} under {}", relationships.join(" or ")))
        })
    }

    /// Where the document of `did` is.
    pub(super) fn url(&self, did: &str) -> Result<String, ResolveFault> {
        did_web_url(did, self.http.guard().dev()).map_err(|e| ResolveFault::Invalid(e.to_string()))
    }

    async fn load(&self, did: &str) -> (Resolved, i64) {
        match self.fetch(did).await {
            Ok(document) => (Ok(Arc::new(document)), KEEP_MS),
            Err(fault) => (Err(fault), KEEP_FAILURE_MS),
        }
    }

    async fn fetch(&self, did: &str) -> Result<DidDocument, ResolveFault> {
        let invalid = |reason: String| ResolveFault::Invalid(format!("the DID document of {did}: {reason}"));
        let unavailable =
            |reason: String| ResolveFault::Unavailable(format!("the DID document of {did}: {reason}"));
        let url = self.url(did)?;
        let accept = "application/did+json, application/did+ld+json, application/json";
        let answer = self.http.fetch(&url, accept, MOST_BYTES).await.map_err(|fault| match fault {
            HttpFault::Unreachable(_) => unavailable(fault.to_string()),
            _ => invalid(fault.to_string()),
        })?;
        match answer.status {
            200 => {}
            status @ (400..=407 | 410..=424) => return Err(invalid(format!("{url} answered {status}"))),
            status => return Err(unavailable(format!("{url} answered {status}"))),
        }
        let document: DidDocument =
            serde_json::from_slice(&answer.body).map_err(|e| invalid(format!("does not parse: {e}")))?;
        if document.id != did {
            return Err(invalid(format!("is that of {}", document.id)));
        }
        Ok(document)
    }
}

fn find(document: &DidDocument, kid: Option<&str>, relationships: &[&str]) -> Option<(String, Value)> {
    relationships.iter().find_map(|relationship| {
        let (kid, key) = match kid {
            Some(kid) => (kid, document.key(kid, relationship)?),
            None => document.only_key(relationship)?,
        };
        let fragment = kid.rsplit_once('#').map_or(kid, |(_, fragment)| fragment);
        Some((format!("{}#{fragment}", document.id), key.clone()))
    })
}
