//! A run of the official kit: its class path from Maven, then our driver with Java.

use super::gate::{Outcome, TestResult, folder};
use super::settings::Settings;
use anyhow::{Context as _, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

/// A kit that can be run.
#[derive(Debug)]
pub struct Kit {
    class_path: String,
}

/// Whether the kit can be run here.
#[derive(Debug)]
pub enum Ready {
    /// It can.
    Yes(Kit),
    /// It cannot, for a reason that says nothing about the connector.
    No(String),
}

/// The kit's class files are made for it.
const OLDEST_JAVA: u32 = 17;

/// What Maven says when it cannot reach a repository.
const UNREACHABLE: [&str; 8] = [
    "Unknown host",
    "Network is unreachable",
    "Connection refused",
    "Connect to ",
    "connect timed out",
    "Temporary failure in name resolution",
    "No route to host",
    "Connection reset",
];

impl Kit {
    /// Fetches the kit, unless an earlier run did.
    ///
    /// # Errors
    /// Maven fails for another reason than missing tools or an unreachable repository.
    pub async fn prepare() -> anyhow::Result<Ready> {
        for tool in ["java", "mvn"] {
            let found = Command::new(tool).arg("-version").stdin(Stdio::null()).output().await;
            let Some(output) = found.ok().filter(|output| output.status.success()) else {
                return Ok(Ready::No(format!("{tool} is missing (Debian: default-jdk-headless maven)")));
            };
            let told = String::from_utf8_lossy(&output.stderr);
            if tool == "java" && major(&told).is_some_and(|version| version < OLDEST_JAVA) {
                let first = told.lines().next().unwrap_or_default();
                return Ok(Ready::No(format!("Java {OLDEST_JAVA} or newer is needed: {first}")));
            }
        }
        let file = folder().join("target").join("classpath.txt");
        if let Some(class_path) = kept(&file) {
            return Ok(Ready::Yes(Self { class_path }));
        }
        let mut command = Command::new("mvn");
        command
            .current_dir(folder())
            .args(["-q", "-B", "dependency:build-classpath", "-Dmdep.includeScope=runtime"])
            .arg(format!("-Dmdep.outputFile={}", file.display()))
            // Or Maven leaves a file alone that has not changed, and it stays older than the pom.
            .arg("-Dmdep.regenerateFile=true")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(Duration::from_secs(300), command.output())
            .await
            .context("Maven took more than five minutes")??;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stdout);
            let why = told.lines().find(|line| UNREACHABLE.iter().any(|sign| line.contains(sign)));
            return match why {
                Some(line) => Ok(Ready::No(format!("Maven Central cannot be reached: {line}"))),
                None => bail!("mvn: {}\n{told}", output.status),
            };
        }
        let class_path = kept(&file).context("Maven wrote no class path")?;
        Ok(Ready::Yes(Self { class_path }))
    }

    /// Runs the tests whose names begin with one of `only`, or all; `told` gets each line as it comes.
    ///
    /// # Errors
    /// Java does not end in time, or not in order.
    pub async fn run(
        &self,
        settings: &Settings,
        scratch: &Path,
        only: &[String],
        limit: Duration,
        mut told: impl FnMut(&str),
    ) -> anyhow::Result<Vec<TestResult>> {
        let file = scratch.join("tck.properties");
        std::fs::write(&file, settings.text())?;
        let log = scratch.join("java.log");
        let mut java = Command::new("java")
            .args(["-XX:TieredStopAtLevel=1", "-cp", &self.class_path])
            .arg(folder().join("RunTck.java"))
            .arg(&file)
            .arg("org.eclipse.dataspacetck.dsp.system.DspSystemLauncher")
            .arg("org.eclipse.dataspacetck.dsp.verification")
            .args(only)
            .current_dir(scratch)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .context("java")?;
        let mut lines = BufReader::new(java.stdout.take().context("no output")?).lines();
        let mut results = Vec::new();
        let mut summary = None;
        let read = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(result) = result(&line) {
                    told(&line);
                    results.push(result);
                } else if line.starts_with("SUMMARY\t") {
                    summary = Some(line);
                }
            }
            java.wait().await
        };
        let status = tokio::time::timeout(limit, read)
            .await
            .with_context(|| format!("the kit took more than {limit:?}"))??;
        let errors = || std::fs::read_to_string(&log).unwrap_or_default();
        let summary = summary.with_context(|| format!("java: {status}\n{}", errors()))?;
        ensure!(
            summary.split('\t').nth(1) == Some(results.len().to_string().as_str()),
            "{summary} does not tell of {} results",
            results.len()
        );
        Ok(results)
    }
}

/// `17` of `openjdk version "17.0.15" ...`.
fn major(told: &str) -> Option<u32> {
    told.split('"').nth(1)?.split('.').next()?.parse().ok()
}

/// The class path of an earlier run, when the pom is older and every file is still there.
fn kept(file: &PathBuf) -> Option<String> {
    let written = std::fs::metadata(file).and_then(|m| m.modified()).ok()?;
    let pom = std::fs::metadata(folder().join("pom.xml")).and_then(|m| m.modified()).ok()?;
    let text = std::fs::read_to_string(file).ok()?.trim().to_owned();
    let whole = !text.is_empty() && std::env::split_paths(&text).all(|path| path.is_file());
    (whole && written >= pom).then_some(text)
}

/// A line of our Java driver.
fn result(line: &str) -> Option<TestResult> {
    let mut fields = line.strip_prefix("RESULT\t")?.split('\t');
    let outcome = fields.next()?;
    let millis = fields.next()?.parse().ok()?;
    let title = fields.next()?;
    let reason = fields.next().unwrap_or_default().to_owned();
    // "CN:01-02: Verify ..." has the name before the second colon.
    let name = title.split_once(": ").map_or(title, |(name, _)| name).to_owned();
    let outcome = match outcome {
        "passed" => Outcome::Passed,
        "disabled" => Outcome::Skipped(reason),
        other => Outcome::Failed(format!("{other}: {reason}")),
    };
    Some(TestResult { name, outcome, millis })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_java_are_read() {
        assert_eq!(major("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK"), Some(17));
        assert_eq!(major("java version \"1.8.0_202\""), Some(1));
        assert_eq!(major("openjdk version \"25\" 2025-09-16"), Some(25));
        assert_eq!(major(""), None);
    }

    #[test]
    fn lines_of_the_driver_are_read() {
        let line = "RESULT\tpassed\t12\tCN_C:01-02: Verify contract request, offer received\t";
        let wanted = TestResult { name: "CN_C:01-02".to_owned(), outcome: Outcome::Passed, millis: 12 };
        assert_eq!(result(line), Some(wanted));
        let failed = result("RESULT\taborted\t1\tCN:01-01: x\tbecause").unwrap();
        assert_eq!(failed.outcome, Outcome::Failed("aborted: because".to_owned()));
        assert_eq!(
            result("RESULT\tdisabled\t0\tTP:02-04: x\toff").unwrap().outcome,
            Outcome::Skipped("off".to_owned())
        );
        assert_eq!(result("something else"), None);
    }
}
