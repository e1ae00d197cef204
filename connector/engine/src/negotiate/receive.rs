//! Negotiation messages from the counterparty.

use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, Write};
use crate::record::{AgreementRecord, Kind, NegotiationRecord};
use crate::step::reason_text;
use policies::{Phase, Policy, decide};
use protocol::agreement::{Agreement, SIGNATURE_PROPERTY};
use protocol::message::{ContractRequestMessage, EventType, NegotiationMessage};
use protocol::negotiation::{Act, Negotiation};
use protocol::role::Role;
use serde_json::Value;

impl Engine {
    /// Takes a negotiation message. `path_pid` is our process id from the URL; absent for an initial message.
    ///
    /// # Errors
    /// Any fault; then nothing has changed.
    pub async fn receive_negotiation(
        &self,
        caller: &Caller,
        path_pid: Option<&str>,
        message: NegotiationMessage,
    ) -> Result<NegotiationRecord, Fault> {
        let caller = self.known(caller).await?;
        match (path_pid, message) {
            (None, NegotiationMessage::Request(request)) => self.requested(&caller, request).await,
            (None, NegotiationMessage::Offer(_)) => Err(Fault::refused(
                "this participant does not take unsolicited offers; send a contract request's answer instead",
            )),
            (None, _) => Err(Fault::malformed("@type", "is not an initial message")),
            (Some(pid), message) => self.continued(&caller, pid, message).await,
        }
    }

