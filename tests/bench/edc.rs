//! The same negotiations through the same management API, between two of our connectors and between two of Eclipse
//! EDC 0.15.1: as shipped, and with iteration wait and retry base delay both at 5 ms.
//!
//! `cargo bench -p conformance --bench edc`. Ours is durable and signed by both sides; EDC is in memory and unsigned.
//! The driver polls for the end, in the same way for all.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints and fails loudly"
)]
// Shared with the interoperability checks, which use more of it.
#![allow(dead_code, reason = "parts of the shared runtime are for the checks")]

#[path = "../interop/edc/runtime.rs"]
mod runtime;

use conformance::client::{anybody, segment};
use conformance::{Management, Setup};
use runtime::{Edc, classpath, version};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Two connectors that are to agree.
struct Pair {
    name: String,
    consumer: Management,
    provider: Management,
    provider_id: String,
    address: String,
    pids: [u32; 2],
    one_at_a_time: usize,
    at_once: usize,
}

/// What a run showed.
struct Run {
    p50_ms: f64,
    p99_ms: f64,
    per_second: f64,
    cpu_ms: f64,
    lost: usize,
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}

async fn run() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-edc");
    drop(std::fs::remove_dir_all(&folder));
    let classpath = match classpath() {
        Ok(classpath) => classpath,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let ours = {
        let start = |name: &str| Setup::new(name, &folder).with("--log=warn").start();
        let (provider, consumer) = (start("Provider"), start("Consumer"));
        let pair = Pair {
            name: "entente, durable and signed".to_owned(),
            consumer: consumer.management(),
            provider: provider.management(),
            provider_id: provider.setup.did(),
            address: provider.setup.address(),
            pids: [provider.pid(), consumer.pid()],
            one_at_a_time: 100,
            at_once: 2_000,
        };
        measure(&pair).await
    };
    for (name, wait, one_at_a_time, at_once) in
        [("as shipped", None, 8, 100), ("both at 5 ms", Some(5), 60, 600)]
    {
        let start =
            |id: &str| Edc::start(&classpath, &format!("{id}-{}", wait.unwrap_or(0)), &folder, wait).unwrap();
        let (provider, consumer) = (start("provider"), start("consumer"));
        let pair = Pair {
            name: format!("EDC {}, {name}", version()),
            consumer: consumer.management(),
            provider: provider.management(),
            provider_id: provider.id.clone(),
            address: provider.address(),
            pids: [provider.pid(), consumer.pid()],
            one_at_a_time,
            at_once,
        };
        let theirs = measure(&pair).await;
        println!(
            "entente against it: {:.0} times faster one at a time, {:.0} times the rate, {:.0} times less processor time",
            theirs.p50_ms / ours.p50_ms,
            ours.per_second / theirs.per_second,
            theirs.cpu_ms / ours.cpu_ms
        );
    }
}

async fn measure(pair: &Pair) -> Run {
    let address = json!({"@type": "DataAddress", "type": "HttpData", "baseUrl": "http://127.0.0.1:9/"});
    pair.provider.publish("small", address, anybody(), anybody()).await;
    let body = pair.consumer.contract_request(&pair.provider_id, &pair.address, "small", &[]).await;
    drop(batch(pair, &body, 3, 1).await);
    let (mut alone, lost_alone, _) = batch(pair, &body, pair.one_at_a_time, 1).await;
    alone.sort_by(f64::total_cmp);
    let before = cpu(pair);
    let (_, lost, seconds) = batch(pair, &body, pair.at_once, 64).await;
    let ended = pair.at_once - lost;
    let run = Run {
        p50_ms: alone[alone.len() / 2],
        p99_ms: alone[(alone.len() * 99 / 100).min(alone.len() - 1)],
        per_second: ended as f64 / seconds,
        cpu_ms: (cpu(pair) - before) * 1e3 / pair.at_once as f64,
        lost: lost + lost_alone,
    };
    println!(
        "{}: one at a time p50 {:.1} ms, p99 {:.1} ms (n={}); 64 in flight {:.0} per second, {:.1} ms of processor time \
         each (n={}); not finalized: {}",
        pair.name,
        run.p50_ms,
        run.p99_ms,
        pair.one_at_a_time,
        run.per_second,
        run.cpu_ms,
        pair.at_once,
        run.lost
    );
    run
}

/// Milliseconds of those that were finalized, how many were not, and the seconds in all.
async fn batch(pair: &Pair, body: &Value, total: usize, in_flight: usize) -> (Vec<f64>, usize, f64) {
    let began = Instant::now();
    let workers = (0..in_flight).map(|worker| {
        let (api, body) = (pair.consumer.clone(), body.clone());
        let mine = total / in_flight + usize::from(worker < total % in_flight);
        tokio::spawn(async move {
            let (mut took, mut lost) = (Vec::new(), 0);
            for _ in 0..mine {
                match negotiate(&api, &body).await {
                    Some(ms) => took.push(ms),
                    None => lost += 1,
                }
            }
            (took, lost)
        })
    });
    let (mut took, mut lost) = (Vec::new(), 0);
    for worker in workers.collect::<Vec<_>>() {
        let (some, missing) = worker.await.unwrap();
        took.extend(some);
        lost += missing;
    }
    (took, lost, began.elapsed().as_secs_f64())
}

async fn negotiate(api: &Management, body: &Value) -> Option<f64> {
    let began = Instant::now();
    let id = api.post("/v3/contractnegotiations", body).await["@id"].as_str()?.to_owned();
    let path = format!("/v3/contractnegotiations/{}/state", segment(&id));
    let deadline = began + Duration::from_secs(60);
    let mut wait = Duration::from_millis(2);
    while Instant::now() < deadline {
        match api.get(&path).await["state"].as_str() {
            Some("FINALIZED") => return Some(began.elapsed().as_secs_f64() * 1e3),
            Some("TERMINATED") => return None,
            _ => tokio::time::sleep(wait).await,
        }
        // The longer it takes, the less often it is asked, so that asking does not slow it down.
        wait = (began.elapsed() / 50).max(Duration::from_millis(1));
    }
    None
}

/// Processor time of both sides so far, in seconds.
fn cpu(pair: &Pair) -> f64 {
    let of = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields: Vec<f64> = stat
            .rsplit_once(')')
            .unwrap()
            .1
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse().unwrap())
            .collect();
        fields.iter().sum::<f64>() / 100.0
    };
    pair.pids.iter().map(|pid| of(*pid)).sum()
}
