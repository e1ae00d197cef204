//! What the checks share: one EDC, one connector of ours, and the datasets of each.

use crate::runtime::{Edc, classpath};
use anyhow::{Context as _, bail, ensure};
use conformance::client::{anybody, context, either, file, first_offer, http, list, only, segment};
use conformance::{Management, Participant, Setup};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longest wait for a state.
const STATE_LIMIT: Duration = Duration::from_secs(15);
/// Datasets of EDC besides the named ones: more than a page of its catalogue.
pub(crate) const MANY: usize = 60;
/// The protocol's name in the management API.
pub(crate) const PROTOCOL: &str = "dataspace-protocol-http:2025-1";
/// The content of our datasets.
pub(crate) const CONTENT: &str = "hour,height\n1,2\n";

/// Both parties.
pub(crate) struct World {
    /// The peer.
    pub(crate) edc: Edc,
    /// Our connector.
    pub(crate) ours: Participant,
    /// For a second peer.
    pub(crate) classpath: String,
    /// Working folder; it stays for whoever looks for the logs.
    pub(crate) folder: PathBuf,
    http: reqwest::Client,
}

/// The party that asks, and the one that is asked.
pub(crate) struct Pair {
    pub(crate) consumer: Management,
    pub(crate) provider: Management,
    /// The provider's participant id.
    pub(crate) provider_id: String,
    /// The provider's protocol address.
    pub(crate) address: String,
    /// The consumer's participant id.
    pub(crate) consumer_id: String,
}

/// An answer to a protocol message that a check sends itself.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) link: Option<String>,
    pub(crate) body: Value,
}

impl World {
    /// Starts both and publishes the datasets.
    pub(crate) async fn new() -> anyhow::Result<Self> {
        let classpath = classpath()?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop-edc-run");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let edc = Edc::start(&classpath, "edc-peer", &folder, Some(50))?;
        let ours = Setup::new("Ours", &folder).with("--identity=insecure-mock").start();
        let world = Self { edc, ours, classpath, folder, http: http() };
        world.publish_ours().await?;
        world.publish_theirs().await;
        Ok(world)
    }

    async fn publish_ours(&self) -> anyhow::Result<()> {
        let management = self.ours.management();
        let path = self.folder.join("data.csv");
        std::fs::write(&path, CONTENT)?;
        let elsewhere = only("spatial", "eq", json!("BE"));
        management.publish("plain", file(&path), anybody(), anybody()).await;
        management.publish("dated", file(&path), dated(), anybody()).await;
        management.publish("closed", file(&path), elsewhere.clone(), anybody()).await;
        management.publish("hidden", file(&path), anybody(), elsewhere).await;
        for (id, handling) in
            [("by-hand", json!("manual")), ("half", json!({"finalize": "manual", "transfer": "manual"}))]
        {
            management.publish(id, file(&path), anybody(), anybody()).await;
            handle(&management, id, &handling).await?;
        }
        Ok(())
    }

    async fn publish_theirs(&self) {
        let management = self.edc.management();
        let address = json!({"@type": "DataAddress", "type": "HttpData", "baseUrl": "http://127.0.0.1:9/"});
        management.publish("plain", address.clone(), anybody(), anybody()).await;
        management.publish("dated", address.clone(), dated(), anybody()).await;
        for n in 0..MANY {
            management
                .post(
                    "/v3/assets",
                    &json!({
                        "@context": context(), "@type": "Asset", "@id": format!("many-{n:03}"),
                        "properties": {"name": "one of many"}, "dataAddress": address,
                    }),
                )
                .await;
        }
        management
            .post(
                "/v3/contractdefinitions",
                &json!({
                    "@context": context(), "@type": "ContractDefinition", "@id": "many",
                    "accessPolicyId": "plain-access", "contractPolicyId": "plain-terms",
                    "assetsSelector": [{"@type": "Criterion", "operandLeft": "https://w3id.org/edc/v0.0.1/ns/name",
                        "operator": "=", "operandRight": "one of many"}],
                }),
            )
            .await;
    }

    /// EDC asks, we are asked.
    pub(crate) fn edc_asks(&self) -> Pair {
        Pair {
            consumer: self.edc.management(),
            provider: self.ours.management(),
            provider_id: self.ours.setup.did(),
            address: self.ours.setup.address(),
            consumer_id: self.edc.id.clone(),
        }
    }

    /// We ask, EDC is asked.
    pub(crate) fn we_ask(&self) -> Pair {
        Pair {
            consumer: self.ours.management(),
            provider: self.edc.management(),
            provider_id: self.edc.id.clone(),
            address: self.edc.address(),
            consumer_id: self.ours.setup.did(),
        }
    }

