//! `entente policy lint`.

use super::{Language, read};
use crate::cli::{CliError, output};
use clap::Args;
use policies::finding;
use policies::lint::{Severity, lint};
use serde_json::json;
use std::path::PathBuf;

/// Find what is void, contradictory or will not be understood.
#[derive(Debug, Args)]
pub struct LintCommand {
    /// JSON file with an ODRL policy, in any JSON-LD form
    file: PathBuf,
    /// Language
    #[arg(long, value_enum, default_value_t = Language::En)]
    lang: Language,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &LintCommand) -> Result<(), CliError> {
    let found = lint(&read(&command.file)?);
    let lang = command.lang.into();
    if command.json {
        let list: Vec<_> = found
            .iter()
            .map(
                |f| json!({"path": f.path, "code": f.code, "severity": f.severity, "text": finding(f, lang)}),
            )
            .collect();
        output::json(&json!(list));
    } else {
        found.iter().for_each(|f| output::line(finding(f, lang)));
    }
    let errors = found.iter().filter(|f| f.severity == Severity::Error).count();
    if errors == 0 { Ok(()) } else { Err(CliError::Refused(format!("{errors} errors in the policy"))) }
}
