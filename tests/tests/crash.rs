//! `kill -9` of either side at random points, with and without a network that drops, delays and duplicates: nothing
//! is lost, nothing happens twice, and both sides come to agree on every process.
//!
//! `ENTENTE_CRASH_ROUNDS` (24) and `ENTENTE_CRASH_SEED` change the run. The long run:
//! `ENTENTE_CRASH_ROUNDS=300 cargo test -p conformance --test crash -- --nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::chance::Chance;
use conformance::client::{context, list, request_body};
use conformance::ports::free_port;
use conformance::proxy::{self, Weather};
use conformance::{Management, Participant, Setup, say};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const DATASET: &str = "data";
/// Negotiations that begin in each round.
const BATCH: usize = 6;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

struct Field {
    provider: Option<Participant>,
    consumer: Option<Participant>,
    body: Value,
    chance: Chance,
    kills: usize,
    /// Processes whose creation was answered; they must never be lost.
    promised: BTreeSet<String>,
    promised_transfers: BTreeSet<String>,
    _folder: tempfile::TempDir,
}

impl Field {
    async fn new(weather: Option<Weather>, seed: u64) -> (Self, Vec<actix_web::web::Data<proxy::Tally>>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.csv");
        std::fs::write(&path, "a\n1\n").unwrap();
        let mut tallies = Vec::new();
        let mut setup = |name: &str| {
            let mut setup = Setup::new(name, folder.path()).with("--log=warn");
            if let Some(weather) = weather {
                let port = free_port();
                let target = format!("http://127.0.0.1:{}", setup.port);
                tallies.push(proxy::start(port, &target, weather, Chance::new(seed ^ u64::from(port))));
                setup.public_url = Some(format!("http://localhost:{port}"));
            }
            setup
        };
        let (provider, consumer) = (setup("Provider").start(), setup("Consumer").start());
        provider.management().publish_file(DATASET, &path).await;
        let (did, address) = (provider.setup.did(), provider.setup.address());
        let body = offer(&consumer.management(), &did, &address).await;
        let field = Self {
            provider: Some(provider),
            consumer: Some(consumer),
            body,
            chance: Chance::new(seed),
            kills: 0,
            promised: BTreeSet::new(),
            promised_transfers: BTreeSet::new(),
            _folder: folder,
        };
        (field, tallies)
    }

    fn host(&self) -> Management {
        self.provider.as_ref().unwrap().management()
    }

    fn guest(&self) -> Management {
        self.consumer.as_ref().unwrap().management()
    }

    /// Begins a batch of negotiations, and transfers under the contracts that there are, and kills one side
    /// somewhere in the middle.
    async fn round(&mut self) {
        let guest = self.guest();
        let agreements: Vec<String> = all(&guest, "contractnegotiations")
            .await
            .iter()
            .filter(|n| n["state"] == "FINALIZED")
            .rev()
            .take(2)
            .map(|n| n["contractAgreementId"].as_str().unwrap().to_owned())
            .collect();
        let address = self.body["counterPartyAddress"].clone();
        let negotiations = (0..BATCH).map(|_| ("/v3/contractnegotiations", self.body.clone()));
        let transfers = agreements.iter().map(|agreement| {
            let order = json!({"@context": context(), "counterPartyAddress": address, "contractId": agreement,
                "transferType": "HttpData-PULL", "protocol": "dataspace-protocol-http:2025-1"});
            ("/v3/transferprocesses", order)
        });
        let orders: Vec<_> = negotiations
            .chain(transfers)
            .map(|(path, body)| {
                let guest = guest.clone();
                tokio::spawn(async move { (path, guest.try_call("POST", path, Some(&body)).await) })
            })
            .collect();
        tokio::time::sleep(Duration::from_micros(self.chance.below(60_000))).await;
        self.kills += 1;
        let restart = |side: Option<Participant>| Some(side.unwrap().kill().start());
        match self.chance.below(3) {
            0 => self.provider = restart(self.provider.take()),
            1 => self.consumer = restart(self.consumer.take()),
            _ => {
                let (provider, consumer) = (self.provider.take().unwrap(), self.consumer.take().unwrap());
                let (provider, consumer) = (provider.kill(), consumer.kill());
                (self.provider, self.consumer) = (Some(provider.start()), Some(consumer.start()));
                self.kills += 1;
            }
        }
        for order in orders {
            let (path, answer) = order.await.unwrap();
            if let Some((200, answer)) = answer {
                let id = answer["@id"].as_str().unwrap().to_owned();
                if path == "/v3/contractnegotiations" {
                    self.promised.insert(id);
                } else {
                    self.promised_transfers.insert(id);
                }
            }
        }
    }

