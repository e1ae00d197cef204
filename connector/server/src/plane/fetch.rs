//! The attempts of one download: requests, answers, and what to do when they break off.

use super::download::{DownloadError, Patience, file_error};
use super::hex;
use super::part::Part;
use super::range::content_range;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_RANGE, RANGE,
};
use reqwest::{Client, Response, StatusCode};
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::timeout;

/// Why one attempt ended early.
enum Stop {
    /// Worth another attempt.
    Broken(String),
    /// Not worth one.
    Final(DownloadError),
}

/// One file on its way.
pub(super) struct Job<'a> {
    pub(super) client: &'a Client,
    pub(super) url: String,
    pub(super) schemes: Vec<HeaderValue>,
    /// Strong entity tag of the bytes in the part.
    pub(super) tag: Option<String>,
    pub(super) total: Option<u64>,
    /// The digest that the provider states.
    pub(super) digest: Option<String>,
    /// The caller knows the digest.
    pub(super) verifiable: bool,
    /// The part may mix bytes of different contents.
    pub(super) doubtful: bool,
    pub(super) silence: Duration,
    pub(super) path: PathBuf,
    pub(super) part: Part,
}

impl Job<'_> {
    /// Attempts until all is there.
    pub(super) async fn run(
        &mut self,
        progress: &mut impl FnMut(u64, Option<u64>),
        patience: Patience,
    ) -> Result<(), DownloadError> {
        let (mut failures, mut best) = (0_u32, self.part.len());
        loop {
            let reason = match self.attempt(progress).await {
                Ok(()) => return Ok(()),
                Err(Stop::Final(error)) => return Err(error),
                Err(Stop::Broken(reason)) => reason,
            };
            // Bytes seen before do not count, or a source without ranges would be asked for ever.
            failures = if self.part.len() > best { 1 } else { failures.saturating_add(1) };
            best = best.max(self.part.len());
            tracing::debug!(reason, failures, received = self.part.len(), "a download is interrupted");
            if failures >= patience.attempts {
                self.part.flush().await.map_err(|error| self.fault(error))?;
                let received = self.part.len();
                return Err(DownloadError::Interrupted { attempts: failures, received, reason });
            }
            tokio::time::sleep(patience.pause.saturating_mul(1 << failures.saturating_sub(1).min(6))).await;
        }
    }

    async fn attempt(&mut self, progress: &mut impl FnMut(u64, Option<u64>)) -> Result<(), Stop> {
        // Without a tag only the digest can tell whether the rest belongs to what we have.
        if self.part.len() > 0 && self.tag.is_none() && !self.verifiable {
            self.restart().await.map_err(Stop::Final)?;
        }
        let response = self.send().await?;
        if self.judge(&response).await? {
            return Ok(());
        }
        self.receive(response, progress).await
    }

    async fn send(&mut self) -> Result<Response, Stop> {
        loop {
            let mut request = self.client.get(&self.url).header(ACCEPT_ENCODING, "identity");
            if let Some(value) = self.schemes.first() {
                request = request.header(AUTHORIZATION, value.clone());
            }
            if self.part.len() > 0 {
                request = request.header(RANGE, format!("bytes={}-", self.part.len()));
                match &self.tag {
                    Some(tag) => request = request.header(IF_RANGE, tag.as_str()),
                    None => self.doubtful = true,
                }
            }
            let response = timeout(self.silence, request.send())
                .await
                .map_err(|_| Stop::Broken("the provider does not answer".to_owned()))?
                .map_err(|error| Stop::Broken(chain(&error)))?;
            let refused = matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            if !(refused && self.schemes.len() > 1) {
                // The form that got this far is the right one.
                self.schemes.truncate(1);
                return Ok(response);
            }
            self.schemes.remove(0);
        }
    }

    /// Looks at the head of an answer. `true` when nothing is missing any more.
    async fn judge(&mut self, response: &Response) -> Result<bool, Stop> {
        let headers = response.headers();
        let range = text(headers, CONTENT_RANGE);
        let tag = text(headers, ETAG).filter(|tag| !tag.starts_with("W/"));
        match response.status() {
            StatusCode::OK => {
                self.restart().await.map_err(Stop::Final)?;
                self.total = text(headers, CONTENT_LENGTH).and_then(|length| length.parse().ok());
            }
            StatusCode::PARTIAL_CONTENT => {
                let Some((first, _, total)) = range.as_deref().and_then(content_range) else {
                    return Err(self.astray("a part came without its place").await);
                };
                if first != self.part.len() || (self.tag.is_some() && tag.is_some() && self.tag != tag) {
                    return Err(self.astray("another part came than the one asked for").await);
                }
                self.total = total;
            }
            StatusCode::RANGE_NOT_SATISFIABLE if self.part.len() > 0 => {
                let total = range.and_then(|range| range.trim().strip_prefix("bytes */")?.parse().ok());
                if total == Some(self.part.len()) {
                    return Ok(true);
                }
                return Err(self.astray("the provider has fewer bytes than were received").await);
            }
            _ => return Ok(false),
        }
        self.tag = tag;
        self.digest = text(headers, HeaderName::from_static("repr-digest")).as_deref().and_then(stated);
        Ok(false)
    }

    /// Begins again, because what came does not fit.
    async fn astray(&mut self, reason: &str) -> Stop {
        match self.restart().await {
            Ok(()) => Stop::Broken(reason.to_owned()),
            Err(error) => Stop::Final(error),
        }
    }

    async fn receive(
        &mut self,
        mut response: Response,
        progress: &mut impl FnMut(u64, Option<u64>),
    ) -> Result<(), Stop> {
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        progress(self.part.len(), self.total);
        loop {
            let chunk = timeout(self.silence, response.chunk())
                .await
                .map_err(|_| Stop::Broken("the provider fell silent".to_owned()))?
                .map_err(|error| Stop::Broken(chain(&error)))?;
            let Some(chunk) = chunk else { break };
            self.part.append(&chunk).await.map_err(|error| Stop::Final(self.fault(error)))?;
            progress(self.part.len(), self.total);
        }
        match self.total {
            Some(total) if total != self.part.len() => {
                Err(Stop::Broken(format!("{total} bytes were announced")))
            }
            _ => Ok(()),
        }
    }

    /// Forgets what was received.
    pub(super) async fn restart(&mut self) -> Result<(), DownloadError> {
        let received = self.part.len();
        self.part.restart().await.map_err(|error| file_error(&self.path, received, error))?;
        (self.tag, self.doubtful) = (None, false);
        Ok(())
    }

    fn fault(&self, error: io::Error) -> DownloadError {
        file_error(&self.path, self.part.len(), error)
    }
}

/// An answer other than content.
async fn refusal(response: Response) -> Stop {
    let status = response.status();
    let retry = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    let body = timeout(Duration::from_secs(5), response.json::<serde_json::Value>()).await;
    let reason = match body {
        Ok(Ok(body)) => body.get("reason").and_then(|reason| reason.as_str()).map(str::to_owned),
        _ => None,
    };
    let reason = reason.or_else(|| status.canonical_reason().map(str::to_owned)).unwrap_or_default();
    if retry {
        Stop::Broken(format!("status {}: {reason}", status.as_u16()))
    } else {
        Stop::Final(DownloadError::Refused { status: status.as_u16(), reason })
    }
}

/// The SHA-256 in a `Repr-Digest` header.
fn stated(header: &str) -> Option<String> {
    let digest = header.split(',').find_map(|item| item.trim().strip_prefix("sha-256=:"))?;
    let bytes = STANDARD.decode(digest.strip_suffix(':')?).ok()?;
    (bytes.len() == 32).then(|| hex(&bytes))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// An error with its causes: the first alone says only that sending failed.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
