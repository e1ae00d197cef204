//! Negotiation messages from the counterparty: who sent it, to which process, and whether it is new.

use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, StoreError, Write};
use crate::record::{Kind, NegotiationRecord};
use crate::step::reason_text;
use protocol::agreement::{Agreement, SIGNATURE_PROPERTY};
use protocol::message::{EventType, NegotiationMessage};
use protocol::negotiation::{Act, State};
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
            (None, NegotiationMessage::Offer(offer)) => self.offered(&caller, offer).await,
            (None, _) => Err(Fault::malformed("@type", "is not an initial message")),
            (Some(pid), message) => self.continued(&caller, pid, message).await,
        }
    }

    /// The negotiation that an initial message of this peer opened already.
    pub(super) async fn opened_before(
        &self,
        peer: &str,
        peer_pid: &str,
    ) -> Result<Option<NegotiationRecord>, Fault> {
        let Some(row) = self.ports.store.by_peer_pid(Kind::Negotiation, peer, peer_pid).await? else {
            return Ok(None);
        };
        Ok(Some(row.doc.read()?))
    }

    /// Was this message of this peer processed before?
    pub(crate) async fn repeated(&self, peer: &str, message: Option<&str>) -> Result<bool, Fault> {
        match message {
            Some(message) => Ok(self.ports.store.seen(peer, message).await?),
            None => Ok(false),
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
        if said_before(&record, &message) {
            return Ok(record);
        }
        let id = message.message_id().map(str::to_owned);
        let stored = record.clone();
        let change = match self.turn(caller, &mut record, version, message).await {
            Ok(change) => change,
            // The same message again: its effect is there already.
            Err(_) if self.repeated(&did, id.as_deref()).await? => return Ok(stored),
            Err(fault) => return Err(fault),
        };
        let change = match id {
            Some(message) => change.and(Write::Seen { peer: did, message, at: self.now() }),
            None => change,
        };
        match self.commit(change).await {
            Ok(()) => Ok(record),
            Err(StoreError::Seen(_)) => Ok(stored),
            Err(error) => Err(error.into()),
        }
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
                let signatures = message.extra.get(SIGNATURE_PROPERTY).cloned();
                self.agreed(caller, record, expect, message.agreement, signatures).await
            }
            NegotiationMessage::Verification(message) if record.role == Role::Provider => {
                let signatures = message.extra.get(SIGNATURE_PROPERTY).cloned();
                self.verified(caller, record, expect, signatures).await
            }
            NegotiationMessage::Event(message) => match (message.event_type, record.role) {
                (EventType::Finalized, Role::Consumer) => {
                    self.advance(record, from, Act::Finalize)?;
                    self.in_force(record, expect).await
                }
                (EventType::Accepted, Role::Provider) => self.accepted(caller, record, expect),
                _ => Err(Fault::malformed("eventType", "is not for this role to receive")),
            },
            NegotiationMessage::Offer(message) if record.role == Role::Consumer => {
                let offer = self.readable_offer(message.offer, Some(&record.dataset_id))?;
                self.advance(record, from, Act::Offer { offer })?;
                self.keep(record, expect)
            }
            NegotiationMessage::Request(message) if record.role == Role::Provider => {
                self.countered(caller, record, expect, message)
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
}

/// Does the message say what has been said already, under another message id? EDC sends agreements and verifications
/// twice when an answer crosses its own sending, and takes a refusal of the second for the end.
fn said_before(record: &NegotiationRecord, message: &NegotiationMessage) -> bool {
    let state = record.process.state();
    match (record.role, message) {
        (Role::Provider, NegotiationMessage::Verification(_)) => {
            matches!(state, State::Verified | State::Finalized)
        }
        (Role::Consumer, NegotiationMessage::Agreement(again)) => {
            let known = record.process.agreement().filter(|_| state != State::Terminated);
            let again = Agreement::from_wire(again.agreement.clone()).ok();
            known.zip(again).is_some_and(|(known, again)| known.canonical() == again.canonical())
        }
        (Role::Consumer, NegotiationMessage::Event(event)) => {
            event.event_type == EventType::Finalized && state == State::Finalized
        }
        _ => false,
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

/// The purposes that a consumer states with a request.
pub(super) fn purposes(extra: &serde_json::Map<String, Value>) -> Vec<String> {
    match extra.get(reply::PURPOSE_PROPERTY) {
        Some(Value::String(purpose)) => vec![purpose.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
