//! `entente catalog` and `entente sparql`.

use super::client::{Client, ClientOptions, context};
use super::{CliError, output};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::io::Read as _;

/// Look at catalogues.
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// List datasets with their offers
    List(ListCommand),
    /// Show one dataset: what it is, and its terms in plain words
    Show(ShowCommand),
}

/// List datasets with their offers.
#[derive(Debug, Args)]
pub struct ListCommand {
    /// Only this peer: protocol address or DID; every known peer when absent
    #[arg(long)]
    peer: Option<String>,
    #[command(flatten)]
    client: ClientOptions,
}

/// Show one dataset.
#[derive(Debug, Args)]
pub struct ShowCommand {
    /// Dataset or offer id
    id: String,
    /// Protocol address or DID of the peer; every known peer is asked when absent
    #[arg(long)]
    peer: Option<String>,
    /// Language of the terms
    #[arg(long, value_enum, default_value_t = super::policy::Language::En)]
    lang: super::policy::Language,
    #[command(flatten)]
    client: ClientOptions,
}

/// Query catalogues with SPARQL 1.1.
#[derive(Debug, Args)]
pub struct SparqlCommand {
    /// The query; `-` reads it from standard input, `@FILE` from a file
    query: String,
    /// Form of the result
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    client: ClientOptions,
}

/// Result forms.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// SPARQL results as JSON.
    Json,
    /// SPARQL results as CSV.
    Csv,
    /// SPARQL results as XML.
    Xml,
    /// Turtle, for CONSTRUCT.
    Turtle,
}

/// A peer to ask.
#[derive(Debug, Clone)]
pub struct Peer {
    /// DID.
    pub did: String,
    /// Protocol address.
    pub address: String,
}

/// A dataset with its offers, as a peer's catalogue gives them.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) peer: Peer,
    /// `@context` of the catalogue response.
    pub(crate) context: Value,
    pub(crate) dataset: Value,
}

impl Found {
    pub(crate) fn id(&self) -> &str {
        self.dataset.get("@id").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn offers(&self) -> Vec<&Value> {
        match self.dataset.get("odrl:hasPolicy") {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        }
    }

    pub(crate) fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| match self.dataset.get(*key) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Object(node)) => {
                node.get("@value").or_else(|| node.get("@id")).and_then(Value::as_str).map(str::to_owned)
            }
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        })
    }

    fn title(&self) -> String {
        self.text(&["dct:title", "http://purl.org/dc/terms/title", "name"]).unwrap_or_default()
    }
}

/// The peers to ask: one, or all that the connector knows.
pub(crate) async fn peers(client: &Client, wanted: Option<&str>) -> Result<Vec<Peer>, CliError> {
    let status = client.get("/v1/status").await?;
    let known: Vec<Peer> = status
        .get("peers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|p| {
            Some(Peer {
                did: p.get("did")?.as_str()?.to_owned(),
                address: p.get("address")?.as_str()?.to_owned(),
            })
        })
        .collect();
    let Some(wanted) = wanted else { return Ok(known) };
    let bare = wanted.trim_end_matches('/');
    if let Some(peer) = known.into_iter().find(|p| p.did == wanted || p.address == bare) {
        return Ok(vec![peer]);
    }
    if wanted.starts_with("did:") {
        return Err(CliError::Usage(format!("{wanted} is not a known peer; give its protocol address")));
    }
    // An unknown address says itself who it is; the connector checks that before it negotiates.
    let root = bare.split("/dsp/").next().unwrap_or(bare);
    let url = format!("{root}/.well-known/did.json");
    let unreachable = |e: reqwest::Error| CliError::Unavailable(format!("{url}: {e}"));
    let document: Value =
        client.http().get(&url).send().await.map_err(unreachable)?.json().await.map_err(unreachable)?;
    let did = document
        .get("id")
        .and_then(Value::as_str)
        .ok_or_else(|| CliError::NotFound(format!("{url} is not a DID document")))?;
    Ok(vec![Peer { did: did.to_owned(), address: bare.to_owned() }])
}

