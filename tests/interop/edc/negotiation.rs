//! Negotiations in both directions.

use crate::world::{Pair, World, negotiation, reach, token};
use anyhow::{Context as _, ensure};
use conformance::client::{context, list, segment};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Negotiations at the same time.
const CROWD: usize = 20;

/// To FINALIZED, with the same agreement on both sides; and each side tells its state to the other.
async fn finalized(world: &World, pair: &Pair, dataset: &str) -> anyhow::Result<()> {
    let ours = pair.finalize(dataset).await?;
    let pid = ours["@id"].as_str().context("no id")?;
    let provider_pid = pair.provider_pid(pid).await?;
    let mut agreements = Vec::new();
    for (side, id) in [(&pair.consumer, pid), (&pair.provider, provider_pid.as_str())] {
        agreements.push(side.get(&format!("{}/agreement", negotiation(id))).await);
    }
    // EDC keeps the id on the wire apart from its own.
    let on_wire = |a: &Value| a.get("agreementId").unwrap_or(&a["@id"]).clone();
    let (one, other) = (&agreements[0], &agreements[1]);
    ensure!(on_wire(one) == on_wire(other), "{one:#}\n{other:#}");
    for member in ["assetId", "consumerId", "providerId", "contractSigningDate"] {
        ensure!(one[member] == other[member] && !one[member].is_null(), "{member}: {one:#}\n{other:#}");
    }
    ensure!(one["consumerId"] == pair.consumer_id && one["providerId"] == pair.provider_id, "{one:#}");
    for (base, id, caller) in [
        (&pair.address, provider_pid.as_str(), &pair.consumer_id),
        (&other_address(world, pair), pid, &pair.provider_id),
    ] {
        let url = format!("{base}/negotiations/{}", segment(id));
        let reply = world.dsp(&url, Some(&token(caller)), None).await?;
        ensure!(reply.status == 200 && reply.body["state"] == "FINALIZED", "{} {}", reply.status, reply.body);
        ensure!(
            reply.body["consumerPid"] == pid && reply.body["providerPid"] == provider_pid,
            "{}",
            reply.body
        );
    }
    Ok(())
}

fn other_address(world: &World, pair: &Pair) -> String {
    if pair.consumer_id == world.edc.id { world.edc.address() } else { world.ours.setup.address() }
}

pub(crate) async fn edc_gets_plain(world: Arc<World>) -> anyhow::Result<()> {
    finalized(&world, &world.edc_asks(), "plain").await
}

pub(crate) async fn edc_gets_dated(world: Arc<World>) -> anyhow::Result<()> {
    finalized(&world, &world.edc_asks(), "dated").await
}

pub(crate) async fn we_get_plain(world: Arc<World>) -> anyhow::Result<()> {
    finalized(&world, &world.we_ask(), "plain").await
}

pub(crate) async fn we_get_dated(world: Arc<World>) -> anyhow::Result<()> {
    finalized(&world, &world.we_ask(), "dated").await
}

/// The consumer's side ends with a reason that holds `word`.
async fn ends(pair: &Pair, body: &Value, word: &str) -> anyhow::Result<String> {
    let id = pair.start(body).await?;
    let ended = pair.consumer_in(&id, &["TERMINATED", "FINALIZED"]).await?;
    ensure!(ended["state"] == "TERMINATED", "{ended:#}");
    let reason = ended["errorDetail"].as_str().unwrap_or_default();
    ensure!(reason.contains(word), "the reason does not say {word:?}: {ended:#}");
    Ok(id)
}

pub(crate) async fn edc_is_refused(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    ends(&pair, &pair.request("closed").await, "the country of your seat").await.map(drop)
}

pub(crate) async fn edc_knows_no_offer(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    let mut body = pair.request("plain").await;
    body["policy"]["@id"] = json!("bm8=:c3VjaA==:b2ZmZXI=");
    ends(&pair, &body, "not an offer of ours").await.map(drop)
}

pub(crate) async fn edc_alters_our_offer(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    let mut body = pair.request("dated").await;
    body["policy"]["permission"] = json!([{"action": "use"}]);
    ends(&pair, &body, "differ").await.map(drop)
}

