//! Support for end-to-end tests: real `entente` processes on loopback, and a client of their management API.

pub mod chance;
pub mod client;
pub mod listener;
pub mod matrix;
pub mod participant;
pub mod ports;
pub mod proxy;
pub mod tck;

pub use client::Management;
pub use participant::{Participant, Setup};

use std::io::Write as _;
use std::path::PathBuf;

/// Prints a line past the capture of the test harness, so that counts and skips are always seen.
pub fn say(line: impl std::fmt::Display) {
    // Without anybody to read it there is nothing to say.
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// The binary under test, built beside the tests.
///
/// # Panics
/// When it is not there, with how to build it.
#[must_use]
#[expect(clippy::panic, reason = "a test without its subject must fail loudly")]
pub fn binary() -> PathBuf {
    let name = "entente";
    let found = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.ancestors().map(|folder| folder.join(name)).find(|path| path.is_file()));
    found.unwrap_or_else(|| panic!("build it first: cargo build -p connector --bin {name}"))
}

/// The folder of public test data, or why there is none.
///
/// # Errors
/// The reason, for the line that a skipped test prints.
pub fn public_data() -> Result<PathBuf, String> {
    let folder = std::env::var_os("ENTENTE_TEST_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.cache/data")), PathBuf::from)
        .join("node_modules");
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(format!("{} is missing; run tests/setup.sh", folder.display()))
    }
}
