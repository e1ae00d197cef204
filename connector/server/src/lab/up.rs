//! `entente lab up`.

use super::state::{LabState, Member};
use super::{data, members, samples, state};
use crate::app::{Running, Sockets};
use crate::cli::{CliError, Client, Publication, output, publish};
use crate::config::{Config, ServeOptions};
use clap::{Args, Parser};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Start the lab and keep it running until Ctrl-C.
#[derive(Debug, Clone, Args)]
pub struct UpCommand {
    /// How many participants
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=members::MOST as i64))]
    pub participants: u8,
    /// Folder or datapackage.json whose files the first participant publishes instead of the samples
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Keep identities, databases and ports in this folder
    #[arg(long, value_name = "FOLDER")]
    pub persist: Option<PathBuf>,
    /// Print the participants as JSON
    #[arg(long)]
    pub json: bool,
    /// What to log
    #[arg(long, default_value = "warn")]
    pub log: String,
}

/// A running lab.
pub struct Lab {
    /// Its participants.
    pub state: LabState,
    running: Vec<Running>,
    // Kept until the end; the folder goes with it.
    _temporary: Option<Temporary>,
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab").field("state", &self.state).finish_non_exhaustive()
    }
}

/// A folder that is removed at the end.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "not removed");
        }
    }
}

impl Lab {
    /// Stops every participant.
    pub async fn stop(self) {
        for running in self.running {
            running.stop().await;
        }
    }
}

#[derive(Parser)]
#[command(no_binary_name = true)]
struct Options {
    #[command(flatten)]
    serve: ServeOptions,
}

/// Starts a lab.
///
/// # Errors
/// What failed, for people.
pub async fn start(command: &UpCommand) -> Result<Lab, CliError> {
    let temporary = match &command.persist {
        Some(_) => None,
        None => {
            let name = format!("entente-lab-{}", uuid::Uuid::new_v4().simple());
            Some(Temporary(std::env::temp_dir().join(name)))
        }
    };
    let folder = match (&command.persist, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(temporary)) => temporary.0.clone(),
        (None, None) => return Err(CliError::Other("no folder for the lab".to_owned())),
    };
    let io = |e: std::io::Error| CliError::Other(format!("{}: {e}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(io)?;
    let folder = std::fs::canonicalize(&folder).map_err(io)?;
    let kept = LabState::read(&folder.join("lab.json")).unwrap_or_default();

    let organisations = members::first(usize::from(command.participants));
    let mut prepared = Vec::new();
    for organisation in organisations {
        let old = kept.members.iter().find(|m| m.slug == organisation.slug);
        let sockets = bind(old)?;
        let port = sockets.protocol.local_addr().map_err(io)?.port();
        let public_url = format!("http://localhost:{port}");
        let member = Member {
            slug: organisation.slug.to_owned(),
            name: organisation.name.to_owned(),
            did: format!("did:web:localhost%3A{port}"),
            address: format!("{public_url}{}", crate::web::dsp::VERSION_PATH),
            public_url,
            management_url: format!("http://{}", sockets.management.local_addr().map_err(io)?),
            management_key: old
                .map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), |m| m.management_key.clone()),
        };
        prepared.push((organisation, member, sockets));
    }
    let state = LabState { members: prepared.iter().map(|(_, member, _)| member.clone()).collect() };

    let fresh = kept.members.is_empty();
    let mut running = Vec::new();
    for (organisation, member, sockets) in prepared {
        let config = config(&folder, organisation.country, &member, &state)?;
        let started = crate::app::start(config, sockets)
            .await
            .map_err(|e| CliError::Other(format!("{}: {e:#}", member.slug)))?;
        running.push(started);
    }
    if fresh {
        publish_all(&folder, &state, command.data.as_deref()).await?;
    }
    state.write(&folder.join("lab.json")).map_err(io)?;
    Ok(Lab { state, running, _temporary: temporary })
}

