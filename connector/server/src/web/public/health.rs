//! Liveness, readiness and metrics, on both listeners' management side.

use crate::web::State;
use crate::web::manage::{Answer, Api};
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder};
use serde_json::json;

/// `/healthz`, `/readyz`, `/metrics`.
pub(in crate::web) fn operations(api: &mut Api) {
    api.group("Health");
    api.get("/healthz", live).about("The process lives").gives(Answer::Json("Up"));
    api.get("/readyz", ready).about("It can do its work").gives(Answer::Json("Ready")).or_gives(503, "Ready");
    api.get("/metrics", metrics)
        .about("Metrics for Prometheus")
        .gives(Answer::Media(vec![("application/openmetrics-text", None)]));
}

async fn live() -> impl Responder {
    HttpResponse::Ok().json(json!({"status": "up"}))
}

async fn ready(state: Data<State>) -> impl Responder {
    match state.store.ping().await {
        Ok(()) => HttpResponse::Ok().json(json!({"status": "ready"})),
        Err(error) => HttpResponse::ServiceUnavailable()
            .json(json!({"status": "not ready", "reason": error.to_string()})),
    }
}

async fn metrics(state: Data<State>) -> impl Responder {
    let stats = state.plane.stats();
    state.telemetry.plane(stats.bytes_served, stats.streams_open, stats.streams_cut);
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(state.telemetry.render())
}
