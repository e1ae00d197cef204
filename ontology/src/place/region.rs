//! Regions: two unions of states, and those of UN M49.

use super::table::Country;
use crate::time::Timestamp;

/// A region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    /// European Union, with the territories to which its treaties apply.
    Union,
    /// European Economic Area.
    EconomicArea,
    /// By M49 code.
    Area(&'static Area),
}

/// One M49 region.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Area {
    code: &'static str,
    /// The region this one is part of; empty for continents.
    parent: &'static str,
    english: &'static str,
    french: &'static str,
}

macro_rules! areas {
    ($($code:literal $parent:literal $english:literal $french:literal,)*) => {
        &[$(Area { code: $code, parent: $parent, english: $english, french: $french },)*]
    };
}

const AREAS: &[Area] = areas! {
    "002" "" "Africa" "Afrique",
    "015" "002" "Northern Africa" "Afrique du Nord",
    "202" "002" "Sub-Saharan Africa" "Afrique subsaharienne",
    "014" "202" "Eastern Africa" "Afrique de l’Est",
    "017" "202" "Middle Africa" "Afrique centrale",
    "018" "202" "Southern Africa" "Afrique australe",
    "011" "202" "Western Africa" "Afrique de l’Ouest",
    "019" "" "Americas" "Amériques",
    "021" "019" "Northern America" "Amérique septentrionale",
    "419" "019" "Latin America and the Caribbean" "Amérique latine et Caraïbes",
    "029" "419" "Caribbean" "Caraïbes",
    "013" "419" "Central America" "Amérique centrale",
    "005" "419" "South America" "Amérique du Sud",
    "142" "" "Asia" "Asie",
    "143" "142" "Central Asia" "Asie centrale",
    "030" "142" "Eastern Asia" "Asie de l’Est",
    "035" "142" "South-eastern Asia" "Asie du Sud-Est",
    "034" "142" "Southern Asia" "Asie du Sud",
    "145" "142" "Western Asia" "Asie de l’Ouest",
    "150" "" "Europe" "Europe",
    "151" "150" "Eastern Europe" "Europe de l’Est",
    "154" "150" "Northern Europe" "Europe du Nord",
    "039" "150" "Southern Europe" "Europe du Sud",
    "155" "150" "Western Europe" "Europe de l’Ouest",
    "009" "" "Oceania" "Océanie",
    "053" "009" "Australia and New Zealand" "Australie et Nouvelle-Zélande",
    "054" "009" "Melanesia" "Mélanésie",
    "057" "009" "Micronesia (region)" "Micronésie (région)",
    "061" "009" "Polynesia" "Polynésie",
};

impl Region {
    /// By code or English name.
    pub(super) fn read(code: &str) -> Option<Self> {
        let is = |name: &str| code.eq_ignore_ascii_case(name);
        if is("EU") || is("European Union") || is("EuropeanUnion") {
            return Some(Self::Union);
        }
        if is("EEA") || is("European Economic Area") || is("EuropeanEconomicArea") {
            return Some(Self::EconomicArea);
        }
        AREAS.iter().find(|area| area.code == code || is(area.english)).map(Self::Area)
    }

    /// Does the country lie in it, at an instant or else as things stand?
    pub(super) fn contains(self, country: &Country, at: Option<Timestamp>) -> bool {
        match self {
            Self::Union => country.members.in_union(at),
            Self::EconomicArea => country.members.in_area(at),
            Self::Area(area) => {
                let mut code = country.region;
                while code != area.code {
                    match AREAS.iter().find(|above| above.code == code) {
                        Some(above) if !above.parent.is_empty() => code = above.parent,
                        _ => return false,
                    }
                }
                true
            }
        }
    }

    /// English and French.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Union => ("European Union", "Union européenne"),
            Self::EconomicArea => ("European Economic Area", "Espace économique européen"),
            Self::Area(area) => (area.english, area.french),
        }
    }
}
