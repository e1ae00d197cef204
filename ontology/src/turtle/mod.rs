//! [Turtle](https://www.w3.org/TR/turtle/) without a network, into expanded JSON-LD nodes, and back.
//!
//! The reader is small and complete enough for policies and hierarchies; it refuses what it does not understand.
//! The usual RDF crates pull in a random number generator, which the pure crates must not have.

mod lexer;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::read;
pub use write::write;

use serde_json::{Map, Value};

/// The nodes of a document, in the order of their first statement: `@id` (`_:` and a label for blank nodes),
/// `@type`, and properties as arrays of `@value`, `@id` and `@list` objects.
pub type Nodes = Vec<Map<String, Value>>;

/// Why a text is not Turtle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct TurtleError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}
