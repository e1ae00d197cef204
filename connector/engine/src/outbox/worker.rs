//! The worker: one task that hears of every message, and one task for each message on its way.

use super::LEASE_MS;
use super::attempt;
use super::lane::NARROW;
use super::line::{Effect, Ending, Lines};
use crate::engine::Engine;
use crate::port::{Claim, Outgoing, StoreError, Which};
use ontology::time::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Messages that one claim takes.
const PAGE: u64 = 64;
/// Messages on their way, from where on no more are claimed.
const MOST_SENDING: usize = 4096;
/// What is due so soon is claimed with what is due now.
const AHEAD_MS: i64 = 250;
/// When a claim that failed is made again.
const CLAIM_AGAIN_MS: i64 = 1_000;
/// The wall clock may be set while we sleep, so no sleep is longer than this.
const LONGEST_SLEEP_MS: i64 = 30_000;

impl Engine {
    async fn claim(&self, which: Which, limit: u64) -> Result<Vec<Outgoing>, StoreError> {
        let claim = Claim { which, now: self.now(), limit, lease: self.lease() };
        self.ports.store.claim(&claim).await
    }
}

/// What the worker's tasks report to it.
enum News {
    /// The work on a message of this process has ended.
    Ended { process: String, peer: String, ending: Ending },
    /// The first messages of this process.
    Claimed { process: String, messages: Result<Vec<Outgoing>, StoreError> },
    /// Messages that were due, and when to look again.
    Due { messages: Vec<Outgoing>, next: Option<Timestamp> },
}

/// The worker's state.
struct Worker {
    engine: Arc<Engine>,
    stop: watch::Receiver<bool>,
    news: mpsc::UnboundedSender<News>,
    lines: Lines,
    /// When to claim what is due; none while a claim is under way, or nothing is stored.
    wake: Option<Timestamp>,
    claiming: bool,
    /// Peers of which the last claim left messages out.
    left_out: HashSet<String>,
    /// When leases of messages whose end was not recorded have run out.
    sweep: Option<Timestamp>,
}

/// Works until `stop`. Messages of one process wait for each other; others do not.
pub(crate) async fn run(engine: Arc<Engine>, mut stop: watch::Receiver<bool>) {
    let Some((mut incoming, lines)) = engine.dispatcher.take() else { return };
    let (news, mut reports) = mpsc::unbounded_channel();
    let mut worker = Worker {
        wake: Some(engine.now()),
        engine,
        stop: stop.clone(),
        news,
        lines,
        claiming: false,
        left_out: HashSet::new(),
        sweep: None,
    };
    loop {
        let wait = worker.next_claim();
        tokio::select! {
            Some(message) = incoming.recv() => {
                let effect = worker.lines.submitted(message);
                worker.follow(effect);
            }
            Some(news) = reports.recv() => worker.hear(news),
            () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => worker.claim_due(),
            _ = stop.changed() => return,
        }
    }
}

impl Worker {
    fn follow(&self, effect: Option<Effect>) {
        match effect {
            Some(Effect::Send(message)) => self.send(message),
            Some(Effect::Claim(process)) => self.claim(process, Duration::ZERO),
            None => {}
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Ended { process, peer, ending } => {
                let effect = self.lines.ended(&process, ending);
                self.follow(effect);
                if ending == Ending::Lost {
                    let expired = self.engine.now().plus_millis(LEASE_MS);
                    self.sweep = Some(self.sweep.map_or(expired, |at| at.min(expired)));
                    self.wake_at(expired);
                }
                let now = self.engine.now();
                match ending {
                    Ending::Parked(due) if due > now => self.wake_at(due),
                    // There was no room for it; it is claimed when others for its peer have ended.
                    Ending::Parked(_) => drop(self.left_out.insert(peer.clone())),
                    Ending::Done | Ending::Lost => {}
                }
                if self.lines.held(&peer) < NARROW && self.left_out.contains(&peer) {
                    self.wake_at(now);
                }
            }
            News::Claimed { process, messages: Ok(messages) } => {
                let full = messages.len() as u64 == PAGE;
                let effect = self.lines.claimed(&process, messages, full);
                self.follow(effect);
            }
            News::Claimed { process, messages: Err(error) } => {
                tracing::warn!(%process, %error, "messages are not claimed, retry in 1 s");
                self.claim(process, Duration::from_millis(CLAIM_AGAIN_MS.unsigned_abs()));
            }
            News::Due { messages, next } => {
                self.claiming = false;
                for message in messages {
                    let effect = self.lines.woken(message);
                    self.follow(effect);
                }
                if let Some(next) = next {
                    self.wake_at(next);
                }
            }
        }
    }

