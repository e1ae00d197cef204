//! Filtered reading, in SQL over `json_extract`.
//!
//! Values compare within their type only: SQLite alone would find each number less than each text, and true equal
//! to 1. A member that is missing or null meets no criterion, a negated one neither.
//!
//! The left operand is a path of names between dots, in single quotes where a name has dots of its own. After
//! `list[*].` a criterion holds when it does for one entry of the list. `seconds(path)` is a time, stored in
//! milliseconds, as whole seconds.

use super::error::failed;
use super::read::{Stored, row};
use engine::port::{Query, Row, StoreError};
use engine::record::{Criterion, Kind};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqlitePool;

/// Most criteria of one query; SQLite limits the depth of expressions.
const MOST_CRITERIA: usize = 100;
/// Longest pattern of `like`, in bytes.
const LONGEST_PATTERN: usize = 10_000;

/// A value to bind.
enum Bound {
    Text(String),
    Integer(i64),
    Real(f64),
}

pub(super) async fn run(pool: &SqlitePool, kind: Kind, query: &Query) -> Result<Vec<Row>, StoreError> {
    if query.filter.len() > MOST_CRITERIA {
        return Err(StoreError::BadQuery(
            "filter".to_owned(),
            format!("has more than {MOST_CRITERIA} criteria"),
        ));
    }
    let mut bound = Vec::new();
    let mut text = format!("SELECT doc, version FROM {} WHERE 1 = 1", kind.table());
    for criterion in &query.filter {
        text.push_str(" AND ");
        text.push_str(&condition(criterion, &mut bound)?);
    }
    let direction = if query.descending { "DESC" } else { "ASC" };
    match &query.sort_field {
        Some(field) => {
            bound.push(Bound::Text(path(field)?));
            let at = bound.len();
            text.push_str(&format!(" ORDER BY json_extract(doc, ?{at}) {direction}, seq {direction}"));
        }
        None => text.push_str(&format!(" ORDER BY seq {direction}")),
    }
    for (word, number) in [("LIMIT", query.limit), ("OFFSET", query.offset)] {
        bound.push(Bound::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
        text.push_str(&format!(" {word} ?{}", bound.len()));
    }
    // The text holds table names, operators and placeholders only; every value and path is bound.
    let mut statement = sqlx::query_as::<_, Stored>(AssertSqlSafe(text));
    for value in bound {
        statement = match value {
            Bound::Text(text) => statement.bind(text),
            Bound::Integer(number) => statement.bind(number),
            Bound::Real(number) => statement.bind(number),
        };
    }
    Ok(statement.fetch_all(pool).await.map_err(unreadable)?.into_iter().map(row).collect())
}

/// A document that is not JSON fails every query that looks into it.
fn unreadable(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.message() == "malformed JSON" => {
            StoreError::Corrupt(database.message().to_owned())
        }
        _ => failed(error),
    }
}

/// One criterion as a condition. A template has `{path}`, `{left}` (what is there) and `{value}`.
fn condition(criterion: &Criterion, bound: &mut Vec<Bound>) -> Result<String, StoreError> {
    let bad = |reason: &str| StoreError::BadQuery(criterion.operand_left.clone(), reason.to_owned());
    let left = Left::parse(&criterion.operand_left)?;
    let right = &criterion.operand_right;
    let scalar = || scalar(right).ok_or_else(|| bad("the right operand is not a single value"));
    let operator = criterion.operator.to_lowercase();
    let (template, value) = match operator.as_str() {
        "=" | "<" | "<=" | ">" | ">=" => {
            let (value, types) = scalar()?;
            (format!("json_type(doc, {{path}}) IN ({types}) AND {{left}} {operator} {{value}}"), value)
        }
        "!=" => {
            let (value, types) = scalar()?;
            let same = format!("json_type(doc, {{path}}) IN ({types}) AND {{left}} = {{value}}");
            (format!("json_type(doc, {{path}}) <> 'null' AND NOT ({same})"), value)
        }
        "in" | "not in" => {
            let Value::Array(items) = right else { return Err(bad("the right operand is not a list")) };
            if !items.iter().all(|item| self::scalar(item).is_some()) {
                return Err(bad("the list holds something that is not a value"));
            }
            let template = if operator == "in" {
                LISTED.to_owned()
            } else {
                format!("json_type(doc, {{path}}) <> 'null' AND NOT {LISTED}")
            };
            (template, Bound::Text(right.to_string()))
        }
        "like" | "ilike" => {
            let pattern = right.as_str().ok_or_else(|| bad("the right operand is not text"))?;
            if pattern.len() > LONGEST_PATTERN {
                return Err(bad("the pattern is too long"));
            }
            // SQLite's LIKE ignores case (of ASCII letters); GLOB does not, and has other wildcards.
            let (matches, pattern) =
                if operator == "ilike" { ("LIKE", pattern.to_owned()) } else { ("GLOB", glob(pattern)) };
            let template = format!("json_type(doc, {{path}}) = 'text' AND {{left}} {matches} {{value}}");
            (template, Bound::Text(pattern))
        }
        "contains" => {
            // A single value is a list of one, as in JSON-LD; an object is not a list of its members.
            let (value, types) = scalar()?;
            let item = format!("item.type IN ({types}) AND item.atom = {{value}}");
            (
                format!(
                    "json_type(doc, {{path}}) <> 'object' AND EXISTS (SELECT 1 FROM json_each(doc, {{path}}) AS item WHERE {item})"
                ),
                value,
            )
        }
        _ => return Err(bad(&format!("Operator {} is not supported", criterion.operator))),
    };
    bound.push(value);
    let template = template.replace("{value}", &format!("?{}", bound.len()));
    Ok(left.within(&template, bound))
}

