//! Where the values of left operands are found.

use crate::facts::{Claims, Facts};
use crate::terms::{CLAIM_NS, short};
use ontology::{gx, odrl};

/// Claims that say where a participant has its seat, best first.
const SEATS: [&str; 4] = [
    "gx:legalAddress.gx:countryCode",
    "https://w3id.org/gaia-x/development#legalAddress.gx:countryCode",
    "gx:headquartersAddress.gx:countryCode",
    "https://w3id.org/gaia-x/development#headquartersAddress.gx:countryCode",
];

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The request and its circumstances.
    Request,
    /// The action as it is asked for.
    Action,
    /// The target.
    Asset,
    /// The consumer.
    Party,
}

/// The names under which the value of a left operand may be known, best first.
pub(crate) fn keys(left: &str) -> Vec<String> {
    let name = short(left);
    let mut keys = vec![left.to_owned()];
    if name != left {
        keys.push(name.to_owned());
    }
    if !left.contains(':') {
        keys.push(format!("{}{name}", odrl::NS));
    }
    if let Some(bare) = left.strip_prefix(CLAIM_NS) {
        keys.extend([bare.to_owned(), format!("claim:{bare}")]);
    }
    if let Some(term) = left.strip_prefix(gx::NS) {
        keys.push(format!("gx:{term}"));
    }
    if let Some(term) = left.strip_prefix("gx:") {
        keys.push(format!("{}{term}", gx::NS));
    }
    if name == "spatial" {
        keys.extend(SEATS.map(str::to_owned));
    }
    keys
}

/// The first of `keys` that something is known for; nothing is an empty list.
pub(crate) fn find<'a>(facts: &'a Facts, on: On, keys: &[String]) -> &'a [String] {
    let within =
        |claims: &'a Claims| keys.iter().find_map(|key| claims.get(key)).filter(|values| !values.is_empty());
    let found = match on {
        On::Request => within(&facts.claims).or_else(|| within(&facts.world.context)),
        On::Action => within(&facts.world.action),
        On::Asset => within(&facts.world.asset),
        On::Party => within(&facts.claims),
    };
    found.map_or(&[], Vec::as_slice)
}

/// The unit in which that value is known.
pub(crate) fn unit<'a>(facts: &'a Facts, keys: &[String]) -> Option<&'a str> {
    keys.iter().find_map(|key| facts.world.units.get(key)).map(String::as_str)
}
