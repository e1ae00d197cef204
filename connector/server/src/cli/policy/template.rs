//! `entente policy template`.

use crate::cli::{CliError, output};
use clap::Args;
use ontology::time::Timestamp;
use policies::Template;

/// Write a policy from common conditions; they hold together.
#[derive(Debug, Args)]
pub struct TemplateCommand {
    /// Only for this organisation, by its DID; repeatable
    #[arg(long, value_name = "DID")]
    only_for: Vec<String>,
    /// Until this instant, as RFC 3339
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// For this purpose only; repeatable
    #[arg(long, value_name = "PURPOSE")]
    purpose: Vec<String>,
    /// In this country or region only, by its code; repeatable
    #[arg(long, value_name = "CODE")]
    within: Vec<String>,
    /// At most so many uses
    #[arg(long, value_name = "N")]
    uses: Option<u64>,
    /// Delete so long after the agreement, e.g. P30D
    #[arg(long, value_name = "DURATION")]
    delete_after: Option<String>,
    /// Tell the provider of each use
    #[arg(long)]
    notify: bool,
    /// Name the source
    #[arg(long)]
    attribution: bool,
    /// Somebody has to approve before the use
    #[arg(long)]
    approval: bool,
    /// No sharing with others
    #[arg(long)]
    no_onward_sharing: bool,
}

pub(super) fn run(command: TemplateCommand) -> Result<(), CliError> {
    let mut templates = Vec::new();
    if !command.only_for.is_empty() {
        templates.push(Template::OnlyFor(command.only_for));
    }
    if let Some(until) = &command.until {
        let at = Timestamp::parse(until).map_err(|e| CliError::Usage(format!("--until: {e}")))?;
        templates.push(Template::Until(at));
    }
    if !command.purpose.is_empty() {
        templates.push(Template::Purpose(command.purpose));
    }
    if !command.within.is_empty() {
        templates.push(Template::Within(command.within));
    }
    templates.extend(command.uses.map(Template::Uses));
    templates.extend(command.delete_after.map(Template::DeleteAfter));
    let said = [
        (command.notify, Template::Notify),
        (command.attribution, Template::Attribution),
        (command.approval, Template::Approval),
        (command.no_onward_sharing, Template::NoOnwardSharing),
    ];
    templates.extend(said.into_iter().filter(|(wanted, _)| *wanted).map(|(_, template)| template));
    let policy = Template::policy(&templates).map_err(|e| CliError::Usage(e.to_string()))?;
    output::json(&policy.to_json());
    Ok(())
}
