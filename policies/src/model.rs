//! The typed model (ODRL Information Model 2.2, sections 2.1 to 2.5).

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
}

impl PolicyKind {
    /// Name in the ODRL vocabulary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Set => "Set",
            Self::Offer => "Offer",
            Self::Agreement => "Agreement",
        }
    }
}

/// What prevails when a permission meets a prohibition (ODRL Information Model 2.2, section 2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pub(crate) conflict: Option<Conflict>,
    pub(crate) permissions: Vec<Rule>,
    pub(crate) prohibitions: Vec<Rule>,
    pub(crate) obligations: Vec<Rule>,
    pub(crate) unknown: Unknown,
}

/// A permission, prohibition, obligation or duty.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Action, as an IRI.
    pub action: String,
    /// All must hold.
    pub constraints: Vec<Constraint>,
    /// What must be done for a permission.
    pub duties: Vec<Self>,
    /// What the rule is about, when it says so itself.
    pub target: Option<String>,
    /// Who set the rule, when it says so itself.
    pub assigner: Option<String>,
    /// Party that the rule is for, when it says so itself.
    pub assignee: Option<String>,
    /// Members that the model has no place for, by IRI; such a rule cannot be enforced.
    pub unknown: Unknown,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// One comparison.
    Atomic(Atomic),
    /// Several conditions together.
    Logical(Logic, Vec<Self>),
}

/// How conditions are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logic {
    /// All.
    And,
    /// All, in this order.
    AndSequence,
    /// At least one.
    Or,
    /// Exactly one.
    Xone,
}

impl Logic {
    pub(crate) const ALL: [Self; 4] = [Self::And, Self::AndSequence, Self::Or, Self::Xone];

    /// Name in the ODRL vocabulary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::AndSequence => "andSequence",
            Self::Or => "or",
            Self::Xone => "xone",
        }
    }
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Atomic {
    /// Left operand, as an IRI.
    pub left: String,
    /// Operator.
    pub operator: Operator,
    /// Right operand; a list for the set operators.
    pub right: Vec<Operand>,
    /// Unit of the right operand, as an IRI.
    pub unit: Option<String>,
    /// Members that the model has no place for, by IRI; such a comparison cannot be decided.
    pub unknown: Unknown,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// Text or IRI.
    pub value: String,
    /// It is an IRI reference.
    pub iri: bool,
    /// Datatype, when one was given.
    pub datatype: Option<String>,
}

macro_rules! operators {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// The twelve operators of the ODRL core vocabulary.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operator { $($(#[$doc])* $variant),+ }

        impl Operator {
            /// Name in the ODRL vocabulary.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

operators! {
    /// Equal.
    Eq = "eq",
    /// Not equal.
    Neq = "neq",
    /// Less than.
    Lt = "lt",
    /// Less than or equal.
    Lteq = "lteq",
    /// Greater than.
    Gt = "gt",
    /// Greater than or equal.
    Gteq = "gteq",
    /// Instance of.
    IsA = "isA",
    /// Contained in.
    IsPartOf = "isPartOf",
    /// Contains.
    HasPart = "hasPart",
    /// One of the list.
    IsAnyOf = "isAnyOf",
    /// None of the list.
    IsNoneOf = "isNoneOf",
    /// All of the list: the values are a superset of it.
    IsAllOf = "isAllOf",
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

    /// Does a permission demand that both parties sign?
    #[must_use]
    pub fn demands_signature(&self) -> bool {
        fn asks(constraint: &Constraint) -> bool {
            match constraint {
                Constraint::Atomic(a) => a.left == crate::terms::SIGNED_AGREEMENT,
                Constraint::Logical(_, items) => items.iter().any(asks),
            }
        }
        self.permissions.iter().any(|rule| rule.constraints.iter().any(asks))
    }
}
