//! Logic with two more values: not known, and not to be known yet.

/// A result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Unknown,
    Deferred,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl From<Option<bool>> for Truth {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Unknown, Self::from)
    }
}

/// Negation.
pub(crate) fn not(truth: Truth) -> Truth {
    match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        other => other,
    }
}

/// Conjunction of two.
pub(crate) fn both(a: Truth, b: Truth) -> Truth {
    all(&[a, b])
}

/// Conjunction.
pub(crate) fn all(items: &[Truth]) -> Truth {
    first_of(items, [Truth::False, Truth::Unknown, Truth::Deferred], Truth::True)
}

/// Disjunction. What is not to be known yet may still make it true, so it comes before what is not known.
pub(crate) fn any(items: &[Truth]) -> Truth {
    first_of(items, [Truth::True, Truth::Deferred, Truth::Unknown], Truth::False)
}

/// Exactly one.
pub(crate) fn one(items: &[Truth]) -> Truth {
    let count = |truth: Truth| items.iter().filter(|t| **t == truth).count();
    match (count(Truth::True), count(Truth::Unknown), count(Truth::Deferred)) {
        (2.., _, _) => Truth::False,
        (_, 1.., _) => Truth::Unknown,
        (_, _, 1..) => Truth::Deferred,
        (1, _, _) => Truth::True,
        _ => Truth::False,
    }
}

fn first_of(items: &[Truth], order: [Truth; 3], neutral: Truth) -> Truth {
    order.into_iter().find(|t| items.contains(t)).unwrap_or(neutral)
}

#[cfg(test)]
mod tests {
    use super::Truth::{Deferred, False, True, Unknown};
    use super::*;

    #[test]
    fn unknown_never_becomes_true() {
        assert_eq!(all(&[True, Unknown]), Unknown);
        assert_eq!(all(&[False, Unknown]), False);
        assert_eq!(any(&[False, Unknown]), Unknown);
        assert_eq!(any(&[True, Unknown]), True);
        assert_eq!(one(&[True, Unknown]), Unknown);
        assert_eq!(one(&[True, True, Unknown]), False);
        assert_eq!(one(&[True, False]), True);
        assert_eq!(one(&[False, Deferred]), Deferred);
        assert_eq!(all(&[]), True);
        assert_eq!(any(&[]), False);
    }
}
