//! Did what was done keep to a policy? A log of acts is judged after the fact, with duties, consequences and
//! remedies over time (ODRL Information Model 2.2, sections 2.6.3 to 2.6.7).
//!
//! The gate ([`crate::decide`]) is stricter: it never grants in the hope of a remedy.

use crate::decide::{Actions, RuleKind, deadline};
use crate::facts::{Claims, Facts, Mode, Phase};
use crate::model::{Policy, Rule};
use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub party: String,
    /// What, as an IRI or by its name in the ODRL vocabulary.
    pub action: String,
    /// On which asset.
    pub asset: String,
    /// Values of left operands at the time.
    pub context: Claims,
    /// Properties of the act, for refinements of actions; what is not here is looked for in the context.
    pub doing: Claims,
    /// Properties of the party.
    pub claims: Claims,
    /// Properties of the asset.
    pub metadata: Claims,
}

/// What is known beside the log.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Setting {
    /// How the policy is to be understood.
    pub mode: Mode,
    /// Members, and the collections that each is a direct part of.
    pub collections: Option<BTreeMap<String, Vec<String>>>,
    /// When the contract was concluded.
    pub agreed_at: Option<Timestamp>,
    /// Nothing comes after the log: what is not done by its end is not done. Otherwise it is pending until its
    /// deadline is before this instant.
    pub until: Option<Timestamp>,
    /// Anybody may do what a rule demands, where its duty names nobody; otherwise the assignee of the rule must.
    pub by_anyone: bool,
}

/// What an act or a rule of the policy was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Finding {
    /// No permission covers the act.
    NotPermitted,
    /// A prohibition forbids the act, and it was not remedied.
    Infringed,
    /// The act needed something to be done first, which was not, nor was it made good.
    DutyUnfulfilled,
    /// An obligation was not fulfilled.
    ObligationUnfulfilled,
    /// An obligation is still to be fulfilled; no breach.
    Pending,
    /// A breach that was made good by its remedy or consequence; no breach.
    Healed,
}

/// One result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// What was found.
    pub finding: Finding,
    /// The act, by its place in the log that was given; none for obligations.
    pub act: Option<usize>,
    /// The rule in the policy; empty when no rule applies.
    pub path: String,
}

/// The results of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// All that is worth a word; acts in order are not mentioned.
    pub entries: Vec<Entry>,
}

impl Audit {
    /// Was the policy kept?
    #[must_use]
    pub fn is_compliant(&self) -> bool {
        self.entries.iter().all(|e| matches!(e.finding, Finding::Pending | Finding::Healed))
    }
}

/// Judges `log` by `policy`. The order of the log does not matter; the times of the acts do.
#[must_use]
pub fn audit(policy: &Policy, log: &[Act], setting: &Setting) -> Audit {
    let mut order: Vec<usize> = (0..log.len()).collect();
    order.sort_by_key(|n| log.get(*n).map(|act| act.at));
    let acts: Vec<(usize, &Act)> = order.into_iter().filter_map(|n| Some((n, log.get(n)?))).collect();
    let mut auditor = Auditor {
        policy,
        setting,
        acts,
        actions: Actions::of(policy),
        entries: Vec::new(),
        exercised: BTreeMap::new(),
    };
    for at in 0..auditor.acts.len() {
        auditor.act(at);
    }
    for (n, rule) in policy.obligations.iter().enumerate() {
        auditor.obligation(&format!("obligation/{n}"), rule);
    }
    Audit { entries: auditor.entries }
}

struct Auditor<'a> {
    policy: &'a Policy,
    setting: &'a Setting,
    /// By time, with their places in the log.
    acts: Vec<(usize, &'a Act)>,
    actions: Actions,
    entries: Vec<Entry>,
    /// How often each permission was used.
    exercised: BTreeMap<String, u64>,
}

impl<'a> Auditor<'a> {
    fn facts(&self, act: &Act, uses: u64) -> Facts {
        let mut facts = Facts {
            now: act.at,
            phase: Phase::Stream,
            action: act.action.clone(),
            target: Some(act.asset.clone()),
            assignee: Some(act.party.clone()),
            claims: act.claims.clone(),
            agreed_at: self.setting.agreed_at,
            uses: Some(uses),
            mode: self.setting.mode.clone(),
            ..Facts::default()
        };
        facts.world.context.clone_from(&act.context);
        facts.world.action.clone_from(&act.context);
        facts.world.action.extend(act.doing.clone());
        facts.world.asset.clone_from(&act.metadata);
        facts.world.collections.clone_from(&self.setting.collections);
        facts
    }

