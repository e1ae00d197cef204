//! One step at a time for each process; different processes run in parallel.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Locks by process id, forgotten when unused.
#[derive(Debug, Default)]
pub(crate) struct Locks(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

impl Locks {
    /// Waits for the turn of `key`.
    pub(crate) async fn hold(&self, key: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut map = match self.0.lock() {
                Ok(map) => map,
                Err(poisoned) => poisoned.into_inner(),
            };
            if map.len() > 4096 {
                map.retain(|_, lock| lock.strong_count() > 0);
            }
            if let Some(lock) = map.get(key).and_then(Weak::upgrade) {
                lock
            } else {
                let lock = Arc::new(AsyncMutex::new(()));
                map.insert(key.to_owned(), Arc::downgrade(&lock));
                lock
            }
        };
        lock.lock_owned().await
    }
}
