//! The scenarios of the official kit with a peer of ours: no JDK, and any connector. `README.md` says how to run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "an integration test; it fails loudly"
)]

use conformance::say;
use conformance::tck::bed::Bed;
use conformance::tck::gate::{Gate, Outcome, TestResult, folder};
use conformance::tck::scenario::{self, Scenario};
use conformance::tck::settings::Settings;
use conformance::tck::twin::Twin;
use std::path::PathBuf;
use std::time::Duration;

/// How long after a cue our own connector acts; nothing needs the wait, which the official kit does need.
fn delay() -> Duration {
    let asked = std::env::var("ENTENTE_TCK_DELAY_MS").ok().and_then(|text| text.parse().ok());
    Duration::from_millis(asked.unwrap_or(20))
}

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
    let (bed, file) = match file {
        Some(file) => (None, PathBuf::from(file)),
        None => {
            let bed = Bed::start(delay()).await.unwrap();
            let file = bed.folder().join("tck.properties");
            std::fs::write(&file, bed.settings().text()).unwrap();
            (Some(bed), file)
        }
    };
    // All that the judge knows of the connector is in this file.
    let twin = Twin::new(Settings::read(&file).unwrap()).unwrap();
    // Another connector is given the time that the kit gives; ours needs none.
    let twin = if bed.is_some() { twin } else { twin.pace(Duration::from_millis(100)) };
    let chosen = |s: &Scenario| only.is_empty() || only.iter().any(|name| s.name().starts_with(name));
    let (off, on): (Vec<_>, Vec<_>) = scenario::all().into_iter().filter(chosen).partition(|s| s.disabled);
    let results = run(&twin, &on).await;
    // What the kit switches off is no part of the verdict about others; ours must do it nevertheless.
    let beyond = run(&twin, &off).await;
    let faults = bed.as_ref().map(Bed::faults).unwrap_or_default();
    if only.is_empty() {
        let verdict = gate.judge(&results);
        say(&verdict);
        say(format!("beyond the kit: {} of {}", beyond.len() - failed(&beyond).len(), beyond.len()));
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

/// A connector that ends a process before the peer has answered its request must tell the peer once it has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_ended_before_the_answer_ends_on_both_sides() {
    if std::env::var_os("ENTENTE_TCK_SETTINGS").is_some() {
        say("SKIPPED: this test is about our own connector, and another one is judged");
        return;
    }
    let bed = Bed::start(Duration::ZERO).await.unwrap();
    let twin = Twin::new(bed.settings().clone()).unwrap();
    twin.peer().answer_after(Duration::from_millis(500));
    for name in ["CN_C:02-02", "TP_C:02-05"] {
        let one = scenario::all().into_iter().find(|s| s.name() == name).unwrap();
        let result = twin.run(&one).await;
        assert_eq!(result.outcome, Outcome::Passed, "{name}");
        assert!(result.millis >= 500, "{name} did not wait for the answer");
    }
    assert!(bed.faults().is_empty(), "the connector refused orders: {:#?}", bed.faults());
}
