//! Delivery of messages to peers: at once, in order for each process, in parallel across processes, retried
//! with back-off, and given up only at the deadline.

mod settle;

use crate::engine::Engine;
use crate::port::{Change, Outgoing, PeerError, Reply, Write};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

/// First wait after a failure.
const FIRST_WAIT_MS: i64 = 100;
/// Longest wait between attempts.
const LONGEST_WAIT_MS: i64 = 60_000;
/// A peer that does not know a path may just be starting; it may say so this often in a row.
const NOT_FOUND_ATTEMPTS: u32 = 6;
/// A refused token may be a clock or a restart of the peer; it may be refused this often in a row.
const UNAUTHORISED_ATTEMPTS: u32 = 8;
/// After so many failures, and again after as many more, the states of both sides are compared.
const STUCK_EVERY: u32 = 4;
/// Deliveries at the same time.
const IN_FLIGHT: usize = 256;

/// Hands messages from commits to the worker.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    sender: mpsc::UnboundedSender<Outgoing>,
    receiver: Mutex<Option<mpsc::UnboundedReceiver<Outgoing>>>,
}

impl Default for Dispatcher {
    fn default() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }
}

impl Dispatcher {
    /// The message is stored; deliver it.
    pub(crate) fn submit(&self, message: Outgoing) {
        if self.sender.send(message).is_err() {
            tracing::debug!("the outbox worker has stopped; the message stays stored");
        }
    }

    fn take(&self) -> Option<mpsc::UnboundedReceiver<Outgoing>> {
        match self.receiver.lock() {
            Ok(mut guard) => guard.take(),
            Err(poisoned) => poisoned.into_inner().take(),
        }
    }
}

/// Works until `stop`. Messages of one process wait for each other; others do not.
pub(crate) async fn run(engine: Arc<Engine>, mut stop: tokio::sync::watch::Receiver<bool>) {
    let Some(mut incoming) = engine.dispatcher.take() else { return };
    let (done, mut finished) = mpsc::unbounded_channel::<String>();
    let permits = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut waiting: HashMap<String, VecDeque<Outgoing>> = HashMap::new();
    loop {
        tokio::select! {
            Some(message) = incoming.recv() => {
                let process = message.process.clone();
                match waiting.get_mut(&process) {
                    Some(queue) => queue.push_back(message),
                    None => {
                        waiting.insert(process, VecDeque::new());
                        spawn(&engine, &permits, &done, &stop, message);
                    }
                }
            }
            Some(process) = finished.recv() => {
                match waiting.get_mut(&process).and_then(VecDeque::pop_front) {
                    Some(next) => spawn(&engine, &permits, &done, &stop, next),
                    None => drop(waiting.remove(&process)),
                }
            }
            _ = stop.changed() => return,
        }
    }
}

fn spawn(
    engine: &Arc<Engine>,
    permits: &Arc<Semaphore>,
    done: &mpsc::UnboundedSender<String>,
    stop: &tokio::sync::watch::Receiver<bool>,
    message: Outgoing,
) {
    let (engine, permits, done, mut stop) =
        (Arc::clone(engine), Arc::clone(permits), done.clone(), stop.clone());
    tokio::spawn(async move {
        let process = message.process.clone();
        tokio::select! {
            () = deliver(&engine, &permits, message) => {}
            _ = stop.changed() => return,
        }
        // The worker has stopped when nobody listens.
        drop(done.send(process));
    });
}

/// What to do after an attempt.
enum Next {
    Acknowledged(Option<serde_json::Value>),
    Retry(String),
    Fatal(String),
}

