//! One comparison, read from the model each time.

use super::lookup::{self, On, find};
use super::sort::{is_dynamic, sort};
use super::time::{Change, InForce, against, in_force, span};
use super::truth::Truth;
use super::{credential, event, value};
use crate::catena_x;
use crate::facts::{Facts, Phase, Units};
use crate::model::{Atomic, Operator, number};
use crate::support::Sort;
use crate::terms::{SIGNED_AGREEMENT, short};
use ontology::time::{Timestamp, read_duration};
use oxsdatatypes::Decimal;

pub(super) const DAY: i64 = 86_400_000;

/// A comparison with what it needs of the facts.
pub(crate) struct Leaf<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) on: On,
    pub(crate) a: &'a Atomic,
    pub(crate) keys: &'a [String],
}

impl<'a> Leaf<'a> {
    pub(crate) const fn new(facts: &'a Facts, on: On, a: &'a Atomic, keys: &'a [String]) -> Self {
        Self { facts, on, a, keys }
    }

    fn given(&self) -> &'a [String] {
        find(self.facts, self.on, self.keys)
    }

    /// The sort by which it is judged: a property of an action, asset or party is judged by its value.
    fn sort(&self) -> Option<Sort> {
        let sort = sort(&self.a.left)?;
        let clock =
            matches!(sort, Sort::Instant | Sort::Duration | Sort::InForce | Sort::Interval | Sort::Days);
        match (self.on, self.given().is_empty()) {
            (On::Request, _) => Some(sort),
            (On::Action, true) if clock => Some(sort),
            (On::Party, true) if self.a.left.ends_with("recipient") => Some(sort),
            (_, true) => None,
            (_, false) => Some(match sort {
                Sort::Place | Sort::Text | Sort::Version | Sort::Language | Sort::Location | Sort::Term => {
                    sort
                }
                _ => Sort::Free,
            }),
        }
    }

    /// The answer.
    pub(crate) fn judge(&self, change: Change<'_>) -> Truth {
        let a = self.a;
        if !a.unknown.is_empty() || !a.references.is_empty() {
            return Truth::Unknown;
        }
        if a.credential.is_some() {
            return credential::judge(self.facts, a, change);
        }
        let Some(sort) = self.sort() else {
            // How something will be done is seen only when it is done.
            let later = self.on == On::Action && !self.facts.phase.is_use() && sort(&a.left).is_some();
            return if later { Truth::Deferred } else { Truth::Unknown };
        };
        if a.status.is_some() && sort != Sort::Number {
            return Truth::Unknown;
        }
        if self.on == On::Request && self.is_later(sort) {
            return Truth::Deferred;
        }
        if !self.unit_fits(sort) {
            return Truth::Unknown;
        }
        self.compare(sort, change)
    }

    /// Is it judged at a later stage?
    fn is_later(&self, sort: Sort) -> bool {
        let phase = self.facts.phase;
        match short(&self.a.left) {
            "count" | "elapsedTime" | "delayPeriod" => !phase.is_use(),
            "purpose" => phase == Phase::Catalogue,
            _ if sort == Sort::Days => !phase.is_use() && self.facts.agreed_at.is_none(),
            _ => !phase.is_use() && is_dynamic(&self.a.left) && self.given().is_empty(),
        }
    }

    fn unit_fits(&self, sort: Sort) -> bool {
        let Some(unit) = self.a.unit.as_deref() else { return true };
        match sort {
            // The unit says over what they are counted.
            Sort::Number => read_duration(unit).is_some(),
            Sort::Paid => true,
            Sort::Free | Sort::Term => match lookup::unit(self.facts, self.keys) {
                Some(known) => same_unit(known, unit),
                None => self.facts.mode.units == Units::AsInPolicy,
            },
            _ => false,
        }
    }

    fn only(&self) -> Option<&'a str> {
        match self.a.right.as_slice() {
            [one] => Some(one.value.as_str()),
            _ => None,
        }
    }

    fn compare(&self, sort: Sort, change: Change<'_>) -> Truth {
        let (facts, a) = (self.facts, self.a);
        let (operator, right, found) = (a.operator, a.right.as_slice(), self.given());
        let terms = &facts.world.terms;
        match sort {
            Sort::Place => {
                // The answer may change with who joins or leaves a union.
                if let Some(at) = ontology::place::next_change(facts.now) {
                    change(at);
                }
                value::places(operator, right, found, Some(facts.now))
            }
            Sort::Version => value::versions(operator, right, found),
            Sort::Language => value::languages(operator, right, found),
            Sort::Location => value::locations(operator, right, found),
            Sort::Term => value::terms(operator, right, found, terms),
            Sort::Free => value::free(operator, right, found, terms),
            Sort::Text => self.text(),
            Sort::Event => event::judge(facts, operator, right, change),
            _ => match self.only() {
                Some(limit) => self.single(sort, limit, change),
                None => Truth::Unknown,
            },
        }
    }

    fn text(&self) -> Truth {
        let (facts, a) = (self.facts, self.a);
        match short(&a.left) {
            "purpose" => {
                let stated = facts.purpose.as_deref().unwrap_or_default();
                value::purposes(a.operator, &a.right, stated, &facts.world.terms)
            }
            "recipient" => super::referent::recipient(facts, a.operator, &a.right),
            _ => value::claims(a.operator, &a.right, self.given(), &facts.world.terms),
        }
    }

    /// Sorts that take one value.
    fn single(&self, sort: Sort, limit: &str, change: Change<'_>) -> Truth {
        let (facts, a) = (self.facts, self.a);
        match sort {
            Sort::Instant => match Timestamp::read(limit) {
                Some(at) => against(facts.now, catena_x::operator(&a.left, a.operator), at, change),
                None => Truth::Unknown,
            },
            Sort::InForce => match (in_force(limit), facts.agreed_at) {
                (Some(InForce::At(at)), _) => against(facts.now, a.operator, at, change),
                (Some(InForce::After(ms)), Some(agreed)) => {
                    against(facts.now, a.operator, agreed.plus_millis(ms), change)
                }
                // Before there is an agreement, a relative date cannot be known yet.
                (Some(InForce::After(_)), None) if !facts.phase.is_use() => Truth::Deferred,
                _ => Truth::Unknown,
            },
            Sort::Duration => self.since(facts.agreed_at, limit, change),
            Sort::Interval => match facts.world.used_at.as_deref() {
                // Before the first use there is nothing to wait for.
                Some([]) => Truth::True,
                Some(uses) => self.since(uses.iter().max().copied(), limit, change),
                None => Truth::Unknown,
            },
            Sort::Days => match (facts.agreed_at, limit.parse::<i64>()) {
                (Some(agreed), Ok(days)) => {
                    let operator = catena_x::operator(&a.left, a.operator);
                    against(facts.now, operator, agreed.plus_millis(days.saturating_mul(DAY)), change)
                }
                _ => Truth::Unknown,
            },
            Sort::Metered => match (facts.world.metered, read_duration(limit), span(&a.left, a.operator)) {
                (Some(used), Some(limit), Some(operator)) => {
                    if facts.world.metering > 0 && used <= limit {
                        let left = limit.saturating_sub(used) / i64::from(facts.world.metering);
                        change(facts.now.plus_millis(left.saturating_add(1)));
                    }
                    value::ordered(operator, used.cmp(&limit)).into()
                }
                _ => Truth::Unknown,
            },
            Sort::Number => match (self.uses(change), number(limit)) {
                (Some(uses), Some(limit)) => {
                    value::ordered(a.operator, Decimal::from(uses).cmp(&limit)).into()
                }
                _ => Truth::Unknown,
            },
            Sort::Paid => match (event::paid(facts, a.unit.as_deref()), number(limit)) {
                (Some(paid), Some(limit)) => value::ordered(a.operator, paid.cmp(&limit)).into(),
                _ => Truth::Unknown,
            },
            // The negotiation sees to it: without both signatures no contract comes into force.
            Sort::Flag if a.left == SIGNED_AGREEMENT && a.operator == Operator::Eq && limit == "true" => {
                if facts.phase.is_use() {
                    Truth::True
                } else {
                    Truth::Deferred
                }
            }
            _ => Truth::Unknown,
        }
    }

    fn since(&self, from: Option<Timestamp>, limit: &str, change: Change<'_>) -> Truth {
        match (from, read_duration(limit), span(&self.a.left, self.a.operator)) {
            (Some(from), Some(limit), Some(operator)) => {
                against(self.facts.now, operator, from.plus_millis(limit), change)
            }
            _ => Truth::Unknown,
        }
    }

    /// Which use this is, under the contract or within the period that the unit names. What the policy records is
    /// believed only where it counts more.
    fn uses(&self, change: Change<'_>) -> Option<u64> {
        let recorded = self.a.status.as_ref().and_then(|s| s.value.trim().parse::<u64>().ok()).unwrap_or(0);
        match self.a.unit.as_deref() {
            None => self.facts.uses.map(|uses| uses.max(recorded.saturating_add(1)).max(uses)),
            Some(unit) => {
                let (earlier, period) = (self.facts.world.used_at.as_deref()?, read_duration(unit)?);
                Some(event::uses_within(self.facts.now, earlier, period, change))
            }
        }
    }

    /// What the left operand was found to be, in words.
    pub(crate) fn found(&self) -> Vec<String> {
        let facts = self.facts;
        let Some(sort) = self.sort() else { return Vec::new() };
        if self.on != On::Request && !self.given().is_empty() {
            return self.given().to_vec();
        }
        let seconds = |ms: i64| vec![format!("PT{}S", ms.max(0) / 1000)];
        match sort {
            Sort::Instant | Sort::InForce => vec![facts.now.to_rfc3339()],
            Sort::Duration | Sort::Days => {
                facts.agreed_at.map_or_else(Vec::new, |since| seconds(facts.now.minus(since)))
            }
            Sort::Interval => {
                let last = facts.world.used_at.as_deref().and_then(|uses| uses.iter().max());
                last.map_or_else(Vec::new, |last| seconds(facts.now.minus(*last)))
            }
            Sort::Metered => facts.world.metered.map_or_else(Vec::new, seconds),
            Sort::Number => self.uses(&mut |_| {}).map(|n| n.to_string()).into_iter().collect(),
            Sort::Paid => {
                event::paid(facts, self.a.unit.as_deref()).map(|n| n.to_string()).into_iter().collect()
            }
            Sort::Flag if facts.phase.is_use() && self.a.right.iter().all(|r| r.value == "true") => {
                vec!["true".to_owned()]
            }
            Sort::Flag => Vec::new(),
            Sort::Event => {
                let names = facts.world.events.iter().flatten();
                names
                    .filter(|e| e.start <= facts.now && e.end.is_none_or(|end| facts.now <= end))
                    .map(|e| e.id.clone())
                    .collect()
            }
            Sort::Text if self.a.left.ends_with("/purpose") => facts.purpose.clone().unwrap_or_default(),
            Sort::Text if self.a.left.ends_with("/recipient") => facts.assignee.iter().cloned().collect(),
            _ => self.given().to_vec(),
        }
    }
}

/// Two IRIs of one unit; whether they begin with `http` or `https` does not matter.
pub(crate) fn same_unit(a: &str, b: &str) -> bool {
    fn bare(text: &str) -> &str {
        text.split_once("://").map_or(text, |(_, rest)| rest)
    }
    bare(a) == bare(b)
}
