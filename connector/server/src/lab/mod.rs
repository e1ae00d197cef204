//! A local data space: several participants on this machine, each with its own identity, keys, database, ports.

mod data;
mod members;
mod samples;
mod state;
mod tour;
mod up;

pub use state::{LabState, Member, running};
pub use up::{Lab, UpCommand, start};

use crate::cli::CliError;
use clap::Subcommand;

/// A local data space to try things in.
#[derive(Debug, Subcommand)]
pub enum LabCommand {
    /// Start the lab and keep it running until Ctrl-C
    Up(UpCommand),
    /// Tell the whole story on the running lab, or on one started for it
    Tour(tour::TourCommand),
}

/// Runs a lab command.
///
/// # Errors
/// What failed, for people.
pub async fn run(command: LabCommand) -> Result<(), CliError> {
    match command {
        LabCommand::Up(command) => up::run(command).await,
        LabCommand::Tour(command) => tour::run(command).await,
    }
}
