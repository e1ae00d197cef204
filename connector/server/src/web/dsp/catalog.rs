//! Catalogue endpoints (DSP section 5).

use super::body::{self, Rejected};
use super::error::{Part, Pids, respond};
use crate::web::manage::narrow;
use crate::web::{State, caller};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::Fault;
use serde_json::{Value, json};

/// `POST /catalog/request`.
///
/// A `filter` in the form of EDC is applied; with it, the answer is a page, and the next one is linked.
pub(super) async fn request(state: Data<State>, request: HttpRequest, payload: Payload) -> HttpResponse {
    match catalogue(&state, &request, payload).await {
        Ok((value, None)) => HttpResponse::Ok().json(value),
        Ok((value, Some(next))) => {
            HttpResponse::Ok().insert_header(("Link", format!("<{next}>; rel=\"next\""))).json(value)
        }
        Err(rejected) => respond(Part::Catalog, &Pids::default(), &rejected),
    }
}

/// The page, and where the next one is.
async fn catalogue(
    state: &State,
    request: &HttpRequest,
    payload: Payload,
) -> Result<(Value, Option<String>), Rejected> {
    let caller = caller::of(state, request).await?;
    let message = body::read(state, request, payload).await?;
    let message = protocol::message::parse_catalog_request(message).map_err(Fault::from)?;
    let filter = match token_of(request)? {
        // It stands for the whole query, as with EDC.
        Some(spec) => vec![spec],
        None => message.filter,
    };
    let query = narrow::filter(&filter)?;
    let mut found = catalog::render::catalogue(&state.engine.catalogue_for(&caller).await?);
    let Some(query) = query else { return Ok((found, None)) };
    let total = narrow::datasets(&mut found, &query);
    let after = query.offset.saturating_add(query.limit);
    let more = usize::try_from(after).is_ok_and(|after| after < total);
    let next = filter.into_iter().next().filter(|_| more).map(|spec| {
        let base = &state.engine.settings().base_url;
        format!("{base}/catalog/request?{TOKEN}={}", token(spec, after))
    });
    Ok((found, next))
}

/// Query parameter that stands for a page.
const TOKEN: &str = "continuationToken";

/// The query of the next page.
fn token(mut spec: Value, offset: u64) -> String {
    if let Some(members) = spec.as_object_mut() {
        members.retain(|key, _| key.rsplit(['/', ':']).next() != Some("offset"));
        members.insert("offset".to_owned(), json!(offset));
    }
    URL_SAFE_NO_PAD.encode(spec.to_string())
}

fn token_of(request: &HttpRequest) -> Result<Option<Value>, Fault> {
    let mut pairs = request.query_string().split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, token)) = pairs.find(|(name, _)| *name == TOKEN) else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .map(Some)
        .ok_or_else(|| Fault::malformed(TOKEN, "is not one that this connector gave"))
}

/// `GET /catalog/datasets/{id}`.
pub(super) async fn dataset(state: Data<State>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    let found = async {
        let caller = caller::of(&state, &request).await?;
        let (frame, dataset) = state.engine.dataset_for(&caller, &id).await?;
        Ok::<_, Fault>(catalog::render::dataset(&frame, &dataset))
    };
    match found.await {
        Ok(value) => HttpResponse::Ok().json(value),
        Err(fault) => respond(Part::Catalog, &Pids::default(), &Rejected::Fault(fault)),
    }
}
