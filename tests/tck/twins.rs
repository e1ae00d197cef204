//! The scenarios of the official kit with a peer of ours: no JDK, and any connector. `README.md` says how to run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "an integration test; it fails loudly"
)]

use conformance::tck::bed::Bed;
use conformance::tck::gate::{Gate, Outcome, TestResult, folder};
use conformance::tck::scenario::{self, Scenario};
use conformance::tck::settings::Settings;
use conformance::tck::twin::Twin;
use std::path::Path;
use std::time::Duration;

fn tell(result: &TestResult) {
    let (word, reason) = match &result.outcome {
        Outcome::Passed => ("passed", ""),
        Outcome::Failed(reason) => ("failed", reason.as_str()),
        Outcome::Skipped(reason) => ("skipped", reason.as_str()),
    };
    println!("RESULT\t{word}\t{}\t{}\t{reason}", result.millis, result.name);
}

async fn run(twin: &Twin, scenarios: &[Scenario]) -> Vec<TestResult> {
    let mut results = Vec::new();
    for one in scenarios {
        let result = twin.run(one).await;
        tell(&result);
        results.push(result);
    }
    results
}

fn failed(results: &[TestResult]) -> Vec<&TestResult> {
    results.iter().filter(|r| r.outcome != Outcome::Passed).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scenarios_pass_with_our_own_peer() {
    let gate = Gate::read(&folder()).unwrap();
    let only = conformance::tck::only();
    let file = std::env::var_os("ENTENTE_TCK_SETTINGS");
    let bed = match &file {
        Some(_) => None,
        None => Some(Bed::start(Duration::from_millis(20)).await.unwrap()),
    };
    let settings = match (&file, &bed) {
        (Some(file), _) => Settings::read(Path::new(file)).unwrap(),
        (None, Some(bed)) => bed.settings().clone(),
        (None, None) => unreachable!("one of them is there"),
    };
    let twin = Twin::new(settings).unwrap();
    let chosen = |s: &Scenario| only.is_empty() || only.iter().any(|name| s.name().starts_with(name));
    let (off, on): (Vec<_>, Vec<_>) = scenario::all().into_iter().filter(chosen).partition(|s| s.disabled);
    let results = run(&twin, &on).await;
    // What the kit switches off is no part of the verdict about others; ours must do it nevertheless.
    let beyond = run(&twin, &off).await;
    let faults = bed.as_ref().map(Bed::faults).unwrap_or_default();
    if only.is_empty() {
        let verdict = gate.judge(&results);
        println!("{verdict}");
        println!("beyond the kit: {} of {}", beyond.len() - failed(&beyond).len(), beyond.len());
        assert!(verdict.problems.is_empty(), "the gate is closed\n{verdict}\norders refused: {faults:#?}");
    } else {
        assert!(!results.is_empty() || !beyond.is_empty(), "no scenario has such a name: {only:?}");
        assert!(failed(&results).is_empty(), "{:#?}\norders refused: {faults:#?}", failed(&results));
    }
    if bed.is_some() {
        assert!(failed(&beyond).is_empty(), "{:#?}\norders refused: {faults:#?}", failed(&beyond));
        assert!(faults.is_empty(), "the connector refused orders: {faults:#?}");
        assert!(twin.peer().strays().is_empty(), "stray messages: {:#?}", twin.peer().strays());
    }
}
