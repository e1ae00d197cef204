//! Sets of terms: is there a value that satisfies some comparisons?

use super::formula::Literal;
use crate::decide::{Truth, all, any, not, value};
use crate::facts::Hierarchy;
use crate::model::{Operand, Operator};
use crate::support::Sort;

/// A value that nobody has named.
const FRESH: &str = "urn:entente:fresh";
/// Most named values of which all sets are tried.
const MOST_SETS: usize = 10;
/// Most values that are tried one by one.
const MOST: usize = 4096;

/// Is there a value, or a set of values for a claim, for which all literals hold?
pub(super) fn satisfiable(sort: Sort, purpose: bool, literals: &[Literal<'_>], h: &Hierarchy) -> Truth {
    let mut named: Vec<String> = Vec::new();
    for operand in literals.iter().flat_map(|l| &l.atom.right) {
        if !named.contains(&operand.value) {
            named.push(operand.value.clone());
        }
    }
    if sort == Sort::Text && !purpose {
        return sets(literals, &named);
    }
    let places = sort == Sort::Place && named.iter().all(|text| value::place(text).is_some());
    let judge = |l: &Literal<'_>, candidate: &String| -> Truth {
        let (operator, right, found) =
            (l.atom.operator, l.atom.right.as_slice(), std::slice::from_ref(candidate));
        let fresh = candidate == FRESH;
        let truth = match sort {
            // A term that is not named may well lie within one that is, unless the hierarchy is complete.
            _ if fresh && is_open(operator, right, h) => Truth::Unknown,
            _ if purpose => value::purposes(operator, right, found, h),
            Sort::Place if places => value::places(operator, right, found, None),
            Sort::Language => value::languages(operator, right, found),
            Sort::Location if !fresh => value::locations(operator, right, found),
            Sort::Location => Truth::Unknown,
            Sort::Version => value::versions(operator, right, found),
            Sort::Free => value::free(operator, right, found, h),
            _ => value::terms(operator, right, found, h),
        };
        if l.positive { truth } else { not(truth) }
    };
    let mut candidates = named.clone();
    match sort {
        Sort::Language => candidates.extend(named.iter().map(|tag| format!("{tag}-x-other"))),
        Sort::Place if places => candidates.extend(ontology::place::countries().map(str::to_owned)),
        _ => candidates.extend(h.terms().filter(|t| !named.iter().any(|n| n == t)).map(str::to_owned)),
    }
    if candidates.len() > MOST {
        return Truth::Unknown;
    }
    if !(sort == Sort::Place && places) {
        candidates.push(FRESH.to_owned());
    }
    if apart(literals, h) {
        return Truth::False;
    }
    let results: Vec<Truth> = candidates
        .iter()
        .map(|candidate| all(&literals.iter().map(|l| judge(l, candidate)).collect::<Vec<_>>()))
        .collect();
    any(&results)
}

fn is_open(operator: Operator, right: &[Operand], h: &Hierarchy) -> bool {
    matches!(operator, Operator::IsA | Operator::IsPartOf | Operator::HasPart)
        && !h.closed
        && right.iter().any(|r| h.knows(&r.value))
}

/// Must the value lie within two terms that have nothing in common?
fn apart(literals: &[Literal<'_>], h: &Hierarchy) -> bool {
    let mut within = literals.iter().filter(|l| {
        l.positive
            && matches!(l.atom.operator, Operator::IsA | Operator::IsPartOf | Operator::Eq)
            && l.atom.right.len() == 1
    });
    let terms: Vec<&str> =
        within.by_ref().filter_map(|l| l.atom.right.first().map(|r| r.value.as_str())).collect();
    terms.iter().enumerate().any(|(n, a)| terms.iter().skip(n + 1).any(|b| h.apart(a, b)))
}

/// Claims have several values: try every set of the values that are named, with and without one that is not.
fn sets(literals: &[Literal<'_>], named: &[String]) -> Truth {
    let mut values: Vec<String> = named.to_vec();
    values.push(FRESH.to_owned());
    if values.len() > MOST_SETS {
        return Truth::Unknown;
    }
    let results: Vec<Truth> = (1_u32..1 << values.len())
        .map(|mask| {
            let chosen = values.iter().enumerate().filter(|(n, _)| mask & (1 << n) != 0);
            let found: Vec<String> = chosen.map(|(_, v)| v.clone()).collect();
            let judge = |l: &Literal<'_>| {
                let truth = value::texts(l.atom.operator, &l.atom.right, &found);
                if l.positive { truth } else { not(truth) }
            };
            all(&literals.iter().map(judge).collect::<Vec<_>>())
        })
        .collect();
    any(&results)
}
