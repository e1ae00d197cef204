//! `entente lab tour`: the whole story, step by step, with timings.

use super::samples;
use super::state::{LabState, Member, running};
use super::up::{Lab, UpCommand, start};
use crate::cli::{
    Acquired, Acquisition, CliError, Client, FoundOffer, acquire, agree, await_agreement, open_transfer,
    output,
};
use clap::Args;
use engine::publish::dataset::segment;
use futures_util::StreamExt as _;
use indicatif::ProgressBar;
use policies::{Lang, sentences};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Tell the whole story on the running lab, or on one started for it.
#[derive(Debug, Args)]
pub struct TourCommand {
    /// Language of the terms
    #[arg(long, value_parser = ["en", "fr"], default_value = "en")]
    lang: String,
    /// Dataset of the first participant to get; the smallest one unless the lab has its samples
    #[arg(long, value_name = "ID")]
    dataset: Option<String>,
    /// Folder or datapackage.json for a lab started for the tour, as in `lab up`
    #[arg(long, value_name = "PATH")]
    data: Option<std::path::PathBuf>,
}

struct Tour {
    lab: LabState,
    dataset: Option<String>,
    lang: Lang,
    step: u32,
    began: Instant,
}

pub(super) async fn run(command: TourCommand) -> Result<(), CliError> {
    let lang = if command.lang == "fr" { Lang::Fr } else { Lang::En };
    let (lab, own): (LabState, Option<Lab>) = match running() {
        Some(_) if command.data.is_some() => {
            return Err(CliError::Usage(
                "a lab runs already; --data is for one that the tour starts".to_owned(),
            ));
        }
        Some(state) => (state, None),
        None => {
            output::line("No lab is running; one is started for the tour.\n");
            crate::telemetry::init_logs("warn", crate::telemetry::LogFormat::Text);
            let lab = start(&UpCommand {
                participants: 3,
                data: command.data.clone(),
                persist: None,
                json: false,
                log: "warn".to_owned(),
            })
            .await?;
            (lab.state.clone(), Some(lab))
        }
    };
    let mut tour = Tour { lab, dataset: command.dataset, lang, step: 0, began: Instant::now() };
    let result = tour.tell().await;
    if let Some(lab) = own {
        lab.stop().await;
    }
    result
}

impl Tour {
    fn heading(&mut self, text: &str) {
        self.step += 1;
        self.began = Instant::now();
        output::line(format!("\n{}. {text}", self.step));
    }

    fn say(&self, text: impl AsRef<str>) {
        output::line(format!("   {}", text.as_ref()));
    }

    fn done(&self, text: impl AsRef<str>) {
        output::line(format!("   {}  [{:.1} ms]", text.as_ref(), self.began.elapsed().as_secs_f64() * 1e3));
    }

    fn member(&self, slug: &str) -> Result<Member, CliError> {
        self.lab
            .find(slug)
            .cloned()
            .ok_or_else(|| CliError::Usage(format!("the tour needs the participant {slug} in the lab")))
    }

    async fn tell(&mut self) -> Result<(), CliError> {
        let consumer = self.member("ferme")?;
        let provider = self.member("port")?;
        let client = Client::new(&consumer.management_url, &consumer.management_key)?;
        let host = Client::new(&provider.management_url, &provider.management_key)?;
        output::line(format!("{} looks for data in the lab's data space.", consumer.name));

        let dataset = self.find(&client, &provider).await?;
        let offer = self.read(&client, &dataset).await?;
        let got = self.get(&client, &dataset).await?;
        self.signed(&client, &got).await?;
        self.refused(&client, &provider).await?;
        self.cut(&client, &host).await?;
        drop(offer);
        output::line(
            "\nThe tour ended well: found, read, negotiated, signed by both, received, verified, refused where due, and cut when the contract ended.",
        );
        Ok(())
    }

