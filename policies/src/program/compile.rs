//! From the model to the program.

use super::{Action, Duty, Leaf, Name, Node, Program, Rule, Span, Test};
use crate::catena_x;
use crate::decide::{Actions, InForce, On, Truth, WHEN, earliest, in_force, keys, sort, span};
use crate::model::{self, Atomic, Constraint, Logical, Operator, Policy, Referent, number};
use crate::support::{Sort, is_known_profile};
use crate::terms::{ACTIONS, deprecated, is_own_duty, short};
use ontology::time::{Timestamp, read_duration};
use std::fmt;
use std::sync::LazyLock;

impl Program {
    /// Compiles a policy. Later changes to the policy do not reach the program.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let actions = Actions::of(policy);
        let mut builder = Builder { policy, actions, nodes: Vec::new() };
        let permissions = policy.permissions.iter().enumerate();
        let permissions =
            permissions.map(|(n, r)| builder.rule(Path::Top("permission").item(n), r, true)).collect();
        let prohibitions = policy.prohibitions.iter().enumerate();
        let prohibitions =
            prohibitions.map(|(n, r)| builder.rule(Path::Top("prohibition").item(n), r, false)).collect();
        let obligations = policy.obligations.iter().enumerate();
        let obligations =
            obligations.map(|(n, r)| builder.duty(Path::Top("obligation").item(n), r)).collect();
        let profiles = policy.profiles.iter().filter(|p| !is_known_profile(p));
        Self {
            kind: policy.kind,
            conflict: policy.conflict(),
            profiles: profiles.map(|p| p.as_str().into()).collect(),
            void: !policy.unknown.is_empty()
                || !policy.inherits.is_empty()
                || policy.replaced_by.is_some()
                || !policy.kind.can_grant(),
            permissions,
            prohibitions,
            obligations,
            nodes: builder.nodes.into_boxed_slice(),
        }
    }
}

/// What each action of the vocabulary covers, by its place there.
static VOCABULARY: LazyLock<Vec<Action>> =
    LazyLock::new(|| ACTIONS.iter().map(|(name, _)| covered(&Actions::default(), name)).collect());

fn covered(actions: &Actions, whole: &str) -> Action {
    let mut mask = 0_u64;
    for (n, (name, _)) in ACTIONS.iter().enumerate() {
        if actions.cover(whole, name) {
            mask |= 1 << n;
        }
    }
    let vocabulary = deprecated().map(|name| -> &str { name });
    let others = vocabulary.chain(actions.names()).chain(std::iter::once(short(whole)));
    let listed = |name: &str| ACTIONS.iter().any(|(known, _)| *known == name);
    let mut names: Vec<Box<str>> =
        others.filter(|name| !listed(name) && actions.cover(whole, name)).map(Into::into).collect();
    names.sort_unstable();
    names.dedup();
    Action::These(mask, names.into())
}

/// A place in the policy, written out only where it is kept.
#[derive(Clone, Copy)]
enum Path<'a> {
    Top(&'static str),
    Under(&'a Path<'a>, &'static str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    const fn under<'a>(&'a self, name: &'static str) -> Path<'a> {
        Path::Under(self, name)
    }

    const fn item<'a>(&'a self, n: usize) -> Path<'a> {
        Path::Item(self, n)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top(name) => f.write_str(name),
            Self::Under(above, name) => write!(f, "{above}/{name}"),
            Self::Item(above, n) => write!(f, "{above}/{n}"),
        }
    }
}

struct Builder<'a> {
    policy: &'a Policy,
    actions: Actions,
    nodes: Vec<Node>,
}

