//! Before signing: for each clause, who enforces it, and when; in the terms of the IDS usage control policy classes.

use super::class::{UsageClass, class_of, duty_class};
use crate::catena_x::{self, Answer};
use crate::model::{Atomic, Constraint, Policy, Rule};
use crate::terms::{CLAIM_NS, includes, short};
use ontology::gx;
use serde::{Deserialize, Serialize};

/// What the connector can do and knows, beyond clock, identity, claims, its own log, messages and counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that is wired or not")]
pub struct Capabilities {
    /// Events are reported to it.
    pub events: bool,
    /// It has proof of payments.
    pub payments: bool,
    /// It knows who consented.
    pub consents: bool,
    /// It can change data on the way.
    pub transforms: bool,
    /// It knows where on the network the consumer is.
    pub network: bool,
    /// It reads the metadata of datasets when it decides.
    pub metadata: bool,
    /// It knows the members of collections.
    pub collections: bool,
    /// It looks into credentials for single values.
    pub credentials: bool,
    /// It checks that a policy for onward use lies within the agreement when it offers data again.
    pub onward: bool,
    /// The other connector proves what it enforces.
    pub attestation: bool,
}

/// Who enforces a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Enforcer {
    /// This connector.
    Connector,
    /// The other connector, which has to prove it.
    Peer,
    /// Nobody by technical means: it binds by contract.
    Contract,
}

/// When this connector enforces a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// When the catalogue is shown.
    Catalogue,
    /// While the contract is negotiated.
    Negotiation,
    /// When a transfer starts.
    Transfer,
    /// While data flows.
    Stream,
}

/// Who enforces one clause, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assessment {
    /// Where in the policy.
    pub path: String,
    /// Which class of usage control.
    pub class: UsageClass,
    /// Who enforces it.
    pub enforcer: Enforcer,
    /// When this connector does; empty when others do.
    pub stages: Vec<Stage>,
    /// This connector would enforce it if it had what is named here: a member of [`Capabilities`].
    pub missing: Option<String>,
}

/// Assesses every clause of a policy. A permission that depends on a clause which is enforced by nobody, or by a peer
/// without proof, is never granted by [`crate::decide`]; this tells so before it is signed.
#[must_use]
pub fn enforceability(policy: &Policy, can: &Capabilities) -> Vec<Assessment> {
    let mut found = Assessor { can, out: Vec::new() };
    for (n, rule) in policy.permissions.iter().enumerate() {
        found.permission(&format!("permission/{n}"), rule, policy);
    }
    for (n, rule) in policy.prohibitions.iter().enumerate() {
        found.prohibition(&format!("prohibition/{n}"), rule);
    }
    for (n, rule) in policy.obligations.iter().enumerate() {
        found.duty(&format!("obligation/{n}"), rule, false);
    }
    found.out
}

const ALL: [Stage; 4] = [Stage::Catalogue, Stage::Negotiation, Stage::Transfer, Stage::Stream];
const USE: [Stage; 2] = [Stage::Transfer, Stage::Stream];

struct Assessor<'a> {
    can: &'a Capabilities,
    out: Vec<Assessment>,
}

