//! Timers outlive their process: what passed while it was down fires at the start, what comes later fires on time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::client::{Management, anybody, file, list, only, segment};
use conformance::{Participant, Setup};
use engine::port::Clock as _;
use ontology::time::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const DATASET: &str = "tides";

fn now() -> Timestamp {
    connector::system::SystemClock.now()
}

struct Pair {
    provider: Participant,
    consumer: Participant,
    _folder: tempfile::TempDir,
}

impl Pair {
    /// The consumer waits `seconds` for a transfer; the dataset is offered under `policy` and handled as said.
    async fn new(seconds: u32, policy: Value, handling: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tides.csv");
        std::fs::write(&path, "hour,height\n1,2\n").unwrap();
        let limit = format!("--transfer-deadline-seconds={seconds}");
        let provider = Setup::new("Provider", folder.path()).start();
        let consumer = Setup::new("Consumer", folder.path()).with(limit).start();
        let host = provider.management();
        host.publish(DATASET, file(&path), policy, anybody()).await;
        host.handle(DATASET, handling).await;
        Self { provider, consumer, _folder: folder }
    }

    fn host(&self) -> Management {
        self.provider.management()
    }

    fn guest(&self) -> Management {
        self.consumer.management()
    }

    async fn agree(&self) -> String {
        self.guest().agree(&self.provider.setup.did(), &self.provider.setup.address(), DATASET, &[]).await
    }

    async fn transfer(&self, agreement: &str) -> String {
        self.guest().transfer(&self.provider.setup.address(), agreement).await
    }
}

/// All events of this type about this subject.
async fn events(side: &Management, kind: &str, subject: &str) -> Vec<Value> {
    let page = side.get(&format!("/v1/events?type={kind}&subject={}&limit=1000", segment(subject))).await;
    list(&page["events"])
}

/// Waits for the event that says that an agreement has expired.
async fn expired(side: &Management, agreement: &str) -> Value {
    for _ in 0..500 {
        if let Some(event) = events(side, "contract.agreement.expired", agreement).await.pop() {
            return event;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{agreement} has not expired");
}

#[tokio::test]
async fn an_agreement_that_expires_while_everybody_is_down_is_over_at_the_start_and_once() {
    let until = now().plus_millis(5_000);
    let pair = Pair::new(600, only("dateTime", "lt", json!(until.to_rfc3339())), json!("automatic")).await;
    let agreement = pair.agree().await;
    let transfer = pair.transfer(&agreement).await;
    pair.guest().wait("transferprocesses", &transfer, &["STARTED"]).await;
    let Pair { provider, consumer, _folder } = pair;
    let (provider, consumer) = (provider.kill(), consumer.kill());
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    let mut pair = Pair { provider: provider.start(), consumer: consumer.start(), _folder };
    for side in [pair.host(), pair.guest()] {
        let event = expired(&side, &agreement).await;
        assert_eq!(event["data"]["validUntil"], until.to_rfc3339(), "{event:#}");
        let contract = side.get(&format!("/v1/agreements/{}", segment(&agreement))).await;
        assert!(contract["ended"].to_string().contains("valid until"), "{contract:#}");
    }
    pair.guest().wait("transferprocesses", &transfer, &["TERMINATED"]).await;
    // Once is enough, whoever starts again.
    pair.provider = pair.provider.kill().start();
    pair.consumer = pair.consumer.kill().start();
    tokio::time::sleep(Duration::from_millis(500)).await;
    for side in [pair.host(), pair.guest()] {
        assert_eq!(events(&side, "contract.agreement.expired", &agreement).await.len(), 1);
    }
}

#[tokio::test]
async fn an_agreement_that_expires_after_a_restart_does_so_on_time() {
    let until = now().plus_millis(6_000);
    let mut pair =
        Pair::new(600, only("dateTime", "lt", json!(until.to_rfc3339())), json!("automatic")).await;
    let agreement = pair.agree().await;
    let transfer = pair.transfer(&agreement).await;
    pair.guest().wait("transferprocesses", &transfer, &["STARTED"]).await;
    pair.provider = pair.provider.kill().start();
    assert!(now() < until, "the machine is too slow for this test");
    assert!(events(&pair.host(), "contract.agreement.expired", &agreement).await.is_empty(), "too early");
    let event = expired(&pair.host(), &agreement).await;
    let late = Timestamp::parse(event["time"].as_str().unwrap()).unwrap().minus(until);
    assert!((0..2_000).contains(&late), "{late} ms late");
    let ended = pair.guest().wait("transferprocesses", &transfer, &["TERMINATED"]).await;
    assert!(ended["errorDetail"].as_str().is_some_and(|why| !why.is_empty()), "{ended:#}");
}

#[tokio::test]
async fn a_transfer_that_does_not_start_in_time_is_terminated_on_both_sides() {
    let mut pair = Pair::new(2, anybody(), json!({"transfer": "manual"})).await;
    let agreement = pair.agree().await;
    let first = pair.transfer(&agreement).await;
    let ended = pair.guest().wait("transferprocesses", &first, &["TERMINATED"]).await;
    assert_eq!(ended["errorDetail"], "the transfer did not start within 2 s", "{ended:#}");
    let theirs = ended["correlationId"].as_str().unwrap().to_owned();
    let told = pair.host().wait("transferprocesses", &theirs, &["TERMINATED"]).await;
    assert_eq!(told["errorDetail"], "the transfer did not start within 2 s", "{told:#}");
    // The deadline passes while the consumer is down.
    let second = pair.transfer(&agreement).await;
    let setup = pair.consumer.kill();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    pair.consumer = setup.start();
    let ended = pair.guest().wait("transferprocesses", &second, &["TERMINATED"]).await;
    assert_eq!(ended["errorDetail"], "the transfer did not start within 2 s", "{ended:#}");
    // One that starts in time goes on beyond the deadline.
    let third = pair.transfer(&agreement).await;
    let theirs = loop {
        let record = pair.guest().wait("transferprocesses", &third, &["REQUESTED"]).await;
        if let Some(theirs) = record["correlationId"].as_str() {
            break theirs.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    pair.host().post(&format!("/v1/transfers/{}/start", segment(&theirs)), &json!({})).await;
    pair.guest().wait("transferprocesses", &third, &["STARTED"]).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let record = pair.guest().get(&format!("/v3/transferprocesses/{}", segment(&third))).await;
    assert_eq!(record["state"], "STARTED", "{record:#}");
}
