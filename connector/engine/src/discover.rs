//! Finding data: SPARQL over our own catalogue and those of known peers, and catalogue requests.

use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use catalog::{Answer, Limits, QueryError, Scope};
use serde_json::{Value, json};
use std::sync::Arc;

/// A peer's catalogue is fetched again when older than this.
const PEER_FRESH_MS: i64 = 30_000;
/// Most pages of a peer's catalogue.
const MOST_PAGES: usize = 1_000;

/// Why a SPARQL query was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SparqlFault {
    /// The query itself, or its limits.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Everything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Engine {
    /// Answers a SPARQL 1.1 query. With `own_all`, over everything of ours and the catalogues of known
    /// peers; else over what `caller` may see of ours.
    ///
    /// # Errors
    /// A query that is wrong, too long or too large; a caller that cannot be verified.
    pub async fn sparql(
        self: &Arc<Self>,
        caller: &Caller,
        text: &str,
        accept: Option<&str>,
        limits: Limits,
        own_all: bool,
    ) -> Result<Answer, SparqlFault> {
        let scope = if own_all {
            self.refresh_peers().await;
            Scope::All
        } else {
            Scope::Graphs(self.scope_for(caller).await?)
        };
        let engine = Arc::clone(self);
        let (text, accept) = (text.to_owned(), accept.map(str::to_owned));
        let answer = tokio::task::spawn_blocking(move || {
            engine.graph.query(&text, &scope, &limits, accept.as_deref())
        })
        .await
        .map_err(|e| Fault::Internal(e.to_string()))?;
        Ok(answer?)
    }

    /// Fetches the catalogues of known peers that are missing or old, at the same time. A peer that cannot be
    /// reached keeps its last known catalogue.
    async fn refresh_peers(&self) {
        let mut fetched = self.peers_fetched.lock().await;
        let now = self.now();
        let stale = self
            .settings
            .peers
            .iter()
            .filter(|p| fetched.get(&p.did).is_none_or(|at| now.minus(*at) > PEER_FRESH_MS));
        let answers = futures_util::future::join_all(stale.map(|peer| async move {
            (peer, self.request_catalogue(Some(&peer.did), &peer.address, None).await)
        }))
        .await;
        for (peer, answer) in answers {
            let stored = answer.and_then(|value| {
                let parsed = catalog::parse::catalogue(&value).map_err(|e| Fault::Peer(e.to_string()))?;
                if parsed.participant_id != peer.did {
                    return Err(Fault::Peer(format!("the catalogue names {}", parsed.participant_id)));
                }
                self.graph.put_peer(&parsed).map_err(|e| Fault::Internal(e.to_string()))
            });
            match stored {
                Ok(()) => {
                    fetched.insert(peer.did.clone(), now);
                }
                Err(fault) => tracing::warn!(peer = %peer.did, %fault, "catalogue not refreshed"),
            }
        }
    }

    /// Asks a peer for its catalogue, all pages of it; the answer is DSP plain JSON.
    ///
    /// # Errors
    /// [`Fault::Peer`] when the peer fails or refuses; [`Fault::Malformed`] when its DID is not known.
    pub async fn request_catalogue(
        &self,
        peer: Option<&str>,
        address: &str,
        filter: Option<Value>,
    ) -> Result<Value, Fault> {
        let peer = self.peer_at(peer, address)?;
        let mut message = json!({
            "@context": [ontology::jsonld::DSPACE_CONTEXT],
            "@type": "CatalogRequestMessage",
        });
        if let (Some(filter), Some(members)) = (filter, message.as_object_mut()) {
            members.insert("filter".to_owned(), filter);
        }
        let mut url = format!("{}/catalog/request", address.trim_end_matches('/'));
        let mut whole: Option<Value> = None;
        for _ in 0..MOST_PAGES {
            let mut reply = self.ports.peers.post(&peer, &url, &message, None).await?;
            let next = reply.next.take();
            let page = usable(&peer, reply)?;
            let empty = page.get("dataset").is_none_or(|found| found.as_array().is_some_and(Vec::is_empty));
            match &mut whole {
                None => whole = Some(page),
                Some(whole) => append(whole, page),
            }
            match next {
                Some(next) if !empty => url = next,
                _ => return Ok(whole.unwrap_or_default()),
            }
        }
        Err(Fault::Peer(format!("{peer} has more than {MOST_PAGES} pages in its catalogue")))
    }

    /// Asks a peer for one dataset; the answer is DSP plain JSON.
    ///
    /// # Errors
    /// As [`Engine::request_catalogue`].
    pub async fn request_dataset(&self, peer: Option<&str>, address: &str, id: &str) -> Result<Value, Fault> {
        let peer = self.peer_at(peer, address)?;
        let segment = crate::publish::dataset::segment(id);
        let url = format!("{}/catalog/datasets/{segment}", address.trim_end_matches('/'));
        usable(&peer, self.ports.peers.get(&peer, &url).await?)
    }

    fn peer_at(&self, peer: Option<&str>, address: &str) -> Result<String, Fault> {
        if let Some(peer) = peer.filter(|p| !p.trim().is_empty()) {
            return Ok(peer.to_owned());
        }
        let address = address.trim_end_matches('/');
        self.settings
            .peers
            .iter()
            .find(|p| p.address.trim_end_matches('/') == address)
            .map(|p| p.did.clone())
            .ok_or_else(|| {
                Fault::malformed("counterPartyId", "is missing and no known peer has this address")
            })
    }
}

/// Adds the datasets of a further page.
fn append(whole: &mut Value, mut page: Value) {
    let Some(members) = whole.as_object_mut() else { return };
    let mut all = listed(members.remove("dataset"));
    all.extend(listed(page.get_mut("dataset").map(Value::take)));
    members.insert("dataset".to_owned(), Value::Array(all));
}

fn listed(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        None | Some(Value::Null) => Vec::new(),
        Some(one) => vec![one],
    }
}

fn usable(peer: &str, reply: crate::port::Reply) -> Result<Value, Fault> {
    match (reply.status, reply.body) {
        (200..=299, Some(body)) => {
            ontology::jsonld::to_dsp_plain(body).map_err(|e| Fault::Peer(format!("{peer}: {e}")))
        }
        (200..=299, None) => Err(Fault::Peer(format!("{peer} answered without a body"))),
        (status, body) => Err(Fault::Peer(format!("{peer} answered {status}{}", reasons(body.as_ref())))),
    }
}

/// The reasons in a protocol error body, as text.
pub(crate) fn reasons(body: Option<&Value>) -> String {
    let Some(body) = body else { return String::new() };
    let list: Vec<String> = match body.get("reason") {
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(s) => s.clone(),
                other => other
                    .get("message")
                    .and_then(Value::as_str)
                    .map_or_else(|| other.to_string(), str::to_owned),
            })
            .collect(),
        Some(Value::String(reason)) => vec![reason.clone()],
        _ => Vec::new(),
    };
    if list.is_empty() { String::new() } else { format!(": {}", list.join("; ")) }
}
