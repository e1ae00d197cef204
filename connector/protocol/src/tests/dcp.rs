//! Tokens and DID documents.

use crate::dcp::{
    ASSERTION_METHOD, AUTHENTICATION, CAPABILITY_INVOCATION, DidDocument, SelfIssued, TokenFault,
};
use ontology::time::Timestamp;
use serde_json::{Value, json};

const US: &str = "did:web:us";
const LEEWAY: i64 = 10;

fn now() -> Timestamp {
    Timestamp::from_seconds(1_000)
}

fn token(change: impl FnOnce(&mut Value)) -> SelfIssued {
    let mut claims = json!({
        "iss": "did:web:them", "sub": "did:web:them", "aud": US, "jti": "1", "iat": 990, "exp": 1_100
    });
    change(&mut claims);
    serde_json::from_value(claims).unwrap()
}

#[test]
fn a_good_token_is_good_until_it_expires() {
    let token = token(|_| {});
    assert_eq!(token.check(US, now(), LEEWAY), Ok(()));
    assert_eq!(token.check(US, Timestamp::from_seconds(1_109), LEEWAY), Ok(()));
    let expired = TokenFault::Expired(Timestamp::from_seconds(1_100));
    assert_eq!(token.check(US, Timestamp::from_seconds(1_110), LEEWAY), Err(expired));
}

#[test]
fn each_bad_claim_has_its_fault() {
    let fault = |change: fn(&mut Value)| token(change).check(US, now(), LEEWAY).unwrap_err();
    assert_eq!(fault(|c| c["iss"] = json!("me")), TokenFault::NotADid("me".to_owned()));
    assert_eq!(
        fault(|c| c["sub"] = json!("did:web:x")),
        TokenFault::NotSelfIssued { issuer: "did:web:them".to_owned(), subject: "did:web:x".to_owned() }
    );
    assert_eq!(fault(|c| c["aud"] = json!("did:web:x")), TokenFault::Audience("did:web:x".to_owned()));
    assert_eq!(fault(|c| c["jti"] = json!(" ")), TokenFault::NoId);
    assert_eq!(fault(|c| c["nbf"] = json!(1_011)), TokenFault::TooEarly(Timestamp::from_seconds(1_011)));
    assert_eq!(fault(|c| c["iat"] = json!(1_011)), TokenFault::FromTheFuture(Timestamp::from_seconds(1_011)));
}

#[test]
fn claims_are_read_leniently_where_jwt_allows_it() {
    assert_eq!(token(|c| c["aud"] = json!([US])).aud, US);
    assert_eq!(token(|c| c["exp"] = json!(1_100.9)).exp, 1_100);
    assert_eq!(token(|c| c["token"] = json!("secret")).token.as_deref(), Some("secret"));
    let refused = |name: &str, value: Value| {
        let mut claims = serde_json::to_value(token(|_| {})).unwrap();
        claims[name] = value;
        serde_json::from_value::<SelfIssued>(claims).is_err()
    };
    assert!(
        refused("aud", json!([US, "did:web:x"])) && refused("aud", json!([])) && refused("aud", json!(1))
    );
    assert!(refused("exp", json!(i64::MAX)) && refused("exp", json!(-1)) && refused("exp", json!("1")));
    assert!(refused("jti", Value::Null));
}

fn document() -> DidDocument {
    serde_json::from_value(json!({
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": "did:web:them",
        "verificationMethod": [
            {"id": "did:web:them#a", "type": "JsonWebKey2020", "controller": "did:web:them",
             "publicKeyJwk": {"x": "a"}},
            {"id": "#b", "type": "JsonWebKey2020", "publicKeyJwk": {"x": "b"}},
            {"id": "did:web:victim#k", "type": "JsonWebKey2020", "publicKeyJwk": {"x": "k"}}
        ],
        "authentication": ["#a", {"id": "#c", "type": "JsonWebKey2020", "publicKeyJwk": {"x": "c"}}],
        "assertionMethod": ["did:web:them#b", "did:web:victim#k"],
        "capabilityInvocation": ["did:web:them#a", "did:web:them#gone"],
        "service": [
            {"id": "#s", "type": ["Other", "CredentialService"], "serviceEndpoint": "https://them/cs"},
            {"id": "#t", "type": "IssuerService", "serviceEndpoint": {"uri": "https://them/is"}}
        ],
        "alsoKnownAs": ["them"],
        "keyAgreement": ["#b"]
    }))
    .unwrap()
}

#[test]
fn keys_are_found_by_url_or_fragment_for_their_purpose_only() {
    let document = document();
    let key = |kid, use_| document.key(kid, use_).map(|jwk| jwk["x"].as_str().unwrap().to_owned());
    assert_eq!(key("did:web:them#a", CAPABILITY_INVOCATION).as_deref(), Some("a"));
    assert_eq!(key("#a", AUTHENTICATION).as_deref(), Some("a"));
    assert_eq!(key("#b", ASSERTION_METHOD).as_deref(), Some("b"));
    assert_eq!(key("#c", AUTHENTICATION).as_deref(), Some("c"));
    assert_eq!(key("#a", ASSERTION_METHOD), None);
    assert_eq!(key("#c", CAPABILITY_INVOCATION), None);
    assert_eq!(key("#gone", CAPABILITY_INVOCATION), None);
    assert_eq!(key("a", AUTHENTICATION), None);
    assert_eq!(key("#b", "keyAgreement").as_deref(), Some("b"));
    assert_eq!(key("#b", "verificationMethod"), None);
    assert_eq!(key("did:web:victim#k", ASSERTION_METHOD), None, "a key of another subject");
}

#[test]
fn without_a_name_only_a_lone_key_counts() {
    let mut document = document();
    assert_eq!(document.only_key(CAPABILITY_INVOCATION), None);
    document.verification_method.truncate(1);
    let found = document.only_key(CAPABILITY_INVOCATION);
    assert_eq!(found, Some(("did:web:them#a", &json!({"x": "a"}))));
    assert_eq!(document.only_key(ASSERTION_METHOD), None);
}

#[test]
fn services_and_unknown_members_are_kept() {
    let document = document();
    assert_eq!(document.service_endpoint("CredentialService"), Some("https://them/cs"));
    assert_eq!(document.service_endpoint("IssuerService"), None);
    let json = serde_json::to_value(&document).unwrap();
    assert_eq!(json["alsoKnownAs"], json!(["them"]));
    assert_eq!(serde_json::from_value::<DidDocument>(json).unwrap(), document);
}
