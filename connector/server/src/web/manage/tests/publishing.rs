//! Assets, contract definitions and secrets.

use super::bench::{Bench, open_policy};
use super::{EDC, answered, context, one_error, timeless};
use crate::web::manage::output::Form;
use crate::web::manage::{assets, contract_definitions, jsonld, secrets};
use serde_json::{Value, json};

/// The same asset in the forms that clients send.
fn asset_forms() -> Vec<Value> {
    let plain = json!({
        "@context": context(), "@id": "a1", "@type": "Asset",
        "properties": {"name": "n", "contenttype": "text/csv", "http://purl.org/dc/terms/title": "T"},
        "privateProperties": {"k": "v"},
        "dataAddress": {"type": "HttpData", "baseUrl": "http://src.example", "proxyPath": "true", "header:X-A": "1"},
    });
    let mut bare = plain.clone();
    bare.as_object_mut().unwrap().remove("@context");
    let prefixed = json!({
        "@context": {"edc": EDC, "dct": "http://purl.org/dc/terms/"}, "@id": "a1", "@type": "edc:Asset",
        "edc:properties": {"edc:name": "n", "edc:contenttype": "text/csv", "dct:title": "T"},
        "edc:privateProperties": {"edc:k": "v"},
        "edc:dataAddress": {"@type": "edc:DataAddress", "edc:type": "HttpData", "edc:baseUrl": "http://src.example",
            "edc:proxyPath": "true", "header:X-A": "1"},
    });
    let value = |text: &str| json!([{"@value": text}]);
    let expanded = json!([{
        "@id": "a1", "@type": [format!("{EDC}Asset")],
        format!("{EDC}properties"): [{
            format!("{EDC}name"): value("n"), format!("{EDC}contenttype"): value("text/csv"),
            "http://purl.org/dc/terms/title": value("T")}],
        format!("{EDC}privateProperties"): [{format!("{EDC}k"): value("v")}],
        format!("{EDC}dataAddress"): [{
            format!("{EDC}type"): value("HttpData"), format!("{EDC}baseUrl"): value("http://src.example"),
            format!("{EDC}proxyPath"): value("true"), "header:X-A": value("1")}],
    }]);
    vec![plain, bare, prefixed, expanded]
}

fn asset_answer() -> Value {
    json!({
        "@id": "a1", "@type": "Asset",
        "properties": {"name": "n", "contenttype": "text/csv", "http://purl.org/dc/terms/title": "T", "id": "a1"},
        "privateProperties": {"k": "v"},
        "dataAddress": {"@type": "DataAddress", "type": "HttpData", "baseUrl": "http://src.example",
            "proxyPath": "true", "header:X-A": "1"},
    })
}

#[test]
fn every_form_of_an_asset_is_the_same_asset() {
    for body in asset_forms() {
        let asset = assets::read(&jsonld::expand(&body).unwrap()).unwrap();
        assert_eq!(timeless(assets::write(Form::V3, &asset)), asset_answer(), "{body:#}");
        assert!(asset.properties.contains_key(&format!("{EDC}name")), "stored under IRIs");
    }
}

#[tokio::test]
async fn assets_are_made_read_changed_and_deleted() {
    let bench = Bench::new().await;
    for body in asset_forms() {
        let made = bench.ok("POST", "/v3/assets", &body).await;
        assert!(made["createdAt"].as_i64().unwrap() > 1_600_000_000_000, "milliseconds");
        assert_eq!(timeless(made), answered(json!({"@type": "IdResponse", "@id": "a1"})));
        let read = bench.ok("GET", "/v3/assets/a1", &Value::Null).await;
        assert_eq!(read.as_object().unwrap().keys().next_back().unwrap(), "@context");
        assert_eq!(timeless(read.clone()), answered(asset_answer()));
        assert_eq!(bench.ok("POST", "/v3/assets/request", &Value::Null).await, json!([read]));
        let conflict =
            one_error("ObjectConflict", "Asset with ID=a1 exists already", Value::Null, Value::Null);
        assert_eq!(bench.call("POST", "/v3/assets", &body).await, (409, conflict));
        // What was read can be written.
        bench.done("PUT", "/v3/assets", &read).await;
        assert_eq!(bench.ok("GET", "/v3/assets/a1", &Value::Null).await, read);
        bench.done("DELETE", "/v3/assets/a1", &Value::Null).await;
        assert_eq!(bench.call("DELETE", "/v3/assets/a1", &Value::Null).await.0, 404);
        assert_eq!(bench.call("PUT", "/v3/assets", &body).await.0, 404);
    }
    let fresh = bench.ok("POST", "/v3/assets", &json!({"properties": {}})).await;
    assert_eq!(fresh["@id"].as_str().unwrap().len(), 36, "an id is made up");
    let inner = bench.ok("POST", "/v3/assets", &json!({"properties": {"id": "inner"}})).await;
    assert_eq!(inner["@id"], "inner");
}

