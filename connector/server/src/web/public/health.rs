//! Liveness, readiness and metrics, on both listeners' management side.

use crate::web::State;
use crate::web::manage::{Answer, Api};
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder};
use serde_json::{Value, json};

/// `/healthz`, `/readyz`, `/metrics`, and `/check` for clients of EDC.
pub(in crate::web) fn operations(api: &mut Api) {
    api.group("Health");
    api.get("/healthz", live).about("The process lives").gives(Answer::Json("Up"));
    api.get("/readyz", ready).about("It can do its work").gives(Answer::Json("Ready")).or_gives(503, "Ready");
    api.get("/metrics", metrics)
        .about("Metrics for Prometheus")
        .gives(Answer::Media(vec![("application/openmetrics-text", None)]));
    for (path, about) in [
        ("/check/health", "As readyz, in EDC's form"),
        ("/check/readiness", "As readyz, in EDC's form"),
        ("/check/liveness", "As healthz, in EDC's form"),
        ("/check/startup", "As healthz, in EDC's form"),
    ] {
        let works = ["/check/health", "/check/readiness"].contains(&path);
        let operation = if works { api.get(path, check) } else { api.get(path, started) };
        operation.about(about).gives(Answer::Json("HealthStatus"));
        if works {
            operation.or_gives(503, "HealthStatus");
        }
    }
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

async fn started() -> impl Responder {
    HttpResponse::Ok().json(in_edc_form(None))
}

async fn check(state: Data<State>) -> impl Responder {
    match state.store.ping().await {
        Ok(()) => HttpResponse::Ok().json(in_edc_form(None)),
        Err(error) => HttpResponse::ServiceUnavailable().json(in_edc_form(Some(&error.to_string()))),
    }
}

/// The state of the one component that can fail, the store.
fn in_edc_form(failure: Option<&str>) -> Value {
    let mut component = json!({"component": "store", "isHealthy": failure.is_none()});
    if let (Some(reason), Some(members)) = (failure, component.as_object_mut()) {
        members.insert("failure".to_owned(), json!({"messages": [reason]}));
    }
    json!({"componentResults": [component], "isSystemHealthy": failure.is_none()})
}

async fn metrics(state: Data<State>) -> impl Responder {
    let stats = state.plane.stats();
    state.telemetry.plane(stats.bytes_served, stats.streams_open, stats.streams_cut);
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(state.telemetry.render())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_reason() {
        let failed = in_edc_form(Some("locked"));
        assert_eq!(failed["isSystemHealthy"], false);
        assert_eq!(failed["componentResults"][0]["failure"]["messages"], json!(["locked"]));
        assert_eq!(in_edc_form(None)["componentResults"][0].get("failure"), None);
    }
}
