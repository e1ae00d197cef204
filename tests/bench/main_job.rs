//! Figures of the main job: cold start, idle memory, request to FINALIZED, transfer request to data address, and
//! the pull of a large file against a bare actix-web + reqwest pass-through in the same run.
//!
//! `cargo bench -p conformance --bench main_job`; `ENTENTE_BENCH_MIB` and `ENTENTE_BENCH_ROUNDS` change the size.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints and fails loudly"
)]

use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;
use conformance::client::{anybody, http, segment};
use conformance::ports::free_port;
use conformance::{Participant, Setup};
use futures_util::StreamExt as _;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt as _;

const CHUNK: usize = 256 * 1024;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match arguments.first().map(String::as_str) {
        Some("origin") => {
            runtime.block_on(origin(arguments[1].parse().unwrap(), PathBuf::from(&arguments[2])))
        }
        Some("proxy") => runtime.block_on(proxy(arguments[1].parse().unwrap(), arguments[2].clone())),
        _ => runtime.block_on(run()),
    }
}

/// A helper process of this benchmark; it ends with its handle.
struct Helper(Child);

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn helper(role: &str, port: u16, argument: &str) -> Helper {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([role, &port.to_string(), argument])
        .spawn()
        .unwrap();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(Duration::from_millis(5));
    }
    Helper(child)
}

async fn origin(port: u16, path: PathBuf) {
    HttpServer::new(move || {
        let path = path.clone();
        App::new().route("/", web::get().to(move || file_body(path.clone())))
    })
    .workers(1)
    .bind(("127.0.0.1", port))
    .unwrap()
    .run()
    .await
    .unwrap();
}

async fn file_body(path: PathBuf) -> HttpResponse {
    let file = tokio::fs::File::open(&path).await.unwrap();
    let length = file.metadata().await.unwrap().len();
    let stream = futures_util::stream::unfold(file, |mut file| async move {
        let mut buffer = bytes::BytesMut::with_capacity(CHUNK);
        match file.read_buf(&mut buffer).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some((Ok::<Bytes, std::io::Error>(buffer.freeze()), file)),
        }
    });
    HttpResponse::Ok().no_chunking(length).streaming(stream)
}

/// The bare pass-through: what any Rust data plane costs at least.
async fn proxy(port: u16, upstream: String) {
    HttpServer::new(move || {
        let (client, upstream) = (web::Data::new(http()), upstream.clone());
        App::new().route(
            "/",
            web::get().to(move || {
                let (client, upstream) = (client.clone(), upstream.clone());
                async move {
                    let answer = client.get(&upstream).send().await.unwrap();
                    let length = answer.content_length().unwrap();
                    HttpResponse::Ok().no_chunking(length).streaming(answer.bytes_stream())
                }
            }),
        )
    })
    .workers(2)
    .bind(("127.0.0.1", port))
    .unwrap()
    .run()
    .await
    .unwrap();
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn percentile(sorted: &[f64], p: f64) -> f64 {
    let last = sorted.len() - 1;
    #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "an index")]
    let at = (last as f64 * p).round() as usize;
    sorted[at.min(last)]
}

fn show(name: &str, mut samples: Vec<f64>) {
    samples.sort_by(f64::total_cmp);
    println!(
        "{name}: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, n={}",
        percentile(&samples, 0.5),
        percentile(&samples, 0.95),
        percentile(&samples, 0.99),
        samples.len()
    );
}

async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let (provider, consumer) = start(folder.path()).await;
    negotiations(&provider, &consumer, folder.path()).await;
    pull(&provider, &consumer, folder.path()).await;
}

async fn start(folder: &Path) -> (Participant, Participant) {
    let mut cold = Vec::new();
    let setup = Setup::new("Provider", folder);
    for _ in 0..10 {
        let began = Instant::now();
        let participant = setup.start();
        cold.push(began.elapsed().as_secs_f64() * 1e3);
        drop(participant);
    }
    show("cold start to /readyz answering 200", cold);
    let provider = setup.start();
    let consumer = Setup::new("Consumer", folder).start();
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("idle RSS: provider {} KiB, consumer {} KiB", provider.rss_kib(), consumer.rss_kib());
    (provider, consumer)
}

