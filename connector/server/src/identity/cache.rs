//! A bounded cache that loads what is missing once, however many ask for it at the same time.

use engine::port::Clock;
use ontology::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Turn = Arc<tokio::sync::Mutex<()>>;

struct Entry<V> {
    value: V,
    made: Timestamp,
    until: Timestamp,
}

/// Values by name, each with an end.
pub(super) struct Cache<V> {
    most: usize,
    clock: Arc<dyn Clock>,
    entries: Mutex<HashMap<String, Entry<V>>>,
    loading: Mutex<HashMap<String, Turn>>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No section under these locks can leave its data half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<V: Clone> Cache<V> {
    /// Empty, for at most `most` values.
    pub(super) fn new(most: usize, clock: Arc<dyn Clock>) -> Self {
        Self { most, clock, entries: Mutex::default(), loading: Mutex::default() }
    }

    /// The value of `key`, not made before `since`. `load` gives a missing one and for how many milliseconds it
    /// may be kept.
    pub(super) async fn get<F: Future<Output = (V, i64)>>(
        &self,
        key: &str,
        since: Option<Timestamp>,
        load: impl FnOnce() -> F,
    ) -> V {
        if let Some(value) = self.fresh(key, since) {
            return value;
        }
        let place = Place { cache: self, key, turn: self.turn(key) };
        let _turn = place.turn.lock().await;
        if let Some(value) = self.fresh(key, since) {
            return value;
        }
        let (value, keep_ms) = load().await;
        self.put(key, value.clone(), keep_ms);
        value
    }

    /// When the value of `key` was made, if there is one.
    pub(super) fn made(&self, key: &str) -> Option<Timestamp> {
        lock(&self.entries).get(key).map(|entry| entry.made)
    }

    fn fresh(&self, key: &str, since: Option<Timestamp>) -> Option<V> {
        let now = self.clock.now();
        let entries = lock(&self.entries);
        let entry = entries.get(key)?;
        let usable = now < entry.until && since.is_none_or(|since| entry.made >= since);
        usable.then(|| entry.value.clone())
    }

    fn put(&self, key: &str, value: V, keep_ms: i64) {
        let made = self.clock.now();
        let mut entries = lock(&self.entries);
        if entries.len() >= self.most && !entries.contains_key(key) {
            entries.retain(|_, entry| made < entry.until);
            let soonest = || entries.iter().min_by_key(|(_, entry)| entry.until).map(|(key, _)| key.clone());
            if entries.len() >= self.most
                && let Some(soonest) = soonest()
            {
                entries.remove(&soonest);
            }
        }
        entries.insert(key.to_owned(), Entry { value, made, until: made.plus_millis(keep_ms) });
    }

    fn turn(&self, key: &str) -> Turn {
        Arc::clone(lock(&self.loading).entry(key.to_owned()).or_default())
    }
}

/// A place in the queue of those who wait for one key; the last to leave tidies up, also when it is cancelled.
struct Place<'a, V> {
    cache: &'a Cache<V>,
    key: &'a str,
    turn: Turn,
}

impl<V> Drop for Place<'_, V> {
    fn drop(&mut self) {
        let mut loading = lock(&self.cache.loading);
        // The map's and ours.
        if Arc::strong_count(&self.turn) <= 2 {
            loading.remove(self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::support::FixedClock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn many_who_ask_cause_one_load() {
        let cache = Cache::new(8, FixedClock::at(0));
        let loads = AtomicUsize::new(0);
        let load = async || {
            loads.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            ("value", 1000)
        };
        let all = futures_util::future::join_all((0..50).map(|_| cache.get("key", None, &load))).await;
        assert!(all.iter().all(|value| *value == "value"));
        assert_eq!(loads.load(Ordering::SeqCst), 1);
        assert!(lock(&cache.loading).is_empty());
    }

    #[tokio::test]
    async fn values_end_and_can_be_demanded_anew() {
        let clock = FixedClock::at(0);
        let cache = Cache::new(8, clock.clone());
        assert_eq!(cache.get("k", None, async || (1, 100)).await, 1);
        clock.set(99);
        assert_eq!(cache.get("k", None, async || (2, 100)).await, 1);
        assert_eq!(cache.get("k", Some(Timestamp::from_millis(50)), async || (3, 100)).await, 3);
        clock.set(199);
        assert_eq!(cache.get("k", None, async || (4, 100)).await, 4);
    }

    #[tokio::test]
    async fn a_full_cache_forgets_what_ends_first() {
        let cache = Cache::new(2, FixedClock::at(0));
        for (key, keep) in [("a", 10), ("b", 30), ("c", 20)] {
            cache.get(key, None, async || (key, keep)).await;
        }
        assert_eq!(cache.made("a"), None);
        assert!(cache.made("b").is_some() && cache.made("c").is_some());
    }

    #[tokio::test]
    async fn a_cancelled_load_leaves_nothing_behind() {
        let cache: Cache<u8> = Cache::new(2, FixedClock::at(0));
        let endless = cache.get("k", None, std::future::pending::<(u8, i64)>);
        let short = tokio::time::timeout(std::time::Duration::from_millis(5), endless).await;
        assert!(short.is_err());
        assert!(lock(&cache.loading).is_empty());
        assert_eq!(cache.get("k", None, async || (7, 1)).await, 7);
    }
}
