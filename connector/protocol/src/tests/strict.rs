//! What is refused, and which member is blamed.

use super::{agreement, offer};
use crate::message::{
    self as m, CatalogError, ContractNegotiation, ContractNegotiationError, Malformed, VersionResponse,
    parse_negotiation, parse_transfer,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn request() -> Value {
    m::ContractRequestMessage::initial("urn:c", offer(), "https://c.example/dsp").to_json()
}

fn agreed() -> Value {
    m::ContractAgreementMessage::new("urn:p".to_owned(), "urn:c".to_owned(), agreement()).to_json()
}

/// Sets (or, with null, removes) the member at a JSON pointer.
fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match (parent, new) {
        (Value::Object(members), Value::Null) => drop(members.shift_remove(name)),
        (Value::Object(members), new) => drop(members.insert(name.to_owned(), new)),
        (Value::Array(items), new) => items[name.parse::<usize>().unwrap()] = new,
        _ => panic!("{pointer} has no parent"),
    }
    value
}

#[track_caller]
fn blames(result: Result<impl std::fmt::Debug, Malformed>, field: &str) {
    let fault = result.unwrap_err();
    assert_eq!(fault.field, field, "{fault}");
    assert!(!fault.reason.is_empty());
}

#[track_caller]
fn negotiation_blames(base: &Value, pointer: &str, new: Value, field: &str) {
    blames(parse_negotiation(with(base.clone(), pointer, new)), field);
}

#[test]
fn the_envelope_is_checked() {
    let base = request();
    assert!(parse_negotiation(base.clone()).is_ok());
    for context in [json!("https://w3id.org/dspace/2025/1/context.jsonld"), json!([]), json!([1]), json!({})]
    {
        negotiation_blames(&base, "/@context", context, "@context");
    }
    negotiation_blames(&base, "/@context", json!(["https://example.org/other"]), "@context");
    negotiation_blames(&base, "/@context", Value::Null, "@context");
    negotiation_blames(&base, "/@type", json!("dspace:ContractRequestMessage"), "@type");
    negotiation_blames(&base, "/@type", json!(["ContractRequestMessage"]), "@type");
    negotiation_blames(&base, "/@type", Value::Null, "@type");
    negotiation_blames(&base, "/@type", json!("TransferStartMessage"), "@type");
    negotiation_blames(&base, "/@id", json!(7), "@id");
    negotiation_blames(&base, "/@id", json!(""), "@id");
    blames(parse_negotiation(json!("text")), "body");
    blames(parse_transfer(json!([])), "body");
    blames(parse_transfer(base), "@type");
}

#[test]
fn another_context_beside_ours_is_fine() {
    let context = json!(["https://example.org/profile", "https://w3id.org/dspace/2025/1/context.jsonld"]);
    let message = parse_negotiation(with(request(), "/@context", context.clone())).unwrap();
    assert_eq!(message.to_json()["@context"], context);
}

#[test]
fn a_request_has_a_callback_or_a_process() {
    let base = request();
    negotiation_blames(&base, "/providerPid", json!("urn:p"), "callbackAddress");
    negotiation_blames(&base, "/callbackAddress", Value::Null, "callbackAddress");
    negotiation_blames(&base, "/consumerPid", Value::Null, "consumerPid");
    negotiation_blames(&base, "/consumerPid", json!("  "), "consumerPid");
    negotiation_blames(&base, "/consumerPid", json!({"@id": "urn:c"}), "consumerPid");
    for url in
        ["c.example", "ftp://c.example", "https://", "https:///path", "https://c.example/a b", "http://?x"]
    {
        negotiation_blames(&base, "/callbackAddress", json!(url), "callbackAddress");
    }
    assert!(parse_negotiation(with(base, "/callbackAddress", json!("HTTP://c.example:1"))).is_ok());
    let counter = m::ContractRequestMessage::counter("urn:c", "urn:p", offer()).to_json();
    assert!(parse_negotiation(counter.clone()).is_ok());
    negotiation_blames(&counter, "/providerPid", json!(1), "providerPid");
}

#[test]
fn an_offer_message_needs_a_target() {
    let base = m::ContractOfferMessage::reply("urn:p", "urn:c", offer()).to_json();
    assert!(parse_negotiation(base.clone()).is_ok());
    negotiation_blames(&base, "/offer/target", Value::Null, "offer.target");
    negotiation_blames(&base, "/callbackAddress", json!("https://p.example"), "callbackAddress");
    negotiation_blames(&base, "/consumerPid", Value::Null, "callbackAddress");
    let initial = m::ContractOfferMessage::initial("urn:p", offer(), "https://p.example").to_json();
    assert!(parse_negotiation(initial).is_ok());
    assert!(parse_negotiation(with(request(), "/offer/target", Value::Null)).is_ok());
}

