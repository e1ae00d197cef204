//! Recorded EDC runtimes played against a real `entente serve`: each side of each recording, transfers included.
//! What the recorded party sent, we must take; what we send must have the recorded shape.
//!
//! Run: `cargo test -p conformance --test interop_replay`; words after `--` choose checks by their ids.
#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test target; indexing a JSON value gives null and never panics"
)]

mod player;
mod recording;
mod shape;

use anyhow::ensure;
use conformance::checks;
use conformance::client::{anybody, file, http, list, only};
use conformance::matrix::{self, Check, Gate};
use conformance::{Participant, Setup};
use player::{Player, Side};
use recording::Recording;
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

const GATE: Gate<'_> = Gate {
    name: "interop_replay",
    expected: &[("P18", 9), ("C18", 9), ("P14", 9), ("C14", 9)],
    exemptions: include_str!("exempt.tsv"),
};

/// What the checks share.
struct World {
    ours: Participant,
    new: Recording,
    old: Recording,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> anyhow::Result<Self> {
        let (new, old) = (Recording::read("0.18.0")?, Recording::read("0.14.1-dsp-2025-1")?);
        let folder = tempfile::tempdir()?;
        let ours = Setup::new("Ours", folder.path()).with("--identity=insecure-mock").start();
        let path = folder.path().join("data.bin");
        std::fs::write(&path, "data")?;
        let dated = only("inForceDate", "lteq", json!("contractAgreement+30d"));
        ours.management().publish("asset-0", file(&path), anybody(), anybody()).await;
        ours.management().publish("asset-1", file(&path), dated, anybody()).await;
        Ok(Self { ours, new, old, _folder: folder })
    }

    fn player(&self, side: Side, release: Release) -> anyhow::Result<Player> {
        let recording = if release == NEW { &self.new } else { &self.old };
        Player::new(side, recording, &self.ours.setup)
    }
}

/// Which recording, and where its transfers begin and end.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Release {
    /// Suspended and resumed by both, terminated by the consumer.
    long: (u64, u64),
    /// Completed by the provider (0.18.0), or only started (0.14.1).
    second: (u64, u64, &'static str),
    /// Terminated by the provider.
    third: (u64, u64),
}

const NEW: Release = Release { long: (29, 48), second: (51, 56, "COMPLETED"), third: (59, 64) };
const OLD: Release = Release { long: (28, 36), second: (37, 38, "STARTED"), third: (39, 41) };

async fn finalized(world: &World, side: Side, release: Release, seq: u64) -> anyhow::Result<Player> {
    let mut player = world.player(side, release)?;
    player.play(seq, seq + 3).await?;
    player.ours_in("negotiations", "FINALIZED").await?;
    Ok(player)
}

async fn plain(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    finalized(&world, side, release, 4).await.map(drop)
}

async fn dated(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    finalized(&world, side, release, 10).await.map(drop)
}

/// The consumer ends it when the agreement is on its way; as provider we are answered 409 and told the reason.
async fn early_end(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    let mut player = world.player(side, release)?;
    player.play(14, 16).await?;
    let ended = player.ours_in("negotiations", "TERMINATED").await?;
    if side == Side::Consumer {
        ensure!(ended["errorDetail"] == "changed my mind", "{ended:#}");
    }
    Ok(())
}

/// The consumer asks for more than is offered. As provider we refuse at once; as consumer we refuse the agreement
/// that says something else, and take the provider's termination.
async fn altered(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    let mut player = world.player(side, release)?;
    let recording = if release == NEW { &world.new } else { &world.old };
    if side == Side::Consumer {
        let (status, body) = player.post(&recording.at(17)?).await?;
        ensure!(status == 400 && body["@type"] == "ContractNegotiationError", "{status} {body}");
        ensure!(body["consumerPid"] == player.today(&recording.at(17)?.body["consumerPid"])?, "{body}");
        return Ok(());
    }
    player.play(17, 17).await?;
    let (status, body) = player.post(&recording.at(18)?).await?;
    ensure!(status == 400 && body["@type"] == "ContractNegotiationError", "{status} {body}");
    player.send(&recording.at(19)?).await?;
    player.ours_in("negotiations", "TERMINATED").await.map(drop)
}

