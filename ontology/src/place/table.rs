//! The country table, compiled in from `data/countries.txt`.

use super::member::{self, Memberships};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A country's place in the European treaties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Member of the European Union.
    Member,
    /// In the European Economic Area only.
    Associate,
    /// Territory of a state; the flag tells whether the EU treaties apply there.
    Territory(&'static str, bool),
    None,
}

/// One line of the table.
#[derive(Debug)]
pub(super) struct Country {
    pub(super) alpha2: &'static str,
    pub(super) alpha3: &'static str,
    pub(super) numeric: &'static str,
    /// UN M49 sub-region.
    pub(super) region: &'static str,
    pub(super) status: Status,
    pub(super) members: Memberships,
    pub(super) english: &'static str,
    pub(super) french: &'static str,
}

impl Country {
    /// The same country, or a territory of it.
    pub(super) fn is_in(&self, other: &Self) -> bool {
        self.alpha2 == other.alpha2
            || matches!(self.status, Status::Territory(state, _) if state == other.alpha2)
    }
}

static COUNTRIES: LazyLock<Vec<Country>> =
    LazyLock::new(|| include_str!("../../data/countries.txt").lines().filter_map(line).collect());

static BY_CODE: LazyLock<HashMap<&'static str, &'static Country>> = LazyLock::new(|| {
    let codes =
        |country: &'static Country| [country.alpha2, country.alpha3, country.numeric].map(|c| (c, country));
    let mut index: HashMap<_, _> = COUNTRIES.iter().flat_map(codes).collect();
    for (alias, code) in [("EL", "GR"), ("UK", "GB")] {
        if let Some(country) = index.get(code).copied() {
            index.insert(alias, country);
        }
    }
    index
});

/// Subdivision codes of territories that are not simply the territory's own country code.
const TERRITORIES: &[(&str, &str, &str)] = &[
    ("FI", "01", "AX"),
    ("FR", "971", "GP"),
    ("FR", "972", "MQ"),
    ("FR", "973", "GF"),
    ("FR", "974", "RE"),
    ("FR", "975", "PM"),
    ("FR", "976", "YT"),
    ("FR", "977", "BL"),
    ("FR", "978", "MF"),
    ("FR", "984", "TF"),
    ("FR", "986", "WF"),
    ("FR", "987", "PF"),
    ("FR", "988", "NC"),
    // Clipperton has no country code; the uninhabited southern lands are as far outside the treaties.
    ("FR", "CP", "TF"),
    ("NL", "BQ1", "BQ"),
    ("NL", "BQ2", "BQ"),
    ("NL", "BQ3", "BQ"),
    ("NO", "21", "SJ"),
    ("NO", "22", "SJ"),
];

pub(super) fn all() -> &'static [Country] {
    &COUNTRIES
}

/// By alpha-2, alpha-3 or numeric code, in upper case.
pub(super) fn find(code: &str) -> Option<&'static Country> {
    BY_CODE.get(code).copied()
}

/// The territory that a subdivision code of its state stands for.
pub(super) fn territory(state: &str, part: &str) -> Option<&'static Country> {
    let listed = TERRITORIES.iter().find(|(of, code, _)| *of == state && *code == part);
    let code = listed.map_or(part, |(_, _, territory)| territory);
    let country = find(code).filter(|_| code.len() == 2)?;
    matches!(country.status, Status::Territory(of, _) if of == state).then_some(country)
}

fn line(text: &'static str) -> Option<Country> {
    if text.starts_with('#') {
        return None;
    }
    let mut columns = text.split('|').map(str::trim);
    let mut codes = columns.next()?.split(' ');
    let (alpha2, alpha3, numeric, region) = (codes.next()?, codes.next()?, codes.next()?, codes.next()?);
    let status = match codes.next()? {
        "-" => Status::None,
        "eu" => Status::Member,
        "eea" => Status::Associate,
        other => match other.strip_prefix("eu:") {
            Some(state) => Status::Territory(state, true),
            None => Status::Territory(other, false),
        },
    };
    Some(Country {
        alpha2,
        alpha3,
        numeric,
        region,
        status,
        members: member::of(alpha2),
        english: columns.next()?,
        french: columns.next()?,
    })
}