async fn negotiations(provider: &Participant, consumer: &Participant, folder: &Path) {
    let rounds = setting("ENTENTE_BENCH_ROUNDS", 200);
    let path = folder.join("small.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    provider.management().publish_file("small", &path).await;
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let guest = consumer.management();
    let catalogue = guest.catalogue(&did, &address).await;
    let mut policy = conformance::client::list(
        &conformance::client::list(&catalogue["dcat:dataset"])[0]["odrl:hasPolicy"],
    )[0]
    .clone();
    policy["@type"] = json!("odrl:Offer");
    policy["odrl:target"] = json!({"@id": "small"});
    policy["odrl:assigner"] = json!({"@id": did});
    let body = json!({
        "@context": catalogue["@context"], "@type": "ContractRequest", "counterPartyAddress": address,
        "counterPartyId": did, "protocol": "dataspace-protocol-http:2025-1", "policy": policy,
    });
    let (mut contracts, mut transfers) = (Vec::new(), Vec::new());
    for round in 0..rounds + 10 {
        let began = Instant::now();
        let id = guest.post("/v3/contractnegotiations", &body).await["@id"].as_str().unwrap().to_owned();
        let done = until(&guest, "contractnegotiations", &id, "FINALIZED").await;
        let took = began.elapsed().as_secs_f64() * 1e3;
        let agreement = done["contractAgreementId"].as_str().unwrap().to_owned();
        let began = Instant::now();
        let transfer = guest.transfer(&address, &agreement).await;
        until(&guest, "transferprocesses", &transfer, "STARTED").await;
        guest.edr(&transfer).await;
        // The first ones warm caches and connections up.
        if round >= 10 {
            contracts.push(took);
            transfers.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }
    show("request to FINALIZED, durable, signed by both", contracts);
    show("transfer request to data address", transfers);
    println!("RSS after: provider {} KiB, consumer {} KiB", provider.rss_kib(), consumer.rss_kib());
}

async fn until(client: &conformance::Management, kind: &str, id: &str, state: &str) -> serde_json::Value {
    let path = format!("/v3/{kind}/{}", segment(id));
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let process = client.get(&path).await;
        if process["state"] == state {
            return process;
        }
        assert!(process["state"] != "TERMINATED" && Instant::now() < deadline, "{process:#}");
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
}

async fn read(url: &str, token: Option<&str>) -> (u64, f64) {
    let mut request = http().get(url).timeout(Duration::from_secs(600));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let began = Instant::now();
    let mut stream = request.send().await.unwrap().error_for_status().unwrap().bytes_stream();
    let mut bytes = 0;
    while let Some(chunk) = stream.next().await {
        bytes += chunk.unwrap().len() as u64;
    }
    (bytes, began.elapsed().as_secs_f64())
}

async fn pull(provider: &Participant, consumer: &Participant, folder: &Path) {
    let size = (setting("ENTENTE_BENCH_MIB", 2048) as u64) << 20;
    let path = folder.join("large.bin");
    write_large(&path, size);
    let (origin_port, proxy_port) = (free_port(), free_port());
    let upstream = format!("http://127.0.0.1:{origin_port}/");
    let _origin = helper("origin", origin_port, &path.to_string_lossy());
    let _proxy = helper("proxy", proxy_port, &upstream);
    let bare = format!("http://127.0.0.1:{proxy_port}/");

    let host = provider.management();
    host.publish_file("large-file", &path).await;
    host.publish(
        "large-http",
        json!({"@type": "DataAddress", "type": "HttpData", "baseUrl": upstream}),
        anybody(),
        anybody(),
    )
    .await;
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let guest = consumer.management();
    let mut targets = vec![("bare pass-through", bare, None)];
    for (name, dataset) in [("entente, HTTP source", "large-http"), ("entente, file source", "large-file")] {
        let agreement = guest.agree(&did, &address, dataset, &[]).await;
        let transfer = guest.transfer(&address, &agreement).await;
        until(&guest, "transferprocesses", &transfer, "STARTED").await;
        let (endpoint, token) = guest.edr(&transfer).await;
        targets.push((name, endpoint, Some(token)));
    }
    let before = provider.rss_kib();
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); targets.len()];
    let mut peak = before;
    // Interleaved, so that what else the machine does hits all alike.
    for _ in 0..3 {
        for (n, (_, url, token)) in targets.iter().enumerate() {
            let reading = read(url, token.as_deref());
            tokio::pin!(reading);
            let (bytes, seconds) = loop {
                tokio::select! {
                    done = &mut reading => break done,
                    () = tokio::time::sleep(Duration::from_millis(100)) => peak = peak.max(provider.rss_kib()),
                }
            };
            assert_eq!(bytes, size);
            rates[n].push(size as f64 / seconds / f64::from(1 << 20));
        }
    }
    let median = |values: &Vec<f64>| {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        percentile(&sorted, 0.5)
    };
    let base = median(&rates[0]);
    for (n, (name, _, _)) in targets.iter().enumerate() {
        println!(
            "pull of {} MiB, {name}: {:.0} MiB/s, ratio {:.2}",
            size >> 20,
            median(&rates[n]),
            median(&rates[n]) / base
        );
    }
    println!("RSS growth of the provider while pulling: {} KiB", peak.saturating_sub(before));
}

fn write_large(path: &Path, size: u64) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    let block: Vec<u8> = (0..1 << 20).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for _ in 0..size >> 20 {
        file.write_all(&block).unwrap();
    }
}
