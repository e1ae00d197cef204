//! Liveness, readiness and metrics, on both listeners' management side.

use crate::web::State;
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, Responder};
use serde_json::json;

/// Mounts `/healthz`, `/readyz`, `/metrics`.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(live))
        .route("/readyz", web::get().to(ready))
        .route("/metrics", web::get().to(metrics));
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
