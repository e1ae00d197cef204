//! `entente dataset`.

use super::client::{Client, ClientOptions, context};
use super::{CliError, output, read_json};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Publish data.
#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Publish a file or an HTTP(S) resource under a policy
    Add(AddCommand),
}

/// Publish a file or an HTTP(S) resource under a policy.
#[derive(Debug, Args)]
pub struct AddCommand {
    /// File on the connector's machine, or URL
    source: String,
    /// Dataset id; from the file name when absent
    #[arg(long)]
    id: Option<String>,
    /// Title
    #[arg(long)]
    title: Option<String>,
    /// Description
    #[arg(long)]
    description: Option<String>,
    /// Licence, as a URL or SPDX id
    #[arg(long)]
    license: Option<String>,
    /// Keyword; repeatable
    #[arg(long)]
    keyword: Vec<String>,
    /// Media type; from the file name when absent
    #[arg(long)]
    media_type: Option<String>,
    /// JSON file with the ODRL policy of the offer; use without condition when absent
    #[arg(long)]
    policy: Option<PathBuf>,
    /// JSON file with the ODRL policy that decides who sees the offer; everybody when absent
    #[arg(long)]
    access: Option<PathBuf>,
    #[command(flatten)]
    client: ClientOptions,
}

/// A dataset to publish.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    /// Dataset id.
    pub id: String,
    /// Absolute path or URL.
    pub source: String,
    /// Public properties by term of the `edc` vocabulary or full IRI.
    pub properties: Map<String, Value>,
    /// Policy of the offer, DSP plain JSON.
    pub policy: Option<Value>,
    /// Policy of access, DSP plain JSON.
    pub access: Option<Value>,
}

/// Allows use, with no condition.
pub(crate) fn open_policy() -> Value {
    json!({"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "permission": [{"action": "use"}]})
}

/// The asset of a publication.
fn asset(publication: &Publication) -> Value {
    let address = if publication.source.starts_with("http://") || publication.source.starts_with("https://") {
        json!({"@type": "DataAddress", "type": "HttpData", "baseUrl": publication.source})
    } else {
        json!({"@type": "DataAddress", "type": "File", "path": publication.source})
    };
    json!({
        "@context": context(), "@type": "Asset", "@id": publication.id,
        "properties": publication.properties, "dataAddress": address,
    })
}

/// Publishes through the management API: asset, policies, contract definition.
pub(crate) async fn publish(client: &Client, publication: &Publication) -> Result<(), CliError> {
    let id = &publication.id;
    client.post("/v3/assets", &asset(publication)).await?;
    let mut ids = Vec::new();
    for (suffix, policy) in [("terms", &publication.policy), ("access", &publication.access)] {
        let policy_id = format!("{id}-{suffix}");
        let mut policy = policy.clone().unwrap_or_else(open_policy);
        if let Some(members) = policy.as_object_mut() {
            members.entry("@context").or_insert_with(|| json!("http://www.w3.org/ns/odrl.jsonld"));
            members.insert("@type".to_owned(), json!("Set"));
        }
        let body =
            json!({"@context": context(), "@type": "PolicyDefinition", "@id": policy_id, "policy": policy});
        client.post("/v3/policydefinitions", &body).await?;
        ids.push(policy_id);
    }
    let definition = json!({
        "@context": context(), "@type": "ContractDefinition", "@id": format!("{id}-offer"),
        "contractPolicyId": ids.first(), "accessPolicyId": ids.get(1),
        "assetsSelector": [{
            "@type": "Criterion", "operandLeft": format!("{}id", ontology::edc::NS),
            "operator": "=", "operandRight": id,
        }],
    });
    client.post("/v3/contractdefinitions", &definition).await?;
    Ok(())
}

/// Media type by file name, for the kinds that data spaces exchange most.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("").to_ascii_lowercase().as_str() {
        "json" => "application/json",
        "geojson" => "application/geo+json",
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "txt" | "md" => "text/plain",
        "xml" => "application/xml",
        "ttl" => "text/turtle",
        "parquet" => "application/vnd.apache.parquet",
        "arrow" => "application/vnd.apache.arrow.file",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "svg" => "image/svg+xml",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

pub(super) async fn run(command: DatasetCommand) -> Result<(), CliError> {
    let DatasetCommand::Add(command) = command;
    let client = Client::from_options(&command.client)?;
    let remote = command.source.starts_with("http://") || command.source.starts_with("https://");
    let source = if remote {
        command.source.clone()
    } else {
        std::fs::canonicalize(&command.source)
            .map_err(|e| CliError::Usage(format!("{}: {e}", command.source)))?
            .to_string_lossy()
            .into_owned()
    };
    let name = source.rsplit('/').next().unwrap_or("dataset").to_owned();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
    let mut properties = Map::new();
    properties.insert("name".to_owned(), json!(command.title.clone().unwrap_or_else(|| stem.clone())));
    for (key, value) in [("description", &command.description), ("license", &command.license)] {
        if let Some(value) = value {
            properties.insert(key.to_owned(), json!(value));
        }
    }
    if !command.keyword.is_empty() {
        properties.insert("keyword".to_owned(), json!(command.keyword));
    }
    let media = command.media_type.clone().unwrap_or_else(|| media_type(&name).to_owned());
    properties.insert("contenttype".to_owned(), json!(media));
    let publication = Publication {
        id: command.id.clone().unwrap_or(stem),
        source,
        properties,
        policy: command.policy.as_ref().map(read_json).transpose()?,
        access: command.access.as_ref().map(read_json).transpose()?,
    };
    publish(&client, &publication).await?;
    if command.client.json {
        output::json(&json!({"dataset": publication.id, "source": publication.source}));
    } else {
        output::line(format!("published {}", publication.id));
    }
    Ok(())
}

/// As [`publish`]; when the dataset exists, its asset is replaced and its terms stay.
pub(crate) async fn republish(client: &Client, publication: &Publication) -> Result<(), CliError> {
    let path = format!("/v3/assets/{}", engine::publish::dataset::segment(&publication.id));
    match client.get(&path).await {
        Err(CliError::NotFound(_)) => publish(client, publication).await,
        Err(other) => Err(other),
        Ok(_) => client.put("/v3/assets", &asset(publication)).await.map(drop),
    }
}