impl Builder<'_> {
    fn rule(&mut self, path: Path<'_>, rule: &model::Rule, permits: bool) -> Rule {
        let misplaced = !rule.consequences.is_empty()
            || if permits { !rule.remedies.is_empty() } else { !rule.duties.is_empty() };
        let start = self.here();
        for referent in [(&rule.assignee, On::Party, "assignee"), (&rule.target, On::Asset, "target")] {
            if let (Some(referent), on, name) = referent {
                self.list(on, path.under(name).under("refinement"), &referent.refinements);
            }
        }
        self.list(On::Action, path.under("action").under("refinement"), &rule.refinements);
        self.list(On::Request, path.under("constraint"), &rule.constraints);
        let conditions = Span { start, end: self.here() };
        let duties = if permits { self.duties(path.under("duty"), &rule.duties) } else { Box::default() };
        Rule {
            action: self.action(&rule.action),
            opaque: !rule.unknown.is_empty() || misplaced,
            target: name(rule.target.as_ref(), self.policy.target.as_deref()),
            assignee: name(rule.assignee.as_ref(), self.policy.assignee.as_deref()),
            conditions,
            duties,
        }
    }

    fn here(&self) -> u32 {
        // Policies have at most some ten thousand parts.
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    fn action(&self, whole: &str) -> Action {
        if whole.is_empty() {
            return Action::Any;
        }
        if !self.actions.is_plain() {
            return covered(&self.actions, whole);
        }
        // Without actions of its own, the policy uses the table of the vocabulary.
        match ACTIONS.iter().position(|(name, _)| *name == short(whole)).and_then(|n| VOCABULARY.get(n)) {
            Some(action) => action.clone(),
            None => covered(&self.actions, whole),
        }
    }

    fn duties(&mut self, path: Path<'_>, duties: &[model::Rule]) -> Box<[Duty]> {
        duties.iter().enumerate().map(|(n, duty)| self.duty(path.item(n), duty)).collect()
    }

    fn duty(&mut self, path: Path<'_>, duty: &model::Rule) -> Duty {
        let mut conditions = Vec::new();
        for (n, constraint) in duty.constraints.iter().enumerate() {
            let mut timed = false;
            constraint.each(&mut |a| timed |= WHEN.contains(&short(&a.left)));
            if !timed {
                let start = self.here();
                self.constraint(On::Request, path.under("constraint").item(n), constraint);
                conditions.push(Span { start, end: self.here() });
            }
        }
        // With the agreement at the beginning of time, a deadline after it is its own distance.
        let conditions_of = || duty.constraints.iter().chain(&duty.refinements);
        let fixed = earliest(None, conditions_of());
        let epoch = Timestamp::from_millis(0);
        let not_fixed = |c: &&Constraint| !matches!(c, Constraint::Atomic(a) if short(&a.left) == "dateTime");
        let after = earliest(Some(epoch), conditions_of().filter(not_fixed));
        Duty {
            path: path.to_string().into(),
            id: duty.id.as_deref().map(Into::into),
            action: short(&duty.action).into(),
            own: is_own_duty(&duty.action),
            opaque: !duty.unknown.is_empty() || !duty.duties.is_empty() || !duty.remedies.is_empty(),
            unconditional: duty.constraints.is_empty(),
            conditions: conditions.into_boxed_slice(),
            due: (fixed, after.map(Timestamp::millis)),
            consequences: self.duties(path.under("consequence"), &duty.consequences),
        }
    }

    fn list(&mut self, on: On, path: Path<'_>, constraints: &[Constraint]) {
        for (n, constraint) in constraints.iter().enumerate() {
            self.constraint(on, path.item(n), constraint);
        }
    }

    fn constraint(&mut self, on: On, path: Path<'_>, constraint: &Constraint) {
        match constraint {
            Constraint::Atomic(atom) => {
                let read = || {
                    let keys = keys(&atom.left).into_boxed_slice();
                    Test::Read(Box::new(Leaf { on, atom: (**atom).clone(), keys }))
                };
                self.nodes.push(Node::Leaf(test(on, atom).unwrap_or_else(read)));
            }
            Constraint::Logical(l) => self.joined(on, path, l),
        }
    }

    fn joined(&mut self, on: On, path: Path<'_>, l: &Logical) {
        let place = self.nodes.len();
        let name = l.logic.name();
        let in_order = l.logic == model::Logic::AndSequence;
        let paths =
            (0..l.items.len()).filter(|_| in_order).map(|n| format!("{path}/{name}/{n}").into()).collect();
        self.nodes.push(Node::Joined { logic: l.logic, end: 0, paths });
        for (n, item) in l.items.iter().enumerate() {
            self.constraint(on, path.under(name).item(n), item);
        }
        let after = self.here();
        if let Some(Node::Joined { end, .. }) = self.nodes.get_mut(place) {
            *end = after;
        }
    }
}

fn name(own: Option<&Referent>, head: Option<&str>) -> Option<Name> {
    let Some(referent) = own else {
        let id = Some(head?.into());
        return Some(Name { id, uid: None, collection: false, opaque: false });
    };
    Some(Name {
        id: referent.id.as_deref().map(Into::into),
        uid: referent.uid.as_deref().filter(|_| referent.id.is_some()).map(Into::into),
        collection: referent.collection || !referent.refinements.is_empty(),
        opaque: !referent.unknown.is_empty(),
    })
}

/// What of a comparison can be read beforehand.
fn test(on: On, a: &Atomic) -> Option<Test> {
    if !a.unknown.is_empty() || !a.references.is_empty() {
        return Some(Test::Constant(Truth::Unknown));
    }
    if on != On::Request || a.credential.is_some() || a.status.is_some() || a.unit.is_some() {
        return None;
    }
    let [right] = a.right.as_slice() else { return None };
    match sort(&a.left) {
        None => Some(Test::Constant(Truth::Unknown)),
        Some(Sort::Instant) => {
            Timestamp::read(&right.value).map(|at| Test::Now(catena_x::operator(&a.left, a.operator), at))
        }
        Some(Sort::Duration) => match (span(&a.left, a.operator), read_duration(&right.value)) {
            (Some(operator), Some(ms)) => Some(Test::Since(operator, ms)),
            _ => None,
        },
        Some(Sort::InForce) => in_force(&right.value).map(|limit: InForce| Test::InForce(a.operator, limit)),
        Some(Sort::Number) if is_ordered(a.operator) => {
            number(&right.value).map(|limit| Test::Uses(a.operator, limit))
        }
        _ => None,
    }
}

fn is_ordered(operator: Operator) -> bool {
    crate::decide::value::ordered(operator, std::cmp::Ordering::Equal).is_some()
}
