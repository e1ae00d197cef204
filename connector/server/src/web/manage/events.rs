//! `/v1/events`: the log as pages, and as server-sent events.

use super::api::{Answer, Api};
use super::error::ApiError;
use crate::web::State;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL};
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use engine::Engine;
use engine::port::{EventFilter, StoredEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Most entries of a page.
const MOST: u64 = 1_000;
/// A comment is sent this often, so that proxies keep the connection and dead ones are noticed.
const BEAT: Duration = Duration::from_secs(15);

pub(super) fn operations(api: &mut Api) {
    let text = || json!({"type": "string"});
    api.group("Events");
    api.get("/events", events)
        .about("The event log: a page, or with Accept: text/event-stream all that follows")
        .query(
            "after",
            json!({"type": "integer", "maximum": i64::MAX, "minimum": i64::MIN}),
            "Events after this one",
        )
        .query(
            "limit",
            json!({"type": "integer", "minimum": 1, "maximum": u64::MAX}),
            "Most entries; never more than 1000",
        )
        .query("type", text(), "Only types that begin so")
        .query("subject", text(), "Only about this object")
        .gives(Answer::Media(vec![("application/json", Some("Events")), ("text/event-stream", None)]));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    after: Option<i64>,
    #[serde(default = "hundred")]
    limit: u64,
    r#type: Option<String>,
    subject: Option<String>,
}

const fn hundred() -> u64 {
    100
}

async fn events(state: Data<State>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let page = Query::<Page>::from_query(request.query_string())
        .map_err(|e| ApiError::bad_request(format!("the query of /v1/events: {e}")))?
        .into_inner();
    if page.limit == 0 {
        return Err(ApiError::field("limit", "limit must be greater than 0", json!(0)));
    }
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let filter = EventFilter { kind_prefix: page.r#type, subject: page.subject };
    if !header(ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/event-stream")) {
        let found = state.engine.events(page.after.unwrap_or(0), page.limit.min(MOST), &filter).await?;
        let next = found.last().map_or(page.after.unwrap_or(0), |e| e.seq);
        let list: Vec<Value> = found.iter().map(|e| cloud_event(state.engine.did(), e)).collect();
        return Ok(HttpResponse::Ok().json(json!({"events": list, "next": next})));
    }
    let after =
        match header("last-event-id") {
            Some(id) => Some(id.trim().parse().map_err(|_| {
                ApiError::field("Last-Event-ID", "must be the number of an event", json!(id))
            })?),
            None => page.after,
        };
    let after = match after {
        Some(after) => after,
        None => state.engine.last_event().await?,
    };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(follow(Arc::clone(&state.engine), after, filter)))
}

/// The log from `after` on, as it grows.
fn follow(
    engine: Arc<Engine>,
    after: i64,
    filter: EventFilter,
) -> impl futures_util::Stream<Item = Result<Bytes, actix_web::Error>> {
    let notices = engine.subscribe();
    let start = (engine, notices, after, filter, true);
    futures_util::stream::unfold(start, |(engine, mut notices, after, filter, first)| async move {
        // The client learns at once that it is connected.
        if first {
            return Some((
                Ok(Bytes::from_static(b": connected\n\n")),
                (engine, notices, after, filter, false),
            ));
        }
        loop {
            // One look at the log answers all the notices so far.
            notices = notices.resubscribe();
            match engine.events(after, MOST, &filter).await {
                Ok(found) if found.is_empty() => {}
                Ok(found) => {
                    let after = found.last().map_or(after, |e| e.seq);
                    let text: String = found.iter().map(|e| frame(engine.did(), e)).collect();
                    return Some((Ok(Bytes::from(text)), (engine, notices, after, filter, false)));
                }
                Err(fault) => {
                    tracing::warn!(%fault, "an event stream ends");
                    return None;
                }
            }
            // The notice says only that there is something; the log says what.
            match tokio::time::timeout(BEAT, notices.recv()).await {
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {
                    return Some((
                        Ok(Bytes::from_static(b": beat\n\n")),
                        (engine, notices, after, filter, false),
                    ));
                }
            }
        }
    })
}

fn frame(source: &str, event: &StoredEvent) -> String {
    format!("id: {}\nevent: {}\ndata: {}\n\n", event.seq, event.event.kind, cloud_event(source, event))
}

/// The event in the CloudEvents 1.0 JSON format, with the `sequence` extension.
pub(crate) fn cloud_event(source: &str, stored: &StoredEvent) -> Value {
    let event = &stored.event;
    json!({
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": event.kind,
        "subject": event.subject,
        "time": event.at.to_rfc3339(),
        "datacontenttype": "application/json",
        "sequence": stored.seq.to_string(),
        "data": event.data,
    })
}
