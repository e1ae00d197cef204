//! `entente policy`.

use super::{CliError, output, read_json};
use clap::{Args, Subcommand, ValueEnum};
use policies::{Lang, Policy, sentences};
use serde_json::json;
use std::path::PathBuf;

/// Understand policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say in plain words what a policy allows; needs no connector
    Explain(ExplainCommand),
}

/// Say in plain words what a policy allows.
#[derive(Debug, Args)]
pub struct ExplainCommand {
    /// JSON file with an ODRL policy, in any JSON-LD form
    file: PathBuf,
    /// Language
    #[arg(long, value_enum, default_value_t = Language::En)]
    lang: Language,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Languages of the sentences.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

pub(super) fn run(command: PolicyCommand) -> Result<(), CliError> {
    let PolicyCommand::Explain(command) = command;
    let value = read_json(&command.file)?;
    let policy =
        Policy::parse(&value).map_err(|e| CliError::Usage(format!("{}: {e}", command.file.display())))?;
    let lang = match command.lang {
        Language::En => Lang::En,
        Language::Fr => Lang::Fr,
    };
    let said = sentences(&policy, lang);
    let unsupported = policy.unsupported();
    if command.json {
        let unknown: Vec<_> =
            unsupported.iter().map(|u| json!({"path": u.path, "term": u.term, "reason": u.reason})).collect();
        output::json(&json!({"sentences": said, "unsupported": unknown}));
    } else {
        said.iter().for_each(output::line);
        for u in &unsupported {
            output::line(format!("! {} at {}: {}", u.term, u.path, u.reason));
        }
    }
    if unsupported.is_empty() {
        Ok(())
    } else {
        Err(CliError::Refused(
            "this connector would refuse the policy: it has terms that cannot be enforced".to_owned(),
        ))
    }
}
