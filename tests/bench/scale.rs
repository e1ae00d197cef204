//! What much that is stored, and much that is open, costs.
//!
//! `cargo bench -p conformance --bench scale`. Two pairs of connectors run at the same time, one of which holds 100,000
//! negotiations (`ENTENTE_SCALE_STORED`); they are measured in turns, so that both see the same machine. A third pair
//! holds 1,000 negotiations that wait for a decision, and is left alone for half a minute.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints and fails loudly"
)]

mod driver;

use conformance::client::{anybody, context, file};
use conformance::{Management, Participant, Setup};
use driver::{cpu, load, setting, show};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const TURNS: usize = 6;
const EACH: usize = 50;
const OPEN: usize = 1_000;
const REST_S: u64 = 30;

struct Pair {
    provider: Participant,
    consumer: Participant,
    body: Value,
}

impl Pair {
    async fn new(folder: &Path, name: &str, handling: &str) -> Self {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("small.csv");
        std::fs::write(&path, "a\n1\n").unwrap();
        let start = |name: &str| Setup::new(name, &folder).with("--log=warn").start();
        let (provider, consumer) = (start("Provider"), start("Consumer"));
        let host = provider.management();
        host.publish("small", file(&path), anybody(), anybody()).await;
        host.handle("small", handling.into()).await;
        let (did, address) = (provider.setup.did(), provider.setup.address());
        let body = consumer.management().contract_request(&did, &address, "small", &[]).await;
        Self { provider, consumer, body }
    }

    fn guest(&self) -> Management {
        self.consumer.management()
    }

    fn cpu(&self) -> f64 {
        cpu(&self.provider) + cpu(&self.consumer)
    }
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}

async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let stored = setting("ENTENTE_SCALE_STORED", 100_000);
    let empty = Pair::new(folder.path(), "empty", "automatic").await;
    let full = Pair::new(folder.path(), "full", "automatic").await;
    let filling = load(&full.guest(), &full.body, stored, 128).await;
    println!(
        "{} stored in {:.0} s: {:.0} per second, {} not finalized",
        filling.finalized,
        filling.seconds,
        filling.finalized as f64 / filling.seconds,
        stored - filling.finalized
    );
    println!("RSS after: provider {} KiB, consumer {} KiB", full.provider.rss_kib(), full.consumer.rss_kib());
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        for (pair, into) in [(&empty, &mut without), (&full, &mut with)] {
            let round = load(&pair.guest(), &pair.body, EACH, 1).await;
            assert_eq!(round.finalized, EACH);
            // The first turn warms up.
            if turn > 0 {
                into.extend(round.latencies_ms);
            }
        }
    }
    let without = show("one at a time, nothing stored", without);
    let with = show(&format!("one at a time, {stored} stored"), with);
    println!("ratio of the medians: {:.2}", with / without);
    drop((empty, full));
    waiting(folder.path()).await;
}

/// Negotiations that wait for a person.
async fn waiting(folder: &Path) {
    let pair = Pair::new(folder, "waiting", "manual").await;
    let guest = pair.guest();
    let none = at_rest(&pair).await;
    for _ in 0..OPEN {
        guest.post("/v3/contractnegotiations", &pair.body).await;
    }
    let open = json!({"@context": context(), "limit": 1000,
        "filterExpression": [{"operandLeft": "state", "operator": "=", "operandRight": "REQUESTED"}]});
    let host = pair.provider.management();
    for _ in 0..600 {
        let found = host.post("/v3/contractnegotiations/request", &open).await;
        if found.as_array().map_or(0, Vec::len) == OPEN {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let spent = at_rest(&pair).await;
    println!(
        "{OPEN} open negotiations at rest: {spent:.0} ms of processor time of both sides in {REST_S} s; none: {none:.0} ms"
    );
}

/// Processor time of both sides while nobody asks for anything, in milliseconds.
async fn at_rest(pair: &Pair) -> f64 {
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = pair.cpu();
    tokio::time::sleep(Duration::from_secs(REST_S)).await;
    (pair.cpu() - before) * 1e3
}
