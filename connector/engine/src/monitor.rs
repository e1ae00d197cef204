//! Watching running transfers and duties: timers for the next instant at which a policy's answer can flip, or a
//! deadline passes. What they follow from is stored, so that after a restart they are set again.

use crate::engine::Engine;
use ontology::time::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The wall clock may be set while we sleep, so no sleep is longer than this.
const LONGEST_SLEEP_MS: i64 = 30_000;

/// When something that could not be looked at is tried again.
const RETRY_MS: i64 = 5_000;

/// How often remembered message ids are tidied.
const FORGET_EVERY_MS: i64 = 3_600_000;

/// What is looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Watched {
    /// A running transfer, by our process id: may it go on?
    Transfer(String),
    /// The duties of an agreement: were they done in time?
    Duties(String),
}

/// When to look at what again.
#[derive(Debug, Default)]
pub struct Timers {
    due: Mutex<HashMap<Watched, Timestamp>>,
    /// Transfers without data until their policy can be judged again.
    cut: Mutex<HashSet<String>>,
    changed: Notify,
}

impl Timers {
    fn lock(&self) -> MutexGuard<'_, HashMap<Watched, Timestamp>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut(&self) -> MutexGuard<'_, HashSet<String>> {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Was the data of transfer `pid` taken away because its policy could not be judged? Says so once.
    pub(crate) fn was_cut(&self, pid: &str) -> bool {
        self.cut().remove(pid)
    }

    /// Look at it at `at`; never, when the answer cannot change with time.
    pub(crate) fn watch(&self, what: Watched, at: Option<Timestamp>) {
        match at {
            Some(at) => drop(self.lock().insert(what, at)),
            None => drop(self.lock().remove(&what)),
        }
        self.changed.notify_one();
    }

    /// It is over.
    pub(crate) fn forget(&self, what: &Watched) {
        self.lock().remove(what);
        if let Watched::Transfer(pid) = what {
            self.cut().remove(pid);
        }
    }

    /// Takes what is due.
    fn take(&self, now: Timestamp) -> Vec<Watched> {
        let mut due = self.lock();
        let mut ready: Vec<Watched> =
            due.iter().filter(|(_, at)| **at <= now).map(|(what, _)| what.clone()).collect();
        for what in &ready {
            due.remove(what);
        }
        ready.sort();
        ready
    }

    fn next(&self) -> Option<Timestamp> {
        self.lock().values().min().copied()
    }
}

/// Works until `stop`.
pub(crate) async fn run(engine: Arc<Engine>, mut stop: tokio::sync::watch::Receiver<bool>) {
    let mut forgotten = engine.now();
    loop {
        if engine.now().minus(forgotten) > FORGET_EVERY_MS {
            forgotten = engine.now();
            // No peer of ours repeats a message for longer than we do.
            let before =
                forgotten.plus_millis(-2 * engine.settings.delivery_deadline_ms.max(FORGET_EVERY_MS));
            if let Err(error) = engine.ports.store.forget_seen(before).await {
                tracing::warn!(%error, "old message ids are not forgotten");
            }
        }
        for what in engine.monitor.take(engine.now()) {
            look(&engine, what).await;
        }
        let wait = engine
            .monitor
            .next()
            .map_or(LONGEST_SLEEP_MS, |at| at.minus(engine.now()).clamp(0, LONGEST_SLEEP_MS));
        let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = engine.monitor.changed.notified() => {}
            _ = stop.changed() => return,
        }
    }
}

async fn look(engine: &Engine, what: Watched) {
    let again = match &what {
        Watched::Transfer(pid) => engine.reconsider(pid).await.inspect_err(|fault| {
            // Fail closed: a transfer that cannot be judged does not go on unnoticed.
            tracing::warn!(transfer = %pid, %fault, "policy cannot be judged; the stream is cut, retry in 5 s");
            engine.ports.planes.revoke(pid, "the policy cannot be judged");
            engine.monitor.cut().insert(pid.clone());
        }),
        Watched::Duties(agreement) => engine.duties_due(agreement).await.inspect_err(|fault| {
            tracing::warn!(%agreement, %fault, "duties cannot be looked at, retry in 5 s");
        }),
    };
    if again.is_err() {
        engine.monitor.watch(what, Some(engine.now().plus_millis(RETRY_MS)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_due_is_taken_once() {
        let timers = Timers::default();
        let (a, b) = (Watched::Transfer("a".to_owned()), Watched::Duties("b".to_owned()));
        timers.watch(a.clone(), Some(Timestamp::from_millis(10)));
        timers.watch(b.clone(), Some(Timestamp::from_millis(20)));
        assert_eq!(timers.take(Timestamp::from_millis(15)), [a]);
        assert!(timers.take(Timestamp::from_millis(15)).is_empty());
        assert_eq!(timers.next(), Some(Timestamp::from_millis(20)));
        timers.watch(b, None);
        assert_eq!(timers.next(), None);
    }
}
