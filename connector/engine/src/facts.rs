//! What policies are judged on.

use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::record::AgreementRecord;
use policies::{Facts, Hierarchy, Phase, Policy, Verdict, World, decide};

impl Engine {
    /// The caller with the claims of its verified self-description, and with the credentials that it presents.
    ///
    /// # Errors
    /// [`Fault::Refused`] when the self-description is not valid, [`Fault::Busy`] when it cannot be checked now.
    pub(crate) async fn known(&self, caller: &Caller) -> Result<Caller, Fault> {
        let Some(did) = caller.did.as_deref() else { return Ok(caller.clone()) };
        let participant = self.ports.trust.participant(did).await?;
        let mut known = caller.clone();
        for (key, values) in participant.claims.iter() {
            known.claims.entry(key.clone()).or_insert_with(|| values.clone());
        }
        known.known = participant;
        Ok(known)
    }

    /// The answer of `policy` to `caller`. Credentials count where the policy asks for them, and then the answer
    /// may change when their status must be looked at again.
    pub(crate) fn ask(&self, policy: &Policy, caller: &Caller, mut facts: Facts) -> Verdict {
        if !policy.asks_for_credentials() {
            return decide(policy, &facts);
        }
        facts.world.credentials.clone_from(&caller.known.credentials);
        let mut verdict = decide(policy, &facts);
        verdict.next_change = verdict.next_change.into_iter().chain(caller.known.recheck).min();
        verdict
    }

    pub(crate) fn facts(&self, phase: Phase, caller: &Caller, target: &str, purpose: &[String]) -> Facts {
        Facts {
            now: self.now(),
            phase,
            action: "use".to_owned(),
            target: Some(target.to_owned()),
            assignee: caller.did.clone(),
            assigner: Some(self.did().to_owned()),
            claims: caller.claims.clone(),
            purpose: (!purpose.is_empty()).then(|| purpose.to_vec()),
            agreed_at: None,
            started_at: None,
            uses: None,
            world: World { terms: Hierarchy { built_in: true, ..Hierarchy::default() }, ..World::default() },
            ..Facts::default()
        }
    }

    /// Facts about a use under an agreement of which we are the provider.
    pub(crate) fn agreed_facts(
        &self,
        phase: Phase,
        agreement: &AgreementRecord,
        caller: &Caller,
        uses: u64,
    ) -> Facts {
        let mut facts = self.facts(phase, caller, &agreement.dataset_id, &agreement.purpose);
        facts.agreed_at = Some(agreement.signed_at);
        facts.uses = Some(uses);
        facts
    }
}

/// The refusal of `policy`, with what `caller` presented in vain when the policy asks for credentials.
pub(crate) fn refused(policy: &Policy, caller: &Caller, verdict: Verdict) -> Fault {
    let mut fault = Fault::policy(verdict);
    if let Fault::Refused { reasons, .. } = &mut fault
        && policy.asks_for_credentials()
    {
        reasons.extend(caller.known.problems.iter().cloned());
    }
    fault
}
