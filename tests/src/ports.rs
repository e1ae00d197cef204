//! Ports that no other test takes meanwhile.
//!
//! Binding port 0 and letting go of it is a race: the system may give the same port to the next
//! caller, or to somebody's outgoing connection. So ports come from below the range that the
//! system hands out by itself (`ip_local_port_range`, from 32768), each held by a lock file until
//! this process ends, whatever other tests run beside it.

#![expect(clippy::panic, clippy::expect_used, reason = "test support fails loudly")]

use std::fs::File;
use std::net::TcpListener;
use std::sync::Mutex;

const FIRST: u16 = 12_000;
const LAST: u16 = 32_000;

#[derive(Debug)]
struct Taken {
    next: u16,
    locks: Vec<File>,
}

static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

/// A port on which nobody listens, kept for this process.
///
/// # Panics
///
/// If the temporary folder cannot be written or no port is left.
#[must_use]
pub fn free_port() -> u16 {
    let folder = std::env::temp_dir().join("entente-test-ports");
    std::fs::create_dir_all(&folder).expect("a folder for locks");
    let mut guard = TAKEN.lock().expect("not poisoned");
    // Processes begin apart, so that they seldom meet at a lock.
    let start = || FIRST + u16::try_from(std::process::id() % 199).unwrap_or(0) * 100;
    let taken = guard.get_or_insert_with(|| Taken { next: start(), locks: Vec::new() });
    for _ in FIRST..LAST {
        let port = taken.next;
        taken.next = if port + 1 < LAST { port + 1 } else { FIRST };
        let lock = File::create(folder.join(port.to_string())).expect("a lock file");
        if lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            taken.locks.push(lock);
            return port;
        }
    }
    panic!("no free port between {FIRST} and {LAST}");
}

#[cfg(test)]
mod tests {
    use super::free_port;
    use std::collections::HashSet;

    #[test]
    fn no_port_is_given_twice() {
        let ports: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..25).map(|_| free_port()).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|t| t.join().expect("ports")).collect()
        });
        assert_eq!(ports.iter().collect::<HashSet<_>>().len(), 100);
        assert!(ports.iter().all(|p| *p < 32_768), "outside what the system hands out");
    }
}
