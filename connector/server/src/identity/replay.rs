//! Memory of used tokens, in constant space for each and for as long as they could be used again.

use super::cache::lock;
use ontology::time::Timestamp;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

/// Half a SHA-256; an accidental match would refuse a token, not accept one.
type Mark = [u8; 16];

/// What became of a token id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    First,
    Again,
    /// There is no room to remember it, so it cannot be accepted.
    Full,
}

#[derive(Default)]
struct Seen {
    marks: HashSet<Mark>,
    by_end: BTreeMap<i64, Vec<Mark>>,
}

/// Used (issuer, id) pairs.
pub(super) struct Replay {
    most: usize,
    seen: Mutex<Seen>,
}

impl Replay {
    pub(super) fn new(most: usize) -> Self {
        Self { most, seen: Mutex::default() }
    }

    /// Records the use of a token that cannot be used after `end_s`.
    pub(super) fn record(&self, issuer: &str, id: &str, end_s: i64, now: Timestamp) -> Use {
        let mark = mark(issuer, id);
        let mut seen = lock(&self.seen);
        let seen = &mut *seen;
        while let Some(first) = seen.by_end.first_entry()
            && *first.key() < now.seconds()
        {
            for old in first.remove() {
                seen.marks.remove(&old);
            }
        }
        if seen.marks.contains(&mark) {
            return Use::Again;
        }
        if seen.marks.len() >= self.most {
            return Use::Full;
        }
        seen.marks.insert(mark);
        seen.by_end.entry(end_s).or_default().push(mark);
        Use::First
    }
}

fn mark(issuer: &str, id: &str) -> Mark {
    let mut hash = Sha256::new();
    // The length keeps the two parts apart.
    hash.update((issuer.len() as u64).to_be_bytes());
    hash.update(issuer);
    hash.update(id);
    let mut mark = Mark::default();
    for (to, from) in mark.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_accepted_once_until_it_ends() {
        let replay = Replay::new(10);
        let at = Timestamp::from_seconds;
        assert_eq!(replay.record("a", "1", 100, at(0)), Use::First);
        assert_eq!(replay.record("a", "1", 100, at(100)), Use::Again);
        assert_eq!(replay.record("b", "1", 100, at(1)), Use::First);
        assert_eq!(replay.record("a1", "", 100, at(1)), Use::First);
        assert_eq!(replay.record("a", "1", 200, at(101)), Use::First);
        assert_eq!(lock(&replay.seen).marks.len(), 1);
    }

    #[test]
    fn a_full_memory_accepts_nothing_until_something_ends() {
        let replay = Replay::new(2);
        let at = Timestamp::from_seconds;
        assert_eq!(replay.record("a", "1", 10, at(0)), Use::First);
        assert_eq!(replay.record("a", "2", 20, at(0)), Use::First);
        assert_eq!(replay.record("a", "3", 20, at(10)), Use::Full);
        assert_eq!(replay.record("a", "2", 20, at(10)), Use::Again);
        assert_eq!(replay.record("a", "3", 20, at(11)), Use::First);
    }
}
