//! Tokens of the mock identity, good and bad, and what the other side makes of them.

use crate::runtime::Edc;
use crate::world::{PROTOCOL, World, token};
use anyhow::{Context as _, ensure};
use conformance::client::{context, segment};
use serde_json::{Value, json};
use std::sync::Arc;

fn message() -> Value {
    json!({"@context": ["https://w3id.org/dspace/2025/1/context.jsonld"], "@type": "CatalogRequestMessage"})
}

async fn refused(world: &World, url: &str, token: Option<&str>, wanted: &[u16]) -> anyhow::Result<()> {
    let reply = world.dsp(url, token, Some(&message())).await?;
    ensure!(wanted.contains(&reply.status), "{token:?}: {} {}", reply.status, reply.body);
    ensure!(reply.body.get("dataset").is_none(), "{token:?}: the catalogue is shown");
    Ok(())
}

pub(crate) async fn we_refuse_bad_tokens(world: Arc<World>) -> anyhow::Result<()> {
    let url = format!("{}/catalog/request", world.ours.setup.address());
    let faulty = token("faultyClientId");
    for bad in ["Bearer abc", "", "{}", r#"{"clientId":" "}"#, faulty.as_str()] {
        refused(&world, &url, Some(bad), &[401]).await?;
        let reply = world.dsp(&url, Some(bad), Some(&message())).await?;
        ensure!(reply.body["@type"] == "CatalogError" && reply.body["code"].is_string(), "{}", reply.body);
    }
    Ok(())
}

/// A negotiation without any token is refused; the catalogue of what everybody may see is not secret.
pub(crate) async fn we_refuse_no_token(world: Arc<World>) -> anyhow::Result<()> {
    let url = format!("{}/negotiations/request", world.ours.setup.address());
    let reply = world.dsp(&url, None, Some(&json!({"@type": "ContractRequestMessage"}))).await?;
    ensure!(reply.status == 401, "{} {}", reply.status, reply.body);
    ensure!(reply.body["@type"] == "ContractNegotiationError", "{}", reply.body);
    Ok(())
}

pub(crate) async fn we_take_both_forms(world: Arc<World>) -> anyhow::Result<()> {
    let url = format!("{}/catalog/request", world.ours.setup.address());
    for good in [token("edc-peer"), json!({"audience": null, "clientId": "edc-peer"}).to_string()] {
        let reply = world.dsp(&url, Some(&good), Some(&message())).await?;
        ensure!(reply.status == 200 && reply.body["@type"] == "Catalog", "{} {}", reply.status, reply.body);
    }
    Ok(())
}

pub(crate) async fn edc_refuses_bad_tokens(world: Arc<World>) -> anyhow::Result<()> {
    let url = format!("{}/catalog/request", world.edc.address());
    refused(&world, &url, None, &[401]).await?;
    refused(&world, &url, Some(&token("faultyClientId")), &[401]).await?;
    // Not JSON, or without a region: its parser falls over.
    refused(&world, &url, Some("Bearer abc"), &[401, 500]).await
}

pub(crate) async fn edc_takes_ours(world: Arc<World>) -> anyhow::Result<()> {
    let url = format!("{}/catalog/request", world.edc.address());
    let reply = world.dsp(&url, Some(&token(&world.ours.setup.did())), Some(&message())).await?;
    ensure!(reply.status == 200, "{} {}", reply.status, reply.body);
    Ok(())
}

/// A process is nobody's business but the counterparty's.
pub(crate) async fn processes_are_private(world: Arc<World>) -> anyhow::Result<()> {
    for (pair, own) in [(world.edc_asks(), world.edc.address()), (world.we_ask(), world.ours.setup.address())]
    {
        let done = pair.finalize("plain").await?;
        let pid = done["@id"].as_str().context("no id")?;
        let provider_pid = pair.provider_pid(pid).await?;
        for (base, id) in [(&pair.address, provider_pid.as_str()), (&own, pid)] {
            let url = format!("{base}/negotiations/{}", segment(id));
            let reply = world.dsp(&url, Some(&token("somebody-else")), None).await?;
            ensure!((400..500).contains(&reply.status), "{url}: {} {}", reply.status, reply.body);
        }
    }
    Ok(())
}

/// A runtime whose token is always refused: it sees no catalogue and gets no contract.
pub(crate) async fn a_faulty_peer_gets_nothing(world: Arc<World>) -> anyhow::Result<()> {
    let faulty = Edc::start(&world.classpath, "faultyClientId", &world.folder, Some(50))?;
    let (did, address) = (world.ours.setup.did(), world.ours.setup.address());
    let management = faulty.management();
    let body = json!({
        "@context": context(), "@type": "CatalogRequest", "counterPartyAddress": address,
        "counterPartyId": did, "protocol": PROTOCOL,
    });
    let (status, answer) = management.call("POST", "/v3/catalog/request", Some(&body)).await;
    ensure!(status == 502, "{status} {answer}");
    let body = world.edc_asks().request("plain").await;
    let started = management.post("/v3/contractnegotiations", &body).await;
    let id = started["@id"].as_str().context("no id")?;
    let path = crate::world::negotiation(id);
    crate::world::reach(&management, &path, &["TERMINATED"]).await.map(drop)
}
