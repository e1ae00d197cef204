//! One `entente serve` process with its driver, ready to be judged.

use super::driver::{Api, Driver};
use super::scenario::{self, Kind};
use super::settings::Settings;
use super::{peer, seed};
use crate::participant::{Participant, Setup};
use crate::ports::free_port;
use anyhow::Context as _;
use std::time::Duration;

/// A connector under test. Everything ends with it.
#[derive(Debug)]
pub struct Bed {
    driver: Driver,
    settings: Settings,
    participant: Participant,
    folder: tempfile::TempDir,
}

impl Bed {
    /// Starts `entente`, seeds it, and makes it act `delay` after each cue of a script.
    ///
    /// # Errors
    /// It does not take a seed.
    pub async fn start(delay: Duration) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("data.csv");
        std::fs::write(&file, "a,b\n1,2\n")?;
        let participant = Setup::new("Tck", folder.path()).with("--identity=insecure-mock").start();
        let api = Api::new(&format!("http://127.0.0.1:{}", participant.setup.management_port), "test-key")?;
        let driver = Driver::start(api, delay).await?;
        seed::datasets(driver.api(), &file).await.context("seeding datasets")?;
        let mut settings = settings(&participant.setup, &driver);
        for one in scenario::all() {
            if let Some((Kind::Negotiation, _)) = one.group.process() {
                driver.assign(Kind::Negotiation, one.subject, one.script);
            }
        }
        seed::agreements(&driver, &mut settings).await?;
        Ok(Self { driver, settings, participant, folder })
    }

    /// What a judge needs to know.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The process.
    #[must_use]
    pub const fn participant(&self) -> &Participant {
        &self.participant
    }

    /// A folder that lives as long.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Orders that the connector refused.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.driver.faults()
    }
}

fn settings(setup: &Setup, driver: &Driver) -> Settings {
    let mut settings = Settings::default();
    let port = free_port();
    let root = format!("http://127.0.0.1:{}", setup.port);
    let hook = |name: &str| format!("http://{}/{name}", driver.hooks());
    let participant = peer::PARTICIPANT;
    for (key, value) in [
        ("callback.address", format!("http://127.0.0.1:{port}")),
        ("host", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("ansi", "false".to_owned()),
        ("dsp.local.connector", "false".to_owned()),
        ("dsp.default.wait", "10".to_owned()),
        ("dsp.connector.agent.id", setup.did()),
        ("dsp.connector.http.url", format!("{root}/dsp/2025-1")),
        ("dsp.connector.http.base.url", root),
        ("dsp.connector.negotiation.initiate.url", hook("negotiations")),
        ("dsp.connector.transfer.initiate.url", hook("transfers")),
        (
            "dsp.connector.http.headers.authorization",
            format!(r#"{{"region":"any","audience":"any","clientId":"{participant}"}}"#),
        ),
    ] {
        settings.set(format!("dataspacetck.{key}"), value);
    }
    for one in scenario::all() {
        match one.group.process() {
            Some((Kind::Transfer, _)) => settings.set(format!("{}_FORMAT", one.key()), "HttpData-PULL"),
            _ if one.subject.is_empty() => {}
            _ => settings.set(format!("{}_DATASETID", one.key()), one.subject),
        }
    }
    settings
}
