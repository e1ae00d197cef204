//! `/contractagreements`.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::output::{self, Form, Members};
use super::{compact, negotiations};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::record::{AgreementRecord, Kind, NegotiationRecord};
use protocol::role::Role;
use serde_json::{Map, Value, json};

pub(super) fn operations(api: &mut Api) {
    api.group("Contract agreements");
    api.post("/contractagreements/request", query)
        .about("Agreements that match")
        .may_take("QuerySpec")
        .gives(Answer::List("ContractAgreement"));
    api.get("/contractagreements/{id}", get).about("One agreement").gives(Answer::Json("ContractAgreement"));
    api.get("/contractagreements/{id}/negotiation", negotiation)
        .about("The negotiation that led to it")
        .gives(Answer::Json("ContractNegotiation"));
}

async fn query(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Agreement).await?;
    let found = state.engine.query::<AgreementRecord>(&query).await?;
    Ok(form.list(found.iter().map(|a| write(form, state.engine.did(), a))))
}

async fn get(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(form.object(write(form, state.engine.did(), &state.engine.get::<AgreementRecord>(&id).await?)))
}

async fn negotiation(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let contract = state.engine.get::<AgreementRecord>(&id).await?;
    let record = state.engine.get::<NegotiationRecord>(&contract.negotiation_pid).await?;
    Ok(form.object(negotiations::write(form, &record)))
}

/// An agreement in the documented form; the signing date is in seconds.
pub(super) fn write(form: Form, own: &str, contract: &AgreementRecord) -> Value {
    let (provider, consumer) = match contract.role {
        Role::Provider => (own, contract.peer.as_str()),
        Role::Consumer => (contract.peer.as_str(), own),
    };
    let mut policy = compact::policy(form, contract.agreement.policy());
    if let Some(members) = policy.as_object_mut() {
        // It is the signing date.
        members.shift_remove("timestamp");
    }
    let claims: Map<String, Value> = contract
        .claims
        .iter()
        .map(|(name, values)| (name.clone(), output::collapse(values.iter().map(|v| json!(v)).collect())))
        .collect();
    Members::new("ContractAgreement", Some(&contract.id))
        .with("agreementId", contract.id.as_str())
        .with("assetId", contract.dataset_id.as_str())
        .with("policy", policy)
        .with("contractSigningDate", contract.signed_at.seconds())
        .with("consumerId", consumer)
        .with("providerId", provider)
        .some("claims", (!claims.is_empty()).then_some(claims))
        .into()
}