/// Every dataset of the given peers that the connector may see.
pub(crate) async fn datasets(client: &Client, peers: &[Peer]) -> Result<Vec<Found>, CliError> {
    let mut found = Vec::new();
    for peer in peers {
        let request = json!({
            "@context": context(), "@type": "CatalogRequest", "counterPartyAddress": peer.address,
            "counterPartyId": peer.did, "protocol": "dataspace-protocol-http:2025-1",
        });
        let catalogue = client.post("/v3/catalog/request", &request).await?;
        let context = catalogue.get("@context").cloned().unwrap_or(Value::Null);
        let datasets = match catalogue.get("dcat:dataset") {
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        found.extend(datasets.into_iter().map(|dataset| Found {
            peer: peer.clone(),
            context: context.clone(),
            dataset,
        }));
    }
    Ok(found)
}

/// Ids of the datasets that one peer offers.
pub(crate) async fn datasets_of(client: &Client, did: &str) -> Result<Vec<String>, CliError> {
    let peers = peers(client, Some(did)).await?;
    Ok(datasets(client, &peers).await?.iter().map(|found| found.id().to_owned()).collect())
}

/// The dataset that has this id or an offer with this id, and that offer.
pub(crate) async fn find(client: &Client, id: &str, peer: Option<&str>) -> Result<(Found, Value), CliError> {
    let peers = peers(client, peer).await?;
    for found in datasets(client, &peers).await? {
        let offers: Vec<Value> = found.offers().into_iter().cloned().collect();
        let exact = offers.iter().find(|o| o.get("@id").and_then(Value::as_str) == Some(id));
        let first = (found.id() == id).then(|| offers.first()).flatten();
        if let Some(offer) = exact.or(first) {
            let offer = offer.clone();
            return Ok((found, offer));
        }
    }
    Err(CliError::NotFound(format!("no dataset or offer {id} in the catalogues that were asked")))
}

/// An offer of a catalogue as a policy, whatever form it came in.
pub(crate) fn policy_of(found: &Found, offer: &Value) -> Result<policies::Policy, CliError> {
    let mut offer = offer.clone();
    if let (Some(members), Some(_)) = (offer.as_object_mut(), found.context.as_object()) {
        members.insert("@context".to_owned(), found.context.clone());
    }
    policies::Policy::parse(&offer).map_err(|e| CliError::Other(format!("the offer cannot be read: {e}")))
}

pub(super) async fn run(command: CatalogCommand) -> Result<(), CliError> {
    match command {
        CatalogCommand::List(command) => list(command).await,
        CatalogCommand::Show(command) => show(command).await,
    }
}

async fn list(command: ListCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let peers = peers(&client, command.peer.as_deref()).await?;
    let found = datasets(&client, &peers).await?;
    if command.client.json {
        let items: Vec<Value> = found
            .iter()
            .map(|f| json!({"provider": f.peer.did, "address": f.peer.address, "dataset": f.dataset}))
            .collect();
        output::json(&Value::Array(items));
        return Ok(());
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|f| vec![f.id().to_owned(), f.title(), f.peer.did.clone(), f.offers().len().to_string()])
        .collect();
    output::table(&["DATASET", "TITLE", "PROVIDER", "OFFERS"], &rows);
    Ok(())
}

async fn show(command: ShowCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let (found, _) = find(&client, &command.id, command.peer.as_deref()).await?;
    if command.client.json {
        output::json(&found.dataset);
        return Ok(());
    }
    output::line(found.title());
    for (label, keys) in [
        ("description", &["dct:description", "http://purl.org/dc/terms/description", "description"][..]),
        ("licence", &["dct:license", "http://purl.org/dc/terms/license", "license"][..]),
        ("media type", &["dcat:mediaType", "contenttype"][..]),
    ] {
        if let Some(text) = found.text(keys) {
            output::line(format!("  {label}: {text}"));
        }
    }
    output::line(format!("  provider: {}", found.peer.did));
    let lang = match command.lang {
        super::policy::Language::En => policies::Lang::En,
        super::policy::Language::Fr => policies::Lang::Fr,
    };
    for offer in found.offers() {
        output::line(format!("  offer {}", offer.get("@id").and_then(Value::as_str).unwrap_or("-")));
        for sentence in policies::sentences(&policy_of(&found, offer)?, lang) {
            output::line(format!("    {sentence}"));
        }
    }
    Ok(())
}

pub(super) async fn sparql(command: SparqlCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let query = match command.query.as_str() {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|e| CliError::Usage(e.to_string()))?;
            text
        }
        text => match text.strip_prefix('@') {
            Some(file) => {
                std::fs::read_to_string(file).map_err(|e| CliError::Usage(format!("{file}: {e}")))?
            }
            None => text.to_owned(),
        },
    };
    let format = if command.client.json { Some(Format::Json) } else { command.format };
    let accept = match format {
        Some(Format::Json) | None => "application/sparql-results+json, text/turtle;q=0.9",
        Some(Format::Csv) => "text/csv",
        Some(Format::Xml) => "application/sparql-results+xml",
        Some(Format::Turtle) => "text/turtle",
    };
    let answer = client.sparql(&query, accept).await?;
    match (format, serde_json::from_str::<Value>(&answer)) {
        (None, Ok(result)) => print_table(&result),
        _ => output::line(answer.trim_end()),
    }
    Ok(())
}

fn print_table(result: &Value) {
    if let Some(answer) = result.get("boolean") {
        output::line(answer.to_string());
        return;
    }
    let vars: Vec<&str> = result
        .pointer("/head/vars")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let rows: Vec<Vec<String>> = result
        .pointer("/results/bindings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|row| {
            vars.iter()
                .map(|v| {
                    row.get(*v)
                        .and_then(|term| term.get("value"))
                        .and_then(Value::as_str)
                        .unwrap_or("-")
                        .to_owned()
                })
                .collect()
        })
        .collect();
    output::table(&vars, &rows);
}
