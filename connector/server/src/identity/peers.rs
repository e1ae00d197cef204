//! Calls to other connectors.

use super::http::{Answer, Http, HttpFault};
use super::token::TokenIssuer;
use async_trait::async_trait;
use engine::port::{PeerError, Peers, Reply};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::Value;
use std::sync::Arc;

/// Largest answer; catalogues are the large ones.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Sends protocol messages over HTTP, each with a fresh token.
#[derive(Debug)]
pub struct HttpPeers {
    http: Http,
    tokens: Arc<TokenIssuer>,
}

impl HttpPeers {
    /// Calls with `http`, authenticated by `tokens`.
    #[must_use]
    pub const fn new(http: Http, tokens: Arc<TokenIssuer>) -> Self {
        Self { http, tokens }
    }

    async fn call(
        &self,
        peer: &str,
        url: &str,
        build: impl FnOnce(&Client, Url) -> RequestBuilder,
    ) -> Result<Reply, PeerError> {
        // Our own trouble is as passing as that of the network.
        let token = self
            .tokens
            .authorization(peer)
            .map_err(|e| PeerError::Unreachable(peer.to_owned(), format!("no token: {e}")))?;
        let answer = self
            .http
            .exchange(url, MOST_BYTES, |client, url| {
                build(client, url).header("authorization", token).header("accept", "application/json")
            })
            .await
            .map_err(|fault| match fault {
                HttpFault::Forbidden(reason) => PeerError::Forbidden(url.to_owned(), reason.to_string()),
                HttpFault::Unreachable(reason) => PeerError::Unreachable(url.to_owned(), reason),
                HttpFault::TooLarge(_) => PeerError::BadAnswer(url.to_owned(), fault.to_string()),
            })?;
        reply(url, answer)
    }
}

fn reply(url: &str, answer: Answer) -> Result<Reply, PeerError> {
    let bad = |reason: String| PeerError::BadAnswer(url.to_owned(), reason);
    if (300..400).contains(&answer.status) {
        return Err(bad(format!("a redirect ({}), which is not followed", answer.status)));
    }
    let claims_json = answer.media_type.as_deref().is_some_and(|t| t.ends_with("json"));
    let body = match serde_json::from_slice(&answer.body) {
        _ if answer.body.trim_ascii().is_empty() => None,
        Ok(body) => Some(body),
        // Error pages and short texts of servers in between say nothing that we could use.
        Err(_) if !claims_json || answer.status >= 300 => None,
        Err(e) => return Err(bad(format!("no JSON: {e}"))),
    };
    let next = answer.links.iter().find_map(|link| next_page(url, link));
    Ok(Reply { status: answer.status, body, next })
}

/// The target of `rel="next"` in a `Link` header (RFC 8288), unless it leads to another server.
fn next_page(url: &str, link: &str) -> Option<String> {
    let base: Url = url.parse().ok()?;
    link.split('<').skip(1).find_map(|entry| {
        let (target, parameters) = entry.split_once('>')?;
        let is_next = parameters.split([';', ',']).any(|p| {
            let (name, value) = p.split_once('=').unwrap_or((p, ""));
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').split(' ').any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        let target = base.join(target).ok()?;
        (is_next && target.origin() == base.origin()).then(|| target.to_string())
    })
}

#[async_trait]
impl Peers for HttpPeers {
    async fn post(
        &self,
        peer: &str,
        url: &str,
        body: &Value,
        traceparent: Option<&str>,
    ) -> Result<Reply, PeerError> {
        self.call(peer, url, |client, url| {
            let request = client.post(url).json(body);
            match traceparent {
                Some(parent) => request.header("traceparent", parent),
                None => request,
            }
        })
        .await
    }

    async fn get(&self, peer: &str, url: &str) -> Result<Reply, PeerError> {
        self.call(peer, url, |client, url| client.get(url)).await
    }

    fn check_url(&self, url: &str) -> Result<(), PeerError> {
        match self.http.guard().check(url) {
            Ok(_) => Ok(()),
            Err(reason) => Err(PeerError::Forbidden(url.to_owned(), reason.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::next_page;

    #[test]
    fn the_next_page_is_found_and_stays_on_the_server() {
        let url = "http://p.example/dsp/catalog/request";
        let next = |link: &str| next_page(url, link);
        let found = Some("http://p.example/dsp/catalog/request?t=2".to_owned());
        assert_eq!(next("<http://p.example/dsp/catalog/request?t=2>; rel=\"next\""), found);
        assert_eq!(next("</>; rel=first, <?t=2>; title=x; REL=next"), found);
        assert_eq!(next("<http://evil.example/?t=2>; rel=next"), None);
        assert_eq!(next("<?t=1>; rel=\"previous\""), None);
        assert_eq!(next("nonsense"), None);
    }
}