#[test]
fn policies_have_the_shape_of_the_schema() {
    let base = request();
    let constraint = "offer.permission[0].constraint[0]";
    for (pointer, new, field) in [
        ("/offer", json!("urn:offer"), "offer"),
        ("/offer", Value::Null, "offer"),
        ("/offer/@id", Value::Null, "offer.@id"),
        ("/offer/@type", json!("Agreement"), "offer.@type"),
        ("/offer/target", json!({"@id": "urn:d"}), "offer.target"),
        ("/offer/assigner", json!(1), "offer.assigner"),
        ("/offer/profile", json!([1]), "offer.profile"),
        ("/offer/permission", Value::Null, "offer.permission"),
        ("/offer/permission", json!([]), "offer.permission"),
        ("/offer/permission", json!({"action": "use"}), "offer.permission"),
        ("/offer/obligation", json!([]), "offer.obligation"),
        ("/offer/prohibition", json!(["use"]), "offer.prohibition[0]"),
        ("/offer/permission/0/target", json!("urn:d"), "offer.permission[0].target"),
        ("/offer/permission/0/action", Value::Null, "offer.permission[0].action"),
        ("/offer/permission/0/action", json!({"@id": "use"}), "offer.permission[0].action"),
        ("/offer/permission/0/constraint", json!({}), "offer.permission[0].constraint"),
        ("/offer/permission/0/constraint/0", json!([]), constraint),
    ] {
        negotiation_blames(&base, pointer, new, field);
    }
    let atomic = "/offer/permission/0/constraint/0";
    for (name, new) in [
        ("leftOperand", Value::Null),
        ("leftOperand", json!({"@id": "purpose"})),
        ("operator", json!("equals")),
        ("operator", json!("odrl:eq")),
        ("rightOperand", Value::Null),
        ("rightOperand", json!(5)),
        ("rightOperand", json!(true)),
    ] {
        negotiation_blames(&base, &format!("{atomic}/{name}"), new, &format!("{constraint}.{name}"));
    }
    for right in [json!("text"), json!(["a", "b"]), json!({"@value": "5"})] {
        assert!(parse_negotiation(with(base.clone(), &format!("{atomic}/rightOperand"), right)).is_ok());
    }
    assert!(parse_negotiation(with(base.clone(), "/offer/profile", json!("https://p"))).is_ok());
    let prohibition = with(base, "/offer/permission", Value::Null);
    let prohibition = with(prohibition, "/offer/prohibition", json!([{"action": "distribute"}]));
    assert!(parse_negotiation(prohibition).is_ok());
}

#[test]
fn logical_constraints_have_one_operator() {
    let base = request();
    let pointer = "/offer/permission/0/constraint/0";
    let field = "offer.permission[0].constraint[0]";
    let atomic = json!({"leftOperand": "purpose", "operator": "eq", "rightOperand": "x"});
    for operator in ["and", "andSequence", "or", "xone"] {
        let nested = json!({operator: [atomic, {"or": [atomic, atomic]}]});
        assert!(parse_negotiation(with(base.clone(), pointer, nested)).is_ok());
    }
    negotiation_blames(&base, pointer, json!({"and": [atomic], "xone": [atomic]}), &format!("{field}.xone"));
    negotiation_blames(&base, pointer, json!({"and": atomic}), &format!("{field}.and"));
    let mixed = json!({"or": [atomic], "leftOperand": "purpose"});
    negotiation_blames(&base, pointer, mixed, &format!("{field}.leftOperand"));
    let inner = json!({"or": [atomic, {"leftOperand": "purpose"}]});
    negotiation_blames(&base, pointer, inner, &format!("{field}.or[1].operator"));
    let deep = (0..100).fold(atomic, |inner, _| json!({"and": [inner]}));
    let fault = parse_negotiation(with(base, pointer, deep)).unwrap_err();
    assert!(fault.reason.contains("deep"), "{fault}");
}

#[test]
fn agreements_name_their_parties_and_time() {
    let base = agreed();
    assert!(parse_negotiation(base.clone()).is_ok());
    for name in ["target", "assigner", "assignee", "@id", "@type"] {
        negotiation_blames(&base, &format!("/agreement/{name}"), Value::Null, &format!("agreement.{name}"));
    }
    for time in
        [json!("2026-01-02"), json!("yesterday at T"), json!(1_700_000_000), json!("2026-13-01T00:00:00Z")]
    {
        negotiation_blames(&base, "/agreement/timestamp", time, "agreement.timestamp");
    }
    assert!(parse_negotiation(with(base.clone(), "/agreement/timestamp", Value::Null)).is_ok());
    negotiation_blames(&base, "/providerPid", Value::Null, "providerPid");
    negotiation_blames(&base, "/agreement", Value::Null, "agreement");
}

