//! Sources behind HTTP.

use super::*;
use actix_web::http::header::{self as actix, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE};

const BODY: &str = "0123456789";

/// An upstream that knows ranges, wants a key, and has some faults.
async fn source(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match path.as_str() {
        "file" => {
            if header("x-key") != Some("s3cret") || header("x-tenant") != Some("t") {
                return HttpResponse::Unauthorized().finish();
            }
            if request.query_string() != "a=1&b=2" || header("accept-encoding") != Some("identity") {
                return HttpResponse::BadRequest().finish();
            }
            if header("if-none-match") == Some("\"up\"") {
                return HttpResponse::NotModified().insert_header((actix::ETAG, "\"up\"")).finish();
            }
            let range = header("range").filter(|_| header("if-range").is_none_or(|tag| tag == "\"up\""));
            match range.and_then(range::Spec::parse).map(|spec| spec.resolve(BODY.len() as u64)) {
                None => HttpResponse::Ok()
                    .insert_header((actix::ETAG, "\"up\""))
                    .insert_header(ContentType::plaintext())
                    .body(BODY),
                Some(None) => HttpResponse::RangeNotSatisfiable()
                    .insert_header((actix::CONTENT_RANGE, "bytes */10"))
                    .finish(),
                Some(Some((first, last))) => HttpResponse::PartialContent()
                    .insert_header((actix::ETAG, "\"up\""))
                    .insert_header((actix::CONTENT_RANGE, format!("bytes {first}-{last}/10")))
                    .body(&BODY[first as usize..=last as usize]),
            }
        }
        "plain" => HttpResponse::Ok().body(BODY),
        "chunked" => HttpResponse::Ok().streaming(futures_util::stream::iter(
            BODY.as_bytes().chunks(3).map(|part| Ok::<_, std::io::Error>(web::Bytes::from_static(part))),
        )),
        "moved" => HttpResponse::Found().insert_header((actix::LOCATION, "/plain")).finish(),
        _ => HttpResponse::NotFound().finish(),
    }
}

fn upstream() -> String {
    let server = HttpServer::new(|| App::new().route("/{path}", web::to(source)))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("bound");
    let url = format!("http://{}", server.addrs()[0]);
    tokio::spawn(server.run());
    url
}

fn address(base: &str, path: &str) -> Value {
    json!({
        "type": "HttpData", "baseUrl": format!("{base}?a=1"), "path": path, "queryParams": "b=2",
        "authKey": "X-Key", "secretName": "known", "header:X-Tenant": "t"
    })
}

#[actix_web::test]
async fn an_upstream_passes_through() {
    let (bench, base) = (Bench::new(), upstream());
    let mut unmeasured = asset(address(&base, "file"), None);
    unmeasured.properties.clear();
    bench.grant(unmeasured);
    let whole = bench.get().send().await.expect("an answer");
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.headers()[CONTENT_LENGTH], "10");
    assert_eq!(whole.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(whole.headers()[ETAG], "\"up\"");
    assert_eq!(whole.text().await.expect("a body"), BODY);
    let head = bench.client.head(bench.url()).bearer_auth(TOKEN).send().await.expect("an answer");
    assert_eq!(
        (head.status().as_u16(), &head.headers()[CONTENT_LENGTH]),
        (200, &"10".parse().expect("a value"))
    );
    // The upstream's own tag decides.
    for (tag, status, body) in [("\"up\"", 206, "34"), ("\"old\"", 200, BODY)] {
        let part =
            bench.get().header(RANGE, "bytes=3-4").header(IF_RANGE, tag).send().await.expect("an answer");
        assert_eq!(part.status(), status, "{tag}");
        assert_eq!(part.text().await.expect("a body"), body);
    }
    let same = bench.get().header(IF_NONE_MATCH, "\"up\"").send().await.expect("an answer");
    assert_eq!((same.status().as_u16(), same.headers()[ETAG].to_str().ok()), (304, Some("\"up\"")));
    let beyond = bench.get().header(RANGE, "bytes=10-").send().await.expect("an answer");
    assert_eq!(beyond.status(), 416);
    assert_eq!(beyond.headers()[CONTENT_RANGE], "bytes */10");
}

#[actix_web::test]
async fn a_measured_upstream_is_held_to_its_measure() {
    let (bench, base) = (Bench::new(), upstream());
    let data_address = address(&base, "file");
    let measured = bench.plane.measure(data_address.as_object().expect("an object")).await.expect("measured");
    assert_eq!(measured, Measured { sha256: sha(BODY.as_bytes()), byte_size: 10 });
    bench.grant(asset(data_address, Some(BODY.as_bytes())));
    let tag = format!("\"{}\"", measured.sha256);
    let part = bench.get().header(RANGE, "bytes=-3").header(IF_RANGE, &tag).send().await.expect("an answer");
    assert_eq!((part.status().as_u16(), part.headers()[ETAG].to_str().ok()), (206, Some(tag.as_str())));
    assert_eq!(part.headers()[CONTENT_RANGE], "bytes 7-9/10");
    assert_eq!(part.text().await.expect("a body"), "789");

    // Ranges that the upstream ignores are answered whole.
    let plain = json!({"type": "HttpData", "baseUrl": base, "path": "plain"});
    bench.grant(asset(plain.clone(), Some(BODY.as_bytes())));
    let whole = bench.get().header(RANGE, "bytes=1-2").send().await.expect("an answer");
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.text().await.expect("a body"), BODY);

    bench.grant(asset(plain, Some(b"shorter")));
    let changed = bench.get().send().await.expect("an answer");
    assert_eq!(changed.status(), 502);
    assert!(reason(changed).await.contains("source changed"));
}

#[actix_web::test]
async fn the_published_size_stands_in_for_a_missing_length() {
    let (bench, base) = (Bench::new(), upstream());
    let chunked = json!({"type": "HttpData", "baseUrl": base, "path": "chunked"});
    bench.grant(asset(chunked.clone(), Some(BODY.as_bytes())));
    let whole = bench.get().send().await.expect("an answer");
    assert_eq!(whole.headers()[CONTENT_LENGTH], "10");
    assert_eq!(whole.text().await.expect("a body"), BODY);
    for other in ["01234", "0123456789abc"] {
        bench.grant(asset(chunked.clone(), Some(other.as_bytes())));
        let response = bench.get().send().await.expect("an answer");
        assert!(response.bytes().await.is_err(), "{other} must not look complete");
    }
    bench.grant(asset(chunked, None));
    let unknown = bench.get().send().await.expect("an answer");
    assert_eq!(unknown.text().await.expect("a body"), BODY);
}

#[actix_web::test]
async fn upstream_faults_are_bad_gateways() {
    let (bench, base) = (Bench::new(), upstream());
    let http = |path: &str| json!({"type": "HttpData", "baseUrl": base, "path": path});
    let mut secret = http("plain");
    secret["secretName"] = json!("unknown");
    for (data_address, word) in [
        (http("nothing"), "status 404"),
        (http("moved"), "redirects"),
        (http("forbidden"), "not allowed"),
        (secret, "secret"),
        (json!({"type": "HttpData", "baseUrl": "http://127.0.0.1:1"}), "no connection"),
        (json!({"type": "Kafka"}), "Kafka"),
    ] {
        bench.grant(asset(data_address, None));
        let response = bench.get().send().await.expect("an answer");
        assert_eq!(response.status(), 502, "{word}");
        let reason = reason(response).await;
        assert!(reason.contains(word) && !reason.contains("127.0.0.1"), "{word}: {reason}");
    }
}
