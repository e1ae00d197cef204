//! The file that a download grows in, with the digest of what it holds.

use super::hex;
use sha2::{Digest, Sha256};
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufWriter};

/// Bytes collected before a write.
const BUFFER: usize = 256 * 1024;

/// `OUT` with one more extension.
pub(super) fn beside(out: &Path, extension: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(extension);
    PathBuf::from(name)
}

/// A file being received.
pub(super) struct Part {
    file: BufWriter<File>,
    hasher: Sha256,
    len: u64,
}

impl Part {
    /// Opens the file; with `keep`, what it holds already is counted and hashed.
    pub(super) async fn open(path: &Path, keep: bool) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(!keep);
        let mut file = options.open(path).await?;
        let (mut hasher, mut len) = (Sha256::new(), 0_u64);
        if keep {
            let mut buffer = vec![0; BUFFER];
            loop {
                let count = file.read(&mut buffer).await?;
                let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else { break };
                hasher.update(chunk);
                len = len.saturating_add(chunk.len() as u64);
            }
        }
        Ok(Self { file: BufWriter::with_capacity(BUFFER, file), hasher, len })
    }

    /// Bytes so far.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Adds bytes.
    pub(super) async fn append(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.file.write_all(chunk).await?;
        self.hasher.update(chunk);
        self.len = self.len.saturating_add(chunk.len() as u64);
        Ok(())
    }

    /// Begins again with nothing.
    pub(super) async fn restart(&mut self) -> io::Result<()> {
        if self.len > 0 {
            self.file.seek(SeekFrom::Start(0)).await?;
            self.file.get_mut().set_len(0).await?;
            self.hasher = Sha256::new();
            self.len = 0;
        }
        Ok(())
    }

    /// Hands what was collected to the operating system.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.file.flush().await
    }

    /// Makes the content durable.
    pub(super) async fn sync(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.get_ref().sync_all().await
    }

    /// SHA-256 of the content so far.
    pub(super) fn sha256(&self) -> String {
        hex(&self.hasher.clone().finalize())
    }
}
