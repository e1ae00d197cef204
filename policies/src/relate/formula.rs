//! Conditions as a disjunction of conjunctions.

use crate::decide::On;
use crate::model::{Atomic, Constraint, Logic, Logical, Rule};

/// Most conjunctions of one formula.
const MOST: usize = 2048;

/// A comparison, or its negation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal<'a> {
    pub(super) on: On,
    pub(super) atom: &'a Atomic,
    pub(super) positive: bool,
}

pub(super) type Conjunction<'a> = Vec<Literal<'a>>;

/// A disjunction of conjunctions; no conjunction at all is false.
#[derive(Debug, Clone)]
pub(super) struct Formula<'a>(pub(super) Vec<Conjunction<'a>>);

impl<'a> Formula<'a> {
    pub(super) fn truth() -> Self {
        Self(vec![Vec::new()])
    }

    pub(super) const fn falsehood() -> Self {
        Self(Vec::new())
    }

    /// All conditions of a rule, or the negation of their conjunction. `None` when that is too large.
    pub(super) fn of(rule: &'a Rule, positive: bool) -> Option<Self> {
        let parts = [
            (On::Request, Some(&rule.constraints)),
            (On::Action, Some(&rule.refinements)),
            (On::Asset, rule.target.as_ref().map(|r| &r.refinements)),
            (On::Party, rule.assignee.as_ref().map(|r| &r.refinements)),
        ];
        let items: Option<Vec<Self>> = parts
            .into_iter()
            .flat_map(|(on, list)| list.into_iter().flatten().map(move |c| (on, c)))
            .map(|(on, c)| Self::constraint(on, c, positive))
            .collect();
        if positive { Self::all(items?) } else { Self::any(items?) }
    }

    fn constraint(on: On, c: &'a Constraint, positive: bool) -> Option<Self> {
        match c {
            Constraint::Atomic(atom) => Some(Self(vec![vec![Literal { on, atom, positive }]])),
            Constraint::Logical(l) => Self::logical(on, l, positive),
        }
    }

    fn logical(on: On, l: &'a Logical, positive: bool) -> Option<Self> {
        let each = |positive: bool| -> Option<Vec<Self>> {
            l.items.iter().map(|item| Self::constraint(on, item, positive)).collect()
        };
        match (l.logic, positive) {
            (Logic::And | Logic::AndSequence, true) | (Logic::Or, false) => Self::all(each(positive)?),
            (Logic::And | Logic::AndSequence, false) | (Logic::Or, true) => Self::any(each(positive)?),
            (Logic::Xone, true) => {
                let (yes, no) = (each(true)?, each(false)?);
                let one = |n: usize| {
                    let parts = yes.iter().zip(&no).enumerate();
                    Self::all(parts.map(|(m, (y, n_))| if m == n { y.clone() } else { n_.clone() }).collect())
                };
                Self::any((0..yes.len()).map(one).collect::<Option<_>>()?)
            }
            (Logic::Xone, false) => {
                let yes = each(true)?;
                let mut out = vec![Self::all(each(false)?)?];
                for (n, a) in yes.iter().enumerate() {
                    for b in yes.iter().skip(n + 1) {
                        out.push(Self::all(vec![a.clone(), b.clone()])?);
                    }
                }
                Self::any(out)
            }
        }
    }

    pub(super) fn all(items: Vec<Self>) -> Option<Self> {
        items.into_iter().try_fold(Self::truth(), |whole, item| {
            if whole.0.len().saturating_mul(item.0.len()) > MOST {
                return None;
            }
            let pairs = whole.0.iter().flat_map(|a| item.0.iter().map(move |b| (a, b)));
            Some(Self(pairs.map(|(a, b)| a.iter().chain(b).copied().collect()).collect()))
        })
    }

    pub(super) fn any(items: Vec<Self>) -> Option<Self> {
        let whole = Self(items.into_iter().flat_map(|item| item.0).collect());
        (whole.0.len() <= MOST).then_some(whole)
    }

    pub(super) fn and(self, other: Self) -> Option<Self> {
        Self::all(vec![self, other])
    }
}