    /// A protocol message of our own making; `token` is the whole `Authorization` header.
    pub(crate) async fn dsp(
        &self,
        url: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> anyhow::Result<Reply> {
        let mut request = match body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url),
        };
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let link = response.headers().get("link").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let text = response.text().await?;
        Ok(Reply { status, link, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
    }
}

/// The mock identity's token in the form of releases up to 0.17.
pub(crate) fn token(client: &str) -> String {
    json!({"region": "any", "audience": "any", "clientId": client}).to_string()
}

/// Terms with a constraint that both sides know.
fn dated() -> Value {
    only("inForceDate", "lteq", json!("contractAgreement+30d"))
}

/// Sets the handling of the definition that [`Management::publish`] made.
async fn handle(management: &Management, id: &str, handling: &Value) -> anyhow::Result<()> {
    let body = json!({
        "@context": context(), "@type": "ContractDefinition", "@id": format!("{id}-offer"),
        "accessPolicyId": format!("{id}-access"), "contractPolicyId": format!("{id}-terms"),
        "assetsSelector": [{"@type": "Criterion", "operandLeft": "https://w3id.org/edc/v0.0.1/ns/id",
            "operator": "=", "operandRight": id}],
        "handling": handling,
    });
    let (status, answer) = management.call("PUT", "/v3/contractdefinitions", Some(&body)).await;
    ensure!(status == 204, "PUT contract definition: {status} {answer}");
    Ok(())
}

impl Pair {
    /// The body that asks for `dataset`.
    pub(crate) async fn request(&self, dataset: &str) -> Value {
        let body = json!({
            "@context": context(), "@type": "DatasetRequest", "@id": dataset, "protocol": PROTOCOL,
            "counterPartyAddress": self.address, "counterPartyId": self.provider_id,
        });
        let found = self.consumer.post("/v3/catalog/dataset/request", &body).await;
        let policy = first_offer(&found, &found["@context"], dataset, &self.provider_id);
        json!({
            "@context": context(), "@type": "ContractRequest", "counterPartyAddress": self.address,
            "counterPartyId": self.provider_id, "protocol": PROTOCOL, "policy": policy,
        })
    }

    /// Starts a negotiation with `body`; the consumer's id of it.
    pub(crate) async fn start(&self, body: &Value) -> anyhow::Result<String> {
        let (status, answer) = self.consumer.call("POST", "/v3/contractnegotiations", Some(body)).await;
        ensure!(status == 200, "the negotiation is not started: {status} {answer}");
        Ok(answer["@id"].as_str().context("no id")?.to_owned())
    }

    /// Starts one for `dataset` with the offer as it is.
    pub(crate) async fn ask(&self, dataset: &str) -> anyhow::Result<String> {
        self.start(&self.request(dataset).await).await
    }

    /// The consumer's negotiation in one of these states.
    pub(crate) async fn consumer_in(&self, id: &str, states: &[&str]) -> anyhow::Result<Value> {
        reach(&self.consumer, &negotiation(id), states).await
    }

    /// The provider's negotiation that belongs to the consumer's, in one of these states.
    pub(crate) async fn provider_in(&self, consumer_pid: &str, states: &[&str]) -> anyhow::Result<Value> {
        let id = counterpart(&self.provider, "contractnegotiations", consumer_pid).await?;
        reach(&self.provider, &negotiation(&id), states).await
    }

    /// The provider's id of the negotiation.
    pub(crate) async fn provider_pid(&self, consumer_pid: &str) -> anyhow::Result<String> {
        counterpart(&self.provider, "contractnegotiations", consumer_pid).await
    }

    /// A contract in force on `dataset`: the consumer's negotiation.
    pub(crate) async fn finalize(&self, dataset: &str) -> anyhow::Result<Value> {
        let id = self.ask(dataset).await?;
        let consumer = self.consumer_in(&id, &["FINALIZED", "TERMINATED"]).await?;
        ensure!(consumer["state"] == "FINALIZED", "consumer: {consumer:#}");
        let provider = self.provider_in(&id, &["FINALIZED", "TERMINATED"]).await?;
        ensure!(provider["state"] == "FINALIZED", "provider: {provider:#}");
        Ok(consumer)
    }
}

/// Path of a negotiation in the management API.
pub(crate) fn negotiation(id: &str) -> String {
    format!("/v3/contractnegotiations/{}", segment(id))
}

/// Waits for a process in one of these states.
pub(crate) async fn reach(side: &Management, path: &str, states: &[&str]) -> anyhow::Result<Value> {
    let deadline = Instant::now() + STATE_LIMIT;
    loop {
        let (status, process) = side.call("GET", path, None).await;
        if status == 200 && states.iter().any(|s| process["state"] == *s) {
            return Ok(process);
        }
        if Instant::now() > deadline {
            bail!("{path} did not reach {states:?}: {status} {process:#}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The process of `kind` at `side` whose correlation id is `peer_pid`.
pub(crate) async fn counterpart(side: &Management, kind: &str, peer_pid: &str) -> anyhow::Result<String> {
    let query = json!({
        "@context": context(), "@type": "QuerySpec",
        "filterExpression": [{"@type": "Criterion", "operandLeft": "correlationId", "operator": "=", "operandRight": peer_pid}],
    });
    let deadline = Instant::now() + STATE_LIMIT;
    loop {
        let found = list(&side.post(&format!("/v3/{kind}/request"), &query).await);
        if let Some(id) = found.first().and_then(|p| p["@id"].as_str()) {
            return Ok(id.to_owned());
        }
        if Instant::now() > deadline {
            bail!("the other side knows no process of {kind} that belongs to {peer_pid}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Ids of the datasets of a catalogue, in order.
pub(crate) fn ids(catalogue: &Value) -> Vec<String> {
    let mut ids: Vec<String> = list(either(catalogue, "dataset", "dcat:dataset"))
        .iter()
        .filter_map(|d| d["@id"].as_str().map(str::to_owned))
        .collect();
    ids.sort();
    ids
}
