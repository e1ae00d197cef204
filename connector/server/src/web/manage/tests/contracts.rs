//! Negotiations, agreements, transfers and data addresses.

use super::bench::{Bench, OWN, PEER, PEER_ADDRESS};
use super::{EDC, answered, context, one_error};
use crate::web::manage::output::Form;
use crate::web::manage::{jsonld, negotiations, transfers};
use engine::record::{AgreementRecord, Edr, NegotiationRecord, TransferRecord};
use ontology::time::Timestamp;
use protocol::agreement::Agreement;
use protocol::message::DataAddress;
use protocol::negotiation::{Finalized, Negotiation};
use protocol::role::Role;
use protocol::transfer::Transfer;
use serde_json::{Value, json};

const ODRL: &str = "http://www.w3.org/ns/odrl/2/";
const AT: Timestamp = Timestamp::from_millis(1_700_000_000_500);

/// The same contract request in the forms that clients send.
pub(super) fn requests() -> Vec<Value> {
    let plain = json!({
        "@context": context(), "@type": "ContractRequest", "counterPartyAddress": PEER_ADDRESS,
        "protocol": "dataspace-protocol-http:2025-1",
        "https://w3id.org/entente/v1/purpose": ["research", "teaching"],
        "policy": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "@id": "o:1:2", "assigner": PEER,
            "target": "a1", "permission": [{"action": "use"}], "prohibition": [], "obligation": []},
        "callbackAddresses": [{"uri": "http://cb.example/hook", "events": ["contract.negotiation", "transfer.process"],
            "transactional": false, "authKey": "x-api-key", "authCodeId": "alias"}],
    });
    let mut bare = plain.clone();
    bare.as_object_mut().unwrap().remove("@context");
    bare["policy"].as_object_mut().unwrap().remove("@context");
    let prefixed = json!({
        "@context": {"edc": EDC, "odrl": ODRL, "ent": "https://w3id.org/entente/v1/"}, "@type": "edc:ContractRequest",
        "edc:counterPartyAddress": PEER_ADDRESS, "edc:counterPartyId": PEER,
        "edc:protocol": "dataspace-protocol-http:2025-1", "ent:purpose": ["research", "teaching"],
        "edc:policy": {"@type": "odrl:Offer", "@id": "o:1:2", "odrl:assigner": {"@id": PEER},
            "odrl:target": {"@id": "a1"}, "odrl:permission": {"odrl:action": {"@id": "odrl:use"}}},
        "edc:callbackAddresses": {"edc:uri": "http://cb.example/hook",
            "edc:events": ["contract.negotiation", "transfer.process"], "edc:transactional": false,
            "edc:authKey": "x-api-key", "edc:authCodeId": "alias"},
    });
    let (e, o) = (|term: &str| format!("{EDC}{term}"), |term: &str| format!("{ODRL}{term}"));
    let value = |value: Value| json!([{"@value": value}]);
    let expanded = json!([{
        "@type": [e("ContractRequest")], e("counterPartyAddress"): value(json!(PEER_ADDRESS)),
        e("protocol"): value(json!("dataspace-protocol-http:2025-1")),
        "https://w3id.org/entente/v1/purpose": [{"@value": "research"}, {"@value": "teaching"}],
        e("policy"): [{"@type": [o("Offer")], "@id": "o:1:2", o("assigner"): [{"@id": PEER}],
            o("target"): [{"@id": "a1"}], o("permission"): [{o("action"): [{"@id": o("use")}]}]}],
        e("callbackAddresses"): [{e("uri"): value(json!("http://cb.example/hook")),
            e("events"): [{"@value": "contract.negotiation"}, {"@value": "transfer.process"}],
            e("transactional"): value(json!(false)), e("authKey"): value(json!("x-api-key")),
            e("authCodeId"): value(json!("alias"))}],
    }]);
    vec![plain, bare, prefixed, expanded]
}

