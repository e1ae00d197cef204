//! Rows that were written a moment ago. Steps of a process follow each other closely, and each begins by reading
//! what the one before wrote.
//!
//! Only the writer fills it, in the order of its commits, so it never holds anything older than the database does.

use engine::port::{Change, Expect, Row, Write};
use engine::record::Kind;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rows in each of the two halves.
const HALF: usize = 1024;

type Rows = HashMap<(Kind, String), Row>;

/// The newest rows.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<(Rows, Rows)>);

impl Cache {
    fn halves(&self) -> MutexGuard<'_, (Rows, Rows)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, kind: Kind, id: &str) -> Option<Row> {
        let halves = self.halves();
        let key = (kind, id.to_owned());
        halves.0.get(&key).or_else(|| halves.1.get(&key)).cloned()
    }

    /// Takes over what `change` wrote; it is committed.
    pub(super) fn follow(&self, change: &Change) {
        let mut halves = self.halves();
        for write in &change.0 {
            match write {
                Write::Put { kind, id, doc, expect, .. } => {
                    let key = (*kind, id.clone());
                    halves.1.remove(&key);
                    let version = match expect {
                        Expect::Absent => 1,
                        Expect::Version(version) => version + 1,
                        // Not known here.
                        Expect::Any => {
                            halves.0.remove(&key);
                            continue;
                        }
                    };
                    halves.0.insert(key, Row { doc: doc.clone(), version });
                }
                Write::Delete { kind, id } => {
                    let key = (*kind, id.clone());
                    halves.0.remove(&key);
                    halves.1.remove(&key);
                }
                _ => {}
            }
        }
        if halves.0.len() >= HALF {
            halves.1 = std::mem::take(&mut halves.0);
        }
    }
}
