//! From program and facts to a decision.

use super::{Action, Duty, Name, Node, Program, Rule, Span, Test, is_early};
use crate::decide::{self, InForce, Truth, both, names, record};
use crate::facts::{Behaviour, DutyState, Facts, Offers, PendingDuties};
use crate::model::{Conflict, Logic, PolicyKind};
use crate::terms::{ACTIONS, short};
use ontology::time::Timestamp;
use oxsdatatypes::Decimal;

/// A decision without its reasons; [`crate::decide`] gives those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// May it be done?
    pub permitted: bool,
    /// A permission and a prohibition both hold.
    pub conflict: bool,
    /// The data must be changed on the way; [`crate::decide`] tells how.
    pub modified: bool,
    /// The next instant at which time alone can change the answer.
    pub next_change: Option<Timestamp>,
}

impl Program {
    /// Decides, without allocating.
    #[must_use]
    pub fn decide(&self, facts: &Facts) -> Decided {
        let asked = short(&facts.action);
        let place = ACTIONS.iter().position(|(name, _)| *name == asked);
        let mut run = Run { program: self, facts, asked, place, next: None, modified: false };
        let (mut granted, mut forbidden) = (false, false);
        for rule in &self.permissions {
            let before = run.modified;
            if run.permission(rule) {
                granted = true;
            } else {
                run.modified = before;
            }
        }
        for rule in &self.prohibitions {
            forbidden |= run.prohibition(rule);
        }
        for duty in &self.obligations {
            run.obligation(duty);
        }
        let vouched = |profile: &str| facts.mode.profiles.iter().any(|p| p == profile);
        let void = self.void
            || (self.kind == PolicyKind::Offer && facts.mode.offers == Offers::Never)
            || !self.profiles.iter().all(|p| vouched(p));
        let permitted = !void
            && match (granted, forbidden) {
                (true, true) => self.conflict == Conflict::Perm,
                (granted, false) => granted || facts.mode.behaviour == Behaviour::Open,
                (false, true) => false,
            };
        Decided {
            permitted,
            conflict: granted && forbidden,
            modified: permitted && run.modified,
            next_change: run.next,
        }
    }
}

struct Run<'a> {
    program: &'a Program,
    facts: &'a Facts,
    asked: &'a str,
    /// Place of the action in the vocabulary.
    place: Option<usize>,
    next: Option<Timestamp>,
    modified: bool,
}

/// How many parts of a joined condition have each result.
#[derive(Default)]
struct Count {
    yes: u32,
    no: u32,
    unknown: u32,
    later: u32,
}

impl Count {
    fn add(&mut self, truth: Truth) {
        match truth {
            Truth::True => self.yes += 1,
            Truth::False => self.no += 1,
            Truth::Unknown => self.unknown += 1,
            Truth::Deferred => self.later += 1,
        }
    }

    const fn all(&self) -> Truth {
        match self {
            Self { no: 1.., .. } => Truth::False,
            Self { unknown: 1.., .. } => Truth::Unknown,
            Self { later: 1.., .. } => Truth::Deferred,
            _ => Truth::True,
        }
    }

    const fn any(&self) -> Truth {
        match self {
            Self { yes: 1.., .. } => Truth::True,
            Self { later: 1.., .. } => Truth::Deferred,
            Self { unknown: 1.., .. } => Truth::Unknown,
            _ => Truth::False,
        }
    }

    const fn one(&self) -> Truth {
        match self {
            Self { yes: 2.., .. } => Truth::False,
            Self { unknown: 1.., .. } => Truth::Unknown,
            Self { later: 1.., .. } => Truth::Deferred,
            Self { yes: 1, .. } => Truth::True,
            _ => Truth::False,
        }
    }
}

