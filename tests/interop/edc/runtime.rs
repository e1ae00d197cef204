//! A live EDC control plane, assembled from published artifacts and run on free ports of loopback.

use anyhow::{Context as _, bail};
use conformance::Management;
use conformance::matrix::Skip;
use conformance::ports::free_port;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for the artifacts.
const FETCH_LIMIT: Duration = Duration::from_secs(300);
/// Longest wait for the runtime.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The release that `pom.xml` names.
pub(crate) fn version() -> &'static str {
    let pom = include_str!("pom.xml");
    let tail = pom.split_once("<edc.version>").map_or("", |(_, tail)| tail);
    tail.split_once("</edc.version>").map_or("unknown", |(version, _)| version)
}

/// The classpath of `pom.xml`, from the local repository when it is there, else from Maven Central.
///
/// # Errors
/// A [`Skip`] that says what is missing.
pub(crate) fn classpath() -> anyhow::Result<String> {
    for (program, argument) in [("java", "-version"), ("mvn", "-version")] {
        let found = Command::new(program).arg(argument).stdin(Stdio::null()).output();
        if !found.is_ok_and(|output| output.status.success()) {
            bail!(Skip(format!("{program} is not installed")));
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop-edc");
    std::fs::create_dir_all(&folder)?;
    let pom = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/edc/pom.xml");
    let list = folder.join("classpath.txt");
    let mut last = String::new();
    for mode in [Some("-o"), None] {
        let log = folder.join("mvn.log");
        let out = std::fs::File::create(&log)?;
        let mut child = Command::new("mvn")
            .args(["-q", "-B", "-f", pom])
            .args(mode)
            .args(["dependency:build-classpath", "-Dmdep.includeScope=runtime"])
            .arg(format!("-Dmdep.outputFile={}", list.display()))
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()?;
        if wait(&mut child, FETCH_LIMIT)? {
            return Ok(std::fs::read_to_string(&list)?.trim().to_owned());
        }
        last = std::fs::read_to_string(&log).unwrap_or_default();
    }
    let reason = last.lines().find(|l| l.contains("ERROR")).unwrap_or("no answer in time");
    bail!(Skip(format!("Maven Central does not give the artifacts: {}", reason.trim())))
}

/// Did it end well within the limit? It is killed after that.
fn wait(child: &mut Child, limit: Duration) -> anyhow::Result<bool> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A running EDC; its process ends with it.
#[derive(Debug)]
pub(crate) struct Edc {
    /// Its participant id.
    pub(crate) id: String,
    /// Root of its protocol listener.
    pub(crate) root: String,
    management_port: u16,
    folder: PathBuf,
    child: Child,
}

impl Edc {
    /// Starts one named `id` and waits until it says that it is ready. `wait_ms` is the wait of its state machines
    /// and the base of their retries; as shipped when absent.
    pub(crate) fn start(
        classpath: &str,
        id: &str,
        folder: &Path,
        wait_ms: Option<u32>,
    ) -> anyhow::Result<Self> {
        let folder = folder.join(id);
        std::fs::create_dir_all(&folder)?;
        let (protocol, management) = (free_port(), free_port());
        let mut properties = format!(
            "edc.participant.id={id}\nedc.hostname=127.0.0.1\n\
             edc.dsp.callback.address=http://127.0.0.1:{protocol}/protocol\n"
        );
        let ports = [
            ("", free_port(), "/api"),
            (".management", management, "/management"),
            (".protocol", protocol, "/protocol"),
            (".control", free_port(), "/control"),
            (".signaling", free_port(), "/signaling"),
            (".version", free_port(), "/version"),
        ];
        for (name, port, path) in ports {
            writeln!(properties, "web.http{name}.port={port}\nweb.http{name}.path={path}")?;
        }
        if let Some(wait) = wait_ms {
            for machine in ["negotiation.consumer", "negotiation.provider", "transfer"] {
                writeln!(
                    properties,
                    "edc.{machine}.state-machine.iteration-wait-millis={wait}\nedc.{machine}.send.retry.base-delay.ms={wait}"
                )?;
            }
        }
        let file = folder.join("edc.properties");
        std::fs::write(&file, properties)?;
        let log = std::fs::File::create(folder.join("log.txt"))?;
        let child = Command::new("java")
            .args(["-Xmx512m", "-XX:+UseSerialGC"])
            .arg(format!("-Dedc.fs.config={}", file.display()))
            .args(["-cp", classpath, "org.eclipse.edc.boot.system.runtime.BaseRuntime"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("java starts")?;
        let root = format!("http://127.0.0.1:{protocol}/protocol");
        let mut edc = Self { id: id.to_owned(), root, management_port: management, folder, child };
        edc.wait_ready()?;
        Ok(edc)
    }

    fn wait_ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            let log = self.log();
            if log.lines().any(|l| l.contains("Runtime ") && l.contains(" ready")) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("EDC ended at start: {status}\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("EDC is not ready after {} s\n{}", START_LIMIT.as_secs(), self.log())
    }

    /// Its process id.
    #[allow(dead_code, reason = "for the benchmark that shares this file")]
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its protocol address.
    pub(crate) fn address(&self) -> String {
        format!("{}/2025-1", self.root)
    }

    /// Its management API.
    pub(crate) fn management(&self) -> Management {
        Management::new(&format!("http://127.0.0.1:{}/management", self.management_port), "")
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log.txt")).unwrap_or_default()
    }
}

impl Drop for Edc {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
