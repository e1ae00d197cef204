//! `/contractnegotiations`.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{expanded, members, node, ns, optional, plain, required};
use super::output::{self, Form, Members};
use super::{agreements, place};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::record::{AgreementRecord, Kind, NegotiationRecord};
use engine::{Fault, NegotiationOrder};
use ontology::ent;
use ontology::jsonld::Node;
use serde_json::{Value, json};

pub(super) fn operations(api: &mut Api) {
    api.group("Contract negotiations");
    api.post("/contractnegotiations", start)
        .about("Ask for a contract")
        .takes("ContractRequest")
        .gives(Answer::Json("IdResponse"))
        .fails(&[403, 409, 502]);
    api.post("/contractnegotiations/request", query)
        .about("Negotiations that match")
        .may_take("QuerySpec")
        .gives(Answer::List("ContractNegotiation"));
    api.get("/contractnegotiations/{id}", get)
        .about("One negotiation")
        .gives(Answer::Json("ContractNegotiation"));
    api.delete("/contractnegotiations/{id}", delete)
        .about("Delete a negotiation that ended without agreement")
        .fails(&[409]);
    api.get("/contractnegotiations/{id}/state", state_of)
        .about("Its state")
        .gives(Answer::Json("NegotiationState"));
    api.get("/contractnegotiations/{id}/agreement", agreement)
        .about("Its agreement")
        .gives(Answer::Json("ContractAgreement"));
    api.post("/contractnegotiations/{id}/terminate", terminate)
        .about("End it")
        .may_take("TerminateNegotiation")
        .fails(&[409]);
}

async fn start(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let order = read(&expanded(&state, payload).await?)?;
    let record = state.engine.start_negotiation(order).await?;
    Ok(form.created(&record.pid, record.created_at))
}

async fn query(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Negotiation).await?;
    let found = state.engine.query::<NegotiationRecord>(&query).await?;
    Ok(form.list(found.iter().map(|record| write(form, record))))
}

async fn get(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(form.object(write(form, &state.engine.get::<NegotiationRecord>(&id).await?)))
}

async fn state_of(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<NegotiationRecord>(&id).await?;
    let name = record.process.state().name();
    Ok(form.object(Members::new("NegotiationState", None).with("state", name).into()))
}

async fn agreement(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<NegotiationRecord>(&id).await?;
    let none = || Fault::not_found(Kind::Agreement, id.as_str());
    let agreement = record.process.agreement().ok_or_else(none)?;
    let contract = state.engine.get::<AgreementRecord>(agreement.id()).await?;
    Ok(form.object(agreements::write(form, state.engine.did(), &contract)))
}

async fn terminate(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let reason = reason(&state, payload).await?;
    state.engine.terminate_negotiation(&id, "terminated", &reason).await?;
    Ok(output::done())
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_negotiation(&id).await?;
    Ok(output::done())
}

/// The `reason` of a body that may be empty.
pub(super) async fn reason(state: &State, payload: Payload) -> Result<String, ApiError> {
    match super::jsonld::json(state, payload).await? {
        Some(body) => {
            let expanded = super::jsonld::expand(&body)?;
            Ok(optional(&node(&expanded)?, "reason").unwrap_or_default())
        }
        None => Ok(String::new()),
    }
}

/// An order from an expanded body.
pub(super) fn read(body: &Value) -> Result<NegotiationOrder, ApiError> {
    let root = node(body)?;
    let [address, protocol] = required(&root, ["counterPartyAddress", protocol_term(&root)])?;
    let at_policy = ns("policy");
    let policy = root.first_node(&at_policy).ok_or_else(|| ApiError::missing_object(at_policy.clone()))?;
    let parsed = policies::Policy::parse(&Value::Object(policy.as_map().clone()))
        .map_err(|e| ApiError::policy(&at_policy, &e))?;
    let text = |term: &str| policy.first_str(&place::odrl(term)).filter(|text| !text.trim().is_empty());
    let at = |term: &str| format!("{at_policy}/{}", place::odrl(term));
    let offer_id = policy.id().filter(|id| !id.trim().is_empty());
    let (target, assigner) = (text("target"), text("assigner"));
    let named = optional(&root, "counterPartyId").or_else(|| optional(&root, "connectorId"));
    if let (Some(named), Some(assigner)) = (&named, &assigner)
        && named != assigner
    {
        let message = format!("the offer's assigner {assigner} is not the counterparty {named}");
        return Err(ApiError::field(at("assigner"), message, json!(assigner)));
    }
    match (offer_id, target, named.or(assigner)) {
        (Some(offer_id), Some(target), Some(peer)) => {
            let mut offer = parsed.to_json();
            if let Some(members) = offer.as_object_mut() {
                members.insert("@id".to_owned(), json!(offer_id));
                members.insert("target".to_owned(), json!(target));
            }
            let purpose = root.values(ent::PURPOSE).iter();
            Ok(NegotiationOrder {
                peer,
                address,
                offer,
                handling: super::handling::read(&root)?,
                purpose: purpose.filter_map(|v| plain(v).as_str().map(str::to_owned)).collect(),
                callback_addresses: callbacks(&root),
                protocol,
            })
        }
        (offer_id, target, peer) => {
            let places = [
                (offer_id.is_none(), at("@id")),
                (target.is_none(), at("target")),
                (peer.is_none(), at("assigner")),
            ];
            Err(ApiError::all_missing(places.into_iter().filter(|(m, _)| *m).map(|(_, at)| at).collect()))
        }
    }
}

/// Protocols that can be spoken. v4 may name them as profiles.
pub(super) const PROTOCOLS: [&str; 2] = ["dataspace-protocol-http:2025-1", "dataspace-protocol-http"];

/// The term that names the protocol: v4 may call it profile.
pub(super) fn protocol_term(root: &Node<'_>) -> &'static str {
    let profile = optional(root, "protocol").is_none() && optional(root, "profile").is_some();
    if profile { "profile" } else { "protocol" }
}

/// Callback addresses, kept in EDC's form.
pub(super) fn callbacks(root: &Node<'_>) -> Vec<Value> {
    root.nodes(&ns("callbackAddresses"))
        .iter()
        .map(|node| {
            let mut kept = output::short(&members(node));
            kept.shift_insert(0, "@type".to_owned(), json!("CallbackAddress"));
            Value::Object(kept)
        })
        .collect()
}

/// A negotiation in the documented form.
pub(super) fn write(form: Form, record: &NegotiationRecord) -> Value {
    Members::new("ContractNegotiation", Some(&record.pid))
        .with("type", output::role(record.role))
        .with("protocol", record.protocol.as_str())
        .some("profile", (form == Form::V4).then_some(record.protocol.as_str()))
        .with("state", record.process.state().name())
        .with("counterPartyId", record.peer.as_str())
        .with("counterPartyAddress", record.peer_address.as_str())
        .with("callbackAddresses", form.callbacks(&record.callback_addresses))
        .with("createdAt", record.created_at.millis())
        .with("stateTimestamp", record.updated_at.millis())
        .with("assetId", record.dataset_id.as_str())
        .some("contractAgreementId", record.process.agreement().map(protocol::agreement::Agreement::id))
        .some("correlationId", record.peer_pid.as_deref())
        .some("errorDetail", record.error_detail.as_deref())
        .into()
}
