//! Characters to tokens.

use super::TurtleError;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Iri(String),
    /// Prefix and local name.
    Name(String, String),
    Blank(String),
    Text(String),
    /// `@en`, `@prefix`, `@base`.
    At(String),
    Number(String),
    /// A bare word: `a`, `true`, `false`, `PREFIX`, `BASE`.
    Word(String),
    /// `^^`.
    Datatype,
    Sign(char),
}

pub(super) struct Lexer<'a> {
    rest: &'a str,
    pub(super) line: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }

    pub(super) fn wrong<T>(&self, reason: impl Into<String>) -> Result<T, TurtleError> {
        Err(TurtleError { line: self.line, reason: reason.into() })
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        if next == '\n' {
            self.line += 1;
        }
        Some(next)
    }

    fn skip(&mut self) {
        while let Some(next) = self.peek() {
            if next.is_whitespace() {
                self.take();
            } else if next == '#' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.take();
                }
            } else {
                break;
            }
        }
    }

    fn while_is(&mut self, test: impl Fn(char) -> bool) -> String {
        let mut out = String::new();
        while let Some(next) = self.peek().filter(|c| test(*c)) {
            out.push(next);
            self.take();
        }
        out
    }

    pub(super) fn next(&mut self) -> Result<Option<Token>, TurtleError> {
        self.skip();
        let Some(first) = self.peek() else { return Ok(None) };
        let token = match first {
            '<' => Token::Iri(self.iri()?),
            '"' | '\'' => Token::Text(self.text(first)?),
            '@' => {
                self.take();
                Token::At(self.while_is(|c| c.is_ascii_alphanumeric() || c == '-'))
            }
            '^' => {
                self.take();
                if self.take() != Some('^') {
                    return self.wrong("`^` must be doubled");
                }
                Token::Datatype
            }
            '_' if self.rest.starts_with("_:") => {
                self.take();
                self.take();
                Token::Blank(self.local()?)
            }
            '.' if !self.rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => self.sign(first),
            ';' | ',' | '[' | ']' | '(' | ')' => self.sign(first),
            '+' | '-' | '.' | '0'..='9' => Token::Number(self.number()?),
            _ => self.name()?,
        };
        Ok(Some(token))
    }

    fn sign(&mut self, sign: char) -> Token {
        self.take();
        Token::Sign(sign)
    }

    fn iri(&mut self) -> Result<String, TurtleError> {
        self.take();
        let mut out = String::new();
        loop {
            match self.take() {
                Some('>') => return Ok(out),
                Some('\\') => out.push(self.escape()?),
                Some(c) if !c.is_whitespace() && !"<\"{}|^`".contains(c) => out.push(c),
                _ => return self.wrong("an IRI does not end"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, TurtleError> {
        let length = match self.take() {
            Some('t') => return Ok('\t'),
            Some('n') => return Ok('\n'),
            Some('r') => return Ok('\r'),
            Some('b') => return Ok('\u{8}'),
            Some('f') => return Ok('\u{c}'),
            Some(c @ ('"' | '\'' | '\\')) => return Ok(c),
            Some('u') => 4,
            Some('U') => 8,
            _ => return self.wrong("not an escape"),
        };
        let mut code = 0_u32;
        for _ in 0..length {
            match self.take().and_then(|c| c.to_digit(16)) {
                Some(digit) => code = code.wrapping_mul(16) + digit,
                None => return self.wrong("not an escape"),
            }
        }
        char::from_u32(code).map_or_else(|| self.wrong("not a character"), Ok)
    }

    fn text(&mut self, quote: char) -> Result<String, TurtleError> {
        let triple: String = [quote; 3].iter().collect();
        let long = self.rest.starts_with(&triple);
        for _ in 0..if long { 3 } else { 1 } {
            self.take();
        }
        let mut out = String::new();
        loop {
            if long && self.rest.starts_with(&triple) {
                // Up to two quotes may stand before the closing three.
                let extra = self.rest.chars().take_while(|c| *c == quote).count().saturating_sub(3).min(2);
                for n in 0..extra + 3 {
                    self.take();
                    if n < extra {
                        out.push(quote);
                    }
                }
                return Ok(out);
            }
            match self.take() {
                Some(c) if c == quote && !long => return Ok(out),
                Some('\\') => out.push(self.escape()?),
                Some('\n' | '\r') if !long => return self.wrong("a text does not end"),
                Some(c) => out.push(c),
                None => return self.wrong("a text does not end"),
            }
        }
    }

    fn number(&mut self) -> Result<String, TurtleError> {
        let mut out = String::new();
        if let Some(sign @ ('+' | '-')) = self.peek() {
            out.push(sign);
            self.take();
        }
        let digits = |lexer: &mut Self| lexer.while_is(|c| c.is_ascii_digit());
        out.push_str(&digits(self));
        if self.peek() == Some('.') && self.rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
            self.take();
            out.push('.');
            out.push_str(&digits(self));
        }
        if let Some(e @ ('e' | 'E')) = self.peek() {
            self.take();
            out.push(e);
            if let Some(sign @ ('+' | '-')) = self.peek() {
                out.push(sign);
                self.take();
            }
            out.push_str(&digits(self));
        }
        if !out.ends_with(|c: char| c.is_ascii_digit()) {
            return self.wrong("not a number");
        }
        Ok(out)
    }

    /// The local part of a name: may hold dots, but not end with one.
    fn local(&mut self) -> Result<String, TurtleError> {
        let mut out = String::new();
        while let Some(next) = self.peek() {
            match next {
                '\\' => {
                    self.take();
                    match self.take() {
                        Some(c) if "_~.-!$&'()*+,;=/?#@%".contains(c) => out.push(c),
                        _ => return self.wrong("not an escape of a name"),
                    }
                }
                '.' => {
                    let after = self.rest.trim_start_matches('.').chars().next();
                    if !after.is_some_and(|c| in_name(c) || c == '\\') {
                        break;
                    }
                    out.push(next);
                    self.take();
                }
                c if in_name(c) => {
                    out.push(c);
                    self.take();
                }
                _ => break,
            }
        }
        Ok(out)
    }

    fn name(&mut self) -> Result<Token, TurtleError> {
        let word = self.word();
        if self.peek() == Some(':') {
            self.take();
            return Ok(Token::Name(word, self.local()?));
        }
        if word.is_empty() {
            let found = self.take().unwrap_or_default();
            return self.wrong(format!("`{found}` is out of place"));
        }
        Ok(Token::Word(word))
    }

    /// Letters, digits and dots within them.
    fn word(&mut self) -> String {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let mut out = String::new();
        while let Some(next) = self.peek() {
            let dot = next == '.' && self.rest.chars().nth(1).is_some_and(part);
            if !part(next) && !dot {
                break;
            }
            out.push(next);
            self.take();
        }
        out
    }
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '%' | '\u{b7}')
}
