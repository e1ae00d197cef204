//! Messages of the peer.
#![expect(clippy::indexing_slicing, reason = "members of objects that are made here")]

use super::Process;
use super::rules;
use crate::tck::scenario::{Kind, Move, Role, State};
use serde_json::{Value, json};

/// The participant that the peer says it is, as the kit does.
pub const PARTICIPANT: &str = "TCK_PARTICIPANT";

fn head(kind: &str) -> Value {
    json!({
        "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"],
        "@type": kind,
        "@id": super::fresh("message"),
    })
}

fn permission() -> Value {
    json!([{"action": "use"}])
}

impl Process {
    /// Both ids, the consumer's first.
    pub(super) fn pids(&self) -> (&str, &str) {
        let theirs = self.their_pid.as_deref().unwrap_or_default();
        match self.role {
            Role::Consumer => (&self.pid, theirs),
            Role::Provider => (theirs, &self.pid),
        }
    }

    /// Ids of assigner and assignee.
    fn parties(&self) -> (&str, &str) {
        match self.role {
            Role::Provider => (PARTICIPANT, &self.them),
            Role::Consumer => (&self.them, PARTICIPANT),
        }
    }

    fn offer(&self, id: &str) -> Value {
        let (assigner, assignee) = self.parties();
        json!({
            "@type": "Offer", "@id": id, "target": self.subject, "assigner": assigner, "assignee": assignee,
            "permission": permission(),
        })
    }

    /// The message that opens the process.
    pub(super) fn opening(&self, callback: &str, format: &str) -> Value {
        let mut body = head(rules::message_type(self.kind, Move::Request));
        body["consumerPid"] = json!(self.pid);
        body["callbackAddress"] = json!(callback);
        match self.kind {
            Kind::Negotiation => {
                body["offer"] = json!({
                    "@type": "Offer", "@id": self.offer_id, "target": self.subject, "permission": permission(),
                });
            }
            Kind::Transfer => {
                body["agreementId"] = json!(self.subject);
                body["format"] = json!(format);
            }
        }
        body
    }

    /// A message within the process. `now` is for the timestamp of an agreement.
    pub(super) fn message(&self, act: Move, now: &str) -> Value {
        let mut body = head(rules::message_type(self.kind, act));
        let (consumer, provider) = self.pids();
        body["providerPid"] = json!(provider);
        body["consumerPid"] = json!(consumer);
        match act {
            // A counter-offer has an id of its own, as the kit's has.
            Move::Request => body["offer"] = self.offer(&format!("CD123:{}:456", self.subject)),
            Move::Offer => body["offer"] = self.offer(&self.offer_id),
            Move::Agree => {
                let (assigner, assignee) = self.parties();
                body["agreement"] = json!({
                    "@type": "Agreement", "@id": super::fresh("agreement"), "target": self.subject,
                    "assigner": assigner, "assignee": assignee, "timestamp": now, "permission": permission(),
                });
            }
            Move::Accept | Move::Finalize => body["eventType"] = json!(rules::target(act).name()),
            Move::Start if self.role == Role::Provider => {
                body["dataAddress"] = json!({
                    "@type": "DataAddress", "endpoint": "http://example.com",
                    "endpointType": "https://w3id.org/idsa/v4.1/HTTP",
                });
            }
            Move::Suspend | Move::Terminate => body["code"] = json!("1"),
            Move::Verify | Move::Start | Move::Complete => {}
        }
        body
    }

    /// The process as shown to the other side.
    pub(super) fn shown(&self, state: State) -> Value {
        let mut body = head(match self.kind {
            Kind::Negotiation => "ContractNegotiation",
            Kind::Transfer => "TransferProcess",
        });
        let (consumer, provider) = self.pids();
        body["providerPid"] = json!(provider);
        body["consumerPid"] = json!(consumer);
        body["state"] = json!(state.name());
        body
    }
}

/// An error answer.
pub(super) fn error(kind: Kind, body: &Value, reason: &str) -> Value {
    let mut answer = head(match kind {
        Kind::Negotiation => "ContractNegotiationError",
        Kind::Transfer => "TransferError",
    });
    for member in ["providerPid", "consumerPid"] {
        answer[member] = body.get(member).cloned().unwrap_or_else(|| json!("unknown"));
    }
    answer["code"] = json!("400");
    answer["reason"] = json!([reason]);
    answer
}
