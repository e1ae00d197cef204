//! Where the suites are, and how they are counted.

use conformance::say;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The folder of a suite; `None`, with a word about it, when it is not there.
pub(crate) fn folder(suite: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/odrl")).join(suite);
    if path.is_dir() {
        return Some(path);
    }
    say(format!("odrl: skipped: {} is not there", path.display()));
    None
}

pub(crate) fn read(path: impl AsRef<std::path::Path>) -> String {
    std::fs::read_to_string(path.as_ref()).unwrap_or_else(|e| panic!("{}: {e}", path.as_ref().display()))
}

/// Results of one suite.
pub(crate) struct Score {
    suite: &'static str,
    exempt: BTreeMap<String, String>,
    passed: usize,
    exempted: usize,
    wrong: Vec<String>,
}

impl Score {
    pub(crate) fn new(suite: &'static str) -> Self {
        let exempt = include_str!("exempt.txt")
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .filter_map(|line| {
                let (name, reason) = line.split_once(": ").expect("a reason for each exemption");
                assert!(reason.len() > 20, "{name}: give the reason");
                Some((name.strip_prefix(suite)?.strip_prefix(' ')?.to_owned(), reason.to_owned()))
            })
            .collect();
        Self { suite, exempt, passed: 0, exempted: 0, wrong: Vec::new() }
    }

    /// Counts one result.
    pub(crate) fn note(&mut self, case: &str, passed: bool, detail: impl FnOnce() -> String) {
        match (passed, self.exempt.remove(case)) {
            (true, None) => self.passed += 1,
            (false, Some(_)) => self.exempted += 1,
            (true, Some(_)) => self.wrong.push(format!("{case}: passes, and needs no exemption")),
            (false, None) => self.wrong.push(format!("{case}: {}", detail())),
        }
    }

    /// Fails unless exactly so many passed and were exempt.
    pub(crate) fn expect(self, passed: usize, exempted: usize) {
        say(format!(
            "odrl: {}: {} passed, {} exempt, {} wrong",
            self.suite,
            self.passed,
            self.exempted,
            self.wrong.len()
        ));
        assert!(self.wrong.is_empty(), "{}:\n{}", self.suite, self.wrong.join("\n"));
        assert!(self.exempt.is_empty(), "exempt, but not in the suite: {:?}", self.exempt.keys());
        assert_eq!((self.passed, self.exempted), (passed, exempted), "{}", self.suite);
    }
}
