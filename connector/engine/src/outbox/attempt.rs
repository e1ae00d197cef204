//! The attempts to deliver one message: what an answer means, and when the next attempt is.

use super::lane::Lane;
use super::line::Ending;
use super::settle::{self, Settled};
use crate::engine::Engine;
use crate::port::{Change, Outgoing, PeerError, Reply, StoreError, Write};
use std::sync::Arc;
use std::time::Duration;

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
/// A message whose next attempt is farther away leaves memory.
const AWAY_MS: i64 = 2_000;

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

/// Attempts until the message is gone from the store, or free in it for later.
pub(super) async fn deliver(engine: &Arc<Engine>, lane: &Lane, mut message: Outgoing) -> Ending {
    // What went wrong with the last attempt, and is not written down yet.
    let mut failed: Option<String> = None;
    loop {
        let wait = message.due.minus(engine.now());
        let away = wait > AWAY_MS;
        if away || failed.is_some() {
            let reason = failed.take().unwrap_or_else(|| "is not due".to_owned());
            match postpone(engine, &message, reason, !away).await {
                Ok(()) if away => return Ending::Parked(message.due),
                Ok(()) => {}
                Err(StoreError::NotQueued(_)) => return Ending::Done,
                Err(error) => tracing::warn!(%error, "the attempt is not recorded"),
            }
        }
        if wait > 0 {
            tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(0))).await;
        }
        let Some(turn) = lane.turn().await else {
            let reason = "the peer does not answer; other messages for it come first";
            if engine.now() > message.deadline {
                let reason = format!("not delivered before the deadline: {reason}");
                return ending(settle::refused(engine, &message, &reason, true).await);
            }
            match postpone(engine, &message, reason.to_owned(), false).await {
                Ok(()) => return Ending::Parked(message.due),
                Err(StoreError::NotQueued(_)) => return Ending::Done,
                Err(_) => continue,
            }
        };
        let outcome = engine
            .ports
            .peers
            .post(&message.peer, &message.url, &message.body, message.traceparent.as_deref())
            .await;
        lane.attempted(!matches!(outcome, Err(PeerError::Unreachable(..))));
        message.attempts += 1;
        let refused = matches!(&outcome, Ok(Reply { status: 401 | 404, .. }));
        message.refusals = if refused { message.refusals + 1 } else { 0 };
        let due = engine.now().plus_millis(wait_after(message.attempts - 1));
        let last = due > message.deadline;
        let (reason, settled) = match judge(message.refusals, outcome) {
            Next::Acknowledged(body) => {
                drop(turn);
                return ending(settle::acknowledged(engine, &message, body).await);
            }
            // The turn is kept, as the peer may be asked for its state.
            Next::Fatal(reason) => {
                let settled = settle::refused(engine, &message, &reason, last).await;
                (reason, settled)
            }
            Next::Retry(reason) if last => {
                let reason = format!("not delivered before the deadline: {reason}");
                let settled = settle::refused(engine, &message, &reason, true).await;
                (reason, settled)
            }
            Next::Retry(reason) if message.attempts.is_multiple_of(STUCK_EVERY) => {
                let settled = settle::stuck(engine, &message, &reason).await;
                (reason, settled)
            }
            Next::Retry(reason) => (reason, Settled::Open),
        };
        drop(turn);
        if settled != Settled::Open {
            return ending(settled);
        }
        tracing::warn!(peer = %message.peer, url = %message.url, attempt = message.attempts, %reason, "delivery failed, will retry");
        message.due = due;
        failed = Some(reason);
    }
}

/// Writes down how far it is; held when the next attempt is soon, otherwise free.
async fn postpone(engine: &Engine, message: &Outgoing, error: String, held: bool) -> Result<(), StoreError> {
    let postpone = Write::Postpone {
        id: message.id.clone(),
        attempts: message.attempts,
        refusals: message.refusals,
        due: message.due,
        error,
        lease: held.then(|| engine.lease()),
    };
    engine.commit(Change::new().and(postpone)).await
}

const fn ending(settled: Settled) -> Ending {
    match settled {
        Settled::Recorded => Ending::Done,
        Settled::Open | Settled::NotRecorded => Ending::Lost,
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
