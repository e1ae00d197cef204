//! The provider's steps: a request, an acceptance, a verification, and what follows by itself.

use super::receive::purposes;
use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::facts::refused;
use crate::fault::Fault;
use crate::port::{Change, Expect};
use crate::record::{AgreementRecord, NegotiationRecord};
use policies::{Phase, Policy};
use protocol::agreement::Agreement;
use protocol::message::ContractRequestMessage;
use protocol::negotiation::{Act, Negotiation};
use protocol::role::Role;
use serde_json::Value;

impl Engine {
    /// An initial request. Handled automatically, it is agreed and signed in the same step or refused; else it
    /// waits for a decision.
    pub(super) async fn requested(
        &self,
        caller: &Caller,
        message: ContractRequestMessage,
    ) -> Result<NegotiationRecord, Fault> {
        let did = caller.require()?.to_owned();
        let _turn = self.locks.hold(&format!("{did} {}", message.consumer_pid)).await;
        if let Some(record) = self.opened_before(&did, &message.consumer_pid).await? {
            return Ok(record);
        }
        let callback = message
            .callback_address
            .clone()
            .ok_or_else(|| Fault::malformed("callbackAddress", "is missing from an initial request"))?;
        self.ports.peers.check_url(&callback)?;
        let offer_id = message.offer.get("@id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let offered = self
            .find_offer(caller, &offer_id)
            .ok_or_else(|| Fault::malformed("offer/@id", format!("{offer_id} is not an offer of ours")))?;
        let dataset = offered.asset.id.clone();
        let offer = self.readable_offer(message.offer.clone(), Some(&dataset))?;
        let purpose = purposes(&message.extra);
        let handling = self.handling_for(&offered.definition.handling, caller, &dataset);
        let now = self.now();
        let mut record = NegotiationRecord {
            pid: self.ports.ids.urn(),
            role: Role::Provider,
            peer: did,
            peer_pid: Some(message.consumer_pid.clone()),
            peer_address: callback.trim_end_matches('/').to_owned(),
            dataset_id: dataset,
            offer_id,
            definition_id: Some(offered.definition.id.clone()),
            claims: caller.claims.clone(),
            credentials: caller.known.credentials.clone(),
            handling,
            asked: None,
            process: Negotiation::open(Role::Consumer, offer.clone()),
            purpose,
            callback_addresses: Vec::new(),
            protocol: "dataspace-protocol-http:2025-1".to_owned(),
            created_at: now,
            updated_at: now,
            error_detail: None,
        };
        if !record.handling.request.is_automatic() {
            self.commit(self.keep(&record, Expect::Absent)?).await?;
            return Ok(record);
        }
        if !Policy::parse(&offer)?.same_terms(&offered.policy) {
            return Err(Fault::refused("the terms differ from those of the offer"));
        }
        let acknowledged = record.clone();
        let requested = self.negotiation_event(&record);
        let agreed = self.conclude(caller, &mut record, &offered.policy)?;
        self.commit(Change::new().put(&record, Expect::Absent)?.and(requested).then(agreed)).await?;
        Ok(acknowledged)
    }

    /// A counter-offer. Handled automatically, it is agreed at once when it comes back to our own terms; else,
    /// or with other terms, it waits for a decision.
    pub(super) fn countered(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        expect: Expect,
        message: ContractRequestMessage,
    ) -> Result<Change, Fault> {
        let offer = self.readable_offer(message.offer, Some(&record.dataset_id))?;
        let asked = Policy::parse(&offer)?;
        self.advance(record, Role::Consumer, Act::Request { offer })?;
        let requested = self.negotiation_event(record);
        let ours = self.own_terms(record);
        if record.handling.request.is_automatic() && ours.is_some_and(|ours| asked.same_terms(&ours)) {
            let agreed = self.conclude(caller, record, &asked)?;
            return Ok(Change::new().put(record, expect)?.and(requested).then(agreed));
        }
        Ok(Change::new().put(record, expect)?.and(requested))
    }

    /// The consumer accepts our offer.
    pub(super) fn accepted(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        expect: Expect,
    ) -> Result<Change, Fault> {
        self.advance(record, Role::Consumer, Act::Accept)?;
        let accepted = self.negotiation_event(record);
        let mut agreed = Change::new();
        if record.handling.accepted.is_automatic() {
            let policy = table_policy(record)?;
            agreed = self.conclude(caller, record, &policy)?;
        }
        Ok(Change::new().put(record, expect)?.and(accepted).then(agreed))
    }

    /// Checks `policy`, makes the agreement, signs it and queues it. The record itself is not in the change.
    pub(super) fn conclude(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        policy: &Policy,
    ) -> Result<Change, Fault> {
        for phase in [Phase::Negotiation, Phase::Agreement] {
            let facts = self.facts(phase, caller, &record.dataset_id, &record.purpose);
            let verdict = self.ask(policy, caller, facts);
            if !verdict.permitted {
                return Err(refused(policy, caller, verdict));
            }
        }
        let mut agreement = self.make_agreement(policy, &record.dataset_id, &record.peer, self.now());
        self.sign_agreement(&mut agreement)?;
        self.advance(record, Role::Provider, Act::Agree { agreement: agreement.clone() })?;
        let contract = self.contract(record, &agreement);
        let body = reply::agreement(record, &agreement);
        Ok(Change::new()
            .put(&contract, Expect::Absent)?
            .and(self.negotiation_event(record))
            .and(self.negotiation_message(record, "agreement", body, caller)))
    }

    /// The agreement of a negotiation, not in force yet.
    pub(super) fn contract(&self, record: &NegotiationRecord, agreement: &Agreement) -> AgreementRecord {
        AgreementRecord {
            id: agreement.id().to_owned(),
            negotiation_pid: record.pid.clone(),
            role: record.role,
            peer: record.peer.clone(),
            dataset_id: record.dataset_id.clone(),
            agreement: agreement.clone(),
            claims: record.claims.clone(),
            purpose: record.purpose.clone(),
            handling: record.handling.clone(),
            signed_at: agreement.timestamp().unwrap_or_else(|| self.now()),
            in_force: false,
            ended: None,
        }
    }

    /// The consumer's verification: its signature is checked; handled automatically, the contract is final.
    pub(super) async fn verified(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        expect: Expect,
        signature: Option<Value>,
    ) -> Result<Change, Fault> {
        self.advance(record, Role::Consumer, Act::Verify { signature: signature.clone() })?;
        let mut agreement = agreement_of(record)?;
        let demanded =
            self.settings.require_signatures || Policy::parse(agreement.policy())?.demands_signature();
        if signature.is_some() {
            // Our own signature must come back as we made it; then it need not be checked anew.
            let ours = agreement.jws().map(|jws| jws.signatures).unwrap_or_default();
            agreement.signatures = signature;
            let all = agreement.jws().map(|jws| jws.signatures).unwrap_or_default();
            if !ours.iter().all(|entry| all.contains(entry)) {
                return Err(Fault::refused("the verification does not carry our signature as we sent it"));
            }
            self.check_signature(&agreement, &record.peer).await?;
        } else if demanded {
            return Err(Fault::refused("the verification must carry the consumer's signature and does not"));
        }
        if !record.handling.finalize.is_automatic() {
            return self.keep(record, expect);
        }
        let verified = self.negotiation_event(record);
        Ok(Change::new().and(verified).then(self.finalized(caller, record, expect).await?))
    }

    /// Makes a verified negotiation final and says so.
    pub(super) async fn finalized(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        expect: Expect,
    ) -> Result<Change, Fault> {
        self.advance(record, Role::Provider, Act::Finalize)?;
        let body = reply::event(record, "FINALIZED");
        let message = self.negotiation_message(record, "events", body, caller);
        Ok(self.in_force(record, expect).await?.and(message))
    }

    /// The contract of a finalized negotiation comes into force.
    pub(super) async fn in_force(&self, record: &NegotiationRecord, expect: Expect) -> Result<Change, Fault> {
        let agreement = agreement_of(record)?;
        let (mut contract, version) = self.load_row::<AgreementRecord>(agreement.id()).await?;
        contract.in_force = true;
        contract.agreement = agreement;
        let change = self.keep(record, expect)?.put(&contract, Expect::Version(version))?;
        Ok(change.then(self.open_ledger(&contract)?).all(self.validity_timer(&contract)?))
    }

    /// An offer that a peer or a client wants to put on the table: about the right dataset, and understood.
    pub(super) fn readable_offer(&self, offer: Value, dataset: Option<&str>) -> Result<Value, Fault> {
        if let (Some(target), Some(dataset)) = (offer.get("target").and_then(Value::as_str), dataset)
            && target != dataset
        {
            return Err(Fault::malformed("offer/target", format!("the offer is about {dataset}")));
        }
        let unknown = Policy::parse(&offer)?.unsupported();
        if unknown.is_empty() {
            return Ok(offer);
        }
        let reason = |u: &policies::Unsupported| {
            format!("the offer's term {} at {} is not understood: {}", u.term, u.path, u.reason)
        };
        Err(Fault::Refused { reasons: unknown.iter().map(reason).collect(), verdict: None })
    }

    /// The terms of the contract definition behind a negotiation, as they are now.
    pub(super) fn own_terms(&self, record: &NegotiationRecord) -> Option<Policy> {
        let published = self.published();
        let definition =
            published.definitions.iter().find(|d| Some(&d.id) == record.definition_id.as_ref())?;
        published.policies.get(&definition.contract_policy_id).cloned()
    }
}

/// The policy of the offer on the table.
pub(super) fn table_policy(record: &NegotiationRecord) -> Result<Policy, Fault> {
    let offer = record
        .process
        .offer()
        .ok_or_else(|| Fault::Internal("a negotiation without an offer on the table".to_owned()))?;
    Ok(Policy::parse(offer)?)
}

pub(super) fn agreement_of(record: &NegotiationRecord) -> Result<Agreement, Fault> {
    record
        .process
        .agreement()
        .cloned()
        .ok_or_else(|| Fault::Internal("a negotiation without the agreement that it should have".to_owned()))
}
