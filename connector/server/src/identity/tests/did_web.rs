use super::support::{Actor, World};
use crate::identity::{DidWebResolver, Http, KeyPair, ResolveFault, UrlGuard};
use protocol::dcp::ASSERTION_METHOD;
use serde_json::json;

#[tokio::test]
async fn a_burst_of_questions_is_one_request() {
    let world = World::new().await;
    let all = futures_util::future::join_all((0..40).map(|_| world.resolver.resolve(&world.alice.did))).await;
    assert!(all.iter().all(|document| document.as_ref().unwrap().id == world.alice.did));
    assert_eq!(world.site.hits(&world.alice.path), 1);
    world.clock.add_s(299);
    world.resolver.resolve(&world.alice.did).await.unwrap();
    assert_eq!(world.site.hits(&world.alice.path), 1);
    world.clock.add_s(1);
    world.resolver.resolve(&world.alice.did).await.unwrap();
    assert_eq!(world.site.hits(&world.alice.path), 2);
}

#[tokio::test]
async fn failures_are_told_apart_and_remembered_briefly() {
    let world = World::new().await;
    let carol = Actor::on(&world.site, "carol");
    let big = format!("\"{}\"", "x".repeat(200 * 1024));
    for (status, body, invalid) in [
        (404, "", true),
        (403, "", true),
        (302, "", false),
        (408, "", false),
        (429, "", false),
        (503, "", false),
        (200, "<html>", true),
        (200, "{}", true),
        (200, big.as_str(), true),
        (200, &world.alice.document.to_string(), true),
    ] {
        world.clock.add_s(2);
        world.site.page(&carol.path, status, "application/json", body);
        let fault = world.resolver.resolve(&carol.did).await.unwrap_err();
        assert_eq!(matches!(fault, ResolveFault::Invalid(_)), invalid, "{status} {fault}");
        world.site.json(&carol.path, &carol.document);
        assert_eq!(world.resolver.resolve(&carol.did).await.unwrap_err(), fault);
    }
    assert_eq!(world.site.hits("/elsewhere"), 0);
    world.clock.add_s(2);
    assert!(world.resolver.resolve(&carol.did).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_asked_is_a_fault() {
    let world = World::new().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let nobody = world.resolver.resolve(&format!("did:web:127.0.0.1%3A{closed}")).await;
    assert!(matches!(nobody, Err(ResolveFault::Unavailable(_))), "{nobody:?}");
    for did in ["did:key:z6Mk", "did:web:", "alice"] {
        assert!(matches!(world.resolver.resolve(did).await, Err(ResolveFault::Invalid(_))), "{did}");
    }
}

#[tokio::test]
async fn outside_dev_mode_this_machine_is_out_of_reach() {
    let world = World::new().await;
    let http = Http::new(UrlGuard::new(false, &[]), None).unwrap();
    let resolver = DidWebResolver::new(http, world.clock.clone());
    for did in [world.alice.did.as_str(), "did:web:localhost", "did:web:10.0.0.1", "did:web:2130706433"] {
        let fault = resolver.resolve(did).await.unwrap_err();
        assert!(matches!(&fault, ResolveFault::Invalid(reason) if reason.contains("refused")), "{fault}");
    }
    assert!(world.site.received().is_empty());
}

#[tokio::test]
async fn a_new_key_is_found_without_waiting_for_the_cache() {
    let world = World::new().await;
    let find = async |name: &str| {
        let kid = format!("{}#{name}", world.alice.did);
        world.resolver.key(&world.alice.did, Some(&kid), &[ASSERTION_METHOD]).await
    };
    let (kid, key) = find("key-1").await.unwrap();
    assert_eq!(
        (kid, key["x"].clone()),
        (format!("{}#key-1", world.alice.did), world.alice.keys.key_pair().public_jwk()["x"].clone())
    );
    let mut document = world.alice.document.clone();
    let fresh = KeyPair::generate().unwrap();
    document["assertionMethod"] =
        json!([{"id": "#key-2", "type": "JsonWebKey", "publicKeyJwk": fresh.public_jwk()}]);
    world.site.json(&world.alice.path, &document);
    assert!(find("key-2").await.is_err());
    world.clock.add_s(11);
    assert_eq!(find("key-2").await.unwrap().1, *fresh.public_jwk());
    assert!(find("key-1").await.is_err());
    // Unknown keys do not make us ask again and again.
    assert_eq!(world.site.hits(&world.alice.path), 2);
}
