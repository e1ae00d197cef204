//! Tokens to nodes.

use super::lexer::{Lexer, Token};
use super::{Nodes, TurtleError};
use crate::{rdf, xsd};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// Nesting of blank nodes and lists that is still read.
const MAX_DEPTH: usize = 64;
/// Most statements of one document.
const MAX_STATEMENTS: usize = 200_000;

/// Reads a Turtle document. Relative IRIs without a base stay as they are.
///
/// # Errors
/// [`TurtleError`] with the line of what cannot be read.
pub fn read(text: &str) -> Result<Nodes, TurtleError> {
    let mut reader = Reader {
        lexer: Lexer::new(text),
        token: None,
        prefixes: BTreeMap::new(),
        base: String::new(),
        places: HashMap::new(),
        nodes: Vec::new(),
        blanks: 0,
        statements: 0,
    };
    reader.step()?;
    while reader.token.is_some() {
        reader.statement()?;
    }
    Ok(reader.nodes)
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    token: Option<Token>,
    prefixes: BTreeMap<String, String>,
    base: String,
    places: HashMap<String, usize>,
    nodes: Nodes,
    blanks: usize,
    statements: usize,
}

impl Reader<'_> {
    fn step(&mut self) -> Result<Option<Token>, TurtleError> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn is(&self, sign: char) -> bool {
        self.token == Some(Token::Sign(sign))
    }

    fn expect(&mut self, sign: char) -> Result<(), TurtleError> {
        if self.is(sign) { self.step().map(|_| ()) } else { self.lexer.wrong(format!("`{sign}` is missing")) }
    }

    fn statement(&mut self) -> Result<(), TurtleError> {
        let directive = match &self.token {
            Some(Token::At(word)) => Some((word.to_ascii_lowercase(), true)),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("prefix") => {
                Some(("prefix".to_owned(), false))
            }
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("base") => Some(("base".to_owned(), false)),
            _ => None,
        };
        if let Some((word, dotted)) = directive {
            self.step()?;
            match (word.as_str(), self.step()?) {
                ("prefix", Some(Token::Name(prefix, local))) if local.is_empty() => match self.step()? {
                    Some(Token::Iri(iri)) => {
                        let iri = self.resolve(iri);
                        self.prefixes.insert(prefix, iri);
                    }
                    _ => return self.lexer.wrong("a prefix needs an IRI"),
                },
                ("base", Some(Token::Iri(iri))) => self.base = self.resolve(iri),
                _ => return self.lexer.wrong("not a directive"),
            }
            return if dotted { self.expect('.') } else { Ok(()) };
        }
        let anonymous = self.is('[');
        let subject = match self.object(0)? {
            Value::Object(node) => node.get("@id").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        };
        let Some(subject) = subject else { return self.lexer.wrong("not a subject") };
        if !(anonymous && self.is('.')) {
            self.properties(&subject, 0)?;
        }
        self.expect('.')
    }

    fn properties(&mut self, subject: &str, depth: usize) -> Result<(), TurtleError> {
        loop {
            let property = match self.step()? {
                Some(Token::Word(word)) if word == "a" => rdf::TYPE.to_owned(),
                Some(Token::Iri(iri)) => self.resolve(iri),
                Some(Token::Name(prefix, local)) => self.full(&prefix, &local)?,
                _ => return self.lexer.wrong("not a property"),
            };
            loop {
                let value = self.object(depth + 1)?;
                self.add(subject, &property, value)?;
                if !self.is(',') {
                    break;
                }
                self.step()?;
            }
            while self.is(';') {
                self.step()?;
            }
            if self.is('.') || self.is(']') || self.token.is_none() {
                return Ok(());
            }
        }
    }

    /// An object, or a subject.
    fn object(&mut self, depth: usize) -> Result<Value, TurtleError> {
        if depth > MAX_DEPTH {
            return self.lexer.wrong("nested too deeply");
        }
        let value = match self.step()? {
            Some(Token::Iri(iri)) => json!({"@id": self.resolve(iri)}),
            Some(Token::Name(prefix, local)) => json!({"@id": self.full(&prefix, &local)?}),
            Some(Token::Blank(label)) => json!({"@id": format!("_:{label}")}),
            Some(Token::Sign('[')) => {
                // Labels of the document cannot hold a colon first, so these never meet.
                let id = format!("_::{}", self.blanks);
                self.blanks += 1;
                if !self.is(']') {
                    self.properties(&id, depth)?;
                }
                self.expect(']')?;
                json!({"@id": id})
            }
            Some(Token::Sign('(')) => {
                let mut items = Vec::new();
                while !self.is(')') {
                    items.push(self.object(depth + 1)?);
                }
                self.step()?;
                json!({"@list": items})
            }
            Some(Token::Text(text)) => self.literal(text)?,
            Some(Token::Number(text)) => {
                let datatype = match text.contains(['e', 'E']) {
                    true => xsd::DOUBLE,
                    false if text.contains('.') => xsd::DECIMAL,
                    false => xsd::INTEGER,
                };
                json!({"@value": text, "@type": datatype})
            }
            Some(Token::Word(word)) if word == "true" || word == "false" => {
                json!({"@value": word, "@type": xsd::BOOLEAN})
            }
            Some(other) => return self.lexer.wrong(format!("{other:?} is out of place")),
            None => return self.lexer.wrong("the text ends early"),
        };
        Ok(value)
    }

    fn literal(&mut self, text: String) -> Result<Value, TurtleError> {
        match &self.token {
            Some(Token::At(language)) => {
                let value = json!({"@value": text, "@language": language.to_ascii_lowercase()});
                self.step()?;
                Ok(value)
            }
            Some(Token::Datatype) => {
                self.step()?;
                let datatype = match self.step()? {
                    Some(Token::Iri(iri)) => self.resolve(iri),
                    Some(Token::Name(prefix, local)) => self.full(&prefix, &local)?,
                    _ => return self.lexer.wrong("not a datatype"),
                };
                Ok(json!({"@value": text, "@type": datatype}))
            }
            _ => Ok(json!({"@value": text})),
        }
    }

    fn full(&self, prefix: &str, local: &str) -> Result<String, TurtleError> {
        match self.prefixes.get(prefix) {
            Some(ns) => Ok(format!("{ns}{local}")),
            None => self.lexer.wrong(format!("the prefix `{prefix}:` is not declared")),
        }
    }

    fn resolve(&self, iri: String) -> String {
        let scheme = iri.split_once(':').is_some_and(|(scheme, _)| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        });
        if scheme || self.base.is_empty() {
            return iri;
        }
        let base = self.base.split('#').next().unwrap_or_default();
        if iri.is_empty() || iri.starts_with('#') {
            return format!("{base}{iri}");
        }
        let authority = base.find("://").map_or(0, |at| at + 3);
        let path =
            base.get(authority..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| authority + at);
        let keep = if iri.starts_with('/') { path } else { base.rfind('/').map_or(base.len(), |at| at + 1) };
        format!("{}{iri}", base.get(..keep).unwrap_or(base))
    }

    fn add(&mut self, subject: &str, property: &str, value: Value) -> Result<(), TurtleError> {
        self.statements += 1;
        if self.statements > MAX_STATEMENTS {
            return self.lexer.wrong("too many statements");
        }
        let nodes = &mut self.nodes;
        let place = *self.places.entry(subject.to_owned()).or_insert_with(|| {
            let mut node = Map::new();
            node.insert("@id".to_owned(), json!(subject));
            nodes.push(node);
            nodes.len() - 1
        });
        let Some(node) = nodes.get_mut(place) else { return Ok(()) };
        let (key, value) = match value.get("@id") {
            Some(class) if property == rdf::TYPE => ("@type", class.clone()),
            _ => (property, value),
        };
        let values = node.entry(key).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values
            && !values.contains(&value)
        {
            values.push(value);
        }
        Ok(())
    }
}
