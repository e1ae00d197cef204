//! How many attempts there may be at a time: many for a peer that answers, few for one that did not, so that a peer
//! that swallows connections holds up itself only.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Attempts at a time, at all peers that answer.
const ALL: usize = 256;
/// Attempts at a time, at one of them.
const WIDE: usize = 128;
/// Attempts at a time, at all peers that do not answer.
const ALL_NARROW: usize = 256;
/// Attempts at a time, at one of them.
pub(super) const NARROW: usize = 4;
/// How long one waits in memory for its turn at a peer that does not answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Peers in memory, from where on those without messages are forgotten.
const MOST: usize = 4096;

/// The lanes of all peers.
#[derive(Debug)]
pub(super) struct Lanes {
    peers: Mutex<HashMap<String, Arc<Lane>>>,
    all: Arc<Totals>,
}

#[derive(Debug)]
struct Totals {
    wide: Semaphore,
    narrow: Semaphore,
}

/// The lane of one peer.
#[derive(Debug)]
pub(super) struct Lane {
    /// Did it answer the last attempt? A new peer has not answered yet.
    answers: AtomicBool,
    wide: Semaphore,
    narrow: Semaphore,
    all: Arc<Totals>,
}

/// The right to one attempt.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _own: SemaphorePermit<'a>,
    _all: SemaphorePermit<'a>,
}

impl Default for Lanes {
    fn default() -> Self {
        let all = Totals { wide: Semaphore::new(ALL), narrow: Semaphore::new(ALL_NARROW) };
        Self { peers: Mutex::default(), all: Arc::new(all) }
    }
}

impl Lanes {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Lane>>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lane of `peer`.
    pub(super) fn of(&self, peer: &str) -> Arc<Lane> {
        let mut peers = self.lock();
        if let Some(lane) = peers.get(peer) {
            return Arc::clone(lane);
        }
        if peers.len() >= MOST {
            peers.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        let lane = Arc::new(Lane {
            answers: AtomicBool::new(false),
            wide: Semaphore::new(WIDE),
            narrow: Semaphore::new(NARROW),
            all: Arc::clone(&self.all),
        });
        peers.insert(peer.to_owned(), Arc::clone(&lane));
        lane
    }

    /// The peers that do not answer.
    pub(super) fn narrow(&self) -> Vec<String> {
        self.lock().iter().filter(|(_, lane)| !lane.answers()).map(|(peer, _)| peer.clone()).collect()
    }
}

impl Lane {
    fn answers(&self) -> bool {
        self.answers.load(Ordering::Relaxed)
    }

    /// Waits for the right to an attempt; none when the peer does not answer, and others wait for it already.
    pub(super) async fn turn(&self) -> Option<Turn<'_>> {
        loop {
            let wide = self.answers();
            let (own, all) =
                if wide { (&self.wide, &self.all.wide) } else { (&self.narrow, &self.all.narrow) };
            let both =
                async { Some(Turn { _own: own.acquire().await.ok()?, _all: all.acquire().await.ok()? }) };
            let turn = match wide {
                true => both.await?,
                false => tokio::time::timeout(PATIENCE, both).await.ok()??,
            };
            // It may have changed meanwhile; whoever waits behind learns of it by this turn.
            if self.answers() == wide {
                return Some(turn);
            }
        }
    }

    /// What came of an attempt: any answer, or none.
    pub(super) fn attempted(&self, answered: bool) {
        self.answers.store(answered, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn a_peer_that_does_not_answer_has_few_turns_and_the_others_have_theirs() {
        let lanes = Lanes::default();
        let silent = lanes.of("silent");
        let mut turns = Vec::new();
        for _ in 0..NARROW {
            turns.push(silent.turn().now_or_never().unwrap().unwrap());
        }
        assert!(silent.turn().now_or_never().is_none(), "a new peer proves itself first");
        assert!(lanes.of("other").turn().now_or_never().is_some());
        silent.attempted(true);
        assert_eq!(lanes.narrow(), ["other"]);
        // Without the budget with which tokio makes tasks yield.
        let mut more = tokio::task::unconstrained(async {
            (0..WIDE).map(|_| silent.turn().now_or_never().unwrap()).collect::<Vec<_>>()
        })
        .await;
        assert!(silent.turn().now_or_never().is_none(), "nobody has all of them");
        silent.attempted(false);
        more.clear();
        assert!(silent.turn().now_or_never().is_none(), "the narrow lane is still full");
        turns.pop();
        assert!(silent.turn().now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_waits_in_the_narrow_lane_leaves_it_when_the_peer_answers() {
        let lanes = Lanes::default();
        let lane = lanes.of("p");
        let mut turns: Vec<_> = (0..NARROW).map(|_| lane.turn().now_or_never().unwrap()).collect();
        let mut waiting = Box::pin(futures_util::future::join_all((0..50).map(|_| lane.turn())));
        assert!((&mut waiting).now_or_never().is_none());
        lane.attempted(true);
        turns.pop();
        let got = waiting.await;
        assert!(got.iter().all(Option::is_some));
    }
}
