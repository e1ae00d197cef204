//! `/v1`: what the EDC API has no place for.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{bytes, json as json_body, ns};
use super::{negotiations, output};
use crate::web::State;
use ::policies::relate::enforceability;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use engine::Caller;
use engine::record::{AgreementRecord, Kind};
use engine::usage::CAN;
use serde_json::{Value, json};

pub(super) fn operations(api: &mut Api) {
    api.group("This connector");
    api.get("/status", status).about("Who it is and how much it holds").gives(Answer::Json("Status"));
    api.post("/sparql", sparql)
        .about("SPARQL over everything of ours and the catalogues of known peers")
        .takes("SparqlBody")
        .takes_media("application/sparql-query", None)
        .gives(Answer::Media(SPARQL_ANSWERS.iter().map(|media| (*media, None)).collect()))
        .fails(&[406]);
    api.post("/policy/explain", explain)
        .about("A policy in plain words")
        .takes("ExplainBody")
        .gives(Answer::Json("Explanation"));
    api.group("Agreements and their signatures");
    api.get("/agreements/{id}", agreement)
        .about("An agreement as it was signed")
        .gives(Answer::Json("SignedAgreement"));
    api.post("/agreements/{id}/verify", verify)
        .about("Check both signatures")
        .gives(Answer::Json("AgreementCheck"));
    api.post("/agreements/{id}/end", end).about("End an agreement").may_take("Reason").fails(&[409]);
    super::usage::operations(api);
    super::credentials::operations(api);
    super::steer::operations(api);
    super::events::operations(api);
    super::webhooks::operations(api);
}

/// Media types of SPARQL answers.
const SPARQL_ANSWERS: [&str; 9] = [
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
    "application/n-quads",
];

async fn status(state: Data<State>) -> Result<HttpResponse, ApiError> {
    let settings = state.engine.settings();
    let assets = state.engine.count(Kind::Asset, None).await?;
    let agreements = state.engine.count(Kind::Agreement, None).await?;
    let peers: Vec<Value> =
        settings.peers.iter().map(|p| json!({"did": p.did, "address": p.address})).collect();
    Ok(HttpResponse::Ok().json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "name": settings.participant_name,
        "did": state.engine.did(),
        "address": settings.base_url,
        "assets": assets,
        "agreements": agreements,
        "peers": peers,
    })))
}

/// SPARQL over everything of ours and the catalogues of known peers: as `application/sparql-query`, or as JSON
/// with `query` and optionally `accept`.
async fn sparql(
    state: Data<State>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let header = |name| request.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let mut accept = header(ACCEPT);
    let text = if header(CONTENT_TYPE).is_some_and(|t| t.starts_with("application/sparql-query")) {
        String::from_utf8(bytes(&state, payload).await?.to_vec())
            .map_err(|_| ApiError::bad_request("the query is not UTF-8 text"))?
    } else {
        let body = json_body(&state, payload).await?.unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        accept = text("accept").or(accept);
        text("query").ok_or_else(|| ApiError::missing("query"))?
    };
    let limits = state.limits.sparql();
    let answer = state.engine.sparql(&Caller::default(), &text, accept.as_deref(), limits, true).await?;
    Ok(crate::web::public::sparql_response(Ok(answer)))
}

/// A policy in plain words: `{policy, lang}`.
async fn explain(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = json_body(&state, payload).await?.unwrap_or_default();
    let policy = body.get("policy").ok_or_else(|| ApiError::missing("policy"))?;
    let lang = match body.get("lang").and_then(Value::as_str).unwrap_or("en") {
        "en" => ::policies::Lang::En,
        "fr" => ::policies::Lang::Fr,
        other => return Err(ApiError::field("lang", "must be en or fr", json!(other))),
    };
    let policy = ::policies::Policy::parse(policy).map_err(|e| ApiError::policy(&ns("policy"), &e))?;
    let unsupported: Vec<Value> = policy
        .unsupported()
        .iter()
        .map(|u| json!({"path": u.path, "term": u.term, "reason": u.reason}))
        .collect();
    let enforcement: Vec<Value> = enforceability(&policy, &CAN)
        .iter()
        .map(|clause| {
            json!({"path": clause.path, "class": clause.class, "enforcer": clause.enforcer, "stages": clause.stages,
                "missing": clause.missing, "sentence": ::policies::assessment(clause, lang)})
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({
        "sentences": ::policies::sentences(&policy, lang), "unsupported": unsupported, "enforcement": enforcement,
    })))
}

/// The agreement as it was signed, with both signatures.
async fn agreement(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let record = state.engine.get::<AgreementRecord>(&id).await?;
    Ok(HttpResponse::Ok().json(json!({
        "id": record.id, "role": record.role, "counterParty": record.peer, "dataset": record.dataset_id,
        "inForce": record.in_force && record.ended.is_none(), "signedAt": record.signed_at.to_rfc3339(),
        "ended": record.ended.as_ref().map(|(at, reason)| json!({"at": at.to_rfc3339(), "reason": reason})),
        "agreement": record.agreement.to_wire(),
    })))
}

async fn verify(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(state.engine.verify_agreement(&id).await?))
}

async fn end(state: Data<State>, id: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let reason = negotiations::reason(&state, payload).await?;
    state.engine.end_agreement(&id, &reason).await?;
    Ok(output::done())
}