#[tokio::test]
async fn faults_of_assets_name_their_place() {
    let bench = Bench::new().await;
    let missing = |path: &str| format!("mandatory value '{path}' is missing or it is blank");
    let type_path = format!("{EDC}dataAddress/{EDC}type");
    let url_path = format!("{EDC}dataAddress/{EDC}baseUrl");
    let properties = format!("{EDC}properties");
    for (body, message, path, invalid) in [
        (
            json!({"@id": "x"}),
            format!("mandatory object '{properties}' is missing"),
            properties.clone(),
            Value::Null,
        ),
        (
            json!({"@id": " ", "properties": {}}),
            "@id cannot be blank".to_owned(),
            "@id".to_owned(),
            json!(" "),
        ),
        (
            json!({"properties": {}, "dataAddress": {"baseUrl": "x"}}),
            missing(&type_path),
            type_path,
            Value::Null,
        ),
        (
            json!({"properties": {}, "dataAddress": {"type": "HttpData", "baseUrl": "http://forbidden"}}),
            "http://forbidden is refused: private".to_owned(),
            url_path,
            json!("http://forbidden"),
        ),
        (
            json!({"properties": {"k": 1}, "privateProperties": {"k": 1}}),
            format!("properties: {EDC}k is public and private at once"),
            properties.clone(),
            Value::Null,
        ),
    ] {
        let expected = one_error("ValidationFailure", &message, json!(path), invalid);
        assert_eq!(bench.call("POST", "/v3/assets", &body).await, (400, expected));
    }
    let nameless = bench.call("PUT", "/v3/assets", &json!({"properties": {}})).await;
    assert_eq!(nameless, (400, one_error("ValidationFailure", &missing("@id"), json!("@id"), Value::Null)));
}

#[tokio::test]
async fn sources_are_measured() {
    let bench = Bench::new().await;
    std::fs::write(bench.files.path().join("d.csv"), "a,b\n").unwrap();
    let address = json!({"type": "File", "path": "d.csv"});
    bench.ok("POST", "/v3/assets", &json!({"@id": "f", "properties": {}, "dataAddress": address})).await;
    let kept: engine::record::Asset = bench.state.engine.get("f").await.unwrap();
    assert_eq!(kept.byte_size, Some(4));
    assert_eq!(kept.sha256.unwrap().len(), 64);
    std::fs::write(bench.files.path().join("d.csv"), "a,b,c\n").unwrap();
    let read = bench.ok("GET", "/v3/assets/f", &Value::Null).await;
    bench.done("PUT", "/v3/assets", &read).await;
    let kept: engine::record::Asset = bench.state.engine.get("f").await.unwrap();
    assert_eq!(kept.byte_size, Some(6), "measured again");

    let gone = json!({"properties": {}, "dataAddress": {"type": "File", "path": "none.csv"}});
    let (status, error) = bench.call("POST", "/v3/assets", &gone).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}dataAddress"))), "{error:#}");
    // Nobody listens there, so only one that is to be measured fails.
    let http = |digest: Value| {
        json!({"@id": "h", "properties": {"https://w3id.org/entente/v1/digest": digest},
            "dataAddress": {"type": "HttpData", "baseUrl": "http://127.0.0.1:9/x"}})
    };
    assert_eq!(bench.call("POST", "/v3/assets", &http(json!("compute"))).await.0, 400);
    assert_eq!(bench.call("POST", "/v3/assets", &http(json!("none"))).await.0, 200);
    let read = bench.ok("GET", "/v3/assets/h", &Value::Null).await;
    assert_eq!(read["properties"], json!({"id": "h"}), "the wish is private: {read:#}");
    assert_eq!(read["privateProperties"], json!({"https://w3id.org/entente/v1/digest": "none"}));
}

