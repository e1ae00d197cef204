//! QuerySpec and the mapping of faults.

use super::bench::Bench;
use super::{EDC, context, one_error};
use crate::web::manage::error::ApiError;
use crate::web::manage::query;
use actix_web::ResponseError as _;
use actix_web::body::MessageBody as _;
use engine::Fault;
use engine::port::Query;
use engine::record::{Criterion, Kind};
use serde_json::{Value, json};

fn spec(left: &str, operator: &str, right: Value) -> Value {
    json!({"@context": context(), "@type": "QuerySpec", "filterExpression":
        [{"@type": "Criterion", "operandLeft": left, "operator": operator, "operandRight": right}]})
}

fn criterion(kind: Kind, left: &str, operator: &str, right: Value) -> (String, String, Value) {
    let query = query::parse(&spec(left, operator, right), kind).unwrap();
    let Criterion { operand_left, operator, operand_right } = query.filter.into_iter().next().unwrap();
    (operand_left, operator, operand_right)
}

#[test]
fn every_form_of_a_query_is_the_same() {
    let plain = json!({"@context": context(), "@type": "QuerySpec", "offset": 5, "limit": 10, "sortOrder": "DESC",
        "sortField": "createdAt", "filterExpression": [{"@type": "Criterion", "operandLeft": format!("{EDC}name"),
            "operator": "=", "operandRight": "n"}]});
    let mut bare = plain.clone();
    bare.as_object_mut().unwrap().remove("@context");
    let prefixed = json!({"@context": {"edc": EDC}, "edc:offset": 5, "edc:limit": 10, "edc:sortOrder": "DESC",
        "edc:sortField": "createdAt", "edc:filterExpression": {"edc:operandLeft": format!("{EDC}name"),
            "edc:operator": "=", "edc:operandRight": "n"}});
    let value = |value: Value| json!([{"@value": value}]);
    let expanded = json!([{format!("{EDC}offset"): value(json!(5)), format!("{EDC}limit"): value(json!("10")),
        format!("{EDC}sortOrder"): value(json!("DESC")), format!("{EDC}sortField"): value(json!("createdAt")),
        format!("{EDC}filterExpression"): [{format!("{EDC}operandLeft"): value(json!(format!("{EDC}name"))),
            format!("{EDC}operator"): value(json!("=")), format!("{EDC}operandRight"): value(json!("n"))}]}]);
    let expected = Query {
        offset: 5,
        limit: 10,
        sort_field: Some("createdAt".to_owned()),
        descending: true,
        filter: vec![Criterion {
            operand_left: format!("properties.'{EDC}name'"),
            operator: "=".to_owned(),
            operand_right: json!("n"),
        }],
    };
    for body in [plain, bare, prefixed, expanded] {
        assert_eq!(query::parse(&body, Kind::Asset).unwrap(), expected, "{body:#}");
    }
    assert_eq!(query::parse(&json!({}), Kind::Asset).unwrap(), Query::default());
}

#[test]
fn codes_of_states_become_names() {
    let negotiation = |operator: &str, right: Value| criterion(Kind::Negotiation, "state", operator, right);
    let at = "process.state".to_owned();
    assert_eq!(negotiation("=", json!(1200)), (at.clone(), "=".to_owned(), json!("FINALIZED")));
    assert_eq!(negotiation("=", json!("1200")).2, json!("FINALIZED"));
    assert_eq!(negotiation("=", json!("FINALIZED")).2, json!("FINALIZED"));
    assert_eq!(negotiation("=", json!(1300)).2, json!("TERMINATING"), "a state that is never found");
    assert_eq!(negotiation("=", json!(17)).2, json!(17));
    assert_eq!(negotiation("in", json!([200, 1400])).2, json!(["REQUESTED", "TERMINATED"]));
    assert_eq!(
        negotiation(">=", json!(1200)),
        (at, "in".to_owned(), json!(["FINALIZED", "TERMINATING", "TERMINATED"]))
    );
    assert_eq!(criterion(Kind::Transfer, "state", "=", json!(600)).2, json!("STARTED"));
    assert_eq!(criterion(Kind::Transfer, "state", "<", json!(250)).2, json!(["INITIAL", "PROVISIONING"]));
    assert_eq!(criterion(Kind::Transfer, "type", "=", json!("PROVIDER")).2, json!("provider"));
    assert_eq!(criterion(Kind::Transfer, "type", "like", json!("PROV%")).2, json!("prov%"));
    assert_eq!(criterion(Kind::Asset, "state", "=", json!(600)).2, json!(600), "assets have no states");
}

