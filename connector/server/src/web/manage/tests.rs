//! Bodies in and out in the documented forms.

use super::jsonld::expand;
use super::{assets, definitions, error, negotiations, output, policies, query, transfers};
use actix_web::ResponseError as _;
use engine::port::Query;
use engine::record::Kind;
use serde_json::{Value, json};

const EDC: &str = "https://w3id.org/edc/v0.0.1/ns/";

fn status(error: &error::ApiError) -> u16 {
    error.status_code().as_u16()
}

#[test]
fn every_form_of_an_asset_is_the_same_asset() {
    let plain = json!({
        "@context": {"@vocab": EDC}, "@id": "a1", "properties": {"name": "n", "contenttype": "text/csv"},
        "privateProperties": {"k": "v"}, "dataAddress": {"type": "HttpData", "baseUrl": "http://s"},
    });
    let mut bare = plain.clone();
    bare.as_object_mut().unwrap().remove("@context");
    let prefixed = json!({
        "@context": {"edc": EDC}, "@id": "a1", "@type": "edc:Asset",
        "edc:properties": {"edc:name": "n", "edc:contenttype": "text/csv"}, "edc:privateProperties": {"edc:k": "v"},
        "edc:dataAddress": {"@type": "edc:DataAddress", "edc:type": "HttpData", "edc:baseUrl": "http://s"},
    });
    let expanded = json!({
        "@id": "a1",
        format!("{EDC}properties"): [{format!("{EDC}name"): [{"@value": "n"}], format!("{EDC}contenttype"): [{"@value": "text/csv"}]}],
        format!("{EDC}privateProperties"): [{format!("{EDC}k"): [{"@value": "v"}]}],
        format!("{EDC}dataAddress"): [{format!("{EDC}type"): [{"@value": "HttpData"}], format!("{EDC}baseUrl"): [{"@value": "http://s"}]}],
    });
    let written = |body: &Value| {
        let mut out = assets::write(&assets::read(&expand(body).unwrap()).unwrap());
        out.as_object_mut().unwrap().remove("createdAt");
        out
    };
    let expected = json!({
        "@id": "a1", "@type": "Asset", "properties": {"name": "n", "contenttype": "text/csv", "id": "a1"},
        "privateProperties": {"k": "v"}, "dataAddress": {"@type": "DataAddress", "type": "HttpData", "baseUrl": "http://s"},
    });
    for body in [plain, bare, prefixed, expanded] {
        assert_eq!(written(&body), expected, "{body:#}");
    }
}

#[test]
fn mandatory_fields_are_named_by_path() {
    let context = json!({"@vocab": EDC});
    let asset = assets::read(&expand(&json!({"@context": context, "@id": "x"})).unwrap()).unwrap_err();
    assert_eq!(status(&asset), 400);
    let no_type = json!({"@context": context, "properties": {"name": "n"}, "dataAddress": {"baseUrl": "x"}});
    let error = assets::read(&expand(&no_type).unwrap()).unwrap_err();
    assert!(format!("{error:?}").contains("dataAddress/https://w3id.org/edc/v0.0.1/ns/type"), "{error:?}");
    let blank = json!({"@context": context, "@id": " ", "properties": {"name": "n"}});
    assert!(assets::read(&expand(&blank).unwrap()).is_err());
    let transfer =
        json!({"@context": context, "contractId": "c", "transferType": "HttpData-PULL", "protocol": "p"});
    let error = transfers::read(&expand(&transfer).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("mandatory value '{EDC}counterPartyAddress' is missing or it is blank")
    );
}

#[test]
fn policies_leave_in_the_documented_form() {
    let body = json!({
        "@context": {"@vocab": EDC}, "@id": "p1", "policy": {
            "@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set",
            "permission": [{"action": "use", "constraint": [
                {"leftOperand": "inForceDate", "operator": "lteq", "rightOperand": "contractAgreement+30d"}]}],
            "prohibition": [], "obligation": []},
    });
    let mut definition = policies::read(&expand(&body).unwrap()).unwrap();
    definition.policy = ::policies::Policy::parse(&definition.policy).unwrap().to_json();
    let out = policies::write(&definition);
    assert_eq!(out["@type"], "PolicyDefinition");
    let policy = &out["policy"];
    assert_eq!(policy["@type"], "odrl:Set");
    assert_eq!(policy["odrl:prohibition"], json!([]));
    let permission = &policy["odrl:permission"];
    assert_eq!(permission["odrl:action"], json!({"@id": "odrl:use"}), "one entry stands for itself");
    assert_eq!(permission["odrl:constraint"]["odrl:operator"], json!({"@id": "odrl:lteq"}));
    // What goes out can come back in.
    let again = json!({"@context": {"@vocab": EDC, "odrl": "http://www.w3.org/ns/odrl/2/"}, "@id": "p1", "policy": policy});
    let again = policies::read(&expand(&again).unwrap()).unwrap();
    let parsed = ::policies::Policy::parse(&again.policy).unwrap();
    assert!(parsed.same_terms(&::policies::Policy::parse(&definition.policy).unwrap()));
}

