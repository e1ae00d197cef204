use super::support::NOW;
use crate::identity::compact::Compact;
use crate::identity::credentials::{LegalPerson, Validity, data_product, legal_person};
use crate::identity::self_description::verify;
use crate::identity::verifier::Verifiers;
use crate::identity::{KeyPair, OwnKeys, did_document};
use catalog::{Dataset, Distribution, Offer};
use ontology::jsonld::Node;
use ontology::time::Timestamp;
use ontology::{cred, gx};
use policies::Policy;
use protocol::dcp::DidDocument;
use serde_json::{Value, json};

const DID: &str = "did:web:a.example";
const DAY_MS: i64 = 86_400_000;

fn at(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW).plus_millis(days * DAY_MS)
}

fn validity() -> Validity {
    Validity { from: at(0), until: at(365) }
}

fn identity() -> (OwnKeys, DidDocument) {
    let keys = OwnKeys::new(DID, KeyPair::generate().unwrap()).unwrap();
    let document = serde_json::from_value(did_document(DID, keys.key_pair(), &[])).unwrap();
    (keys, document)
}

fn person(keys: &OwnKeys) -> String {
    let person = LegalPerson {
        url: "https://a.example/credentials/participant",
        name: "Port",
        country: Some("FRA"),
        registration: Some("LAB-1"),
    };
    legal_person(keys, &person, validity()).unwrap()
}

#[test]
fn a_credential_is_its_own_payload_and_verifies_while_it_is_valid() {
    let (keys, document) = identity();
    let text = person(&keys);
    let jws = Compact::parse(&text).unwrap();
    let header = |name: &str| jws.header(name);
    assert_eq!((header("alg"), header("typ"), header("cty")), (Some("ES256"), Some("vc+jwt"), Some("vc")));
    assert_eq!((header("iss"), header("kid")), (Some(DID), Some("did:web:a.example#key-1")));
    assert_eq!(jws.payload["issuer"], DID);
    assert_eq!(jws.payload["credentialSubject"]["gx:legalAddress"]["gx:countryCode"], "FR");
    let kept = Verifiers::default();
    let verified = verify(&text, &document, &kept, at(364)).unwrap();
    assert_eq!((verified.until, &verified.credential), (Some(at(365)), &jws.payload));
    assert!(verify(&text, &document, &kept, at(365)).unwrap_err().contains("expired"));
    assert!(verify(&text, &document, &kept, at(-1)).unwrap_err().contains("not valid before"));
    // Clocks may differ a little.
    assert!(verify(&text, &document, &kept, at(0).plus_millis(-30_000)).is_ok());
}

#[test]
fn any_changed_byte_breaks_it() {
    let (keys, document) = identity();
    let text = person(&keys);
    let kept = Verifiers::default();
    for place in (0..text.len()).step_by(7) {
        let mut bytes = text.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(verify(&changed, &document, &kept, at(1)).is_err(), "{place}");
    }
    let (stranger, _) = identity();
    assert_eq!(
        verify(&person(&stranger), &document, &kept, at(1)).unwrap_err(),
        "the signature does not hold"
    );
}

#[test]
fn what_is_not_known_is_not_stated() {
    let (keys, _) = identity();
    let bare = LegalPerson { url: "https://a.example/c", name: "A", country: None, registration: None };
    let text = legal_person(&keys, &bare, validity()).unwrap();
    let subject = Compact::parse(&text).unwrap().payload["credentialSubject"].clone();
    assert_eq!(subject, json!({"id": DID, "type": "gx:LegalPerson", "schema:name": "A"}));
}

fn dataset() -> Dataset {
    let policy = json!({"@type": "Offer", "@id": "offer-1", "permission": [{"action": "use"}]});
    Dataset {
        id: "ship-calls".to_owned(),
        title: Some("Ship calls".to_owned()),
        keywords: vec!["port".to_owned()],
        license: Some("https://creativecommons.org/licenses/by/4.0/".to_owned()),
        media_type: Some("text/csv".to_owned()),
        sha256: Some("ab".repeat(32)),
        issued: Some(at(-10)),
        offers: vec![Offer { id: "offer-1".to_owned(), policy: Policy::parse(&policy).unwrap() }],
        distributions: vec![Distribution { format: "HttpData-PULL".to_owned() }],
        ..Dataset::default()
    }
}

