//! The management API, with errors as values: the driver must go on when an order is refused.

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// A management API with its key.
#[derive(Debug, Clone)]
pub struct Api {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    pub(super) key: String,
}

impl Api {
    /// The API at `base`.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(base: &str, key: &str) -> anyhow::Result<Self> {
        connector::identity::install_crypto();
        // No overall time limit: the event stream stays open.
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(connector::identity::tls_config(None)?)
            .build()?;
        Ok(Self { http, base: base.to_owned(), key: key.to_owned() })
    }

    /// POST that must succeed.
    ///
    /// # Errors
    /// It does not.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}{path}", self.base);
        let request = self.http.post(&url).header("x-api-key", &self.key).json(body);
        let response = request.timeout(std::time::Duration::from_secs(10)).send().await.context(url)?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(status.is_success(), "POST {path}: {status} {text}");
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }
}
