//! Where bytes come from.

mod address;
mod file;
mod http;

pub(super) use address::is_known;

use super::range::{Ask, Condition};
use super::{AllowUrl, Secrets, SourceError, unhex};
use address::Kind;
use bytes::Bytes;
use engine::record::Asset;
use futures_util::Stream;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::pin::Pin;

/// Payload, chunk by chunk.
pub(super) type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, SourceError>> + Send>>;

/// What all sources share.
pub(super) struct Sources {
    pub(super) client: reqwest::Client,
    pub(super) secrets: Secrets,
    pub(super) files_root: Option<PathBuf>,
    pub(super) allow_url: AllowUrl,
}

/// What was published about the content.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) byte_size: Option<u64>,
    /// Strong entity tag, when the digest is known.
    pub(super) tag: Option<String>,
}

impl Known {
    pub(super) fn of(asset: &Asset) -> Self {
        let sha256 = asset.sha256.as_deref().and_then(unhex);
        let tag = sha256.map(|digest| format!("\"{}\"", super::hex(&digest)));
        Self { sha256, byte_size: asset.byte_size, tag }
    }

    /// Compares the size found with the one published.
    fn same_size(&self, found: u64) -> Result<(), SourceError> {
        match self.byte_size {
            Some(expected) if expected != found => Err(SourceError::Changed { expected, found }),
            _ => Ok(()),
        }
    }
}

/// How a source answers.
pub(super) enum Answer {
    /// With bytes, or with what a GET would bring.
    Content(Content),
    /// The client has it already; with the source's entity tag.
    NotModified(Option<String>),
    /// The client's condition does not hold.
    PreconditionFailed,
    /// Nothing of the range exists.
    Unsatisfiable(Option<u64>),
}

/// Bytes and what is known about them.
#[derive(Default)]
pub(super) struct Content {
    /// First and last offset, for a part.
    pub(super) part: Option<(u64, u64)>,
    /// Size of the whole.
    pub(super) total: Option<u64>,
    /// Bytes that follow.
    pub(super) length: Option<u64>,
    /// Absent for HEAD.
    pub(super) stream: Option<ByteStream>,
    /// As the source names it.
    pub(super) media_type: Option<String>,
    /// `Content-Encoding` of the source.
    pub(super) encoding: Option<String>,
    /// Entity tag of the source.
    pub(super) tag: Option<String>,
}

/// Opens a source for one request.
pub(super) async fn open(
    sources: &Sources,
    data_address: &Map<String, Value>,
    known: &Known,
    ask: &Ask,
) -> Result<Answer, SourceError> {
    match address::read(data_address)? {
        Kind::File(path) => file::open(sources.files_root.clone(), path, known, ask).await,
        Kind::Http(target) => http::open(sources, *target, known, ask).await,
    }
}

/// The preconditions against our own entity tag, as an answer if they end the matter.
fn decided(known: &Known, ask: &Ask) -> Option<Answer> {
    match ask.condition(known.tag.as_deref()) {
        Condition::Proceed => None,
        Condition::NotModified => Some(Answer::NotModified(known.tag.clone())),
        Condition::Failed => Some(Answer::PreconditionFailed),
    }
}