impl Assessor<'_> {
    fn by_us(&mut self, path: &str, class: UsageClass, stages: &[Stage]) {
        self.add(path, class, Enforcer::Connector, stages, None);
    }

    /// Enforced by us if something is wired, by others otherwise.
    fn if_wired(
        &mut self,
        path: &str,
        class: UsageClass,
        wired: bool,
        what: &str,
        stages: &[Stage],
        or: Enforcer,
    ) {
        if wired {
            self.by_us(path, class, stages);
        } else {
            self.add(path, class, or, &[], Some(what));
        }
    }

    fn by_peer(&mut self, path: &str, class: UsageClass) {
        let missing = (!self.can.attestation).then_some("attestation");
        self.add(path, class, Enforcer::Peer, &[], missing);
    }

    fn by_contract(&mut self, path: &str, class: UsageClass) {
        self.add(path, class, Enforcer::Contract, &[], None);
    }

    fn add(
        &mut self,
        path: &str,
        class: UsageClass,
        enforcer: Enforcer,
        stages: &[Stage],
        missing: Option<&str>,
    ) {
        self.out.push(Assessment {
            path: path.to_owned(),
            class,
            enforcer,
            stages: stages.to_vec(),
            missing: missing.map(str::to_owned),
        });
    }

    fn permission(&mut self, path: &str, rule: &Rule, policy: &Policy) {
        if rule.constraints.is_empty() && rule.duties.is_empty() && rule.refinements.is_empty() {
            if includes(&rule.action, "use") || rule.action.is_empty() {
                self.by_us(path, UsageClass::Allow, &ALL);
            } else {
                // A single way of using the data, which is seen only where it is used.
                self.by_peer(path, UsageClass::Allow);
            }
        }
        self.scope(path, rule, policy);
        for (n, constraint) in rule.constraints.iter().enumerate() {
            self.constraint(&format!("{path}/constraint/{n}"), constraint);
        }
        for (n, constraint) in rule.refinements.iter().enumerate() {
            let path = format!("{path}/action/refinement/{n}");
            constraint.each(&mut |a| self.by_peer(&path, class_of(a)));
        }
        let paid_over_time =
            rule.constraints.iter().any(|c| mentions(c, "timeInterval") || mentions(c, "elapsedTime"));
        for (n, duty) in rule.duties.iter().enumerate() {
            self.duty(&format!("{path}/duty/{n}"), duty, paid_over_time);
        }
        for key in rule.unknown.keys() {
            self.by_contract(&format!("{path}/{}", short(key)), UsageClass::Other);
        }
    }

    fn scope(&mut self, path: &str, rule: &Rule, policy: &Policy) {
        match &rule.assignee {
            Some(referent) if referent.plain().is_some() => {
                self.by_us(&format!("{path}/assignee"), UsageClass::Consumer, &ALL);
            }
            Some(referent) => {
                let path = format!("{path}/assignee");
                if referent.collection || !referent.unknown.is_empty() {
                    let wired = self.can.collections && referent.unknown.is_empty();
                    self.if_wired(&path, UsageClass::UserRole, wired, "collections", &ALL, Enforcer::Peer);
                }
                for (n, constraint) in referent.refinements.iter().enumerate() {
                    self.constraint(&format!("{path}/refinement/{n}"), constraint);
                }
            }
            None if policy.assignee.is_some() => self.by_us("assignee", UsageClass::Consumer, &ALL),
            None => {}
        }
        if let Some(referent) = rule.target.as_ref().filter(|r| r.plain().is_none()) {
            let path = format!("{path}/target");
            let wired = self.can.collections && referent.unknown.is_empty();
            self.if_wired(&path, UsageClass::Classification, wired, "collections", &ALL, Enforcer::Contract);
            for n in 0..referent.refinements.len() {
                let (path, wired) = (format!("{path}/refinement/{n}"), self.can.metadata);
                self.if_wired(&path, UsageClass::Classification, wired, "metadata", &ALL, Enforcer::Contract);
            }
        }
    }

    fn prohibition(&mut self, path: &str, rule: &Rule) {
        if includes(&rule.action, "use") {
            if rule.constraints.is_empty() {
                self.by_us(path, UsageClass::Allow, &ALL);
            }
            for (n, constraint) in rule.constraints.iter().enumerate() {
                self.constraint(&format!("{path}/constraint/{n}"), constraint);
            }
            return;
        }
        match short(&rule.action) {
            "distribute" | "sell" | "grantUse" | "transfer" | "give" => {
                self.if_wired(
                    path,
                    UsageClass::Distribute,
                    self.can.onward,
                    "onward",
                    &[Stage::Catalogue],
                    Enforcer::Contract,
                );
            }
            _ => self.by_contract(path, UsageClass::Other),
        }
    }

    fn constraint(&mut self, path: &str, constraint: &Constraint) {
        match constraint {
            Constraint::Logical(l) => {
                for (n, item) in l.items.iter().enumerate() {
                    self.constraint(&format!("{path}/{}/{n}", l.logic.name()), item);
                }
            }
            Constraint::Atomic(a) => self.atomic(path, a),
        }
    }

    fn atomic(&mut self, path: &str, a: &Atomic) {
        let class = class_of(a);
        if !a.unknown.is_empty() || !a.references.is_empty() {
            return self.by_contract(path, class);
        }
        if a.credential.is_some() {
            return self.if_wired(path, class, self.can.credentials, "credentials", &ALL, Enforcer::Contract);
        }
        if matches!(catena_x::answer(&a.left), Some(Answer::Claim | Answer::Contract)) {
            return self.by_contract(path, class);
        }
        let claim = a.left.starts_with(CLAIM_NS) || a.left.starts_with(gx::NS);
        match class {
            UsageClass::TimeInterval => self.by_us(path, class, &ALL),
            UsageClass::Duration | UsageClass::Count => self.by_us(path, class, &USE),
            UsageClass::Consumer | UsageClass::ParticipantLocation => self.by_us(path, class, &ALL),
            UsageClass::Purpose => self.by_us(path, class, &[Stage::Negotiation, Stage::Transfer]),
            UsageClass::SecurityLevel | UsageClass::UserRole if claim => self.by_us(path, class, &ALL),
            UsageClass::SecurityLevel | UsageClass::UserRole | UsageClass::Connector => {
                self.if_wired(path, class, self.can.credentials, "credentials", &ALL, Enforcer::Peer);
            }
            UsageClass::Location if short(&a.left) == "spatial" => self.by_us(path, class, &ALL),
            UsageClass::Location => {
                self.if_wired(path, class, self.can.network, "network", &USE, Enforcer::Peer);
            }
            UsageClass::Event => self.if_wired(path, class, self.can.events, "events", &USE, Enforcer::Peer),
            UsageClass::Sale | UsageClass::Rent => {
                self.if_wired(path, class, self.can.payments, "payments", &USE, Enforcer::Contract);
            }
            UsageClass::ArtifactState | UsageClass::Classification => {
                self.if_wired(path, class, self.can.metadata, "metadata", &ALL, Enforcer::Peer);
            }
            UsageClass::Application | UsageClass::EnvironmentState => self.by_peer(path, class),
            _ if claim => self.by_us(path, class, &ALL),
            _ if crate::support::sort(&a.left).is_some() => self.by_us(path, class, &ALL),
            _ => self.by_contract(path, class),
        }
    }

    fn duty(&mut self, path: &str, duty: &Rule, over_time: bool) {
        let recurring = over_time || duty.constraints.iter().chain(&duty.refinements).any(recurs);
        let class = duty_class(&duty.action, recurring);
        let in_duty = path.contains("/duty/");
        match class {
            UsageClass::Log | UsageClass::Notify => self.by_us(path, class, &USE),
            UsageClass::ModifyInTransit | UsageClass::Anonymize if in_duty && self.can.transforms => {
                self.by_us(path, class, &USE);
            }
            UsageClass::ModifyInTransit if !in_duty => self.by_peer(path, UsageClass::ModifyAtRest),
            UsageClass::ModifyInTransit => {
                self.if_wired(path, class, self.can.transforms, "transforms", &USE, Enforcer::Peer);
            }
            UsageClass::Sale | UsageClass::Rent => {
                self.if_wired(path, class, self.can.payments, "payments", &USE, Enforcer::Contract);
            }
            UsageClass::Consent => {
                self.if_wired(path, class, self.can.consents, "consents", &USE, Enforcer::Contract)
            }
            UsageClass::Distribute => {
                self.if_wired(path, class, self.can.onward, "onward", &[Stage::Catalogue], Enforcer::Peer);
            }
            UsageClass::Delete | UsageClass::Anonymize | UsageClass::ModifyAtRest => {
                self.by_peer(path, class)
            }
            _ => self.by_contract(path, class),
        }
        for (n, consequence) in duty.consequences.iter().enumerate() {
            self.duty(&format!("{path}/consequence/{n}"), consequence, false);
        }
    }
}

fn mentions(constraint: &Constraint, operand: &str) -> bool {
    let mut found = false;
    constraint.each(&mut |a| found |= short(&a.left) == operand);
    found
}

/// Does it recur, by its operands or by what is said of its amount?
fn recurs(constraint: &Constraint) -> bool {
    let mut found = mentions(constraint, "timeInterval");
    constraint.each(&mut |a| found |= class_of(a) == UsageClass::Rent);
    found
}
