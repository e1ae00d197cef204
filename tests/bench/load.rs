//! Many negotiations at the same time: rate, latency, processor time and memory of both sides, and what is lost.
//!
//! `cargo bench -p conformance --bench load`; `ENTENTE_LOAD_TOTAL` and `ENTENTE_LOAD_IN_FLIGHT` change the size.
//! The ends of negotiations come from the consumer's event stream, so that the driver does not poll.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints and fails loudly"
)]

mod driver;

use conformance::{Management, Participant, Setup};
use driver::{cpu, load, setting, show};
use serde_json::Value;
use std::time::Duration;

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}

async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    // Requests of one peer wait for each other's commits, not for log lines.
    let quiet = |name: &str| Setup::new(name, folder.path()).with("--log=warn").start();
    let (provider, consumer) = (quiet("Provider"), quiet("Consumer"));
    provider.management().publish_file("small", &path).await;
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let guest = consumer.management();
    let body = guest.contract_request(&did, &address, "small", &[]).await;

    one_at_a_time(&guest, &body).await;
    let total = setting("ENTENTE_LOAD_TOTAL", 10_000);
    let in_flight = setting("ENTENTE_LOAD_IN_FLIGHT", 128);
    drop(load(&guest, &body, 500, in_flight).await);
    let before = cpu(&provider) + cpu(&consumer);
    let round = load(&guest, &body, total, in_flight).await;
    let spent = cpu(&provider) + cpu(&consumer) - before;
    println!(
        "{total} negotiations, {in_flight} in flight: {:.0} finalized per second, {} finalized, {} terminated, {} lost",
        round.finalized as f64 / round.seconds,
        round.finalized,
        round.terminated,
        total - round.finalized - round.terminated,
    );
    show("under load, request to FINALIZED", round.latencies_ms);
    if round.finalized < total {
        unfinished(&guest, "consumer").await;
        unfinished(&provider.management(), "provider").await;
    }
    println!("processor time of both sides: {:.2} ms each", spent * 1e3 / total as f64);
    println!("RSS after: provider {} KiB, consumer {} KiB", provider.rss_kib(), consumer.rss_kib());
    println!("with {} stored processes:", total + 500);
    one_at_a_time(&guest, &body).await;
    idle(&provider, &consumer).await;
}

/// What is not final, by state.
async fn unfinished(side: &Management, name: &str) {
    for state in ["REQUESTED", "AGREED", "VERIFIED", "TERMINATED"] {
        let query = serde_json::json!({"@context": conformance::client::context(), "limit": 10,
            "filterExpression": [{"operandLeft": "state", "operator": "=", "operandRight": state}]});
        let found = side.post("/v3/contractnegotiations/request", &query).await;
        let some = conformance::client::list(&found);
        println!("{name}: {} in {state}, e.g. {}", some.len(), some.first().unwrap_or(&Value::Null));
    }
}

async fn one_at_a_time(guest: &Management, body: &Value) {
    let rounds = setting("ENTENTE_BENCH_ROUNDS", 200);
    drop(load(guest, body, 20, 1).await);
    let round = load(guest, body, rounds, 1).await;
    assert_eq!(round.finalized, rounds);
    show("one at a time, request to FINALIZED", round.latencies_ms);
}

/// Processor time of a process at rest.
async fn idle(provider: &Participant, consumer: &Participant) {
    let before = cpu(provider) + cpu(consumer);
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("at rest: {:.1} ms of processor time in 5 s", (cpu(provider) + cpu(consumer) - before) * 1e3);
}