#[test]
fn enumerations_and_reasons_are_checked() {
    let pids = json!({"@context": [ontology::jsonld::DSPACE_CONTEXT], "providerPid": "urn:p", "consumerPid": "urn:c"});
    let typed = |typ: &str| with(pids.clone(), "/@type", json!(typ));
    let event = typed("ContractNegotiationEventMessage");
    blames(parse_negotiation(event.clone()), "eventType");
    negotiation_blames(&event, "/eventType", json!("accepted"), "eventType");
    for typ in ["TransferTerminationMessage", "TransferSuspensionMessage"] {
        blames(parse_transfer(with(typed(typ), "/reason", json!([]))), "reason");
        blames(parse_transfer(with(typed(typ), "/reason", json!("because"))), "reason");
        blames(parse_transfer(with(typed(typ), "/code", json!(99))), "code");
    }
    let ended = typed("ContractNegotiationTerminationMessage");
    negotiation_blames(&ended, "/reason", json!([]), "reason");
    let state = with(typed("ContractNegotiation"), "/state", json!("STARTED"));
    blames(ContractNegotiation::parse(state), "state");
    let error = typed("ContractNegotiationError");
    assert!(ContractNegotiationError::parse(error.clone()).is_ok());
    blames(ContractNegotiationError::parse(with(error, "/consumerPid", Value::Null)), "consumerPid");
    let none = with(typed("CatalogError"), "/reason", json!([]));
    assert!(CatalogError::parse(none).is_ok());
    blames(m::parse_catalog_request(with(typed("CatalogRequestMessage"), "/filter", json!({}))), "filter");
}

#[test]
fn data_addresses_are_checked() {
    let address = m::DataAddress::new("https://w3id.org/idsa/v4.1/HTTP").with_property("authType", "bearer");
    let start = m::TransferStartMessage::new("urn:p".into(), "urn:c".into(), Some(address.clone())).to_json();
    assert!(parse_transfer(start.clone()).is_ok());
    let property = "dataAddress.endpointProperties[0]";
    for (pointer, new, field) in [
        ("/dataAddress", json!("http://x"), "dataAddress".to_owned()),
        ("/dataAddress/@type", Value::Null, "dataAddress.@type".to_owned()),
        ("/dataAddress/endpointType", Value::Null, "dataAddress.endpointType".to_owned()),
        ("/dataAddress/endpoint", json!(80), "dataAddress.endpoint".to_owned()),
        ("/dataAddress/endpointProperties", json!([]), "dataAddress.endpointProperties".to_owned()),
        ("/dataAddress/endpointProperties/0/@type", Value::Null, format!("{property}.@type")),
        ("/dataAddress/endpointProperties/0/name", Value::Null, format!("{property}.name")),
        ("/dataAddress/endpointProperties/0/value", json!(1), format!("{property}.value")),
    ] {
        blames(parse_transfer(with(start.clone(), pointer, new)), &field);
    }
    let request =
        m::TransferRequestMessage::new("urn:c".into(), "urn:a".into(), "f".into(), "https://c".into(), None);
    for name in ["consumerPid", "agreementId", "format", "callbackAddress"] {
        blames(parse_transfer(with(request.to_json(), &format!("/{name}"), Value::Null)), name);
        blames(parse_transfer(with(request.to_json(), &format!("/{name}"), json!(""))), name);
    }
}

#[test]
fn version_metadata_is_checked() {
    let base = m::version_response("/dsp/2025-1").to_json();
    assert_eq!(VersionResponse::parse(base.clone()).unwrap().ours().unwrap().path, "/dsp/2025-1");
    for (pointer, new, field) in [
        ("/protocolVersions", Value::Null, "protocolVersions"),
        ("/protocolVersions", json!([]), "protocolVersions"),
        ("/protocolVersions/0/path", Value::Null, "protocolVersions[0].path"),
        ("/protocolVersions/0/binding", json!("SMTP"), "protocolVersions[0].binding"),
        ("/protocolVersions/0/auth", json!({"version": "1"}), "protocolVersions[0].auth.protocol"),
    ] {
        blames(VersionResponse::parse(with(base.clone(), pointer, new)), field);
    }
    let old = with(base, "/protocolVersions/0/version", json!("2024-1"));
    assert_eq!(VersionResponse::parse(old).unwrap().ours(), None);
}

#[test]
fn reasons_are_text_or_objects_with_a_message() {
    let items = [json!("plain"), json!({"message": "from an object"}), json!({"code": 1}), json!(3)];
    assert_eq!(m::reasons(&items), ["plain", "from an object", r#"{"code":1}"#, "3"]);
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zA-Z:/@ ]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop::sample::select(vec!["@id", "@type", "action", "constraint", "and", "value", "x"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| {
                members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<serde_json::Map<_, _>>().into()
            }),
        ]
    })
}

proptest! {
    /// Whatever a member is replaced with: no panic, and what is accepted is written as it was read.
    #[test]
    fn accepted_messages_are_written_as_they_were_read(
        pointer in prop::sample::select(vec![
            "/@context", "/@type", "/@id", "/consumerPid", "/callbackAddress", "/offer", "/offer/@id",
            "/offer/permission", "/offer/permission/0", "/offer/permission/0/constraint/0",
            "/offer/permission/0/constraint/0/rightOperand", "/unknown",
        ]),
        new in json_value(),
    ) {
        let mutant = with(request(), pointer, new);
        if let Ok(message) = parse_negotiation(mutant.clone()) {
            prop_assert_eq!(message.to_json(), mutant);
        }
    }
}
