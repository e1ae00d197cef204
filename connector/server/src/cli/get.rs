//! `entente get`: negotiate, transfer, download, verify.

use super::catalog::{Found, find};
use super::client::{Client, ClientOptions, context};
use super::{CliError, output};
use clap::Args;
use engine::publish::dataset::segment;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Get data: negotiate, transfer, verify the digest.
#[derive(Debug, Args)]
pub struct GetCommand {
    /// Dataset or offer id
    offer: String,
    /// Where to write the data
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Protocol address or DID of the provider; every known peer is asked when absent
    #[arg(long)]
    peer: Option<String>,
    /// What the data is for, as an IRI or term of the policy; repeatable
    #[arg(long)]
    purpose: Vec<String>,
    /// Use this contract instead of negotiating a new one
    #[arg(long, value_name = "AGREEMENT")]
    contract: Option<String>,
    #[command(flatten)]
    client: ClientOptions,
}

/// What to get.
#[derive(Debug, Clone)]
pub struct Acquisition {
    /// Dataset or offer id.
    pub offer: String,
    /// Where to write it.
    pub output: PathBuf,
    /// Provider.
    pub peer: Option<String>,
    /// Purposes to state.
    pub purpose: Vec<String>,
    /// An agreement in force, instead of negotiating.
    pub contract: Option<String>,
}

/// What was got.
#[derive(Debug, Clone)]
pub struct Acquired {
    /// Agreement id.
    pub agreement: String,
    /// Transfer process id.
    pub transfer: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256 of what arrived, hexadecimal.
    pub sha256: String,
    /// The digest that the catalogue published, when it did.
    pub expected: Option<String>,
}

const STEP: Duration = Duration::from_millis(15);
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends a contract request for an offer; gives the negotiation's id.
///
/// # Errors
/// When the connector refuses the order.
pub async fn agree(client: &Client, found: &FoundOffer, purpose: &[String]) -> Result<String, CliError> {
    let mut policy = found.offer.clone();
    if let Some(members) = policy.as_object_mut() {
        members.insert("@type".to_owned(), json!("odrl:Offer"));
        members.insert("odrl:target".to_owned(), json!({"@id": found.found.id()}));
        members.insert("odrl:assigner".to_owned(), json!({"@id": found.found.peer.did}));
    }
    let mut request = json!({
        "@context": found.found.context, "@type": "ContractRequest",
        "counterPartyAddress": found.found.peer.address, "counterPartyId": found.found.peer.did,
        "protocol": "dataspace-protocol-http:2025-1", "policy": policy,
    });
    if let (false, Some(members)) = (purpose.is_empty(), request.as_object_mut()) {
        members.insert("https://w3id.org/entente/v1/purpose".to_owned(), json!(purpose));
    }
    let started = client.post("/v3/contractnegotiations", &request).await?;
    id_of(&started)
}

/// An offer with the dataset it is for.
#[derive(Debug, Clone)]
pub struct FoundOffer {
    pub(crate) found: Found,
    pub(crate) offer: Value,
}

impl FoundOffer {
    /// Looks an offer up in the catalogues.
    ///
    /// # Errors
    /// [`CliError::NotFound`], or an unreachable peer.
    pub async fn look_up(client: &Client, id: &str, peer: Option<&str>) -> Result<Self, CliError> {
        let (found, offer) = find(client, id, peer).await?;
        Ok(Self { found, offer })
    }

    /// The provider's protocol address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.found.peer.address
    }

    /// Dataset id.
    #[must_use]
    pub fn dataset(&self) -> &str {
        self.found.id()
    }

    /// SHA-256 that the catalogue publishes, hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> Option<String> {
        let checksum = ["spdx:checksum", "http://spdx.org/rdf/terms#checksum"]
            .iter()
            .find_map(|key| self.found.dataset.get(*key))?;
        ["spdx:checksumValue", "http://spdx.org/rdf/terms#checksumValue"].iter().find_map(
            |key| match checksum.get(*key) {
                Some(Value::String(text)) => Some(text.clone()),
                Some(node) => node.get("@value").and_then(Value::as_str).map(str::to_owned),
                None => None,
            },
        )
    }

    /// The terms.
    ///
    /// # Errors
    /// When the offer cannot be read as a policy.
    pub fn policy(&self) -> Result<policies::Policy, CliError> {
        super::catalog::policy_of(&self.found, &self.offer)
    }
}

/// Waits until the negotiation has an agreement in force; gives the agreement's id.
///
/// # Errors
/// [`CliError::Refused`] with the provider's reasons when it ended otherwise.
pub async fn await_agreement(client: &Client, negotiation: &str) -> Result<String, CliError> {
    let path = format!("/v3/contractnegotiations/{}", segment(negotiation));
    let done = wait(client, &path, &["FINALIZED"]).await?;
    done.get("contractAgreementId")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| CliError::Other("a finalized negotiation names no agreement".to_owned()))
}

