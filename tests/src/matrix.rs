//! A matrix of named checks, judged as a test kit is: every check runs, the counts of each group are exact, and
//! what may fail is on a list with its reason.
//!
//! A check that is missing, that fails without being exempt, or that is exempt and passes, fails the run.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest run of one check.
const CHECK_LIMIT: Duration = Duration::from_secs(60);

/// What a check gives.
pub type Outcome = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// One check against a world that was set up for all.
pub struct Check<W> {
    /// `GROUP:NUMBER`.
    pub id: &'static str,
    /// What it shows.
    pub what: &'static str,
    /// The check.
    pub run: fn(Arc<W>) -> Outcome,
}

/// A list of checks: `checks![World; "CAT:01" "what it shows" function, ...]`.
#[macro_export]
macro_rules! checks {
    ($world:ty; $($id:literal $what:literal $run:expr),* $(,)?) => {
        vec![$($crate::matrix::Check::<$world> {
            id: $id, what: $what, run: |world| Box::pin(($run)(world)),
        }),*]
    };
}

impl<W> std::fmt::Debug for Check<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("id", &self.id).field("what", &self.what).finish_non_exhaustive()
    }
}

/// How a run is judged.
#[derive(Debug, Clone, Copy)]
pub struct Gate<'a> {
    /// Name of the matrix.
    pub name: &'a str,
    /// Groups and how many of their checks must have passed or been exempt.
    pub expected: &'a [(&'a str, usize)],
    /// Lines `ID<tab>reason`; `#` starts a comment.
    pub exemptions: &'a str,
}

/// Why a test target did not run.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Skip(pub String);

