//! The management API, as the commands use it.

use super::CliError;
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Which connector to talk to.
#[derive(Debug, Clone, Default, Args)]
pub struct ClientOptions {
    /// Address of the connector's management listener
    #[arg(long, env = "ENTENTE_MANAGEMENT_URL", value_name = "URL", global = true)]
    pub management_url: Option<String>,
    /// Management key
    #[arg(long, env = "ENTENTE_MANAGEMENT_KEY", value_name = "KEY", hide_env_values = true, global = true)]
    pub management_key: Option<String>,
    /// Participant of the running lab, by short name
    #[arg(long = "as", env = "ENTENTE_AS", value_name = "NAME", global = true)]
    pub participant: Option<String>,
    /// Folder of a connector on this machine, for its management key
    #[arg(long, env = "ENTENTE_DATA_DIR", value_name = "FOLDER", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// A connection to one connector's management API.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

/// JSON-LD context of requests.
pub(crate) fn context() -> Value {
    json!({"@vocab": ontology::edc::NS})
}

impl Client {
    /// The connector that the options name: given address, else a participant of the running lab, else the
    /// default address with the key in the data folder.
    ///
    /// # Errors
    /// [`CliError::Usage`] when the lab has no such participant or no key is known.
    pub fn from_options(options: &ClientOptions) -> Result<Self, CliError> {
        if options.management_url.is_none() {
            let lab = crate::lab::running();
            match (&options.participant, lab) {
                (Some(name), Some(lab)) => {
                    let member = lab.find(name).ok_or_else(|| {
                        CliError::Usage(format!("the lab has no participant {name}; it has {}", lab.names()))
                    })?;
                    return Self::new(&member.management_url, &member.management_key);
                }
                (Some(name), None) => {
                    return Err(CliError::Usage(format!(
                        "no lab is running, so there is no participant {name}; start one with `entente lab up`"
                    )));
                }
                (None, Some(lab)) if options.data_dir.is_none() => {
                    if let Some(member) = lab.consumer() {
                        return Self::new(&member.management_url, &member.management_key);
                    }
                }
                (None, _) => {}
            }
        }
        let url = options.management_url.as_deref().unwrap_or("http://127.0.0.1:7082");
        let key = match (&options.management_key, &options.data_dir) {
            (Some(key), _) => key.clone(),
            (None, Some(folder)) => std::fs::read_to_string(folder.join("management.key"))
                .map_err(|e| CliError::Usage(format!("{}/management.key: {e}", folder.display())))?,
            (None, None) => String::new(),
        };
        Self::new(url, key.trim())
    }

    /// A client of `base` with `key`.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(base: &str, key: &str) -> Result<Self, CliError> {
        crate::identity::install_crypto();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .no_proxy()
            .tls_backend_preconfigured(
                crate::identity::tls_config(None).map_err(|e| CliError::Other(e.to_string()))?,
            )
            .build()
            .map_err(|e| CliError::Other(e.to_string()))?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), key: key.to_owned() })
    }

    /// The HTTP client, for downloads.
    pub(crate) const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// GET.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, CliError> {
        self.send(Method::GET, path, None).await
    }

    /// POST.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// PUT.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Every entry of a collection, page by page.
    pub(crate) async fn all(&self, path: &str) -> Result<Vec<Value>, CliError> {
        const PAGE: u64 = 200;
        let mut found = Vec::new();
        loop {
            let query =
                json!({"@context": context(), "@type": "QuerySpec", "offset": found.len(), "limit": PAGE});
            let page = self.post(path, &query).await?;
            let Value::Array(items) = page else {
                return Err(CliError::Other(format!("{path}: not a list")));
            };
            let last = (items.len() as u64) < PAGE;
            found.extend(items);
            if last {
                return Ok(found);
            }
        }
    }

    /// A SPARQL query with its result format.
    pub(crate) async fn sparql(&self, query: &str, accept: &str) -> Result<String, CliError> {
        let response = self
            .http
            .post(format!("{}/v1/sparql", self.base))
            .header("x-api-key", &self.key)
            .header("accept", accept)
            .header("content-type", "application/sparql-query")
            .body(query.to_owned())
            .send()
            .await
            .map_err(|e| self.unreachable(&e))?;
        let status = response.status();
        let text = response.text().await.map_err(|e| self.unreachable(&e))?;
        if status.is_success() { Ok(text) } else { Err(failure(status.as_u16(), &text)) }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, CliError> {
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).header("x-api-key", &self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|e| self.unreachable(&e))?;
        let status = response.status();
        let text = response.text().await.map_err(|e| self.unreachable(&e))?;
        if !status.is_success() {
            return Err(failure(status.as_u16(), &text));
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|e| CliError::Other(format!("{path}: {e}")))
    }

    fn unreachable(&self, error: &reqwest::Error) -> CliError {
        CliError::Unavailable(format!(
            "{} cannot be reached: {error}; is `entente serve` or `entente lab up` running?",
            self.base
        ))
    }
}

fn failure(status: u16, text: &str) -> CliError {
    let messages: Vec<String> = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(errors)) => errors
            .iter()
            .filter_map(|e| e.get("message").and_then(Value::as_str).map(str::to_owned))
            .collect(),
        Ok(body) => body
            .get("reason")
            .and_then(Value::as_array)
            .map(|r| r.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default(),
        Err(_) => vec![text.to_owned()],
    };
    let message = if messages.is_empty() { format!("status {status}") } else { messages.join("\n") };
    match status {
        400 => CliError::Usage(message),
        401 => CliError::Usage(format!("{message}; set --management-key or ENTENTE_MANAGEMENT_KEY")),
        403 => CliError::Refused(message),
        404 => CliError::NotFound(message),
        502..=504 => CliError::Unavailable(message),
        _ => CliError::Other(message),
    }
}
