//! The consumer's side: receives one asset into a file.

use super::fetch::Job;
use super::part::{Part, beside};
use super::{hex, unhex};
use protocol::message::DataAddress;
use reqwest::Client;
use reqwest::header::HeaderValue;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Why a download failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The data address cannot be used.
    #[error("the data address cannot be used: {0}")]
    Address(String),
    /// The provider said no; trying again would not help.
    #[error("the provider refused with status {status}: {reason}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The provider's words.
        reason: String,
    },
    /// The connection broke too often.
    #[error("the download broke off after {received} bytes and {attempts} attempts in a row: {reason}")]
    Interrupted {
        /// Attempts without progress.
        attempts: u32,
        /// Bytes in the partial file.
        received: u64,
        /// What went wrong last.
        reason: String,
    },
    /// The bytes are not the ones promised.
    #[error("the content is not what was promised: SHA-256 {expected} expected, {found} received; the bytes are kept in {}", kept.display())]
    Digest {
        /// The digest promised.
        expected: String,
        /// The digest of what came.
        found: String,
        /// Where the rejected bytes are.
        kept: PathBuf,
    },
    /// No space left.
    #[error("the disk is full: {} could not take more than {received} bytes", path.display())]
    DiskFull {
        /// The partial file.
        path: PathBuf,
        /// Bytes received so far.
        received: u64,
    },
    /// The file could not be written.
    #[error("{} cannot be written: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

/// How long to go on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Attempts in a row that bring nothing new.
    pub(super) attempts: u32,
    /// Wait after the first of them; doubles each time.
    pub(super) pause: Duration,
    /// Longest silence of the provider.
    pub(super) silence: Duration,
}

const USUAL: Patience =
    Patience { attempts: 6, pause: Duration::from_millis(200), silence: Duration::from_secs(60) };

/// Receives an asset into `out`, by way of `OUT.part`. Broken connections are resumed, and so is the partial
/// file of an earlier call when `expected_sha256` is known. `progress` hears of bytes received and the total.
///
/// # Errors
/// When the provider refuses, the connection breaks too often, the digest differs, or the file cannot be written.
pub async fn download(
    client: &Client,
    address: &DataAddress,
    out: &Path,
    expected_sha256: Option<&str>,
    progress: impl FnMut(u64, Option<u64>),
) -> Result<Downloaded, DownloadError> {
    download_with(client, address, out, expected_sha256, progress, USUAL).await
}

pub(super) async fn download_with(
    client: &Client,
    address: &DataAddress,
    out: &Path,
    expected_sha256: Option<&str>,
    mut progress: impl FnMut(u64, Option<u64>),
    patience: Patience,
) -> Result<Downloaded, DownloadError> {
    let fault = |reason: &str| DownloadError::Address(reason.to_owned());
    let url = address.url().ok_or_else(|| fault("it has no endpoint"))?.to_owned();
    let expected = match expected_sha256 {
        Some(text) => Some(hex(&unhex(text).ok_or_else(|| fault("the expected digest is no SHA-256"))?)),
        None => None,
    };
    let path = beside(out, ".part");
    let part = Part::open(&path, expected.is_some());
    let part = part.await.map_err(|error| file_error(&path, 0, error))?;
    let continued = part.len() > 0;
    let mut job = Job {
        client,
        url,
        schemes: schemes(address)?,
        tag: expected.as_ref().map(|digest| format!("\"{digest}\"")).filter(|_| continued),
        total: None,
        digest: None,
        verifiable: expected.is_some(),
        doubtful: continued,
        silence: patience.silence,
        path,
        part,
    };
    loop {
        job.run(&mut progress, patience).await?;
        job.part.sync().await.map_err(|error| file_error(&job.path, job.part.len(), error))?;
        let found = job.part.sha256();
        let Some(wanted) = expected.clone().or_else(|| job.digest.clone()).filter(|wanted| *wanted != found)
        else {
            break;
        };
        if !job.doubtful {
            let kept = beside(out, ".rejected");
            move_to(&job.path, &kept).await?;
            return Err(DownloadError::Digest { expected: wanted, found, kept });
        }
        // What was there before may be at fault: once more from the start.
        job.restart().await?;
    }
    move_to(&job.path, out).await?;
    Ok(Downloaded { bytes: job.part.len(), sha256: job.part.sha256() })
}

async fn move_to(from: &Path, to: &Path) -> Result<(), DownloadError> {
    tokio::fs::rename(from, to).await.map_err(|error| file_error(to, 0, error))
}

pub(super) fn file_error(path: &Path, received: u64, source: io::Error) -> DownloadError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            DownloadError::DiskFull { path, received }
        }
        _ => DownloadError::File { path, source },
    }
}

/// The forms in which the token is offered, best first. EDC wants it bare, others as a bearer token.
fn schemes(address: &DataAddress) -> Result<Vec<HeaderValue>, DownloadError> {
    let Some(token) = address.property("authorization") else { return Ok(Vec::new()) };
    let mut forms = vec![token.to_owned()];
    if !token.contains(' ') {
        // Only EDC puts the endpoint among the properties and nowhere else.
        let first = usize::from(address.endpoint.is_none());
        forms.insert(first, format!("Bearer {token}"));
    }
    forms
        .iter()
        .map(|form| {
            let mut value = HeaderValue::from_str(form)
                .map_err(|_| DownloadError::Address("its token is no header value".to_owned()))?;
            value.set_sensitive(true);
            Ok(value)
        })
        .collect()
}