#[test]
fn a_contract_request_keeps_offer_target_and_purpose() {
    let body = json!({
        "@context": {"@vocab": EDC}, "@type": "ContractRequest", "counterPartyAddress": "http://p/dsp/2025-1",
        "protocol": "dataspace-protocol-http:2025-1", "https://w3id.org/entente/v1/purpose": ["research"],
        "policy": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "@id": "o:1:2",
            "assigner": "did:web:p", "target": "a1", "permission": [{"action": "use"}]},
    });
    let order = negotiations::read(&expand(&body).unwrap()).unwrap();
    assert_eq!(order.peer, "did:web:p");
    assert_eq!(order.offer["@id"], "o:1:2");
    assert_eq!(order.offer["target"], "a1");
    assert_eq!(order.purpose, ["research"]);
    let mut without = body.clone();
    without["policy"].as_object_mut().unwrap().remove("target");
    let error = negotiations::read(&expand(&without).unwrap()).unwrap_err();
    assert!(error.to_string().contains("target"), "{error}");
}

#[test]
fn queries_map_to_the_stored_documents() {
    let parse = |kind: Kind, body: Value| -> Query { query::parse(&body, kind).unwrap() };
    let spec = |left: &str, right: Value| {
        json!({"@context": {"@vocab": EDC}, "offset": 5, "limit": 10, "sortOrder": "DESC", "sortField": "createdAt",
            "filterExpression": [{"operandLeft": left, "operator": "=", "operandRight": right}]})
    };
    let found = parse(Kind::Asset, spec("https://w3id.org/edc/v0.0.1/ns/name", json!("n")));
    assert_eq!((found.offset, found.limit, found.descending), (5, 10, true));
    assert_eq!(found.sort_field.as_deref(), Some("createdAt"));
    assert_eq!(found.filter[0].operand_left, format!("properties.'{EDC}name'"));
    assert_eq!(parse(Kind::Asset, spec("id", json!("a"))).filter[0].operand_left, "id");
    let state = parse(Kind::Negotiation, spec("state", json!(1200)));
    assert_eq!(
        (state.filter[0].operand_left.as_str(), &state.filter[0].operand_right),
        ("process.state", &json!("FINALIZED"))
    );
    let role = parse(Kind::Transfer, spec("type", json!("PROVIDER")));
    assert_eq!(role.filter[0].operand_right, json!("provider"));
    for bad in [json!({"limit": 0}), json!({"offset": -1}), json!({"sortOrder": "UP"})] {
        assert_eq!(status(&query::parse(&bad, Kind::Asset).unwrap_err()), 400, "{bad}");
    }
    assert_eq!(parse(Kind::Asset, json!({})), Query::default());
}

#[test]
fn contract_definitions_collapse_and_return() {
    let body = json!({"@context": {"@vocab": EDC}, "@id": "c1", "accessPolicyId": "p", "contractPolicyId": "q",
        "assetsSelector": [{"@type": "Criterion", "operandLeft": "id", "operator": "in", "operandRight": ["a"]}]});
    let definition = definitions::read(&expand(&body).unwrap()).unwrap();
    assert_eq!(definition.assets_selector[0].operand_right, json!(["a"]));
    let out = output::with_context(definitions::write(&definition));
    assert_eq!(out["assetsSelector"]["operator"], "in");
    assert_eq!(out.as_object().unwrap().keys().next_back().map(String::as_str), Some("@context"));
}

#[test]
fn catalogues_have_the_prefixes_that_clients_look_for() {
    let plain = json!({
        "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"], "@id": "c", "@type": "Catalog",
        "participantId": "did:web:p", "service": [{"@id": "s", "@type": "DataService", "endpointURL": "http://p"}],
        "dataset": [{"@id": "a1", "@type": "Dataset", "http://purl.org/dc/terms/title": "T",
            "hasPolicy": [{"@id": "o", "@type": "Offer", "permission": [{"action": "use"}]}],
            "distribution": [{"@type": "Distribution", "format": "HttpData-PULL", "accessService": "s"}]}],
    });
    let out = output::catalogue(&plain);
    assert_eq!(out["@type"], "dcat:Catalog");
    assert_eq!(out["dspace:participantId"], json!({"@id": "did:web:p"}));
    let dataset = &out["dcat:dataset"];
    assert_eq!((&dataset["id"], &dataset["dct:title"]), (&json!("a1"), &json!("T")));
    assert_eq!(dataset["odrl:hasPolicy"]["odrl:permission"]["odrl:action"], json!({"@id": "odrl:use"}));
    assert_eq!(dataset["dcat:distribution"]["dct:format"], json!({"@id": "HttpData-PULL"}));
    assert_eq!(out["@context"]["@vocab"], EDC);
}

#[test]
fn faults_have_their_status() {
    use engine::Fault;
    for (fault, code) in [
        (Fault::malformed("f", "r"), 400),
        (Fault::refused("no"), 403),
        (Fault::not_found(Kind::Asset, "x"), 404),
        (Fault::Conflict("c".to_owned()), 409),
        (Fault::Peer("p".to_owned()), 502),
        (Fault::Busy("b".to_owned()), 503),
        (Fault::Full, 507),
    ] {
        assert_eq!(status(&error::ApiError::from(fault)), code);
    }
}
