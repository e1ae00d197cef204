//! What this connector can enforce. Everything else is refused when a policy is written or received.

mod sort;

pub(crate) use sort::{Sort, is_region, sort};

use crate::catena_x::{self, Answer};
use crate::decide::{RuleKind, WHEN, is_path};
use crate::model::{Atomic, Constraint, Operator, Policy, Referent, Rule, Unknown};
use crate::terms::{CX_NS, CX_NS_OLD, includes, is_action, is_operand, is_own_duty, short};
use ontology::time::parse_duration;
use ontology::{dct, dspace, edc, odrl, ovc};
use sort::{fits, readable, takes_one};

/// A term that cannot be enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// Where in the policy.
    pub path: String,
    /// The term.
    pub term: String,
    /// Why not.
    pub reason: String,
}

impl Policy {
    /// The terms that this connector neither enforces nor can show as contractual.
    #[must_use]
    pub fn unsupported(&self) -> Vec<Unsupported> {
        let mut found = Found(Vec::new());
        for profile in self.profiles.iter().filter(|p| !is_known_profile(p)) {
            found.add("profile", profile, "the profile is not known, so its terms have no meaning here");
        }
        if !self.inherits.is_empty() {
            found.add("inheritFrom", "inheritFrom", "the rules of the parent are not here");
        }
        if self.replaced_by.is_some() {
            found.add("isReplacedBy", dct::IS_REPLACED_BY, "another policy has taken its place");
        }
        if !self.kind.can_grant() {
            found.add("@type", self.kind.name(), "policies of this kind grant nothing");
        }
        if self.conflicts.len() > 1 {
            found.add("conflict", "conflict", "the strategies contradict each other");
        }
        found.unknown("", &self.unknown);
        for (kind, path, rule) in self.rules() {
            found.rule(kind, &path, rule);
        }
        found.0
    }
}

/// Is it a change to the data, which must be made on the way to the consumer?
fn is_transformation(action: &str) -> bool {
    ["anonymize", "modify", "transform", "watermark", "mask", "drop", "pseudonymize"].contains(&short(action))
}

pub(crate) fn is_known_profile(profile: &str) -> bool {
    let spaces = [odrl::NS, ovc::NS, edc::NS, dspace::NS, "https://w3id.org/dspace/2025/1", CX_NS, CX_NS_OLD];
    spaces.iter().any(|ns| {
        profile == ns.trim_end_matches('/') || profile.starts_with(&format!("{}/", ns.trim_end_matches('/')))
    })
}

struct Found(Vec<Unsupported>);

impl Found {
    fn add(&mut self, path: &str, term: &str, reason: &str) {
        self.0.push(Unsupported { path: path.to_owned(), term: term.to_owned(), reason: reason.to_owned() });
    }

    fn unknown(&mut self, path: &str, members: &Unknown) {
        for key in members.keys() {
            let name = short(key);
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            self.add(&path, name, "the term has no meaning here");
        }
    }

    fn rule(&mut self, kind: RuleKind, path: &str, rule: &Rule) {
        let action = short(&rule.action);
        let known = is_action(action) || (kind == RuleKind::Obligation && is_own_duty(action));
        if !known {
            self.add(&format!("{path}/action"), action, "the action is not one of the ODRL vocabulary");
        }
        self.unknown(path, &rule.unknown);
        self.beyond(kind, path, rule);
        if kind == RuleKind::Obligation && is_own_duty(&rule.action) {
            self.untimely(path, rule);
        }
        // What only the consumer can observe binds by contract; its conditions need only be readable.
        let contractual = match kind {
            RuleKind::Permission => false,
            RuleKind::Prohibition => !includes(&rule.action, "use"),
            RuleKind::Obligation => true,
        };
        for (n, constraint) in rule.constraints.iter().enumerate() {
            self.constraint(&format!("{path}/constraint/{n}"), constraint, contractual);
        }
        for (n, duty) in rule.duties.iter().enumerate() {
            let path = format!("{path}/duty/{n}");
            if kind != RuleKind::Permission {
                self.add(&path, short(&duty.action), "only permissions have duties here");
            } else if is_transformation(&duty.action) {
                // Only the data plane could do it at each use, and nobody can attest it afterwards.
                self.add(&path, short(&duty.action), "the data is not changed on the way here");
            } else {
                self.rule(RuleKind::Obligation, &path, duty);
            }
        }
    }

    /// What this connector does by itself it does at each use, so that there is no instant by which it must be done.
    fn untimely(&mut self, path: &str, rule: &Rule) {
        let refined = format!("{path}/action");
        let parts =
            [(path, "constraint", &rule.constraints), (refined.as_str(), "refinement", &rule.refinements)];
        for (path, name, constraints) in parts {
            for (n, constraint) in constraints.iter().enumerate() {
                if let Constraint::Atomic(a) = constraint
                    && WHEN.contains(&short(&a.left))
                {
                    let reason = format!("{} is done at each use and has no deadline", short(&rule.action));
                    self.add(&format!("{path}/{name}/{n}/leftOperand"), short(&a.left), &reason);
                }
            }
        }
    }

