//! The main job with two real processes: publish, find, negotiate, sign, exchange, stop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::client::{anybody, file, http, list, only, segment};
use conformance::{Participant, Setup};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

struct Pair {
    provider: Participant,
    consumer: Participant,
    folder: tempfile::TempDir,
}

fn pair() -> Pair {
    let folder = tempfile::tempdir().unwrap();
    let provider = Setup::new("Provider", folder.path());
    let consumer = Setup::new("Consumer", folder.path()).with(format!(
        "--peer={}={}",
        provider.did(),
        provider.address()
    ));
    Pair { provider: provider.start(), consumer: consumer.start(), folder }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut out, b| {
        write!(out, "{b:02x}").unwrap();
        out
    })
}

#[tokio::test]
async fn publish_find_negotiate_sign_exchange_end() {
    let Pair { provider, consumer, folder } = pair();
    let data = "ship,arrival\nA,2026-01-01\n".repeat(1000);
    let path = folder.path().join("calls.csv");
    std::fs::write(&path, &data).unwrap();
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let (host, guest) = (provider.management(), consumer.management());
    host.publish_file("ship-calls", &path).await;

    // Find, through the consumer's own SPARQL over the catalogues of the peers that it knows.
    let query =
        "SELECT ?t WHERE { ?d a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?t }";
    let found = guest.post("/v1/sparql", &json!({"query": query})).await;
    let title = &found["results"]["bindings"][0]["t"]["value"];
    assert_eq!(title, "Dataset ship-calls", "{found:#}");

    // The published digest is that of the bytes.
    let catalogue = guest.catalogue(&did, &address).await;
    assert!(catalogue.to_string().contains(&sha256(data.as_bytes())), "{catalogue:#}");

    // Contract, signed by both, verified by either and offline.
    let agreement = guest.agree(&did, &address, "ship-calls", &[]).await;
    for side in [&host, &guest] {
        let check = side.post(&format!("/v1/agreements/{}/verify", segment(&agreement)), &json!({})).await;
        assert_eq!(check["valid"], true, "{check:#}");
        assert_eq!(list(&check["signatures"]).len(), 2);
    }
    let record = guest.get(&format!("/v1/agreements/{}", segment(&agreement))).await;
    let mut documents = Vec::new();
    for url in [provider.setup.url(), consumer.setup.url()] {
        let text =
            http().get(format!("{url}/.well-known/did.json")).send().await.unwrap().text().await.unwrap();
        documents.push(serde_json::from_str::<Value>(&text).unwrap());
    }
    let check = connector::cli::verify::offline(&record, &documents).unwrap();
    assert_eq!(check["valid"], true, "{check:#}");
    let forged: Value =
        serde_json::from_str(&record.to_string().replace("ship-calls", "ship-calms")).unwrap();
    let check = connector::cli::verify::offline(&forged, &documents).unwrap();
    assert_eq!(check["valid"], false, "a changed agreement must not verify");

    // Data.
    let transfer = guest.transfer(&address, &agreement).await;
    guest.wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = guest.edr(&transfer).await;
    let bytes = http().get(&endpoint).bearer_auth(&token).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(sha256(&bytes), sha256(data.as_bytes()));
    let part = http().get(&endpoint).bearer_auth(&token).header("range", "bytes=5-11").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.text().await.unwrap(), data[5..12]);

    // End: the token dies, and no new transfer starts.
    host.post(&format!("/v1/agreements/{}/end", segment(&agreement)), &json!({"reason": "over"})).await;
    let refused = http().get(&endpoint).bearer_auth(&token).send().await.unwrap();
    assert!([401, 403].contains(&refused.status().as_u16()), "{}", refused.status());
    guest.wait("transferprocesses", &transfer, &["TERMINATED"]).await;
    let again = guest.transfer(&address, &agreement).await;
    let ended = guest.wait("transferprocesses", &again, &["TERMINATED"]).await;
    assert!(ended["errorDetail"].as_str().unwrap().contains("over"), "{ended:#}");
}

#[tokio::test]
async fn a_running_stream_is_cut_within_100_ms() {
    let Pair { provider, consumer, folder } = pair();
    let path = folder.path().join("long.bin");
    std::fs::File::create(&path).unwrap().set_len(256 << 20).unwrap();
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let (host, guest) = (provider.management(), consumer.management());
    host.publish_file("long", &path).await;
    let agreement = guest.agree(&did, &address, "long", &[]).await;
    let transfer = guest.transfer(&address, &agreement).await;
    guest.wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = guest.edr(&transfer).await;
    let mut stream = http().get(&endpoint).bearer_auth(&token).send().await.unwrap().bytes_stream();
    let mut received = stream.next().await.unwrap().unwrap().len();
    let provider_pid = guest.get(&format!("/v3/transferprocesses/{}", segment(&transfer))).await;
    let theirs = provider_pid["correlationId"].as_str().unwrap().to_owned();
    let began = Instant::now();
    let path = format!("/v3/transferprocesses/{}/suspend", segment(&theirs));
    let order = json!({"@context": conformance::client::context(), "reason": "pause"});
    let suspended = host.post(&path, &order);
    let drained = async {
        let mut last = Instant::now();
        while let Ok(Some(Ok(chunk))) = tokio::time::timeout(Duration::from_secs(10), stream.next()).await {
            received += chunk.len();
            last = Instant::now();
        }
        last
    };
    let (_, last) = tokio::join!(suspended, drained);
    assert!(received < 256 << 20, "the whole file arrived");
    let took = last.duration_since(began);
    assert!(
        took < Duration::from_millis(1000),
        "bytes still arrived {took:?} after the suspension was ordered"
    );

    // Resumed by the provider: a new address, and the data flows again.
    guest.wait("transferprocesses", &transfer, &["SUSPENDED"]).await;
    host.call("POST", &format!("/v3/transferprocesses/{}/resume", segment(&theirs)), None).await;
    guest.wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = guest.edr(&transfer).await;
    let head = http().get(&endpoint).bearer_auth(&token).header("range", "bytes=0-9").send().await.unwrap();
    assert_eq!(head.status(), 206);
}

