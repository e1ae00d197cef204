//! Versions, catalogues, datasets and pages.

use crate::world::{MANY, PROTOCOL, Pair, World, ids, token};
use anyhow::{Context as _, ensure};
use conformance::client::{context, either, list};
use serde_json::{Value, json};
use std::sync::Arc;

const OURS_VISIBLE: [&str; 5] = ["by-hand", "closed", "dated", "half", "plain"];

pub(crate) async fn edc_has_the_version(world: Arc<World>) -> anyhow::Result<()> {
    let reply = world.dsp(&format!("{}/.well-known/dspace-version", world.edc.root), None, None).await?;
    let path = versions(reply.status, &reply.body)?;
    ensure!(format!("{}{path}", world.edc.root) == world.edc.address(), "{}", reply.body);
    Ok(())
}

pub(crate) async fn we_have_the_version(world: Arc<World>) -> anyhow::Result<()> {
    let root = world.ours.setup.url();
    let reply = world.dsp(&format!("{root}/.well-known/dspace-version"), None, None).await?;
    let path = versions(reply.status, &reply.body)?;
    ensure!(format!("{root}{path}") == world.ours.setup.address(), "{}", reply.body);
    Ok(())
}

/// The path of 2025-1 over HTTPS.
fn versions(status: u16, body: &Value) -> anyhow::Result<String> {
    ensure!(status == 200, "{status} {body}");
    let entry = list(&body["protocolVersions"])
        .into_iter()
        .find(|v| v["version"] == "2025-1" && v["binding"] == "HTTPS")
        .context("no entry for 2025-1")?;
    Ok(entry["path"].as_str().context("no path")?.to_owned())
}

async fn catalogue(pair: &Pair, query: Value) -> anyhow::Result<Value> {
    let mut body = json!({
        "@context": context(), "@type": "CatalogRequest", "counterPartyAddress": pair.address,
        "counterPartyId": pair.provider_id, "protocol": PROTOCOL,
    });
    if !query.is_null() {
        body["querySpec"] = query;
    }
    let (status, answer) = pair.consumer.call("POST", "/v3/catalog/request", Some(&body)).await;
    ensure!(status == 200, "{status} {answer}");
    Ok(answer)
}

async fn dataset(pair: &Pair, id: &str) -> (u16, Value) {
    let body = json!({
        "@context": context(), "@type": "DatasetRequest", "@id": id, "counterPartyAddress": pair.address,
        "counterPartyId": pair.provider_id, "protocol": PROTOCOL,
    });
    pair.consumer.call("POST", "/v3/catalog/dataset/request", Some(&body)).await
}

pub(crate) async fn edc_reads_ours(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    let found = catalogue(&pair, Value::Null).await?;
    ensure!(ids(&found) == OURS_VISIBLE, "{:?}", ids(&found));
    ensure!(found["participantId"] == world.ours.setup.did(), "{found:#}");
    for dataset in list(&found["dataset"]) {
        ensure!(!list(&dataset["hasPolicy"]).is_empty(), "no offer: {dataset:#}");
        ensure!(dataset["distribution"][0]["format"] == "HttpData-PULL", "{dataset:#}");
    }
    Ok(())
}

pub(crate) async fn edc_reads_one_of_ours(world: Arc<World>) -> anyhow::Result<()> {
    let (status, found) = dataset(&world.edc_asks(), "dated").await;
    ensure!(status == 200 && found["@id"] == "dated", "{status} {found:#}");
    let left = &found["hasPolicy"][0]["permission"][0]["constraint"][0]["leftOperand"];
    ensure!(left.as_str().is_some_and(|l| l.ends_with("inForceDate")), "{found:#}");
    Ok(())
}

pub(crate) async fn edc_reads_none_of_ours(world: Arc<World>) -> anyhow::Result<()> {
    for id in ["no-such-dataset", "hidden"] {
        let (status, answer) = dataset(&world.edc_asks(), id).await;
        ensure!(status == 502, "{id}: {status} {answer}");
    }
    Ok(())
}

pub(crate) async fn we_read_theirs(world: Arc<World>) -> anyhow::Result<()> {
    let found = catalogue(&world.we_ask(), Value::Null).await?;
    let ids = ids(&found);
    ensure!(ids.contains(&"plain".to_owned()) && ids.contains(&"dated".to_owned()), "{ids:?}");
    ensure!(found["dspace:participantId"]["@id"] == world.edc.id, "{}", found["dspace:participantId"]);
    ensure!(
        list(&found["dcat:dataset"])
            .iter()
            .all(|d| !list(either(d, "hasPolicy", "odrl:hasPolicy")).is_empty()),
        "a dataset without offer"
    );
    Ok(())
}

