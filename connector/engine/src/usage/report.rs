//! What operators and their systems report: payments, consents, events, duties that were done.

use super::record::{Consent, Paid, PolicyEvent, UsageRecord};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::monitor::Watched;
use crate::port::{Change, Expect, Query, Write};
use crate::record::{AgreementRecord, TransferRecord};
use ontology::time::Timestamp;
use protocol::role::Role;
use protocol::transfer::State;
use serde_json::{Value, json};

/// Most payments and consents of one agreement, so that its record stays small.
const MOST: usize = 10_000;

impl Engine {
    /// What is kept of the uses under an agreement.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when there is no such agreement.
    pub async fn usage(&self, agreement: &str) -> Result<UsageRecord, Fault> {
        let contract: AgreementRecord = self.get(agreement).await?;
        self.usage_now(&contract).await
    }

    /// Usage records with a duty whose deadline is still to come.
    ///
    /// # Errors
    /// A store failure.
    pub async fn open_duties(&self) -> Result<Vec<UsageRecord>, Fault> {
        let found = self.by_index::<UsageRecord>(Some(super::record::OPEN), None).await?;
        Ok(found.into_iter().map(|(usage, _)| usage).collect())
    }

    /// A duty was done, says `evidence`. It is named by its path or its identifier.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::Malformed`] when the agreement has no such duty; [`Fault::Conflict`] when it was
    /// fulfilled before.
    pub async fn fulfil_duty(
        &self,
        agreement: &str,
        duty: &str,
        evidence: Option<String>,
    ) -> Result<UsageRecord, Fault> {
        self.report(agreement, |contract, usage| self.settle(usage, contract, duty, evidence)).await
    }

    /// Does a duty of ours that the connector can do, now: deletion, as consumer.
    ///
    /// # Errors
    /// As [`Engine::fulfil_duty`]; [`Fault::Malformed`] also when the connector cannot do it.
    pub async fn perform_duty(&self, agreement: &str, duty: &str) -> Result<UsageRecord, Fault> {
        let contract: AgreementRecord = self.get(agreement).await?;
        let terms = self.terms(&contract)?;
        let can = terms
            .duties
            .iter()
            .any(|d| (d.path == duty || d.id.as_deref() == Some(duty)) && d.action == "delete");
        if !can || contract.role != Role::Consumer {
            return Err(Fault::malformed(
                "duty",
                "the connector can only delete, and only what it holds as consumer",
            ));
        }
        self.delete_ours(&contract, duty).await?;
        self.usage_now(&contract).await
    }

    /// Something was paid for the use.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::Malformed`] for an amount that is no positive decimal number; [`Fault::Conflict`]
    /// for a payment that was reported before.
    pub async fn record_payment(&self, agreement: &str, mut payment: Paid) -> Result<UsageRecord, Fault> {
        if !policies::is_positive(&payment.amount) {
            return Err(Fault::malformed("amount", "must be a positive decimal number"));
        }
        if payment.unit.trim().is_empty() {
            return Err(Fault::malformed("unit", "must name the currency as the policy does"));
        }
        self.report(agreement, |contract, usage| {
            if payment.id.is_empty() {
                payment.id = self.ports.ids.urn();
            }
            if usage.payments.iter().any(|p| p.id == payment.id) {
                return Err(Fault::Conflict(format!("payment {} was reported before", payment.id)));
            }
            room(usage.payments.len())?;
            let event = self.event("policy.payment.recorded", &contract.id, payment_data(contract, &payment));
            usage.payments.push(payment);
            Ok(event)
        })
        .await
    }

    /// Somebody consents to the use.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::Malformed`]; [`Fault::Conflict`] for a key that is taken.
    pub async fn record_consent(&self, agreement: &str, mut consent: Consent) -> Result<UsageRecord, Fault> {
        if consent.by.trim().is_empty() {
            return Err(Fault::malformed("by", "must say who consents"));
        }
        if consent.until.is_some_and(|until| until <= consent.at) {
            return Err(Fault::malformed("until", "must be after the beginning"));
        }
        self.report(agreement, |contract, usage| {
            if consent.id.is_empty() {
                consent.id = self.ports.ids.urn();
            }
            if usage.consents.iter().any(|c| c.id == consent.id) {
                return Err(Fault::Conflict(format!("consent {} exists already", consent.id)));
            }
            room(usage.consents.len())?;
            let event = self.event("policy.consent.given", &contract.id, consent_data(contract, &consent));
            usage.consents.push(consent);
            Ok(event)
        })
        .await
    }

