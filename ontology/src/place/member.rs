//! Who is in the European Union and the European Economic Area, and when; compiled in from `data/memberships.txt`.

use crate::time::Timestamp;
use std::collections::HashMap;
use std::sync::LazyLock;

/// From the first instant within to the first one no longer within.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Period {
    /// Within at this instant; without one, as things stand.
    fn covers(&self, at: Option<Timestamp>) -> bool {
        match at {
            Some(at) => self.from <= at && self.until.is_none_or(|until| at < until),
            None => self.until.is_none(),
        }
    }
}

/// Periods of one country.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memberships {
    union: Option<Period>,
    area: Option<Period>,
}

static MEMBERS: LazyLock<HashMap<&'static str, Memberships>> = LazyLock::new(|| {
    let mut members: HashMap<&str, Memberships> = HashMap::new();
    for (union, country, period) in include_str!("../../data/memberships.txt").lines().filter_map(line) {
        let known = members.entry(country).or_default();
        match union {
            "EU" => known.union = Some(period),
            _ => known.area = Some(period),
        }
    }
    members
});

/// All days on which a membership begins or ends, in order.
static CHANGES: LazyLock<Vec<Timestamp>> = LazyLock::new(|| {
    let periods = MEMBERS.values().flat_map(|m| [m.union, m.area]).flatten();
    let mut changes: Vec<Timestamp> = periods.flat_map(|p| [Some(p.from), p.until]).flatten().collect();
    changes.sort_unstable();
    changes.dedup();
    changes
});

fn line(text: &'static str) -> Option<(&'static str, &'static str, Period)> {
    let mut columns = text.split(' ').filter(|_| !text.starts_with('#'));
    let (union, country, from, until) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    Some((union, country, Period { from: Timestamp::read(from)?, until: Timestamp::read(until) }))
}

/// The periods of a country, by alpha-2 code.
pub(super) fn of(country: &str) -> Memberships {
    MEMBERS.get(country).copied().unwrap_or_default()
}

/// The next day on which a membership begins or ends.
pub(super) fn next_change(after: Timestamp) -> Option<Timestamp> {
    if CHANGES.last().is_none_or(|last| *last <= after) {
        return None;
    }
    CHANGES.iter().find(|at| **at > after).copied()
}

impl Memberships {
    pub(super) fn in_union(&self, at: Option<Timestamp>) -> bool {
        self.union.is_some_and(|period| period.covers(at))
    }

    pub(super) fn in_area(&self, at: Option<Timestamp>) -> bool {
        self.area.is_some_and(|period| period.covers(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::table;

    #[test]
    fn every_line_is_read_and_fits_the_table_of_countries() {
        let lines = include_str!("../../data/memberships.txt").lines().filter(|l| !l.starts_with('#'));
        let mut count = 0;
        for text in lines {
            let (union, country, period) = line(text).unwrap_or_else(|| panic!("{text}"));
            assert!(["EU", "EEA"].contains(&union) && table::find(country).is_some(), "{text}");
            assert!(text.ends_with('-') == period.until.is_none(), "{text}");
            assert!(period.until.is_none_or(|until| period.from < until), "{text}");
            count += 1;
        }
        assert_eq!(count, 38 + 40);
        assert_eq!(MEMBERS.values().filter(|m| m.union.is_some()).count(), 38);
        for country in table::all() {
            let member = matches!(country.status, table::Status::Member | table::Status::Territory(_, true));
            assert_eq!(country.members.in_union(None), member, "{}", country.alpha2);
            let area = member || country.status == table::Status::Associate;
            assert_eq!(country.members.in_area(None), area, "{}", country.alpha2);
        }
    }

    #[test]
    fn changes_come_in_order_and_end() {
        let at = |text: &str| Timestamp::read(text).unwrap();
        assert_eq!(next_change(at("2020-01-31T23:59:59Z")), Some(at("2020-02-01")));
        assert_eq!(next_change(at("2013-07-01")), Some(at("2014-01-01")));
        assert_eq!(next_change(at("2020-02-01")), None);
        assert_eq!(next_change(at("1900-01-01")), Some(at("1958-01-01")));
    }
}
