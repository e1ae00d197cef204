//! Operators.

macro_rules! operators {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// The twelve operators of the ODRL core vocabulary.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operator { $($(#[$doc])* $variant),+ }

        impl Operator {
            /// Name in the ODRL vocabulary.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

operators! {
    /// Equal.
    Eq = "eq",
    /// Not equal.
    Neq = "neq",
    /// Less than.
    Lt = "lt",
    /// Less than or equal.
    Lteq = "lteq",
    /// Greater than.
    Gt = "gt",
    /// Greater than or equal.
    Gteq = "gteq",
    /// Instance of.
    IsA = "isA",
    /// Contained in.
    IsPartOf = "isPartOf",
    /// Contains.
    HasPart = "hasPart",
    /// One of the list.
    IsAnyOf = "isAnyOf",
    /// None of the list.
    IsNoneOf = "isNoneOf",
    /// All of the list: the values are a superset of it.
    IsAllOf = "isAllOf",
}