    fn wake_at(&mut self, at: Timestamp) {
        self.wake = Some(self.wake.map_or(at, |before| before.min(at)));
    }

    /// How long until the next claim; none while there is nothing to claim, or no room.
    fn next_claim(&self) -> Option<Duration> {
        if self.claiming || self.lines.sending() >= MOST_SENDING {
            return None;
        }
        let wait = self.wake?.minus(self.engine.now()).clamp(0, LONGEST_SLEEP_MS);
        Some(Duration::from_millis(wait.unsigned_abs()))
    }

    /// Delivers in a task of its own, which reports how that ended even when it breaks.
    fn send(&self, message: Outgoing) {
        struct Report(Option<(String, String)>, Ending, mpsc::UnboundedSender<News>);
        impl Drop for Report {
            fn drop(&mut self) {
                if let Some((process, peer)) = self.0.take() {
                    // The worker has stopped when nobody listens.
                    drop(self.2.send(News::Ended { process, peer, ending: self.1 }));
                }
            }
        }
        impl Report {
            const fn ended(&mut self, ending: Ending) {
                self.1 = ending;
            }
        }
        let (engine, mut stop) = (Arc::clone(&self.engine), self.stop.clone());
        let of = (message.process.clone(), message.peer.clone());
        let mut report = Report(Some(of), Ending::Lost, self.news.clone());
        tokio::spawn(async move {
            let lane = engine.dispatcher.lanes.of(&message.peer);
            tokio::select! {
                ending = attempt::deliver(&engine, &lane, message) => report.ended(ending),
                _ = stop.changed() => {}
            }
        });
    }

    fn claim(&self, process: String, wait: Duration) {
        let (engine, news) = (Arc::clone(&self.engine), self.news.clone());
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            let messages = engine.claim(Which::Process(process.clone()), PAGE).await;
            drop(news.send(News::Claimed { process, messages }));
        });
    }

    /// Claims what is due, of peers that do not answer only as much as there is room for in their lanes.
    fn claim_due(&mut self) {
        let now = self.engine.now();
        if self.wake.is_none_or(|at| at > now) {
            return;
        }
        (self.wake, self.claiming) = (None, true);
        let sweep = self.sweep.take_if(|at| *at <= now).is_some();
        if let Some(at) = self.sweep {
            self.wake_at(at);
        }
        let narrow = self.engine.dispatcher.lanes.narrow();
        let slots: Vec<(String, u64)> = narrow
            .into_iter()
            .map(|peer| {
                let free = NARROW.saturating_sub(self.lines.held(&peer)) as u64;
                (peer, free)
            })
            .collect();
        self.left_out = slots.iter().map(|(peer, _)| peer.clone()).collect();
        let (engine, news) = (Arc::clone(&self.engine), self.news.clone());
        tokio::spawn(async move {
            let (messages, next) = claim_due(&engine, slots, sweep).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "messages are not claimed, retry in 1 s");
                (Vec::new(), Some(engine.now().plus_millis(CLAIM_AGAIN_MS)))
            });
            drop(news.send(News::Due { messages, next }));
        });
    }
}

/// What is due, and when to look again.
async fn claim_due(
    engine: &Engine,
    mut slots: Vec<(String, u64)>,
    sweep: bool,
) -> Result<(Vec<Outgoing>, Option<Timestamp>), StoreError> {
    let due = Which::Due(engine.now().plus_millis(AHEAD_MS), slots.clone());
    let mut messages = engine.claim(due, PAGE).await?;
    if sweep {
        messages.extend(engine.claim(Which::Expired, PAGE).await?);
    }
    if messages.len() as u64 >= PAGE {
        return Ok((messages, Some(engine.now())));
    }
    for (peer, free) in &mut slots {
        *free = free.saturating_sub(messages.iter().filter(|m| m.peer == *peer).count() as u64);
    }
    // Peers without room are looked at again when there is some.
    let full: Vec<String> = slots.into_iter().filter(|(_, free)| *free == 0).map(|(peer, _)| peer).collect();
    let next = engine.ports.store.next_due(&full).await;
    Ok((messages, next.unwrap_or_else(|_| Some(engine.now().plus_millis(CLAIM_AGAIN_MS)))))
}
