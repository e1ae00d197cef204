//! `entente policy explain`.

use super::{Language, read};
use crate::cli::{CliError, output};
use clap::Args;
use engine::usage::CAN;
use policies::relate::enforceability;
use policies::{assessment, sentences};
use serde_json::json;
use std::path::PathBuf;

/// Say in plain words what a policy allows, and who enforces each clause.
#[derive(Debug, Args)]
pub struct ExplainCommand {
    /// JSON file with an ODRL policy, in any JSON-LD form
    file: PathBuf,
    /// Language
    #[arg(long, value_enum, default_value_t = Language::En)]
    lang: Language,
    /// Also say for each clause who enforces it and when
    #[arg(long)]
    enforcement: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &ExplainCommand) -> Result<(), CliError> {
    let policy = read(&command.file)?;
    let lang = command.lang.into();
    let said = sentences(&policy, lang);
    let unsupported = policy.unsupported();
    let assessed = enforceability(&policy, &CAN);
    if command.json {
        let unknown: Vec<_> =
            unsupported.iter().map(|u| json!({"path": u.path, "term": u.term, "reason": u.reason})).collect();
        output::json(&json!({"sentences": said, "unsupported": unknown, "enforcement": assessed}));
    } else {
        said.iter().for_each(output::line);
        if command.enforcement {
            for clause in &assessed {
                output::line(format!("  {}", assessment(clause, lang)));
            }
        }
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
