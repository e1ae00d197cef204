//! `entente contract`.

use super::client::{Client, ClientOptions};
use super::get::{FoundOffer, agree, await_agreement};
use super::{CliError, output};
use clap::{Args, Subcommand};
use engine::publish::dataset::segment;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Ask for, list, show and verify contracts.
#[derive(Debug, Subcommand)]
pub enum ContractCommand {
    /// Negotiate a contract on an offer
    Request(RequestCommand),
    /// List agreements
    List(ListCommand),
    /// Show one agreement with its signatures
    Show(ShowCommand),
    /// Check the signatures of an agreement; with a file and the two DID documents, offline
    Verify(VerifyCommand),
    /// End a contract: running transfers are cut
    End(EndCommand),
}

/// Negotiate a contract on an offer.
#[derive(Debug, Args)]
pub struct RequestCommand {
    /// Dataset or offer id
    offer: String,
    /// Protocol address or DID of the provider
    #[arg(long)]
    peer: Option<String>,
    /// What the data is for; repeatable
    #[arg(long)]
    purpose: Vec<String>,
    #[command(flatten)]
    client: ClientOptions,
}

/// List agreements.
#[derive(Debug, Args)]
pub struct ListCommand {
    #[command(flatten)]
    client: ClientOptions,
}

/// Show one agreement.
#[derive(Debug, Args)]
pub struct ShowCommand {
    /// Agreement id
    id: String,
    #[command(flatten)]
    client: ClientOptions,
}

/// Check the signatures of an agreement.
#[derive(Debug, Args)]
pub struct VerifyCommand {
    /// Agreement id, or a file written by `contract show --json`
    agreement: String,
    /// DID document of a party, in a file; with two of these nothing is fetched
    #[arg(long, value_name = "FILE")]
    did_document: Vec<PathBuf>,
    #[command(flatten)]
    client: ClientOptions,
}

/// End a contract.
#[derive(Debug, Args)]
pub struct EndCommand {
    /// Agreement id
    id: String,
    /// Why
    #[arg(long, default_value = "ended by the participant")]
    reason: String,
    #[command(flatten)]
    client: ClientOptions,
}

pub(super) async fn run(command: ContractCommand) -> Result<(), CliError> {
    match command {
        ContractCommand::Request(command) => request(command).await,
        ContractCommand::List(command) => list(command).await,
        ContractCommand::Show(command) => show(command).await,
        ContractCommand::Verify(command) => verify(command).await,
        ContractCommand::End(command) => end(command).await,
    }
}

async fn request(command: RequestCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let found = FoundOffer::look_up(&client, &command.offer, command.peer.as_deref()).await?;
    let negotiation = agree(&client, &found, &command.purpose).await?;
    let agreement = await_agreement(&client, &negotiation).await?;
    if command.client.json {
        output::json(&json!({"negotiation": negotiation, "agreement": agreement}));
    } else {
        output::line(agreement);
    }
    Ok(())
}

async fn list(command: ListCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let found = client.all("/v3/contractagreements/request").await?;
    if command.client.json {
        output::json(&Value::Array(found));
        return Ok(());
    }
    let cell = |a: &Value, name: &str| match a.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "-".to_owned(),
    };
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|a| ["@id", "assetId", "providerId", "consumerId"].iter().map(|n| cell(a, n)).collect())
        .collect();
    output::table(&["AGREEMENT", "DATASET", "PROVIDER", "CONSUMER"], &rows);
    Ok(())
}

async fn show(command: ShowCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let record = client.get(&format!("/v1/agreements/{}", segment(&command.id))).await?;
    output::json(&record);
    Ok(())
}

async fn verify(command: VerifyCommand) -> Result<(), CliError> {
    let path = PathBuf::from(&command.agreement);
    let check = if path.is_file() {
        let record = super::read_json(&path)?;
        let documents = command.did_document.iter().map(super::read_json).collect::<Result<Vec<_>, _>>()?;
        super::verify::offline(&record, &documents)?
    } else {
        let client = Client::from_options(&command.client)?;
        client.post(&format!("/v1/agreements/{}/verify", segment(&command.agreement)), &json!({})).await?
    };
    let valid = check.get("valid").and_then(Value::as_bool).unwrap_or(false);
    if command.client.json {
        output::json(&check);
    } else {
        for s in check.get("signatures").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| s.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let mark =
                if s.get("valid").and_then(Value::as_bool) == Some(true) { "valid" } else { "NOT VALID" };
            output::line(format!("{:>8}  {mark}  {}  {}", text("role"), text("signer"), text("reason")));
        }
    }
    if valid {
        Ok(())
    } else {
        Err(CliError::Integrity("the agreement is not signed by both parties as it stands".to_owned()))
    }
}

async fn end(command: EndCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let path = format!("/v1/agreements/{}/end", segment(&command.id));
    client.post(&path, &json!({"reason": command.reason})).await?;
    if !command.client.json {
        output::line(format!("ended {}", command.id));
    }
    Ok(())
}
