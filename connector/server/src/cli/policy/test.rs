//! `entente policy test`.

use super::{Language, read};
use crate::cli::{CliError, output};
use clap::{Args, ValueEnum};
use engine::port::Clock as _;
use ontology::time::Timestamp;
use policies::{Claims, Credential, Facts, Phase, World, decide_and_report, outcome};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Ask what a policy answers to somebody at some time. Exit code 3 when it says no.
#[derive(Debug, Args)]
pub struct TestCommand {
    /// JSON file with an ODRL policy, in any JSON-LD form
    file: PathBuf,
    /// Who asks: a JSON object of claims, or a file with one; the member `did` names the participant, and
    /// `credentials` lists what it presents
    #[arg(long = "as", value_name = "CLAIMS")]
    claims: Option<String>,
    /// When, as RFC 3339; now when absent
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// What for; repeatable
    #[arg(long, value_name = "PURPOSE")]
    purpose: Vec<String>,
    /// When the contract was concluded, as RFC 3339
    #[arg(long, value_name = "TIME")]
    agreed: Option<String>,
    /// Which use under the contract this is, from 1
    #[arg(long, value_name = "N")]
    uses: Option<u64>,
    /// Stage at which the question is asked
    #[arg(long, value_enum, default_value_t = Stage::Transfer)]
    stage: Stage,
    /// What is to be done
    #[arg(long, default_value = "use")]
    action: String,
    /// Language
    #[arg(long, value_enum, default_value_t = Language::En)]
    lang: Language,
    /// Print JSON, with the compliance report
    #[arg(long)]
    json: bool,
}

/// Stages at which a policy is asked.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Stage {
    /// The catalogue is rendered.
    Catalogue,
    /// A request has arrived.
    Negotiation,
    /// The agreement is about to be signed.
    Agreement,
    /// A transfer is about to start.
    Transfer,
    /// Data flows.
    Stream,
}

pub(super) fn run(command: &TestCommand) -> Result<(), CliError> {
    let policy = read(&command.file)?;
    let (assignee, claims, credentials) = match &command.claims {
        Some(text) => who(text)?,
        None => (None, Claims::new(), Vec::new()),
    };
    let time = |option: &str, text: &Option<String>| {
        text.as_deref()
            .map(Timestamp::parse)
            .transpose()
            .map_err(|e| CliError::Usage(format!("--{option}: {e}")))
    };
    let facts = Facts {
        now: time("at", &command.at)?.unwrap_or_else(|| crate::system::SystemClock.now()),
        phase: match command.stage {
            Stage::Catalogue => Phase::Catalogue,
            Stage::Negotiation => Phase::Negotiation,
            Stage::Agreement => Phase::Agreement,
            Stage::Transfer => Phase::Transfer,
            Stage::Stream => Phase::Stream,
        },
        action: command.action.clone(),
        target: policy.target().map(str::to_owned),
        assignee,
        assigner: policy.assigner().map(str::to_owned),
        claims,
        purpose: (!command.purpose.is_empty()).then(|| command.purpose.clone()),
        agreed_at: time("agreed", &command.agreed)?,
        uses: command.uses,
        world: World { credentials, ..World::default() },
        ..Facts::default()
    };
    let (verdict, report) = decide_and_report(&policy, &facts);
    let said = outcome(&verdict, command.lang.into());
    if command.json {
        output::json(&json!({"sentences": said, "verdict": verdict, "report": report}));
    } else {
        said.iter().for_each(output::line);
        for clause in &verdict.clauses {
            output::line(format!("  {}: {:?}", clause.path, clause.outcome));
        }
    }
    if verdict.permitted { Ok(()) } else { Err(CliError::Refused("the policy says no".to_owned())) }
}

/// Participant, claims and credentials from JSON text or a file of it.
fn who(text: &str) -> Result<(Option<String>, Claims, Vec<Credential>), CliError> {
    let usage = |reason: String| CliError::Usage(format!("--as: {reason}"));
    let value: Value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|e| usage(e.to_string()))?
    } else {
        crate::cli::read_json(&Path::new(text).to_path_buf())?
    };
    let Value::Object(members) = value else { return Err(usage("is not a JSON object".to_owned())) };
    let mut claims = Claims::new();
    let mut did = None;
    let mut credentials = Vec::new();
    for (key, value) in members {
        if key == "credentials" {
            credentials = serde_json::from_value(value).map_err(|e| usage(format!("credentials: {e}")))?;
            continue;
        }
        let values = match value {
            Value::Array(items) => items,
            one => vec![one],
        };
        let texts: Vec<String> = values
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text),
                Value::Number(_) | Value::Bool(_) => Ok(item.to_string()),
                _ => Err(usage(format!("{key} is neither text nor a list of texts"))),
            })
            .collect::<Result<_, _>>()?;
        if key == "did" {
            did = texts.into_iter().next();
        } else {
            claims.insert(key, texts);
        }
    }
    Ok((did, claims, credentials))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_texts_or_lists_of_them() {
        let (did, claims, credentials) = who(
            r#"{"did": "did:web:a", "spatial": "FR", "level": [1, "2"],
            "credentials": [{"issuer": "did:web:n", "trusted": true, "status": "revoked", "types": ["Membership"],
            "body": {}}]}"#,
        )
        .unwrap();
        assert_eq!(credentials[0].status, policies::CredentialStatus::Revoked);
        assert_eq!(did.as_deref(), Some("did:web:a"));
        assert_eq!(claims.get("spatial").unwrap(), &["FR"]);
        assert_eq!(claims.get("level").unwrap(), &["1", "2"]);
        for bad in ["{", r#"{"a": {}}"#, r#"{"credentials": [{}]}"#, "/nowhere.json"] {
            assert!(who(bad).is_err(), "{bad}");
        }
    }
}
