use super::support::{Site, World};
use crate::identity::{Http, HttpPeers, UrlGuard};
use engine::port::{PeerError, Peers as _, Reply};
use serde_json::json;
use std::sync::Arc;

fn peers(world: &World) -> HttpPeers {
    HttpPeers::new(world.http.clone(), Arc::new(world.issuer()))
}

#[tokio::test]
async fn a_message_arrives_with_a_token_that_its_receiver_accepts() {
    let world = World::new().await;
    let site = Site::start().await;
    site.json("/negotiations/request", &json!({"state": "REQUESTED"}));
    let url = site.url("/negotiations/request");
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let (peers, bob) = (peers(&world), world.authenticator());
    let reply = peers.post(&world.bob.did, &url, &json!({"a": 1}), Some(trace)).await.unwrap();
    assert_eq!(reply, Reply { status: 200, body: Some(json!({"state": "REQUESTED"})), next: None });
    peers.get(&world.bob.did, &url).await.unwrap();
    let [post, get] = site.received().try_into().unwrap();
    assert!(post.line.starts_with("POST ") && get.line.starts_with("GET "));
    assert_eq!(
        (post.body.as_str(), post.headers["content-type"].as_str()),
        (r#"{"a":1}"#, "application/json")
    );
    assert_eq!((post.headers["traceparent"].as_str(), get.headers.get("traceparent")), (trace, None));
    // Each call has its own token.
    for request in [post, get] {
        let caller = bob.authenticate(Some(&request.headers["authorization"])).await.unwrap();
        assert_eq!(caller, Some(world.alice.did.clone()));
    }
}

#[tokio::test]
async fn every_kind_of_answer_is_understood() {
    let world = World::new().await;
    let peers = peers(&world);
    let url = world.site.url("/x");
    for (status, typ, body, expected) in [
        (204, "", "", Some(None)),
        (200, "application/json; charset=utf-8", " ", Some(None)),
        (200, "text/plain", "OK", Some(None)),
        (200, "text/plain", "{}", Some(Some(json!({})))),
        (400, "application/json", r#"{"reason":["x"]}"#, Some(Some(json!({"reason": ["x"]})))),
        (502, "application/json", "<html>", Some(None)),
        (200, "application/ld+json", "<html>", None),
        (307, "application/json", "{}", None),
    ] {
        world.site.page("/x", status, typ, body);
        let reply = peers.get(&world.bob.did, &url).await;
        match expected {
            Some(body) => assert_eq!(reply, Ok(Reply { status, body, next: None })),
            None => assert!(matches!(reply, Err(PeerError::BadAnswer(..))), "{reply:?}"),
        }
    }
    assert_eq!(world.site.hits("/elsewhere"), 0);
}

#[tokio::test]
async fn addresses_are_judged_before_and_when_they_are_used() {
    let world = World::new().await;
    let http = Http::new(UrlGuard::new(false, &[]), None).unwrap();
    let careful = HttpPeers::new(http, Arc::new(world.issuer()));
    for url in [world.site.url("/x"), "https://127.0.0.1/".to_owned(), "https://localhost/".to_owned()] {
        let told = careful.check_url(&url).unwrap_err();
        assert!(matches!(&told, PeerError::Forbidden(refused, _) if *refused == url));
        assert_eq!(careful.get(&world.bob.did, &url).await, Err(told));
    }
    assert_eq!(careful.check_url("https://peer.example/2025-1"), Ok(()));
    let gone = peers(&world).get(&world.bob.did, "http://127.0.0.1:1/").await;
    assert!(matches!(gone, Err(PeerError::Unreachable(..))), "{gone:?}");
    assert!(world.site.received().is_empty());
}
