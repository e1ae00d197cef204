//! Decisions of people: each act of a negotiation by order, from either side.

use super::provide::{agreement_of, table_policy};
use super::reply;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect};
use crate::publish::offer_id;
use crate::publish::offerable::{as_offer, offerable};
use crate::record::{AgreementRecord, NegotiationRecord};
use policies::{Policy, PolicyKind};
use protocol::negotiation::{Act, ActKind, Negotiation};
use protocol::role::Role;
use serde_json::{Value, json};

/// Open a negotiation as provider.
#[derive(Debug, Clone)]
pub struct OfferOrder {
    /// Consumer's DID.
    pub peer: String,
    /// Consumer's DSP base address.
    pub address: String,
    /// The dataset on offer.
    pub asset_id: String,
    /// Which contract definition's terms; the first that selects the asset when absent.
    pub definition_id: Option<String>,
    /// Other terms than those of the contract definition.
    pub policy: Option<Value>,
}

impl Engine {
    /// Opens a negotiation with an offer (DSP section 7, `negotiations/offers`).
    ///
    /// # Errors
    /// [`Fault::Malformed`] when the asset is not offered by such a contract definition, or for terms that
    /// cannot be read or enforced.
    pub async fn open_with_offer(&self, order: OfferOrder) -> Result<NegotiationRecord, Fault> {
        let published = self.published();
        let asset = self.asset_of(&order.asset_id)?;
        let wanted = |d: &&crate::record::ContractDefinition| {
            order.definition_id.as_ref().is_none_or(|id| *id == d.id)
                && crate::publish::selector::selects(d, &asset)
        };
        let definition = published.definitions.iter().find(wanted).ok_or_else(|| {
            Fault::malformed("contractDefinitionId", format!("no such definition selects {}", asset.id))
        })?;
        let terms = published
            .policies
            .get(&definition.contract_policy_id)
            .ok_or_else(|| Fault::malformed("contractDefinitionId", "its contract policy does not exist"))?;
        let terms = match &order.policy {
            Some(edited) => self.edited(edited, &asset.id)?,
            None => terms.clone(),
        };
        self.ports.peers.check_url(&order.address)?;
        let caller = self.known(&Caller::participant(order.peer.clone())).await?;
        let handling = self.handling_for(&definition.handling, &caller, &asset.id);
        let now = self.now();
        let mut record = NegotiationRecord {
            pid: self.ports.ids.urn(),
            role: Role::Provider,
            peer: order.peer,
            peer_pid: None,
            peer_address: order.address.trim_end_matches('/').to_owned(),
            dataset_id: asset.id.clone(),
            offer_id: offer_id::make(&definition.id, &asset.id, &terms),
            definition_id: Some(definition.id.clone()),
            claims: caller.claims,
            credentials: caller.known.credentials.clone(),
            handling,
            asked: None,
            process: Negotiation::open(Role::Provider, Value::Null),
            purpose: Vec::new(),
            callback_addresses: Vec::new(),
            protocol: "dataspace-protocol-http:2025-1".to_owned(),
            created_at: now,
            updated_at: now,
            error_detail: None,
        };
        let offer = self.offer_of(&record, &terms);
        record.process = Negotiation::open(Role::Provider, offer.clone());
        let body = reply::offer(&record, &offer, Some(&self.settings.base_url));
        let message = self.negotiation_message(&record, "", body, &Caller::default());
        self.commit(self.keep(&record, Expect::Absent)?.and(message)).await?;
        Ok(record)
    }

    /// Provider: offers, with `policy` or with the terms of the contract definition.
    ///
    /// # Errors
    /// [`Fault::NotFound`], [`Fault::IllegalState`]; [`Fault::Malformed`] or [`Fault::Refused`] for the policy.
    pub async fn offer(&self, pid: &str, policy: Option<Value>) -> Result<NegotiationRecord, Fault> {
        self.steer(pid, ActKind::Offer, |record, expect| {
            let terms = match &policy {
                Some(edited) => self.edited(edited, &record.dataset_id)?,
                None => self.own_terms(record).ok_or_else(|| {
                    Fault::Conflict("the contract definition behind this negotiation is gone".to_owned())
                })?,
            };
            if let Some(definition) = &record.definition_id {
                record.offer_id = offer_id::make(definition, &record.dataset_id, &terms);
            }
            let offer = self.offer_of(record, &terms);
            let body = reply::offer(record, &offer, None);
            self.advance(record, Role::Provider, Act::Offer { offer })?;
            self.told(record, expect, "offers", body)
        })
        .await
    }

    /// Consumer: makes a counter-offer, with `policy` or with the terms that are on the table.
    ///
    /// # Errors
    /// As [`Engine::offer`].
    pub async fn counter_offer(&self, pid: &str, policy: Option<Value>) -> Result<NegotiationRecord, Fault> {
        self.steer(pid, ActKind::Request, |record, expect| {
            let terms = match &policy {
                Some(edited) => self.edited(edited, &record.dataset_id)?,
                None => table_policy(record)?,
            };
            let mut offer = self.offer_of(record, &terms);
            let id = policy.as_ref().and_then(|p| p.get("@id")).and_then(Value::as_str);
            let id = id.or_else(|| record.process.offer().and_then(|o| o.get("@id")).and_then(Value::as_str));
            if let (Some(members), Some(id)) = (offer.as_object_mut(), id) {
                members.insert("@id".to_owned(), json!(id));
            }
            let body = reply::counter_offer(record, &offer);
            self.advance(record, Role::Consumer, Act::Request { offer })?;
            self.told(record, expect, "request", body)
        })
        .await
    }

