//! The driver of negotiations that the load and scale benchmarks share.

use conformance::{Management, Participant};
use futures_util::StreamExt as _;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};

/// A number from the environment.
pub(crate) fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// What one round showed.
pub(crate) struct Round {
    pub(crate) seconds: f64,
    pub(crate) latencies_ms: Vec<f64>,
    pub(crate) finalized: usize,
    pub(crate) terminated: usize,
}

/// `total` negotiations, as many at the same time as `in_flight` says; the ends come from the event stream.
pub(crate) async fn load(guest: &Management, body: &Value, total: usize, in_flight: usize) -> Round {
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
pub(crate) fn cpu(participant: &Participant) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", participant.pid())).unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    // Fields 14 and 15 of proc(5), in ticks of 10 ms.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// Prints median and 99th percentile; gives the median.
pub(crate) fn show(name: &str, mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    let at = |p: f64| {
        #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "an index")]
        let n = ((samples.len() - 1) as f64 * p).round() as usize;
        samples[n]
    };
    println!("{name}: p50 {:.1} ms, p99 {:.1} ms, n={}", at(0.5), at(0.99), samples.len());
    at(0.5)
}
