//! The body of one answer: a source that can be taken away at any time.

use super::SourceError;
use super::lock;
use super::permit::Lane;
use super::socket::Socket;
use super::source::ByteStream;
use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::task::AtomicWaker;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// Figures that all streams add to.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) bytes: AtomicU64,
    pub(super) open: AtomicU64,
    pub(super) cut: AtomicU64,
}

/// A stream as revocation sees it.
pub(super) struct Running {
    source: Mutex<Option<ByteStream>>,
    waker: AtomicWaker,
    ended: AtomicBool,
    socket: Option<Arc<Socket>>,
    counters: Arc<Counters>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Running {
    pub(super) fn new(
        source: ByteStream,
        socket: Option<Arc<Socket>>,
        counters: &Arc<Counters>,
    ) -> Arc<Self> {
        counters.open.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self {
            source: Mutex::new(Some(source)),
            waker: AtomicWaker::new(),
            ended: AtomicBool::new(false),
            socket,
            counters: Arc::clone(counters),
        })
    }

    /// Takes the source away and drops the connection. `false` when the stream had ended.
    pub(super) fn cut(&self) -> bool {
        if !self.end() {
            return false;
        }
        self.counters.cut.fetch_add(1, Ordering::Relaxed);
        drop(lock(&self.source).take());
        if let Some(socket) = &self.socket {
            socket.abort();
        }
        self.waker.wake();
        true
    }

    /// Marks the end; `true` for the first caller.
    fn end(&self) -> bool {
        let first = !self.ended.swap(true, Ordering::AcqRel);
        if first {
            self.counters.open.fetch_sub(1, Ordering::Relaxed);
        }
        first
    }
}

/// What actix polls.
pub(super) struct Body {
    running: Arc<Running>,
    lane: Arc<Lane>,
    length: Option<u64>,
    sent: u64,
}

impl Body {
    /// The body of a stream that entered its lane.
    pub(super) fn new(running: Arc<Running>, lane: Arc<Lane>, length: Option<u64>) -> Self {
        Self { running, lane, length, sent: 0 }
    }

    fn settle(&mut self, item: Option<Result<Bytes, SourceError>>) -> Option<Result<Bytes, SourceError>> {
        let expected = self.length;
        let changed = |found| expected.map(|expected| SourceError::Changed { expected, found });
        let result = match item {
            Some(Ok(bytes)) => {
                self.sent = self.sent.saturating_add(bytes.len() as u64);
                if self.length.is_none_or(|length| self.sent <= length) {
                    self.running.counters.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    return Some(Ok(bytes));
                }
                changed(self.sent)
            }
            Some(Err(error)) => Some(error),
            None if self.length.is_none_or(|length| self.sent == length) => None,
            None => changed(self.sent),
        };
        self.running.end();
        if let Some(error) = &result {
            tracing::warn!(%error, "a payload stream broke");
        }
        result.map(Err)
    }
}

impl MessageBody for Body {
    type Error = SourceError;

    fn size(&self) -> BodySize {
        self.length.map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, SourceError>>> {
        // Registered before the look, so that a cut between both is not missed.
        self.running.waker.register(context.waker());
        let polled = match lock(&self.running.source).as_mut() {
            Some(source) => source.poll_next_unpin(context),
            None => return Poll::Ready(Some(Err(SourceError::Revoked))),
        };
        match polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(item) => Poll::Ready(self.settle(item)),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.lane.leave(&self.running);
        self.running.end();
        // The lane may hold it a moment longer; files and connections should not wait for that.
        drop(lock(&self.running.source).take());
    }
}

/// The body of an answer to HEAD: a length and nothing behind it.
pub(super) struct HeadOnly(pub(super) Option<u64>);

impl MessageBody for HeadOnly {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0.map_or(BodySize::None, BodySize::Sized)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
