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
    Ok(Reply { status: answer.status, body })
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
