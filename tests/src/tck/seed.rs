//! What the scenarios need in the connector: datasets over the management API, and agreements that were really
//! negotiated.

use super::driver::{Api, Driver};
use super::peer::Peer;
use super::scenario::{self, Group, Kind, Move, Role, Scenario, State, Step};
use super::settings::Settings;
use super::twin::Twin;
use crate::client::context;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::path::Path;

/// Publishes `id` to everybody, with `handling`.
async fn publish(api: &Api, id: &str, file: &Path, handling: &Value) -> anyhow::Result<()> {
    let context = context();
    api.post(
        "/v3/assets",
        &json!({
            "@context": context, "@type": "Asset", "@id": id,
            "properties": {"name": format!("Dataset {id}"), "contenttype": "text/csv"},
            "dataAddress": crate::client::file(file),
        }),
    )
    .await?;
    api.post(
        "/v3/contractdefinitions",
        &json!({
            "@context": context, "@type": "ContractDefinition", "@id": format!("{id}-offer"),
            "accessPolicyId": "anybody", "contractPolicyId": "anybody", "handling": handling,
            "assetsSelector": [{
                "@type": "Criterion", "operandLeft": "https://w3id.org/edc/v0.0.1/ns/id", "operator": "=",
                "operandRight": id,
            }],
        }),
    )
    .await
    .map(drop)
}

/// Publishes the dataset of every scenario that needs one.
///
/// # Errors
/// The connector refuses it.
pub async fn datasets(api: &Api, file: &Path) -> anyhow::Result<()> {
    api.post("/v3/policydefinitions", &json!({
        "@context": context(), "@type": "PolicyDefinition", "@id": "anybody",
        "policy": {
            "@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "permission": [{"action": "use"}],
        },
    }))
    .await?;
    for one in scenario::all() {
        let handling = match one.group {
            Group::Cat if one.steps.iter().any(|s| matches!(s, Step::NoDataset)) => continue,
            Group::Cat | Group::Cn => json!("manual"),
            // The contract comes about by itself, and its transfers by hand.
            Group::Tp => json!({"transfer": "manual"}),
            Group::Met | Group::CnC | Group::TpC => continue,
        };
        publish(api, one.subject, file, &handling).await.with_context(|| one.name())?;
    }
    Ok(())
}

/// Id of the offer on a dataset, from the catalogue that the peer sees.
///
/// # Errors
/// There is none.
pub async fn offer_id(peer: &Peer, base: &str, dataset: &str) -> anyhow::Result<String> {
    let url = format!("{base}/catalog/datasets/{dataset}");
    let (status, body) = peer.call("GET", &url, None, false).await?;
    ensure!(status == 200, "GET {url}: {status} {body}");
    let id = body.pointer("/hasPolicy/0/@id").and_then(Value::as_str);
    id.map(str::to_owned).with_context(|| format!("no offer in {body}"))
}

/// Puts ids of offers and agreements into `settings`: the offers are read from the catalogue, and the agreements
/// negotiated by a peer of ours, in both roles. Gives each transfer scenario's script to the driver.
///
/// # Errors
/// A negotiation fails.
pub async fn agreements(driver: &Driver, settings: &mut Settings) -> anyhow::Result<()> {
    let port = crate::ports::free_port();
    let mut own = settings.clone();
    own.set("dataspacetck.port", port.to_string());
    own.set("dataspacetck.callback.address", format!("http://127.0.0.1:{port}"));
    own.set(
        "dataspacetck.dsp.connector.negotiation.initiate.url",
        format!("http://{}/negotiations?handling=automatic", driver.hooks()),
    );
    let base = settings.need("dataspacetck.dsp.connector.http.url")?.to_owned();
    let reader = Peer::new("", own.get("dataspacetck.dsp.connector.http.headers.authorization"), own.wait());
    for one in scenario::all().into_iter().filter(|s| matches!(s.group, Group::Cn | Group::Tp)) {
        let offer = offer_id(&reader, &base, one.subject).await.with_context(|| one.name())?;
        match one.group {
            Group::Cn => settings.set(format!("{}_OFFERID", one.key()), offer),
            // For the negotiation that comes before the transfer.
            _ => own.set(format!("CN_{}_OFFERID", one.subject), offer),
        }
    }
    let twin = Twin::new(own)?;
    for one in scenario::all().into_iter().filter(|s| matches!(s.group, Group::Tp | Group::TpC)) {
        let agreement = negotiate(&twin, &one).await.with_context(|| format!("seeding {}", one.name()))?;
        settings.set(format!("{}_AGREEMENTID", one.key()), &agreement);
        driver.assign(Kind::Transfer, &agreement, one.script);
    }
    Ok(())
}

const AS_PROVIDER: &[Step] =
    &[Step::Open, Step::Await(State::Agreed), Step::Send(Move::Verify), Step::Await(State::Finalized)];
const AS_CONSUMER: &[Step] = &[
    Step::Open,
    Step::Send(Move::Agree),
    Step::Await(State::Verified),
    Step::Send(Move::Finalize),
    Step::Shows(State::Finalized),
];

/// A contract for a transfer scenario; gives its id.
async fn negotiate(twin: &Twin, for_transfer: &Scenario) -> anyhow::Result<String> {
    let (group, steps) = match for_transfer.group.process() {
        Some((_, Role::Provider)) => (Group::Cn, AS_PROVIDER),
        _ => (Group::CnC, AS_CONSUMER),
    };
    let subject = for_transfer.subject;
    let seeding = Scenario { group, number: subject, subject, script: &[], steps, disabled: false };
    let pid = twin.play(&seeding).await?.context("no process")?;
    twin.peer().agreement(&pid).context("no agreement")
}
