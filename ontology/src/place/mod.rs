//! Countries and regions: which place is which, and which lies in which.
//!
//! Countries are those of ISO 3166-1, subdivisions are ISO 3166-2 codes (`FR-29`), regions are the European Union,
//! the European Economic Area and the regions of UN M49. Membership of the two unions has dates, so that a place can
//! be asked for at a time; without a time it is that of 2026.

mod member;
mod region;
mod table;

use crate::time::Timestamp;
use region::Region;
use table::Country;

/// The ISO 3166-1 alpha-2 code of a country given by alpha-2, alpha-3 or numeric code, or by an IRI or prefixed name
/// that ends in one. The EU's own `EL` and `UK` are understood. `None` for anything else, regions included.
pub fn canonical(code: &str) -> Option<&'static str> {
    match Kind::read(code)? {
        Kind::Country(country) => Some(country.alpha2),
        _ => None,
    }
}

/// Whether all of `inner` lies in `outer`. Both may be a country, a subdivision (`FR-29`) or a region (`EU`, `EEA`,
/// `Europe`, `150`). `None` when a place is unknown or only part of it is known to lie there.
pub fn within(inner: &str, outer: &str) -> Option<bool> {
    Place::read(inner)?.within(&Place::read(outer)?, None)
}

/// As [`within`], at an instant: who has left a union was within it before, and who joined it was not.
pub fn within_at(inner: &str, outer: &str, at: Timestamp) -> Option<bool> {
    Place::read(inner)?.within(&Place::read(outer)?, Some(at))
}

/// The next instant at which a country joins or leaves the European Union or the European Economic Area.
pub fn next_change(after: Timestamp) -> Option<Timestamp> {
    member::next_change(after)
}

/// Is it a country, a subdivision or a region?
pub fn is_known(code: &str) -> bool {
    Kind::read(code).is_some()
}

/// A place that was read once, to be compared often.
#[derive(Clone, Copy)]
pub struct Place(Kind);

impl Place {
    /// The place of a code, name or IRI, as [`is_known`] understands it.
    pub fn read(text: &str) -> Option<Self> {
        Kind::read(text).map(Self)
    }

    /// Whether all of it lies in `outer`, at an instant or else as things stand; see [`within`].
    pub fn within(&self, outer: &Self, at: Option<Timestamp>) -> Option<bool> {
        self.0.within(&outer.0, at)
    }
}

/// The ISO 3166-1 alpha-2 codes of all countries.
pub fn countries() -> impl Iterator<Item = &'static str> {
    table::all().iter().map(|country| country.alpha2)
}

/// Name of a country or region: French if `lang` is French, else English.
pub fn name(code: &str, lang: &str) -> Option<&'static str> {
    let french = lang.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("fr"));
    let (english_name, french_name) = match Kind::read(code)? {
        Kind::Country(country) => (country.english, country.french),
        Kind::Region(region) => region.names(),
        Kind::Part(..) => return None,
    };
    Some(if french { french_name } else { english_name })
}

#[derive(Clone, Copy)]
enum Kind {
    Country(&'static Country),
    /// A country and the upper-case code of one of its subdivisions.
    Part(&'static Country, Code),
    Region(Region),
}

/// A code in capital letters; the longest are those of subdivisions, `FR-75C`. Kept in place, as comparing places is
/// part of every decision.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Code([u8; 6], usize);

impl Code {
    fn upper(text: &str) -> Option<Self> {
        let mut bytes = [0; 6];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        bytes.make_ascii_uppercase();
        Some(Self(bytes, text.len()))
    }

    fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.0.get(..self.1)?).ok()
    }
}

impl Kind {
    fn read(text: &str) -> Option<Self> {
        let name = last_segment(text.trim());
        // No region has the code of a country, and most places are countries.
        let code = Code::upper(name);
        if let Some(country) = code.as_ref().and_then(Code::as_str).and_then(table::find) {
            return Some(Self::Country(country));
        }
        if let Some(region) = Region::read(name) {
            return Some(Self::Region(region));
        }
        let code = code?;
        let text = code.as_str()?;
        let (country, part) = text.split_once('-')?;
        let known = country.len() == 2 && (1..=3).contains(&part.len());
        if !known || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let country = table::find(country)?;
        // Territories have a country code of their own; what holds for the state may not hold for them.
        match table::territory(country.alpha2, part) {
            Some(territory) => Some(Self::Country(territory)),
            None => Some(Self::Part(country, code)),
        }
    }

