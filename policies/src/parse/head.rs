//! What the policy says once for all its rules (ODRL Information Model 2.2, section 2.7.1: compact policies).

use super::member::{Members, scalar, single};
use super::rule::{Acting, acting, referents};
use super::{Budget, PolicyError};
use crate::model::Referent;

/// Properties of the policy that its rules share. Those that one plain name says stay at the policy; all others
/// are written into each rule that has none of its own.
pub(super) struct Head {
    pub(super) shared: Shared,
    pub(super) actions: Vec<Acting>,
    pub(super) targets: Vec<Referent>,
    pub(super) assigners: Vec<Referent>,
    pub(super) assignees: Vec<Referent>,
}

#[derive(Default)]
pub(super) struct Shared {
    pub(super) target: Option<String>,
    pub(super) assigner: Option<String>,
    pub(super) assignee: Option<String>,
}

impl Head {
    pub(super) fn read(members: &mut Members<'_>, budget: &mut Budget) -> Result<Self, PolicyError> {
        let mut shared = Shared::default();
        let mut read = |term: &str, place: &mut Option<String>| -> Result<Vec<Referent>, PolicyError> {
            let values = members.take(term);
            // A lone name stays as it is, even when it says of itself what it is.
            if let [one] = values
                && let Some(found) = scalar(one).or_else(|| single(one))
                && !found.value.trim().is_empty()
            {
                *place = Some(found.value);
                return Ok(Vec::new());
            }
            referents(values, term, budget)
        };
        let targets = read("target", &mut shared.target)?;
        let assigners = read("assigner", &mut shared.assigner)?;
        let assignees = read("assignee", &mut shared.assignee)?;
        let actions = acting(members.take("action"), "action", budget)?;
        Ok(Self { shared, actions, targets, assigners, assignees })
    }

    /// A head that says nothing, for rules within rules.
    pub(super) fn none() -> Self {
        Self {
            shared: Shared::default(),
            actions: Vec::new(),
            targets: Vec::new(),
            assigners: Vec::new(),
            assignees: Vec::new(),
        }
    }
}