fn callback() -> Value {
    json!({"@type": "CallbackAddress", "uri": "http://cb.example/hook",
        "events": ["contract.negotiation", "transfer.process"], "transactional": false, "authKey": "x-api-key",
        "authCodeId": "alias"})
}

#[test]
fn every_form_of_a_contract_request_is_the_same_order() {
    for body in requests() {
        let order = negotiations::read(&jsonld::expand(&body).unwrap()).unwrap();
        assert_eq!((order.peer.as_str(), order.address.as_str()), (PEER, PEER_ADDRESS), "{body:#}");
        assert_eq!(order.protocol, "dataspace-protocol-http:2025-1");
        assert_eq!(order.purpose, ["research", "teaching"]);
        assert_eq!(order.callback_addresses, [callback()]);
        let mut offer = order.offer;
        offer.as_object_mut().unwrap().remove("assigner");
        assert_eq!(
            offer,
            json!({"@id": "o:1:2", "@type": "Offer", "target": "a1", "permission": [{"action": "use"}]}),
            "{body:#}"
        );
    }
}

#[tokio::test]
async fn faults_of_contract_requests_name_their_place() {
    let bench = Bench::new().await;
    let base = requests().remove(0);
    let policy = format!("{EDC}policy");
    for (member, path) in [
        ("@id", "@id".to_owned()),
        ("target", format!("{ODRL}target")),
        ("assigner", format!("{ODRL}assigner")),
    ] {
        let mut body = base.clone();
        body["policy"].as_object_mut().unwrap().remove(member);
        let path = format!("{policy}/{path}");
        let message = format!("mandatory value '{path}' is missing or it is blank");
        let expected = one_error("ValidationFailure", &message, json!(path), Value::Null);
        assert_eq!(bench.call("POST", "/v3/contractnegotiations", &body).await, (400, expected));
    }
    let mut body = base.clone();
    body.as_object_mut().unwrap().remove("policy");
    let expected = one_error(
        "ValidationFailure",
        &format!("mandatory object '{policy}' is missing"),
        json!(policy),
        Value::Null,
    );
    assert_eq!(bench.call("POST", "/v3/contractnegotiations", &body).await, (400, expected));
    let (status, errors) =
        bench.call("POST", "/v3/contractnegotiations", &json!({"@context": context()})).await;
    assert_eq!((status, errors.as_array().unwrap().len()), (400, 2), "address and protocol: {errors:#}");
    let mut body = base.clone();
    body["counterPartyId"] = json!("did:web:somebody.example");
    let (status, error) = bench.call("POST", "/v3/contractnegotiations", &body).await;
    assert_eq!((status, &error[0]["invalidValue"]), (400, &json!(PEER)), "{error:#}");
    let mut body = base.clone();
    body["counterPartyAddress"] = json!("http://forbidden/dsp");
    let (status, error) = bench.call("POST", "/v3/contractnegotiations", &body).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}counterPartyAddress"))));
    let mut body = base;
    body["policy"]["permission"][0]["constraint"] =
        json!([{"leftOperand": "moonPhase", "operator": "eq", "rightOperand": "full"}]);
    let (status, error) = bench.call("POST", "/v3/contractnegotiations", &body).await;
    assert_eq!((status, &error[0]["type"]), (403, &json!("NotAuthorized")), "{error:#}");
}