fn empty() -> Dataset {
    Dataset { id: "d".to_owned(), ..Dataset::default() }
}

fn product(keys: &OwnKeys, dataset: &Dataset) -> Value {
    let text = data_product(keys, "https://a.example/credentials/datasets/x", dataset, validity()).unwrap();
    Compact::parse(&text).unwrap().payload
}

#[test]
fn a_data_product_says_what_it_is_and_on_which_terms() {
    let (keys, document) = identity();
    let url = "https://a.example/credentials/datasets/ship-calls";
    let text = data_product(&keys, url, &dataset(), validity()).unwrap();
    let verified = verify(&text, &document, &Verifiers::default(), at(1)).unwrap();
    let expanded = ontology::jsonld::expand(&verified.credential).unwrap();
    let node = Node::new(&expanded).unwrap();
    assert_eq!(node.id(), Some(url));
    let subject = node.first_node(cred::CREDENTIAL_SUBJECT).unwrap();
    assert!(subject.types().contains(&gx::DATA_PRODUCT));
    assert_eq!(subject.first_str(gx::DIGITAL_SERVICE_OFFERING_NAME).as_deref(), Some("Ship calls"));
    assert_eq!(subject.first_id(gx::DIGITAL_SERVICE_OFFERING_PROVIDER), Some(DID));
    assert_eq!(
        subject.first_str(gx::DIGITAL_SERVICE_OFFERING_LAUNCH_DATE).as_deref(),
        Some("2025-12-22T00:00:00Z")
    );
    let description = subject.first_node(gx::DATA_PRODUCT_DESCRIPTION).unwrap();
    assert_eq!(description.first_str("http://www.w3.org/ns/dcat#Dataset").as_deref(), Some("ship-calls"));
    let license = description.first_node(gx::DATA_LICENSE).unwrap();
    let constraint = license.first_node(&format!("{}dataUsageConstraints", gx::NS)).unwrap();
    let policy = constraint.first_str(&format!("{}dataUsagePolicy", gx::NS)).unwrap();
    let policy = Policy::parse(&serde_json::from_str(&policy).unwrap()).unwrap();
    assert!(policy.same_terms(&dataset().offers[0].policy));
    // The hash of the terms is that of the terms.
    let terms = &verified.credential["credentialSubject"]["gx:digitalServiceOfferingTermsAndConditions"];
    let data = terms["gx:url"]["@value"].as_str().unwrap().rsplit(',').next().unwrap().to_owned();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
    let hash: String =
        <sha2::Sha256 as sha2::Digest>::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(terms["gx:hash"], hash);
    let resource = &verified.credential["relatedResource"][0];
    assert_eq!(resource["digestSRI"], "sha256-q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=");
    assert_eq!(resource["mediaType"], "text/csv");
}

#[test]
fn a_data_product_is_the_same_each_time_and_claims_no_more_than_is_known() {
    let (keys, _) = identity();
    assert_eq!(product(&keys, &dataset()), product(&keys, &dataset()));
    let plain = product(&keys, &empty());
    assert_eq!(plain.get("relatedResource"), None);
    let subject = plain["credentialSubject"].as_object().unwrap();
    for absent in ["gx:keyword", "gx:digitalServiceLegalDocuments", "gx:digitalServiceUsageDataPolicy"] {
        assert!(!subject.contains_key(absent), "{absent}");
    }
    let id = subject["gx:digitalServiceOfferingIdentifier"].as_str().unwrap();
    assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 4);
    let other = product(&keys, &dataset());
    assert_ne!(other["credentialSubject"]["gx:digitalServiceOfferingIdentifier"], id);
    // A digest that is none is left out.
    for wrong in ["ab", "xyz", "é"] {
        let odd = Dataset { sha256: Some(wrong.to_owned()), ..empty() };
        assert_eq!(product(&keys, &odd).get("relatedResource"), None, "{wrong}");
    }
}
