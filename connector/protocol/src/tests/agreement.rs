//! Agreements: what is signed and how the signatures travel.

use super::agreement;
use crate::agreement::{Agreement, SIGNATURE_PROPERTY};
use crate::jws::{GeneralJws, JwsSignature};
use ontology::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn signed() -> Agreement {
    let mut agreement = Agreement::new(agreement());
    let mut jws = GeneralJws::over(&agreement.canonical());
    jws.signatures.push(JwsSignature { protected: "e30".to_owned(), signature: "AQ".to_owned() });
    agreement.set_jws(&jws);
    agreement
}

#[test]
fn members_are_read_from_the_object() {
    let agreement = signed();
    assert_eq!(agreement.id(), "urn:agreement:1");
    assert_eq!(agreement.target(), Some("urn:dataset:1"));
    assert_eq!(agreement.assigner(), Some("did:web:provider"));
    assert_eq!(agreement.assignee(), Some("did:web:consumer"));
    assert_eq!(agreement.timestamp(), Timestamp::parse("2026-01-02T03:04:05Z").ok());
}

#[test]
fn the_canonical_text_is_sorted_and_without_signatures() {
    let text = String::from_utf8(signed().canonical()).unwrap();
    assert_eq!(
        text,
        r#"{"@id":"urn:agreement:1","@type":"Agreement","assignee":"did:web:consumer","assigner":"did:web:provider","permission":[{"action":"use"}],"target":"urn:dataset:1","timestamp":"2026-01-02T03:04:05Z"}"#
    );
}

#[test]
fn signatures_survive_the_wire_and_the_store() {
    let agreement = signed();
    let wire = agreement.to_wire();
    assert!(wire.get(SIGNATURE_PROPERTY).is_some());
    assert!(agreement.policy().get(SIGNATURE_PROPERTY).is_none());
    let received = Agreement::from_wire(wire).unwrap();
    assert_eq!(received, agreement);
    assert!(received.jws().unwrap().covers(&received.canonical()));
    let stored: Agreement = serde_json::from_value(serde_json::to_value(&agreement).unwrap()).unwrap();
    assert_eq!(stored, agreement);
}

#[test]
fn a_changed_agreement_is_not_covered() {
    let mut wire = signed().to_wire();
    wire["permission"][0]["action"] = json!("distribute");
    let changed = Agreement::from_wire(wire).unwrap();
    assert!(!changed.jws().unwrap().covers(&changed.canonical()));
}

#[test]
fn something_else_in_the_signature_property_is_no_signature() {
    let mut wire = agreement();
    wire[SIGNATURE_PROPERTY] = json!("none");
    let agreement = Agreement::from_wire(wire).unwrap();
    assert!(agreement.signatures.is_some() && agreement.jws().is_none());
}

proptest! {
    #[test]
    fn the_order_of_members_does_not_matter(order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle()) {
        let Value::Object(members) = agreement() else { unreachable!() };
        let members: Vec<_> = members.into_iter().collect();
        let shuffled: Value = order.iter().map(|i| members[*i].clone()).collect::<serde_json::Map<_, _>>().into();
        prop_assert_eq!(Agreement::new(shuffled).canonical(), Agreement::new(agreement()).canonical());
    }
}