    /// Waits until both sides agree on everything.
    async fn settle(&self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            let reason = match self.judge().await {
                Ok(()) => return,
                Err(reason) => reason,
            };
            assert!(Instant::now() < deadline, "the sides do not come to agree: {reason}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn judge(&self) -> Result<(), String> {
        let (host, guest) = (self.host(), self.guest());
        let ends = [
            ("contractnegotiations", &["FINALIZED", "TERMINATED"][..], &self.promised),
            ("transferprocesses", &["STARTED", "TERMINATED"][..], &self.promised_transfers),
        ];
        for (kind, ends, promised) in ends {
            let ours = by_id(all(&guest, kind).await);
            let theirs = all(&host, kind).await;
            if let Some(lost) = promised.iter().find(|id| !ours.contains_key(*id)) {
                panic!("{kind} {lost} was answered and is lost");
            }
            let mut seen = BTreeSet::new();
            for process in &theirs {
                let peer = process["correlationId"].as_str().unwrap();
                assert!(seen.insert(peer.to_owned()), "{kind}: two processes for {peer}");
                let own = ours.get(peer).unwrap_or_else(|| panic!("{kind}: nobody asked for {peer}"));
                if own["state"] != process["state"] {
                    return Err(format!(
                        "{kind} {peer}: {} ({}) and {} ({})",
                        own["state"], own["errorDetail"], process["state"], process["errorDetail"]
                    ));
                }
                assert_eq!(own["contractAgreementId"], process["contractAgreementId"], "{peer}");
            }
            for (id, process) in &ours {
                let state = process["state"].as_str().unwrap();
                if !ends.contains(&state) {
                    return Err(format!("{kind} {id} is in {state}"));
                }
                if state != "TERMINATED" && !seen.contains(id) {
                    return Err(format!("{kind} {id} has no counterpart"));
                }
            }
        }
        let agreements = |side: Management| async move {
            let found = all(&side, "contractagreements").await;
            found.iter().map(|a| a["@id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for ids in [agreements(host).await, agreements(guest).await] {
            let unique: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(unique.len(), ids.len());
        }
        Ok(())
    }

    async fn report(&self, name: &str, rounds: u64, seed: u64) {
        let count = |list: &[Value], state: &str| list.iter().filter(|p| p["state"] == state).count();
        let negotiations = all(&self.guest(), "contractnegotiations").await;
        let transfers = all(&self.guest(), "transferprocesses").await;
        say(format!(
            "{name}: {rounds} rounds, {} kills, seed {seed}; {} negotiations ({} finalized, {} terminated), {} transfers \
             ({} started, {} terminated); lost 0, duplicated 0",
            self.kills,
            negotiations.len(),
            count(&negotiations, "FINALIZED"),
            count(&negotiations, "TERMINATED"),
            transfers.len(),
            count(&transfers, "STARTED"),
            count(&transfers, "TERMINATED"),
        ));
        // With both sides up, nothing is given up.
        assert_eq!(count(&negotiations, "TERMINATED"), 0);
        assert_eq!(count(&transfers, "TERMINATED"), 0);
    }
}

async fn offer(guest: &Management, did: &str, address: &str) -> Value {
    for _ in 0..50 {
        let request = json!({"@context": context(), "@type": "CatalogRequest", "counterPartyAddress": address,
            "counterPartyId": did, "protocol": "dataspace-protocol-http:2025-1"});
        // The network may lose this one too.
        if let (200, catalogue) = guest.call("POST", "/v3/catalog/request", Some(&request)).await {
            return request_body(&catalogue, did, address, DATASET, &[]);
        }
        // What could not be asked is not asked again for a second.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("no catalogue");
}

/// All processes of a kind.
async fn all(side: &Management, kind: &str) -> Vec<Value> {
    let query = json!({"@context": context(), "@type": "QuerySpec", "limit": 10_000});
    list(&side.post(&format!("/v3/{kind}/request"), &query).await)
}

fn by_id(processes: Vec<Value>) -> BTreeMap<String, Value> {
    processes.into_iter().map(|p| (p["@id"].as_str().unwrap().to_owned(), p)).collect()
}

#[actix_web::test]
async fn killed_at_random_points_nothing_is_lost_or_doubled() {
    let (rounds, seed) = (setting("ENTENTE_CRASH_ROUNDS", 24), setting("ENTENTE_CRASH_SEED", 20_261_123));
    let (mut field, _) = Field::new(None, seed).await;
    for _ in 0..rounds {
        field.round().await;
        field.settle().await;
    }
    field.report("kill -9", rounds, seed).await;
}

#[actix_web::test]
async fn on_a_bad_network_too() {
    let (rounds, seed) = (setting("ENTENTE_CRASH_ROUNDS", 24) / 2, setting("ENTENTE_CRASH_SEED", 20_261_123));
    let weather = Weather { lost: 10, unanswered: 10, doubled: 10, delayed: 20 };
    let (mut field, tallies) = Field::new(Some(weather), seed).await;
    for _ in 0..rounds {
        field.round().await;
        field.settle().await;
    }
    field.report("kill -9 on a bad network", rounds, seed).await;
    let sum = |of: fn(&proxy::Tally) -> u64| tallies.iter().map(|t| of(t)).sum::<u64>();
    say(format!(
        "{} of {} requests were lost, left unanswered, doubled or delayed",
        sum(|t| t.disturbed.load(Ordering::Relaxed)),
        sum(|t| t.requests.load(Ordering::Relaxed))
    ));
}
