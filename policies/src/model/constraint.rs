//! Conditions.

use super::{Operand, Operator, Unknown};

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// One comparison.
    Atomic(Box<Atomic>),
    /// Several conditions together.
    Logical(Logical),
}

/// Several conditions together (ODRL Information Model 2.2, section 2.5.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Logical {
    /// Its own identifier.
    pub id: Option<String>,
    /// How they are joined.
    pub logic: Logic,
    /// The conditions; their order counts in `andSequence` only.
    pub items: Vec<Constraint>,
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
    /// Its own identifier.
    pub id: Option<String>,
    /// Left operand, as an IRI; a JSONPath into a credential when `credential` is set.
    pub left: String,
    /// Operator.
    pub operator: Operator,
    /// Right operand; a list for the set operators.
    pub right: Vec<Operand>,
    /// Where the right operand is to be found (`rightOperandReference`), as IRIs; read from the caller's table.
    pub references: Vec<String>,
    /// Unit of the right operand, as an IRI.
    pub unit: Option<String>,
    /// Value of the left operand that the policy itself records, such as the uses so far.
    pub status: Option<Operand>,
    /// Type of the credential subject that `left` is looked up in (`ovc:credentialSubjectType`); empty for any.
    pub credential: Option<String>,
    /// Members that the model has no place for, by IRI; such a comparison cannot be decided.
    pub unknown: Unknown,
}

impl Constraint {
    /// Its own identifier.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Atomic(a) => a.id.as_deref(),
            Self::Logical(l) => l.id.as_deref(),
        }
    }

    /// Calls `visit` with each comparison in it.
    pub(crate) fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Atomic)) {
        match self {
            Self::Atomic(a) => visit(a),
            Self::Logical(l) => l.items.iter().for_each(|item| item.each(visit)),
        }
    }
}