    /// The small open dataset that the provider publishes.
    async fn find(&mut self, client: &Client, provider: &Member) -> Result<String, CliError> {
        self.heading("Find: SPARQL over the catalogues of all providers");
        let query = format!(
            "PREFIX dcat: <{}> PREFIX dct: <{}> SELECT ?id ?title ?catalogue ?size WHERE {{ ?d a dcat:Dataset ; \
             dct:title ?title ; dct:identifier ?id ; dcat:byteSize ?size . OPTIONAL {{ ?catalogue dcat:dataset ?d }} }} ORDER BY ?size",
            ontology::dcat::NS,
            ontology::dct::NS
        );
        let answer = client.sparql(&query, "application/sparql-results+json").await?;
        let result: Value = serde_json::from_str(&answer).map_err(|e| CliError::Other(e.to_string()))?;
        let rows = result.pointer("/results/bindings").and_then(Value::as_array).cloned().unwrap_or_default();
        let text = |row: &Value, name: &str| {
            row.get(name).and_then(|t| t.get("value")).and_then(Value::as_str).unwrap_or("").to_owned()
        };
        for row in &rows {
            self.say(format!("{:<22} {:>10} B  {}", text(row, "id"), text(row, "size"), text(row, "title")));
        }
        self.done(format!("{} datasets found", rows.len()));
        let offers = crate::cli::datasets_of(client, &provider.did).await?;
        let mut visible = rows.iter().map(|row| text(row, "id")).filter(|id| offers.contains(id));
        if let Some(wanted) = &self.dataset {
            return visible.find(|id| id == wanted).ok_or_else(|| {
                CliError::NotFound(format!("the provider has no dataset {wanted} that is visible"))
            });
        }
        // Prefer the story's own sample; with --data, the provider's smallest dataset.
        visible
            .min_by_key(|id| u8::from(id != "ship-calls"))
            .ok_or_else(|| CliError::NotFound("no dataset of the provider is visible".to_owned()))
    }

    async fn read(&mut self, client: &Client, dataset: &str) -> Result<FoundOffer, CliError> {
        self.heading("Read: the offer in plain words");
        let offer = FoundOffer::look_up(client, dataset, None).await?;
        for sentence in sentences(&offer.policy()?, self.lang) {
            self.say(sentence);
        }
        self.done(format!("offer for {}", offer.dataset()));
        Ok(offer)
    }

    async fn get(&mut self, client: &Client, dataset: &str) -> Result<Acquired, CliError> {
        self.heading("Negotiate, sign, pull, verify");
        let folder = tempfolder()?;
        let wanted = Acquisition {
            offer: dataset.to_owned(),
            output: folder.join("received"),
            peer: None,
            purpose: Vec::new(),
            contract: None,
        };
        let got = acquire(client, &wanted, &ProgressBar::hidden()).await;
        drop(std::fs::remove_dir_all(&folder));
        let got = got?;
        self.say(format!("agreement {}", got.agreement));
        self.say(format!("received  {} bytes", got.bytes));
        self.say(format!("sha-256   {}", got.sha256));
        match &got.expected {
            Some(expected) if *expected == got.sha256 => self.done("the digest is the one in the catalogue"),
            _ => {
                return Err(CliError::Integrity(
                    "the catalogue publishes no digest to compare with".to_owned(),
                ));
            }
        }
        Ok(got)
    }

