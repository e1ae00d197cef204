//! The provider's HTTP pull data plane, and the consumer's download.
//!
//! One request is decided from memory: a permit says which asset a token opens. The payload then flows from
//! the source to the client in `Bytes` that nobody here looks into. Revocation takes the source away from the
//! running stream and drops the connection, so it needs neither the client nor the source to move.

mod body;
mod digest;
mod download;
mod error;
mod fetch;
mod handler;
mod part;
mod permit;
mod range;
mod respond;
mod socket;
mod source;

#[cfg(test)]
mod tests;

pub use digest::Measured;
pub use download::{DownloadError, Downloaded, download};
pub use error::SourceError;
pub use handler::configure;
pub use socket::track_connection;

use body::Counters;
use engine::port::{Clock, Grant, Planes};
use futures_util::future::BoxFuture;
use ontology::edc;
use permit::Permits;
use protocol::message::DataAddress;
use serde_json::{Map, Value};
use source::Sources;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Endpoint type of a plain HTTP pull.
pub const ENDPOINT_TYPE: &str = "https://w3id.org/idsa/v4.1/HTTP";
/// The transfer format that this plane serves.
pub const HTTP_PULL: &str = "HttpData-PULL";

/// Looks up a secret by its alias.
pub type Secrets = Arc<dyn Fn(&str) -> BoxFuture<'static, Option<String>> + Send + Sync>;
/// Says whether an upstream URL may be asked, and why not.
pub type AllowUrl = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// What the plane needs from outside.
#[derive(Clone)]
pub struct HttpPlaneOptions {
    /// The URL under which `/data` is reached, e.g. `https://host/data`. The transfer id is added to it.
    pub public_url: String,
    /// Client for upstream sources; see [`client_builder`]. It must not follow redirects.
    pub client: reqwest::Client,
    /// Secrets that data addresses name.
    pub secrets: Secrets,
    /// Decides when tokens expire.
    pub clock: Arc<dyn Clock>,
    /// Folder below which file sources must lie, if any.
    pub files_root: Option<PathBuf>,
    /// Guard of upstream URLs.
    pub allow_url: AllowUrl,
}

impl std::fmt::Debug for HttpPlaneOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpPlaneOptions")
            .field("public_url", &self.public_url)
            .field("files_root", &self.files_root)
            .finish_non_exhaustive()
    }
}

/// A client for bulk transfers: no redirects, one connection for each stream, an end to silence.
pub fn client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // Streams that share one HTTP/2 connection also share its window.
        .http1_only()
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(60))
}

/// Figures of the plane since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Payload bytes handed to clients' connections.
    pub bytes_served: u64,
    /// Streams running now.
    pub streams_open: u64,
    /// Streams ended by revocation.
    pub streams_cut: u64,
}

/// Serves assets over HTTP to holders of a transfer's token.
pub struct HttpPlane {
    public_url: String,
    clock: Arc<dyn Clock>,
    permits: Permits,
    sources: Sources,
    counters: Arc<Counters>,
}

impl std::fmt::Debug for HttpPlane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpPlane").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

impl HttpPlane {
    /// A plane without permits.
    #[must_use]
    pub fn new(options: HttpPlaneOptions) -> Self {
        Self {
            public_url: options.public_url.trim_end_matches('/').to_owned(),
            clock: options.clock,
            permits: Permits::default(),
            sources: Sources {
                client: options.client,
                secrets: options.secrets,
                files_root: options.files_root,
                allow_url: options.allow_url,
            },
            counters: Arc::default(),
        }
    }

    /// Figures for monitoring.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            bytes_served: self.counters.bytes.load(Ordering::Relaxed),
            streams_open: self.counters.open.load(Ordering::Relaxed),
            streams_cut: self.counters.cut.load(Ordering::Relaxed),
        }
    }

    /// May an upstream URL be asked?
    ///
    /// # Errors
    /// Why not.
    pub fn check_url(&self, url: &str) -> Result<(), String> {
        (self.sources.allow_url)(url)
    }

    /// Reads a source once, for its digest and size.
    ///
    /// # Errors
    /// When the address cannot be used or the source cannot be read to its end.
    pub async fn measure(&self, data_address: &Map<String, Value>) -> Result<Measured, SourceError> {
        digest::measure(&self.sources, data_address).await
    }
}

impl Planes for HttpPlane {
    fn grant(&self, grant: Grant) {
        self.permits.grant(grant, self.clock.now());
    }

    fn revoke(&self, transfer: &str, reason: &str) {
        self.permits.revoke(transfer, reason);
    }

    fn address(&self, transfer: &str, token: &str) -> DataAddress {
        let endpoint = format!("{}/{}", self.public_url, segment(transfer));
        DataAddress::new(ENDPOINT_TYPE)
            .with_endpoint(endpoint.clone())
            .with_property("authorization", token)
            .with_property("authType", "bearer")
            // EDC looks for the URL among the properties only.
            .with_property(edc::ENDPOINT, endpoint)
    }

    fn formats(&self, data_address: &Map<String, Value>) -> Vec<String> {
        if source::is_known(data_address) { vec![HTTP_PULL.to_owned()] } else { Vec::new() }
    }
}

/// `text` as one path segment of a URL.
fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The bytes of a SHA-256 written in hexadecimal.
fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut out = [0_u8; 32];
    for (index, slot) in out.iter_mut().enumerate() {
        *slot = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(out)
}

/// Bytes in lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

/// What a lock protects stays usable after a panic elsewhere: every update here is one step.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
