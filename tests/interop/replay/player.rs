//! A peer that plays one side of a recording against a running connector of ours.

use crate::recording::{Exchange, Names, Recording};
use crate::shape;
use anyhow::{Context as _, bail, ensure};
use conformance::client::{context, http, list, segment};
use conformance::listener::{Answer, Listener, Received};
use conformance::{Management, Setup};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What our side does when its turn comes and it does not act by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The recorded provider plays; we are the consumer.
    Provider,
    /// The recorded consumer plays; we are the provider.
    Consumer,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Consumer => "consumer",
        }
    }

    const fn ours(self) -> &'static str {
        match self {
            Self::Provider => "consumer",
            Self::Consumer => "provider",
        }
    }
}

struct Script {
    names: Names,
    /// Messages of ours that are still to come, in order, as the recorded party sent them.
    coming: VecDeque<Exchange>,
    catalogue: Value,
}

/// The peer.
pub(crate) struct Player {
    side: Side,
    recording: Recording,
    script: Arc<Mutex<Script>>,
    pub(crate) listener: Listener,
    seen: usize,
    sent: usize,
    ours: Setup,
    management: Management,
    http: reqwest::Client,
    /// Our id of the process that is played.
    pub(crate) pid: String,
}

/// The recorded parties' addresses.
const THEN: [(&str, &str); 2] = [
    ("provider", "http://127.0.0.1:19199/protocol/2025-1"),
    ("consumer", "http://127.0.0.1:29199/protocol/2025-1"),
];