#[test]
fn every_form_of_a_contract_definition_is_the_same() {
    let plain = json!({"@context": context(), "@id": "c1", "accessPolicyId": "p", "contractPolicyId": "q",
        "assetsSelector": [{"@type": "Criterion", "operandLeft": format!("{EDC}id"), "operator": "in",
            "operandRight": ["a"]}]});
    let mut single = plain.clone();
    single["assetsSelector"] = single["assetsSelector"][0].clone();
    let prefixed = json!({"@context": {"edc": EDC}, "@id": "c1", "edc:accessPolicyId": "p", "edc:contractPolicyId": "q",
        "edc:assetsSelector": [{"@type": "edc:Criterion", "edc:operandLeft": format!("{EDC}id"),
            "edc:operator": "in", "edc:operandRight": ["a"]}]});
    let value = |text: &str| json!([{"@value": text}]);
    let expanded = json!([{"@id": "c1", format!("{EDC}accessPolicyId"): value("p"),
        format!("{EDC}contractPolicyId"): value("q"), format!("{EDC}assetsSelector"): [{
            "@type": [format!("{EDC}Criterion")], format!("{EDC}operandLeft"): value(&format!("{EDC}id")),
            format!("{EDC}operator"): value("in"), format!("{EDC}operandRight"): value("a")}]}]);
    let answer = json!({"@id": "c1", "@type": "ContractDefinition", "accessPolicyId": "p", "contractPolicyId": "q",
        "assetsSelector": {"@type": "Criterion", "operandLeft": format!("{EDC}id"), "operator": "in",
            "operandRight": "a"}});
    for body in [plain, single, prefixed, expanded] {
        let made = contract_definitions::read(&jsonld::expand(&body).unwrap()).unwrap();
        assert_eq!(made.assets_selector[0].operand_right, json!(["a"]), "{body:#}");
        assert_eq!(timeless(contract_definitions::write(Form::V3, &made)), answer);
        let again = contract_definitions::read(&jsonld::expand(&answered(answer.clone())).unwrap()).unwrap();
        assert_eq!(again.assets_selector, made.assets_selector, "what goes out can come in");
    }
}

#[tokio::test]
async fn contract_definitions_are_made_read_changed_and_deleted() {
    let bench = Bench::new().await;
    let body = json!({"@context": context(), "@id": "c1", "accessPolicyId": "p", "contractPolicyId": "p",
        "assetsSelector": []});
    let (status, error) = bench.call("POST", "/v3/contractdefinitions", &body).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}accessPolicyId"))), "{error:#}");
    bench.ok("POST", "/v3/policydefinitions", &open_policy("p")).await;
    bench.ok("POST", "/v3/contractdefinitions", &body).await;
    let read = bench.ok("GET", "/v3/contractdefinitions/c1", &Value::Null).await;
    assert_eq!(
        timeless(read.clone()),
        answered(
            json!({"@id": "c1", "@type": "ContractDefinition", "accessPolicyId": "p", "contractPolicyId": "p",
            "assetsSelector": []})
        )
    );
    assert_eq!(bench.ok("POST", "/v3/contractdefinitions/request", &json!({})).await, json!([read]));
    bench.done("PUT", "/v3/contractdefinitions", &read).await;
    let used = bench.call("DELETE", "/v3/policydefinitions/p", &Value::Null).await;
    assert_eq!((used.0, &used.1[0]["type"]), (409, &json!("ObjectConflict")));
    bench.done("DELETE", "/v3/contractdefinitions/c1", &Value::Null).await;
    bench.done("DELETE", "/v3/policydefinitions/p", &Value::Null).await;

    let (status, errors) = bench.call("POST", "/v3/contractdefinitions", &json!({"@id": "c"})).await;
    let paths: Vec<&str> = errors.as_array().unwrap().iter().filter_map(|e| e["path"].as_str()).collect();
    assert_eq!(
        (status, paths),
        (400, vec![&*format!("{EDC}accessPolicyId"), &*format!("{EDC}contractPolicyId")])
    );
    let mut odd = body.clone();
    odd["assetsSelector"] = json!([{"operandLeft": "id", "operator": "near", "operandRight": "x"}]);
    let path = json!(format!("{EDC}assetsSelector/{EDC}operator"));
    let expected = one_error("ValidationFailure", "Operator near is not supported", path, json!("near"));
    assert_eq!(bench.call("POST", "/v3/contractdefinitions", &odd).await, (400, expected));
}

#[tokio::test]
async fn secrets_are_never_given_back() {
    let bench = Bench::new().await;
    let body = json!({"@context": context(), "@type": "Secret", "@id": "alias", "value": "hush"});
    assert_eq!(bench.ok("POST", "/v3/secrets", &body).await["@id"], "alias");
    let read = bench.ok("GET", "/v3/secrets/alias", &Value::Null).await;
    assert_eq!(timeless(read), answered(json!({"@type": "Secret", "@id": "alias"})));
    bench.done("PUT", "/v3/secrets", &json!({"@id": "alias", "value": "other"})).await;
    let kept: engine::record::Secret = bench.state.engine.get("alias").await.unwrap();
    assert_eq!(kept.value, "other");
    let events = bench.ok("GET", "/v1/events", &Value::Null).await;
    assert!(!events.to_string().contains("hush"), "{events:#}");
    bench.done("DELETE", "/v3/secrets/alias", &Value::Null).await;
    let (status, error) = bench.call("POST", "/v3/secrets", &json!({"@id": "x", "value": " "})).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}value"))));
    let made = secrets::read(&jsonld::expand(&json!({"@id": "x", "value": "v"})).unwrap()).unwrap();
    assert_eq!(timeless(secrets::write(&made)), json!({"@id": "x", "@type": "Secret"}));
}