/// `refusals` counts the answers 401 and 404 that came without a break, this one included.
fn judge(refusals: u32, outcome: Result<Reply, PeerError>) -> Next {
    match outcome {
        Ok(Reply { status: 200..=299, body, .. }) => Next::Acknowledged(body),
        Ok(Reply { status, body, .. }) => {
            let text = format!("answered {status}{}", crate::discover::reasons(body.as_ref()));
            let retry = match status {
                // Busy, or holding its own lock: EDC answers 409 for that.
                409 | 425 | 429 | 500..=599 => true,
                404 => refusals < NOT_FOUND_ATTEMPTS,
                401 => refusals < UNAUTHORISED_ATTEMPTS,
                _ => false,
            };
            if retry { Next::Retry(text) } else { Next::Fatal(text) }
        }
        Err(PeerError::Forbidden(url, reason)) => Next::Fatal(format!("{url} is refused: {reason}")),
        Err(error) => Next::Retry(error.to_string()),
    }
}

fn wait_after(attempts: u32) -> i64 {
    FIRST_WAIT_MS.saturating_mul(1_i64 << attempts.min(12)).min(LONGEST_WAIT_MS)
}

async fn deliver(engine: &Arc<Engine>, permits: &Semaphore, mut message: Outgoing) {
    let mut refusals = 0;
    loop {
        let wait = message.due.minus(engine.now());
        if wait > 0 {
            tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(0))).await;
        }
        let Ok(permit) = permits.acquire().await else { return };
        let outcome = engine
            .ports
            .peers
            .post(&message.peer, &message.url, &message.body, message.traceparent.as_deref())
            .await;
        drop(permit);
        message.attempts += 1;
        let refused = matches!(&outcome, Ok(Reply { status: 401 | 404, .. }));
        refusals = if refused { refusals + 1 } else { 0 };
        let due = engine.now().plus_millis(wait_after(message.attempts - 1));
        let last = due > message.deadline;
        match judge(refusals, outcome) {
            Next::Acknowledged(body) => return settle::acknowledged(engine, &message, body).await,
            Next::Fatal(reason) => {
                if settle::refused(engine, &message, &reason, last).await {
                    return;
                }
                message.due = due;
            }
            Next::Retry(reason) if last => {
                let reason = format!("not delivered before the deadline: {reason}");
                settle::refused(engine, &message, &reason, true).await;
                return;
            }
            Next::Retry(reason) => {
                let often = message.attempts.is_multiple_of(STUCK_EVERY);
                if often && settle::stuck(engine, &message, &reason).await {
                    return;
                }
                tracing::warn!(peer = %message.peer, url = %message.url, attempt = message.attempts, %reason, "delivery failed, will retry");
                message.due = due;
                let postpone = Write::Postpone {
                    id: message.id.clone(),
                    attempts: message.attempts,
                    due,
                    error: reason,
                };
                if let Err(error) = engine.commit(Change::new().and(postpone)).await {
                    tracing::warn!(%error, "the attempt is not recorded");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(attempts: u32, status: u16) -> Next {
        judge(attempts, Ok(Reply { status, body: Some(json!({"reason": ["because"]})), next: None }))
    }

    #[test]
    fn busy_peers_are_retried_and_refusals_are_final() {
        for code in [409, 425, 429, 500, 502, 503] {
            assert!(matches!(status(1, code), Next::Retry(_)), "{code}");
        }
        assert!(matches!(status(1, 404), Next::Retry(_)));
        assert!(matches!(status(NOT_FOUND_ATTEMPTS, 404), Next::Fatal(_)));
        assert!(matches!(status(1, 400), Next::Fatal(reason) if reason == "answered 400: because"));
        assert!(matches!(
            judge(1, Ok(Reply { status: 201, body: None, next: None })),
            Next::Acknowledged(None)
        ));
        let gone = PeerError::Unreachable("x".to_owned(), "refused".to_owned());
        assert!(matches!(judge(99, Err(gone)), Next::Retry(_)));
    }

    #[test]
    fn waits_double_up_to_a_minute() {
        assert_eq!([wait_after(0), wait_after(1), wait_after(20)], [100, 200, 60_000]);
    }
}
