//! What a run must show, and whether it does.

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// Outcome of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed, with the reason.
    Failed(String),
    /// It was not run, with the reason.
    Skipped(String),
}

/// One test of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// Name as in the kit, e.g. `CN:01-02`.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub millis: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kit: String,
    disabled_upstream: BTreeSet<String>,
    groups: BTreeMap<String, GroupFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
    count: usize,
    tests: BTreeSet<String>,
}

/// What a run must show.
#[derive(Debug)]
pub struct Gate {
    /// Version of the kit.
    pub kit: String,
    /// Tests that must pass, by group.
    pub groups: BTreeMap<String, BTreeSet<String>>,
    /// Tests that the kit itself switches off.
    pub disabled: BTreeSet<String>,
    /// Tests that may fail, with the reason.
    pub exempt: BTreeMap<String, String>,
}

/// The folder with the kit's files of ours.
#[must_use]
pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tck/dsp"))
}

impl Gate {
    /// Reads `gate.toml` and `exemptions.tsv`.
    ///
    /// # Errors
    /// They cannot be read, or contradict themselves.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let text = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).with_context(|| path.display().to_string())
        };
        Self::parse(&text("gate.toml")?, &text("exemptions.tsv")?)
    }

    fn parse(gate: &str, exemptions: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(gate)?;
        let mut groups = BTreeMap::new();
        for (name, group) in file.groups {
            let (told, found) = (group.count, group.tests.len());
            ensure!(told == found, "gate: {name} tells {told} tests and lists {found}");
            groups.insert(name.clone(), group.tests.iter().map(|t| format!("{name}:{t}")).collect());
        }
        let mut exempt = BTreeMap::new();
        for line in exemptions.lines().skip(1).filter(|l| !l.trim().is_empty()) {
            match line.split_once('\t') {
                Some((name, reason)) if !reason.trim().is_empty() => {
                    exempt.insert(name.trim().to_owned(), reason.trim().to_owned());
                }
                _ => bail!("an exemption needs a reason: {line}"),
            }
        }
        let gate = Self { kit: file.kit, groups, disabled: file.disabled_upstream, exempt };
        let known: BTreeSet<&String> = gate.groups.values().flatten().collect();
        for name in gate.exempt.keys() {
            ensure!(known.contains(name), "gate: the exempted {name} is no test of the kit");
        }
        Ok(gate)
    }

    /// Judges a run.
    #[must_use]
    pub fn judge(&self, results: &[TestResult]) -> Verdict {
        let mut verdict = Verdict::default();
        let mut known = BTreeSet::new();
        for (group, tests) in &self.groups {
            let mut passed = 0;
            for test in tests {
                known.insert(test);
                let found: Vec<&TestResult> = results.iter().filter(|r| &r.name == test).collect();
                let wrong = match found.as_slice() {
                    [] => Some("did not run".to_owned()),
                    [one] => match &one.outcome {
                        Outcome::Passed => {
                            passed += 1;
                            None
                        }
                        Outcome::Failed(reason) => Some(format!("failed: {reason}")),
                        Outcome::Skipped(reason) => Some(format!("was skipped: {reason}")),
                    },
                    many => Some(format!("ran {} times", many.len())),
                };
                match (wrong, self.exempt.get(test)) {
                    (Some(wrong), None) => verdict.problems.push(format!("{test} {wrong}")),
                    (Some(wrong), Some(why)) => {
                        verdict.exempted.push(format!("{test} {wrong} (exempt: {why})"))
                    }
                    (None, Some(_)) => {
                        verdict.problems.push(format!("{test} passes; take it off the exemptions"));
                    }
                    (None, None) => {}
                }
            }
            verdict.groups.insert(group.clone(), (passed, tests.len()));
        }
        for result in results.iter().filter(|r| !known.contains(&r.name)) {
            let as_expected =
                self.disabled.contains(&result.name) && matches!(result.outcome, Outcome::Skipped(_));
            if !as_expected {
                verdict
                    .problems
                    .push(format!("{} is not known to the gate: {:?}", result.name, result.outcome));
            }
        }
        verdict
    }
}