    /// Is the act what the rule is about, with all its conditions?
    fn matches(&self, path: &str, kind: RuleKind, rule: &Rule, act: &Act, uses: u64) -> bool {
        let facts = self.facts(act, uses);
        crate::decide::matches(self.policy, &self.actions, &facts, path, kind, rule)
    }

    fn act(&mut self, at: usize) {
        let Some((place, act)) = self.acts.get(at).copied() else { return };
        let policy = self.policy;
        let mut breach =
            Some(Entry { finding: Finding::NotPermitted, act: Some(place), path: String::new() });
        for (n, rule) in policy.permissions.iter().enumerate() {
            let path = format!("permission/{n}");
            let uses = self.exercised.get(&path).copied().unwrap_or(0) + 1;
            if !self.matches(&path, RuleKind::Permission, rule, act, uses) {
                continue;
            }
            match self.duties(&path, rule, at) {
                None => {
                    self.exercised.insert(path, uses);
                    breach = None;
                    break;
                }
                Some(Finding::Healed) => {
                    self.exercised.insert(path.clone(), uses);
                    breach = Some(Entry { finding: Finding::Healed, act: Some(place), path });
                    break;
                }
                Some(finding) => breach = Some(Entry { finding, act: Some(place), path }),
            }
        }
        self.entries.extend(breach);
        for (n, rule) in policy.prohibitions.iter().enumerate() {
            let path = format!("prohibition/{n}");
            if self.matches(&path, RuleKind::Prohibition, rule, act, 1) {
                let remedied =
                    !rule.remedies.is_empty() && self.all_done(&path, "remedy", &rule.remedies, rule, at);
                let finding = if remedied { Finding::Healed } else { Finding::Infringed };
                self.entries.push(Entry { finding, act: Some(place), path });
            }
        }
    }

    /// What is wrong with the duties of a permission that is used by the act at `at`.
    fn duties(&self, path: &str, rule: &Rule, at: usize) -> Option<Finding> {
        let mut found = None;
        for (n, duty) in rule.duties.iter().enumerate() {
            let path = format!("{path}/duty/{n}");
            if self.done(&path, duty, rule, ..at) {
                continue;
            }
            // Too late: the duty itself and every consequence must have been done since.
            let made_good = !duty.consequences.is_empty()
                && self.done(&path, duty, rule, at + 1..)
                && self.all_done(&path, "consequence", &duty.consequences, rule, at);
            if !made_good {
                return Some(Finding::DutyUnfulfilled);
            }
            found = Some(Finding::Healed);
        }
        found
    }

    fn all_done(&self, path: &str, name: &str, rules: &[Rule], of: &Rule, at: usize) -> bool {
        rules.iter().enumerate().all(|(n, rule)| self.done(&format!("{path}/{name}/{n}"), rule, of, at + 1..))
    }

    /// Was the duty done among the acts of a range? Who must do it is the assignee of the rule that it belongs to,
    /// unless it names its own.
    fn done(
        &self,
        path: &str,
        duty: &Rule,
        of: &Rule,
        range: impl std::slice::SliceIndex<[(usize, &'a Act)], Output = [(usize, &'a Act)]>,
    ) -> bool {
        let mut duty = duty.clone();
        if duty.assignee.is_none() && !self.setting.by_anyone {
            duty.assignee.clone_from(&of.assignee);
        }
        let acts = self.acts.get(range).unwrap_or_default();
        acts.iter().any(|(_, act)| self.matches(path, RuleKind::Obligation, &duty, act, 1))
    }

    fn obligation(&mut self, path: &str, rule: &Rule) {
        if self.done(path, rule, rule, ..) {
            return;
        }
        let facts = Facts { agreed_at: self.setting.agreed_at, ..Facts::default() };
        let pending = match (self.setting.until, deadline(&facts, rule)) {
            (None, _) => false,
            (Some(now), Some(deadline)) => now <= deadline,
            (Some(_), None) => true,
        };
        let finding = if pending { Finding::Pending } else { Finding::ObligationUnfulfilled };
        self.entries.push(Entry { finding, act: None, path: path.to_owned() });
    }
}