pub(crate) async fn we_know_no_offer(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.we_ask();
    let mut body = pair.request("plain").await;
    body["policy"]["@id"] = json!("bm8=:c3VjaA==:b2ZmZXI=");
    ends(&pair, &body, "").await.map(drop)
}

/// EDC answers with an agreement under its own terms; we must not take it, and both sides must know.
pub(crate) async fn we_alter_their_offer(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.we_ask();
    let mut body = pair.request("dated").await;
    body["policy"]["odrl:permission"] = json!([{"odrl:action": {"@id": "odrl:use"}}]);
    let id = pair.start(&body).await?;
    pair.provider_in(&id, &["TERMINATED"]).await?;
    let ours = pair.consumer_in(&id, &["TERMINATED"]).await?;
    ensure!(ours.get("contractAgreementId").is_none(), "{ours:#}");
    Ok(())
}

async fn terminate(side: &conformance::Management, id: &str, reason: &str) -> anyhow::Result<()> {
    let body = json!({"@context": context(), "@type": "TerminateNegotiation", "@id": id, "reason": reason});
    let path = format!("{}/terminate", negotiation(id));
    // EDC refuses while it holds its own lease.
    for _ in 0..50 {
        let (status, answer) = side.call("POST", &path, Some(&body)).await;
        if status == 409 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        ensure!(status == 204, "{status} {answer}");
        return Ok(());
    }
    anyhow::bail!("{id} cannot be terminated: always 409")
}

/// The consumer ends it once the provider's side is in `at`.
async fn consumer_ends(pair: &Pair, body: &Value, at: &str) -> anyhow::Result<()> {
    let id = pair.start(body).await?;
    pair.provider_in(&id, &[at]).await?;
    terminate(&pair.consumer, &id, "changed my mind").await?;
    pair.consumer_in(&id, &["TERMINATED"]).await?;
    let theirs = pair.provider_in(&id, &["TERMINATED"]).await?;
    told(pair, &theirs, "PROVIDER", "changed my mind")
}

/// We keep the reason that the peer gives; EDC 0.15 forgets ours.
fn told(pair: &Pair, ended: &Value, role: &str, reason: &str) -> anyhow::Result<()> {
    let ours = ended["@id"].as_str().is_some_and(|id| id.starts_with("urn:uuid:"));
    let kept = ended["errorDetail"].as_str().is_some_and(|r| r.contains(reason));
    ensure!(
        ended["type"] == role && (kept || !ours),
        "{} did not keep the reason: {ended:#}",
        pair.provider_id
    );
    Ok(())
}

/// The provider ends it once its own side is in `at`.
async fn provider_ends(pair: &Pair, body: &Value, at: &str) -> anyhow::Result<()> {
    let id = pair.start(body).await?;
    let theirs = pair.provider_in(&id, &[at]).await?;
    terminate(&pair.provider, theirs["@id"].as_str().context("no id")?, "sold out").await?;
    pair.provider_in(&id, &["TERMINATED"]).await?;
    let ended = pair.consumer_in(&id, &["TERMINATED"]).await?;
    told(pair, &ended, "CONSUMER", "sold out")
}

pub(crate) async fn edc_ends_requested(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    consumer_ends(&pair, &pair.request("by-hand").await, "REQUESTED").await
}

pub(crate) async fn edc_ends_verified(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    consumer_ends(&pair, &pair.request("half").await, "VERIFIED").await
}

pub(crate) async fn we_refuse_requested(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    provider_ends(&pair, &pair.request("by-hand").await, "REQUESTED").await
}

pub(crate) async fn we_end_verified(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    provider_ends(&pair, &pair.request("half").await, "VERIFIED").await
}

/// Our consumer verifies by hand only, so the negotiation rests in AGREED.
async fn by_hand(pair: &Pair) -> Value {
    let mut body = pair.request("plain").await;
    body["handling"] = json!("manual");
    body
}

pub(crate) async fn we_end_agreed(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.we_ask();
    consumer_ends(&pair, &by_hand(&pair).await, "AGREED").await
}

pub(crate) async fn edc_ends_agreed(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.we_ask();
    provider_ends(&pair, &by_hand(&pair).await, "AGREED").await
}

