//! What others present, and its status.

use super::support::{Actor, NOW, World};
use crate::identity::status::pack;
use crate::identity::{HttpTrust, TrustedIssuers};
use engine::port::{Participant, Signer as _, Trust as _, TrustError};
use policies::{Credential, CredentialStatus};
use serde_json::{Value, json};

const VP: &str = "/alice/credentials/presentation";
const LIST: &str = "/notary/status/1";

/// A notary that the verifier trusts for memberships.
struct Scene {
    world: World,
    notary: Actor,
    trust: HttpTrust,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let notary = Actor::on(&world.site, "notary");
        let trusted =
            TrustedIssuers::parse(&[format!("Membership={}", notary.did), "gx:LegalPerson=self".to_owned()]);
        let trust = world.trust().trusting(trusted.unwrap());
        Self { world, notary, trust }
    }

    fn membership(&self) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential", "Membership"],
            "issuer": self.notary.did,
            "validUntil": "2026-06-01T00:00:00Z",
            "credentialSubject": {"id": self.world.alice.did, "type": "Member", "level": "gold"},
        })
    }

    fn with_status(&self) -> Value {
        let mut credential = self.membership();
        credential["credentialStatus"] = json!({
            "type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "42",
            "statusListCredential": self.world.site.url(LIST),
        });
        credential
    }

    fn sign(&self, by: &Actor, credential: &Value) -> String {
        by.sign(&json!({"alg": "ES256", "typ": "vc+jwt", "kid": by.keys.key_id()}), credential)
    }

    /// Alice presents these, as envelopes and as texts in turn.
    fn present(&self, credentials: &[String]) {
        self.present_as(&json!({"typ": "vp+jwt"}), json!({}), credentials);
    }

    fn present_as(&self, header: &Value, more: Value, credentials: &[String]) {
        let alice = &self.world.alice;
        let mut head = json!({"alg": "ES256", "kid": alice.keys.key_id()});
        head.as_object_mut().unwrap().extend(header.as_object().unwrap().clone());
        let listed: Vec<Value> = credentials
            .iter()
            .enumerate()
            .map(|(n, text)| match n % 2 {
                0 => json!({"type": "EnvelopedVerifiableCredential", "id": format!("data:application/vc+jwt,{text}")}),
                _ => json!(text),
            })
            .collect();
        let mut vp = json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"], "holder": alice.did, "verifiableCredential": listed});
        vp.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.site.page(VP, 200, "application/vp+jwt", &alice.sign(&head, &vp));
    }

    /// The notary publishes its list with these entries set.
    fn publish(&self, set: &[usize], change: impl FnOnce(&mut Value)) {
        let mut bits = vec![0_u8; 16 * 1024];
        for place in set {
            bits[place / 8] |= 0x80 >> (place % 8);
        }
        let mut list = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": self.notary.did,
            "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation",
                "encodedList": pack(&bits), "ttl": 60_000},
        });
        change(&mut list);
        self.world.site.page(LIST, 200, "application/vc+jwt", &self.sign(&self.notary, &list));
    }

    async fn alice(&self) -> Participant {
        Participant::clone(&*self.trust.participant(&self.world.alice.did).await.unwrap())
    }

    async fn only(&self) -> Credential {
        let alice = self.alice().await;
        assert_eq!(alice.credentials.len(), 1, "{:?}", alice.problems);
        alice.credentials.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn what_a_participant_presents_is_taken_when_every_proof_holds() {
    let scene = Scene::new().await;
    assert!(scene.alice().await.credentials.is_empty(), "nothing is presented");
    let scene = Scene::new().await;
    let mut second = scene.membership();
    second["credentialSubject"]["id"] = json!(scene.world.site.url("/alice/vc#cs"));
    second["type"] = json!(["VerifiableCredential", "Licence"]);
    scene.present(&[scene.sign(&scene.notary, &scene.membership()), scene.sign(&scene.notary, &second)]);
    let alice = scene.alice().await;
    assert_eq!((alice.problems, alice.recheck), (Vec::<String>::new(), None));
    let [first, second] = alice.credentials.as_slice() else { panic!("{:?}", alice.credentials) };
    assert_eq!((first.trusted, first.status), (true, CredentialStatus::Valid));
    assert_eq!(first.types, ["Membership"], "what the notary is trusted for, and no more");
    assert_eq!(first.body["credentialSubject"]["level"], "gold");
    assert_eq!(first.until.unwrap().to_rfc3339(), "2026-06-01T00:00:00Z");
    assert_eq!((second.trusted, second.types[0].as_str()), (false, "Licence"));
}

#[tokio::test]
async fn what_does_not_hold_is_left_out_with_its_reason() {
    let scene = Scene::new().await;
    let of = |change: &dyn Fn(&mut Value)| {
        let mut credential = scene.membership();
        change(&mut credential);
        credential
    };
    let bob = scene.world.bob.did.clone();
    let neighbour = scene.world.site.url("/bob/vc#cs");
    let good = scene.sign(&scene.notary, &scene.membership());
    let wrong = [
        (scene.sign(&scene.world.bob, &scene.membership()), "does not list"),
        (good[..good.len() - 4].to_owned() + "AAAA", "the signature does not hold"),
        (scene.sign(&scene.notary, &of(&|c| c["credentialSubject"]["id"] = json!(bob))), "not about"),
        (scene.sign(&scene.notary, &of(&|c| c["credentialSubject"]["id"] = json!(neighbour))), "not about"),
        (scene.sign(&scene.notary, &of(&|c| c["credentialSubject"] = json!({"level": "gold"}))), "unnamed"),
        (scene.sign(&scene.notary, &of(&|c| c["credentialSubject"] = json!([]))), "no subject"),
        (scene.sign(&scene.notary, &of(&|c| c["type"] = json!("Membership"))), "not a VerifiableCredential"),
        (scene.sign(&scene.notary, &of(&|c| c["issuer"] = json!("did:key:z6Mk"))), "did:key"),
        (String::new(), "not a compact JWS"),
    ];
    let texts: Vec<String> = wrong.iter().map(|(text, _)| text.clone()).collect();
    scene.present(&texts);
    let alice = scene.alice().await;
    assert!(alice.credentials.is_empty());
    assert_eq!(alice.problems.len(), wrong.len());
    for (problem, (_, expected)) in alice.problems.iter().zip(&wrong) {
        assert!(problem.contains(expected), "{problem} / {expected}");
    }
    assert!(alice.recheck.is_some(), "it may be put right");

    for (header, more, expected) in [
        (json!({"typ": "vc+jwt"}), json!({}), "its typ is vc+jwt"),
        (json!({"typ": "vp+jwt", "kid": format!("{bob}#key-1")}), json!({}), "does not list"),
        (json!({"typ": "vp+jwt"}), json!({"holder": bob}), "its holder is not"),
        (json!({"typ": "vp+jwt"}), json!({"exp": NOW}), "it has expired"),
        (json!({"typ": "vp+jwt"}), json!({"type": "Other"}), "not a VerifiablePresentation"),
        (json!({"typ": "vp+jwt"}), json!({"verifiableCredential": vec!["x"; 33]}), "more than 32"),
    ] {
        scene.present_as(&header, more, std::slice::from_ref(&good));
        let alice = Scene { trust: scene.world.trust(), ..Scene::new().await }.trust;
        let alice = alice.participant(&scene.world.alice.did).await.unwrap();
        assert!(alice.credentials.is_empty() && alice.problems[0].contains(expected), "{:?}", alice.problems);
    }
}

#[tokio::test]
async fn a_revoked_credential_is_noticed_when_the_list_is_too_old() {
    let scene = Scene::new().await;
    scene.present(&[scene.sign(&scene.notary, &scene.with_status())]);
    scene.publish(&[41, 43], |_| {});
    assert_eq!(scene.only().await.status, CredentialStatus::Valid);
    let recheck = scene.alice().await.recheck.unwrap();
    assert_eq!(recheck.millis(), NOW * 1000 + 40_000, "before the minute is over");
    scene.publish(&[42], |_| {});
    scene.world.clock.set(recheck.millis() - 1);
    assert_eq!(scene.only().await.status, CredentialStatus::Valid, "from memory");
    assert_eq!(scene.world.site.hits(LIST), 1);
    scene.world.clock.set(recheck.millis());
    assert_eq!(scene.only().await.status, CredentialStatus::Revoked);
    assert_eq!(scene.world.site.hits(LIST), 2);
}

#[tokio::test]
async fn a_list_that_cannot_be_had_is_believed_until_it_is_too_old() {
    let scene = Scene::new().await;
    scene.present(&[scene.sign(&scene.notary, &scene.with_status())]);
    scene.publish(&[], |_| {});
    assert_eq!(scene.only().await.status, CredentialStatus::Valid);
    scene.world.site.page(LIST, 503, "text/plain", "");
    scene.world.clock.add_s(59);
    assert_eq!(scene.only().await.status, CredentialStatus::Valid);
    let recheck = scene.alice().await.recheck.unwrap();
    assert_eq!(recheck.millis(), NOW * 1000 + 60_000);
    scene.world.clock.add_s(1);
    assert_eq!(scene.only().await.status, CredentialStatus::Unknown);
    let alice = scene.alice().await;
    assert!(alice.problems[0].contains("the answer is 503"), "{:?}", alice.problems);
    scene.publish(&[], |_| {});
    scene.world.clock.add_s(5);
    assert_eq!(scene.only().await.status, CredentialStatus::Valid, "it is back");
    // A list that is there and wrong is no substitute for one that is right.
    scene.publish(&[], |list| list["type"] = json!(["VerifiableCredential"]));
    scene.world.clock.add_s(40);
    assert_eq!(scene.only().await.status, CredentialStatus::Unknown);
}

#[tokio::test]
async fn a_list_that_proves_nothing_leaves_the_status_unknown() {
    let scene = Scene::new().await;
    scene.present(&[scene.sign(&scene.notary, &scene.with_status())]);
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 6] = [
        (|list| list["credentialSubject"]["statusPurpose"] = json!("suspension"), "not about revocation"),
        (|list| list["validUntil"] = json!("2025-12-31T00:00:00Z"), "it expired"),
        (|list| list["credentialSubject"]["encodedList"] = json!(pack(&[0; 16])), "fewer than 131072"),
        (|list| list["credentialSubject"]["type"] = json!("Other"), "not a status list"),
        (|list| list["issuer"] = json!("did:web:127.0.0.1%3A1"), ""),
        (|list| list["type"] = json!(["VerifiableCredential", "Membership"]), "not a status list credential"),
    ];
    for (change, expected) in changes {
        scene.publish(&[], change);
        scene.world.clock.add_s(61);
        assert_eq!(scene.only().await.status, CredentialStatus::Unknown);
        let problems = scene.alice().await.problems;
        assert!(problems[0].contains(expected), "{problems:?}");
    }
    // Somebody else's list, properly signed.
    let bob = &scene.world.bob;
    let foreign = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "issuer": bob.did,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation",
            "encodedList": pack(&[0; 16 * 1024])},
    });
    scene.world.site.page(LIST, 200, "application/vc+jwt", &scene.sign(bob, &foreign));
    scene.world.clock.add_s(61);
    assert_eq!(scene.only().await.status, CredentialStatus::Unknown);
    assert!(scene.alice().await.problems[0].contains("it is issued by"));
}

