//! Transfers with EDC as the consumer of our data. Without a data plane it can pull, not provide.

use crate::world::{CONTENT, PROTOCOL, Pair, World, counterpart, reach};
use anyhow::{Context as _, ensure};
use conformance::Management;
use conformance::client::{context, http, segment};
use conformance::listener::{Answer, Listener};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn path(id: &str) -> String {
    format!("/v3/transferprocesses/{}", segment(id))
}

/// A transfer of EDC from us, started on both sides: its id, and ours.
async fn started(world: &World) -> anyhow::Result<(Pair, String, String)> {
    let pair = world.edc_asks();
    let (id, ours) = requested(&pair, "plain").await?;
    reach(&pair.consumer, &path(&id), &["STARTED"]).await?;
    Ok((pair, id, ours))
}

async fn requested(pair: &Pair, dataset: &str) -> anyhow::Result<(String, String)> {
    let contract = pair.finalize(dataset).await?;
    let body = order_of(pair, &contract);
    let started = pair.consumer.post("/v3/transferprocesses", &body).await;
    let id = started["@id"].as_str().context("no id")?.to_owned();
    let ours = counterpart(&pair.provider, "transferprocesses", &id).await?;
    Ok((id, ours))
}

/// The body that asks for the data of a finalized negotiation.
fn order_of(pair: &Pair, contract: &Value) -> Value {
    json!({
        "@context": context(), "@type": "TransferRequest", "counterPartyAddress": pair.address, "protocol": PROTOCOL,
        "contractId": contract["contractAgreementId"], "transferType": "HttpData-PULL",
    })
}

async fn order(side: &Management, id: &str, act: &str, body: Value) -> anyhow::Result<()> {
    for _ in 0..50 {
        let (status, answer) = side.call("POST", &format!("{}/{act}", path(id)), Some(&body)).await;
        if status == 409 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        ensure!(status == 204, "{act}: {status} {answer}");
        return Ok(());
    }
    anyhow::bail!("{act} of {id}: always 409")
}

fn because(kind: &str, reason: &str) -> Value {
    json!({"@context": context(), "@type": kind, "reason": reason})
}

/// Both sides are in `state`.
async fn both(pair: &Pair, ids: (&str, &str), state: &str) -> anyhow::Result<()> {
    reach(&pair.consumer, &path(ids.0), &[state]).await?;
    reach(&pair.provider, &path(ids.1), &[state]).await.map(drop)
}

pub(crate) async fn edc_pulls(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    let contract = pair.finalize("plain").await?;
    let hook = Listener::start(|_| Answer::new(200, Value::Null));
    let mut body = order_of(&pair, &contract);
    body["callbackAddresses"] = json!([{
        "@type": "CallbackAddress", "uri": format!("{}/hook", hook.url()), "events": ["transfer.process.started"],
        "transactional": false,
    }]);
    pair.consumer.post("/v3/transferprocesses", &body).await;
    let (_, event) = hook.wait(0, |r| r.body["type"] == "TransferProcessStarted").await?;
    let address = &event.body["payload"]["dataAddress"]["properties"];
    let text = |name: &str| {
        let long = format!("https://w3id.org/edc/v0.0.1/ns/{name}");
        address.get(&long).or_else(|| address.get(name)).and_then(Value::as_str).map(str::to_owned)
    };
    let (endpoint, token) = text("endpoint").zip(text("authorization")).context(event.body.to_string())?;
    let answer = http().get(&endpoint).header("authorization", token).send().await?;
    ensure!(answer.status().as_u16() == 200, "{}", answer.status());
    ensure!(answer.text().await? == CONTENT, "other bytes");
    let without = http().get(endpoint).send().await?;
    ensure!(without.status().as_u16() == 401, "without the token: {}", without.status());
    Ok(())
}

pub(crate) async fn edc_suspends(world: Arc<World>) -> anyhow::Result<()> {
    let (pair, id, ours) = started(&world).await?;
    order(&pair.consumer, &id, "suspend", because("SuspendTransfer", "pause by consumer")).await?;
    both(&pair, (&id, &ours), "SUSPENDED").await?;
    order(&pair.consumer, &id, "resume", json!({})).await?;
    both(&pair, (&id, &ours), "STARTED").await
}

pub(crate) async fn we_suspend(world: Arc<World>) -> anyhow::Result<()> {
    let (pair, id, ours) = started(&world).await?;
    order(&pair.provider, &ours, "suspend", because("SuspendTransfer", "pause by provider")).await?;
    both(&pair, (&id, &ours), "SUSPENDED").await?;
    order(&pair.provider, &ours, "resume", json!({})).await?;
    both(&pair, (&id, &ours), "STARTED").await
}

pub(crate) async fn we_complete(world: Arc<World>) -> anyhow::Result<()> {
    let (pair, id, ours) = started(&world).await?;
    pair.provider.post(&format!("/v1/transfers/{}/complete", segment(&ours)), &json!({})).await;
    both(&pair, (&id, &ours), "COMPLETED").await
}

pub(crate) async fn edc_terminates(world: Arc<World>) -> anyhow::Result<()> {
    let (pair, id, ours) = started(&world).await?;
    order(&pair.consumer, &id, "terminate", because("TerminateTransfer", "enough")).await?;
    both(&pair, (&id, &ours), "TERMINATED").await
}

pub(crate) async fn we_terminate(world: Arc<World>) -> anyhow::Result<()> {
    let (pair, id, ours) = started(&world).await?;
    order(&pair.provider, &ours, "terminate", because("TerminateTransfer", "closed")).await?;
    both(&pair, (&id, &ours), "TERMINATED").await
}

pub(crate) async fn we_start_by_hand(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    let contract = pair.ask("half").await?;
    let pid = pair.provider_pid(&contract).await?;
    pair.provider_in(&contract, &["VERIFIED"]).await?;
    pair.provider.post(&format!("/v1/negotiations/{}/finalize", segment(&pid)), &json!({})).await;
    let done = pair.consumer_in(&contract, &["FINALIZED"]).await?;
    let body = order_of(&pair, &done);
    let started = pair.consumer.post("/v3/transferprocesses", &body).await;
    let id = started["@id"].as_str().context("no id")?;
    let ours = counterpart(&pair.provider, "transferprocesses", id).await?;
    pair.provider.post(&format!("/v1/transfers/{}/start", segment(&ours)), &json!({})).await;
    both(&pair, (id, &ours), "STARTED").await
}