/// Runs a test target that is a matrix. Words on the command line choose checks by their ids; then the counts are
/// not judged, and words that name no group are meant for other targets. `ENTENTE_REQUIRE=name,...` makes a skip of
/// these targets a failure.
pub fn main<F>(gate: &Gate<'_>, run: impl FnOnce(Vec<String>) -> F) -> ExitCode
where
    F: Future<Output = anyhow::Result<bool>>,
{
    let name = gate.name;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "--list") {
        say(&format!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let only: Vec<String> = arguments.into_iter().filter(|a| !a.starts_with('-')).collect();
    let ours = |word: &String| gate.expected.iter().any(|(group, _)| word.starts_with(group));
    if !only.is_empty() && !only.iter().any(ours) {
        say(&format!("{name}: no check is called {}", only.join(" or ")));
        return ExitCode::SUCCESS;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("{name}: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(only)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => match error.downcast_ref::<Skip>() {
            Some(skip) if !required(name) => {
                say(&format!("{name}: skipped: {skip}"));
                ExitCode::SUCCESS
            }
            _ => {
                say(&format!("{name}: FAILED: {error:#}"));
                ExitCode::FAILURE
            }
        },
    }
}

fn required(name: &str) -> bool {
    std::env::var("ENTENTE_REQUIRE").is_ok_and(|list| list.split(',').any(|n| n.trim() == name))
}

#[expect(clippy::print_stdout, reason = "the output of a test target")]
fn say(line: &str) {
    println!("{line}");
}

/// Runs the checks one after the other and judges them. Only those whose id holds one of the words `only`, if any.
pub async fn run<W: Send + Sync + 'static>(
    gate: &Gate<'_>,
    checks: Vec<Check<W>>,
    world: Arc<W>,
    only: &[String],
) -> bool {
    let mut results: Vec<(&'static str, Option<String>)> = Vec::new();
    for check in checks.into_iter().filter(|c| only.is_empty() || only.iter().any(|o| c.id.contains(o))) {
        let begin = Instant::now();
        let task = tokio::spawn(tokio::time::timeout(CHECK_LIMIT, (check.run)(Arc::clone(&world))));
        let fault = match task.await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => Some(format!("{error:#}")),
            Ok(Err(_)) => Some(format!("took longer than {} s", CHECK_LIMIT.as_secs())),
            Err(panic) => Some(panicked(panic)),
        };
        let mark = if fault.is_some() { "FAILED" } else { "ok" };
        say(&format!("{:<8} {:<6} {:>5} ms  {}", check.id, mark, begin.elapsed().as_millis(), check.what));
        if let Some(fault) = &fault {
            say(&format!("         {}", fault.replace('\n', "\n         ")));
        }
        results.push((check.id, fault));
    }
    let (good, text) = judge(gate, &results, only.is_empty());
    say(&text);
    good
}

fn panicked(error: tokio::task::JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else { return "was cancelled".to_owned() };
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_else(|| "panicked".to_owned())
}

/// The verdict and the summary.
fn judge(gate: &Gate<'_>, results: &[(&str, Option<String>)], complete: bool) -> (bool, String) {
    let exempt: BTreeMap<&str, &str> = gate
        .exemptions
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once('\t').unwrap_or((line, "")))
        .collect();
    let mut faults = Vec::new();
    let mut passed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut exempted = 0;
    for (id, fault) in results {
        let group = id.split(':').next().unwrap_or(id);
        match (fault, exempt.get(id)) {
            (None, None) => *passed.entry(group).or_default() += 1,
            (Some(_), Some(reason)) if !reason.trim().is_empty() => {
                *passed.entry(group).or_default() += 1;
                exempted += 1;
            }
            (Some(_), Some(_)) => faults.push(format!("{id} is exempt without a reason")),
            (Some(_), None) => faults.push(format!("{id} failed")),
            (None, Some(_)) => faults.push(format!("{id} passes and is still exempt")),
        }
    }
    if complete {
        for id in exempt.keys().filter(|id| !results.iter().any(|(known, _)| known == *id)) {
            faults.push(format!("{id} is exempt and does not exist"));
        }
        for (group, wanted) in gate.expected {
            let found = passed.get(group).copied().unwrap_or_default();
            if found != *wanted {
                faults.push(format!("group {group}: {found} passed, {wanted} expected"));
            }
        }
        for group in passed.keys().filter(|g| !gate.expected.iter().any(|(known, _)| known == *g)) {
            faults.push(format!("group {group} is not expected"));
        }
    }
    let good = results.iter().filter(|(_, fault)| fault.is_none()).count();
    let groups: Vec<String> = passed.iter().map(|(group, n)| format!("{group} {n}")).collect();
    let mut text = format!(
        "{}: {good} of {} passed, {exempted} exempt ({})",
        gate.name,
        results.len(),
        groups.join(", ")
    );
    for fault in &faults {
        text.push_str(&format!("\n{}: {fault}", gate.name));
    }
    (faults.is_empty() && !results.is_empty(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: Gate<'_> = Gate { name: "m", expected: &[("A", 2), ("B", 1)], exemptions: "# none\n" };

    fn bad(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn counts_are_exact() {
        assert!(judge(&GATE, &[("A:1", None), ("A:2", None), ("B:1", None)], true).0);
        assert!(!judge(&GATE, &[("A:1", None), ("B:1", None)], true).0, "one is missing");
        assert!(!judge(&GATE, &[("A:1", None), ("A:2", None), ("A:3", None), ("B:1", None)], true).0);
        assert!(!judge(&GATE, &[("A:1", None), ("A:2", bad("x")), ("B:1", None)], true).0);
        assert!(!judge(&GATE, &[], false).0, "nothing ran");
    }

    #[test]
    fn exemptions_need_a_reason_and_a_failure() {
        let gate = |exemptions| Gate { exemptions, ..GATE };
        let results = [("A:1", None), ("A:2", bad("x")), ("B:1", None)];
        assert!(judge(&gate("A:2\tpeer bug"), &results, true).0);
        assert!(!judge(&gate("A:2"), &results, true).0);
        assert!(!judge(&gate("A:2\tpeer bug\nB:1\told"), &results, true).0);
        assert!(!judge(&gate("A:2\tpeer bug\nC:1\tgone"), &results, true).0);
    }
}