/// The recorded catalogue is read, or the recorded requests are answered.
async fn catalogue(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    let mut player = world.player(side, release)?;
    let recording = if release == NEW { &world.new } else { &world.old };
    if side == Side::Provider {
        let found = player.management().catalogue("provider", &player.listener.url()).await;
        let ids: Vec<_> = list(&found["dcat:dataset"]).iter().map(|d| d["@id"].clone()).collect();
        ensure!(ids.contains(&json!("asset-0")) && ids.contains(&json!("asset-1")), "{ids:?}");
        let formats = &found["dcat:dataset"][0]["dcat:distribution"];
        ensure!(list(formats).iter().all(|f| f["dct:format"]["@id"].is_string()), "{formats}");
        return Ok(());
    }
    for (seq, kind) in [(2, "Catalog"), (3, "Dataset")] {
        let (status, body) = player.post(&recording.at(seq)?).await?;
        ensure!(status == 200 && body["@type"] == kind, "{seq}: {status} {body}");
    }
    Ok(())
}

/// Requests that EDC refused are refused by us, with the right error object and never a 5xx.
async fn refusals(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    let mut player = world.player(side, release)?;
    let recording = if release == NEW { &world.new } else { &world.old };
    if side == Side::Consumer {
        for (seq, status, kind) in [
            (21, 401, "CatalogError"),
            (22, 401, "CatalogError"),
            (24, 401, "CatalogError"),
            (25, 400, "CatalogError"),
            (26, 404, "ContractNegotiationError"),
            (27, 404, "CatalogError"),
        ] {
            let (found, body) = player.post(&recording.at(seq)?).await?;
            ensure!(found == status && body["@type"] == kind, "{seq}: {found} {body}");
        }
        return Ok(());
    }
    // The recorded refusals are understood: their reasons reach the client.
    for seq in [20, 21, 27] {
        let (status, answer) = (recording.at(seq)?.status, recording.at(seq)?.answer);
        let reason = answer["reason"][0].as_str().unwrap_or_default().to_owned();
        player.listener.rule(move |_| conformance::listener::Answer::new(status, answer.clone()));
        let body = json!({
            "@context": conformance::client::context(), "@type": "DatasetRequest", "@id": "no-such-asset",
            "counterPartyAddress": player.listener.url(), "counterPartyId": "provider",
            "protocol": "dataspace-protocol-http:2025-1",
        });
        let (found, told) =
            player.management().call("POST", "/v3/catalog/dataset/request", Some(&body)).await;
        let message = told[0]["message"].as_str().unwrap_or_default();
        ensure!(found == 502 && message.contains(&status.to_string()), "{seq}: {found} {told}");
        ensure!(message.contains(&reason), "{seq}: {told}");
    }
    Ok(())
}

/// A contract by recording, then the transfer; gives the player with our process.
async fn transfer(
    world: &World,
    side: Side,
    release: Release,
    from: u64,
    until: u64,
) -> anyhow::Result<Player> {
    let mut player = finalized(world, side, release, 4).await?;
    player.next();
    player.play(from, until).await?;
    Ok(player)
}

async fn long(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    let player = transfer(&world, side, release, release.long.0, release.long.1).await?;
    let ended = player.ours_in("transfers", "TERMINATED").await?;
    if side == Side::Consumer && release == NEW {
        ensure!(ended["errorDetail"] == "enough", "{ended:#}");
    }
    Ok(())
}

async fn second(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    let (from, until, state) = release.second;
    let player = transfer(&world, side, release, from, until).await?;
    player.ours_in("transfers", state).await.map(drop)
}

