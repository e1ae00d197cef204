//! Status lines and headers of the answers.

use super::SourceError;
use super::body::{Body, HeadOnly};
use super::permit::Denied;
use super::source::{Content, Known};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::record::Asset;
use ontology::{dcat, dct, edc};
use serde_json::{Value, json};

fn refusal(status: StatusCode, code: &str, reason: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"data\", error=\"invalid_token\""));
    }
    response.json(json!({"code": code, "reason": reason}))
}

/// 401, 403 or 404.
pub(super) fn denied(denied: &Denied) -> HttpResponse {
    match denied {
        Denied::Unknown => {
            refusal(StatusCode::UNAUTHORIZED, "unauthorized", "the token is missing or not known here")
        }
        Denied::Expired => refusal(StatusCode::UNAUTHORIZED, "expired", "the token has expired"),
        Denied::OtherTransfer => {
            refusal(StatusCode::NOT_FOUND, "not-found", "the token opens no such transfer")
        }
        Denied::Revoked(reason) => {
            refusal(StatusCode::FORBIDDEN, "revoked", &format!("access was revoked: {reason}"))
        }
    }
}

/// 502.
pub(super) fn source_failed(error: &SourceError) -> HttpResponse {
    refusal(StatusCode::BAD_GATEWAY, "source", &error.to_string())
}

/// 412.
pub(super) fn precondition_failed() -> HttpResponse {
    refusal(StatusCode::PRECONDITION_FAILED, "precondition", "the content is not the one named by If-Match")
}

/// 416.
pub(super) fn unsatisfiable(total: Option<u64>) -> HttpResponse {
    let mut response = refusal(StatusCode::RANGE_NOT_SATISFIABLE, "range", "nothing of the range exists");
    if let Some(range) = total.and_then(|total| HeaderValue::from_str(&format!("bytes */{total}")).ok()) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

/// 304.
pub(super) fn not_modified(tag: Option<&str>) -> HttpResponse {
    let mut response = HttpResponse::NotModified();
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(tag).ok()) {
        response.insert_header((ETAG, tag));
    }
    response.insert_header((CACHE_CONTROL, "private, no-cache"));
    response.finish()
}

/// 200 or 206 with bytes.
pub(super) fn content(asset: &Asset, known: &Known, content: &Content, body: Body) -> HttpResponse {
    describe(asset, known, content).body(body)
}

/// 200 without bytes.
pub(super) fn head(asset: &Asset, known: &Known, content: &Content) -> HttpResponse {
    describe(asset, known, content).body(HeadOnly(content.length))
}

fn describe(asset: &Asset, known: &Known, content: &Content) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    let mut set = |name, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            response.insert_header((name, value));
        }
    };
    let media_type = media_type(asset).or_else(|| content.media_type.clone());
    set(CONTENT_TYPE, Some(media_type.as_deref().unwrap_or("application/octet-stream")));
    set(CONTENT_ENCODING, content.encoding.as_deref());
    set(ETAG, known.tag.as_deref().or(content.tag.as_deref()));
    set(ACCEPT_RANGES, Some("bytes"));
    // Holders of the token only, and only while it works.
    set(CACHE_CONTROL, Some("private, no-cache"));
    set(X_CONTENT_TYPE_OPTIONS, Some("nosniff"));
    if let Some(digest) = known.sha256 {
        response.insert_header(("Repr-Digest", format!("sha-256=:{}:", STANDARD.encode(digest))));
    }
    if let Some((first, last)) = content.part {
        let total = content.total.map_or_else(|| "*".to_owned(), |total| total.to_string());
        response.status(StatusCode::PARTIAL_CONTENT);
        response.insert_header((CONTENT_RANGE, format!("bytes {first}-{last}/{total}")));
    }
    if let Some(length) = content.length {
        response.no_chunking(length);
    }
    response
}

/// The media type that the publisher gave.
fn media_type(asset: &Asset) -> Option<String> {
    [edc::CONTENTTYPE, dcat::MEDIA_TYPE, edc::MEDIA_TYPE, edc::CONTENT_TYPE, dct::FORMAT]
        .into_iter()
        .filter_map(|key| asset.properties.get(key).and_then(text))
        .map(|text| text.rsplit_once("media-types/").map_or(text, |(_, name)| name))
        .find(|text| text.contains('/') && !text.contains("://"))
        .map(str::to_owned)
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items.first().and_then(text),
        Value::Object(members) => {
            members.get("@value").or_else(|| members.get("@id")).and_then(Value::as_str)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ontology::time::Timestamp;

    #[test]
    fn media_types_are_found_in_every_form() {
        let asset = |key: &str, value: Value| Asset {
            id: "a".into(),
            properties: [(key.to_owned(), value)].into_iter().collect(),
            private_properties: serde_json::Map::new(),
            data_address: serde_json::Map::new(),
            sha256: None,
            byte_size: None,
            created_at: Timestamp::from_millis(0),
        };
        let iana = "https://www.iana.org/assignments/media-types/text/csv";
        for (key, value) in [
            (edc::CONTENTTYPE, json!("text/csv")),
            (dcat::MEDIA_TYPE, json!({"@id": iana})),
            (dcat::MEDIA_TYPE, json!([{"@value": "text/csv"}])),
        ] {
            assert_eq!(media_type(&asset(key, value)).as_deref(), Some("text/csv"), "{key}");
        }
        assert_eq!(media_type(&asset(dct::FORMAT, json!("CSV"))), None);
    }
}