    /// Consumer: accepts the offer on the table.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::IllegalState`].
    pub async fn accept(&self, pid: &str) -> Result<NegotiationRecord, Fault> {
        self.steer(pid, ActKind::Accept, |record, expect| {
            self.advance(record, Role::Consumer, Act::Accept)?;
            let body = reply::event(record, "ACCEPTED");
            self.told(record, expect, "events", body)
        })
        .await
    }

    /// Provider: agrees to what is on the table, when its policy permits this consumer.
    ///
    /// # Errors
    /// [`Fault::NotFound`], [`Fault::IllegalState`], or [`Fault::Refused`] with the clauses.
    pub async fn agree(&self, pid: &str) -> Result<NegotiationRecord, Fault> {
        let asked: NegotiationRecord = self.get(pid).await?;
        let mut caller = Caller::participant(asked.peer.clone());
        if table_policy(&asked).is_ok_and(|policy| policy.asks_for_credentials()) {
            // What was presented when the consumer asked may have been withdrawn since.
            caller = self.known(&caller).await?;
        }
        caller.claims = asked.claims;
        self.steer(pid, ActKind::Agree, |record, expect| {
            let policy = table_policy(record)?;
            let agreed = self.conclude(&caller, record, &policy)?;
            Ok(Change::new().put(record, expect)?.then(agreed))
        })
        .await
    }

    /// Consumer: verifies the agreement, with our signature when the provider signed.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::IllegalState`].
    pub async fn verify(&self, pid: &str) -> Result<NegotiationRecord, Fault> {
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<NegotiationRecord>(pid).await?;
        self.allowed(&record, ActKind::Verify)?;
        let agreement = agreement_of(&record)?;
        let (contract, contract_version) = self.load_row::<AgreementRecord>(agreement.id()).await?;
        let change = self.verification(
            &Caller::default(),
            &mut record,
            Expect::Version(version),
            contract,
            Expect::Version(contract_version),
            None,
        )?;
        self.commit(change).await?;
        Ok(record)
    }

    /// Provider: the agreement is in force.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::IllegalState`].
    pub async fn finalize(&self, pid: &str) -> Result<NegotiationRecord, Fault> {
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<NegotiationRecord>(pid).await?;
        self.allowed(&record, ActKind::Finalize)?;
        let change = self.finalized(&Caller::default(), &mut record, Expect::Version(version)).await?;
        self.commit(change).await?;
        Ok(record)
    }

    /// Ends a negotiation from our side.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::IllegalState`] when it is over.
    pub async fn terminate_negotiation(
        &self,
        pid: &str,
        code: &str,
        reason: &str,
    ) -> Result<NegotiationRecord, Fault> {
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<NegotiationRecord>(pid).await?;
        let reasons: Vec<String> = Some(reason.to_owned()).filter(|r| !r.is_empty()).into_iter().collect();
        let act = Act::Terminate { code: Some(code.to_owned()), reason: reasons.clone() };
        let role = record.role;
        self.advance(&mut record, role, act)?;
        record.error_detail = reasons.first().cloned();
        let mut change = self.keep(&record, Expect::Version(version))?;
        // A peer that has not answered yet is told when it does; see the outbox.
        if record.peer_pid.is_some() {
            change = change.and(self.termination_of(&record));
        }
        self.commit(change).await?;
        Ok(record)
    }

    /// One order under the process's lock, checked against the protocol's diagram first.
    async fn steer(
        &self,
        pid: &str,
        kind: ActKind,
        act: impl FnOnce(&mut NegotiationRecord, Expect) -> Result<Change, Fault> + Send,
    ) -> Result<NegotiationRecord, Fault> {
        let _turn = self.locks.hold(pid).await;
        let (mut record, version) = self.load_row::<NegotiationRecord>(pid).await?;
        self.allowed(&record, kind)?;
        let change = act(&mut record, Expect::Version(version))?;
        self.commit(change).await?;
        Ok(record)
    }

    /// Is this act ours to take now?
    fn allowed(&self, record: &NegotiationRecord, kind: ActKind) -> Result<(), Fault> {
        let state = record.process.state();
        let legal = protocol::negotiation::legal(state, record.role);
        if legal.contains(&kind) {
            return Ok(());
        }
        Err(crate::step::illegal(
            state,
            format!("{kind} is not possible as {} in state {state}", record.role.name()),
            legal.iter().map(|k| k.to_string().to_lowercase()).collect(),
        ))
    }

    fn told(
        &self,
        record: &NegotiationRecord,
        expect: Expect,
        path: &str,
        body: Value,
    ) -> Result<Change, Fault> {
        Ok(self.keep(record, expect)?.and(self.negotiation_message(record, path, body, &Caller::default())))
    }

    /// Terms that an operator has written: we understand them, and they can be sent.
    fn edited(&self, policy: &Value, dataset: &str) -> Result<Policy, Fault> {
        let policy = Policy::parse(&self.readable_offer(policy.clone(), Some(dataset))?)?;
        offerable(&policy)?;
        Ok(policy)
    }

    /// `terms` as an offer object of this negotiation.
    fn offer_of(&self, record: &NegotiationRecord, terms: &Policy) -> Value {
        let (provider, consumer) = match record.role {
            Role::Provider => (self.did().to_owned(), record.peer.clone()),
            Role::Consumer => (record.peer.clone(), self.did().to_owned()),
        };
        as_offer(&terms.clone().with_parties(
            Some(record.offer_id.clone()),
            PolicyKind::Offer,
            Some(record.dataset_id.clone()),
            Some(provider),
            Some(consumer),
        ))
    }
}
