//! schemathesis against a running connector: whatever it sends, there is no 5xx, and every answer is what the
//! OpenAPI document says. Bounded in examples and time, with a fixed seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::{Participant, Setup};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Checks of answers to whatever is sent.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance,ignored_auth";
const SEED: &str = "20251";
/// Cases for each operation in the phase of generated data.
const EXAMPLES: &str = "8";
/// Longest run for one part of the API, in seconds.
const SECONDS: &str = "150";

fn schemathesis() -> Result<PathBuf, String> {
    let folder = std::env::var_os("ENTENTE_TEST_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.cache/data")), PathBuf::from);
    let found = folder.join("schemathesis/bin/schemathesis");
    if found.is_file() {
        Ok(found)
    } else {
        Err(format!("{} is missing; run tests/api/setup.sh", found.display()))
    }
}

/// Two participants with something of each kind, so that not every id leads nowhere.
struct World {
    subject: Participant,
    _provider: Participant,
    folder: tempfile::TempDir,
    /// Path pattern, and ids that lead somewhere below it.
    ids: Vec<(&'static str, Vec<String>)>,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tides.csv");
        std::fs::write(&path, "hour,height\n1,2\n").unwrap();
        let provider = Setup::new("Provider", folder.path()).start();
        let subject = Setup::new("Subject", folder.path()).start();
        provider.management().publish_file("tides", &path).await;
        let api = subject.management();
        api.publish_file("own", &path).await;
        let (did, address) = (provider.setup.did(), provider.setup.address());
        let agreement = api.agree(&did, &address, "tides", &[]).await;
        let transfer = api.transfer(&address, &agreement).await;
        api.wait("transferprocesses", &transfer, &["STARTED"]).await;
        let second = api.transfer(&address, &agreement).await;
        api.wait("transferprocesses", &second, &["STARTED"]).await;
        let all = api.post("/v3/contractnegotiations/request", &json!({})).await;
        let negotiation = all[0]["@id"].as_str().unwrap().to_owned();
        api.post("/v3/secrets", &json!({"@id": "alias", "value": "hidden"})).await;
        // Nobody listens there, so that letters die.
        let hook = json!({"id": "hook", "url": "http://127.0.0.1:9/", "maxAttempts": 1});
        let (status, answer) = api.call("POST", "/v1/webhooks", Some(&hook)).await;
        assert_eq!(status, 201, "{answer:#}");
        let ids = vec![
            ("/assets/", vec!["own".to_owned()]),
            ("/policydefinitions/", vec!["own-terms".to_owned()]),
            ("/contractdefinitions/", vec!["own-offer".to_owned()]),
            ("/(contractnegotiations|negotiations)/", vec![negotiation]),
            ("/(contractagreements|agreements)/", vec![agreement]),
            ("/(transferprocesses|transfers|edrs)/", vec![transfer, second]),
            ("/secrets/", vec!["alias".to_owned()]),
            ("/webhooks/", vec!["hook".to_owned()]),
        ];
        Self { subject, _provider: provider, folder, ids }
    }

    /// Settings of schemathesis: known ids beside made-up ones, and where a counterparty may fail.
    fn settings(&self, with_ids: bool) -> PathBuf {
        let mut text = String::new();
        let peers = r#"["/catalog/", "/contractnegotiations$", "/transferprocesses$", "/dead-letters/"]"#;
        let peers: Vec<String> = serde_json::from_str(peers).unwrap();
        for pattern in peers {
            writeln!(text, "[[operations]]\ninclude-path-regex = '{pattern}'").unwrap();
            writeln!(text, "checks.not_a_server_error.expected-statuses = ['2xx', '3xx', '4xx', 502]\n")
                .unwrap();
        }
        if with_ids {
            for (pattern, ids) in &self.ids {
                writeln!(text, "[[operations]]\ninclude-path-regex = '^/v[1-4]{pattern}\\{{id\\}}'").unwrap();
                writeln!(text, "parameters = {{ 'path.id' = {} }}\n", json!(ids)).unwrap();
            }
        }
        let path = self.folder.path().join(if with_ids { "known.toml" } else { "any.toml" });
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs over the paths that match; gives what it printed when something was found.
    fn run(&self, program: &Path, paths: &str, checks: &str, with_ids: bool) {
        let base = format!("http://127.0.0.1:{}", self.subject.setup.management_port);
        let report = self.folder.path().join("report.txt");
        let out = std::fs::File::create(&report).unwrap();
        let status = Command::new(program)
            .arg("--config-file")
            .arg(self.settings(with_ids))
            .args(["run", &format!("{base}/openapi.json"), "--header", "X-Api-Key: test-key"])
            .args(["--include-path-regex", paths, "--checks", checks])
            .args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES])
            .args(["--seed", SEED, "--max-time", SECONDS, "--request-timeout", "20"])
            .args(["--continue-on-failure", "--warnings", "off", "--no-color"])
            // It has nothing to ask anybody else.
            .env("NO_PROXY", "*")
            .env("SCHEMATHESIS_HOOKS", "")
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .status()
            .unwrap();
        let text = std::fs::read_to_string(&report).unwrap();
        let cases =
            text.lines().find(|line| line.contains("generated")).unwrap_or("no cases").trim().to_owned();
        let known = if with_ids { ", known ids" } else { "" };
        println!("{paths}{known}: {cases}");
        let found = text.find("= FAILURES =").map_or("", |at| &text[at..]);
        assert!(
            status.success(),
            "{paths}{known}: {status}\n{}",
            if found.is_empty() { &text } else { found }
        );
        assert!(cases.contains("passed"), "{text}");
    }

    async fn alive(&self) {
        let status: Value = self.subject.management().get("/v1/status").await;
        assert_eq!(status["did"], self.subject.setup.did());
        let log = self.subject.log();
        assert!(!log.contains("panicked"), "a handler panicked:\n{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_the_answer_is_documented() {
    let program = match schemathesis() {
        Ok(program) => program,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let world = World::new().await;
    // v4 holds bodies to their schemas, so what breaks them must be refused.
    let strict = format!("{CHECKS},negative_data_rejection");
    world.run(&program, "^/v4/", &strict, false);
    world.run(&program, "^/($|docs|openapi|healthz|readyz|metrics|v1/|v3/)", CHECKS, false);
    // Known ids last, for they end and delete what there is.
    world.run(&program, "^/v[13]/.*id", CHECKS, true);
    world.alive().await;
}
