use super::support::{Actor, NOW, World};
use crate::identity::Authenticator;
use serde_json::{Value, json};

/// Presents a token and gives status and reason of the refusal.
async fn refusal(bob: &Authenticator, token: &str) -> (u16, String) {
    let fault = bob.authenticate(Some(&format!("Bearer {token}"))).await.unwrap_err();
    (fault.status, fault.reason)
}

async fn accepted(bob: &Authenticator, token: &str) -> String {
    bob.authenticate(Some(&format!("Bearer {token}"))).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_issued_token_tells_who_calls_and_works_once() {
    let world = World::new().await;
    let bob = world.authenticator();
    let token = world.issuer().issue(&world.bob.did).unwrap();
    assert_eq!(accepted(&bob, &token).await, world.alice.did);
    let (status, reason) = refusal(&bob, &token).await;
    assert_eq!((status, reason.as_str()), (401, "the token is refused: it was used before"));
    let next = world.issuer();
    next.issue("x").unwrap();
    assert_eq!(accepted(&bob, &next.issue(&world.bob.did).unwrap()).await, world.alice.did);
    assert_eq!(world.site.hits(&world.alice.path), 1);
}

#[tokio::test]
async fn no_header_is_anonymous_and_another_scheme_is_refused() {
    let world = World::new().await;
    let bob = world.authenticator();
    assert_eq!(bob.authenticate(None).await, Ok(None));
    for header in ["", "Bearer", "Bearer  ", "Basic YTpi", "e30.e30.AA"] {
        assert_eq!(bob.authenticate(Some(header)).await.unwrap_err().status, 401, "{header}");
    }
    let token = world.issuer().issue(&world.bob.did).unwrap();
    assert!(bob.authenticate(Some(&format!("bearer {token}"))).await.is_ok());
}

#[tokio::test]
async fn claims_that_do_not_hold_are_refused_before_anything_is_fetched() {
    let world = World::new().await;
    let bob = world.authenticator();
    let cases: [(&str, Value, &str); 9] = [
        ("aud", json!("did:web:carol.example"), "is for did:web:carol.example"),
        ("aud", json!([world.bob.did, "did:web:carol.example"]), "aud"),
        ("exp", json!(NOW - 31), "expired"),
        ("iat", json!(NOW + 31), "future"),
        ("nbf", json!(NOW + 31), "not valid before"),
        ("sub", json!("did:web:carol.example"), "differ"),
        ("iss", json!("alice"), "not a DID"),
        ("jti", json!(" "), "no id"),
        ("exp", json!("soon"), "invalid type"),
    ];
    for (name, value, expected) in cases {
        let mut claims = world.alice.claims(&world.bob.did, "1");
        claims[name] = value;
        let (status, reason) = refusal(&bob, &world.alice.sign(&world.alice.header(), &claims)).await;
        assert!(status == 401 && reason.contains(expected), "{name}: {reason}");
    }
    for missing in ["iss", "sub", "aud", "jti", "iat", "exp"] {
        let mut claims = world.alice.claims(&world.bob.did, "1");
        claims.as_object_mut().unwrap().remove(missing);
        let (status, reason) = refusal(&bob, &world.alice.sign(&world.alice.header(), &claims)).await;
        assert!(status == 401 && reason.contains(missing), "{missing}: {reason}");
    }
    assert!(world.site.received().is_empty());
}

#[tokio::test]
async fn clocks_may_differ_a_little() {
    let world = World::new().await;
    let bob = world.authenticator();
    let mut claims = world.alice.claims(&world.bob.did, "early");
    claims["iat"] = json!(NOW + 30);
    accepted(&bob, &world.alice.sign(&world.alice.header(), &claims)).await;
    let late = world.alice.sign(&world.alice.header(), &world.alice.claims(&world.bob.did, "late"));
    world.clock.add_s(89);
    accepted(&bob, &late).await;
    assert!(refusal(&bob, &late).await.1.contains("used before"));
    world.clock.add_s(1);
    assert!(refusal(&bob, &late).await.1.contains("expired"));
}

#[tokio::test]
async fn long_lived_tokens_are_accepted_while_young() {
    let world = World::new().await;
    let bob = world.authenticator();
    let token = |id: &str| {
        let mut claims = world.alice.claims(&world.bob.did, id);
        claims["exp"] = json!(NOW + 86_400);
        world.alice.sign(&world.alice.header(), &claims)
    };
    accepted(&bob, &token("a")).await;
    world.clock.add_s(630);
    assert!(refusal(&bob, &token("a")).await.1.contains("used before"));
    world.clock.add_s(1);
    assert!(refusal(&bob, &token("b")).await.1.contains("too long ago"));
}

#[tokio::test]
async fn tokens_from_before_the_start_may_have_been_used() {
    let world = World::new().await;
    let token = world.alice.sign(&world.alice.header(), &world.alice.claims(&world.bob.did, "1"));
    let before = world.authenticator();
    accepted(&before, &token).await;
    world.clock.add_s(1);
    let restarted = world.authenticator();
    let (status, reason) = refusal(&restarted, &token).await;
    assert!(status == 503 && reason.contains("before this connector started"), "{reason}");
}

#[tokio::test]
async fn signatures_and_headers_must_be_right() {
    let world = World::new().await;
    let bob = world.authenticator();
    let (alice, claims) = (&world.alice, world.alice.claims(&world.bob.did, "1"));
    let with = |name: &str, value: Value| {
        let mut header = alice.header();
        header[name] = value;
        header
    };
    for (header, expected) in [
        (with("alg", json!("none")), "the algorithm none is not accepted"),
        (with("alg", json!("HS256")), "the algorithm HS256 is not accepted"),
        (with("alg", json!("RS256")), "the algorithm RS256 is not accepted"),
        (with("alg", Value::Null), "the algorithm none is not accepted"),
        (with("alg", json!("ES384")), "the key is for ES256 and the signature is ES384"),
        (with("typ", json!("vc+jwt")), "it is a vc+jwt, not a JWT"),
        (with("kid", json!(format!("{}#key-2", alice.did))), "does not list"),
        (with("kid", json!(format!("{}#key-1", world.bob.did))), "does not list"),
        (with("crit", json!(["b64"])), "unknown extension"),
    ] {
        let (status, reason) = refusal(&bob, &alice.sign(&header, &claims)).await;
        assert!(status == 401 && reason.contains(expected), "{reason}");
    }
    let good = alice.sign(&alice.header(), &claims);
    let (signed, _) = good.rsplit_once('.').unwrap();
    assert!(refusal(&bob, &format!("{signed}.")).await.1.contains("does not hold"));
    // Somebody else's signature under Alice's name.
    let forged = world.bob.sign(&alice.header(), &claims);
    assert!(refusal(&bob, &forged).await.1.contains("the signature does not hold"));
    // A signature over other claims.
    let other = alice.sign(&alice.header(), &alice.claims(&world.bob.did, "2"));
    let payload = other.split('.').nth(1).unwrap();
    let (head, rest) = (good.split('.').next().unwrap(), good.rsplit('.').next().unwrap());
    assert!(
        refusal(&bob, &format!("{head}.{payload}.{rest}")).await.1.contains("the signature does not hold")
    );
    // None of the attempts used up the token.
    accepted(&bob, &good).await;
}

#[tokio::test]
async fn the_key_must_be_for_this_use() {
    let world = World::new().await;
    let bob = world.authenticator();
    let carol = Actor::on(&world.site, "carol");
    let token = |id: &str| carol.sign(&carol.header(), &carol.claims(&world.bob.did, id));
    let mut document = carol.document.clone();
    let members = document.as_object_mut().unwrap();
    members.remove("capabilityInvocation");
    let authentication = members.remove("authentication");
    world.site.json(&carol.path, &document);
    let (status, reason) = refusal(&bob, &token("1")).await;
    let expected = "under capabilityInvocation or authentication";
    assert!(status == 401 && reason.ends_with(expected), "{reason}");
    document["authentication"] = authentication.unwrap();
    world.site.json(&carol.path, &document);
    // Soon after, the old document is still believed; later it is asked for again.
    assert_eq!(refusal(&bob, &token("1")).await.0, 401);
    world.clock.add_s(11);
    accepted(&bob, &token("1")).await;
}

#[tokio::test]
async fn a_token_without_key_id_is_for_the_only_key() {
    let world = World::new().await;
    let bob = world.authenticator();
    let header = json!({"alg": "ES256"});
    accepted(&bob, &world.alice.sign(&header, &world.alice.claims(&world.bob.did, "1"))).await;
    let fragment = json!({"alg": "ES256", "kid": "#key-1"});
    accepted(&bob, &world.alice.sign(&fragment, &world.alice.claims(&world.bob.did, "2"))).await;
}

#[tokio::test]
async fn a_sender_that_cannot_be_resolved_is_refused_or_asked_to_wait() {
    let world = World::new().await;
    let bob = world.authenticator();
    let carol = Actor::on(&world.site, "carol");
    let token = carol.sign(&carol.header(), &carol.claims(&world.bob.did, "1"));
    world.site.page(&carol.path, 500, "text/plain", "");
    assert_eq!(refusal(&bob, &token).await.0, 503);
    world.clock.add_s(2);
    // The document of somebody else.
    world.site.json(&carol.path, &world.alice.document);
    let (status, reason) = refusal(&bob, &token).await;
    assert!(status == 401 && reason.ends_with(&format!("is that of {}", world.alice.did)), "{reason}");
    world.clock.add_s(2);
    world.site.json(&carol.path, &carol.document);
    accepted(&bob, &token).await;
}
