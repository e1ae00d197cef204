//! Key, limits and errors of the API as a whole.

use super::bench::{BODY_LIMIT, Bench, KEY};
use super::one_error;
use actix_web::test::{TestRequest, read_body};
use serde_json::{Value, json};

#[tokio::test]
async fn nothing_is_answered_without_the_key() {
    let bench = Bench::new().await;
    for path in ["/v3/assets/x", "/v2/policydefinitions/x", "/v1/status", "/v3/nonsense"] {
        for (header, value, message) in [
            ("X-Other", "x", "x-api-key not found"),
            ("X-Api-Key", "", "x-api-key not found"),
            ("X-Api-Key", "test-keY", "Request could not be authenticated"),
            ("Authorization", "Bearer other", "Request could not be authenticated"),
        ] {
            let response = bench.send(TestRequest::get().uri(path).insert_header((header, value))).await;
            assert_eq!(response.status().as_u16(), 401, "{path} {header}");
            assert_eq!(response.headers().get("www-authenticate").unwrap(), "Bearer");
            let body: Value = serde_json::from_slice(&read_body(response).await).unwrap();
            assert_eq!(body, one_error("AuthenticationFailed", message, Value::Null, Value::Null));
        }
    }
    let bearer = ("Authorization", format!("Bearer {KEY}"));
    let response = bench.send(TestRequest::get().uri("/v1/status").insert_header(bearer)).await;
    assert_eq!(response.status().as_u16(), 200);
}

#[tokio::test]
async fn what_is_not_there_is_an_error_array() {
    let bench = Bench::new().await;
    for (method, path) in
        [("GET", "/v3/nonsense"), ("GET", "/v4/edrs/x"), ("GET", "/v2/assets/x"), ("GET", "/v1/x")]
    {
        let message = format!("there is no {method} {path}");
        let expected = one_error("ObjectNotFound", &message, Value::Null, Value::Null);
        assert_eq!(bench.call(method, path, &Value::Null).await, (404, expected));
    }
    for (path, kind) in [
        ("/v3/assets/x", "Asset"),
        ("/v3/policydefinitions/x", "PolicyDefinition"),
        ("/v3/contractdefinitions/x", "ContractDefinition"),
        ("/v3/contractnegotiations/x", "ContractNegotiation"),
        ("/v3/contractnegotiations/x/state", "ContractNegotiation"),
        ("/v3/contractagreements/x", "ContractAgreement"),
        ("/v3/transferprocesses/x", "TransferProcess"),
        ("/v3/edrs/x/dataaddress", "EndpointDataReferenceEntry"),
        ("/v3/secrets/x", "Secret"),
    ] {
        let message = format!("Object of type {kind} with ID=x was not found");
        let expected = one_error("ObjectNotFound", &message, Value::Null, Value::Null);
        assert_eq!(bench.call("GET", path, &Value::Null).await, (404, expected));
    }
}

#[tokio::test]
async fn bodies_are_bounded_and_must_be_json() {
    let bench = Bench::new().await;
    let large = json!({"x": "x".repeat(BODY_LIMIT)});
    let message = format!("the body is larger than {BODY_LIMIT} bytes");
    let expected = one_error("InvalidRequest", &message, Value::Null, Value::Null);
    assert_eq!(bench.call("POST", "/v3/assets", &large).await, (413, expected));

    let (status, error) = bench.text("POST", "/v3/assets", "{\"@id\": \"x\",\n \"properties\": {]}").await;
    assert_eq!((status, &error[0]["type"]), (400, &json!("InvalidRequest")));
    let message = error[0]["message"].as_str().unwrap();
    assert!(message.starts_with("the body is not JSON") && message.contains("line 2 column 17"), "{message}");

    for empty in ["", "null"] {
        let expected = one_error("InvalidRequest", "input json is null", Value::Null, Value::Null);
        assert_eq!(bench.text("POST", "/v3/assets", empty).await, (400, expected));
    }
    for odd in ["[]", "1", "\"x\""] {
        assert_eq!(bench.text("POST", "/v3/assets", odd).await.0, 400, "{odd}");
    }
    let unknown = json!({"@context": "https://nowhere.example/c", "@id": "x", "properties": {}});
    let (status, error) = bench.call("POST", "/v3/assets", &unknown).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!("@context")), "{error:#}");
    assert!(error[0]["message"].as_str().unwrap().contains("https://nowhere.example/c"));
}

