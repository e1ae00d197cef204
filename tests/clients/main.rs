//! The clients that people have, each doing the whole main job against two connectors of ours.
//!
//! Run: `cargo test -p conformance --test clients`, after `sh tests/setup.sh`.
#![allow(clippy::print_stdout, reason = "a test target")]

use anyhow::{Context as _, bail, ensure};
use conformance::checks;
use conformance::listener::{Answer, Listener};
use conformance::matrix::{self, Check, Gate, Skip};
use conformance::{Participant, Setup};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const GATE: Gate<'_> =
    Gate { name: "clients", expected: &[("NPM", 1), ("PYPI", 1)], exemptions: include_str!("exempt.tsv") };

/// Longest run of a client.
const LIMIT: Duration = Duration::from_secs(50);

const NPM_STEPS: [&str; 12] = [
    "assets",
    "policies",
    "contract definitions",
    "catalogue",
    "negotiation",
    "agreement",
    "transfer",
    "edr",
    "data",
    "termination",
    "secrets and data planes",
    "deletion",
];
const PYPI_STEPS: [&str; 9] = [
    "assets",
    "policies",
    "contract definitions",
    "catalogue",
    "negotiation",
    "transfer",
    "edr",
    "data",
    "completion",
];

/// Where `tests/setup.sh` puts the clients.
struct Clients {
    npm: PathBuf,
    python: PathBuf,
}

impl Clients {
    fn find() -> anyhow::Result<Self> {
        let base = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.cache/data")),
            PathBuf::from,
        );
        let npm = base.join("clients/npm/node_modules");
        let python = base.join("clients/python/bin/python");
        for (what, path) in [
            ("edc-connector-client", npm.join("@think-it-labs/edc-connector-client")),
            ("edcpy", python.clone()),
        ] {
            if !path.exists() {
                bail!(Skip(format!("{what} is not in {}; run tests/setup.sh", path.display())));
            }
        }
        Ok(Self { npm, python })
    }
}

/// Two connectors and a source of data.
struct Pair {
    provider: Participant,
    consumer: Participant,
    source: Listener,
    _folder: tempfile::TempDir,
}

impl Pair {
    fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            provider: Setup::new("Provider", folder.path()).start(),
            consumer: Setup::new("Consumer", folder.path()).start(),
            source: Listener::start(|_| Answer::new(200, json!({"hour": 1, "height": 2}))),
            _folder: folder,
        })
    }

    /// Runs a client's script; gives the steps that it printed.
    async fn run(&self, mut command: Command) -> anyhow::Result<Vec<String>> {
        let management = |p: &Participant| format!("http://127.0.0.1:{}", p.setup.management_port);
        let mut child = command
            .env("PROVIDER_MANAGEMENT", management(&self.provider))
            .env("CONSUMER_MANAGEMENT", management(&self.consumer))
            .env("PROVIDER_DID", self.provider.setup.did())
            .env("PROVIDER_ADDRESS", self.provider.setup.address())
            .env("KEY", "test-key")
            .env("SOURCE", format!("{}/data", self.source.url()))
            .env("CONTENT", json!({"hour": 1, "height": 2}).to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("the client starts")?;
        let deadline = Instant::now() + LIMIT;
        while child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                child.kill()?;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let output = child.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let steps: Vec<String> =
            text.lines().filter_map(|l| l.strip_prefix("step ").map(str::to_owned)).collect();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "{} after {steps:?}\n{complaint}", output.status);
        Ok(steps)
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

async fn npm(clients: Arc<Clients>) -> anyhow::Result<()> {
    let mut command = Command::new("node");
    command.arg(script("main_job.cjs")).env("NODE_PATH", &clients.npm);
    let steps = Pair::new()?.run(command).await?;
    ensure!(steps == NPM_STEPS, "{steps:?}");
    Ok(())
}

async fn pypi(clients: Arc<Clients>) -> anyhow::Result<()> {
    let mut command = Command::new(&clients.python);
    command.arg(script("main_job.py"));
    let steps = Pair::new()?.run(command).await?;
    ensure!(steps == PYPI_STEPS, "{steps:?}");
    Ok(())
}

fn all() -> Vec<Check<Clients>> {
    checks![Clients;
        "NPM:01" "@think-it-labs/edc-connector-client 0.9.0 does the main job (12 steps)" npm,
        "PYPI:01" "edcpy 0.11.2 does the main job (9 steps)" pypi,
    ]
}

fn main() -> std::process::ExitCode {
    matrix::main(&GATE, async |only| {
        let clients = Arc::new(Clients::find()?);
        Ok(matrix::run(&GATE, all(), clients, &only).await)
    })
}
