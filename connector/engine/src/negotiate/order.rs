//! What our own side asks of a negotiation.

use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::handling::Handling;
use crate::port::{Expect, Write};
use crate::publish::offerable::{as_offer, sendable};
use crate::record::{Kind, NegotiationRecord};
use policies::Policy;
use protocol::negotiation::Negotiation;
use protocol::role::Role;
use serde_json::Value;

/// Ask a provider for a contract.
#[derive(Debug, Clone)]
pub struct NegotiationOrder {
    /// Provider's DID.
    pub peer: String,
    /// Provider's DSP base address.
    pub address: String,
    /// The offer as in its catalogue: `@id`, `target`, rules; `assigner` optional.
    pub offer: Value,
    /// What happens by itself.
    pub handling: Handling,
    /// What we want the data for.
    pub purpose: Vec<String>,
    /// Callback addresses in the EDC form.
    pub callback_addresses: Vec<Value>,
    /// Protocol name that the client used.
    pub protocol: String,
}

impl Engine {
    /// Starts a negotiation as consumer. The provider's self-description is verified first.
    ///
    /// # Errors
    /// [`Fault::Malformed`] for an incomplete offer, [`Fault::Refused`] when the provider's self-description is
    /// invalid or the offer holds terms that we do not understand.
    pub async fn start_negotiation(&self, order: NegotiationOrder) -> Result<NegotiationRecord, Fault> {
        let offer_id = member(&order.offer, "@id")?;
        let dataset_id = member(&order.offer, "target")?;
        let policy = Policy::parse(&order.offer)?;
        let unknown = policy.unsupported();
        if !unknown.is_empty() {
            return Err(Fault::Refused {
                reasons: unknown
                    .iter()
                    .map(|u| {
                        format!("the offer's term {} at {} is not understood: {}", u.term, u.path, u.reason)
                    })
                    .collect(),
                verdict: None,
            });
        }
        self.ports.peers.check_url(&order.address)?;
        self.ports.trust.participant(&order.peer).await?;
        let offer = as_offer(&policy.with_parties(
            Some(offer_id.clone()),
            policies::PolicyKind::Offer,
            Some(dataset_id.clone()),
            Some(order.peer.clone()),
            Some(self.did().to_owned()),
        ));
        sendable(&offer)?;
        let now = self.now();
        let record = NegotiationRecord {
            pid: self.ports.ids.urn(),
            role: Role::Consumer,
            peer: order.peer,
            peer_pid: None,
            peer_address: order.address.trim_end_matches('/').to_owned(),
            dataset_id,
            offer_id,
            definition_id: None,
            claims: policies::Claims::default(),
            credentials: Vec::new(),
            handling: order.handling,
            asked: Some(offer.clone()),
            process: Negotiation::open(Role::Consumer, offer.clone()),
            purpose: order.purpose,
            callback_addresses: order.callback_addresses,
            protocol: order.protocol,
            created_at: now,
            updated_at: now,
            error_detail: None,
        };
        let body = reply::request(&record, &offer, &self.settings.base_url);
        let message = self.negotiation_message(&record, "", body, &Caller::default());
        self.commit(self.keep(&record, Expect::Absent)?.and(message)).await?;
        Ok(record)
    }

    /// Forgets a negotiation that ended without an agreement.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::Conflict`].
    pub async fn delete_negotiation(&self, pid: &str) -> Result<(), Fault> {
        let _turn = self.locks.hold(pid).await;
        let (record, _) = self.load_row::<NegotiationRecord>(pid).await?;
        if !super::over(&record.process) || record.process.agreement().is_some() {
            return Err(Fault::Conflict(format!(
                "ContractNegotiation {pid} is in state {} and cannot be deleted",
                record.process.state().name()
            )));
        }
        let change = crate::port::Change::new()
            .and(Write::Delete { kind: Kind::Negotiation, id: pid.to_owned() })
            .and(self.event("contract.negotiation.deleted", pid, Value::Null));
        Ok(self.commit(change).await?)
    }
}

fn member(offer: &Value, name: &str) -> Result<String, Fault> {
    offer
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
        .ok_or_else(|| Fault::malformed(format!("offer/{name}"), "is missing or blank"))
}
