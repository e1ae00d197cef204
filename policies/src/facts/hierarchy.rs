//! Which terms lie within which.

use ontology::taxonomy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most steps upwards for one question, so that a hierarchy with cycles ends too.
const MOST_STEPS: u32 = 4096;

/// A hierarchy of terms: purposes, places, languages, industries. What it does not say is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Hierarchy {
    /// Term and the terms right above it.
    pub broader: BTreeMap<String, Vec<String>>,
    /// Pairs that have nothing in common, and neither have the terms below them.
    pub disjoint: Vec<(String, String)>,
    /// Terms are distinct unless one lies within the other: what is not stated to lie within does not.
    pub closed: bool,
    /// The taxonomies of [`ontology::taxonomy`] are part of it: purposes of the Data Privacy Vocabulary, and
    /// industries. They are complete in themselves.
    pub built_in: bool,
}

impl Hierarchy {
    /// Is `inner` the same as `outer` or within it? `None` when the hierarchy does not say.
    #[must_use]
    pub fn within(&self, inner: &str, outer: &str) -> Option<bool> {
        if self.reaches(inner, outer) {
            return Some(true);
        }
        let known = |term: &str| self.knows(term);
        let apart = self.apart(inner, outer)
            || (self.built_in && taxonomy::within(inner, outer) == Some(false))
            || (known(inner) && known(outer) && (self.closed || self.reaches(outer, inner)));
        apart.then_some(false)
    }

    /// Have the two nothing in common, by what the hierarchy says?
    #[must_use]
    pub fn apart(&self, one: &str, other: &str) -> bool {
        self.disjoint.iter().any(|(a, b)| {
            let over = |x: &str, y: &str| self.reaches(one, x) && self.reaches(other, y);
            over(a, b) || over(b, a)
        })
    }

    /// Does it name the term?
    #[must_use]
    pub fn knows(&self, term: &str) -> bool {
        self.broader.contains_key(term)
            || self.broader.values().flatten().any(|t| t == term)
            || (self.built_in && taxonomy::canonical(term).is_some())
    }

    /// All terms that it names, some perhaps twice.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        let own = self.broader.iter().flat_map(|(term, above)| std::iter::once(term).chain(above));
        let built_in = self.built_in.then(taxonomy::terms).into_iter().flatten();
        own.map(String::as_str).chain(built_in.map(|term| -> &str { term }))
    }

    fn reaches(&self, from: &str, to: &str) -> bool {
        self.climbs(from, to, &mut { MOST_STEPS })
    }

    fn climbs(&self, from: &str, to: &str, steps: &mut u32) -> bool {
        if from == to || (self.built_in && taxonomy::within(from, to) == Some(true)) {
            return true;
        }
        let Some(left) = steps.checked_sub(1) else { return false };
        *steps = left;
        // The steps also bound the depth; a chain of that length is no hierarchy.
        let own = self.broader.get(from).map_or(&[][..], Vec::as_slice);
        let built_in = if self.built_in { taxonomy::broader(from) } else { &[] };
        own.iter().chain(built_in).any(|term| self.climbs(term, to, steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_stated_is_not_known() {
        let mut terms = Hierarchy::default();
        for (below, above) in [("a1", "a"), ("a", "top"), ("b", "top"), ("c", "top")] {
            terms.broader.entry(below.to_owned()).or_default().push(above.to_owned());
        }
        terms.disjoint.push(("a".to_owned(), "b".to_owned()));
        assert_eq!(terms.within("a1", "top"), Some(true));
        assert_eq!(terms.within("top", "a1"), Some(false));
        assert_eq!(terms.within("a1", "b"), Some(false));
        assert_eq!(terms.within("a1", "c"), None);
        assert_eq!(terms.within("a1", "elsewhere"), None);
        terms.closed = true;
        assert_eq!(terms.within("a1", "c"), Some(false));
        assert_eq!(terms.within("a1", "elsewhere"), None);
        terms.broader.insert("x".to_owned(), vec!["x".to_owned()]);
        assert_eq!(terms.within("x", "a"), Some(false), "a cycle ends");
    }
    #[test]
    fn built_in_taxonomies_join_the_callers_terms() {
        let mut terms = Hierarchy { built_in: true, ..Hierarchy::default() };
        terms.broader.insert("urn:trial".to_owned(), vec!["dpv:AcademicResearch".to_owned()]);
        assert_eq!(terms.within("urn:trial", "dpv:ResearchAndDevelopment"), Some(true));
        assert_eq!(terms.within("urn:trial", "dpv:Marketing"), None, "it may have further sides");
        assert_eq!(terms.within("AcademicResearch", "dpv:ResearchAndDevelopment"), Some(true));
        assert_eq!(terms.within("AcademicResearch", "dpv:Marketing"), Some(false));
        terms.broader.insert(format!("{}Marketing", taxonomy::DPV), vec!["urn:unwanted".to_owned()]);
        assert_eq!(terms.within("dpv:TargetedAdvertising", "urn:unwanted"), Some(true));
        assert_eq!(terms.within("dpv:AcademicResearch", "urn:unwanted"), None);
        terms.built_in = false;
        assert_eq!(terms.within("AcademicResearch", "dpv:ResearchAndDevelopment"), None);
    }
}