/// Terminated by the provider. Before that, the data address is usable: the endpoint and token that our client is
/// given are those of the peer's message, in whichever form of EDC; or ours work for the peer.
async fn third(world: Arc<World>, side: Side, release: Release) -> anyhow::Result<()> {
    let recording = if release == NEW { &world.new } else { &world.old };
    let script = recording.process(release.third.0)?;
    let mut player = finalized(&world, side, release, 4).await?;
    player.next();
    let started = release.third.1 - if release == NEW { 3 } else { 1 };
    player.play(release.third.0, started).await?;
    player.ours_in("transfers", "STARTED").await?;
    let (endpoint, token) = if side == Side::Provider {
        let (endpoint, token) = player.management().edr(&player.pid).await;
        let start =
            script.iter().find(|e| e.kind() == "TransferStartMessage").map(|e| &e.body["dataAddress"]);
        let sent = player.today(start.unwrap_or_default())?.to_string();
        ensure!(sent.contains(&endpoint) && sent.contains(&token), "{endpoint} {token}: {sent}");
        (endpoint, token)
    } else {
        let (_, start) = player.listener.wait(0, |r| r.body["@type"] == "TransferStartMessage").await?;
        let property = |name: &str| {
            list(&start.body["dataAddress"]["endpointProperties"])
                .iter()
                .find(|p| p["name"].as_str().is_some_and(|n| n.rsplit('/').next() == Some(name)))
                .and_then(|p| p["value"].as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        (property("endpoint"), property("authorization"))
    };
    let status = http().get(&endpoint).header("authorization", &token).send().await?.status().as_u16();
    ensure!(status == 200, "the data: {status} from {endpoint}");
    let rest: Vec<_> = script.into_iter().filter(|e| e.seq > started).collect();
    ensure!(rest.len() == 1, "{} messages are left", rest.len());
    player.finish(&rest[0]).await?;
    player.ours_in("transfers", "TERMINATED").await.map(drop)
}

macro_rules! of {
    ($check:ident, $side:ident, $release:ident) => {
        |world| $check(world, Side::$side, $release)
    };
}

fn all() -> Vec<Check<World>> {
    let mut all = checks![World;
        "P18:01" "0.18.0 provides: catalogue" (of!(catalogue, Provider, NEW)),
        "P18:02" "0.18.0 provides: refusals" (of!(refusals, Provider, NEW)),
        "P18:03" "0.18.0 provides: negotiation to FINALIZED" (of!(plain, Provider, NEW)),
        "P18:04" "0.18.0 provides: under a constraint" (of!(dated, Provider, NEW)),
        "P18:05" "0.18.0 provides: we end it early" (of!(early_end, Provider, NEW)),
        "P18:06" "0.18.0 provides: other terms than asked" (of!(altered, Provider, NEW)),
        "P18:07" "0.18.0 provides: suspended and resumed by both, we terminate" (of!(long, Provider, NEW)),
        "P18:08" "0.18.0 provides: it completes" (of!(second, Provider, NEW)),
        "P18:09" "0.18.0 provides: data, it terminates" (of!(third, Provider, NEW)),
        "C18:01" "0.18.0 consumes: catalogue" (of!(catalogue, Consumer, NEW)),
        "C18:02" "0.18.0 consumes: refusals" (of!(refusals, Consumer, NEW)),
        "C18:03" "0.18.0 consumes: negotiation to FINALIZED" (of!(plain, Consumer, NEW)),
        "C18:04" "0.18.0 consumes: under a constraint" (of!(dated, Consumer, NEW)),
        "C18:05" "0.18.0 consumes: it ends it early" (of!(early_end, Consumer, NEW)),
        "C18:06" "0.18.0 consumes: other terms than offered" (of!(altered, Consumer, NEW)),
        "C18:07" "0.18.0 consumes: suspended and resumed by both, it terminates" (of!(long, Consumer, NEW)),
        "C18:08" "0.18.0 consumes: we complete" (of!(second, Consumer, NEW)),
        "C18:09" "0.18.0 consumes: data, we terminate" (of!(third, Consumer, NEW)),
    ];
    all.extend(checks![World;
        "P14:01" "0.14.1 provides: catalogue" (of!(catalogue, Provider, OLD)),
        "P14:02" "0.14.1 provides: refusals" (of!(refusals, Provider, OLD)),
        "P14:03" "0.14.1 provides: negotiation to FINALIZED" (of!(plain, Provider, OLD)),
        "P14:04" "0.14.1 provides: under a constraint" (of!(dated, Provider, OLD)),
        "P14:05" "0.14.1 provides: we end it early" (of!(early_end, Provider, OLD)),
        "P14:06" "0.14.1 provides: other terms than asked" (of!(altered, Provider, OLD)),
        "P14:07" "0.14.1 provides: suspended and resumed by both, we terminate" (of!(long, Provider, OLD)),
        "P14:08" "0.14.1 provides: it starts" (of!(second, Provider, OLD)),
        "P14:09" "0.14.1 provides: data, it terminates" (of!(third, Provider, OLD)),
        "C14:01" "0.14.1 consumes: catalogue" (of!(catalogue, Consumer, OLD)),
        "C14:02" "0.14.1 consumes: refusals" (of!(refusals, Consumer, OLD)),
        "C14:03" "0.14.1 consumes: negotiation to FINALIZED" (of!(plain, Consumer, OLD)),
        "C14:04" "0.14.1 consumes: under a constraint" (of!(dated, Consumer, OLD)),
        "C14:05" "0.14.1 consumes: it ends it early" (of!(early_end, Consumer, OLD)),
        "C14:06" "0.14.1 consumes: other terms than offered" (of!(altered, Consumer, OLD)),
        "C14:07" "0.14.1 consumes: suspended and resumed by both, it terminates" (of!(long, Consumer, OLD)),
        "C14:08" "0.14.1 consumes: we start" (of!(second, Consumer, OLD)),
        "C14:09" "0.14.1 consumes: data, we terminate" (of!(third, Consumer, OLD)),
    ]);
    all
}

fn main() -> ExitCode {
    matrix::main(&GATE, async |only| {
        let world = Arc::new(World::new().await?);
        Ok(matrix::run(&GATE, all(), world, &only).await)
    })
}