#[tokio::test]
async fn ids_may_hold_slashes_and_colons() {
    let bench = Bench::new().await;
    let asset = json!({"@id": "urn:a/b c?", "properties": {"name": "n"}});
    assert_eq!(bench.ok("POST", "/v3/assets", &asset).await["@id"], "urn:a/b c?");
    let path = format!("/v3/assets/{}", engine::publish::dataset::segment("urn:a/b c?"));
    assert_eq!(bench.ok("GET", &path, &Value::Null).await["@id"], "urn:a/b c?");
}

#[tokio::test]
async fn our_own_additions_answer() {
    let bench = Bench::new().await;
    let status = bench.ok("GET", "/v1/status", &Value::Null).await;
    assert_eq!((&status["did"], &status["assets"]), (&json!(super::bench::OWN), &json!(0)));

    let ask = "ASK { ?s ?p ?o }";
    let answer = bench
        .ok("POST", "/v1/sparql", &json!({"query": ask, "accept": "application/sparql-results+json"}))
        .await;
    assert_eq!(answer["boolean"], true, "our own catalogue is there");
    let direct = TestRequest::post()
        .uri("/v1/sparql")
        .insert_header(("X-Api-Key", KEY))
        .insert_header(("Content-Type", "application/sparql-query"))
        .insert_header(("Accept", "application/sparql-results+json"))
        .set_payload(ask);
    assert_eq!(bench.send(direct).await.status().as_u16(), 200);
    for (body, status) in [
        (json!({"query": "nonsense"}), 400),
        (json!({"query": "INSERT DATA { <urn:a> <urn:b> 1 }"}), 400),
        (json!({}), 400),
        (json!({"query": ask, "accept": "image/png"}), 406),
    ] {
        let (given, error) = bench.call("POST", "/v1/sparql", &body).await;
        assert_eq!(given, status, "{error:#}");
        assert!(error[0]["message"].is_string() && error[0]["type"].is_string(), "{error:#}");
    }

    let policy = json!({"@type": "Set", "permission": [{"action": "use"}]});
    for lang in ["en", "fr"] {
        let told = bench.ok("POST", "/v1/policy/explain", &json!({"policy": policy, "lang": lang})).await;
        assert!(!told["sentences"].as_array().unwrap().is_empty(), "{told:#}");
        assert_eq!(told["unsupported"], json!([]));
    }
    let (status, error) =
        bench.call("POST", "/v1/policy/explain", &json!({"policy": policy, "lang": "xx"})).await;
    assert_eq!((status, &error[0]["path"], &error[0]["invalidValue"]), (400, &json!("lang"), &json!("xx")));

    bench.ok("POST", "/v3/assets", &json!({"@id": "e1", "properties": {}})).await;
    bench.done("DELETE", "/v3/assets/e1", &Value::Null).await;
    let events = bench.ok("GET", "/v1/events?after=0&limit=10", &Value::Null).await;
    let kinds: Vec<&str> =
        events["events"].as_array().unwrap().iter().filter_map(|e| e["type"].as_str()).collect();
    assert_eq!(kinds, ["asset.created", "asset.deleted"]);
    let second = bench.ok("GET", "/v1/events?after=1", &Value::Null).await;
    assert_eq!((second["events"].as_array().unwrap().len(), &second["next"]), (1, &events["next"]));
    assert_eq!(second["events"][0]["source"], json!(super::bench::OWN));
    let none = bench.ok("GET", "/v1/events?type=contract.", &Value::Null).await;
    assert_eq!(none["events"], json!([]));
    for bad in ["/v1/events?after=x", "/v1/events?limit=0"] {
        let (status, error) = bench.call("GET", bad, &Value::Null).await;
        assert_eq!(status, 400);
        assert!(error[0]["message"].is_string(), "{error:#}");
    }
}
