//! `/catalog`: asking peers.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{expanded, node, ns, optional, required};
use super::output::Form;
use super::{compact, narrow, query};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Payload};
use engine::Fault;
use ontology::jsonld::Node;

pub(super) fn operations(api: &mut Api) {
    api.group("Catalogues of others");
    api.post("/catalog/request", request)
        .about("The catalogue of a counterparty")
        .takes("CatalogRequest")
        .gives(Answer::Json("Catalog"))
        .fails(&[403, 404, 502]);
    api.post("/catalog/dataset/request", dataset)
        .about("One dataset of a counterparty")
        .takes("DatasetRequest")
        .gives(Answer::Json("Dataset"))
        .fails(&[403, 404, 502]);
}

async fn request(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = expanded(&state, payload).await?;
    let root = node(&body)?;
    let [address] = required(&root, ["counterPartyAddress"])?;
    let spec = root.first_node(&ns("querySpec")).map(|spec| query::raw(&spec)).transpose()?;
    let peer = Peer::of(&state, &root, &address);
    let found = state.engine.request_catalogue(peer.did(), &address, None).await;
    let mut found = found.map_err(|fault| peer.explain(fault))?;
    if let Some(spec) = &spec {
        let _total = narrow::datasets(&mut found, spec);
    }
    Ok(HttpResponse::Ok().json(compact::catalogue(form, &found)))
}

async fn dataset(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = expanded(&state, payload).await?;
    let root = node(&body)?;
    let [address] = required(&root, ["counterPartyAddress"])?;
    let id = root.id().filter(|id| !id.trim().is_empty()).ok_or_else(|| ApiError::missing("@id"))?;
    let peer = Peer::of(&state, &root, &address);
    let found = state.engine.request_dataset(peer.did(), &address, id).await;
    Ok(HttpResponse::Ok().json(compact::catalogue(form, &found.map_err(|fault| peer.explain(fault))?)))
}

/// Whom a request is for.
enum Peer {
    /// As the client says, or as the engine knows the address.
    Known(Option<String>),
    /// The owner of the address, for clients that give nothing else.
    Assumed(String),
}

impl Peer {
    fn of(state: &State, root: &Node<'_>, address: &str) -> Self {
        let named = optional(root, "counterPartyId");
        let address = address.trim_end_matches('/');
        let known = state.engine.settings().peers.iter().any(|p| p.address.trim_end_matches('/') == address);
        match did_of(address) {
            Some(did) if named.is_none() && !known => Self::Assumed(did),
            _ => Self::Known(named),
        }
    }

    fn did(&self) -> Option<&str> {
        match self {
            Self::Known(did) => did.as_deref(),
            Self::Assumed(did) => Some(did),
        }
    }

    fn explain(&self, fault: Fault) -> Fault {
        match (self, fault) {
            (Self::Assumed(did), Fault::Peer(reason)) => Fault::Peer(format!(
                "{reason} (without counterPartyId, {did} was assumed to be behind this address)"
            )),
            (_, fault) => fault,
        }
    }
}

/// The `did:web` of a URL's host.
fn did_of(address: &str) -> Option<String> {
    let url: reqwest::Url = address.parse().ok()?;
    let host = url.host_str().filter(|host| !host.contains(':'))?;
    Some(match url.port() {
        Some(port) => format!("did:web:{host}%3A{port}"),
        None => format!("did:web:{host}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_did_of_an_address_is_that_of_its_host() {
        assert_eq!(did_of("https://p.example/dsp/2025-1").as_deref(), Some("did:web:p.example"));
        assert_eq!(did_of("http://127.0.0.1:7081/dsp").as_deref(), Some("did:web:127.0.0.1%3A7081"));
        assert_eq!(did_of("nonsense"), None);
        assert_eq!(did_of("http://[::1]:1/"), None);
    }
}
