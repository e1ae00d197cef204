//! `entente policy`: understand, check and try policies; no connector is needed.

mod explain;
mod lint;
mod template;
mod test;

use super::{CliError, read_json};
use clap::{Subcommand, ValueEnum};
use policies::{Lang, Policy};
use std::path::PathBuf;

/// Understand policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say in plain words what a policy allows, and who enforces each clause
    Explain(explain::ExplainCommand),
    /// Find what is void, contradictory or will not be understood
    Lint(lint::LintCommand),
    /// Ask what a policy answers to somebody at some time
    Test(test::TestCommand),
    /// Write a policy from common conditions
    Template(template::TemplateCommand),
}

pub(super) fn run(command: PolicyCommand) -> Result<(), CliError> {
    match command {
        PolicyCommand::Explain(command) => explain::run(&command),
        PolicyCommand::Lint(command) => lint::run(&command),
        PolicyCommand::Test(command) => test::run(&command),
        PolicyCommand::Template(command) => template::run(command),
    }
}

/// Languages of the sentences.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Fr => Self::Fr,
        }
    }
}

/// The policy in a file, in any JSON-LD form.
fn read(file: &PathBuf) -> Result<Policy, CliError> {
    Policy::parse(&read_json(file)?).map_err(|e| CliError::Usage(format!("{}: {e}", file.display())))
}
