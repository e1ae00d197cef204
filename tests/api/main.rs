//! schemathesis against a running connector: whatever it sends, there is no 5xx, and every answer is what the
//! OpenAPI document says. Bounded in examples and time, with a fixed seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::{Participant, Setup, say};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Checks of answers to whatever is sent.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance,ignored_auth";
const SEED: &str = "20251";
/// Cases for each operation in the phase of generated data; the phase of coverage has as many as the schemas ask.
const EXAMPLES: &str = "4";
/// Longest run of one part. None comes near it; `--max-time` would let the cases depend on the machine's speed.
const LIMIT: Duration = Duration::from_secs(240);

/// One part of the API, with what is asked of it.
struct Part {
    name: &'static str,
    paths: &'static str,
    checks: String,
    /// Beside made-up ids, those that lead somewhere.
    known_ids: bool,
}

/// What was done, from the tool's own summary.
#[derive(Debug)]
struct Counts {
    operations: usize,
    cases: usize,
}

fn schemathesis() -> Result<PathBuf, String> {
    let folder = std::env::var_os("ENTENTE_TEST_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.cache/data")), PathBuf::from);
    let found = folder.join("schemathesis/bin/schemathesis");
    if found.is_file() {
        Ok(found)
    } else {
        Err(format!("{} is missing; run tests/setup.sh", found.display()))
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
    fn settings(&self, part: &Part) -> PathBuf {
        let mut text = String::new();
        // These pass on what another participant answers, and 502 is how they say that it failed.
        for pattern in ["/catalog/", "/contractnegotiations$", "/transferprocesses$", "/dead-letters/"] {
            writeln!(text, "[[operations]]\ninclude-path-regex = '{pattern}'").unwrap();
            writeln!(text, "checks.not_a_server_error.expected-statuses = ['2xx', '3xx', '4xx', 502]\n")
                .unwrap();
        }
        if part.known_ids {
            for (pattern, ids) in &self.ids {
                writeln!(text, "[[operations]]\ninclude-path-regex = '^/v[1-4]{pattern}\\{{id\\}}'").unwrap();
                writeln!(text, "parameters = {{ 'path.id' = {} }}\n", json!(ids)).unwrap();
            }
        }
        let path = self.folder.path().join(format!("{}.toml", part.name));
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs one part; fails with what the tool printed when something was found or left out.
    fn run(&self, program: &Path, part: &Part) -> Counts {
        let base = format!("http://127.0.0.1:{}", self.subject.setup.management_port);
        let report = self.folder.path().join(format!("{}.txt", part.name));
        let out = std::fs::File::create(&report).unwrap();
        let mut tool = Command::new(program)
            .arg("--config-file")
            .arg(self.settings(part))
            .args(["run", &format!("{base}/openapi.json"), "--header", "X-Api-Key: test-key"])
            .args(["--include-path-regex", part.paths, "--checks", &part.checks])
            .args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES])
            .args(["--seed", SEED, "--generation-database", "none", "--request-timeout", "20"])
            .args(["--continue-on-failure", "--warnings", "off", "--no-color"])
            // It has nothing to ask anybody else.
            .env("NO_PROXY", "*")
            .env("SCHEMATHESIS_HOOKS", "")
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .unwrap();
        let started = Instant::now();
        let status = loop {
            if let Some(status) = tool.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > LIMIT {
                tool.kill().unwrap();
                tool.wait().unwrap();
                panic!("{} took longer than {LIMIT:?}", part.name);
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        let text = std::fs::read_to_string(&report).unwrap();
        let found = text.find("= FAILURES =").map_or(&*text, |at| &text[at..]);
        assert!(status.success(), "{}: {status}\n{found}", part.name);
        let number = |label: &str, until: &str| -> usize {
            let (_, after) = text.split_once(label).unwrap_or_else(|| panic!("no {label} in\n{text}"));
            after.split(until).next().unwrap().trim().parse().unwrap()
        };
        let counts =
            Counts { operations: number("Tested:", "\n"), cases: number("Test cases:", "generated") };
        assert_eq!(counts.operations, number("Selected:", "/"), "some were left out:\n{text}");
        say(format!(
            "api: {}: {} operations, {} cases, {:.0?}",
            part.name,
            counts.operations,
            counts.cases,
            started.elapsed()
        ));
        counts
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
        Err(reason) => return say(format!("api: skipped: {reason}")),
    };
    let world = World::new().await;
    let usual = || CHECKS.to_owned();
    // v4 holds bodies to their schemas, so what breaks them must be refused. The bodies of the others may take any
    // form of JSON-LD, of which a schema describes only one.
    let strict = || format!("{CHECKS},negative_data_rejection");
    let part = |name, paths, checks, known_ids| Part { name, paths, checks, known_ids };
    let any_ids = [
        part("v4", "^/v4/", strict(), false),
        part("v3", "^/v3/", usual(), false),
        part("v2", "^/v2/", usual(), false),
        part("v1", "^/v1/", usual(), false),
        part("open", "^/(?!v[0-9])", usual(), false),
    ];
    let operations: usize = any_ids.iter().map(|part| world.run(&program, part).operations).sum();
    let document = world.subject.management().get("/openapi.json").await;
    let all = document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len());
    assert_eq!(operations, all.sum::<usize>(), "every operation belongs to a part");
    // Known ids last, for they end and delete what there is.
    world.run(&program, &part("known-ids", "^/v[134]/.*[{]id[}]", usual(), true));
    world.alive().await;
}
