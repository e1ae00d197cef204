use super::support::{NOW, World};
use crate::identity::credentials::{LegalPerson, Validity, legal_person};
use engine::port::{Participant, Signer as _, Trust as _, TrustError};
use ontology::time::Timestamp;
use serde_json::{Value, json};

const PAGE: &str = "/alice/credentials/participant";

fn values(participant: &Participant, key: &str) -> Vec<String> {
    participant.claims.get(key).into_iter().flatten().cloned().collect()
}

fn own(world: &World) -> String {
    let person = LegalPerson {
        url: &world.site.url(PAGE),
        name: "Alice Ltd",
        country: Some("BE"),
        registration: Some("0123.456.789"),
    };
    let (from, until) = (Timestamp::from_seconds(NOW), Timestamp::from_seconds(NOW + 3600));
    legal_person(world.alice.keys.as_ref(), &person, Validity { from, until }).unwrap()
}

#[tokio::test]
async fn a_self_description_becomes_claims_and_is_kept() {
    let world = World::new().await;
    let trust = world.trust();
    world.site.page(PAGE, 200, "application/vc+jwt", &own(&world));
    let alice = trust.participant(&world.alice.did).await.unwrap();
    assert_eq!((alice.did.as_str(), alice.name.as_deref()), (world.alice.did.as_str(), Some("Alice Ltd")));
    assert_eq!(alice.self_description, Some(world.site.url(PAGE)));
    for key in [
        "spatial",
        "http://www.w3.org/ns/odrl/2/spatial",
        "gx:legalAddress.gx:countryCode",
        "https://w3id.org/gaia-x/development#legalAddress.gx:countryCode",
    ] {
        assert_eq!(values(&alice, key), ["BE"], "{key}");
    }
    assert_eq!(values(&alice, "gx:registrationNumber"), ["0123.456.789"]);
    assert_eq!(values(&alice, "recipient"), std::slice::from_ref(&world.alice.did));
    world.clock.add_s(599);
    trust.participant(&world.alice.did).await.unwrap();
    assert_eq!(world.site.hits(PAGE), 1);
    world.clock.add_s(1);
    trust.participant(&world.alice.did).await.unwrap();
    assert_eq!(world.site.hits(PAGE), 2);
    // Never kept past its own end.
    world.clock.add_s(3000);
    let expired = trust.participant(&world.alice.did).await;
    assert!(
        matches!(&expired, Err(TrustError::Invalid(reason)) if reason.contains("expired")),
        "{expired:?}"
    );
}

#[tokio::test]
async fn a_participant_without_self_description_has_no_claims_but_its_did() {
    let world = World::new().await;
    let trust = world.trust();
    let alice = trust.participant(&world.alice.did).await.unwrap();
    assert_eq!((alice.name.clone(), alice.self_description.clone()), (None, None));
    assert!(values(&alice, "spatial").is_empty());
    assert_eq!(values(&alice, "recipient"), std::slice::from_ref(&world.alice.did));
    // One that is published later is found soon.
    world.site.page(PAGE, 200, "application/vc+jwt", &own(&world));
    assert_eq!(trust.participant(&world.alice.did).await.unwrap().name, None);
    world.clock.add_s(60);
    assert!(trust.participant(&world.alice.did).await.unwrap().name.is_some());
}

#[tokio::test]
async fn without_the_service_the_usual_place_is_tried() {
    let world = World::new().await;
    let mut document = world.alice.document.clone();
    document.as_object_mut().unwrap().remove("service");
    world.site.json(&world.alice.path, &document);
    let usual = "/credentials/participant";
    for (status, typ, body) in [(401, "application/json", "{}"), (200, "text/html; charset=utf-8", "<html>")]
    {
        world.site.page(usual, status, typ, body);
        let alice = world.trust().participant(&world.alice.did).await.unwrap();
        assert_eq!(alice.self_description, None);
    }
    world.site.page(usual, 200, "application/vc+jwt", &own(&world));
    let alice = world.trust().participant(&world.alice.did).await.unwrap();
    assert_eq!(
        (alice.name.as_deref(), alice.self_description.clone()),
        (Some("Alice Ltd"), Some(world.site.url(usual)))
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_called_invalid() {
    let world = World::new().await;
    for status in [500, 503, 403, 302] {
        world.site.page(PAGE, status, "text/plain", "");
        let result = world.trust().participant(&world.alice.did).await;
        assert!(matches!(result, Err(TrustError::Unavailable(_))), "{status}: {result:?}");
    }
}

/// A credential of Alice with one member changed, as `change` says.
fn credential(world: &World, header: &[(&str, Value)], change: impl FnOnce(&mut Value)) -> String {
    let alice = &world.alice;
    let mut head = json!({
        "alg": "ES256", "typ": "vc+jwt", "cty": "vc", "iss": alice.did, "kid": alice.keys.key_id(),
    });
    for (name, value) in header {
        head[*name] = value.clone();
    }
    let mut credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/gaia-x/2511#"],
        "id": world.site.url(PAGE),
        "type": ["VerifiableCredential", "gx:LegalPerson"],
        "issuer": {"id": alice.did},
        "validFrom": "2026-01-01T00:00:00+00:00",
        "credentialSubject": {
            "id": world.site.url(&format!("{PAGE}#cs")),
            "type": "gx:LegalPerson",
            "gx:legalAddress": {"type": "gx:Address", "gx:countryCode": "NLD"},
            "gx:registrationNumber": {"type": "gx:LeiCode", "schema:leiCode": "LEI-1"},
            "name": "Alice",
        },
    });
    change(&mut credential);
    alice.sign(&head, &credential)
}

