//! What a running lab tells other commands, in a file that only this user can read.

use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A lab.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LabState {
    /// Its participants, in order.
    pub members: Vec<Member>,
}

/// A participant of the lab.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Short name.
    pub slug: String,
    /// Name.
    pub name: String,
    /// DID.
    pub did: String,
    /// Public URL.
    pub public_url: String,
    /// Protocol address.
    pub address: String,
    /// Management URL.
    pub management_url: String,
    /// Management key.
    pub management_key: String,
}

impl LabState {
    /// A participant by short name or DID.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|m| m.slug == name || m.did == name)
    }

    /// The participant as which commands act by default: the last one, which publishes least.
    #[must_use]
    pub fn consumer(&self) -> Option<&Member> {
        self.members.last()
    }

    /// The short names, for messages.
    #[must_use]
    pub fn names(&self) -> String {
        self.members.iter().map(|m| m.slug.as_str()).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        // An earlier file may belong to a lab that was killed; it is replaced, never followed.
        match std::fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(&text)
    }

    pub(super) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}

/// Where the running lab describes itself.
pub(super) fn path() -> PathBuf {
    if let Some(path) = std::env::var_os("ENTENTE_LAB_FILE") {
        return PathBuf::from(path);
    }
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let user = std::env::var("USER").unwrap_or_else(|_| "user".to_owned());
    folder.join(format!("entente-lab-{user}.json"))
}

/// The lab that runs on this machine, if one does.
#[must_use]
pub fn running() -> Option<LabState> {
    let state = LabState::read(&path())?;
    let first = state.members.first()?;
    let address: SocketAddr = first.management_url.strip_prefix("http://")?.parse().ok()?;
    TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok()?;
    Some(state)
}