    fn within(&self, outer: &Self, at: Option<Timestamp>) -> Option<bool> {
        match (self, outer) {
            (Self::Region(inner), Self::Region(outer)) if inner == outer => Some(true),
            (Self::Region(inner), _) => {
                let mut members = table::all().iter().filter(|country| inner.contains(country, at));
                let first = Self::Country(members.next()?).within(outer, at)?;
                let agreed = members.all(|member| Self::Country(member).within(outer, at) == Some(first));
                agreed.then_some(first)
            }
            (Self::Country(inner), Self::Region(outer)) => Some(outer.contains(inner, at)),
            (Self::Part(inner, _), Self::Region(outer)) => Some(outer.contains(inner, at)),
            (Self::Country(inner), Self::Country(outer)) => Some(inner.is_in(outer)),
            (Self::Part(inner, _), Self::Country(outer)) => Some(inner.is_in(outer)),
            (Self::Part(_, inner), Self::Part(_, outer)) if inner == outer => Some(true),
            // Subdivisions nest (departments in regions), and how is not in the table.
            (Self::Country(inner) | Self::Part(inner, _), Self::Part(outer, _)) => {
                if inner.is_in(outer) {
                    None
                } else {
                    Some(false)
                }
            }
        }
    }
}

/// What names the place in an IRI, a prefixed name or a plain code.
fn last_segment(text: &str) -> &str {
    if text.starts_with("http://") || text.starts_with("https://") {
        return text.trim_end_matches('/').rsplit(['/', '#', ':']).next().unwrap_or(text);
    }
    match text.split_once(':') {
        Some((prefix, code)) if !code.contains(':') && prefix != "did" => code,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_form() {
        for code in ["FR", "fr", "FRA", "250", " FR ", "iso3166:FR", "https://example.org/country/FRA"] {
            assert_eq!(canonical(code), Some("FR"), "{code}");
        }
        assert_eq!(canonical("https://www.iso.org/obp/ui/#iso:code:3166:DE"), Some("DE"));
        assert_eq!(canonical("EL"), Some("GR"));
        assert_eq!(canonical("UK"), Some("GB"));
        for code in ["", "XX", "EU", "Europe", "FR-29", "did:web:fr", "France"] {
            assert_eq!(canonical(code), None, "{code}");
        }
    }

    #[test]
    fn the_table_is_whole() {
        let all = table::all();
        assert_eq!(all.len(), 249);
        assert_eq!(all.iter().filter(|c| c.status == table::Status::Member).count(), 27);
        assert_eq!(all.iter().filter(|c| c.status == table::Status::Associate).count(), 3);
        for country in all {
            for code in [country.alpha2, country.alpha3, country.numeric] {
                assert_eq!(canonical(code), Some(country.alpha2), "{code}");
            }
            assert!(!country.english.is_empty() && !country.french.is_empty(), "{}", country.alpha2);
            let continents = ["002", "009", "010", "019", "142", "150"];
            let homes = continents.iter().filter(|code| within(country.alpha2, code) == Some(true)).count();
            assert_eq!(homes, 1, "{}", country.alpha2);
        }
    }

    #[test]
    fn countries_in_regions() {
        for (inner, outer, expected) in [
            ("FR", "EU", true),
            ("FR", "European Union", true),
            ("FR", "https://example.org/EU", true),
            ("NO", "EU", false),
            ("NO", "EEA", true),
            ("CH", "EEA", false),
            ("CH", "Europe", true),
            ("CH", "155", true),
            ("GB", "EU", false),
            ("CY", "EU", true),
            ("CY", "Europe", false),
            ("US", "Europe", false),
            ("US", "019", true),
            ("TR", "Asia", true),
        ] {
            assert_eq!(within(inner, outer), Some(expected), "{inner} in {outer}");
        }
    }

    #[test]
    fn unions_have_dates() {
        let at = |inner: &str, outer: &str, day: &str| within_at(inner, outer, Timestamp::read(day).unwrap());
        for (inner, outer, day, expected) in [
            ("GB", "EU", "1972-12-31T23:59:59Z", false),
            ("GB", "EU", "1973-01-01", true),
            ("GB", "EU", "2020-01-31T12:00:00Z", true),
            ("GB", "EU", "2020-02-01", false),
            ("GB-SCT", "EEA", "2019-06-01", true),
            ("GB", "EEA", "2020-06-01", false),
            ("GB", "Europe", "2019-06-01", true),
            ("IE", "EU", "2020-06-01", true),
            ("HR", "EU", "2013-06-30", false),
            ("HR", "EU", "2013-07-01", true),
            ("HR", "EEA", "2013-07-01", false),
            ("HR", "EEA", "2014-04-12", true),
            ("RS", "EU", "2013-07-01", false),
            ("LI", "EEA", "1995-04-30", false),
            ("LI", "EEA", "1995-05-01", true),
            ("CH", "EEA", "1995-05-01", false),
            ("GL", "EU", "1984-06-01", true),
            ("GL", "EU", "1985-02-01", false),
            ("DK", "EU", "1985-02-01", true),
            ("YT", "EU", "2013-12-31", false),
            ("FR-976", "EU", "2014-01-01", true),
            ("BL", "EU", "2011-12-31", true),
            ("BL", "EU", "2012-01-01", false),
            ("MF", "EU", "2012-01-01", true),
            ("EU", "EEA", "2026-01-01", true),
        ] {
            assert_eq!(at(inner, outer, day), Some(expected), "{inner} in {outer} on {day}");
        }
        // In 2007 two members of the one were not in the other yet, and before 1994 there was no other.
        assert_eq!(at("EU", "EEA", "2007-03-01"), None);
        assert_eq!(at("EEA", "EU", "1990-01-01"), None);
    }

    #[test]
    fn territories_differ_from_their_state() {
        assert_eq!(within("RE", "EU"), Some(true));
        assert_eq!(within("RE", "Europe"), Some(false));
        assert_eq!(within("NC", "EU"), Some(false));
        assert_eq!(within("NC", "FR"), Some(true));
        assert_eq!(within("FR-NC", "EU"), Some(false));
        assert_eq!(within("FR-974", "Europe"), Some(false));
        assert_eq!(within("FR-974", "RE"), Some(true));
        assert_eq!(within("NL-AW", "EU"), Some(false));
        assert_eq!(within("SJ", "EEA"), Some(false));
        assert_eq!(within("FR", "RE"), Some(false));
    }

    #[test]
    fn subdivisions() {
        assert_eq!(within("FR-29", "FR"), Some(true));
        assert_eq!(within("FR-29", "EU"), Some(true));
        assert_eq!(within("FR-29", "DE"), Some(false));
        assert_eq!(within("fr-29", "FR-29"), Some(true));
        assert_eq!(within("FR-29", "FR-BRE"), None);
        assert_eq!(within("FR", "FR-29"), None);
        assert_eq!(within("DE", "FR-29"), Some(false));
        assert_eq!(within("FR-2999", "FR"), None);
    }

    #[test]
    fn regions_in_regions() {
        assert_eq!(within("EU", "EEA"), Some(true));
        assert_eq!(within("EEA", "EU"), None);
        assert_eq!(within("EU", "Europe"), None);
        assert_eq!(within("155", "Europe"), Some(true));
        assert_eq!(within("Asia", "Africa"), Some(false));
        assert_eq!(within("Europe", "Europe"), Some(true));
        assert_eq!(within("EU", "JP"), Some(false));
        assert_eq!(within("EU", "nowhere"), None);
    }

    #[test]
    fn names() {
        assert_eq!(name("DEU", "fr"), Some("Allemagne"));
        assert_eq!(name("DE", "en-GB"), Some("Germany"));
        assert_eq!(name("EU", "fr-FR"), Some("Union européenne"));
        assert_eq!(name("Europe", "en"), Some("Europe"));
        assert_eq!(name("FR-29", "en"), None);
        assert_eq!(name("XX", "en"), None);
    }
}