#[test]
fn what_is_no_query_is_refused_by_place() {
    let within = |term: &str| format!("{EDC}filterExpression/{EDC}{term}");
    for (body, path) in [
        (json!({"limit": 0}), format!("{EDC}limit")),
        (json!({"limit": "many"}), format!("{EDC}limit")),
        (json!({"offset": -1}), format!("{EDC}offset")),
        (json!({"sortOrder": "UP"}), format!("{EDC}sortOrder")),
        (json!({"sortField": "'open"}), format!("{EDC}sortField")),
        (spec("'open", "=", json!(1)), within("operandLeft")),
        (spec(" ", "=", json!(1)), within("operandLeft")),
        (spec("name", "near", json!(1)), within("operator")),
        (spec("name", "=", json!([1, 2])), within("operandRight")),
        (spec("name", "=", json!([])), within("operandRight")),
    ] {
        let error = query::parse(&body, Kind::Asset).unwrap_err();
        assert_eq!(error.status_code().as_u16(), 400, "{body}");
        assert_eq!(answer(&error)[0]["path"], json!(path), "{body}");
    }
    let error = query::parse(&json!({"limit": 0}), Kind::Asset).unwrap_err();
    let message = format!("optional value '{EDC}limit' must be greater than 0");
    assert_eq!(
        answer(&error),
        one_error("ValidationFailure", &message, json!(format!("{EDC}limit")), json!(0))
    );
}

#[tokio::test]
async fn operators_work_on_stored_assets() {
    let bench = Bench::new().await;
    for (id, year, tags) in
        [("a1", 2023, json!(["x", "y"])), ("a2", 2024, json!(["y", "z"])), ("a3", 2025, json!([]))]
    {
        let body = json!({"@context": context(), "@id": id,
            "properties": {"name": format!("Name {id}"), "year": year, "tags": tags, "o": {"p": id}},
            "privateProperties": {"secret": id}});
        bench.ok("POST", "/v3/assets", &body).await;
    }
    for (left, operator, right, found) in [
        ("id", "=", json!("a1"), "a1"),
        (&*format!("{EDC}id"), "in", json!(["a1", "a3"]), "a1 a3"),
        ("id", "in", json!("a2"), "a2"),
        ("id", "NOT IN", json!(["a2"]), "a1 a3"),
        ("year", ">", json!(2023), "a2 a3"),
        ("year", "<=", json!(2024), "a1 a2"),
        ("name", "like", json!("Name%"), "a1 a2 a3"),
        ("name", "like", json!("name%"), ""),
        ("name", "ilike", json!("name a2"), "a2"),
        ("tags", "contains", json!("y"), "a1 a2"),
        ("missing", "!=", json!("x"), ""),
        (&*format!("privateProperties.'{EDC}secret'"), "=", json!("a3"), "a3"),
        (&*format!("'{EDC}o'.'{EDC}p'"), "=", json!("a2"), "a2"),
    ] {
        let answer = bench.ok("POST", "/v3/assets/request", &spec(left, operator, right.clone())).await;
        let ids: Vec<&str> = answer.as_array().unwrap().iter().filter_map(|a| a["@id"].as_str()).collect();
        assert_eq!(ids.join(" "), found, "{left} {operator} {right}");
    }
    let page = json!({"offset": 1, "limit": 1, "sortField": format!("{EDC}year"), "sortOrder": "DESC"});
    assert_eq!(bench.ok("POST", "/v3/assets/request", &page).await[0]["@id"], "a2");
}

fn answer(error: &ApiError) -> Value {
    let body = error.error_response().into_body().try_into_bytes().unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn faults_have_the_documented_status_and_type() {
    for (fault, status, kind, message, path) in [
        (
            Fault::malformed("contractId", "r"),
            400,
            "ValidationFailure",
            "contractId: r",
            json!(format!("{EDC}contractId")),
        ),
        (Fault::Unauthenticated("u".to_owned()), 401, "AuthenticationFailed", "u", Value::Null),
        (Fault::refused("no"), 403, "NotAuthorized", "no", Value::Null),
        (
            Fault::not_found(Kind::Asset, "x"),
            404,
            "ObjectNotFound",
            "Object of type Asset with ID=x was not found",
            Value::Null,
        ),
        (Fault::Conflict("c".to_owned()), 409, "ObjectConflict", "c", Value::Null),
        (Fault::Peer("p".to_owned()), 502, "BadGateway", "p", Value::Null),
        (Fault::Busy("b".to_owned()), 503, "Unavailable", "b", Value::Null),
        (Fault::Full, 507, "StorageFull", "the disk is full; nothing was changed", Value::Null),
        (Fault::Internal("i".to_owned()), 500, "Unexpected", "i", Value::Null),
    ] {
        let error = ApiError::from(fault);
        assert_eq!(error.status_code().as_u16(), status, "{error}");
        assert_eq!(answer(&error), one_error(kind, message, path, Value::Null));
    }
    let illegal = Fault::IllegalState {
        state: "TERMINATED".to_owned(),
        reason: "it is over".to_owned(),
        legal: vec!["none".to_owned()],
    };
    let error = answer(&ApiError::from(illegal));
    assert_eq!((&error[0]["message"], &error[0]["legalActions"]), (&json!("it is over"), &json!(["none"])));
    let several = Fault::Refused { reasons: vec!["a".to_owned(), "b".to_owned()], verdict: None };
    assert_eq!(answer(&ApiError::from(several)).as_array().unwrap().len(), 2);
    let busy = ApiError::from(Fault::Busy("b".to_owned())).error_response();
    assert_eq!(busy.headers().get("retry-after").unwrap(), "1");
}