fn bind(old: Option<&Member>) -> Result<Sockets, CliError> {
    let port = |url: &str| url.rsplit(':').next().and_then(|p| p.parse::<u16>().ok()).unwrap_or(0);
    let (protocol, management) = old.map_or((0, 0), |m| (port(&m.public_url), port(&m.management_url)));
    let listen = |port: u16| {
        std::net::TcpListener::bind(("127.0.0.1", port))
            .map_err(|e| CliError::Other(format!("port {port} of the kept lab is not free: {e}")))
    };
    Ok(Sockets { protocol: listen(protocol)?, management: listen(management)? })
}

fn config(folder: &Path, country: &str, member: &Member, lab: &LabState) -> Result<Config, CliError> {
    let mut arguments = vec![
        format!("--name={}", member.name),
        format!("--public-url={}", member.public_url),
        format!("--country={country}"),
        format!("--registration=LAB-{}", member.slug),
        format!("--data-dir={}", folder.join(&member.slug).display()),
        format!("--management-key={}", member.management_key),
        "--dev=true".to_owned(),
    ];
    for peer in lab.members.iter().filter(|p| p.slug != member.slug) {
        arguments.push(format!("--peer={}={}", peer.did, peer.address));
    }
    let options = Options::try_parse_from(arguments).map_err(|e| CliError::Other(e.to_string()))?.serve;
    Config::check(options).map_err(|e| CliError::Other(e.to_string()))
}

async fn publish_all(folder: &Path, state: &LabState, own: Option<&Path>) -> Result<(), CliError> {
    for (n, member) in state.members.iter().enumerate() {
        let client = Client::new(&member.management_url, &member.management_key)?;
        let publications: Vec<Publication> = match own {
            Some(path) if n == 0 => data::load(path)?,
            _ => samples::of(&member.slug, &folder.join("samples").join(&member.slug))?,
        };
        for publication in &publications {
            publish(&client, publication)
                .await
                .map_err(|e| CliError::Other(format!("{}: {}: {e}", member.slug, publication.id)))?;
        }
    }
    Ok(())
}

pub(super) async fn run(command: UpCommand) -> Result<(), CliError> {
    crate::telemetry::init_logs(&command.log, crate::telemetry::LogFormat::Text);
    let began = Instant::now();
    let lab = start(&command).await?;
    let path = state::path();
    lab.state.write(&path).map_err(|e| CliError::Other(format!("{}: {e}", path.display())))?;
    let took = began.elapsed();
    if command.json {
        let members: Vec<_> = lab
            .state
            .members
            .iter()
            .map(|m| serde_json::json!({"slug": m.slug, "name": m.name, "did": m.did, "address": m.address, "management": m.management_url}))
            .collect();
        output::json(&serde_json::Value::Array(members));
    } else {
        let rows: Vec<Vec<String>> = lab
            .state
            .members
            .iter()
            .map(|m| {
                vec![
                    m.slug.clone(),
                    m.name.clone(),
                    m.did.clone(),
                    m.address.clone(),
                    m.management_url.clone(),
                ]
            })
            .collect();
        output::table(&["NAME", "ORGANISATION", "DID", "PROTOCOL ADDRESS", "MANAGEMENT"], &rows);
        output::line(format!("\nready in {} ms; Ctrl-C stops all", took.as_millis()));
        output::line("try, in another terminal:  entente lab tour");
        output::line("                           entente catalog list");
    }
    let ended = wait_for_end().await;
    if let Err(error) = std::fs::remove_file(&path) {
        tracing::warn!(%error, "the lab's description is not removed");
    }
    lab.stop().await;
    ended
}

/// Ctrl-C, or a polite request of the system to end.
async fn wait_for_end() -> Result<(), CliError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| CliError::Other(e.to_string()))?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.map_err(|e| CliError::Other(e.to_string())),
        _ = terminate.recv() => Ok(()),
    }
}
