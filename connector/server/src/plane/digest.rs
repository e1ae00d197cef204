//! Digest and size of a source, measured once at publication.

use super::range::Ask;
use super::source::{self, Answer, Sources};
use super::{SourceError, hex};
use futures_util::TryStreamExt;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What a source consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub byte_size: u64,
}

pub(super) async fn measure(
    sources: &Sources,
    data_address: &Map<String, Value>,
) -> Result<Measured, SourceError> {
    let answer = source::open(sources, data_address, &source::Known::default(), &Ask::default()).await?;
    let Answer::Content(content) = answer else {
        return Err(SourceError::Answer("no content".to_owned()));
    };
    let Some(mut stream) = content.stream else {
        return Err(SourceError::Answer("no content".to_owned()));
    };
    let (mut hasher, mut byte_size) = (Sha256::new(), 0_u64);
    while let Some(chunk) = stream.try_next().await? {
        hasher.update(&chunk);
        byte_size = byte_size.saturating_add(chunk.len() as u64);
    }
    if let Some(expected) = content.length.filter(|length| *length != byte_size) {
        return Err(SourceError::Changed { expected, found: byte_size });
    }
    Ok(Measured { sha256: hex(&hasher.finalize()), byte_size })
}