#[tokio::test]
async fn negotiations_are_started_read_terminated_and_deleted() {
    let bench = Bench::new().await;
    let made = bench.ok("POST", "/v3/contractnegotiations", &requests()[0]).await;
    let id = made["@id"].as_str().unwrap().to_owned();
    let at = made["createdAt"].clone();
    assert_eq!(made, answered(json!({"@type": "IdResponse", "@id": id, "createdAt": at})));
    let path = format!("/v2/contractnegotiations/{id}");
    let expected = answered(json!({
        "@id": id, "@type": "ContractNegotiation", "type": "CONSUMER", "protocol": "dataspace-protocol-http:2025-1",
        "state": "REQUESTED", "counterPartyId": PEER, "counterPartyAddress": PEER_ADDRESS,
        "callbackAddresses": callback(), "createdAt": at, "stateTimestamp": at, "assetId": "a1",
    }));
    assert_eq!(bench.ok("GET", &path, &Value::Null).await, expected);
    for (filter, hits) in [(json!(200), 1), (json!(100), 0), (json!(1200), 0), (json!("REQUESTED"), 1)] {
        let query = json!({"@context": context(), "@type": "QuerySpec",
            "filterExpression": [{"operandLeft": "state", "operator": "=", "operandRight": filter}]});
        let found = bench.ok("POST", "/v3/contractnegotiations/request", &query).await;
        assert_eq!(found.as_array().unwrap().len(), hits, "{filter}");
    }
    assert_eq!(
        bench.ok("GET", &format!("{path}/state"), &Value::Null).await,
        answered(json!({"@type": "NegotiationState", "state": "REQUESTED"}))
    );
    let none = format!("Object of type ContractAgreement with ID={id} was not found");
    assert_eq!(
        bench.call("GET", &format!("{path}/agreement"), &Value::Null).await.1[0]["message"],
        json!(none)
    );
    let (status, error) = bench.call("DELETE", &path, &Value::Null).await;
    assert_eq!((status, &error[0]["type"]), (409, &json!("ObjectConflict")));
    let body = json!({"@context": context(), "@type": "TerminateNegotiation", "@id": id, "reason": "over"});
    bench.done("POST", &format!("{path}/terminate"), &body).await;
    let read = bench.ok("GET", &path, &Value::Null).await;
    assert_eq!((&read["state"], &read["errorDetail"]), (&json!("TERMINATED"), &json!("over")));
    let (status, errors) = bench.call("POST", &format!("{path}/terminate"), &body).await;
    assert_eq!((status, &errors[0]["type"]), (409, &json!("ObjectConflict")), "{errors:#}");
    bench.done("DELETE", &path, &Value::Null).await;
    assert_eq!(bench.call("GET", &path, &Value::Null).await.0, 404);
}

fn agreement() -> Agreement {
    Agreement::new(
        json!({"@id": "agr", "@type": "Agreement", "target": "a1", "assigner": PEER, "assignee": OWN,
        "timestamp": "2023-11-14T22:13:20Z", "permission": [{"action": "use"}]}),
    )
}

/// A contract of which we are the consumer, with its negotiation.
pub(super) async fn keep_contract(bench: &Bench) {
    bench
        .keep(&NegotiationRecord {
            pid: "neg".to_owned(),
            role: Role::Consumer,
            peer: PEER.to_owned(),
            peer_pid: Some("their-neg".to_owned()),
            peer_address: PEER_ADDRESS.to_owned(),
            dataset_id: "a1".to_owned(),
            offer_id: "o".to_owned(),
            definition_id: None,
            claims: policies::Claims::default(),
            credentials: Vec::new(),
            handling: engine::Handling::default(),
            asked: None,
            process: Negotiation::Finalized(Finalized { agreement: agreement() }),
            purpose: Vec::new(),
            callback_addresses: Vec::new(),
            protocol: "dataspace-protocol-http".to_owned(),
            created_at: AT,
            updated_at: AT,
            error_detail: None,
        })
        .await;
    bench
        .keep(&AgreementRecord {
            id: "agr".to_owned(),
            negotiation_pid: "neg".to_owned(),
            role: Role::Consumer,
            peer: PEER.to_owned(),
            dataset_id: "a1".to_owned(),
            agreement: agreement(),
            claims: [("spatial".to_owned(), vec!["FR".to_owned()])].into(),
            purpose: Vec::new(),
            handling: engine::Handling::default(),
            signed_at: AT,
            in_force: true,
            ended: None,
        })
        .await;
}

