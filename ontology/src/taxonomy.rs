//! Taxonomies of terms that policies name: purposes of the Data Privacy Vocabulary, and sections and divisions of
//! the European classification of industries (NACE), compiled in.
//!
//! A taxonomy is complete in itself: of two of its terms, the one lies within the other or it does not. Between
//! taxonomies nothing is known. The two revisions of NACE give the same letters and numbers to different industries,
//! so that an industry is known by its full IRI or with the prefix of its revision, never by a bare code.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Namespace of the Data Privacy Vocabulary.
pub const DPV: &str = "https://w3id.org/dpv#";
/// Namespace of NACE, revision 2.
pub const NACE_2: &str = "http://data.europa.eu/ux2/nace2/";
/// Namespace of NACE, revision 2.1.
pub const NACE_2_1: &str = "http://data.europa.eu/ux2/nace2.1/";

/// Most steps from a term to the top.
const DEEPEST: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Purposes,
    Industries2,
    Industries21,
}

impl Scheme {
    const ALL: [Self; 3] = [Self::Purposes, Self::Industries2, Self::Industries21];

    /// How terms of the scheme begin; the first is the one of the scheme itself.
    const fn starts(self) -> &'static [&'static str] {
        match self {
            Self::Purposes => &[DPV, "http://www.w3.org/ns/dpv#", "https://www.w3.org/ns/dpv#", "dpv:"],
            Self::Industries2 => &[NACE_2, "https://data.europa.eu/ux2/nace2/", "nace2:"],
            Self::Industries21 => &[NACE_2_1, "https://data.europa.eu/ux2/nace2.1/", "nace2.1:"],
        }
    }
}

#[derive(Debug)]
struct Term {
    scheme: Scheme,
    iri: String,
    above: Vec<String>,
}

/// By the IRI in the namespace of the scheme.
struct Table {
    terms: Vec<Term>,
    /// Place in `terms` by scheme and local name.
    places: [HashMap<String, usize>; 3],
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { terms: Vec::new(), places: [HashMap::new(), HashMap::new(), HashMap::new()] };
    table.add(Scheme::Purposes, "Purpose", &[]);
    for line in lines(include_str!("../data/purposes.txt")) {
        let mut words = line.split(' ');
        if let Some(term) = words.next() {
            table.add(Scheme::Purposes, term, &words.collect::<Vec<_>>());
        }
    }
    for line in lines(include_str!("../data/industries.txt")) {
        let words: Vec<&str> = line.split(' ').collect();
        let &[revision, section, first, last] = words.as_slice() else { continue };
        let scheme = if revision == "nace2" { Scheme::Industries2 } else { Scheme::Industries21 };
        table.add(scheme, section, &[]);
        if let (Ok(first), Ok(last)) = (first.parse::<u8>(), last.parse::<u8>()) {
            for division in first..=last {
                table.add(scheme, &format!("{division:02}"), &[section]);
            }
        }
    }
    table
});

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

impl Table {
    fn add(&mut self, scheme: Scheme, name: &str, above: &[&str]) {
        let ns = scheme.starts().first().copied().unwrap_or_default();
        let above = above.iter().map(|term| format!("{ns}{term}")).collect();
        if let Some(places) = self.places.get_mut(scheme as usize) {
            places.insert(name.to_owned(), self.terms.len());
        }
        self.terms.push(Term { scheme, iri: format!("{ns}{name}"), above });
    }

    fn find(&self, text: &str) -> Option<&Term> {
        let by_name =
            |scheme: Scheme, name: &str| self.terms.get(*self.places.get(scheme as usize)?.get(name)?);
        if !text.contains(':') {
            // Purposes are also stated by their plain names.
            return by_name(Scheme::Purposes, text);
        }
        Scheme::ALL.into_iter().find_map(|scheme| {
            let name = scheme.starts().iter().find_map(|start| text.strip_prefix(start))?;
            by_name(scheme, name)
        })
    }

    fn reaches(&self, from: &Term, to: &Term, steps: usize) -> bool {
        from.iri == to.iri
            || (steps > 0
                && from
                    .above
                    .iter()
                    .filter_map(|iri| self.find(iri))
                    .any(|above| self.reaches(above, to, steps - 1)))
    }
}

