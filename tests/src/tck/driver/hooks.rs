//! Endpoints at which the kit asks the connector to open a negotiation or a transfer as consumer. They belong to the
//! driver: each is one call of the public management API.

use super::Api;
use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, Json, Query};
use actix_web::{App, HttpResponse, HttpServer};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};

/// The running endpoints; they stop when dropped.
#[derive(Debug)]
pub(super) struct Hooks {
    handle: ServerHandle,
    pub(super) address: SocketAddr,
}

impl Drop for Hooks {
    fn drop(&mut self) {
        // The stop is under way once asked for; the future only tells when it is done.
        drop(self.handle.stop(false));
    }
}

pub(super) fn listen(api: Api) -> anyhow::Result<Hooks> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(api.clone()))
            .route("/negotiations", web::post().to(negotiation))
            .route("/transfers", web::post().to(transfer))
    })
    .workers(1)
    .disable_signals()
    .bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = server.addrs().first().copied().unwrap_or((Ipv4Addr::LOCALHOST, 0).into());
    let running = server.run();
    let handle = running.handle();
    tokio::spawn(running);
    Ok(Hooks { handle, address })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NegotiationWanted {
    provider_id: String,
    offer_id: String,
    dataset_id: String,
    connector_address: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransferWanted {
    agreement_id: String,
    format: String,
    connector_address: String,
}

/// How the connector handles the negotiation; by hand unless said otherwise.
#[derive(Debug, Deserialize)]
struct How {
    #[serde(default = "manual")]
    handling: String,
}

fn manual() -> String {
    "manual".to_owned()
}

async fn negotiation(api: Data<Api>, how: Query<How>, wanted: Json<NegotiationWanted>) -> HttpResponse {
    let body = json!({
        "@context": crate::client::context(), "@type": "ContractRequest",
        "counterPartyAddress": wanted.connector_address, "counterPartyId": wanted.provider_id,
        "protocol": "dataspace-protocol-http:2025-1", "handling": how.handling,
        "policy": {
            "@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "@id": wanted.offer_id,
            "assigner": wanted.provider_id, "target": wanted.dataset_id, "permission": [{"action": "use"}],
        },
    });
    answer(api.post("/v3/contractnegotiations", &body).await)
}

async fn transfer(api: Data<Api>, wanted: Json<TransferWanted>) -> HttpResponse {
    let body = json!({
        "@context": crate::client::context(), "@type": "TransferRequest",
        "counterPartyAddress": wanted.connector_address, "contractId": wanted.agreement_id,
        "transferType": wanted.format, "protocol": "dataspace-protocol-http:2025-1",
    });
    answer(api.post("/v3/transferprocesses", &body).await)
}

fn answer(result: anyhow::Result<Value>) -> HttpResponse {
    match result {
        Ok(created) => HttpResponse::Ok().json(created),
        // The kit takes a 5xx as final, which a refused order is.
        Err(error) => HttpResponse::InternalServerError().body(format!("{error:#}")),
    }
}