async fn wait(client: &Client, path: &str, wanted: &[&str]) -> Result<Value, CliError> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let process = client.get(path).await?;
        let state = process.get("state").and_then(Value::as_str).unwrap_or_default();
        if wanted.contains(&state) {
            return Ok(process);
        }
        if state == "TERMINATED" {
            let detail = process.get("errorDetail").and_then(Value::as_str).unwrap_or("no reason was given");
            return Err(CliError::Refused(detail.to_owned()));
        }
        if tokio::time::Instant::now() > deadline {
            let detail = process.get("errorDetail").and_then(Value::as_str).unwrap_or_default();
            return Err(CliError::Unavailable(format!("still {state} after a minute {detail}")));
        }
        tokio::time::sleep(STEP).await;
    }
}

/// Starts a transfer under an agreement and waits for the data address.
///
/// # Errors
/// [`CliError::Refused`] with the provider's reasons.
pub async fn open_transfer(
    client: &Client,
    address: &str,
    agreement: &str,
) -> Result<(String, protocol::message::DataAddress), CliError> {
    let request = json!({
        "@context": context(), "@type": "TransferRequest", "counterPartyAddress": address,
        "contractId": agreement, "transferType": "HttpData-PULL",
        "protocol": "dataspace-protocol-http:2025-1",
    });
    let transfer = id_of(&client.post("/v3/transferprocesses", &request).await?)?;
    wait(client, &format!("/v3/transferprocesses/{}", segment(&transfer)), &["STARTED"]).await?;
    let edr = client.get(&format!("/v3/edrs/{}/dataaddress", segment(&transfer))).await?;
    let text = |name: &str| edr.get(name).and_then(Value::as_str).map(str::to_owned);
    let missing = || CliError::Other("the data address is incomplete".to_owned());
    let address = protocol::message::DataAddress::http_pull(
        text("endpoint").ok_or_else(missing)?,
        text("authorization").ok_or_else(missing)?,
    );
    Ok((transfer, address))
}

/// The whole way: look up, negotiate, transfer, download, verify.
///
/// # Errors
/// The first step that fails.
pub async fn acquire(client: &Client, wanted: &Acquisition, bar: &ProgressBar) -> Result<Acquired, CliError> {
    let found = FoundOffer::look_up(client, &wanted.offer, wanted.peer.as_deref()).await?;
    let agreement = match &wanted.contract {
        Some(agreement) => agreement.clone(),
        None => {
            bar.set_message("negotiating");
            let negotiation = agree(client, &found, &wanted.purpose).await?;
            await_agreement(client, &negotiation).await?
        }
    };
    bar.set_message("asking for the data");
    let (transfer, address) = open_transfer(client, &found.found.peer.address, &agreement).await?;
    bar.set_message("receiving");
    let expected = found.sha256();
    let got = crate::plane::download(
        client.http(),
        &address,
        &wanted.output,
        expected.as_deref(),
        |done, total| {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
        },
    )
    .await
    .map_err(|error| match error {
        crate::plane::DownloadError::Digest { .. } => CliError::Integrity(error.to_string()),
        other => CliError::Unavailable(other.to_string()),
    })?;
    // Said so that the provider can close the transfer; the data is here whatever it answers.
    let path = format!("/v1/transfers/{}/complete", segment(&transfer));
    if let Err(error) = client.post(&path, &json!({})).await {
        tracing::debug!(%error, "the transfer is not completed");
    }
    Ok(Acquired { agreement, transfer, bytes: got.bytes, sha256: got.sha256, expected })
}

fn id_of(value: &Value) -> Result<String, CliError> {
    value
        .get("@id")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| CliError::Other("the answer has no @id".to_owned()))
}

pub(super) async fn run(command: GetCommand) -> Result<(), CliError> {
    let client = Client::from_options(&command.client)?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {bytes}/{total_bytes} {bytes_per_sec}") {
        bar.set_style(style);
    }
    let wanted = Acquisition {
        offer: command.offer,
        output: command.output.clone(),
        peer: command.peer,
        purpose: command.purpose,
        contract: command.contract,
    };
    let result = acquire(&client, &wanted, &bar).await;
    bar.finish_and_clear();
    let got = result?;
    if command.client.json {
        output::json(&json!({
            "agreement": got.agreement, "transfer": got.transfer, "bytes": got.bytes,
            "sha256": got.sha256, "digestPublished": got.expected.is_some(), "file": command.output,
        }));
    } else {
        let checked = if got.expected.is_some() { "as published" } else { "the catalogue publishes none" };
        output::line(format!("{}: {} bytes", command.output.display(), got.bytes));
        output::line(format!("  sha-256  {} ({checked})", got.sha256));
        output::line(format!("  contract {}", got.agreement));
    }
    Ok(())
}