/// Ended by us right after the request; whatever EDC did meanwhile, both sides end.
pub(crate) async fn we_end_at_once(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.we_ask();
    let body = pair.request("plain").await;
    let id = pair.start(&body).await?;
    terminate(&pair.consumer, &id, "changed my mind").await?;
    pair.consumer_in(&id, &["TERMINATED"]).await?;
    pair.provider_in(&id, &["TERMINATED"]).await?;
    Ok(())
}

pub(crate) async fn we_decide_by_hand(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    let id = pair.ask("by-hand").await?;
    let pid = pair.provider_pid(&id).await?;
    let at = format!("/v1/negotiations/{}", segment(&pid));
    pair.provider_in(&id, &["REQUESTED"]).await?;
    pair.provider.post(&format!("{at}/agree"), &json!({})).await;
    pair.provider_in(&id, &["VERIFIED"]).await?;
    pair.provider.post(&format!("{at}/finalize"), &json!({})).await;
    pair.consumer_in(&id, &["FINALIZED"]).await.map(drop)
}

/// We verify by hand what EDC agreed.
pub(crate) async fn we_verify_by_hand(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.we_ask();
    let id = pair.start(&by_hand(&pair).await).await?;
    pair.consumer_in(&id, &["AGREED"]).await?;
    pair.consumer.post(&format!("/v1/negotiations/{}/verify", segment(&id)), &json!({})).await;
    pair.consumer_in(&id, &["FINALIZED"]).await?;
    pair.provider_in(&id, &["FINALIZED"]).await.map(drop)
}

/// We answer EDC's request with an offer of our own. EDC takes it and rests there, for its API has no way to accept;
/// when it has waited in vain, we end it.
pub(crate) async fn we_counter_offer(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    let id = pair.ask("by-hand").await?;
    let pid = pair.provider_pid(&id).await?;
    let at = format!("/v1/negotiations/{}", segment(&pid));
    pair.provider_in(&id, &["REQUESTED"]).await?;
    pair.provider.post(&format!("{at}/offer"), &json!({})).await;
    pair.consumer_in(&id, &["OFFERED"]).await?;
    pair.provider.post(&format!("{at}/terminate"), &json!({"reason": "no answer"})).await;
    pair.consumer_in(&id, &["TERMINATED"]).await.map(drop)
}

/// We open a negotiation with an offer. EDC stores it in OFFERED, then fails to write its answer (500, a null pid);
/// for us it is not delivered, is tried again, and can be ended.
pub(crate) async fn we_open_with_an_offer(world: Arc<World>) -> anyhow::Result<()> {
    let ours = world.ours.management();
    let body = json!({
        "@context": context(), "counterPartyId": world.edc.id, "counterPartyAddress": world.edc.address(),
        "assetId": "plain",
    });
    let opened = ours.post("/v1/negotiations/offers", &body).await;
    let pid = opened["@id"].as_str().context("no id")?;
    let edc = world.edc.management();
    let query = json!({
        "@context": context(), "@type": "QuerySpec",
        "filterExpression": [{"@type": "Criterion", "operandLeft": "state", "operator": "=", "operandRight": 400}],
    });
    let deadline = Instant::now() + Duration::from_secs(10);
    // Twice: the second is our second attempt.
    while list(&edc.post("/v3/contractnegotiations/request", &query).await).len() < 2 {
        ensure!(Instant::now() < deadline, "EDC knows no offer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let waiting = ours.get(&negotiation(pid)).await;
    ensure!(waiting["state"] == "OFFERED" && waiting.get("correlationId").is_none(), "{waiting:#}");
    terminate(&ours, pid, "no answer").await?;
    reach(&ours, &negotiation(pid), &["TERMINATED"]).await.map(drop)
}

async fn crowd(pair: &Pair) -> anyhow::Result<()> {
    try_join_all((0..CROWD).map(|_| pair.finalize("plain"))).await.map(drop)
}

pub(crate) async fn edc_gets_many(world: Arc<World>) -> anyhow::Result<()> {
    crowd(&world.edc_asks()).await
}

pub(crate) async fn we_get_many(world: Arc<World>) -> anyhow::Result<()> {
    crowd(&world.we_ask()).await
}
