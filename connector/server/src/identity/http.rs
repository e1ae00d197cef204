//! The one HTTP client for calls to other participants: guarded, bounded, without redirects and proxies.

use super::tls::{TlsFault, tls_config};
use super::url_guard::{GuardFault, GuardedDns, UrlGuard};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Documents are small, and callers wait while we fetch them.
const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpFault {
    /// The guard refuses the address.
    #[error("the address is refused: {0}")]
    Forbidden(GuardFault),
    /// No connection, a time-out, or the connection broke.
    #[error("{0}")]
    Unreachable(String),
    /// More bytes than we read.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Lower case, without parameters.
    pub(crate) media_type: Option<String>,
    pub(crate) body: Vec<u8>,
    /// The `Link` headers.
    pub(crate) links: Vec<String>,
}

/// The client. Clones share connections.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
    guard: Arc<UrlGuard>,
}

impl Http {
    /// A client that contacts what `guard` permits, and trusts the roots in `authorities` besides the usual ones.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(guard: UrlGuard, authorities: Option<&Path>) -> Result<Self, TlsFault> {
        let guard = Arc::new(guard);
        let client = Client::builder()
            .tls_backend_preconfigured(tls_config(authorities)?)
            .dns_resolver(GuardedDns(Arc::clone(&guard)))
            .redirect(Policy::none())
            // A proxy would resolve names itself, past the guard.
            .no_proxy()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| rustls::Error::General(cause(&e)))?;
        Ok(Self { client, guard })
    }

    /// The rules for addresses.
    #[must_use]
    pub fn guard(&self) -> &UrlGuard {
        &self.guard
    }

    /// The name resolution that keeps to the rules, for another client.
    #[must_use]
    pub fn dns(&self) -> Arc<dyn reqwest::dns::Resolve> {
        Arc::new(GuardedDns(Arc::clone(&self.guard)))
    }

    /// Sends the request that `build` makes for `url`, and reads at most `most` bytes of the answer.
    pub(crate) async fn exchange(
        &self,
        url: &str,
        most: usize,
        build: impl FnOnce(&Client, Url) -> RequestBuilder,
    ) -> Result<Answer, HttpFault> {
        let url = self.guard.check(url).map_err(HttpFault::Forbidden)?;
        let mut response = build(&self.client, url).send().await.map_err(|e| fault(&e))?;
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(HttpFault::TooLarge(most));
        }
        let media_type = response
            .headers()
            .get("content-type")
            .and_then(|v| v.to_str().ok())
            .map(|text| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let links = response.headers().get_all("link").iter();
        let links = links.filter_map(|v| v.to_str().ok().map(str::to_owned)).collect();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|e| fault(&e))? {
            if body.len() + part.len() > most {
                return Err(HttpFault::TooLarge(most));
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status: response.status().as_u16(), media_type, body, links })
    }

    /// GET of a public document.
    pub(super) async fn fetch(&self, url: &str, accept: &str, most: usize) -> Result<Answer, HttpFault> {
        self.exchange(url, most, |client, url| {
            client.get(url).header("accept", accept).timeout(DOCUMENT_TIMEOUT)
        })
        .await
    }
}

fn fault(error: &reqwest::Error) -> HttpFault {
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(refused) = source.downcast_ref::<GuardFault>() {
            return HttpFault::Forbidden(refused.clone());
        }
        next = source.source();
    }
    HttpFault::Unreachable(if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else {
        cause(error)
    })
}

/// The innermost reason, which is the one that tells something.
fn cause(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
