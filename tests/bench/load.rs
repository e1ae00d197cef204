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

use conformance::{Management, Participant, Setup};
use futures_util::StreamExt as _;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}

/// What one round showed.
struct Round {
    seconds: f64,
    latencies_ms: Vec<f64>,
    finalized: usize,
    terminated: usize,
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

async fn load(guest: &Management, body: &Value, total: usize, in_flight: usize) -> Round {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let stream = guest.stream("/v1/events?type=contract.negotiation", None).await;
    let listening = tokio::spawn(listen(stream, ended));
    let (begun, mut begins) = mpsc::unbounded_channel();
    let permits = Arc::new(Semaphore::new(in_flight));
    let began = Instant::now();
    let asking = {
        let (guest, body, permits) = (guest.clone(), body.clone(), Arc::clone(&permits));
        tokio::spawn(async move {
            for _ in 0..total {
                let permit = Arc::clone(&permits).acquire_owned().await.expect("open");
                permit.forget();
                let (guest, body, begun) = (guest.clone(), body.clone(), begun.clone());
                tokio::spawn(async move {
                    let at = Instant::now();
                    let id = guest.post("/v3/contractnegotiations", &body).await;
                    drop(begun.send((id["@id"].as_str().expect("an id").to_owned(), at)));
                });
            }
        })
    };
    let mut open: HashMap<String, Instant> = HashMap::new();
    // An end may be heard of before the answer to the request is.
    let mut early: HashMap<String, (Instant, bool)> = HashMap::new();
    let mut round =
        Round { seconds: 0.0, latencies_ms: Vec::with_capacity(total), finalized: 0, terminated: 0 };
    while round.finalized + round.terminated < total {
        let (start, (end, well)) = tokio::select! {
            Some((id, start)) = begins.recv() => match early.remove(&id) {
                Some(end) => (start, end),
                None => {
                    open.insert(id, start);
                    continue;
                }
            },
            Some((id, end)) = ends.recv() => match open.remove(&id) {
                Some(start) => (start, end),
                None => {
                    early.insert(id, end);
                    continue;
                }
            },
            () = tokio::time::sleep(Duration::from_secs(30)) => break,
        };
        permits.add_permits(1);
        round.latencies_ms.push((end - start).as_secs_f64() * 1e3);
        if well {
            round.finalized += 1;
        } else {
            round.terminated += 1;
        }
    }
    round.seconds = began.elapsed().as_secs_f64();
    asking.abort();
    listening.abort();
    round
}

/// Hears which negotiations end, and whether well.
async fn listen(response: reqwest::Response, ended: mpsc::UnboundedSender<(String, (Instant, bool))>) {
    let mut stream = response.bytes_stream();
    let mut text = String::new();
    while let Some(Ok(chunk)) = stream.next().await {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        let Some(whole) = text.rfind("\n\n") else { continue };
        for frame in text[..whole].split("\n\n") {
            let Some(data) = frame.lines().find_map(|l| l.strip_prefix("data: ")) else { continue };
            let well = frame.contains("event: contract.negotiation.finalized");
            if well || frame.contains("event: contract.negotiation.terminated") {
                let event: Value = serde_json::from_str(data).unwrap();
                drop(ended.send((event["subject"].as_str().unwrap().to_owned(), (Instant::now(), well))));
            }
        }
        text.drain(..whole + 2);
    }
}

/// User and system time so far, in seconds.
fn cpu(participant: &Participant) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", participant.pid())).unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    // Fields 14 and 15 of proc(5), in ticks of 10 ms.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn show(name: &str, mut samples: Vec<f64>) {
    samples.sort_by(f64::total_cmp);
    let at = |p: f64| {
        #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "an index")]
        let n = ((samples.len() - 1) as f64 * p).round() as usize;
        samples[n]
    };
    println!("{name}: p50 {:.1} ms, p99 {:.1} ms, n={}", at(0.5), at(0.99), samples.len());
}
