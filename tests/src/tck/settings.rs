//! The kit's settings file: `key=value` lines, as Java reads them.

use super::scenario::{Group, Scenario};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Settings by key.
#[derive(Debug, Clone, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// Reads the text of a settings file. Escapes and continued lines, which the kit's files do not use, are refused.
    ///
    /// # Errors
    /// A line that is no `key=value`.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut found = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with(['#', '!'])) {
            anyhow::ensure!(!line.contains('\\'), "escapes are not understood: {line}");
            let (key, value) = line.split_once('=').with_context(|| format!("no key=value: {line}"))?;
            found.insert(key.trim().to_owned(), value.trim().to_owned());
        }
        Ok(Self(found))
    }

    /// Reads a settings file.
    ///
    /// # Errors
    /// It cannot be read or understood.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        Self::parse(&std::fs::read_to_string(path).with_context(|| path.display().to_string())?)
    }

    /// As a file's text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
    }

    /// Sets a value.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.0.insert(key.into(), value.into());
    }

    /// A value that may be absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// A value that must be there.
    ///
    /// # Errors
    /// It is not; the key is named.
    pub fn need(&self, key: &str) -> anyhow::Result<&str> {
        self.get(key).with_context(|| format!("the setting {key} is missing"))
    }

    /// How long an answer may take.
    #[must_use]
    pub fn wait(&self) -> Duration {
        let seconds = self.get("dataspacetck.dsp.default.wait").and_then(|v| v.parse().ok());
        Duration::from_secs(seconds.unwrap_or(15))
    }

    /// A value of one scenario, e.g. its `DATASETID`.
    #[must_use]
    pub fn of(&self, scenario: &Scenario, field: &str) -> Option<&str> {
        self.get(&format!("{}_{field}", scenario.key()))
    }

    /// Dataset or agreement of a scenario.
    #[must_use]
    pub fn subject(&self, scenario: &Scenario) -> String {
        let field = match scenario.group {
            Group::Tp | Group::TpC => "AGREEMENTID",
            _ => "DATASETID",
        };
        self.of(scenario, field).unwrap_or(scenario.subject).to_owned()
    }

    /// Offer of a scenario. As consumer, its id is that of the dataset after `offer`.
    #[must_use]
    pub fn offer(&self, scenario: &Scenario) -> String {
        let subject = self.subject(scenario);
        match scenario.group {
            Group::CnC => format!("offer{subject}"),
            _ => self.of(scenario, "OFFERID").map_or_else(|| format!("CD123:{subject}:456"), str::to_owned),
        }
    }

    /// Format of a transfer.
    #[must_use]
    pub fn format(&self, scenario: &Scenario) -> String {
        self.of(scenario, "FORMAT").unwrap_or("HttpData-PULL").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let mut settings = Settings::default();
        settings.set("a.b", r#"{"clientId":"x=y"}"#);
        settings.set("dataspacetck.dsp.default.wait", "10");
        let again = Settings::parse(&format!("# comment\n\n{}", settings.text())).unwrap();
        assert_eq!(again.get("a.b"), Some(r#"{"clientId":"x=y"}"#));
        assert_eq!(again.wait(), Duration::from_secs(10));
        assert!(again.need("c").is_err());
        assert!(Settings::parse("nothing").is_err());
    }
}
