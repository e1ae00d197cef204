//! Timers: the next instant at which a policy's answer can flip, or a deadline passes. They are stored with the state
//! that they follow from, and loaded at start, so that one that passed meanwhile fires at once.

use crate::engine::Engine;
use crate::fault::Fault;
pub(crate) use crate::port::Watched;
use crate::port::{Change, Write};
use ontology::time::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The wall clock may be set while we sleep, so no sleep is longer than this.
const LONGEST_SLEEP_MS: i64 = 30_000;

/// When something that could not be looked at is tried again.
const RETRY_MS: i64 = 5_000;

/// How often remembered message ids are tidied.
const FORGET_EVERY_MS: i64 = 3_600_000;

/// When to look at what again.
#[derive(Debug, Default)]
pub struct Timers {
    /// When to look, in this process.
    due: Mutex<Due>,
    /// The stored timers. One that fires stays until the write of what it caused.
    stored: Mutex<HashMap<Watched, Timestamp>>,
    /// Transfers without data until their policy can be judged again.
    cut: Mutex<HashSet<String>>,
    changed: Notify,
}

/// Each thing with its instant, and all in the order of their instants.
#[derive(Debug, Default)]
struct Due {
    at: HashMap<Watched, Timestamp>,
    order: BTreeSet<(Timestamp, Watched)>,
}

impl Due {
    /// Says whether the first one is now earlier than it was.
    fn set(&mut self, what: Watched, at: Option<Timestamp>) -> bool {
        let first = self.first();
        if let Some(before) = self.at.remove(&what) {
            self.order.remove(&(before, what.clone()));
        }
        let Some(at) = at else { return false };
        self.order.insert((at, what.clone()));
        self.at.insert(what, at);
        first.is_none_or(|first| at < first)
    }

    fn first(&self) -> Option<Timestamp> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Takes what is due.
    fn take(&mut self, now: Timestamp) -> Vec<Watched> {
        let mut ready = Vec::new();
        while self.first().is_some_and(|at| at <= now) {
            if let Some((_, what)) = self.order.pop_first() {
                self.at.remove(&what);
                ready.push(what);
            }
        }
        ready
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Timers {
    /// Was the data of transfer `pid` taken away because its policy could not be judged? Says so once.
    pub(crate) fn was_cut(&self, pid: &str) -> bool {
        lock(&self.cut).remove(pid)
    }

    /// Transfer `pid` gets no data until its policy was judged.
    pub(crate) fn hold(&self, pid: &str) {
        lock(&self.cut).insert(pid.to_owned());
    }

    /// Look at it at `at`, without a stored timer; never, when there is nothing to look at.
    pub(crate) fn watch(&self, what: Watched, at: Option<Timestamp>) {
        if lock(&self.due).set(what, at) {
            self.changed.notify_one();
        }
    }

    /// This timer is stored, or with `None` no longer.
    pub(crate) fn mirror(&self, what: Watched, at: Option<Timestamp>) {
        match at {
            Some(at) => drop(lock(&self.stored).insert(what.clone(), at)),
            None => drop(lock(&self.stored).remove(&what)),
        }
        self.watch(what, at);
    }

    pub(crate) fn stored(&self, what: &Watched) -> Option<Timestamp> {
        lock(&self.stored).get(what).copied()
    }

    /// There is nothing to look at any more, whatever is stored.
    pub(crate) fn forget(&self, what: &Watched) {
        self.watch(what.clone(), None);
        if let Watched::Transfer(pid) = what {
            lock(&self.cut).remove(pid);
        }
    }

    /// Takes what is due, the earliest first.
    fn take(&self, now: Timestamp) -> Vec<Watched> {
        lock(&self.due).take(now)
    }

    fn next(&self) -> Option<Timestamp> {
        lock(&self.due).first()
    }
}

impl Engine {
    /// The write that sets the timer of `what`, or with `None` deletes it; none where nothing changes in the store.
    pub(crate) fn timer(&self, what: Watched, at: Option<Timestamp>) -> Option<Write> {
        if self.monitor.stored(&what) == at {
            self.monitor.watch(what, at);
            return None;
        }
        Some(Write::Timer(what, at))
    }

    /// Commits a timer by itself, if there is anything to write.
    pub(crate) async fn commit_timer(&self, write: Option<Write>) -> Result<(), Fault> {
        match write {
            Some(write) => Ok(self.commit(Change::new().and(write)).await?),
            None => Ok(()),
        }
    }

    /// Sets a timer that fired anew, or with `None` deletes it, without any other effect.
    pub(crate) async fn reset(&self, what: Watched, at: Option<Timestamp>) -> Result<(), Fault> {
        self.commit_timer(self.timer(what, at)).await
    }

    /// After a restart: what is stored.
    pub(crate) async fn restore_timers(&self) -> Result<(), Fault> {
        for (what, at) in self.ports.store.timers().await? {
            self.monitor.mirror(what, Some(at));
        }
        Ok(())
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
            engine.monitor.hold(pid);
        }),
        Watched::Duties(agreement) => engine.duties_due(agreement).await.inspect_err(|fault| {
            tracing::warn!(%agreement, %fault, "duties cannot be looked at, retry in 5 s");
        }),
        Watched::Request(pid) => engine.request_overdue(pid).await.inspect_err(|fault| {
            tracing::warn!(transfer = %pid, %fault, "a deadline cannot be looked at, retry in 5 s");
        }),
        Watched::Agreement(agreement) => engine.agreement_overdue(agreement).await.inspect_err(|fault| {
            tracing::warn!(%agreement, %fault, "a contract's end cannot be looked at, retry in 5 s");
        }),
    };
    match again {
        Ok(()) => {}
        // Its record is gone, and with it the reason to look.
        Err(Fault::NotFound { .. }) => {
            if let Err(fault) = engine.reset(what, None).await {
                tracing::warn!(%fault, "a timer stays stored");
            }
        }
        Err(_) => engine.monitor.watch(what, Some(engine.now().plus_millis(RETRY_MS))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn only_what_is_due_is_taken_once() {
        let timers = Timers::default();
        let (a, b) = (Watched::Transfer("a".to_owned()), Watched::Duties("b".to_owned()));
        timers.watch(a.clone(), Some(at(10)));
        timers.watch(b.clone(), Some(at(20)));
        assert_eq!(timers.take(at(15)), [a]);
        assert!(timers.take(at(15)).is_empty());
        assert_eq!(timers.next(), Some(at(20)));
        timers.watch(b, None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_timer_that_fires_is_stored_until_what_it_caused_is() {
        let timers = Timers::default();
        let a = Watched::Agreement("a".to_owned());
        timers.mirror(a.clone(), Some(at(10)));
        assert_eq!(timers.take(at(10)), std::slice::from_ref(&a));
        assert_eq!(timers.stored(&a), Some(at(10)));
        timers.mirror(a.clone(), None);
        assert_eq!((timers.stored(&a), timers.next()), (None, None));
        // A look in between leaves the stored timer as it is.
        timers.mirror(a.clone(), Some(at(30)));
        timers.watch(a.clone(), Some(at(20)));
        assert_eq!((timers.stored(&a), timers.next()), (Some(at(30)), Some(at(20))));
    }
}
