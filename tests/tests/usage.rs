//! Usage control end to end: counted uses, payments, consents, events, deadlines and deletion, with real processes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::client::{Management, anybody, file, http, list, segment};
use conformance::{Participant, Setup};
use serde_json::{Value, json};
use std::time::Duration;

const PARALLEL: usize = 12;

struct Pair {
    provider: Participant,
    consumer: Participant,
    folder: tempfile::TempDir,
}

impl Pair {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("data.csv"), "hour,height\n1,2\n").unwrap();
        let start = |name: &str| Setup::new(name, folder.path()).start();
        Self { provider: start("Provider"), consumer: start("Consumer"), folder }
    }

    fn host(&self) -> Management {
        self.provider.management()
    }

    fn guest(&self) -> Management {
        self.consumer.management()
    }

    /// Publishes a dataset under `policy`, and concludes a contract on it.
    async fn agree(&self, dataset: &str, policy: Value) -> String {
        self.host().publish(dataset, file(&self.folder.path().join("data.csv")), policy, anybody()).await;
        let (did, address) = (self.provider.setup.did(), self.provider.setup.address());
        let agreement = self.guest().agree(&did, &address, dataset, &[]).await;
        // The provider may be a moment behind.
        for _ in 0..100 {
            if self.host().get(&format!("/v1/agreements/{}", segment(&agreement))).await["inForce"] == true {
                return agreement;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the agreement is not in force");
    }

    /// Asks for a transfer; gives the consumer's id of it.
    async fn transfer(&self, agreement: &str) -> String {
        self.guest().transfer(&self.provider.setup.address(), agreement).await
    }

    /// Asks for a transfer, and says in which state of these it came, with the reason if there is one.
    async fn outcome(&self, agreement: &str) -> (String, Value) {
        let id = self.transfer(agreement).await;
        let record = self.guest().wait("transferprocesses", &id, &["STARTED", "TERMINATED"]).await;
        (id, record)
    }

    async fn usage(&self, side: &Management, agreement: &str) -> Value {
        side.get(&format!("/v1/agreements/{}/usage", segment(agreement))).await
    }
}

fn at(agreement: &str, what: &str) -> String {
    format!("/v1/agreements/{}/{what}", segment(agreement))
}

fn use_under(constraint: Value) -> Value {
    json!({"permission": [{"action": "use", "constraint": [constraint]}]})
}

/// Waits until a transfer of this side has ended; gives it.
async fn ended(side: &Management, id: &str) -> Value {
    side.wait("transferprocesses", id, &["TERMINATED"]).await
}

/// Waits for an event of this type about this subject; gives its data.
async fn event(side: &Management, kind: &str, subject: &str) -> Value {
    for _ in 0..300 {
        let found =
            side.get(&format!("/v1/events?type={kind}&subject={}&limit=1000", segment(subject))).await;
        if let Some(event) = list(&found["events"]).first() {
            return event["data"].clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no event {kind} about {subject}");
}

fn in_seconds(seconds: i64) -> String {
    use engine::port::Clock as _;
    connector::system::SystemClock.now().plus_millis(seconds * 1000).to_rfc3339()
}

#[tokio::test]
async fn uses_at_the_same_time_never_exceed_what_was_agreed() {
    let mut pair = Pair::new();
    let limit = json!({"leftOperand": "count", "operator": "lteq", "rightOperand": 5});
    let agreement = pair.agree("five", use_under(limit)).await;
    let asked = (0..PARALLEL).map(|_| pair.outcome(&agreement));
    let outcomes = futures_util::future::join_all(asked).await;
    let started: Vec<&String> =
        outcomes.iter().filter(|(_, t)| t["state"] == "STARTED").map(|(id, _)| id).collect();
    assert_eq!(started.len(), 5, "{outcomes:#?}");
    assert_eq!(pair.usage(&pair.host(), &agreement).await["uses"], 5);
    for (_, refused) in outcomes.iter().filter(|(_, t)| t["state"] == "TERMINATED") {
        assert!(refused["errorDetail"].as_str().unwrap().contains("at most 5"), "{refused:#}");
    }
    // What was started goes on, and after a restart nothing more is granted.
    let (url, token) = pair.guest().edr(started[0]).await;
    let setup = pair.provider.kill();
    pair.provider = setup.start();
    let got = http().get(&url).header("authorization", &token).send().await.unwrap();
    assert_eq!(got.status(), 200);
    assert_eq!(pair.outcome(&agreement).await.1["state"], "TERMINATED");
    assert_eq!(pair.usage(&pair.host(), &agreement).await["uses"], 5);
}

#[tokio::test]
async fn a_payment_opens_and_a_withdrawn_consent_closes() {
    let pair = Pair::new();
    let policy = json!({"permission": [{"action": "use", "duty": [
        {"action": "compensate", "constraint": [{"leftOperand": "payAmount", "operator": "eq", "rightOperand": "12.50",
            "unit": "http://dbpedia.org/resource/Euro"}]},
        {"action": "obtainConsent"}]}]});
    let agreement = pair.agree("paid", policy).await;
    let host = pair.host();
    assert_eq!(pair.outcome(&agreement).await.1["state"], "TERMINATED", "nothing was paid");
    let pay = |id: &str, amount: &str| json!({"id": id, "amount": amount, "unit": "http://dbpedia.org/resource/Euro", "reference": "transfer 7"});
    host.post(&at(&agreement, "payments"), &pay("p1", "10")).await;
    host.post(&at(&agreement, "consents"), &json!({"id": "c1", "by": "urn:patients"})).await;
    assert_eq!(pair.outcome(&agreement).await.1["state"], "TERMINATED", "too little was paid");
    host.post(&at(&agreement, "payments"), &pay("p2", "2.50")).await;
    let (status, _) = host.call("POST", &at(&agreement, "payments"), Some(&pay("p2", "2.50"))).await;
    assert_eq!(status, 409, "one payment counts once");
    for wrong in ["-1", "0", "much"] {
        let (status, answer) = host.call("POST", &at(&agreement, "payments"), Some(&pay("p3", wrong))).await;
        assert_eq!(status, 400, "{answer:#}");
    }
    let (id, started) = pair.outcome(&agreement).await;
    assert_eq!(started["state"], "STARTED", "{started:#}");
    let (url, token) = pair.guest().edr(&id).await;
    host.post(&at(&agreement, "consents/c1/withdraw"), &json!({"reason": "no longer"})).await;
    let gone = ended(&pair.guest(), &id).await;
    assert!(gone["errorDetail"].as_str().is_some_and(|why| !why.is_empty()), "{gone:#}");
    let got = http().get(&url).header("authorization", &token).send().await.unwrap();
    assert!(got.status().is_client_error(), "{}", got.status());
    assert_eq!(event(&host, "policy.consent.withdrawn", &agreement).await["reason"], "no longer");
}

#[tokio::test]
async fn an_event_ends_a_use_and_a_consent_expires() {
    let pair = Pair::new();
    let host = pair.host();
    let until =
        use_under(json!({"leftOperand": "event", "operator": "lt", "rightOperand": "urn:end-of-project"}));
    let agreement = pair.agree("project", until).await;
    let (id, started) = pair.outcome(&agreement).await;
    assert_eq!(started["state"], "STARTED");
    let reported = json!({"id": "e1", "event": "urn:end-of-project", "start": in_seconds(1)});
    let (status, answer) = host.call("POST", "/v1/policy-events", Some(&reported)).await;
    assert_eq!(status, 201, "{answer:#}");
    ended(&pair.guest(), &id).await;
    assert_eq!(pair.outcome(&agreement).await.1["state"], "TERMINATED", "it is over for good");
    assert_eq!(host.get("/v1/policy-events").await[0]["event"], "urn:end-of-project");

    let consented = json!({"permission": [{"action": "use", "duty": [{"action": "obtainConsent"}]}]});
    let agreement = pair.agree("consented", consented).await;
    host.post(&at(&agreement, "consents"), &json!({"by": "urn:patients", "until": in_seconds(2)})).await;
    let (id, started) = pair.outcome(&agreement).await;
    assert_eq!(started["state"], "STARTED");
    ended(&pair.guest(), &id).await;
}

#[tokio::test]
async fn a_deadline_that_passes_is_a_breach_also_after_a_restart() {
    let mut pair = Pair::new();
    let deadline = in_seconds(4);
    let duty = json!([{"action": "reviewPolicy", "constraint": [
        {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": deadline}]}]);
    let policy = json!({"permission": [{"action": "use"}], "obligation": duty});
    let agreement = pair.agree("review", policy).await;
    let open = pair.host().get("/v1/duties").await;
    assert_eq!(open[0]["duties"][0]["deadline"], json!(deadline), "{open:#}");
    let setup = pair.provider.kill();
    tokio::time::sleep(Duration::from_secs(4)).await;
    pair.provider = setup.start();
    let host = pair.host();
    let violated = event(&host, "policy.duty.violated", &agreement).await;
    assert_eq!((&violated["duty"], &violated["action"]), (&json!("obligation/0"), &json!("reviewPolicy")));
    let usage = pair.usage(&host, &agreement).await;
    assert_eq!(usage["duties"][0]["state"], "violated", "{usage:#}");
    let done = json!({"duty": "obligation/0", "evidence": "minutes of the meeting"});
    let usage = host.post(&at(&agreement, "duties/fulfil"), &done).await;
    assert_eq!(
        (&usage["duties"][0]["state"], &usage["duties"][0]["late"]),
        (&json!("fulfilled"), &json!(true))
    );
    let (status, _) = host.call("POST", &at(&agreement, "duties/fulfil"), Some(&done)).await;
    assert_eq!(status, 409);
    let (status, answer) =
        host.call("POST", &at(&agreement, "duties/fulfil"), Some(&json!({"duty": "obligation/7"}))).await;
    assert_eq!(status, 400, "{answer:#}");
    assert!(answer[0]["message"].as_str().unwrap().contains("it has: obligation/0"), "{answer:#}");
}

#[tokio::test]
async fn a_date_that_passes_while_the_provider_is_down_ends_the_use_at_its_return() {
    let mut pair = Pair::new();
    let end = in_seconds(4);
    let until = json!({"leftOperand": "dateTime", "operator": "lt", "rightOperand": end});
    let agreement = pair.agree("dated", use_under(until)).await;
    let (id, started) = pair.outcome(&agreement).await;
    assert_eq!(started["state"], "STARTED", "{started:#}");
    let (url, token) = pair.guest().edr(&id).await;
    let setup = pair.provider.kill();
    tokio::time::sleep(Duration::from_secs(4)).await;
    pair.provider = setup.start();
    ended(&pair.guest(), &id).await;
    let got = http().get(&url).header("authorization", &token).send().await.unwrap();
    assert!(got.status().is_client_error(), "{}", got.status());
}

#[tokio::test]
async fn what_must_be_deleted_is_deleted_and_uses_are_logged() {
    let pair = Pair::new();
    let policy = json!({
        "permission": [{"action": "use", "duty": [
            {"action": "log"}, {"action": "inform", "informedParty": "did:web:auditor.example"}]}],
        "obligation": [{"action": "delete", "constraint": [
            {"leftOperand": "elapsedTime", "operator": "lteq", "rightOperand": "PT63S"}]}]});
    let agreement = pair.agree("logged", policy).await;
    let (id, started) = pair.outcome(&agreement).await;
    assert_eq!(started["state"], "STARTED", "{started:#}");
    for side in [pair.host(), pair.guest()] {
        let all =
            side.get(&format!("/v1/events?type=policy.duty.performed&subject={}", segment(&agreement))).await;
        let actions: Vec<Value> = list(&all["events"]).iter().map(|e| e["data"]["action"].clone()).collect();
        assert_eq!(actions, ["log", "inform"], "{all:#}");
        assert_eq!(list(&all["events"])[1]["data"]["informedParty"], "did:web:auditor.example");
    }
    // The consumer deletes a minute before the deadline, which is in three seconds, and says so.
    let deleted = event(&pair.guest(), "policy.duty.fulfilled", &agreement).await;
    assert_eq!((&deleted["action"], &deleted["late"]), (&json!("delete"), &json!(false)));
    assert_eq!(deleted["evidence"], "1 transfers ended, 1 access tokens deleted");
    let (status, _) = pair.guest().call("GET", &format!("/v3/edrs/{}/dataaddress", segment(&id)), None).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn time_of_use_is_metered_over_transfers() {
    let pair = Pair::new();
    let limit = json!({"leftOperand": "meteredTime", "operator": "lteq", "rightOperand": "PT2S"});
    let agreement = pair.agree("metered", use_under(limit)).await;
    let (id, started) = pair.outcome(&agreement).await;
    assert_eq!(started["state"], "STARTED");
    ended(&pair.guest(), &id).await;
    let usage = pair.usage(&pair.host(), &agreement).await;
    assert_eq!(usage["meteredSeconds"], 2, "{usage:#}");
    assert_eq!(pair.outcome(&agreement).await.1["state"], "TERMINATED", "the time is used up");
}

#[tokio::test]
async fn a_duty_of_a_permission_opens_its_use_and_a_missed_one_keeps_it_closed() {
    let pair = Pair::new();
    let host = pair.host();
    let deadline = in_seconds(6);
    let policy = json!({"permission": [{"action": "use", "duty": [{"action": "reviewPolicy", "constraint": [
        {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": deadline}]}]}]});
    let met = pair.agree("met", policy.clone()).await;
    let missed = pair.agree("missed", policy).await;
    assert_eq!(pair.outcome(&met).await.1["state"], "TERMINATED", "the duty comes before the use");
    let done = json!({"duty": "permission/0/duty/0", "evidence": "minutes of the meeting"});
    host.post(&at(&met, "duties/fulfil"), &done).await;
    let (id, started) = pair.outcome(&met).await;
    assert_eq!(started["state"], "STARTED", "{started:#}");
    let violated = event(&host, "policy.duty.violated", &missed).await;
    assert_eq!(violated["duty"], "permission/0/duty/0");
    assert_eq!(pair.outcome(&missed).await.1["state"], "TERMINATED", "it was not done in time");
    // What was done in time stays done: the deadline does not end the use.
    let (url, token) = pair.guest().edr(&id).await;
    let got = http().get(&url).header("authorization", &token).send().await.unwrap();
    assert_eq!(got.status(), 200);
    // Late is better than never where the policy asks for nothing more.
    let usage = host.post(&at(&missed, "duties/fulfil"), &done).await;
    assert_eq!(usage["duties"][0]["late"], true, "{usage:#}");
    assert_eq!(pair.outcome(&missed).await.1["state"], "STARTED");
}
