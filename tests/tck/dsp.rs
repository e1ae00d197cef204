//! The official Dataspace Protocol kit against a real `entente` process. `README.md` says how to run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "an integration test; it fails loudly"
)]

use conformance::say;
use conformance::tck::bed::Bed;
use conformance::tck::gate::{Gate, Outcome, folder};
use conformance::tck::kit::{Kit, Ready};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_kit_passes() {
    let kit = match Kit::prepare().await.unwrap() {
        Ready::Yes(kit) => kit,
        Ready::No(reason) => {
            assert!(std::env::var_os("ENTENTE_TCK_REQUIRED").is_none(), "the kit must run here: {reason}");
            say(format!("SKIPPED: the official kit: {reason}"));
            return;
        }
    };
    let gate = Gate::read(&folder()).unwrap();
    let only = conformance::tck::only();
    // The kit listens for some messages only after it has looked at earlier ones.
    let bed = Bed::start(Duration::from_millis(500)).await.unwrap();
    let began = Instant::now();
    let results = kit
        .run(bed.settings(), bed.folder(), &only, Duration::from_secs(240), |line| println!("{line}"))
        .await
        .unwrap();
    println!("kit {}, {:.1} s", gate.kit, began.elapsed().as_secs_f32());
    let faults = bed.faults();
    if only.is_empty() {
        let verdict = gate.judge(&results);
        say(&verdict);
        assert!(verdict.problems.is_empty(), "the gate is closed\n{verdict}\norders refused: {faults:#?}");
    } else {
        assert!(!results.is_empty(), "no test has such a name: {only:?}");
        let bad: Vec<_> = results.iter().filter(|r| matches!(r.outcome, Outcome::Failed(_))).collect();
        assert!(bad.is_empty(), "{bad:#?}\norders refused: {faults:#?}");
    }
    assert!(faults.is_empty(), "the connector refused orders: {faults:#?}");
}
