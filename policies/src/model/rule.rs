//! Rules, and the assets and parties that they name.

use super::{Constraint, Unknown};

/// A permission, prohibition, obligation or duty (ODRL Information Model 2.2, section 2.6): atomic, so with one
/// action, and at most one target, assigner and assignee. What is written with several is read as several rules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rule {
    /// Its own identifier.
    pub id: Option<String>,
    /// Action, as an IRI.
    pub action: String,
    /// Narrow the action; all must hold for the action that is asked for.
    pub refinements: Vec<Constraint>,
    /// Actions that the policy itself says include this one, as IRIs.
    pub included_in: Vec<String>,
    /// Actions that the policy itself says follow from this one, as IRIs.
    pub implies: Vec<String>,
    /// All must hold.
    pub constraints: Vec<Constraint>,
    /// What must be done for a permission.
    pub duties: Vec<Self>,
    /// What must be done as well when a duty or obligation is not fulfilled.
    pub consequences: Vec<Self>,
    /// What must be done when a prohibition is infringed.
    pub remedies: Vec<Self>,
    /// What the rule is about, when it says so itself.
    pub target: Option<Referent>,
    /// Who set the rule, when it says so itself.
    pub assigner: Option<Referent>,
    /// Party that the rule is for, when it says so itself.
    pub assignee: Option<Referent>,
    /// Parties and assets in further roles: who is informed, paid, named, asked for consent; what comes out.
    pub functions: Vec<Function>,
    /// Members that the model has no place for, by IRI; such a rule cannot be enforced.
    pub unknown: Unknown,
}

/// An asset or a party: one, or those of a collection that satisfy all refinements (ODRL Information Model 2.2,
/// sections 2.2.2 and 2.3.2).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Referent {
    /// The asset, party or collection; `None` is any that satisfies the refinements.
    pub id: Option<String>,
    /// It is said to be a collection.
    pub collection: bool,
    /// Name of the refined part of the collection `id`, when it has one.
    pub uid: Option<String>,
    /// All must hold for the member.
    pub refinements: Vec<Constraint>,
    /// Members that the model has no place for, by IRI; who is meant then cannot be decided.
    pub unknown: Unknown,
}

/// A party or asset in a further role.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The role, as the IRI of the property, for example `odrl:informedParty`.
    pub role: String,
    /// Who or what.
    pub referent: Referent,
}

impl Referent {
    /// One asset or party.
    #[must_use]
    pub fn one(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..Self::default() }
    }

    /// Its identifier when that is all there is to it.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        let bare =
            !self.collection && self.uid.is_none() && self.refinements.is_empty() && self.unknown.is_empty();
        self.id.as_deref().filter(|_| bare)
    }
}
