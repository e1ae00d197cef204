//! `entente transfer`.

use super::client::{Client, ClientOptions};
use super::{CliError, output};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::time::Duration;

/// Look at transfers.
#[derive(Debug, Subcommand)]
pub enum TransferCommand {
    /// List transfers
    List(ListCommand),
    /// Follow one transfer until it ends
    Watch(WatchCommand),
}

/// List transfers.
#[derive(Debug, Args)]
pub struct ListCommand {
    #[command(flatten)]
    client: ClientOptions,
}

/// Follow one transfer until it ends.
#[derive(Debug, Args)]
pub struct WatchCommand {
    /// Transfer process id
    id: String,
    /// Give up after so many seconds
    #[arg(long, default_value_t = 3600)]
    seconds: u64,
    #[command(flatten)]
    client: ClientOptions,
}

pub(super) async fn run(command: TransferCommand) -> Result<(), CliError> {
    match command {
        TransferCommand::List(command) => list(command).await,
        TransferCommand::Watch(command) => watch(command).await,
    }
}

async fn list(command: ListCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let found = client.all("/v3/transferprocesses/request").await?;
    if command.client.json {
        output::json(&Value::Array(found));
        return Ok(());
    }
    let cell = |t: &Value, name: &str| t.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|t| ["@id", "type", "state", "assetId", "contractId"].iter().map(|n| cell(t, n)).collect())
        .collect();
    output::table(&["TRANSFER", "ROLE", "STATE", "DATASET", "CONTRACT"], &rows);
    Ok(())
}

async fn watch(command: WatchCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let path = format!("/v3/transferprocesses/{}", engine::publish::dataset::segment(&command.id));
    let mut last = String::new();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(command.seconds);
    loop {
        let transfer = client.get(&path).await?;
        let state = transfer.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
        if state != last {
            if command.client.json {
                output::json(&transfer);
            } else {
                let detail = transfer.get("errorDetail").and_then(Value::as_str).unwrap_or_default();
                output::line(format!("{state}  {detail}").trim_end());
            }
            last.clone_from(&state);
        }
        match state.as_str() {
            "COMPLETED" => return Ok(()),
            "TERMINATED" => return Err(CliError::Refused("the transfer was terminated".to_owned())),
            _ => {}
        }
        if tokio::time::Instant::now() > deadline {
            return Err(CliError::Unavailable(format!("still {state} after {} s", command.seconds)));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
