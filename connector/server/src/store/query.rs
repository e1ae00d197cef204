//! Filtered reading, in SQL over `json_extract`.

use super::error::failed;
use super::read::{Stored, row};
use engine::port::{Query, Row, StoreError};
use engine::record::{Criterion, Kind};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqlitePool;

/// A value to bind.
enum Bound {
    Text(String),
    Integer(i64),
    Real(f64),
}

pub(super) async fn run(pool: &SqlitePool, kind: Kind, query: &Query) -> Result<Vec<Row>, StoreError> {
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
            text.push_str(&format!(" ORDER BY json_extract(doc, ?) {direction}, seq {direction}"));
        }
        None => text.push_str(&format!(" ORDER BY seq {direction}")),
    }
    text.push_str(" LIMIT ? OFFSET ?");
    for number in [query.limit, query.offset] {
        bound.push(Bound::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
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
    statement.fetch_all(pool).await.map_err(failed)?.into_iter().map(row).collect()
}

fn condition(criterion: &Criterion, bound: &mut Vec<Bound>) -> Result<String, StoreError> {
    let bad = |reason: &str| StoreError::BadQuery(criterion.operand_left.clone(), reason.to_owned());
    let at = path(&criterion.operand_left)?;
    let operator = criterion.operator.to_lowercase();
    let field = |bound: &mut Vec<Bound>| {
        bound.push(Bound::Text(at.clone()));
        "json_extract(doc, ?)"
    };
    let right = &criterion.operand_right;
    Ok(match operator.as_str() {
        "=" | "!=" | "<" | "<=" | ">" | ">=" => {
            let left = field(bound);
            bound.push(value(right).ok_or_else(|| bad("the right operand is not a single value"))?);
            format!("{left} {operator} ?")
        }
        "in" | "not in" => {
            let Value::Array(items) = right else { return Err(bad("the right operand is not a list")) };
            let left = field(bound);
            let mut marks = Vec::with_capacity(items.len());
            for item in items {
                bound.push(value(item).ok_or_else(|| bad("the list holds something that is not a value"))?);
                marks.push("?");
            }
            format!("{left} {} ({})", operator.to_uppercase(), marks.join(", "))
        }
        "like" | "ilike" => {
            // SQLite's LIKE ignores case; GLOB does not, and has other wildcards.
            let pattern = right.as_str().ok_or_else(|| bad("the right operand is not text"))?;
            let left = field(bound);
            if operator == "ilike" {
                bound.push(Bound::Text(pattern.to_owned()));
                format!("{left} LIKE ?")
            } else {
                bound.push(Bound::Text(glob(pattern)));
                format!("{left} GLOB ?")
            }
        }
        "contains" => {
            bound.push(Bound::Text(at));
            bound.push(value(right).ok_or_else(|| bad("the right operand is not a single value"))?);
            "EXISTS (SELECT 1 FROM json_each(doc, ?) AS item WHERE item.value = ?)".to_owned()
        }
        _ => return Err(bad(&format!("Operator {} is not supported", criterion.operator))),
    })
}

fn value(value: &Value) -> Option<Bound> {
    match value {
        Value::String(text) => Some(Bound::Text(text.clone())),
        Value::Bool(flag) => Some(Bound::Integer(i64::from(*flag))),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Some(Bound::Integer(integer)),
            None => number.as_f64().map(Bound::Real),
        },
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
        if segment.is_empty() || segment.contains('"') {
            return Err(bad("is not a path"));
        }
        out.push_str(&format!(".\"{segment}\""));
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
        for bad in ["", "'open", "a..b", "'a'b", "a\"b"] {
            assert!(path(bad).is_err(), "{bad}");
        }
        assert_eq!(glob("a%_[*"), "a*?[[][*]");
    }
}
