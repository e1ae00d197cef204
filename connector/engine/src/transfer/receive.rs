//! Transfer messages from the counterparty.

use super::provide::Cause;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, StoreError, Write};
use crate::record::{AgreementRecord, Edr, Kind, TransferRecord};
use crate::step::reason_text;
use crate::usage::Turn;
use ontology::jsonld::EDC_DSPACE_CONTEXT;
use protocol::message::{TransferMessage, TransferRequestMessage};
use protocol::role::Role;
use protocol::transfer::{Act, State, Transfer};

impl Engine {
    /// Takes a transfer message. `path_pid` is our process id from the URL; absent for an initial message.
    ///
    /// # Errors
    /// Any fault; then nothing has changed.
    pub async fn receive_transfer(
        &self,
        caller: &Caller,
        path_pid: Option<&str>,
        message: TransferMessage,
    ) -> Result<TransferRecord, Fault> {
        match (path_pid, message) {
            (None, TransferMessage::Request(request)) => self.asked_for(caller, request).await,
            (None, _) => Err(Fault::malformed("@type", "is not an initial message")),
            (Some(pid), message) => self.transfer_turn(caller, pid, message).await,
        }
    }

    async fn asked_for(
        &self,
        caller: &Caller,
        message: TransferRequestMessage,
    ) -> Result<TransferRecord, Fault> {
        let did = caller.require()?.to_owned();
        let _turn = self.locks.hold(&format!("{did} {}", message.consumer_pid)).await;
        if let Some(row) = self.ports.store.by_peer_pid(Kind::Transfer, &did, &message.consumer_pid).await? {
            return Ok(row.doc.read()?);
        }
        self.ports.peers.check_url(&message.callback_address)?;
        let contract = match self.find::<AgreementRecord>(&message.agreement_id).await? {
            Some((contract, _)) if contract.peer == did && contract.role == Role::Provider => contract,
            _ => {
                return Err(Fault::malformed(
                    "agreementId",
                    format!("there is no agreement {} with this participant", message.agreement_id),
                ));
            }
        };
        if !contract.in_force {
            return Err(Fault::refused("the agreement is not in force: its negotiation is not FINALIZED"));
        }
        let asset = self.asset_of(&contract.dataset_id)?;
        let formats = self.ports.planes.formats(&asset.data_address);
        if !formats.contains(&message.format) {
            return Err(Fault::malformed(
                "format",
                format!("{} is not among those of the dataset: {}", message.format, formats.join(", ")),
            ));
        }
        if message.data_address.is_some() {
            return Err(Fault::malformed("dataAddress", "is for push formats only"));
        }
        let now = self.now();
        let record = TransferRecord {
            pid: self.ports.ids.urn(),
            role: Role::Provider,
            peer: did,
            peer_pid: Some(message.consumer_pid.clone()),
            peer_address: message.callback_address.trim_end_matches('/').to_owned(),
            agreement_id: contract.id,
            dataset_id: contract.dataset_id,
            process: Transfer::open(&message.format),
            format: message.format,
            token_sha256: None,
            token_expires: None,
            callback_addresses: Vec::new(),
            protocol: "dataspace-protocol-http:2025-1".to_owned(),
            created_at: now,
            updated_at: now,
            error_detail: None,
        };
        if contract.handling.transfer.is_automatic() {
            self.provide(record.clone(), Expect::Absent, Cause::Request(caller)).await?;
        } else {
            self.commit(self.keep_transfer(&record, Expect::Absent)?).await?;
        }
        Ok(record)
    }