#[tokio::test]
async fn lists_of_issuers_that_nobody_trusts_are_not_fetched() {
    let scene = Scene::new().await;
    let mut credential = scene.with_status();
    credential["type"] = json!(["VerifiableCredential", "Licence"]);
    scene.present(&[scene.sign(&scene.notary, &credential)]);
    scene.publish(&[], |_| {});
    let found = scene.only().await;
    assert_eq!((found.trusted, found.status), (false, CredentialStatus::Unknown));
    assert_eq!(scene.world.site.hits(LIST), 0);
}

#[tokio::test]
async fn a_self_description_has_a_status_too() {
    let scene = Scene::new().await;
    let alice = &scene.world.alice;
    let page = "/alice/credentials/participant";
    let list = "/alice/status";
    let sign = |credential: &Value| {
        let header = json!({"alg": "ES256", "typ": "vc+jwt", "cty": "vc", "iss": alice.did, "kid": alice.keys.key_id()});
        alice.sign(&header, credential)
    };
    let description = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/gaia-x/development#"],
        "type": ["VerifiableCredential", "gx:LegalPerson"], "issuer": alice.did,
        "credentialSubject": {"id": alice.did, "type": "gx:LegalPerson", "schema:name": "Alice"},
        "credentialStatus": {"type": "StatusList2021Entry", "statusPurpose": "revocation",
            "statusListIndex": "7", "statusListCredential": scene.world.site.url(list)},
    });
    scene.world.site.page(page, 200, "application/vc+jwt", &sign(&description));
    let publish = |byte: u8| {
        let mut bits = vec![0; 16 * 1024];
        bits[0] = byte;
        let credential = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "issuer": alice.did,
            "type": ["VerifiableCredential", "StatusList2021Credential"],
            "credentialSubject": {"type": "StatusList2021", "statusPurpose": "revocation",
                "encodedList": &pack(&bits)[1..]},
        });
        scene.world.site.page(list, 200, "application/vc+jwt", &sign(&credential));
    };
    let refused = scene.trust.participant(&alice.did).await.unwrap_err();
    assert!(matches!(refused, TrustError::Unavailable(_)), "no list: {refused}");
    publish(0);
    scene.world.clock.add_s(5);
    let found = scene.only().await;
    assert_eq!((found.trusted, found.status), (true, CredentialStatus::Valid));
    assert_eq!(found.types, ["gx:LegalPerson"]);
    publish(1);
    scene.world.clock.add_s(300);
    let refused = scene.trust.participant(&alice.did).await.unwrap_err();
    assert!(refused.to_string().contains("it is revoked"), "{refused}");
}

