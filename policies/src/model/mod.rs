//! The typed model (ODRL Information Model 2.2, sections 2.1 to 2.5).

mod constraint;
mod inherit;
mod operator;
mod rule;
mod value;

pub use constraint::{Atomic, Constraint, Logic, Logical};
pub use operator::Operator;
pub use rule::{Function, Referent, Rule};
pub(crate) use value::number;
pub use value::{Operand, Typed};

use serde_json::{Map, Value};

/// Members that the model has no place for, by IRI, in expanded form. They are written back as they came, and
/// what has any can neither grant nor be skipped.
pub(crate) type Unknown = Map<String, Value>;

/// Kind of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// Rules without parties.
    Set,
    /// Proposed by an assigner.
    Offer,
    /// Concluded between two parties.
    Agreement,
    /// Asked for by an assignee.
    Request,
    /// Grants its holder, whoever that is.
    Ticket,
    /// States what its assigner or assignee believes to hold.
    Assertion,
    /// About personal data.
    Privacy,
}

impl PolicyKind {
    /// Name in the ODRL vocabulary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Set => "Set",
            Self::Offer => "Offer",
            Self::Agreement => "Agreement",
            Self::Request => "Request",
            Self::Ticket => "Ticket",
            Self::Assertion => "Assertion",
            Self::Privacy => "Privacy",
        }
    }

    /// Can a policy of this kind ever grant? Sets, offers (as if they were agreed) and agreements do; requests,
    /// tickets, assertions and privacy policies are read and kept, but grant nothing here.
    #[must_use]
    pub const fn can_grant(self) -> bool {
        matches!(self, Self::Set | Self::Offer | Self::Agreement)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "Policy" => Some(Self::Set),
            name => [
                Self::Set,
                Self::Offer,
                Self::Agreement,
                Self::Request,
                Self::Ticket,
                Self::Assertion,
                Self::Privacy,
            ]
            .into_iter()
            .find(|kind| kind.name() == name),
        }
    }
}

/// What prevails when a permission meets a prohibition (ODRL Information Model 2.2, section 2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conflict {
    /// The permission.
    Perm,
    /// The prohibition.
    Prohibit,
    /// Neither: the policy is void. So it is by default.
    Invalid,
}

impl Conflict {
    /// Name in the ODRL vocabulary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Perm => "perm",
            Self::Prohibit => "prohibit",
            Self::Invalid => "invalid",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Perm, Self::Prohibit, Self::Invalid].into_iter().find(|c| c.name() == name)
    }
}

/// A policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub(crate) id: Option<String>,
    pub(crate) kind: PolicyKind,
    pub(crate) target: Option<String>,
    pub(crate) assigner: Option<String>,
    pub(crate) assignee: Option<String>,
    pub(crate) profiles: Vec<String>,
    /// Sorted, each once; empty when the policy says nothing, which is not the same as an explicit `invalid`.
    pub(crate) conflicts: Vec<Conflict>,
    /// Parents whose rules are still to be added.
    pub(crate) inherits: Vec<String>,
    pub(crate) replaced_by: Option<String>,
    pub(crate) permissions: Vec<Rule>,
    pub(crate) prohibitions: Vec<Rule>,
    pub(crate) obligations: Vec<Rule>,
    pub(crate) unknown: Unknown,
}

impl Policy {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// The same rules under another head.
    #[must_use]
    pub fn with_parties(
        mut self,
        id: Option<String>,
        kind: PolicyKind,
        target: Option<String>,
        assigner: Option<String>,
        assignee: Option<String>,
    ) -> Self {
        (self.id, self.kind, self.target) = (id, kind, target);
        (self.assigner, self.assignee) = (assigner, assignee);
        self
    }

    /// Rules with their kind and path.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (crate::RuleKind, String, &Rule)> {
        let list = |kind: crate::RuleKind, name: &'static str, rules: &'_ [Rule]| {
            rules.iter().enumerate().map(move |(n, _)| (kind, format!("{name}/{n}"))).collect::<Vec<_>>()
        };
        let heads = [
            list(crate::RuleKind::Permission, "permission", &self.permissions),
            list(crate::RuleKind::Prohibition, "prohibition", &self.prohibitions),
            list(crate::RuleKind::Obligation, "obligation", &self.obligations),
        ];
        let rules = self.permissions.iter().chain(&self.prohibitions).chain(&self.obligations);
        heads.into_iter().flatten().zip(rules).map(|((kind, path), rule)| (kind, path, rule))
    }

    /// The strategies for conflicts that the policy names: none when unset, several after a merge.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// The strategy that holds: `invalid` when unset, and when several contradict each other (ODRL Information
    /// Model 2.2, section 2.10).
    #[must_use]
    pub fn conflict(&self) -> Conflict {
        match self.conflicts.as_slice() {
            [one] => *one,
            _ => Conflict::Invalid,
        }
    }

    /// Parents whose rules this policy inherits and does not have yet; see [`Policy::inherit`].
    #[must_use]
    pub fn inherits(&self) -> &[String] {
        &self.inherits
    }

    /// The policy that replaced this one (`dcterms:isReplacedBy`); what has one is void.
    #[must_use]
    pub fn replaced_by(&self) -> Option<&str> {
        self.replaced_by.as_deref()
    }

    /// What permits.
    #[must_use]
    pub fn permissions(&self) -> &[Rule] {
        &self.permissions
    }

    /// What forbids.
    #[must_use]
    pub fn prohibitions(&self) -> &[Rule] {
        &self.prohibitions
    }

    /// What must be done.
    #[must_use]
    pub fn obligations(&self) -> &[Rule] {
        &self.obligations
    }

    /// What the policy is about, when it says so for all its rules.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// Who set the policy, when it says so for all its rules.
    #[must_use]
    pub fn assigner(&self) -> Option<&str> {
        self.assigner.as_deref()
    }

    /// Who the policy is for, when it says so for all its rules.
    #[must_use]
    pub fn assignee(&self) -> Option<&str> {
        self.assignee.as_deref()
    }

    /// Profiles that give the terms their meaning.
    #[must_use]
    pub fn profiles(&self) -> &[String] {
        &self.profiles
    }

    /// Does a permission demand that both parties sign?
    #[must_use]
    pub fn demands_signature(&self) -> bool {
        fn asks(constraint: &Constraint) -> bool {
            match constraint {
                Constraint::Atomic(a) => a.left == crate::terms::SIGNED_AGREEMENT,
                Constraint::Logical(l) => l.items.iter().any(asks),
            }
        }
        self.permissions.iter().any(|rule| rule.constraints.iter().any(asks))
    }
}
