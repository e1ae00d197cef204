//! What a query may ask for, judged before it is evaluated.
//!
//! The evaluator recurses once per operator, plans joins in more than quadratic time and cannot be stopped in
//! the middle of either; a stack overflow would end the whole process.

use crate::query::QueryError;
use oxigraph::sparql::{PreparedSparqlQuery, SparqlEvaluator};

/// Longest query text.
pub(crate) const LONGEST: usize = 64 * 1024;
/// Stack of an evaluation. A level of nesting takes up to 80 KiB; only what is used becomes memory.
pub(crate) const STACK: usize = 256 << 20;
/// Most opening brackets, wherever they stand. The parser recurses once per bracket.
const BRACKETS: usize = 1000;
/// Most terms, operators and keywords, the rows of VALUES not counted.
const TOKENS: usize = 2000;
/// Most triple patterns and path steps. The plan of 100 takes about a second, of 200 ten times that.
const PATTERNS: usize = 100;
/// Most combinations of rows of VALUES; they are joined in memory without a look at the clock.
const VALUES: u64 = 1_000_000;
/// By how much string functions may multiply the length of a string.
const GROWTH: u64 = 1 << 16;

fn complex(what: &str) -> QueryError {
    QueryError::TooComplex(what.to_owned())
}

/// Checks that need no parser. Must come first: parsing is what they protect.
pub(crate) fn text(text: &str) -> Result<(), QueryError> {
    if text.len() > LONGEST {
        return Err(QueryError::TooLarge);
    }
    // A code point escape can stand for a bracket.
    let brackets = text.bytes().filter(|b| b"([{\\".contains(b)).count();
    if brackets > BRACKETS {
        return Err(complex("too many brackets"));
    }
    Ok(())
}

/// Parses and judges a query. Wants [`STACK`].
#[expect(deprecated, reason = "the only view of a parsed query that oxigraph offers by itself")]
pub(crate) fn parse(evaluator: SparqlEvaluator, text: &str) -> Result<PreparedSparqlQuery, QueryError> {
    use oxigraph::sparql::{Query, Update};
    let query = match Query::parse(text, None) {
        Ok(query) => query,
        Err(_) if !text.trim().is_empty() && Update::parse(text, None).is_ok() => {
            return Err(QueryError::Update);
        }
        Err(error) => return Err(QueryError::Syntax(error.to_string())),
    };
    // In the written form prefixes are resolved and lists are triples, and what a `<` means is certain.
    Judge::default().read(&query.to_string())?;
    Ok(evaluator.for_query(query))
}

/// An open bracket.
#[derive(Default)]
struct Open {
    function: String,
    /// For each argument the length of the literal that it consists of, if it does.
    arguments: Vec<Option<usize>>,
    current: Argument,
}

#[derive(Default, Clone, Copy)]
enum Argument {
    #[default]
    Nothing,
    Literal(usize),
    Other,
}

/// Where the reader is in `VALUES ( ?x ) { ( 1 ) }`.
#[derive(Default, PartialEq)]
enum Rows {
    #[default]
    Outside,
    Head,
    Data(u64),
}

#[derive(Default)]
struct Judge {
    open: Vec<Open>,
    word: String,
    tokens: usize,
    patterns: usize,
    rows: Rows,
    values: Option<u64>,
    growth: Option<u64>,
}

impl Judge {
    fn read(mut self, text: &str) -> Result<(), QueryError> {
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let word = std::mem::take(&mut self.word);
            match c {
                c if c.is_whitespace() => {
                    self.word = word;
                    continue;
                }
                '"' => {
                    let length = string(&mut rest);
                    self.argument(Argument::Literal(length));
                }
                '<' if rest.as_str().starts_with(char::is_alphabetic) => {
                    rest.by_ref().find(|c| *c == '>');
                    self.argument(Argument::Other);
                }
                '(' | '{' | '[' => self.opened(c, word),
                ')' | '}' | ']' => self.closed(c)?,
                ',' => {
                    if let Some(open) = self.open.last_mut() {
                        open.end_argument();
                    }
                }
                '.' | '/' => {
                    self.patterns += 1;
                    self.argument(Argument::Other);
                }
                c if c.is_alphabetic() => {
                    let after = rest.as_str().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                    let name = rest.as_str().strip_suffix(after).unwrap_or_default();
                    self.word = format!("{c}{name}");
                    rest = after.chars();
                    self.keyword()?;
                    self.argument(Argument::Other);
                }
                _ => self.argument(Argument::Other),
            }
            if !matches!(self.rows, Rows::Data(_)) {
                self.tokens += 1;
            }
        }
        self.verdict()
    }

    fn keyword(&mut self) -> Result<(), QueryError> {
        match self.word.as_str() {
            "SERVICE" => return Err(QueryError::Service),
            "VALUES" if self.rows == Rows::Outside => self.rows = Rows::Head,
            _ => {}
        }
        Ok(())
    }

    fn argument(&mut self, what: Argument) {
        if let Some(open) = self.open.last_mut() {
            open.current = match open.current {
                Argument::Nothing => what,
                _ => Argument::Other,
            };
        }
    }

    fn opened(&mut self, bracket: char, function: String) {
        match (&mut self.rows, bracket) {
            (Rows::Head, '{') => self.rows = Rows::Data(0),
            (Rows::Data(rows), '(') => *rows += 1,
            _ => {}
        }
        self.argument(Argument::Other);
        self.open.push(Open { function, ..Open::default() });
    }

    fn closed(&mut self, bracket: char) -> Result<(), QueryError> {
        if let (Rows::Data(rows), '}') = (&self.rows, bracket) {
            self.values = Some(self.values.unwrap_or(1).saturating_mul((*rows).max(1)));
            self.rows = Rows::Outside;
        }
        let Some(mut open) = self.open.pop() else { return Ok(()) };
        open.end_argument();
        let factor = match open.function.as_str() {
            "CONCAT" => open.arguments.len(),
            "REPLACE" => match open.arguments.get(2) {
                Some(Some(length)) => length + 1,
                _ => return Err(complex("REPLACE wants a literal as its replacement")),
            },
            _ => 1,
        };
        let factor = u64::try_from(factor).unwrap_or(u64::MAX);
        self.growth = Some(self.growth.unwrap_or(1).saturating_mul(factor));
        Ok(())
    }

    fn verdict(&self) -> Result<(), QueryError> {
        if self.tokens > TOKENS {
            return Err(complex("too many terms and operators"));
        }
        if self.patterns > PATTERNS {
            return Err(complex("too many triple patterns"));
        }
        if self.values.is_some_and(|n| n > VALUES) {
            return Err(complex("too many combinations of VALUES"));
        }
        if self.growth.is_some_and(|n| n > GROWTH) {
            return Err(complex("CONCAT and REPLACE could make too long a text"));
        }
        Ok(())
    }
}

impl Open {
    fn end_argument(&mut self) {
        self.arguments.push(match std::mem::take(&mut self.current) {
            Argument::Literal(length) => Some(length),
            _ => None,
        });
    }
}

/// Skips what is left of a literal, its language and datatype too; the length in bytes.
fn string(rest: &mut std::str::Chars<'_>) -> usize {
    let mut length = 0;
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => {
                rest.next();
                length += 1;
            }
            c => length += c.len_utf8(),
        }
    }
    if let Some(after) = rest.as_str().strip_prefix("^^<") {
        *rest = after.chars();
        rest.find(|c| *c == '>');
    } else if let Some(after) = rest.as_str().strip_prefix('@') {
        *rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '-').chars();
    }
    length
}