fn agreement_answer() -> Value {
    answered(json!({
        "@id": "agr", "@type": "ContractAgreement", "agreementId": "agr", "assetId": "a1",
        "policy": {"@id": "agr", "@type": "odrl:Agreement", "odrl:target": {"@id": "a1"},
            "odrl:assigner": {"@id": PEER}, "odrl:assignee": {"@id": OWN},
            "odrl:permission": {"odrl:action": {"@id": "odrl:use"}}, "odrl:prohibition": [], "odrl:obligation": []},
        "contractSigningDate": 1_700_000_000, "consumerId": OWN, "providerId": PEER, "claims": {"spatial": "FR"},
    }))
}

#[tokio::test]
async fn agreements_have_the_documented_form() {
    let bench = Bench::new().await;
    keep_contract(&bench).await;
    let expected = agreement_answer();
    assert_eq!(bench.ok("GET", "/v3/contractagreements/agr", &Value::Null).await, expected);
    assert_eq!(bench.ok("GET", "/v3/contractnegotiations/neg/agreement", &Value::Null).await, expected);
    let negotiation = answered(json!({
        "@id": "neg", "@type": "ContractNegotiation", "type": "CONSUMER", "protocol": "dataspace-protocol-http",
        "state": "FINALIZED", "counterPartyId": PEER, "counterPartyAddress": PEER_ADDRESS, "callbackAddresses": [],
        "createdAt": AT.millis(), "stateTimestamp": AT.millis(), "assetId": "a1", "contractAgreementId": "agr",
        "correlationId": "their-neg",
    }));
    assert_eq!(bench.ok("GET", "/v3/contractagreements/agr/negotiation", &Value::Null).await, negotiation);
    let find = async |path: &str, left: &str, operator: &str, right: Value| {
        let query = json!({"@context": context(),
            "filterExpression": [{"operandLeft": left, "operator": operator, "operandRight": right}]});
        bench.ok("POST", path, &query).await.as_array().unwrap().len()
    };
    let agreements = "/v3/contractagreements/request";
    for (left, operator, right, hits) in [
        ("contractSigningDate", "=", json!(1_700_000_000), 1),
        ("contractSigningDate", ">", json!(1_700_000_000), 0),
        ("contractSigningDate", "<=", json!(1_700_000_000), 1),
        ("contractSigningDate", "<", json!(1_700_000_000), 0),
        ("consumerId", "=", json!(OWN), 1),
        ("providerId", "=", json!(OWN), 0),
        ("assetId", "in", json!(["a0", "a1"]), 1),
    ] {
        assert_eq!(find(agreements, left, operator, right.clone()).await, hits, "{left} {operator} {right}");
    }
    let negotiations = "/v3/contractnegotiations/request";
    assert_eq!(find(negotiations, "contractAgreementId", "=", json!("agr")).await, 1);
    assert_eq!(find(negotiations, "contractAgreement.assetId", "=", json!("a2")).await, 0);
    assert_eq!(find(negotiations, "state", ">=", json!(1100)).await, 1);
    assert_eq!(find(negotiations, "type", "=", json!("PROVIDER")).await, 0);

    let whole = bench.ok("GET", "/v1/agreements/agr", &Value::Null).await;
    assert_eq!((&whole["inForce"], &whole["agreement"]), (&json!(true), &agreement().to_wire()));
    let check = bench.ok("POST", "/v1/agreements/agr/verify", &Value::Null).await;
    assert_eq!((&check["valid"], check["signatures"].as_array().unwrap().len()), (&json!(false), 2));
    bench.done("POST", "/v1/agreements/agr/end", &json!({"reason": "sold"})).await;
    let whole = bench.ok("GET", "/v1/agreements/agr", &Value::Null).await;
    assert_eq!((&whole["inForce"], &whole["ended"]["reason"]), (&json!(false), &json!("sold")));
    assert_eq!(bench.call("POST", "/v1/agreements/agr/end", &Value::Null).await.0, 409);
}

