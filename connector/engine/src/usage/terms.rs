//! The policy of an agreement, read and compiled once. An agreement never changes, so neither does this.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::record::AgreementRecord;
use policies::{DutyOf, Policy, Program, Tracked};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Most agreements whose terms are kept in memory.
const MOST: usize = 1024;

/// What an agreement says, ready for use.
#[derive(Debug)]
pub(crate) struct Terms {
    /// The model; gives reasons.
    pub(crate) policy: Policy,
    /// The same, compiled; gives answers.
    pub(crate) program: Program,
    /// What must be kept of its uses.
    pub(crate) tracked: Tracked,
    /// What must be done.
    pub(crate) duties: Vec<DutyOf>,
}

/// Terms by agreement.
#[derive(Debug, Default)]
pub(crate) struct TermsCache(Mutex<HashMap<String, Arc<Terms>>>);

impl Terms {
    pub(crate) fn of(contract: &AgreementRecord) -> Result<Self, Fault> {
        let policy = Policy::parse(contract.agreement.policy())?;
        Ok(Self {
            program: Program::new(&policy),
            tracked: policy.tracked(),
            duties: policy.duties_of(Some(contract.signed_at)),
            policy,
        })
    }
}

impl Engine {
    /// The terms of a contract.
    pub(crate) fn terms(&self, contract: &AgreementRecord) -> Result<Arc<Terms>, Fault> {
        let lock = || match self.terms.0.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some(terms) = lock().get(&contract.id) {
            return Ok(Arc::clone(terms));
        }
        let terms = Arc::new(Terms::of(contract)?);
        let mut kept = lock();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(contract.id.clone(), Arc::clone(&terms));
        Ok(terms)
    }
}
