//! SPARQL 1.1 Protocol, query operation only.

use crate::web::{State, caller};
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Form, Query};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use catalog::{Answer, QueryError};
use engine::{Fault, SparqlFault};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
pub(super) struct Parameters {
    query: Option<String>,
    update: Option<String>,
    #[serde(rename = "default-graph-uri")]
    default_graph: Option<String>,
    #[serde(rename = "named-graph-uri")]
    named_graph: Option<String>,
}

/// `GET /sparql?query=`.
pub(super) async fn get(
    state: Data<State>,
    request: HttpRequest,
    parameters: Query<Parameters>,
) -> HttpResponse {
    respond(run(&state, &request, parameters.into_inner()).await)
}

/// `POST /sparql`, direct or as a form.
pub(super) async fn post(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    respond(posted(&state, &request, body).await)
}

async fn posted(state: &State, request: &HttpRequest, body: Bytes) -> Result<Answer, SparqlFault> {
    let mime = request.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
    let parameters = match mime.split(';').next().unwrap_or("").trim() {
        "application/sparql-query" => {
            let query = String::from_utf8(body.to_vec())
                .map_err(|_| Fault::malformed("body", "is not UTF-8 text"))?;
            Parameters { query: Some(query), update: None, default_graph: None, named_graph: None }
        }
        "application/x-www-form-urlencoded" => {
            let mut payload = actix_web::dev::Payload::from(body);
            Form::<Parameters>::from_request(request, &mut payload)
                .await
                .map_err(|e| Fault::malformed("body", e.to_string()))?
                .into_inner()
        }
        "application/sparql-update" => return Err(QueryError::Update.into()),
        other => {
            return Err(Fault::malformed(
                "Content-Type",
                format!(
                    "{other:?} is neither application/sparql-query nor application/x-www-form-urlencoded"
                ),
            )
            .into());
        }
    };
    run(state, request, parameters).await
}

async fn run(state: &State, request: &HttpRequest, parameters: Parameters) -> Result<Answer, SparqlFault> {
    if parameters.update.is_some() {
        return Err(QueryError::Update.into());
    }
    if parameters.default_graph.is_some() || parameters.named_graph.is_some() {
        return Err(Fault::malformed(
            "default-graph-uri",
            "the dataset is what the caller may see; choose graphs with FROM or GRAPH in the query",
        )
        .into());
    }
    let query = parameters.query.ok_or_else(|| Fault::malformed("query", "is missing"))?;
    let accept = request.headers().get("accept").and_then(|v| v.to_str().ok());
    let caller = caller::of(state, request).await?;
    state.engine.sparql(&caller, &query, accept, state.limits.sparql(), false).await
}

/// The HTTP form of an answer or of what prevented it.
#[must_use]
pub fn respond(result: Result<Answer, SparqlFault>) -> HttpResponse {
    match result {
        Ok(answer) => {
            let mut response = HttpResponse::Ok();
            response.content_type(answer.media_type);
            if answer.truncated {
                response.insert_header(("Entente-Truncated", "true"));
            }
            response.body(answer.body)
        }
        Err(SparqlFault::Query(error)) => {
            let status = match &error {
                QueryError::NotAcceptable(..) => StatusCode::NOT_ACCEPTABLE,
                QueryError::TooLong | QueryError::Busy => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            };
            HttpResponse::build(status).json(json!({"reason": [error.to_string()]}))
        }
        Err(SparqlFault::Fault(fault)) => {
            let status = match &fault {
                Fault::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
                Fault::Malformed { .. } | Fault::Refused { .. } => StatusCode::BAD_REQUEST,
                Fault::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            HttpResponse::build(status).json(json!({"reason": [fault.to_string()]}))
        }
        Err(_) => HttpResponse::InternalServerError().json(json!({"reason": ["internal error"]})),
    }
}