/// Judgement of a run.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Passed and expected, by group.
    pub groups: BTreeMap<String, (usize, usize)>,
    /// Why the gate is closed; empty when it is open.
    pub problems: Vec<String>,
    /// What did not pass and may.
    pub exempted: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut passed, mut all) = (0, 0);
        for (group, (good, of)) in &self.groups {
            writeln!(f, "{group:5} {good:2} of {of:2}")?;
            passed += good;
            all += of;
        }
        writeln!(f, "total {passed:2} of {all:2}")?;
        self.exempted.iter().try_for_each(|line| writeln!(f, "exempt: {line}"))?;
        self.problems.iter().try_for_each(|line| writeln!(f, "PROBLEM: {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tck::scenario;

    const GATE: &str = "kit = '1'\ndisabled_upstream = ['A:9']\n[groups.A]\ncount = 2\ntests = ['1', '2']\n";
    const NONE: &str = "test\treason\n";

    fn result(name: &str, outcome: Outcome) -> TestResult {
        TestResult { name: name.to_owned(), outcome, millis: 1 }
    }

    fn problems(exemptions: &str, results: &[TestResult]) -> usize {
        Gate::parse(GATE, exemptions).unwrap().judge(results).problems.len()
    }

    #[test]
    fn only_the_full_run_passes() {
        let good = [result("A:1", Outcome::Passed), result("A:2", Outcome::Passed)];
        let off = result("A:9", Outcome::Skipped("off".to_owned()));
        assert_eq!(problems(NONE, &good), 0);
        assert_eq!(problems(NONE, &[good.to_vec(), vec![off]].concat()), 0);
        assert_eq!(problems(NONE, &good[..1]), 1, "missing");
        assert_eq!(problems(NONE, &[]), 2, "nothing ran");
        let [first, second] = good;
        for bad in [Outcome::Failed("x".to_owned()), Outcome::Skipped("x".to_owned())] {
            assert_eq!(problems(NONE, &[first.clone(), result("A:2", bad.clone())]), 1);
            assert_eq!(problems("test\treason\nA:2\tbecause\n", &[first.clone(), result("A:2", bad)]), 0);
        }
        assert_eq!(problems(NONE, &[first.clone(), second.clone(), second.clone()]), 1, "twice");
        assert_eq!(problems(NONE, &[first.clone(), second.clone(), result("B:1", Outcome::Passed)]), 1);
        assert_eq!(problems("test\treason\nA:2\tbecause\n", &[first, second]), 1, "needless exemption");
    }

    #[test]
    fn a_gate_that_contradicts_itself_is_refused() {
        assert!(Gate::parse(&GATE.replace("count = 2", "count = 3"), NONE).is_err());
        assert!(Gate::parse(GATE, "test\treason\nA:2\t\n").is_err(), "no reason");
        assert!(Gate::parse(GATE, "test\treason\nA:7\tx\n").is_err(), "no such test");
    }

    #[test]
    fn the_gate_and_the_scenarios_name_the_same_tests() {
        let gate = Gate::read(&folder()).unwrap();
        let listed: BTreeSet<String> = gate.groups.values().flatten().cloned().collect();
        let (off, on): (Vec<_>, Vec<_>) = scenario::all().into_iter().partition(|s| s.disabled);
        assert_eq!(on.iter().map(scenario::Scenario::name).collect::<BTreeSet<_>>(), listed);
        assert_eq!(off.iter().map(scenario::Scenario::name).collect::<BTreeSet<_>>(), gate.disabled);
        let counts: Vec<usize> = gate.groups.values().map(BTreeSet::len).collect();
        assert_eq!(counts, [3, 15, 16, 1, 15, 15], "CAT, CN, CN_C, MET, TP, TP_C");
    }
}