    async fn transfer_turn(
        &self,
        caller: &Caller,
        pid: &str,
        message: TransferMessage,
    ) -> Result<TransferRecord, Fault> {
        let did = caller.require()?.to_owned();
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<TransferRecord>(pid).await?;
        if record.peer != did {
            return Err(Fault::not_found(Kind::Transfer, pid));
        }
        bind(&mut record, &message)?;
        let seen = message.message_id().map(str::to_owned);
        let stored = record.clone();
        // Turns at the usage record are kept until all is committed.
        let (mut change, _resumed) = match self.transfer_act(&mut record, message).await {
            Ok(found) => found,
            // The same message again: its effect is there already.
            Err(_) if self.repeated(&did, seen.as_deref()).await? => return Ok(stored),
            Err(fault) => return Err(fault),
        };
        let metered = match record.process.state() {
            State::Started => None,
            _ => self.used_until_now(&record).await?,
        };
        if let Some((_, usage)) = &metered {
            change = change.then(usage.clone());
        }
        change = change.put(&record, Expect::Version(version))?.and(self.transfer_event(&record));
        if record.role == Role::Consumer || record.process.state() != State::Started {
            change = change.all(self.transfer_timers(&record, None));
        }
        if let Some(message) = seen {
            change = change.and(Write::Seen { peer: did, message, at: self.now() });
        }
        match self.commit(change).await {
            Ok(()) => {}
            Err(StoreError::Seen(_)) => return Ok(stored),
            Err(error) => {
                // Whatever the store says, what the counterparty wants stopped stops.
                if record.process.state() != State::Started {
                    self.cut(&record, "the counterparty asked for it");
                }
                return Err(error.into());
            }
        }
        if record.process.state() != State::Started {
            self.cut(&record, "the counterparty asked for it");
        }
        if record.role == Role::Provider && record.process.state() == State::Started {
            self.regrant(&record)?;
        }
        Ok(record)
    }

    /// The effects of one message besides the record itself, with the turn at the usage record that they need.
    async fn transfer_act(
        &self,
        record: &mut TransferRecord,
        message: TransferMessage,
    ) -> Result<(Change, Option<Turn>), Fault> {
        let from = record.role.other();
        let mut change = Change::new();
        let mut turn = None;
        match message {
            TransferMessage::Request(_) => return Err(Fault::malformed("@type", "is an initial message")),
            TransferMessage::Start(message) => match record.role {
                Role::Provider => {
                    // EDC waits for our own start, with the data address, before data flows again.
                    let answered = message.context.iter().any(|c| c == EDC_DSPACE_CONTEXT);
                    let (resumed, held) = self.resumed_by_consumer(record, answered).await?;
                    (change, turn) = (resumed, Some(held));
                }
                Role::Consumer => {
                    let address = message.data_address;
                    self.move_on(record, from, Act::Start { data_address: address.clone() })?;
                    let contract: AgreementRecord = self.get(&record.agreement_id).await?;
                    if let Some(address) = address {
                        change = change.put(&self.edr(record, &contract, address), Expect::Any)?;
                    }
                    change = change.then(self.own_duties(&*self.terms(&contract)?, &contract, &record.pid));
                }
            },
            TransferMessage::Suspension(message) => {
                let reason = vec![reason_text(&message.reason)];
                self.move_on(record, from, Act::Suspend { code: message.code, reason })?;
            }
            TransferMessage::Completion(_) => self.move_on(record, from, Act::Complete)?,
            TransferMessage::Termination(message) => {
                let reason = reason_text(&message.reason);
                record.error_detail = Some(reason.clone()).filter(|r| !r.is_empty());
                self.move_on(record, from, Act::Terminate { code: message.code, reason: vec![reason] })?;
            }
        }
        Ok((change, turn))
    }

    fn edr(
        &self,
        record: &TransferRecord,
        contract: &AgreementRecord,
        address: protocol::message::DataAddress,
    ) -> Edr {
        Edr {
            transfer_pid: record.pid.clone(),
            agreement_id: record.agreement_id.clone(),
            negotiation_pid: contract.negotiation_pid.clone(),
            dataset_id: record.dataset_id.clone(),
            provider: record.peer.clone(),
            address,
            created_at: self.now(),
        }
    }
}

fn bind(record: &mut TransferRecord, message: &TransferMessage) -> Result<(), Fault> {
    let (own, theirs, own_field, their_field) = match record.role {
        Role::Consumer => (message.consumer_pid(), message.provider_pid(), "consumerPid", "providerPid"),
        Role::Provider => (message.provider_pid(), message.consumer_pid(), "providerPid", "consumerPid"),
    };
    if own.is_some_and(|pid| pid != record.pid) {
        return Err(Fault::malformed(own_field, "does not match the address"));
    }
    match (&record.peer_pid, theirs) {
        (Some(known), Some(pid)) if known != pid => {
            Err(Fault::malformed(their_field, "is not the counterparty's id of this transfer"))
        }
        (None, Some(pid)) => {
            record.peer_pid = Some(pid.to_owned());
            Ok(())
        }
        _ => Ok(()),
    }
}