pub(super) fn transfer_request() -> Value {
    json!({"@context": context(), "@type": "TransferRequestDto", "connectorId": PEER, "assetId": "a1",
        "counterPartyAddress": PEER_ADDRESS, "contractId": "agr", "protocol": "dataspace-protocol-http",
        "transferType": "HttpData-PULL", "dataDestination": {"type": "HttpData", "baseUrl": "http://sink.example"},
        "privateProperties": {}, "callbackAddresses": []})
}

#[test]
fn every_form_of_a_transfer_request_is_the_same_order() {
    let mut bare = transfer_request();
    bare.as_object_mut().unwrap().remove("@context");
    let prefixed = json!({"@context": {"edc": EDC}, "@type": "edc:TransferRequest", "edc:contractId": "agr",
        "edc:counterPartyAddress": PEER_ADDRESS, "edc:protocol": "dataspace-protocol-http",
        "edc:transferType": "HttpData-PULL"});
    let value = |text: &str| json!([{"@value": text}]);
    let expanded = json!([{format!("{EDC}contractId"): value("agr"), format!("{EDC}counterPartyAddress"): value(PEER_ADDRESS),
        format!("{EDC}protocol"): value("dataspace-protocol-http"), format!("{EDC}transferType"): value("HttpData-PULL")}]);
    for body in [transfer_request(), bare, prefixed, expanded] {
        let order = transfers::read(&jsonld::expand(&body).unwrap()).unwrap();
        assert_eq!(
            (&*order.address, &*order.agreement_id, &*order.format, &*order.protocol),
            (PEER_ADDRESS, "agr", "HttpData-PULL", "dataspace-protocol-http"),
            "{body:#}"
        );
        assert!(order.callback_addresses.is_empty());
    }
}

#[tokio::test]
async fn transfers_are_started_read_and_ended() {
    let bench = Bench::new().await;
    let (status, error) = bench.call("POST", "/v3/transferprocesses", &transfer_request()).await;
    assert_eq!((status, &error[0]["path"]), (400, &json!(format!("{EDC}contractId"))), "{error:#}");
    let (status, errors) = bench.call("POST", "/v3/transferprocesses", &json!({"@context": context()})).await;
    assert_eq!((status, errors.as_array().unwrap().len()), (400, 4), "{errors:#}");
    keep_contract(&bench).await;
    let made = bench.ok("POST", "/v2/transferprocesses", &transfer_request()).await;
    let id = made["@id"].as_str().unwrap().to_owned();
    let at = made["createdAt"].clone();
    let path = format!("/v3/transferprocesses/{id}");
    let expected = answered(json!({
        "@id": id, "@type": "TransferProcess", "type": "CONSUMER", "state": "REQUESTED", "stateTimestamp": at,
        "createdAt": at, "callbackAddresses": [], "assetId": "a1", "contractId": "agr", "transferType": "HttpData-PULL",
    }));
    assert_eq!(bench.ok("GET", &path, &Value::Null).await, expected);
    let query = json!({"filterExpression": [{"operandLeft": "contractId", "operator": "=", "operandRight": "agr"},
        {"operandLeft": "state", "operator": "in", "operandRight": [500, 600]}]});
    assert_eq!(bench.ok("POST", "/v3/transferprocesses/request", &query).await, json!([expected]));
    assert_eq!(
        bench.ok("GET", &format!("{path}/state"), &Value::Null).await,
        answered(json!({"@type": "TransferState", "state": "REQUESTED"}))
    );
    let reason = json!({"@context": context(), "reason": "r"});
    for act in ["suspend", "resume"] {
        let (status, errors) = bench.call("POST", &format!("{path}/{act}"), &reason).await;
        assert_eq!((status, &errors[0]["type"]), (409, &json!("ObjectConflict")), "{act}: {errors:#}");
    }
    bench.done("POST", &format!("{path}/deprovision"), &Value::Null).await;
    bench.done("POST", &format!("{path}/terminate"), &reason).await;
    let read = bench.ok("GET", &path, &Value::Null).await;
    assert_eq!((&read["state"], &read["errorDetail"]), (&json!("TERMINATED"), &json!("r")));
    for act in ["terminate", "suspend", "deprovision"] {
        let (status, _) = bench.call("POST", &format!("/v3/transferprocesses/none/{act}"), &reason).await;
        assert_eq!(status, 404, "{act}");
    }
}