async fn judged(world: &World, text: &str) -> Result<Participant, TrustError> {
    world.site.page(PAGE, 200, "application/vc+jwt", text);
    world.trust().participant(&world.alice.did).await.map(|found| Participant::clone(&found))
}

#[tokio::test]
async fn other_spellings_of_a_right_credential_are_understood() {
    let world = World::new().await;
    let headers: [&[(&str, Value)]; 4] = [
        &[],
        &[("typ", json!("vc+ld+json+jwt")), ("cty", json!("vc+ld+json"))],
        &[("typ", json!("application/VC+LD+JWT")), ("cty", json!("vc+ld"))],
        &[("kid", json!("#key-1"))],
    ];
    for header in headers {
        let alice = judged(&world, &credential(&world, header, |_| {})).await.unwrap();
        assert_eq!(values(&alice, "spatial"), ["NL"]);
        assert_eq!(values(&alice, "gx:registrationNumber"), ["LEI-1"]);
        assert_eq!(alice.name.as_deref(), Some("Alice"));
    }
}

#[tokio::test]
async fn a_wrong_credential_is_invalid_and_says_why() {
    let world = World::new().await;
    let bob = world.bob.did.clone();
    let headers = [
        ("typ", json!("JWT"), "its typ is jwt"),
        ("typ", Value::Null, "it has no typ"),
        ("cty", json!("vp"), "its cty is vp"),
        ("iss", json!(bob), "its header iss is"),
        ("kid", Value::Null, "names no key"),
        ("kid", json!(format!("{bob}#key-1")), "does not list"),
        ("alg", json!("none"), "the signature is none"),
    ];
    for (name, value, expected) in headers {
        let text = credential(&world, &[(name, value)], |_| {});
        let fault = judged(&world, &text).await.unwrap_err();
        assert!(matches!(&fault, TrustError::Invalid(reason) if reason.contains(expected)), "{fault}");
    }
    let members = [
        ("issuer", json!(bob), "its issuer is"),
        ("type", json!(["VerifiableCredential"]), ""),
        ("type", json!("gx:LegalPerson"), "not a VerifiableCredential"),
        ("@context", json!(["https://w3id.org/gaia-x/2511#"]), "its first context is"),
        ("@context", json!(["https://www.w3.org/ns/credentials/v2", "https://x.example/c"]), "x.example"),
        ("validFrom", json!("2026-01-02T00:00:00Z"), "not valid before"),
        ("validUntil", json!("2025-12-31T00:00:00Z"), "expired"),
        ("validUntil", json!("tomorrow"), "validUntil"),
        ("vc", json!({}), "wrapped"),
        ("credentialStatus", json!({"type": "BitstringStatusListEntry"}), "has no statusPurpose"),
        ("credentialSubject", json!([{"id": "urn:a"}, {"id": "urn:b"}]), "exactly one subject"),
        ("credentialSubject", json!({"type": "gx:LegalPerson"}), "no id"),
        ("credentialSubject", json!({"id": bob, "type": "gx:LegalPerson"}), "it is about"),
        (
            "credentialSubject",
            json!({"id": "https://other.example/#cs", "type": "gx:LegalPerson"}),
            "it is about",
        ),
    ];
    for (name, value, expected) in members {
        let text = credential(&world, &[], |credential| credential[name] = value.clone());
        match judged(&world, &text).await {
            Ok(_) => assert!(expected.is_empty(), "{name} {value}"),
            Err(TrustError::Invalid(reason)) => {
                assert!(!expected.is_empty() && reason.contains(expected), "{name}: {reason}");
            }
            Err(other) => panic!("{other}"),
        }
    }
    let fault = judged(&world, "no JWS").await.unwrap_err();
    assert!(fault.to_string().contains("not a compact JWS"), "{fault}");
    let neither = credential(&world, &[], |credential| {
        credential["type"] = json!(["VerifiableCredential"]);
        credential["credentialSubject"]["type"] = json!("gx:ServiceOffering");
    });
    let fault = judged(&world, &neither).await.unwrap_err();
    assert!(fault.to_string().contains("not a gx:LegalPerson"), "{fault}");
}

#[tokio::test]
async fn signatures_are_checked_with_assertion_keys() {
    let world = World::new().await;
    let trust = world.trust();
    let (alice, keys) = (&world.alice, &world.alice.keys);
    let signature = keys.sign(b"agreement").unwrap();
    let check = async |kid: &str, alg: &str, input: &[u8]| {
        trust.verify(&alice.did, kid, alg, input, &signature).await
    };
    assert_eq!(check(keys.key_id(), "ES256", b"agreement").await, Ok(()));
    assert_eq!(check("#key-1", "ES256", b"agreement").await, Ok(()));
    assert!(matches!(check(keys.key_id(), "ES256", b"agreemenT").await, Err(TrustError::Invalid(_))));
    assert!(matches!(check(keys.key_id(), "none", b"agreement").await, Err(TrustError::Invalid(_))));
    assert!(matches!(
        check(world.bob.keys.key_id(), "ES256", b"agreement").await,
        Err(TrustError::Invalid(_))
    ));
    world.site.page("/carol/did.json", 503, "text/plain", "");
    let carol = format!("did:web:127.0.0.1%3A{}:carol", world.site.port);
    let result = trust.verify(&carol, "#key-1", "ES256", b"agreement", &signature).await;
    assert!(matches!(result, Err(TrustError::Unavailable(_))));
}
