//! Recorded exchanges: reading them, and putting today's names in the place of those of then.

use anyhow::Context as _;
use conformance::client::segment;
use conformance::matrix::Skip;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the recordings are, seen from this package.
const FOLDER: &str = "../../shared/edc/wire";

/// One request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) seq: u64,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
    pub(crate) status: u16,
    pub(crate) answer: Value,
}

impl Exchange {
    /// `@type` of the message.
    pub(crate) fn kind(&self) -> &str {
        self.body["@type"].as_str().unwrap_or_default()
    }
}

/// The exchanges of one recording, in order.
#[derive(Debug, Clone)]
pub(crate) struct Recording(pub(crate) Vec<Exchange>);

impl Recording {
    /// Reads the recording of that name.
    ///
    /// # Errors
    /// A [`Skip`] when there is none.
    pub(crate) fn read(name: &str) -> anyhow::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name);
        let Ok(entries) = std::fs::read_dir(&folder) else {
            anyhow::bail!(Skip(format!("no recording {name} in tests/{FOLDER}")));
        };
        let mut exchanges = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "json") {
                let value: Value = serde_json::from_slice(&std::fs::read(&path)?)
                    .with_context(|| path.display().to_string())?;
                exchanges.push(exchange(&value));
            }
        }
        exchanges.sort_by_key(|e| e.seq);
        Ok(Self(exchanges))
    }

    /// The exchange with this number.
    pub(crate) fn at(&self, seq: u64) -> anyhow::Result<Exchange> {
        self.0.iter().find(|e| e.seq == seq).cloned().with_context(|| format!("no exchange {seq}"))
    }

    /// The protocol messages between the two parties about one process, from its initial request on.
    pub(crate) fn process(&self, seq: u64) -> anyhow::Result<Vec<Exchange>> {
        let pid = self.at(seq)?.body["consumerPid"].clone();
        let parties = ["consumer", "provider"];
        let of_process = |e: &&Exchange| {
            e.body["consumerPid"] == pid
                && parties.contains(&e.from.as_str())
                && parties.contains(&e.to.as_str())
        };
        Ok(self.0.iter().filter(of_process).cloned().collect())
    }
}

fn exchange(value: &Value) -> Exchange {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let (request, response) = (&value["request"], &value["response"]);
    Exchange {
        seq: value["seq"].as_u64().unwrap_or_default(),
        from: text(&value["from"]),
        to: text(&value["to"]),
        method: text(&request["method"]),
        path: text(&request["path"]),
        authorization: request["headers"]["Authorization"].as_str().map(str::to_owned),
        body: request["body"].clone(),
        status: response["status"].as_u64().and_then(|s| s.try_into().ok()).unwrap_or_default(),
        answer: response["body"].clone(),
    }
}

/// Names of then and what they are today.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    pub(crate) fn learn(&mut self, then: &Value, now: &Value) {
        if let (Some(then), Some(now)) = (then.as_str(), now.as_str()) {
            self.0.insert(then.to_owned(), now.to_owned());
        }
    }

    /// Gives new names to what `party` named, so that a recording can be played again and again.
    pub(crate) fn renew(&mut self, recording: &Recording, party: &str) {
        static PLAYED: AtomicU32 = AtomicU32::new(1);
        let number = PLAYED.fetch_add(1, Ordering::Relaxed);
        let places: &[&str] = match party {
            "provider" => &["/providerPid", "/agreement/@id"],
            _ => &["/consumerPid"],
        };
        for exchange in &recording.0 {
            for then in places.iter().filter_map(|place| exchange.body.pointer(place)) {
                let now = then.as_str().and_then(|id| id.get(8..)).map(|tail| format!("{number:08x}{tail}"));
                self.learn(then, &now.into());
            }
        }
    }

    /// Learns the ids in a message of then from its counterpart of today.
    pub(crate) fn learn_from(&mut self, then: &Value, now: &Value) {
        for place in ["/consumerPid", "/providerPid", "/agreementId", "/agreement/@id", "/offer/@id"] {
            if let (Some(then), Some(now)) = (then.pointer(place), now.pointer(place)) {
                self.learn(then, now);
            }
        }
    }

    /// `value` with the names of today.
    pub(crate) fn today(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|v| self.today(v)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), self.today(value))).collect()
            }
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> String {
        if let Some(now) = self.0.get(text) {
            return now.clone();
        }
        let address = self.0.iter().find(|(then, _)| then.starts_with("http") && text.starts_with(*then));
        address.map_or_else(|| text.to_owned(), |(then, now)| format!("{now}{}", &text[then.len()..]))
    }

    /// A path below the protocol's base, with the ids of today.
    pub(crate) fn path(&self, path: &str) -> String {
        let below = path.trim_start_matches("/protocol/2025-1");
        let parts: Vec<String> = below
            .split('/')
            .map(|part| self.0.get(part).map_or_else(|| part.to_owned(), |now| segment(now)))
            .collect();
        parts.join("/")
    }
}