    /// An initial request: checked against the offer and its policy; agreed and signed in the same step.
    async fn requested(
        &self,
        caller: &Caller,
        message: ContractRequestMessage,
    ) -> Result<NegotiationRecord, Fault> {
        let did = caller.require()?.to_owned();
        let _turn = self.locks.hold(&format!("{did} {}", message.consumer_pid)).await;
        if let Some(row) =
            self.ports.store.by_peer_pid(Kind::Negotiation, &did, &message.consumer_pid).await?
        {
            return serde_json::from_value(row.doc).map_err(|e| Fault::Internal(e.to_string()));
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
        if let Some(target) = message.offer.get("target").and_then(Value::as_str)
            && target != dataset
        {
            return Err(Fault::malformed("offer/target", format!("the offer is about {dataset}")));
        }
        let asked = Policy::parse(&message.offer)?;
        if !asked.same_terms(&offered.policy) {
            return Err(Fault::refused("the terms differ from those of the offer"));
        }
        let purpose = purposes(&message.extra);
        for phase in [Phase::Negotiation, Phase::Agreement] {
            let verdict = decide(&offered.policy, &self.facts(phase, caller, &dataset, &purpose));
            if !verdict.permitted {
                return Err(Fault::policy(verdict));
            }
        }
        let now = self.now();
        let mut record = NegotiationRecord {
            pid: self.ports.ids.urn(),
            role: Role::Provider,
            peer: did.clone(),
            peer_pid: Some(message.consumer_pid.clone()),
            peer_address: callback.trim_end_matches('/').to_owned(),
            dataset_id: dataset.clone(),
            offer_id,
            process: Negotiation::open(Role::Consumer, message.offer.clone()),
            purpose: purpose.clone(),
            callback_addresses: Vec::new(),
            protocol: "dataspace-protocol-http:2025-1".to_owned(),
            created_at: now,
            updated_at: now,
            error_detail: None,
        };
        let acknowledged = record.clone();
        let requested = self.negotiation_event(&record);

        let mut agreement = self.make_agreement(&offered.policy, &dataset, &did, now);
        self.sign_agreement(&mut agreement)?;
        self.advance(&mut record, Role::Provider, Act::Agree { agreement: agreement.clone() })?;
        let contract = self.contract(&record, &agreement, caller.claims.clone());
        let body = reply::agreement(&record, &agreement);
        let change = Change::new()
            .put(&record, Expect::Absent)?
            .put(&contract, Expect::Absent)?
            .and(requested)
            .and(self.negotiation_event(&record))
            .and(self.negotiation_message(&record, "agreement", body, caller));
        self.commit(change).await?;
        Ok(acknowledged)
    }

    fn contract(
        &self,
        record: &NegotiationRecord,
        agreement: &Agreement,
        claims: policies::Claims,
    ) -> AgreementRecord {
        AgreementRecord {
            id: agreement.id().to_owned(),
            negotiation_pid: record.pid.clone(),
            role: record.role,
            peer: record.peer.clone(),
            dataset_id: record.dataset_id.clone(),
            agreement: agreement.clone(),
            claims,
            purpose: record.purpose.clone(),
            signed_at: agreement.timestamp().unwrap_or_else(|| self.now()),
            in_force: false,
            ended: None,
        }
    }

    /// A message within a negotiation.
    async fn continued(
        &self,
        caller: &Caller,
        pid: &str,
        message: NegotiationMessage,
    ) -> Result<NegotiationRecord, Fault> {
        let did = caller.require()?.to_owned();
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<NegotiationRecord>(pid).await?;
        if record.peer != did {
            return Err(Fault::not_found(Kind::Negotiation, pid));
        }
        bind(&mut record, &message)?;
        let id = message.message_id().map(str::to_owned);
        if let Some(id) = &id
            && self.ports.store.seen(&did, id).await?
        {
            // The same message again: its effect is there already.
            return Ok(record);
        }
        let change = self.turn(caller, &mut record, version, message).await?;
        let change = match id {
            Some(message) => change.and(Write::Seen { peer: did, message, at: self.now() }),
            None => change,
        };
        self.commit(change).await?;
        Ok(record)
    }

    async fn turn(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        version: u64,
        message: NegotiationMessage,
    ) -> Result<Change, Fault> {
        let from = record.role.other();
        let expect = Expect::Version(version);
        match message {
            NegotiationMessage::Agreement(message) if record.role == Role::Consumer => {
                self.agreed(caller, record, version, message.agreement).await
            }
            NegotiationMessage::Verification(message) if record.role == Role::Provider => {
                self.verified(caller, record, version, message.extra.get(SIGNATURE_PROPERTY).cloned()).await
            }
            NegotiationMessage::Event(message) => match (message.event_type, record.role) {
                (EventType::Finalized, Role::Consumer) => {
                    self.advance(record, from, Act::Finalize)?;
                    self.in_force(record, expect).await
                }
                (EventType::Accepted, Role::Provider) => {
                    self.advance(record, from, Act::Accept)?;
                    self.keep(record, expect)
                }
                _ => Err(Fault::malformed("eventType", "is not for this role to receive")),
            },
            NegotiationMessage::Offer(message) if record.role == Role::Consumer => {
                self.advance(record, from, Act::Offer { offer: message.offer })?;
                self.keep(record, expect)
            }
            NegotiationMessage::Request(message) if record.role == Role::Provider => {
                self.advance(record, from, Act::Request { offer: message.offer })?;
                self.keep(record, expect)
            }
            NegotiationMessage::Termination(message) => {
                let reason = reason_text(&message.reason);
                record.error_detail = Some(reason.clone()).filter(|r| !r.is_empty());
                let act = Act::Terminate { code: message.code, reason: vec![reason] };
                self.advance(record, from, act)?;
                self.keep(record, expect)
            }
            _ => Err(Fault::malformed("@type", "is not for this role to receive")),
        }
    }

    /// Consumer: the provider's agreement. Compared with the offer, counter-signed and verified in one step.
    async fn agreed(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        version: u64,
        wire: Value,
    ) -> Result<Change, Fault> {
        let mut agreement = Agreement::from_wire(wire)?;
        self.check_terms(record, &agreement)?;
        let signed = agreement.signatures.is_some();
        let demanded =
            self.settings.require_signatures || Policy::parse(agreement.policy())?.demands_signature();
        // The transition is judged before the signatures, so that a message out of order is told so.
        self.advance(record, Role::Provider, Act::Agree { agreement: agreement.clone() })?;
        if signed {
            self.check_signature(&agreement, &record.peer).await?;
            self.sign_agreement(&mut agreement)?;
        } else if demanded {
            return Err(Fault::refused("the agreement must be signed by the provider and is not"));
        }
        let agreed = self.negotiation_event(record);
        let signature = agreement.signatures.clone();
        self.advance(record, Role::Consumer, Act::Verify { signature })?;
        let contract = self.contract(record, &agreement, policies::Claims::default());
        let body = reply::verification(record, &agreement);
        Ok(Change::new()
            .put(record, Expect::Version(version))?
            .put(&contract, Expect::Absent)?
            .and(agreed)
            .and(self.negotiation_event(record))
            .and(self.negotiation_message(record, "agreement/verification", body, caller)))
    }

    fn check_terms(&self, record: &NegotiationRecord, agreement: &Agreement) -> Result<(), Fault> {
        let expected = [
            ("agreement/assigner", agreement.assigner(), record.peer.as_str()),
            ("agreement/assignee", agreement.assignee(), self.did()),
            ("agreement/target", agreement.target(), record.dataset_id.as_str()),
        ];
        for (field, found, wanted) in expected {
            if found != Some(wanted) {
                return Err(Fault::malformed(
                    field,
                    format!("is {} and should be {wanted}", found.unwrap_or("missing")),
                ));
            }
        }
        let Some(offer) = record.process.offer() else { return Ok(()) };
        if Policy::parse(agreement.policy())?.same_terms(&Policy::parse(offer)?) {
            Ok(())
        } else {
            Err(Fault::refused("the agreement's terms differ from those of the offer"))
        }
    }

    /// Provider: the consumer's verification. Its signature is checked, then the contract is final.
    async fn verified(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        version: u64,
        signature: Option<Value>,
    ) -> Result<Change, Fault> {
        self.advance(record, Role::Consumer, Act::Verify { signature: signature.clone() })?;
        let mut agreement = record
            .process
            .agreement()
            .cloned()
            .ok_or_else(|| Fault::Internal("a verified negotiation without an agreement".to_owned()))?;
        let demanded =
            self.settings.require_signatures || Policy::parse(agreement.policy())?.demands_signature();
        if signature.is_some() {
            agreement.signatures = signature;
            self.check_signature(&agreement, &record.peer).await?;
            self.check_signature(&agreement, self.did()).await?;
        } else if demanded {
            return Err(Fault::refused("the verification must carry the consumer's signature and does not"));
        }
        let verified = self.negotiation_event(record);
        self.advance(record, Role::Provider, Act::Finalize)?;
        let body = reply::event(record, "FINALIZED");
        Ok(self
            .in_force(record, Expect::Version(version))
            .await?
            .and(verified)
            .and(self.negotiation_message(record, "events", body, caller)))
    }

    /// The contract of a finalized negotiation comes into force.
    async fn in_force(&self, record: &NegotiationRecord, expect: Expect) -> Result<Change, Fault> {
        let agreement = record
            .process
            .agreement()
            .ok_or_else(|| Fault::Internal("a finalized negotiation without an agreement".to_owned()))?;
        let (mut contract, version) = self.load_row::<AgreementRecord>(agreement.id()).await?;
        contract.in_force = true;
        contract.agreement = agreement.clone();
        Ok(self.keep(record, expect)?.put(&contract, Expect::Version(version))?)
    }
}

/// Learns the counterparty's pid, or checks that the message names the right processes.
fn bind(record: &mut NegotiationRecord, message: &NegotiationMessage) -> Result<(), Fault> {
    let (own, theirs, own_field, their_field) = match record.role {
        Role::Consumer => (message.consumer_pid(), message.provider_pid(), "consumerPid", "providerPid"),
        Role::Provider => (message.provider_pid(), message.consumer_pid(), "providerPid", "consumerPid"),
    };
    if own.is_some_and(|pid| pid != record.pid) {
        return Err(Fault::malformed(own_field, "does not match the address"));
    }
    match (&record.peer_pid, theirs) {
        (Some(known), Some(pid)) if known != pid => {
            Err(Fault::malformed(their_field, "is not the counterparty's id of this negotiation"))
        }
        (None, Some(pid)) => {
            record.peer_pid = Some(pid.to_owned());
            Ok(())
        }
        _ => Ok(()),
    }
}

fn purposes(extra: &serde_json::Map<String, Value>) -> Vec<String> {
    match extra.get(reply::PURPOSE_PROPERTY) {
        Some(Value::String(purpose)) => vec![purpose.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