pub(crate) async fn we_read_one_of_theirs(world: Arc<World>) -> anyhow::Result<()> {
    let (status, found) = dataset(&world.we_ask(), "dated").await;
    ensure!(status == 200 && found["@id"] == "dated", "{status} {found:#}");
    ensure!(list(&found["odrl:hasPolicy"]).len() == 1, "{found:#}");
    Ok(())
}

pub(crate) async fn we_read_none_of_theirs(world: Arc<World>) -> anyhow::Result<()> {
    let (status, answer) = dataset(&world.we_ask(), "no-such-dataset").await;
    ensure!(status == 502, "{status} {answer}");
    ensure!(answer[0]["message"].as_str().is_some_and(|m| m.contains("404")), "{answer}");
    Ok(())
}

pub(crate) async fn edc_takes_pages_of_ours(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.edc_asks();
    let mut seen = Vec::new();
    for offset in [0, 2, 4] {
        let page = ids(&catalogue(&pair, json!({"offset": offset, "limit": 2})).await?);
        ensure!(page.len() == if offset == 4 { 1 } else { 2 }, "offset {offset}: {page:?}");
        seen.extend(page);
    }
    seen.sort();
    ensure!(seen == OURS_VISIBLE, "{seen:?}");
    Ok(())
}

pub(crate) async fn edc_filters_ours(world: Arc<World>) -> anyhow::Result<()> {
    let criterion = |left: &str, operator: &str, right: Value| json!({"filterExpression": [{"@type": "Criterion", "operandLeft": left, "operator": operator, "operandRight": right}]});
    let pair = world.edc_asks();
    for (left, operator, right, wanted) in [
        ("https://w3id.org/edc/v0.0.1/ns/id", "=", json!("dated"), vec!["dated"]),
        ("https://w3id.org/edc/v0.0.1/ns/name", "like", json!("%a%"), OURS_VISIBLE.to_vec()),
        ("https://w3id.org/edc/v0.0.1/ns/id", "in", json!(["plain", "closed"]), vec!["closed", "plain"]),
        ("https://w3id.org/edc/v0.0.1/ns/id", "=", json!("hidden"), vec![]),
    ] {
        let found = ids(&catalogue(&pair, criterion(left, operator, right)).await?);
        ensure!(found == wanted, "{left} {operator}: {found:?}");
    }
    Ok(())
}

pub(crate) async fn we_read_all_of_theirs(world: Arc<World>) -> anyhow::Result<()> {
    let found = ids(&catalogue(&world.we_ask(), json!({"limit": 1000})).await?);
    ensure!(found.len() == MANY + 2, "{} datasets of {}", found.len(), MANY + 2);
    Ok(())
}

pub(crate) async fn we_take_pages_of_theirs(world: Arc<World>) -> anyhow::Result<()> {
    let pair = world.we_ask();
    let mut seen = Vec::new();
    for offset in [0, 25, 50] {
        let page = ids(&catalogue(&pair, json!({"offset": offset, "limit": 25})).await?);
        ensure!(page.len() == if offset == 50 { MANY + 2 - 50 } else { 25 }, "{offset}: {}", page.len());
        seen.extend(page);
    }
    seen.sort();
    seen.dedup();
    ensure!(seen.len() == MANY + 2, "{} of {}", seen.len(), MANY + 2);
    Ok(())
}

/// The way of EDC: `limit` in the filter, then the address in the `Link` header until there is none.
pub(crate) async fn our_pages_are_linked(world: Arc<World>) -> anyhow::Result<()> {
    let token = token(&world.edc.id);
    let message = json!({
        "@context": ["https://w3id.org/dspace/2025/1/context.jsonld", "https://w3id.org/edc/dspace/v0.0.1"],
        "@type": "CatalogRequestMessage",
        "filter": [{"@type": "QuerySpec", "limit": 2, "offset": 0, "sortOrder": "ASC", "filterExpression": []}],
    });
    let mut next = Some(format!("{}/catalog/request", world.ours.setup.address()));
    let mut sizes = Vec::new();
    while let Some(url) = next {
        let reply = world.dsp(&url, Some(&token), Some(&message)).await?;
        ensure!(reply.status == 200 && sizes.len() < 10, "{url}: {} {}", reply.status, reply.body);
        sizes.push(list(&reply.body["dataset"]).len());
        next = reply.link.and_then(|link| {
            let (url, rest) = link.trim_start_matches('<').split_once('>')?;
            rest.contains("rel=\"next\"").then(|| url.to_owned())
        });
    }
    ensure!(sizes == [2, 2, 1], "{sizes:?}");
    Ok(())
}