#[tokio::test]
async fn a_participant_out_of_reach_keeps_its_credentials_for_a_while() {
    let scene = Scene::new().await;
    scene.present(&[scene.sign(&scene.notary, &scene.with_status())]);
    scene.publish(&[], |_| {});
    assert_eq!(scene.only().await.status, CredentialStatus::Valid);
    scene.world.site.page(VP, 503, "text/plain", "");
    scene.publish(&[42], |_| {});
    scene.world.clock.add_s(60);
    assert_eq!(scene.only().await.status, CredentialStatus::Revoked, "its issuer is asked all the same");
    scene.world.clock.add_s(540);
    let alice = scene.alice().await;
    assert!(alice.credentials.is_empty() && alice.problems[0].contains("the answer is 503"));
    // Withdrawn by the participant itself: gone at once.
    scene.present(&[scene.sign(&scene.notary, &scene.membership())]);
    scene.world.clock.add_s(60);
    assert_eq!(scene.alice().await.credentials.len(), 1);
    scene.world.site.page(VP, 404, "text/plain", "");
    scene.world.clock.add_s(601);
    assert!(scene.alice().await.credentials.is_empty());
    scene.world.site.page(VP, 503, "text/plain", "");
    scene.world.clock.add_s(60);
    assert!(scene.alice().await.credentials.is_empty());
}