    /// Parts of rules that are understood, but that this connector has no facts to judge on.
    fn beyond(&mut self, kind: RuleKind, path: &str, rule: &Rule) {
        // Duties that bind by contract may say more of how they are done.
        if kind != RuleKind::Obligation && !rule.refinements.is_empty() {
            self.add(
                &format!("{path}/action/refinement"),
                "refinement",
                "how the data is used is not observed here",
            );
        }
        for (name, referent) in [("target", &rule.target), ("assignee", &rule.assignee)] {
            let Some(referent) = referent else { continue };
            let path = format!("{path}/{name}");
            self.unknown(&path, &referent.unknown);
            if name == "assignee" && by_credentials(referent) {
                for (n, refinement) in referent.refinements.iter().enumerate() {
                    self.constraint(&format!("{path}/refinement/{n}"), refinement, false);
                }
            } else if referent.plain().is_none() {
                let reason = match name {
                    "target" => "in a dataspace the policy as a whole has the target, and a rule has none",
                    _ => "membership of collections is not known here",
                };
                self.add(&path, name, reason);
            }
        }
        if !rule.remedies.is_empty() {
            self.add(&format!("{path}/remedy"), "remedy", "what heals a breach is not tracked here");
        }
        for (n, consequence) in rule.consequences.iter().enumerate() {
            let path = format!("{path}/consequence/{n}");
            if kind == RuleKind::Obligation {
                self.rule(RuleKind::Obligation, &path, consequence);
            } else {
                self.add(&path, short(&consequence.action), "only duties have consequences");
            }
        }
    }

    fn constraint(&mut self, path: &str, constraint: &Constraint, contractual: bool) {
        match constraint {
            Constraint::Logical(l) => {
                for (n, item) in l.items.iter().enumerate() {
                    self.constraint(&format!("{path}/{}/{n}", l.logic.name()), item, contractual);
                }
            }
            Constraint::Atomic(a) => self.atomic(path, a, contractual),
        }
    }

    fn atomic(&mut self, path: &str, a: &Atomic, contractual: bool) {
        let left = short(&a.left);
        self.unknown(path, &a.unknown);
        if !a.references.is_empty() {
            self.add(
                &format!("{path}/rightOperandReference"),
                "rightOperandReference",
                "values elsewhere are not fetched",
            );
            return;
        }
        if a.status.is_some() && !contractual {
            self.add(
                &format!("{path}/status"),
                "status",
                "what the policy records of itself is not relied on",
            );
        }
        if let Some(kind) = &a.credential {
            self.credential(path, a, kind);
            return;
        }
        let Some(sort) = sort(&a.left) else {
            let reason = match catena_x::answer(&a.left) {
                Some(_) if contractual => return,
                Some(Answer::Contract) => {
                    "is a term of contract, which nobody can check: it belongs in an obligation"
                }
                Some(_) => "no credential gives this claim here yet",
                None if contractual && is_operand(left) => return,
                None => "the operand has no meaning here",
            };
            self.add(&format!("{path}/leftOperand"), left, reason);
            return;
        };
        let has_unit = match sort {
            Sort::Paid => true,
            // Uses within a period.
            Sort::Number => a.unit.as_deref().is_some_and(|unit| parse_duration(unit).is_ok()),
            _ => false,
        };
        if let Some(unit) = a.unit.as_deref().filter(|_| !contractual && !has_unit) {
            self.add(&format!("{path}/unit"), unit, &format!("{left} has no unit"));
        }
        if !fits(sort, a) {
            let reason = if takes_one(a.operator) && a.right.len() != 1 {
                "takes exactly one value".to_owned()
            } else {
                format!("does not go with {left}")
            };
            self.add(&format!("{path}/operator"), a.operator.name(), &reason);
            return;
        }
        for right in &a.right {
            let path = format!("{path}/rightOperand");
            if !readable(sort, &right.value) {
                self.add(&path, &right.value, &format!("is not a value of {left}"));
            }
        }
    }
}

impl Found {
    /// A condition on a credential must say where to look, in what, and compare in a way that can be answered.
    fn credential(&mut self, path: &str, a: &Atomic, kind: &str) {
        if kind.trim().is_empty() {
            let reason = "the type of credential is missing, so nobody knows whose word counts";
            self.add(&format!("{path}/credentialSubjectType"), &a.left, reason);
        }
        if !is_path(&a.left) {
            let reason = "is not a path into a credential such as $.credentialSubject.name";
            self.add(&format!("{path}/leftOperand"), &a.left, reason);
        }
        if let Some(unit) = &a.unit {
            self.add(&format!("{path}/unit"), unit, "values in credentials have no unit");
        }
        if takes_one(a.operator) && a.right.len() != 1 {
            self.add(&format!("{path}/operator"), a.operator.name(), "takes exactly one value");
        } else if matches!(a.operator, Operator::HasPart | Operator::IsPartOf) {
            let reason = "does not go with values in credentials";
            self.add(&format!("{path}/operator"), a.operator.name(), reason);
        }
    }
}

/// Is a party described by its credentials alone, and not named?
fn by_credentials(referent: &Referent) -> bool {
    fn is_claim(c: &Constraint) -> bool {
        match c {
            Constraint::Atomic(a) => a.credential.is_some(),
            Constraint::Logical(l) => l.items.iter().all(is_claim),
        }
    }
    referent.id.is_none()
        && referent.uid.is_none()
        && !referent.collection
        && !referent.refinements.is_empty()
        && referent.refinements.iter().all(is_claim)
}