    async fn signed(&mut self, client: &Client, got: &Acquired) -> Result<(), CliError> {
        self.heading("Look at the agreement: both have signed it");
        let id = segment(&got.agreement);
        let record = client.get(&format!("/v1/agreements/{id}")).await?;
        let agreement = record.get("agreement").cloned().unwrap_or(Value::Null);
        for line in format!("{:#}", shortened(agreement)).lines() {
            self.say(line);
        }
        let check = client.post(&format!("/v1/agreements/{id}/verify"), &json!({})).await?;
        for s in check.get("signatures").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| s.get(name).and_then(Value::as_str).unwrap_or_default();
            let mark = if s.get("valid") == Some(&json!(true)) { "valid" } else { "NOT VALID" };
            self.say(format!("{:<9} {mark}  {}", text("role"), text("kid")));
        }
        if check.get("valid") == Some(&json!(true)) {
            self.done("both signatures hold");
            Ok(())
        } else {
            Err(CliError::Integrity("the signatures do not hold".to_owned()))
        }
    }

    async fn refused(&mut self, client: &Client, provider: &Member) -> Result<(), CliError> {
        self.heading("Try data whose policy is not met");
        // Published for this step, so that it works on any lab.
        let host = Client::new(&provider.management_url, &provider.management_key)?;
        let id = "tour-belgium-only";
        ensure_restricted(&host, id).await?;
        let offer = FoundOffer::look_up(client, id, Some(&provider.did)).await?;
        for sentence in sentences(&offer.policy()?, self.lang) {
            self.say(sentence);
        }
        self.began = Instant::now();
        let negotiation = agree(client, &offer, &[]).await?;
        match await_agreement(client, &negotiation).await {
            Err(CliError::Refused(reason)) => {
                self.say(reason);
                self.done("refused, and told why");
                Ok(())
            }
            Err(other) => Err(other),
            Ok(_) => Err(CliError::Other("the policy should have refused this contract".to_owned())),
        }
    }

    async fn cut(&mut self, client: &Client, host: &Client) -> Result<(), CliError> {
        self.heading("The provider ends the contract while data flows");
        let id = "tour-long";
        let size = ensure_long(host, id).await?;
        let offer = FoundOffer::look_up(client, id, None).await?;
        let negotiation = agree(client, &offer, &[]).await?;
        let agreement = await_agreement(client, &negotiation).await?;
        let (_, address) = open_transfer(client, offer.address(), &agreement).await?;
        let endpoint = address.property("endpoint").unwrap_or_default();
        let token = address.property("authorization").unwrap_or_default();
        let response = client
            .http()
            .get(endpoint)
            .bearer_auth(token)
            .send()
            .await
            .map_err(|e| CliError::Unavailable(e.to_string()))?;
        let mut stream = response.bytes_stream();
        let mut received = 0_usize;
        while received < 1 << 20 {
            match stream.next().await {
                Some(Ok(chunk)) => received += chunk.len(),
                _ => return Err(CliError::Other("the stream ended before the contract did".to_owned())),
            }
        }
        self.say(format!("{received} of {size} bytes have arrived; the provider ends the contract now"));
        let path = format!("/v1/agreements/{}/end", segment(&agreement));
        let reason = "ended by the provider during the tour";
        self.began = Instant::now();
        let order = json!({ "reason": reason });
        let ending = host.post(&path, &order);
        let draining = async {
            loop {
                match tokio::time::timeout(Duration::from_secs(5), stream.next()).await {
                    Ok(Some(Ok(chunk))) => received += chunk.len(),
                    Ok(Some(Err(_)) | None) => return Ok(Instant::now()),
                    Err(_) => return Err(CliError::Other("the stream was not cut within 5 s".to_owned())),
                }
                // A reader that takes its time, so that the cut is seen in the middle.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let (ended, cut) = tokio::join!(ending, draining);
        ended?;
        let cut = cut?.duration_since(self.began);
        if received >= size {
            return Err(CliError::Other("the whole file arrived although the contract ended".to_owned()));
        }
        self.say(format!("cut after {:.1} ms, at {received} of {size} bytes", cut.as_secs_f64() * 1e3));
        match open_transfer(client, offer.address(), &agreement).await {
            Err(CliError::Refused(reason)) => self.done(format!("a new transfer is refused: {reason}")),
            Err(other) => return Err(other),
            Ok(_) => return Err(CliError::Other("a transfer started under an ended contract".to_owned())),
        }
        Ok(())
    }
}

/// Long texts, such as signatures, by their beginnings.
fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) if text.len() > 70 => {
            Value::String(format!("{}...", text.chars().take(40).collect::<String>()))
        }
        Value::Array(items) => items.into_iter().map(shortened).collect(),
        Value::Object(members) => members.into_iter().map(|(k, v)| (k, shortened(v))).collect(),
        other => other,
    }
}

fn tempfolder() -> Result<std::path::PathBuf, CliError> {
    let path = std::env::temp_dir().join(format!("entente-tour-{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir_all(&path).map_err(|e| CliError::Other(format!("{}: {e}", path.display())))?;
    Ok(path)
}

/// A dataset that only participants in Belgium may use; the lab's participants are in France.
async fn ensure_restricted(host: &Client, id: &str) -> Result<(), CliError> {
    let path = std::env::temp_dir().join(format!("entente-{id}-{}.csv", std::process::id()));
    std::fs::write(&path, "synthetic\n1\n").map_err(|e| CliError::Other(e.to_string()))?;
    let policy = samples::constrained("spatial", "eq", &json!("BE"));
    ensure(host, id, "For Belgium only (synthetic)", &path, Some(policy)).await
}

/// A dataset long enough to be cut while it flows.
async fn ensure_long(host: &Client, id: &str) -> Result<usize, CliError> {
    let path = std::env::temp_dir().join(format!("entente-{id}-{}.bin", std::process::id()));
    let file = std::fs::File::create(&path).map_err(|e| CliError::Other(e.to_string()))?;
    file.set_len(samples::LONG_BYTES as u64).map_err(|e| CliError::Other(e.to_string()))?;
    ensure(host, id, "Long, for the tour (synthetic)", &path, None).await?;
    Ok(samples::LONG_BYTES)
}

async fn ensure(
    host: &Client,
    id: &str,
    title: &str,
    path: &std::path::Path,
    policy: Option<Value>,
) -> Result<(), CliError> {
    let mut properties = serde_json::Map::new();
    properties.insert("name".to_owned(), json!(title));
    let source = path.to_string_lossy().into_owned();
    let publication = crate::cli::Publication { id: id.to_owned(), source, properties, policy, access: None };
    crate::cli::republish(host, &publication).await
}
