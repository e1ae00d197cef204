//! The TOML file, as flags for what is not set otherwise.

use super::{Config, ServeOptions};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use std::ffi::OsString;
use std::path::PathBuf;

/// Why there is no configuration. Nothing was bound or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The command line, the environment or a value from the file; the text is for people.
    #[error("{0}")]
    Usage(Box<clap::Error>),
    /// The file cannot be read.
    #[error("{file}: {reason}")]
    File {
        /// Path.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file has a key that is not an option.
    #[error("{file}: unknown key `{key}`{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownKey {
        /// Path.
        file: PathBuf,
        /// The key.
        key: String,
        /// The nearest option.
        suggestion: Option<String>,
    },
    /// A value that has the right form but cannot be used.
    #[error("option `{option}`: {reason}")]
    Invalid {
        /// Name of the option.
        option: String,
        /// Why.
        reason: String,
    },
}

/// Reads command line, environment and file (in this order of precedence) into a checked configuration.
///
/// `arguments` are those after `serve`.
///
/// # Errors
/// [`ConfigError`]; it names the option.
pub fn resolve(arguments: &[OsString]) -> Result<Config, ConfigError> {
    let strict = || ServeOptions::augment_args(Command::new("entente serve"));
    // Required options may still come from the file, so the first pass asks for nothing.
    let lenient = strict().mut_args(|a| a.required(false));
    let program = OsString::from("entente serve");
    let all = |extra: &[OsString]| {
        std::iter::once(program.clone())
            .chain(arguments.iter().cloned())
            .chain(extra.iter().cloned())
            .collect::<Vec<_>>()
    };
    let first = lenient.try_get_matches_from(all(&[])).map_err(usage)?;
    let extra = match first.get_one::<PathBuf>("config") {
        Some(file) => flags(file, &first, &strict())?,
        None => Vec::new(),
    };
    let matches = strict().try_get_matches_from(all(&extra)).map_err(usage)?;
    Config::check(ServeOptions::from_arg_matches(&matches).map_err(usage)?)
}

fn usage(error: clap::Error) -> ConfigError {
    ConfigError::Usage(Box::new(error))
}

fn flags(file: &PathBuf, set: &ArgMatches, command: &Command) -> Result<Vec<OsString>, ConfigError> {
    let failed = |reason: String| ConfigError::File { file: file.clone(), reason };
    let text = std::fs::read_to_string(file).map_err(|e| failed(e.to_string()))?;
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| failed(e.to_string()))?;
    let known: Vec<&str> =
        command.get_arguments().map(|a| a.get_id().as_str()).filter(|id| *id != "config").collect();
    let mut flags = Vec::new();
    for (key, value) in &table {
        if !known.contains(&key.as_str()) {
            let suggestion = known
                .iter()
                .map(|k| (strsim::jaro_winkler(k, key), *k))
                .filter(|(score, _)| *score > 0.7)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, k)| k.to_owned());
            return Err(ConfigError::UnknownKey { file: file.clone(), key: key.clone(), suggestion });
        }
        if matches!(set.value_source(key), Some(ValueSource::CommandLine | ValueSource::EnvVariable)) {
            continue;
        }
        let values = match value {
            toml::Value::Array(items) => items.iter().map(scalar).collect::<Option<Vec<_>>>(),
            other => scalar(other).map(|v| vec![v]),
        }
        .ok_or_else(|| {
            failed(format!("`{key}` must be text, a number, true or false, or a list of these"))
        })?;
        for value in values {
            flags.push(OsString::from(format!("--{}={value}", key.replace('_', "-"))));
        }
    }
    Ok(flags)
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(file: &str, arguments: &[&str]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entente.toml");
        std::fs::write(&path, file).unwrap();
        let mut all = vec![OsString::from("--config"), path.into_os_string()];
        all.extend(arguments.iter().map(OsString::from));
        resolve(&all)
    }

    const MINIMAL: &str = "name = 'Port'\npublic_url = 'https://port.example'\n";

    #[test]
    fn the_command_line_wins_over_the_file_and_the_file_over_defaults() {
        let config =
            with(&format!("{MINIMAL}body_limit = 5\nsparql_rows = 7\n"), &["--body-limit", "6"]).unwrap();
        assert_eq!(config.options.body_limit, 6);
        assert_eq!(config.options.sparql_rows, 7);
        assert_eq!(config.options.sparql_seconds, 5);
        assert_eq!(config.did, "did:web:port.example");
    }

    #[test]
    fn unknown_keys_are_errors_with_a_suggestion() {
        let error = with(&format!("{MINIMAL}public_urll = 'x'\n"), &[]).unwrap_err();
        assert!(error.to_string().contains("did you mean `public_url`?"), "{error}");
    }

    #[test]
    fn bad_values_name_their_option() {
        for (line, part) in [
            ("protocol_listen = 'nowhere'", "--protocol-listen"),
            ("country = 'Atlantis'", "country"),
            ("peer = ['x']", "peer"),
            ("trusted_issuer = ['Membership']", "trusted_issuer"),
            ("dev = true", "dev"),
            ("identity = 'insecure-mock'", "needs dev mode"),
            ("tls_certificate = '/nowhere.pem'\ntls_key = '/nowhere.key'", "tls_certificate"),
            ("tls_certificate = '/nowhere.pem'", "--tls-key"),
        ] {
            let error = with(&format!("{MINIMAL}{line}\n"), &[]).unwrap_err();
            assert!(error.to_string().contains(part), "{line}: {error}");
        }
        let missing = with("name = 'Port'\n", &[]).unwrap_err();
        assert!(missing.to_string().contains("--public-url"), "{missing}");
        let plain = with("name = 'Port'\npublic_url = 'http://port.example'\n", &[]).unwrap_err();
        assert!(plain.to_string().contains("must be https"), "{plain}");
    }

    #[test]
    fn lists_and_switches_come_from_the_file() {
        let text = "name = 'Lab'\npublic_url = 'http://localhost:1'\ndev = true\nallow_host = ['a', 'b']\n";
        let config = with(text, &[]).unwrap();
        assert!(config.options.dev);
        assert_eq!(config.options.allow_host, ["a", "b"]);
    }
}
