//! Local files: large reads, one chunk ahead, two buffers in turn.

use super::{Answer, Content, Known, decided};
use crate::plane::SourceError;
use crate::plane::range::Ask;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinHandle, spawn_blocking};

/// Bytes of one read.
const CHUNK: u64 = 256 * 1024;

pub(super) async fn open(
    root: Option<PathBuf>,
    path: PathBuf,
    known: &Known,
    ask: &Ask,
) -> Result<Answer, SourceError> {
    let (file, size) = spawn_blocking(move || find(root.as_deref(), &path))
        .await
        .map_err(|_| SourceError::Read("the reader stopped".to_owned()))??;
    known.same_size(size)?;
    if let Some(answer) = decided(known, ask) {
        return Ok(answer);
    }
    let part = match ask.effective_range(known.tag.as_deref()) {
        Some(spec) => match spec.resolve(size) {
            Some(span) => Some(span),
            None => return Ok(Answer::Unsatisfiable(Some(size))),
        },
        None => None,
    };
    let (start, end) = part.map_or((0, size), |(first, last)| (first, last.saturating_add(1)));
    let stream: Option<super::ByteStream> =
        if ask.head { None } else { Some(Box::pin(Chunks::new(file, start, end))) };
    let length = Some(end.saturating_sub(start));
    Ok(Answer::Content(Content { part, total: Some(size), length, stream, ..Content::default() }))
}

/// Opens the file if it may be served.
fn find(root: Option<&Path>, path: &Path) -> Result<(File, u64), SourceError> {
    let fault = |error: io::Error| SourceError::from_file(&error);
    let path = match root {
        Some(root) => {
            let root = root.canonicalize().map_err(fault)?;
            let path = root.join(path).canonicalize().map_err(fault)?;
            if !path.starts_with(&root) {
                return Err(SourceError::Forbidden("it is outside of the folder for sources".to_owned()));
            }
            path
        }
        None => path.to_owned(),
    };
    // Looked at before opening, because opening a pipe waits for its other end.
    if !path.metadata().map_err(fault)?.is_file() {
        return Err(SourceError::Forbidden("it is no regular file".to_owned()));
    }
    let file = File::open(&path).map_err(fault)?;
    let size = file.metadata().map_err(fault)?.len();
    Ok((file, size))
}

/// A span of a file, chunk by chunk.
struct Chunks {
    file: Arc<File>,
    /// Where the next read begins.
    next: u64,
    end: u64,
    pending: Option<JoinHandle<io::Result<Bytes>>>,
    /// The chunk handed out last; once its reader let go, its memory is used again.
    spare: Option<Bytes>,
}

impl Chunks {
    fn new(file: File, start: u64, end: u64) -> Self {
        let mut chunks = Self { file: Arc::new(file), next: start, end, pending: None, spare: None };
        chunks.read_ahead();
        chunks
    }

    fn read_ahead(&mut self) {
        let wanted = self.end.saturating_sub(self.next).min(CHUNK);
        let Some(size) = usize::try_from(wanted).ok().filter(|size| *size > 0) else { return };
        let mut buffer = match self.spare.take().map(Bytes::try_into_mut) {
            Some(Ok(buffer)) => buffer,
            Some(Err(_)) | None => BytesMut::new(),
        };
        let (file, offset) = (Arc::clone(&self.file), self.next);
        self.next = offset.saturating_add(wanted);
        self.pending = Some(spawn_blocking(move || {
            buffer.resize(size, 0);
            file.read_exact_at(&mut buffer, offset)?;
            Ok(buffer.freeze())
        }));
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(pending) = self.pending.as_mut() else { return Poll::Ready(None) };
        let read = ready!(Pin::new(pending).poll(context));
        self.pending = None;
        match read {
            Ok(Ok(chunk)) => {
                self.read_ahead();
                self.spare = Some(chunk.clone());
                Poll::Ready(Some(Ok(chunk)))
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let found = self.file.metadata().map_or(0, |data| data.len());
                Poll::Ready(Some(Err(SourceError::Changed { expected: self.end, found })))
            }
            Ok(Err(error)) => Poll::Ready(Some(Err(SourceError::from_file(&error)))),
            Err(_) => Poll::Ready(Some(Err(SourceError::Read("the reader stopped".to_owned())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt;

    #[tokio::test]
    async fn spans_are_read_exactly() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        let content: Vec<u8> = (0..700_001_u32).map(|n| (n % 251) as u8).collect();
        std::fs::write(&path, &content).expect("written");
        for (start, end) in [(0, content.len()), (1, 262_145), (262_143, 700_001), (5, 5), (700_000, 700_001)]
        {
            let file = File::open(&path).expect("opened");
            let chunks: Vec<Bytes> =
                Chunks::new(file, start as u64, end as u64).try_collect().await.expect("read");
            assert!(chunks.concat() == content[start..end], "{start}..{end}");
            assert!(chunks.iter().all(|chunk| chunk.len() as u64 <= CHUNK));
        }
    }

    #[tokio::test]
    async fn a_file_that_shrinks_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        std::fs::write(&path, vec![1; 1_000]).expect("written");
        let file = File::open(&path).expect("opened");
        let found: Result<Vec<Bytes>, _> = Chunks::new(file, 0, 2_000).try_collect().await;
        assert_eq!(found, Err(SourceError::Changed { expected: 2_000, found: 1_000 }));
    }

    #[test]
    fn only_regular_files_below_the_root() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("root");
        std::fs::create_dir_all(root.join("sub")).expect("made");
        std::fs::write(root.join("sub/in"), "in").expect("written");
        std::fs::write(folder.path().join("out"), "out").expect("written");
        std::os::unix::fs::symlink(folder.path().join("out"), root.join("link")).expect("linked");
        let find = |path: &str| find(Some(&root), Path::new(path)).map(|(_, size)| size);
        assert_eq!(find("sub/in"), Ok(2));
        assert_eq!(find("sub/../sub/in"), Ok(2));
        assert_eq!(find(&root.join("sub/in").to_string_lossy()), Ok(2));
        assert!(matches!(find("../out"), Err(SourceError::Forbidden(_))));
        assert!(matches!(find("link"), Err(SourceError::Forbidden(_))));
        assert!(matches!(find(&folder.path().join("out").to_string_lossy()), Err(SourceError::Forbidden(_))));
        assert!(matches!(find("sub"), Err(SourceError::Forbidden(_))));
        assert_eq!(find("gone"), Err(SourceError::Missing));
    }
}