impl Run<'_> {
    fn covers(&self, action: &Action) -> bool {
        match (action, self.place) {
            (Action::Any, _) => true,
            (Action::These(mask, _), Some(place)) => mask >> place & 1 == 1,
            (Action::These(_, names), None) => names.iter().any(|name| **name == *self.asked),
        }
    }

    fn permission(&mut self, rule: &Rule) -> bool {
        if !self.covers(&rule.action) {
            return false;
        }
        let truth = self.applies(rule);
        let met = rule.duties.iter().fold(Truth::True, |met, duty| both(met, self.duty(duty)));
        let truth = if rule.opaque { both(truth, Truth::Unknown) } else { truth };
        matches!(both(truth, met), Truth::True | Truth::Deferred)
    }

    fn prohibition(&mut self, rule: &Rule) -> bool {
        if !self.covers(&rule.action) {
            return false;
        }
        let truth = self.applies(rule);
        rule.opaque || !matches!(truth, Truth::False | Truth::Deferred)
    }

    fn applies(&mut self, rule: &Rule) -> Truth {
        let facts = self.facts;
        let mut count = Count::default();
        count.add(name(facts, rule.assignee.as_ref(), facts.assignee.as_deref()));
        count.add(name(facts, rule.target.as_ref(), facts.target.as_deref()));
        self.span(rule.conditions, &mut count);
        count.all()
    }

    fn span(&mut self, span: Span, count: &mut Count) {
        let mut at = span.start;
        while at < span.end {
            let (truth, next) = self.node(at);
            count.add(truth);
            at = next;
        }
    }

    /// The result of a node, and where the next one begins.
    fn node(&mut self, at: u32) -> (Truth, u32) {
        let program = self.program;
        match program.nodes.get(at as usize) {
            Some(Node::Leaf(test)) => (self.test(test), at + 1),
            Some(Node::Joined { logic, end, paths }) => {
                let mut count = Count::default();
                self.span(Span { start: at + 1, end: *end }, &mut count);
                let truth = match logic {
                    Logic::And => count.all(),
                    Logic::AndSequence => both(count.all(), self.in_order(paths)),
                    Logic::Or => count.any(),
                    Logic::Xone => count.one(),
                };
                (truth, (*end).max(at + 1))
            }
            None => (Truth::Unknown, u32::MAX),
        }
    }

    fn in_order(&self, paths: &[Box<str>]) -> Truth {
        let became = &self.facts.world.became;
        if became.is_empty() {
            return Truth::True;
        }
        let times = || paths.iter().map(|path| became.get(&**path));
        match times().filter(Option::is_some).count() {
            0 => Truth::True,
            known if known < paths.len() => Truth::Unknown,
            _ => times().flatten().is_sorted().into(),
        }
    }

    fn test(&mut self, test: &Test) -> Truth {
        let facts = self.facts;
        let next = &mut self.next;
        let change = &mut |at: Timestamp| {
            if at > facts.now && next.is_none_or(|known| at < known) {
                *next = Some(at);
            }
        };
        match *test {
            Test::Constant(truth) => truth,
            Test::Now(operator, at) => decide::against(facts.now, operator, at, change),
            Test::Since(..) | Test::Uses(..) if is_early(facts.phase) => Truth::Deferred,
            Test::Since(operator, ms) => match facts.agreed_at {
                Some(agreed) => decide::against(facts.now, operator, agreed.plus_millis(ms), change),
                None => Truth::Unknown,
            },
            Test::Uses(operator, limit) => match facts.uses {
                Some(uses) => decide::value::ordered(operator, Decimal::from(uses.max(1)).cmp(&limit)).into(),
                None => Truth::Unknown,
            },
            Test::InForce(operator, InForce::At(at)) => decide::against(facts.now, operator, at, change),
            Test::InForce(operator, InForce::After(ms)) => match facts.agreed_at {
                Some(agreed) => decide::against(facts.now, operator, agreed.plus_millis(ms), change),
                None if is_early(facts.phase) => Truth::Deferred,
                None => Truth::Unknown,
            },
            Test::Read(ref leaf) => decide::Leaf::new(facts, leaf.on, &leaf.atom, &leaf.keys).judge(change),
        }
    }

    fn due(&self, duty: &Duty) -> Option<Timestamp> {
        let after = self.facts.agreed_at.zip(duty.due.1).map(|(agreed, ms)| agreed.plus_millis(ms));
        match (duty.due.0, after) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn state(&self, duty: &Duty) -> DutyState {
        match record(self.facts, &duty.path, duty.id.as_deref()).map(|r| r.state) {
            Some(state @ (DutyState::Fulfilled | DutyState::Violated)) => state,
            _ if self.due(duty).is_some_and(|at| at < self.facts.now) => DutyState::Violated,
            _ => DutyState::Pending,
        }
    }

    fn duty(&mut self, duty: &Duty) -> Truth {
        let facts = self.facts;
        if duty.opaque {
            return Truth::Unknown;
        }
        let mut inactive = false;
        for span in &duty.conditions {
            let mut count = Count::default();
            self.span(*span, &mut count);
            inactive |= count.all() == Truth::False;
        }
        if inactive {
            return Truth::True;
        }
        match self.state(duty) {
            DutyState::Fulfilled => {
                let late = record(facts, &duty.path, duty.id.as_deref()).is_some_and(|r| r.late);
                if late { self.consequences(duty) } else { Truth::True }
            }
            DutyState::Violated => {
                self.open(duty);
                Truth::False
            }
            DutyState::Pending if duty.own => Truth::True,
            DutyState::Pending if self.transforms(duty) => {
                self.modified = true;
                Truth::True
            }
            DutyState::Pending => {
                self.open(duty);
                match (facts.mode.pending, is_early(facts.phase)) {
                    (PendingDuties::Allow, _) | (_, true) => Truth::Deferred,
                    (PendingDuties::Block, false) => Truth::Unknown,
                }
            }
        }
    }

    fn transforms(&self, duty: &Duty) -> bool {
        duty.unconditional && self.facts.mode.transforms.iter().any(|t| short(t) == &*duty.action)
    }

    fn consequences(&mut self, duty: &Duty) -> Truth {
        let mut all = Truth::True;
        for consequence in &duty.consequences {
            if self.state(consequence) != DutyState::Fulfilled {
                self.open(consequence);
                all = Truth::False;
            }
        }
        all
    }

    fn obligation(&mut self, duty: &Duty) {
        if !duty.own && self.state(duty) != DutyState::Fulfilled {
            self.open(duty);
        }
    }

    /// What is still to be done may change the answer when its time is over.
    fn open(&mut self, duty: &Duty) {
        if let Some(at) = self.due(duty).map(|at| at.plus_millis(1))
            && at > self.facts.now
            && self.next.is_none_or(|known| at < known)
        {
            self.next = Some(at);
        }
    }
}

fn name(facts: &Facts, name: Option<&Name>, actual: Option<&str>) -> Truth {
    let Some(name) = name else { return Truth::True };
    let mut truth = Truth::True;
    if let Some(id) = name.id.as_deref() {
        truth = names(facts, id, name.collection, actual);
        if let Some(uid) = name.uid.as_deref() {
            truth = decide::any(&[truth, names(facts, uid, true, actual)]);
        }
    }
    if name.opaque { both(truth, Truth::Unknown) } else { truth }
}