impl Player {
    /// Plays `side` of `recording` against the connector with this setup.
    pub(crate) fn new(side: Side, recording: &Recording, ours: &Setup) -> anyhow::Result<Self> {
        let script = Arc::new(Mutex::new(Script {
            names: Names::default(),
            coming: VecDeque::new(),
            catalogue: recording.at(2)?.answer,
        }));
        let rule = Arc::clone(&script);
        let listener = Listener::start(move |received| match rule.lock() {
            Ok(mut script) => script.answer(received),
            Err(_) => Answer::new(500, Value::Null),
        });
        if let Ok(mut script) = script.lock() {
            for (party, then) in THEN {
                let now = if party == side.name() { listener.url() } else { ours.address() };
                script.names.learn(&json!(then), &json!(now));
            }
            script.names.learn(&json!(side.ours()), &json!(ours.did()));
            script.names.renew(recording, side.name());
            // Where the recorded data planes were.
            for data in ["http://127.0.0.1:18080", "http://127.0.0.1:19197"] {
                script.names.learn(&json!(data), &json!(format!("{}/data", listener.url())));
            }
        }
        let management = Management::new(&format!("http://127.0.0.1:{}", ours.management_port), "test-key");
        Ok(Self {
            side,
            recording: recording.clone(),
            script,
            listener,
            seen: 0,
            sent: 0,
            ours: ours.clone(),
            management,
            http: http(),
            pid: String::new(),
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Script) -> T) -> anyhow::Result<T> {
        self.script
            .lock()
            .map(|mut script| work(&mut script))
            .map_err(|_| anyhow::anyhow!("the listener failed"))
    }

    /// Plays the process that the exchange `seq` opens, up to and with the exchange `until`.
    pub(crate) async fn play(&mut self, seq: u64, until: u64) -> anyhow::Result<()> {
        let script = self.recording.process(seq)?;
        let own = |e: &&Exchange| e.from == self.side.ours() && e.seq <= until;
        let coming: VecDeque<Exchange> = script.iter().filter(own).cloned().collect();
        self.with(|s| s.coming = coming)?;
        let mut by_us = true;
        for exchange in script.iter().filter(|e| e.seq <= until) {
            let result = if exchange.from == self.side.name() {
                by_us = false;
                self.send(exchange).await
            } else {
                let after_peer = !by_us;
                by_us = true;
                self.receive(exchange, after_peer).await
            };
            result.with_context(|| format!("exchange {} ({})", exchange.seq, exchange.kind()))?;
        }
        Ok(())
    }

    /// Plays one more exchange of the process.
    pub(crate) async fn finish(&mut self, exchange: &Exchange) -> anyhow::Result<()> {
        if exchange.from == self.side.name() {
            return self.send(exchange).await;
        }
        self.with(|s| s.coming.push_back(exchange.clone()))?;
        self.receive(exchange, false).await
    }

    /// Sends a recorded message of the peer, which must be taken. (The recorded refusal of an agreement came from a
    /// process that had just been ended; ours has not.)
    pub(crate) async fn send(&mut self, exchange: &Exchange) -> anyhow::Result<()> {
        let reply = self.post(exchange).await?;
        ensure!((200..300).contains(&reply.0), "we answer {}: {}", reply.0, reply.1);
        if (200..300).contains(&exchange.status) && !exchange.answer.is_null() {
            shape::same(&reply.1, &without_id(&exchange.answer), "")?;
            self.with(|s| s.names.learn_from(&exchange.answer, &reply.1))?;
        }
        if self.pid.is_empty() {
            self.pid = reply.1["providerPid"].as_str().unwrap_or_default().to_owned();
        }
        Ok(())
    }

    /// Sends it and gives the answer, whatever it is.
    pub(crate) async fn post(&mut self, exchange: &Exchange) -> anyhow::Result<(u16, Value)> {
        self.sent += 1;
        if exchange.kind() == "ContractRequestMessage" {
            self.learn_offer(exchange).await?;
        }
        let (path, mut body) =
            self.with(|s| (s.names.path(&exchange.path), s.names.today(&exchange.body)))?;
        if let Some(id) = exchange.body.get("@id").and_then(Value::as_str) {
            body["@id"] = json!(format!("urn:replay:{}:{id}", self.listener.url()));
        }
        let url = format!("{}{path}", self.ours.address());
        let mut request = match exchange.method.as_str() {
            "GET" => self.http.get(url),
            _ => self.http.post(url).json(&body),
        };
        if let Some(token) = &exchange.authorization {
            request = request.header("authorization", token);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok((status, serde_json::from_str(&response.text().await?).unwrap_or_default()))
    }

    /// The id of our offer for the dataset of a recorded request.
    async fn learn_offer(&mut self, exchange: &Exchange) -> anyhow::Result<()> {
        let dataset = exchange.body["offer"]["target"].as_str().context("no target")?;
        let url = format!("{}/catalog/datasets/{dataset}", self.ours.address());
        let token = exchange.authorization.clone().unwrap_or_default();
        let found: Value = self.http.get(url).header("authorization", token).send().await?.json().await?;
        let offer = &found["hasPolicy"][0]["@id"];
        ensure!(offer.is_string(), "no offer for {dataset}: {found}");
        self.with(|s| s.names.learn(&exchange.body["offer"]["@id"], offer))
    }

    /// Has our side send its message, and holds it against the recorded one.
    async fn receive(&mut self, exchange: &Exchange, after_peer: bool) -> anyhow::Result<()> {
        self.act(exchange, after_peer).await?;
        let kind = exchange.kind().to_owned();
        let (place, received) =
            self.listener.wait(self.seen, |r| r.method == "POST" && r.body["@type"] == kind.as_str()).await?;
        self.seen = place + 1;
        let path = self.with(|s| s.names.path(&exchange.path))?;
        ensure!(received.path == path, "sent to {} and not to {path}", received.path);
        let token: Value = serde_json::from_str(&received.authorization).context(received.authorization)?;
        ensure!(token["clientId"] == self.ours.did(), "{token}");
        for member in ["region", "audience"] {
            ensure!(token.get(member).is_some(), "{member} is not in the token");
        }
        let contexts = list(&received.body["@context"]);
        ensure!(contexts.contains(&json!("https://w3id.org/dspace/2025/1/context.jsonld")), "{contexts:?}");
        shape::same(&received.body, &exchange.body, "")
    }

    /// Orders what does not happen by itself.
    async fn act(&mut self, exchange: &Exchange, after_peer: bool) -> anyhow::Result<()> {
        let reason = exchange.body["reason"].as_array().and_then(|r| r.first()).cloned().unwrap_or_default();
        match exchange.kind() {
            "ContractRequestMessage" => self.ask(exchange).await,
            "TransferRequestMessage" => {
                let agreement = self.with(|s| s.names.today(&exchange.body["agreementId"]))?;
                let body = json!({
                    "@context": context(), "@type": "TransferRequest", "counterPartyAddress": self.listener.url(),
                    "contractId": agreement, "transferType": exchange.body["format"],
                    "protocol": "dataspace-protocol-http:2025-1",
                });
                let started = self.management.post("/v3/transferprocesses", &body).await;
                self.pid = started["@id"].as_str().context("no id")?.to_owned();
                Ok(())
            }
            "TransferSuspensionMessage" => {
                self.order("transfers", "suspend", &json!({"reason": reason})).await
            }
            "TransferCompletionMessage" => self.order("transfers", "complete", &json!({})).await,
            "TransferTerminationMessage" => {
                self.order("transfers", "terminate", &json!({"reason": reason})).await
            }
            "ContractNegotiationTerminationMessage" => {
                self.order("negotiations", "terminate", &json!({"reason": reason})).await
            }
            // A start that answers the peer happens by itself; a resumption is ordered.
            "TransferStartMessage" if after_peer && self.side == Side::Consumer => Ok(()),
            "TransferStartMessage" => self.order("transfers", "resume", &json!({})).await,
            // Agreement, verification and the event happen by themselves.
            _ => Ok(()),
        }
    }

    async fn order(&self, kind: &str, act: &str, body: &Value) -> anyhow::Result<()> {
        let path = format!("/v1/{kind}/{}/{act}", segment(&self.pid));
        let (status, answer) = self.management.call("POST", &path, Some(body)).await;
        ensure!(status == 202, "{act}: {status} {answer}");
        Ok(())
    }

    /// Starts our negotiation on an offer of the recorded catalogue, with the recorded terms.
    async fn ask(&mut self, exchange: &Exchange) -> anyhow::Result<()> {
        let dataset = exchange.body["offer"]["target"].as_str().context("no target")?;
        let mut body = self.management.contract_request("provider", &self.listener.url(), dataset, &[]).await;
        let constrained = !exchange.body["offer"]["permission"][0]["constraint"].is_null();
        if !constrained {
            body["policy"]["odrl:permission"] = json!([{"odrl:action": {"@id": "odrl:use"}}]);
        }
        if self.script_ends_early(exchange)? {
            // We are to end it after the agreement, so nothing must happen by itself.
            body["handling"] = json!("manual");
        }
        let started = self.management.post("/v3/contractnegotiations", &body).await;
        self.pid = started["@id"].as_str().context("no id")?.to_owned();
        Ok(())
    }

    fn script_ends_early(&self, exchange: &Exchange) -> anyhow::Result<bool> {
        let script = self.recording.process(exchange.seq)?;
        Ok(script
            .iter()
            .any(|e| e.kind() == "ContractNegotiationTerminationMessage" && e.from == self.side.ours()))
    }

    /// Waits until our process is in `state`.
    pub(crate) async fn ours_in(&self, kind: &str, state: &str) -> anyhow::Result<Value> {
        let path = format!("/v1/{kind}/{}", segment(&self.pid));
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let found = self.management.get(&path).await;
            if found["state"] == state {
                return Ok(found);
            }
            if Instant::now() > deadline {
                bail!("{path} is not {state}: {found:#}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What today is called as the recorded `name`.
    pub(crate) fn today(&self, name: &Value) -> anyhow::Result<Value> {
        self.with(|s| s.names.today(name))
    }

    /// Our management API.
    pub(crate) const fn management(&self) -> &Management {
        &self.management
    }

    /// Begins another process.
    pub(crate) fn next(&mut self) {
        self.pid.clear();
    }
}

/// EDC repeats the process id as `@id` of its answers, which the protocol does not have.
fn without_id(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(members) = answer.as_object_mut() {
        members.remove("@id");
    }
    answer
}

impl Script {
    fn answer(&mut self, received: &Received) -> Answer {
        if received.path.ends_with("/catalog/request") {
            return Answer::new(200, self.names.today(&self.catalogue));
        }
        if received.path.contains("/data/") {
            let allowed = !received.authorization.is_empty();
            return Answer::new(if allowed { 200 } else { 401 }, json!({"bytes": 42}));
        }
        let expected = self.coming.front().is_some_and(|e| received.body["@type"] == e.kind());
        match self.coming.pop_front() {
            Some(exchange) if expected => {
                self.names.learn_from(&exchange.body, &received.body);
                Answer::new(exchange.status, self.names.today(&exchange.answer))
            }
            // Not its turn: what is kept back comes again.
            front => {
                self.coming.extend(front);
                self.coming.rotate_right(usize::from(self.coming.len() > 1));
                Answer::new(503, Value::Null)
            }
        }
    }
}
