//! The document, and a page for people that shows it. Both are open: they say nothing about this participant.

use super::operation::{Answer, Api};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| super::document::document().to_string());
const PAGE: &str = include_str!("page.html");
/// Only what is in the page itself runs, and it talks only to this listener.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn operations(api: &mut Api) {
    api.group("Documentation");
    api.get("/openapi.json", document)
        .about("This document")
        .gives(Answer::Media(vec![("application/json", Some("Anything"))]));
    api.get("/docs", page)
        .about("The API for people: reads this document and tries calls")
        .gives(Answer::Media(vec![("text/html", None)]));
    api.get("/", start).about("Leads to the page").gives_as(303, Answer::Nothing);
}

async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())
}

async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(PAGE)
}

async fn start() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, "/docs")).finish()
}
