//! The scenarios without the kit: our own peer against any connector that the settings describe.

use super::gate::{Outcome, TestResult};
use super::peer::{Listener, Opening, PARTICIPANT, Peer, check};
use super::scenario::{Kind, Role, Scenario, State, Step};
use super::settings::Settings;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::{Duration, Instant};

/// A judge of one connector.
#[derive(Debug)]
pub struct Twin {
    settings: Settings,
    peer: Peer,
    _listener: Listener,
    base: String,
    callback: String,
    /// Wait before each message of the peer's within a process.
    pace: Duration,
}

/// The process of a running scenario, and how many messages it has awaited.
struct Turn {
    pid: String,
    awaited: usize,
}

impl Twin {
    /// Listens where the settings say, as the kit would.
    ///
    /// # Errors
    /// A setting is missing, or the address cannot be bound.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        let host = settings.get("dataspacetck.host").unwrap_or("127.0.0.1");
        let port: u16 = settings.get("dataspacetck.port").unwrap_or("8083").parse()?;
        let address: SocketAddr =
            (host, port).to_socket_addrs()?.next().with_context(|| format!("{host} is no address"))?;
        let authorization = settings.get("dataspacetck.dsp.connector.http.headers.authorization");
        let them = settings.need("dataspacetck.dsp.connector.agent.id")?;
        let peer = Peer::new(them, authorization, settings.wait());
        let callback =
            settings.get("dataspacetck.callback.address").unwrap_or("http://localhost:8083").to_owned();
        let base = settings.need("dataspacetck.dsp.connector.http.url")?.trim_end_matches('/').to_owned();
        Ok(Self { _listener: peer.listen(address)?, settings, peer, base, callback, pace: Duration::ZERO })
    }

    /// With a wait before each message of the peer's. The official kit waits 100 ms before some; a connector that
    /// is still busy with its own last message may lose one that comes at once.
    #[must_use]
    pub const fn pace(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// The peer that it plays.
    #[must_use]
    pub const fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Runs a scenario.
    pub async fn run(&self, scenario: &Scenario) -> TestResult {
        let began = Instant::now();
        let outcome = match self.play(scenario).await {
            Ok(_) => Outcome::Passed,
            Err(error) => Outcome::Failed(format!("{error:#}")),
        };
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        TestResult { name: scenario.name(), outcome, millis }
    }

    /// Plays a scenario; gives the peer's id of its process, where there is one.
    ///
    /// # Errors
    /// What the connector did wrong, and at which step.
    pub async fn play(&self, scenario: &Scenario) -> anyhow::Result<Option<String>> {
        let mut turn: Option<Turn> = None;
        for (index, step) in scenario.steps.iter().enumerate() {
            self.step(scenario, *step, &mut turn)
                .await
                .with_context(|| format!("step {}, {step:?}", index + 1))?;
        }
        let Some(turn) = turn else { return Ok(None) };
        let faults = self.peer.faults(&turn.pid)?;
        ensure!(faults.is_empty(), "{}", faults.join("; "));
        let more = self.peer.received(&turn.pid)?;
        ensure!(more == turn.awaited, "{more} messages came and {} belong to the scenario", turn.awaited);
        Ok(Some(turn.pid))
    }

    async fn step(&self, scenario: &Scenario, step: Step, turn: &mut Option<Turn>) -> anyhow::Result<()> {
        match step {
            Step::Versions => self.versions().await,
            Step::Catalogue => self.catalogue(&self.settings.subject(scenario)).await,
            Step::Dataset => self.dataset(&self.settings.subject(scenario)).await,
            Step::NoDataset => self.no_dataset(&self.settings.subject(scenario)).await,
            Step::Open => {
                *turn = Some(self.open(scenario).await?);
                Ok(())
            }
            Step::Await(state) => {
                let turn = turn.as_mut().context("no process is open")?;
                self.peer.wait(&turn.pid, turn.awaited, state).await?;
                turn.awaited += 1;
                Ok(())
            }
            Step::Send(act) => {
                tokio::time::sleep(self.pace).await;
                self.peer.send(&open(turn)?.pid, act).await
            }
            Step::Refused(act) => {
                tokio::time::sleep(self.pace).await;
                self.peer.refused(&open(turn)?.pid, act).await
            }
            Step::Shows(state) => self.peer.shows(&open(turn)?.pid, state).await,
        }
    }

    async fn open(&self, scenario: &Scenario) -> anyhow::Result<Turn> {
        let (kind, role) = scenario.group.process().context("this group has no processes")?;
        let (subject, offer_id, format) =
            (self.settings.subject(scenario), self.settings.offer(scenario), self.settings.format(scenario));
        let opening = Opening { kind, subject: &subject, offer_id: &offer_id, format: &format };
        if role == Role::Provider {
            let pid = self.peer.open(opening, &self.base, &self.callback).await?;
            return Ok(Turn { pid, awaited: 0 });
        }
        let (key, body) = match kind {
            Kind::Negotiation => (
                "dataspacetck.dsp.connector.negotiation.initiate.url",
                json!({
                    "providerId": PARTICIPANT, "connectorAddress": self.callback, "offerId": offer_id,
                    "datasetId": subject,
                }),
            ),
            Kind::Transfer => (
                "dataspacetck.dsp.connector.transfer.initiate.url",
                json!({
                    "providerId": PARTICIPANT, "connectorAddress": self.callback, "agreementId": subject,
                    "format": format,
                }),
            ),
        };
        let url = self.settings.need(key)?;
        let (status, answer) = self.peer.call("POST", url, Some(&body), true).await?;
        ensure!((200..300).contains(&status), "POST {url}: {status} {answer}");
        let pid = self.peer.opened(kind, &subject).await?;
        // The request itself was the first message.
        let turn = Turn { pid, awaited: 1 };
        self.peer.wait(&turn.pid, 0, State::Requested).await?;
        Ok(turn)
    }

    async fn versions(&self) -> anyhow::Result<()> {
        let root = self.settings.need("dataspacetck.dsp.connector.http.base.url")?;
        let url = format!("{root}/.well-known/dspace-version");
        let (status, body) = self.peer.call("GET", &url, None, false).await?;
        ensure!(status == 200, "GET {url}: {status} {body}");
        let versions = body.get("protocolVersions").and_then(Value::as_array);
        let found =
            versions.and_then(|list| list.iter().find(|v| check::text(v, "version") == Some("2025-1")));
        let found = found.with_context(|| format!("there is no version 2025-1 in {body}"))?;
        for member in ["path", "binding"] {
            ensure!(check::text(found, member).is_some(), "{member} is missing in {found}");
        }
        Ok(())
    }

    async fn catalogue(&self, dataset: &str) -> anyhow::Result<()> {
        let url = format!("{}/catalog/request", self.base);
        let body = json!({
            "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"], "@type": "CatalogRequestMessage",
        });
        let (status, answer) = self.peer.call("POST", &url, Some(&body), true).await?;
        ensure!(status == 200, "POST {url}: {status} {answer}");
        ensure!(check::text(&answer, "@type") == Some("Catalog"), "the answer is no catalogue");
        ensure!(check::text(&answer, "participantId").is_some(), "participantId is missing");
        let list = answer.get("dataset").and_then(Value::as_array).context("dataset is no list")?;
        let found = list.iter().find(|d| check::text(d, "@id") == Some(dataset));
        let found = found.with_context(|| format!("{dataset} is not in the catalogue"))?;
        check::dataset(found, dataset).map_err(anyhow::Error::msg)
    }

    async fn dataset(&self, dataset: &str) -> anyhow::Result<()> {
        let url = format!("{}/catalog/datasets/{dataset}", self.base);
        let (status, answer) = self.peer.call("GET", &url, None, false).await?;
        ensure!(status == 200, "GET {url}: {status} {answer}");
        check::dataset(&answer, dataset).map_err(anyhow::Error::msg)
    }

    async fn no_dataset(&self, dataset: &str) -> anyhow::Result<()> {
        let url = format!("{}/catalog/datasets/{dataset}", self.base);
        let (status, answer) = self.peer.call("GET", &url, None, false).await?;
        ensure!(status == 404, "GET {url}: {status} {answer}");
        ensure!(check::text(&answer, "@type") == Some("CatalogError"), "the answer is no error: {answer}");
        Ok(())
    }
}

fn open(turn: &Option<Turn>) -> anyhow::Result<&Turn> {
    turn.as_ref().context("no process is open")
}
