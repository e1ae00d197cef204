//! The document says what the listener does.

use super::bench::{Bench, KEY};
use crate::web::manage::api::document;
use actix_web::http::Method;
use actix_web::test::{TestRequest, read_body};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// A validator for each method, path and status; `None` where no body is described.
type Answers = BTreeMap<(String, String, u16), Option<jsonschema::Validator>>;

static ANSWERS: LazyLock<Answers> = LazyLock::new(|| {
    let mut out = Answers::new();
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                // Other media types are described as text, which says nothing.
                let any = response.get("content").map(|_| &Value::Bool(true));
                let schema = response.pointer("/content/application~1json/schema").or(any).map(|schema| {
                    let with_parts = json!({
                        "$schema": "https://json-schema.org/draft/2020-12/schema",
                        "allOf": [schema], "components": DOCUMENT["components"],
                    });
                    jsonschema::validator_for(&with_parts).unwrap()
                });
                let key = (method.to_uppercase(), path.clone(), status.parse().unwrap());
                out.insert(key, schema);
            }
        }
    }
    out
});

/// The described path that `path` is an instance of; fixed segments go before parameters.
fn template(method: &str, path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let given: Vec<&str> = path.split('/').collect();
    let fits = |template: &&String| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == given.len()
            && parts.iter().zip(&given).all(|(p, g)| p == g || (p.starts_with('{') && !g.is_empty()))
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let has = |template: &&String| paths[*template].get(method.to_lowercase()).is_some();
    paths.keys().filter(fits).filter(has).min_by_key(|t| t.matches('{').count()).cloned()
}

/// Holds an answer to the document. What the document does not have must be 404 or 405, or want the key first.
pub(super) fn check(method: &str, path: &str, status: u16, answer: Option<&Value>) {
    let Some(template) = template(method, path) else {
        assert!(
            [401, 404, 405].contains(&status),
            "{method} {path} is not in the document, but gave {status}"
        );
        return;
    };
    let key = (method.to_owned(), template, status);
    let described = ANSWERS.get(&key).unwrap_or_else(|| panic!("{key:?} is not in the document: {answer:?}"));
    match (described, answer) {
        (None, None) => {}
        (Some(schema), Some(answer)) => {
            let faults: Vec<String> =
                schema.iter_errors(answer).map(|e| format!("{} at {}", e, e.instance_path())).collect();
            assert!(faults.is_empty(), "{key:?}: {faults:#?} in {answer:#}");
        }
        (described, _) => panic!("{key:?}: body described {}, given {answer:?}", described.is_some()),
    }
}

#[tokio::test]
async fn the_document_has_what_is_mounted_and_nothing_else() {
    let bench = Bench::new().await;
    let mut count = 0;
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        let uri = path.replace("{id}", "none").replace("{seq}", "1");
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let request = TestRequest::with_uri(&uri)
                .method(Method::from_bytes(method.as_bytes()).unwrap())
                .insert_header(("X-Api-Key", KEY));
            let response = bench.send(request).await;
            let status = response.status().as_u16();
            if methods.get(method.to_lowercase()).is_some() {
                count += 1;
                let allow = response.headers().contains_key("allow");
                let body = read_body(response).await;
                let text = String::from_utf8_lossy(&body);
                assert!(!allow && status != 405 && !text.contains("there is no "), "{method} {path}: {text}");
            } else {
                // A path with a parameter may take what a fixed one does not have.
                let fallen = status == 404 && template(method, &uri).is_some();
                assert!(status == 405 || fallen, "{method} {path} is mounted: {status}");
                let allow = response.headers().get("allow").unwrap().to_str().unwrap().to_lowercase();
                let listed: Vec<String> = allow.split(", ").map(str::to_owned).collect();
                let described: Vec<String> = methods.as_object().unwrap().keys().cloned().collect();
                assert_eq!(listed, described, "{path}");
            }
        }
    }
    assert!(count > 120, "{count} operations");
}

#[tokio::test]
async fn everything_below_a_version_wants_the_key() {
    let bench = Bench::new().await;
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        let uri = path.replace("{id}", "none").replace("{seq}", "1");
        for (method, operation) in methods.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let status = bench.send(TestRequest::with_uri(&uri).method(method)).await.status().as_u16();
            let open = operation.get("security") == Some(&json!([]));
            assert_eq!(status != 401, open, "{path}: {status}");
            assert_eq!(open, !path.starts_with("/v"), "{path}");
        }
    }
}

#[tokio::test]
async fn document_and_page_are_served_without_the_key() {
    let bench = Bench::new().await;
    let response = bench.send(TestRequest::get().uri("/openapi.json")).await;
    assert_eq!(response.status().as_u16(), 200);
    let served: Value = serde_json::from_slice(&read_body(response).await).unwrap();
    assert_eq!(served, *DOCUMENT);
    assert_eq!(served["openapi"], "3.1.0");
    let response = bench.send(TestRequest::get().uri("/docs")).await;
    assert_eq!(response.headers().get("content-type").unwrap(), "text/html; charset=utf-8");
    let page = String::from_utf8(read_body(response).await.to_vec()).unwrap();
    for outside in ["http://", "https://", "src=", "@import"] {
        assert!(!page.contains(outside), "the page loads nothing from elsewhere: {outside}");
    }
    let response = bench.send(TestRequest::get().uri("/")).await;
    assert_eq!(
        (response.status().as_u16(), response.headers().get("location").unwrap().to_str().unwrap()),
        (303, "/docs")
    );
}

#[test]
fn every_operation_says_what_it_does_and_ids_are_unique() {
    let mut ids = std::collections::BTreeSet::new();
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
        }
    }
}

/// The page names each operation of v3, and says of each whether v4 has it.
#[test]
fn the_page_about_the_api_names_every_route() {
    let page = include_str!("../../../../../../docs/management-api.md");
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let mut named = 0;
    for (path, methods) in paths {
        let Some(path) = path.strip_prefix("/v3") else { continue };
        for method in methods.as_object().unwrap().keys() {
            let start = format!("| `{} {path}`", method.to_uppercase());
            let row = page.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{start}"));
            let v4 = paths.get(&format!("/v4{path}")).and_then(|methods| methods.get(method)).is_some();
            assert_eq!(row.contains("EDC has none"), !v4, "{row}");
            let empty =
                DOCUMENT.pointer(&format!("/paths/~1v3{}/{method}/responses/204", path.replace('/', "~1")));
            assert_eq!(row.starts_with(&format!("{start} *")), empty.is_some(), "{row}");
            named += 1;
        }
    }
    let rows = page.lines().filter(|line| line.contains("| yes")).count();
    assert_eq!(rows, named, "a row for each route, and no other");
}
