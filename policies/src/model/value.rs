//! Values, as they were written and as what they mean.

use ontology::time::{Timestamp, parse_duration};
use ontology::xsd;
use oxsdatatypes::Decimal;
use std::str::FromStr;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operand {
    /// Text or IRI.
    pub value: String,
    /// It is an IRI reference.
    pub iri: bool,
    /// Datatype, when one was given.
    pub datatype: Option<String>,
    /// Language tag, when one was given.
    pub language: Option<String>,
}

/// What a value means by its datatype.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed<'a> {
    /// An IRI.
    Iri(&'a str),
    /// A moment; a date is its first moment, in UTC where no offset is given.
    Instant(Timestamp),
    /// A span of time in milliseconds.
    Duration(i64),
    /// A number.
    Number(Decimal),
    /// True or false.
    Flag(bool),
    /// Text, with its language tag.
    Text(&'a str, Option<&'a str>),
    /// The text is not of the datatype it is said to have, or that datatype is not known.
    Wrong(&'a str),
}

impl Operand {
    /// The value by its datatype; what has none is text.
    #[must_use]
    pub fn typed(&self) -> Typed<'_> {
        let text = self.value.as_str();
        if self.iri {
            return Typed::Iri(text);
        }
        let Some(datatype) = self.datatype.as_deref() else {
            return Typed::Text(text, self.language.as_deref());
        };
        let name = datatype.strip_prefix(xsd::NS).or_else(|| datatype.strip_prefix("xsd:"));
        let read = match name.unwrap_or_default() {
            "date" | "dateTime" | "dateTimeStamp" => Timestamp::parse(text).ok().map(Typed::Instant),
            "duration" | "dayTimeDuration" => parse_duration(text).ok().map(Typed::Duration),
            "decimal" | "integer" | "int" | "long" | "short" | "byte" | "nonNegativeInteger"
            | "positiveInteger" | "unsignedInt" | "unsignedLong" => {
                Decimal::from_str(text).ok().map(Typed::Number)
            }
            "double" | "float" => number(text).map(Typed::Number),
            "boolean" => match text {
                "true" | "1" => Some(Typed::Flag(true)),
                "false" | "0" => Some(Typed::Flag(false)),
                _ => None,
            },
            "string" | "anyURI" | "token" | "language" => Some(Typed::Text(text, None)),
            _ => None,
        };
        read.unwrap_or(Typed::Wrong(datatype))
    }
}

/// A number, also in the notation with an exponent.
pub(crate) fn number(text: &str) -> Option<Decimal> {
    Decimal::from_str(text).ok().or_else(|| {
        let value = oxsdatatypes::Double::from_str(text).ok()?;
        Decimal::try_from(value).ok()
    })
}
