//! A small client of the management API.
#![expect(clippy::panic, clippy::expect_used, clippy::indexing_slicing, reason = "test support fails loudly")]

use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// JSON-LD context of requests.
#[must_use]
pub fn context() -> Value {
    json!({"@vocab": "https://w3id.org/edc/v0.0.1/ns/"})
}

/// A management API with its key.
#[derive(Debug, Clone)]
pub struct Management {
    http: reqwest::Client,
    base: String,
    key: String,
}

/// An HTTP client without proxies or TLS surprises.
#[must_use]
pub fn http() -> reqwest::Client {
    connector::identity::install_crypto();
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .tls_backend_preconfigured(connector::identity::tls_config(None).expect("TLS"))
        .build()
        .expect("a client")
}

impl Management {
    /// A client of `base`.
    #[must_use]
    pub fn new(base: &str, key: &str) -> Self {
        Self { http: http(), base: base.to_owned(), key: key.to_owned() }
    }

    /// One call: status and body.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).header("x-api-key", &self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        let value = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        (status, value)
    }

    /// One call that may find nobody.
    pub async fn try_call(&self, method: &str, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
        let method = method.parse().expect("a method");
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).header("x-api-key", &self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.ok()?))
    }

    /// POST that must succeed.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call("POST", path, Some(body)).await;
        assert!((200..300).contains(&status), "POST {path}: {status} {answer:#}");
        answer
    }

    /// GET that must succeed.
    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call("GET", path, None).await;
        assert!((200..300).contains(&status), "GET {path}: {status} {answer:#}");
        answer
    }

    /// Publishes `file` under `policy` (ODRL rules), visible to whom `access` allows.
    pub async fn publish(&self, id: &str, address: Value, policy: Value, access: Value) {
        self.post("/v3/assets", &json!({
            "@context": context(), "@type": "Asset", "@id": id,
            "properties": {"name": format!("Dataset {id}"), "keyword": ["test"], "contenttype": "text/csv"},
            "dataAddress": address,
        }))
        .await;
        for (suffix, mut policy) in [("terms", policy), ("access", access)] {
            if let Some(members) = policy.as_object_mut() {
                members.insert("@context".to_owned(), json!("http://www.w3.org/ns/odrl.jsonld"));
                members.insert("@type".to_owned(), json!("Set"));
            }
            self.post("/v3/policydefinitions", &json!({
                "@context": context(), "@type": "PolicyDefinition", "@id": format!("{id}-{suffix}"), "policy": policy,
            }))
            .await;
        }
        self.post("/v3/contractdefinitions", &definition(id)).await;
    }

    /// Says how requests for a dataset are handled that [`Self::publish`] has published.
    pub async fn handle(&self, id: &str, handling: Value) {
        let mut definition = definition(id);
        definition["handling"] = handling;
        let (status, answer) = self.call("PUT", "/v3/contractdefinitions", Some(&definition)).await;
        assert_eq!(status, 204, "{answer:#}");
    }

    /// Publishes a file that anybody may use.
    pub async fn publish_file(&self, id: &str, path: &Path) {
        self.publish(id, file(path), anybody(), anybody()).await;
    }

    /// A peer's catalogue in the v3 form.
    pub async fn catalogue(&self, did: &str, address: &str) -> Value {
        self.post(
            "/v3/catalog/request",
            &json!({
                "@context": context(), "@type": "CatalogRequest", "counterPartyAddress": address,
                "counterPartyId": did, "protocol": "dataspace-protocol-http:2025-1",
            }),
        )
        .await
    }

    /// The body that asks for a contract on the first offer of `dataset`.
    pub async fn contract_request(&self, did: &str, address: &str, dataset: &str, purpose: &[&str]) -> Value {
        request_body(&self.catalogue(did, address).await, did, address, dataset, purpose)
    }

    /// Asks for a contract on the first offer of `dataset`; gives the negotiation's id.
    pub async fn request(&self, did: &str, address: &str, dataset: &str, purpose: &[&str]) -> String {
        let body = self.contract_request(did, address, dataset, purpose).await;
        let started = self.post("/v3/contractnegotiations", &body).await;
        started["@id"].as_str().expect("an id").to_owned()
    }

    /// Opens a stream of server-sent events, after the event with this number if one is given.
    pub async fn stream(&self, path: &str, after: Option<&str>) -> reqwest::Response {
        let mut request = self
            .http
            .get(format!("{}{path}", self.base))
            .header("x-api-key", &self.key)
            .header("accept", "text/event-stream")
            .timeout(Duration::from_secs(3600));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200, "{path}");
        response
    }

    /// Waits until a process is in one of `states`.
    pub async fn wait(&self, kind: &str, id: &str, states: &[&str]) -> Value {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let process = self.get(&format!("/v3/{kind}/{}", segment(id))).await;
            if states.iter().any(|s| process["state"] == *s) {
                return process;
            }
            assert!(Instant::now() < deadline, "{kind} {id} is not in {states:?}: {process:#}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A contract on `dataset`, in force; gives the agreement's id.
    pub async fn agree(&self, did: &str, address: &str, dataset: &str, purpose: &[&str]) -> String {
        let negotiation = self.request(did, address, dataset, purpose).await;
        let done = self.wait("contractnegotiations", &negotiation, &["FINALIZED", "TERMINATED"]).await;
        assert_eq!(done["state"], "FINALIZED", "{done:#}");
        done["contractAgreementId"].as_str().expect("an agreement").to_owned()
    }

    /// Starts a transfer; gives its id.
    pub async fn transfer(&self, address: &str, agreement: &str) -> String {
        let started = self
            .post("/v3/transferprocesses", &json!({
                "@context": context(), "@type": "TransferRequest", "counterPartyAddress": address,
                "contractId": agreement, "transferType": "HttpData-PULL", "protocol": "dataspace-protocol-http:2025-1",
            }))
            .await;
        started["@id"].as_str().expect("an id").to_owned()
    }

    /// Endpoint and token of a started transfer.
    pub async fn edr(&self, transfer: &str) -> (String, String) {
        let edr = self.get(&format!("/v3/edrs/{}/dataaddress", segment(transfer))).await;
        let text = |name: &str| edr[name].as_str().expect(name).to_owned();
        (text("endpoint"), text("authorization"))
    }
}

/// A value as a list, whatever compaction did to it.
#[must_use]
pub fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

/// An id as a path segment.
#[must_use]
pub fn segment(id: &str) -> String {
    engine::publish::dataset::segment(id)
}

/// Data address of a file.
#[must_use]
pub fn file(path: &Path) -> Value {
    json!({"@type": "DataAddress", "type": "File", "path": path})
}

/// A policy that allows use to anybody.
#[must_use]
pub fn anybody() -> Value {
    json!({"permission": [{"action": "use"}]})
}

/// A policy that allows use under one constraint.
#[must_use]
pub fn only(left: &str, operator: &str, right: Value) -> Value {
    json!({"permission": [{"action": "use", "constraint": [
        {"leftOperand": left, "operator": operator, "rightOperand": right}]}]})
}

/// The body that asks for a contract on the first offer of `dataset` in `catalogue`.
#[must_use]
pub fn request_body(catalogue: &Value, did: &str, address: &str, dataset: &str, purpose: &[&str]) -> Value {
    let found = list(either(catalogue, "dataset", "dcat:dataset"))
        .into_iter()
        .find(|d| d["@id"] == dataset)
        .unwrap_or_else(|| panic!("{dataset} is not in {catalogue:#}"));
    let mut body = json!({
        "@context": context(), "@type": "ContractRequest", "counterPartyAddress": address,
        "counterPartyId": did, "protocol": "dataspace-protocol-http:2025-1",
        "policy": first_offer(&found, &catalogue["@context"], dataset, did),
    });
    if !purpose.is_empty() {
        body["https://w3id.org/entente/v1/purpose"] = json!(purpose);
    }
    body
}

/// The first offer of a dataset as the policy of a request. EDC hands the peer's answer on in the protocol's form, and
/// we in that of the management API.
#[must_use]
pub fn first_offer(found: &Value, shown_in: &Value, dataset: &str, provider: &str) -> Value {
    let mut policy =
        list(either(found, "hasPolicy", "odrl:hasPolicy")).into_iter().next().unwrap_or_default();
    let compact = found.get("hasPolicy").is_some();
    let prefix = if compact { "" } else { "odrl:" };
    policy["@context"] = if compact { json!("http://www.w3.org/ns/odrl.jsonld") } else { shown_in.clone() };
    policy["@type"] = json!(format!("{prefix}Offer"));
    policy[format!("{prefix}target")] = json!({"@id": dataset});
    policy[format!("{prefix}assigner")] = json!({"@id": provider});
    policy
}

/// A member by its name in the protocol's form or, without it, in the management API's.
#[must_use]
pub fn either<'a>(value: &'a Value, protocol: &str, management: &str) -> &'a Value {
    if value.get(protocol).is_some() { &value[protocol] } else { &value[management] }
}

/// The contract definition of a dataset with this id.
fn definition(id: &str) -> Value {
    json!({
        "@context": context(), "@type": "ContractDefinition", "@id": format!("{id}-offer"),
        "accessPolicyId": format!("{id}-access"), "contractPolicyId": format!("{id}-terms"),
        "assetsSelector": [{"@type": "Criterion", "operandLeft": "https://w3id.org/edc/v0.0.1/ns/id", "operator": "=",
            "operandRight": id}],
    })
}
