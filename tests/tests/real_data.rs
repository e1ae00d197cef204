//! The main job on data that nobody here wrote: French communes, and the Vega example datasets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::client::{http, list, segment};
use conformance::{Participant, Setup, public_data};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

fn skip(reason: &str) {
    println!("skipped: {reason}");
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

async fn fetch(provider: &Participant, consumer: &Participant, dataset: &str) -> Vec<u8> {
    let (did, address) = (provider.setup.did(), provider.setup.address());
    let guest = consumer.management();
    let agreement = guest.agree(&did, &address, dataset, &[]).await;
    let transfer = guest.transfer(&address, &agreement).await;
    guest.wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = guest.edr(&transfer).await;
    http().get(endpoint).bearer_auth(token).send().await.unwrap().bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn communes_departments_and_regions_travel_unchanged() {
    let data = match public_data() {
        Ok(folder) => folder.join("@etalab/decoupage-administratif/data"),
        Err(reason) => return skip(&reason),
    };
    let folder = tempfile::tempdir().unwrap();
    let provider = Setup::new("Provider", folder.path()).start();
    let consumer = Setup::new("Consumer", folder.path()).start();
    for name in ["communes", "departements", "regions"] {
        let path = data.join(format!("{name}.json"));
        let original = std::fs::read(&path).unwrap();
        provider.management().publish_file(name, &path).await;
        let received = fetch(&provider, &consumer, name).await;
        assert_eq!(digest(&received), digest(&original), "{name}");
    }
    let communes: Value =
        serde_json::from_slice(&std::fs::read(data.join("communes.json")).unwrap()).unwrap();
    assert!(communes.as_array().unwrap().len() > 30_000, "the file is the real one");
}

#[test]
fn the_lab_publishes_a_data_package_with_its_metadata() {
    let package = match public_data() {
        Ok(folder) => folder.join("vega-datasets"),
        Err(reason) => return skip(&reason),
    };
    let descriptor: Value =
        serde_json::from_slice(&std::fs::read(package.join("datapackage.json")).unwrap()).unwrap();
    let resources = descriptor["resources"].as_array().unwrap().len();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(lab(&package, resources));
}

async fn lab(package: &Path, resources: usize) {
    let command = connector::lab::UpCommand {
        participants: 2,
        data: Some(package.to_owned()),
        persist: None,
        json: false,
        log: "warn".to_owned(),
    };
    let lab = connector::lab::start(&command).await.unwrap();
    let (provider, consumer) = (lab.state.members[0].clone(), lab.state.members[1].clone());
    let guest = conformance::Management::new(&consumer.management_url, &consumer.management_key);
    let catalogue = guest.catalogue(&provider.did, &provider.address).await;
    let datasets = list(&catalogue["dcat:dataset"]);
    assert_eq!(datasets.len(), resources, "one dataset for each resource");

    // Title, licence and source of the package are found by SPARQL.
    let query = "PREFIX dct: <http://purl.org/dc/terms/> PREFIX dcat: <http://www.w3.org/ns/dcat#> \
        SELECT ?d ?m WHERE { ?d a dcat:Dataset ; dct:license ?l ; dct:source ?s ; dcat:mediaType ?m }";
    let found = guest.post("/v1/sparql", &json!({"query": query})).await;
    assert!(!found["results"]["bindings"].as_array().unwrap().is_empty(), "{found:#}");

    // One of them, end to end.
    let agreement = guest.agree(&provider.did, &provider.address, "cars", &[]).await;
    let transfer = guest.transfer(&provider.address, &agreement).await;
    guest.wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = guest.edr(&transfer).await;
    let received = http().get(endpoint).bearer_auth(token).send().await.unwrap().bytes().await.unwrap();
    let original = std::fs::read(package.join("data/cars.json")).unwrap();
    assert_eq!(digest(&received), digest(&original));
    let check = guest.post(&format!("/v1/agreements/{}/verify", segment(&agreement)), &json!({})).await;
    assert_eq!(check["valid"], true);
    lab.stop().await;
}
