//! Actions, targets and parties of two rules.

use super::Options;
use crate::decide::{Actions, Truth, all};
use crate::model::{Policy, Referent, Rule};

/// A rule with where it stands.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) policy: &'a Policy,
    pub(super) rule: &'a Rule,
}

impl<'a> Placed<'a> {
    fn name(&self, own: &'a Option<Referent>, head: &'a Option<String>, options: &Options) -> Name<'a> {
        match own {
            Some(referent) => Name {
                id: referent.id.as_deref(),
                vague: referent.collection || !referent.unknown.is_empty(),
            },
            None => Name { id: head.as_deref().filter(|_| options.heads), vague: false },
        }
    }

    fn target(&self, options: &Options) -> Name<'a> {
        self.name(&self.rule.target, &self.policy.target, options)
    }

    fn assignee(&self, options: &Options) -> Name<'a> {
        self.name(&self.rule.assignee, &self.policy.assignee, options)
    }
}

/// An asset or party; without an id it is any. A vague one is a collection, whose members are not known here.
#[derive(Clone, Copy)]
struct Name<'a> {
    id: Option<&'a str>,
    vague: bool,
}

impl Name<'_> {
    fn overlaps(self, other: Self) -> Truth {
        match (self.id, other.id) {
            (Some(a), Some(b)) if a != b => {
                if self.vague || other.vague {
                    Truth::Unknown
                } else {
                    Truth::False
                }
            }
            _ => Truth::True,
        }
    }

    fn within(self, other: Self) -> Truth {
        match (self.id, other.id) {
            (_, None) => Truth::True,
            (None, Some(_)) => Truth::False,
            (Some(a), Some(b)) if a == b => {
                // A collection is within itself, and one thing within a collection of the same name is not.
                if self.vague == other.vague { Truth::True } else { Truth::Unknown }
            }
            _ if self.vague || other.vague => Truth::Unknown,
            _ => Truth::False,
        }
    }
}

/// Can the two rules be about the same use, conditions aside? Actions overlap when one includes the other.
pub(super) fn overlaps(a: Placed<'_>, b: Placed<'_>, actions: &Actions, options: &Options) -> Truth {
    let (x, y) = (&a.rule.action, &b.rule.action);
    let action: Truth = (actions.cover(x, y) || actions.cover(y, x)).into();
    all(&[
        action,
        a.target(options).overlaps(b.target(options)),
        a.assignee(options).overlaps(b.assignee(options)),
        sound(a.rule),
        sound(b.rule),
    ])
}

/// Is every use that the first rule is about one that the second is about, conditions aside?
pub(super) fn within(a: Placed<'_>, b: Placed<'_>, actions: &Actions, options: &Options) -> Truth {
    let action: Truth = actions.cover(&b.rule.action, &a.rule.action).into();
    all(&[
        action,
        a.target(options).within(b.target(options)),
        a.assignee(options).within(b.assignee(options)),
        sound(b.rule),
    ])
}

/// Of a rule with parts that are not understood nothing is known.
pub(super) fn sound(rule: &Rule) -> Truth {
    if rule.unknown.is_empty() { Truth::True } else { Truth::Unknown }
}
