//! The command line. Commands talk to a connector's management API; exit codes are stable.

pub mod catalog;
mod client;
pub mod contract;
pub mod dataset;
pub mod get;
pub(crate) mod output;
pub mod policy;
pub mod status;
pub mod transfer;
pub mod verify;

pub(crate) use catalog::datasets_of;
pub use client::{Client, ClientOptions};
pub(crate) use dataset::{Publication, media_type, publish, republish};
pub use get::{Acquired, Acquisition, FoundOffer, acquire, agree, await_agreement, open_transfer};

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Why a command failed, with its exit code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// Wrong use; exit code 2.
    #[error("{0}")]
    Usage(String),
    /// A policy or a check says no; exit code 3.
    #[error("{0}")]
    Refused(String),
    /// What was named does not exist; exit code 4.
    #[error("{0}")]
    NotFound(String),
    /// The connector or a peer cannot be reached or failed; exit code 5.
    #[error("{0}")]
    Unavailable(String),
    /// A digest or signature does not hold; exit code 6.
    #[error("{0}")]
    Integrity(String),
    /// Everything else; exit code 1.
    #[error("{0}")]
    Other(String),
}

impl CliError {
    /// The process's exit code.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
            Self::NotFound(_) => 4,
            Self::Unavailable(_) => 5,
            Self::Integrity(_) => 6,
            Self::Other(_) => 1,
        }
    }
}

/// A data-space connector: publish, find, negotiate, sign and exchange data.
#[derive(Debug, Parser)]
#[command(
    name = "entente",
    version,
    after_help = "Exit codes: 0 done, 1 other failure, 2 wrong use, 3 refused by a policy or check, 4 not found, 5 unavailable, 6 digest or signature does not hold."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the connector of one participant; `entente serve --help` lists the options
    #[command(disable_help_flag = true)]
    Serve {
        /// Options of the participant.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, num_args = 0..)]
        options: Vec<OsString>,
    },
    /// A local data space to try things in
    #[command(subcommand)]
    Lab(crate::lab::LabCommand),
    /// Publish data
    #[command(subcommand)]
    Dataset(dataset::DatasetCommand),
    /// Look at catalogues
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Query the catalogues of this participant and of those it knows
    Sparql(catalog::SparqlCommand),
    /// Understand policies
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Ask for, list, show and verify contracts
    #[command(subcommand)]
    Contract(contract::ContractCommand),
    /// Get data: negotiate, transfer, verify the digest
    Get(get::GetCommand),
    /// Look at transfers
    #[command(subcommand)]
    Transfer(transfer::TransferCommand),
    /// Is the connector up, and what does it hold?
    Status(status::StatusCommand),
}

/// Runs one command other than `serve`.
///
/// # Errors
/// [`CliError`], whose code is the exit code.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Serve { .. } => Err(CliError::Usage("serve is started by the program itself".to_owned())),
        Command::Lab(command) => crate::lab::run(command).await,
        Command::Dataset(command) => dataset::run(command).await,
        Command::Catalog(command) => catalog::run(command).await,
        Command::Sparql(command) => catalog::sparql(command).await,
        Command::Policy(command) => policy::run(command),
        Command::Contract(command) => contract::run(command).await,
        Command::Get(command) => get::run(command).await,
        Command::Transfer(command) => transfer::run(command).await,
        Command::Status(command) => status::run(command).await,
    }
}

/// Reads a JSON file.
pub(crate) fn read_json(path: &PathBuf) -> Result<serde_json::Value, CliError> {
    let text =
        std::fs::read_to_string(path).map_err(|e| CliError::Usage(format!("{}: {e}", path.display())))?;
    serde_json::from_str(&text).map_err(|e| CliError::Usage(format!("{}: {e}", path.display())))
}
