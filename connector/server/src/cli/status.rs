//! `entente status`.

use super::client::{Client, ClientOptions};
use super::{CliError, output};
use clap::Args;
use serde_json::Value;

/// Is the connector up, and what does it hold?
#[derive(Debug, Args)]
pub struct StatusCommand {
    #[command(flatten)]
    client: ClientOptions,
}

pub(super) async fn run(command: StatusCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let status = client.get("/v1/status").await?;
    if command.client.json {
        output::json(&status);
        return Ok(());
    }
    for (key, value) in status.as_object().into_iter().flatten() {
        match value {
            Value::Array(items) => {
                for item in items {
                    output::line(format!("{key:>12}: {}", plain(item)));
                }
            }
            other => output::line(format!("{key:>12}: {}", plain(other))),
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => members.values().map(plain).collect::<Vec<_>>().join("  "),
        other => other.to_string(),
    }
}