#[test]
fn a_transfer_as_provider_has_the_documented_form() {
    let record = TransferRecord {
        pid: "t".to_owned(),
        role: Role::Provider,
        peer: PEER.to_owned(),
        peer_pid: Some("their-t".to_owned()),
        peer_address: PEER_ADDRESS.to_owned(),
        agreement_id: "agr".to_owned(),
        dataset_id: "a1".to_owned(),
        format: "HttpData-PULL".to_owned(),
        process: Transfer::open("HttpData-PULL"),
        token_sha256: Some("never shown".to_owned()),
        token_expires: None,
        callback_addresses: vec![json!({"uri": "a"}), json!({"uri": "b"})],
        protocol: "dataspace-protocol-http".to_owned(),
        created_at: AT,
        updated_at: AT,
        error_detail: Some("why".to_owned()),
    };
    assert_eq!(
        transfers::write(Form::V3, &record),
        json!({"@id": "t", "@type": "TransferProcess", "type": "PROVIDER", "state": "REQUESTED",
            "stateTimestamp": AT.millis(), "createdAt": AT.millis(),
            "callbackAddresses": [{"uri": "a"}, {"uri": "b"}], "correlationId": "their-t", "assetId": "a1",
            "contractId": "agr", "transferType": "HttpData-PULL", "errorDetail": "why"})
    );
}

#[tokio::test]
async fn data_addresses_are_found_read_and_forgotten() {
    let bench = Bench::new().await;
    bench
        .keep(&Edr {
            transfer_pid: "t".to_owned(),
            agreement_id: "agr".to_owned(),
            negotiation_pid: "neg".to_owned(),
            dataset_id: "a1".to_owned(),
            provider: PEER.to_owned(),
            address: DataAddress::http_pull("https://peer.example/data/t", "token"),
            created_at: AT,
        })
        .await;
    let entry = answered(json!({
        "@id": "t", "@type": "EndpointDataReferenceEntry", "providerId": PEER, "assetId": "a1", "agreementId": "agr",
        "transferProcessId": "t", "createdAt": AT.millis(), "contractNegotiationId": "neg",
    }));
    for (left, right, hits) in
        [("agreementId", "agr", 1), ("transferProcessId", "t", 1), ("providerId", "x", 0)]
    {
        let query = json!({"@context": context(), "@type": "QuerySpec",
            "filterExpression": [{"operandLeft": left, "operator": "=", "operandRight": right}]});
        let found = bench.ok("POST", "/v3/edrs/request", &query).await;
        assert_eq!(found, if hits == 1 { json!([entry]) } else { json!([]) }, "{left}");
    }
    let http = "https://w3id.org/idsa/v4.1/HTTP";
    assert_eq!(
        bench.ok("GET", "/v3/edrs/t/dataaddress?auto_refresh=true", &Value::Null).await,
        answered(json!({"@type": "DataAddress", "type": http, "endpoint": "https://peer.example/data/t",
            "authType": "bearer", "endpointType": http, "authorization": "token"}))
    );
    bench.done("DELETE", "/v3/edrs/t", &Value::Null).await;
    assert_eq!(bench.call("DELETE", "/v3/edrs/t", &Value::Null).await.0, 404);
    assert_eq!(
        bench.ok("GET", "/v3/dataplanes", &Value::Null).await,
        json!([answered(
            json!({"@id": "http", "@type": "DataPlaneInstance", "url": "https://own.example/data",
            "allowedSourceTypes": ["HttpData", "File"], "allowedTransferTypes": "HttpData-PULL", "state": "AVAILABLE"})
        )])
    );
}
