//! One `entente serve` process.
#![expect(clippy::panic, clippy::expect_used, reason = "test support fails loudly")]

use crate::client::Management;
use crate::ports::free_port;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How to start a participant.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Organisation's name.
    pub name: String,
    /// Folder for its data; kept between starts.
    pub folder: PathBuf,
    /// Port of the public listener.
    pub port: u16,
    /// Port of the management listener.
    pub management_port: u16,
    /// Public URL; `http://localhost:PORT` when absent.
    pub public_url: Option<String>,
    /// Further options, e.g. `--country=FR`.
    pub options: Vec<String>,
    /// A command before the binary, e.g. a limit.
    pub wrapper: Vec<String>,
}

impl Setup {
    /// On free ports, in dev mode, in France.
    #[must_use]
    pub fn new(name: &str, folder: &Path) -> Self {
        Self {
            name: name.to_owned(),
            folder: folder.join(name.to_lowercase()),
            port: free_port(),
            management_port: free_port(),
            public_url: None,
            options: vec![
                "--country=FR".to_owned(),
                "--registration=TEST-1".to_owned(),
                "--dev=true".to_owned(),
            ],
            wrapper: Vec::new(),
        }
    }

    /// With one more option.
    #[must_use]
    pub fn with(mut self, option: impl Into<String>) -> Self {
        self.options.push(option.into());
        self
    }

    /// Its public URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://localhost:{}", self.port))
    }

    /// Its protocol address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}/dsp/2025-1", self.url())
    }

    /// Its DID.
    #[must_use]
    pub fn did(&self) -> String {
        let bare = self.url();
        let host = bare.split("://").nth(1).unwrap_or_default();
        format!("did:web:{}", host.replace(':', "%3A"))
    }

    /// Starts the process and waits until it is ready.
    #[must_use]
    pub fn start(&self) -> Participant {
        std::fs::create_dir_all(&self.folder).expect("a folder");
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("log.txt"))
            .expect("a log file");
        let mut line = self.wrapper.clone();
        line.push(crate::binary().to_string_lossy().into_owned());
        let (program, rest) = line.split_first().expect("a program");
        let child = Command::new(program)
            .args(rest)
            .arg("serve")
            .arg(format!("--name={}", self.name))
            .arg(format!("--public-url={}", self.url()))
            .arg(format!("--protocol-listen=127.0.0.1:{}", self.port))
            .arg(format!("--management-listen=127.0.0.1:{}", self.management_port))
            .arg(format!("--data-dir={}", self.folder.join("data").display()))
            .arg("--management-key=test-key")
            .args(&self.options)
            .env_remove("ENTENTE_CONFIG")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .expect("entente starts");
        let mut participant = Participant { setup: self.clone(), child };
        participant.wait_ready();
        participant
    }
}

/// A running participant; its process ends with it.
#[derive(Debug)]
pub struct Participant {
    /// How it was started.
    pub setup: Setup,
    child: Child,
}

/// Does `/readyz` answer 200? An open port is not enough: it is bound before anything else.
fn is_ready(address: &std::net::SocketAddr) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = std::net::TcpStream::connect_timeout(address, Duration::from_millis(100)) else {
        return false;
    };
    let mut answer = String::new();
    stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
        && stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

impl Participant {
    fn wait_ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let address = (std::net::Ipv4Addr::LOCALHOST, self.setup.management_port).into();
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} ended at start: {status}\n{}", self.setup.name, self.log());
            }
            if is_ready(&address) {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("{} is not ready\n{}", self.setup.name, self.log());
    }

    /// Its management API.
    #[must_use]
    pub fn management(&self) -> Management {
        Management::new(&format!("http://127.0.0.1:{}", self.setup.management_port), "test-key")
    }

    /// Process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in KiB.
    #[must_use]
    pub fn rss_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        status
            .lines()
            .find_map(|l| l.strip_prefix("VmRSS:"))
            .and_then(|l| l.split_whitespace().next())
            .and_then(|n| n.parse().ok())
            .unwrap_or(0)
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.setup.folder.join("log.txt")).unwrap_or_default()
    }

    /// Ends it without warning, as a power cut would.
    pub fn kill(mut self) -> Setup {
        self.end();
        self.setup.clone()
    }

    fn end(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Participant {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(25).collect();
            #[expect(clippy::print_stderr, reason = "shown with the failed test")]
            for line in tail.iter().rev() {
                eprintln!("[{}] {line}", self.setup.name);
            }
        }
    }
}
