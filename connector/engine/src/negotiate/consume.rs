//! The consumer's steps: an unsolicited offer, an agreement, and its verification.

use super::provide::agreement_of;
use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::handling::Handling;
use crate::port::{Change, Expect};
use crate::record::{AgreementRecord, NegotiationRecord};
use policies::Policy;
use protocol::agreement::Agreement;
use protocol::message::ContractOfferMessage;
use protocol::negotiation::{Act, Negotiation};
use protocol::role::Role;
use serde_json::Value;

impl Engine {
    /// A provider opens a negotiation. It always waits for a decision.
    pub(super) async fn offered(
        &self,
        caller: &Caller,
        message: ContractOfferMessage,
    ) -> Result<NegotiationRecord, Fault> {
        let did = caller.require()?.to_owned();
        let _turn = self.locks.hold(&format!("{did} {}", message.provider_pid)).await;
        if let Some(record) = self.opened_before(&did, &message.provider_pid).await? {
            return Ok(record);
        }
        let callback = message
            .callback_address
            .clone()
            .ok_or_else(|| Fault::malformed("callbackAddress", "is missing from an initial offer"))?;
        self.ports.peers.check_url(&callback)?;
        let offer = self.readable_offer(message.offer, None)?;
        let text = |name: &str| offer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if offer.get("assigner").is_some() && text("assigner") != did {
            return Err(Fault::malformed("offer/assigner", "is not the participant that sends the offer"));
        }
        let now = self.now();
        let record = NegotiationRecord {
            pid: self.ports.ids.urn(),
            role: Role::Consumer,
            peer: did,
            peer_pid: Some(message.provider_pid),
            peer_address: callback.trim_end_matches('/').to_owned(),
            dataset_id: text("target"),
            offer_id: text("@id"),
            definition_id: None,
            claims: policies::Claims::default(),
            credentials: Vec::new(),
            handling: Handling::manual(),
            asked: None,
            process: Negotiation::open(Role::Provider, offer),
            purpose: Vec::new(),
            callback_addresses: Vec::new(),
            protocol: "dataspace-protocol-http:2025-1".to_owned(),
            created_at: now,
            updated_at: now,
            error_detail: None,
        };
        self.commit(self.keep(&record, Expect::Absent)?).await?;
        Ok(record)
    }

    /// The provider's agreement, compared with the offer. Handled automatically, it is counter-signed and
    /// verified in the same step.
    pub(super) async fn agreed(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        expect: Expect,
        wire: Value,
        signatures: Option<Value>,
    ) -> Result<Change, Fault> {
        let mut agreement = Agreement::from_wire(wire)?;
        // Beside the agreement; within it from older connectors of ours.
        agreement.signatures = signatures.or(agreement.signatures);
        self.check_terms(record, &agreement)?;
        let demanded =
            self.settings.require_signatures || Policy::parse(agreement.policy())?.demands_signature();
        // The transition is judged before the signatures, so that a message out of order is told so.
        self.advance(record, Role::Provider, Act::Agree { agreement: agreement.clone() })?;
        if agreement.signatures.is_some() {
            self.check_signature(&agreement, &record.peer).await?;
        } else if demanded {
            return Err(Fault::refused("the agreement must be signed by the provider and is not"));
        }
        let agreed = self.negotiation_event(record);
        let contract = self.contract(record, &agreement);
        if !record.handling.verify.is_automatic() {
            return Ok(Change::new().put(record, expect)?.put(&contract, Expect::Absent)?.and(agreed));
        }
        self.verification(caller, record, expect, contract, Expect::Absent, Some(agreed))
    }

    /// Counter-signs what the provider signed, and says that the agreement is verified.
    pub(super) fn verification(
        &self,
        caller: &Caller,
        record: &mut NegotiationRecord,
        expect: Expect,
        mut contract: AgreementRecord,
        expect_contract: Expect,
        before: Option<crate::port::Write>,
    ) -> Result<Change, Fault> {
        let mut agreement = agreement_of(record)?;
        if agreement.signatures.is_some() {
            self.sign_agreement(&mut agreement)?;
        }
        self.advance(record, Role::Consumer, Act::Verify { signature: agreement.signatures.clone() })?;
        let body = reply::verification(record, &agreement);
        contract.agreement = agreement;
        let change = Change::new().put(record, expect)?.put(&contract, expect_contract)?.all(before);
        Ok(change.and(self.negotiation_event(record)).and(self.negotiation_message(
            record,
            "agreement/verification",
            body,
            caller,
        )))
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
}
