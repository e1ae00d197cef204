//! Which actions include which.

use crate::model::{Policy, Rule};
use crate::terms::{parents, short};

/// Most steps from an action to those that include it, so that a circle ends too.
const MOST_STEPS: u32 = 256;

/// The hierarchy of the ODRL vocabulary with what a policy itself says of its actions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Actions {
    /// Action and one that includes it, by short name.
    edges: Vec<(String, String)>,
}

impl Actions {
    pub(crate) fn of(policy: &Policy) -> Self {
        let mut actions = Self::default();
        for rule in policy.permissions.iter().chain(&policy.prohibitions).chain(&policy.obligations) {
            actions.add(rule);
        }
        actions
    }

    /// Both together.
    pub(crate) fn with(mut self, other: &Self) -> Self {
        self.edges.extend(other.edges.iter().cloned());
        self
    }

    fn add(&mut self, rule: &Rule) {
        for above in &rule.included_in {
            self.edges.push((short(&rule.action).to_owned(), short(above).to_owned()));
        }
        for inner in rule.duties.iter().chain(&rule.consequences).chain(&rule.remedies) {
            self.add(inner);
        }
    }

    /// Has the policy no actions of its own?
    pub(crate) fn is_plain(&self) -> bool {
        self.edges.is_empty()
    }

    /// Short names of the actions that the policy itself places somewhere.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.edges.iter().flat_map(|(a, b)| [a.as_str(), b.as_str()])
    }

    /// Is `action` the same as, or included in, `whole`? A rule without an action is about all.
    pub(crate) fn cover(&self, whole: &str, action: &str) -> bool {
        whole.is_empty() || self.climbs(short(action), short(whole), &mut { MOST_STEPS })
    }

    fn climbs(&self, from: &str, to: &str, steps: &mut u32) -> bool {
        if from == to {
            return true;
        }
        let Some(left) = steps.checked_sub(1) else { return false };
        *steps = left;
        parents(from).any(|above| self.climbs(above, to, steps))
            || self.edges.iter().any(|(below, above)| below == from && self.climbs(above, to, steps))
    }
}