/// The list is one JSON parameter, so that its length does not change the statement.
const LISTED: &str = "EXISTS (SELECT 1 FROM json_each({value}) AS item WHERE item.atom = {left} \
    AND json_type(doc, {path}) NOT IN ('array', 'object') \
    AND (item.type IN ('true', 'false')) = (json_type(doc, {path}) IN ('true', 'false')))";

/// The left operand of a criterion.
struct Left {
    /// The list of which one entry is looked at.
    list: Option<String>,
    /// The JSON path, from the root or from that entry.
    path: String,
    /// Is it a time that is compared in seconds?
    seconds: bool,
}

impl Left {
    fn parse(text: &str) -> Result<Self, StoreError> {
        let inner = text.strip_prefix("seconds(").and_then(|rest| rest.strip_suffix(')'));
        let whole = inner.unwrap_or(text);
        let (list, path) = match whole.split_once("[*].") {
            Some((list, rest)) => (Some(path(list)?), path(rest)?.split_off(1)),
            None => (None, path(whole)?),
        };
        Ok(Self { list, path, seconds: inner.is_some() })
    }

    /// `template` with `{path}` and `{left}`, the value there, filled in.
    fn within(self, template: &str, bound: &mut Vec<Bound>) -> String {
        let mut bind = |text: String| {
            bound.push(Bound::Text(text));
            format!("?{}", bound.len())
        };
        let at = bind(self.path);
        let list = self.list.map(bind);
        // Each entry is looked up from the root, so that an entry that is no object is merely not found.
        let at = if list.is_some() { format!("(entry.fullkey || {at})") } else { at };
        let scale = if self.seconds { " / 1000" } else { "" };
        let condition = template.replace("{left}", "(json_extract(doc, {path}){scale})");
        let condition = condition.replace("{scale}", scale).replace("{path}", &at);
        match list {
            Some(list) => {
                format!("EXISTS (SELECT 1 FROM json_each(doc, {list}) AS entry WHERE {condition})")
            }
            None => format!("({condition})"),
        }
    }
}

/// A single value, and the JSON types that it compares with.
fn scalar(value: &Value) -> Option<(Bound, &'static str)> {
    match value {
        Value::String(text) => Some((Bound::Text(text.clone()), "'text'")),
        Value::Bool(flag) => Some((Bound::Integer(i64::from(*flag)), "'true', 'false'")),
        Value::Number(number) => {
            let bound = match number.as_i64() {
                Some(integer) => Bound::Integer(integer),
                None => Bound::Real(number.as_f64()?),
            };
            Some((bound, "'integer', 'real'"))
        }
        _ => None,
    }
}

/// `a.'b.c'.d` as the JSON path `$."a"."b.c"."d"`.
fn path(text: &str) -> Result<String, StoreError> {
    let bad = |reason: &str| StoreError::BadQuery(text.to_owned(), reason.to_owned());
    let mut out = "$".to_owned();
    let mut rest = text;
    while !rest.is_empty() {
        let segment = if let Some(quoted) = rest.strip_prefix('\'') {
            let (segment, after) = quoted.split_once('\'').ok_or_else(|| bad("a quote is not closed"))?;
            rest = match after.strip_prefix('.') {
                Some(after) => after,
                None if after.is_empty() => after,
                None => return Err(bad("a quoted segment must be followed by a dot")),
            };
            segment
        } else {
            let (segment, after) = rest.split_once('.').unwrap_or((rest, ""));
            rest = after;
            segment
        };
        if segment.is_empty() {
            return Err(bad("is not a path"));
        }
        // SQLite reads a quoted label as a JSON string.
        out.push('.');
        out.push_str(&Value::from(segment).to_string());
    }
    if out.len() == 1 { Err(bad("is empty")) } else { Ok(out) }
}

/// A LIKE pattern as a GLOB pattern.
fn glob(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    for c in pattern.chars() {
        match c {
            '%' => out.push('*'),
            '_' => out.push('?'),
            '*' | '?' | '[' => {
                out.push('[');
                out.push(c);
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_and_checked() {
        assert_eq!(path("a.'https://x/y.z'.b").unwrap(), "$.\"a\".\"https://x/y.z\".\"b\"");
        for bad in ["", "'open", "a..b", "'a'b"] {
            assert!(path(bad).is_err(), "{bad}");
        }
        assert_eq!(glob("a%_[*"), "a*?[[][*]");
    }
}