/// The IRI of a term, however it was written. `None` for what is in no taxonomy.
pub fn canonical(term: &str) -> Option<&'static str> {
    TABLE.find(term).map(|found| found.iri.as_str())
}

/// The terms right above a term, as IRIs; none for what is at the top or in no taxonomy.
pub fn broader(term: &str) -> &'static [String] {
    TABLE.find(term).map_or(&[], |found| found.above.as_slice())
}

/// Whether `inner` is `outer` or lies within it. `None` when they are not terms of one taxonomy.
pub fn within(inner: &str, outer: &str) -> Option<bool> {
    let (inner, outer) = (TABLE.find(inner)?, TABLE.find(outer)?);
    (inner.scheme == outer.scheme).then(|| TABLE.reaches(inner, outer, DEEPEST))
}

/// The IRIs of all terms.
pub fn terms() -> impl Iterator<Item = &'static str> {
    TABLE.terms.iter().map(|term| term.iri.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(terms().count(), 1 + 90 + 21 + 88 + 22 + 87);
        for term in terms() {
            assert_eq!(canonical(term), Some(term));
            assert!(broader(term).iter().all(|above| canonical(above) == Some(above)), "{term}");
            let top = term.starts_with(DPV).then_some("dpv:Purpose");
            assert!(top.is_none_or(|top| within(term, top) == Some(true)), "{term}");
        }
        let mut all: Vec<&str> = terms().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), terms().count(), "each term once");
    }

    #[test]
    fn purposes() {
        for (inner, outer, expected) in [
            ("dpv:AcademicResearch", "dpv:ResearchAndDevelopment", Some(true)),
            ("AcademicResearch", "https://w3id.org/dpv#ResearchAndDevelopment", Some(true)),
            ("http://www.w3.org/ns/dpv#AcademicResearch", "dpv:AcademicResearch", Some(true)),
            // A sibling, the other direction, and another branch.
            ("dpv:AcademicResearch", "dpv:ScientificResearch", Some(false)),
            ("dpv:ResearchAndDevelopment", "dpv:AcademicResearch", Some(false)),
            ("dpv:Marketing", "dpv:ResearchAndDevelopment", Some(false)),
            // Two terms above one.
            ("dpv:CommercialResearch", "dpv:CommercialPurpose", Some(true)),
            ("dpv:CommercialResearch", "dpv:ResearchAndDevelopment", Some(true)),
            ("dpv:CommercialResearch", "dpv:NonCommercialPurpose", Some(false)),
            ("dpv:TargetedAdvertising", "dpv:Marketing", Some(true)),
            ("dpv:TargetedAdvertising", "dpv:DirectMarketing", Some(false)),
            ("dpv:FulfilmentOfContractualObligation", "dpv:LegalCompliance", Some(false)),
            ("dpv:Teaching", "dpv:Purpose", None),
            ("research", "dpv:ResearchAndDevelopment", None),
            ("https://example.org/AcademicResearch", "dpv:Purpose", None),
        ] {
            assert_eq!(within(inner, outer), expected, "{inner} in {outer}");
        }
    }

    #[test]
    fn industries() {
        for (inner, outer, expected) in [
            ("nace2:29", "nace2:C", Some(true)),
            ("http://data.europa.eu/ux2/nace2/29", "nace2:C", Some(true)),
            ("nace2:29", "nace2:30", Some(false)),
            ("nace2:29", "nace2:G", Some(false)),
            ("nace2:C", "nace2:29", Some(false)),
            // The letter after J moved with the revision.
            ("nace2:62", "nace2:J", Some(true)),
            ("nace2.1:62", "nace2.1:J", Some(false)),
            ("nace2.1:62", "nace2.1:K", Some(true)),
            ("nace2:62", "nace2.1:K", None),
            ("nace2:45", "nace2:G", Some(true)),
            ("nace2.1:45", "nace2.1:G", None),
            ("nace2:V", "nace2:V", None),
            ("29", "C", None),
            ("nace2:29", "dpv:Marketing", None),
        ] {
            assert_eq!(within(inner, outer), expected, "{inner} in {outer}");
        }
    }
}