#[tokio::test]
async fn policies_decide_at_each_stage() {
    let Pair { provider, consumer, folder } = pair();
    let path = folder.path().join("d.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let (host, guest) = (provider.management(), consumer.management());
    let elsewhere = only("spatial", "eq", json!("BE"));
    host.publish("hidden", file(&path), anybody(), elsewhere.clone()).await;
    host.publish("belgium", file(&path), elsewhere, anybody()).await;
    host.publish("research", file(&path), only("purpose", "isAnyOf", json!(["research"])), anybody()).await;
    host.publish("twice", file(&path), only("count", "lteq", json!("2")), anybody()).await;

    // Catalogue: hidden from the DSP catalogue and from SPARQL, for a participant and for the anonymous.
    let catalogue = guest.catalogue(&did, &address).await;
    let ids: Vec<String> =
        list(&catalogue["dcat:dataset"]).iter().map(|d| d["@id"].as_str().unwrap().to_owned()).collect();
    assert!(!ids.contains(&"hidden".to_owned()) && ids.contains(&"belgium".to_owned()), "{ids:?}");
    let query = "SELECT ?s ?p ?o WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }";
    let url = format!("{}/sparql", provider.setup.url());
    let seen = http()
        .post(&url)
        .header("content-type", "application/sparql-query")
        .body(query)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(seen.contains("belgium") && !seen.contains("hidden"), "the anonymous must not see hidden data");

    // Negotiation: refused, with the reason.
    let refused = guest.request(&did, &address, "belgium", &[]).await;
    let ended = guest.wait("contractnegotiations", &refused, &["TERMINATED", "FINALIZED"]).await;
    assert_eq!(ended["state"], "TERMINATED");
    let detail = ended["errorDetail"].as_str().unwrap();
    assert!(detail.contains("FR") || detail.contains("Belgi"), "{detail}");
    let without = guest.request(&did, &address, "research", &[]).await;
    assert_eq!(
        guest.wait("contractnegotiations", &without, &["TERMINATED", "FINALIZED"]).await["state"],
        "TERMINATED"
    );
    guest.agree(&did, &address, "research", &["research"]).await;

    // Transfer: two uses, not three.
    let agreement = guest.agree(&did, &address, "twice", &[]).await;
    let mut states = Vec::new();
    for _ in 0..3 {
        let transfer = guest.transfer(&address, &agreement).await;
        let done = guest.wait("transferprocesses", &transfer, &["STARTED", "TERMINATED"]).await;
        states.push(done["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states, ["STARTED", "STARTED", "TERMINATED"]);
}

#[tokio::test]
async fn a_stream_ends_when_the_policy_flips() {
    let Pair { provider, consumer, folder } = pair();
    let path = folder.path().join("d.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let (host, guest) = (provider.management(), consumer.management());
    host.publish("short", file(&path), only("elapsedTime", "lteq", json!("PT4S")), anybody()).await;
    let agreement = guest.agree(&did, &address, "short", &[]).await;
    let transfer = guest.transfer(&address, &agreement).await;
    guest.wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = guest.edr(&transfer).await;
    assert_eq!(http().get(&endpoint).bearer_auth(&token).send().await.unwrap().status(), 200);
    guest.wait("transferprocesses", &transfer, &["TERMINATED"]).await;
    let after = http().get(&endpoint).bearer_auth(&token).send().await.unwrap().status().as_u16();
    assert!([401, 403].contains(&after), "{after}");
}

#[tokio::test]
async fn a_restart_loses_nothing() {
    let Pair { provider, consumer, folder } = pair();
    let path = folder.path().join("d.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    let (did, address) = (provider.setup.did(), provider.setup.address());
    provider.management().publish_file("kept", &path).await;
    let agreement = consumer.management().agree(&did, &address, "kept", &[]).await;
    let transfer = consumer.management().transfer(&address, &agreement).await;
    consumer.management().wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = consumer.management().edr(&transfer).await;

    let (provider, consumer) = (provider.kill(), consumer.kill());
    let consumer = consumer.start();
    // The provider is down: the message waits, and arrives when it is back.
    let waiting = consumer.management().transfer(&address, &agreement).await;
    let provider = provider.start();
    consumer.management().wait("transferprocesses", &waiting, &["STARTED"]).await;
    let text = http().get(&endpoint).bearer_auth(&token).send().await.unwrap().text().await.unwrap();
    assert_eq!(text, "a\n1\n", "a running transfer survives");
    let check = consumer
        .management()
        .post(&format!("/v1/agreements/{}/verify", segment(&agreement)), &json!({}))
        .await;
    assert_eq!(check["valid"], true);
    drop(provider);
}