    /// A consent is withdrawn; what rests on it stops.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::Conflict`] when it was withdrawn before.
    pub async fn withdraw_consent(
        &self,
        agreement: &str,
        id: &str,
        reason: &str,
    ) -> Result<UsageRecord, Fault> {
        self.report(agreement, |contract, usage| {
            let found = usage.consents.iter_mut().find(|c| c.id == id);
            let consent =
                found.ok_or_else(|| Fault::malformed("id", format!("the agreement has no consent {id}")))?;
            if let Some((at, _)) = &consent.withdrawn {
                return Err(Fault::Conflict(format!("consent {id} was withdrawn at {at}")));
            }
            consent.withdrawn = Some((self.now(), reason.to_owned()));
            Ok(self.event("policy.consent.withdrawn", &contract.id, consent_data(contract, consent)))
        })
        .await
    }

    /// Changes what is kept of an agreement, with an event, and judges its running transfers again.
    async fn report(
        &self,
        agreement: &str,
        change: impl FnOnce(&AgreementRecord, &mut UsageRecord) -> Result<Write, Fault>,
    ) -> Result<UsageRecord, Fault> {
        let contract: AgreementRecord = self.get(agreement).await?;
        let mut turn = self.usage_turn(&contract).await?;
        let event = change(&contract, &mut turn.usage)?;
        self.commit(turn.keep()?.and(event).all(self.duties_timer(&turn.usage))).await?;
        self.look_again(agreement).await?;
        Ok(turn.usage)
    }

    /// Something happens that policies ask about.
    ///
    /// # Errors
    /// [`Fault::Malformed`]; [`Fault::NotFound`] for an agreement that does not exist; [`Fault::Conflict`] for a key that
    /// is taken.
    pub async fn report_event(&self, event: PolicyEvent) -> Result<(), Fault> {
        if event.event.trim().is_empty() {
            return Err(Fault::malformed("event", "must name what happens as policies do"));
        }
        if event.end.is_some_and(|end| end < event.start) {
            return Err(Fault::malformed("end", "must not be before the start"));
        }
        if let Some(agreement) = &event.agreement_id {
            self.get::<AgreementRecord>(agreement).await?;
        }
        let change = Change::new().put(&event, Expect::Absent)?.and(self.event(
            "policy.event.reported",
            &event.id,
            event_data(&event),
        ));
        self.commit(change).await?;
        self.look_again_at(event.agreement_id.as_deref()).await
    }

    /// Something ends.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::Malformed`] for an end before the start; [`Fault::Conflict`] when it has ended.
    pub async fn end_event(&self, id: &str, end: Timestamp) -> Result<PolicyEvent, Fault> {
        let (mut event, version) = self.load_row::<PolicyEvent>(id).await?;
        if let Some(end) = event.end {
            return Err(Fault::Conflict(format!("event {id} ends at {end}")));
        }
        if end < event.start {
            return Err(Fault::malformed("end", "must not be before the start"));
        }
        event.end = Some(end);
        let change = Change::new().put(&event, Expect::Version(version))?.and(self.event(
            "policy.event.ended",
            id,
            event_data(&event),
        ));
        self.commit(change).await?;
        self.look_again_at(event.agreement_id.as_deref()).await?;
        Ok(event)
    }

    /// Events that were reported, newest last.
    ///
    /// # Errors
    /// A store failure.
    pub async fn policy_events(&self, query: &Query) -> Result<Vec<PolicyEvent>, Fault> {
        self.query::<PolicyEvent>(query).await
    }

    async fn look_again_at(&self, agreement: Option<&str>) -> Result<(), Fault> {
        if let Some(agreement) = agreement {
            return self.look_again(agreement).await;
        }
        for (transfer, _) in self.by_index::<TransferRecord>(Some(State::Started.name()), None).await? {
            if transfer.role == Role::Provider {
                self.monitor.watch(Watched::Transfer(transfer.pid), Some(self.now()));
            }
        }
        Ok(())
    }
}

fn room(used: usize) -> Result<(), Fault> {
    if used < MOST {
        return Ok(());
    }
    Err(Fault::refused(format!("an agreement keeps at most {MOST} of them")))
}

fn payment_data(contract: &AgreementRecord, payment: &Paid) -> Value {
    json!({
        "agreementId": contract.id, "counterPartyId": contract.peer, "paymentId": payment.id,
        "amount": payment.amount, "unit": payment.unit, "reference": payment.reference,
    })
}

fn consent_data(contract: &AgreementRecord, consent: &Consent) -> Value {
    json!({
        "agreementId": contract.id, "counterPartyId": contract.peer, "consentId": consent.id, "by": consent.by,
        "until": consent.until.map(Timestamp::to_rfc3339),
        "reason": consent.withdrawn.as_ref().map(|(_, reason)| reason),
    })
}

fn event_data(event: &PolicyEvent) -> Value {
    json!({
        "event": event.event, "agreementId": event.agreement_id, "start": event.start.to_rfc3339(),
        "end": event.end.map(Timestamp::to_rfc3339),
    })
}
