//! Does a contract definition select an asset?

use crate::record::{Asset, ContractDefinition, Criterion};
use ontology::edc;
use serde_json::Value;

/// True when every criterion holds; no criterion selects everything.
#[must_use]
pub fn selects(definition: &ContractDefinition, asset: &Asset) -> bool {
    definition.assets_selector.iter().all(|criterion| holds(criterion, asset))
}

fn holds(criterion: &Criterion, asset: &Asset) -> bool {
    let left = lookup(asset, &criterion.operand_left);
    let right = &criterion.operand_right;
    match criterion.operator.to_lowercase().as_str() {
        "=" => left.iter().any(|l| same(l, right)),
        "!=" => !left.is_empty() && left.iter().all(|l| !same(l, right)),
        "in" => left.iter().any(|l| items(right).iter().any(|r| same(l, r))),
        "not in" => !left.is_empty() && !left.iter().any(|l| items(right).iter().any(|r| same(l, r))),
        "contains" => left.iter().any(|l| items(l).iter().any(|i| same(i, right))),
        "like" => left.iter().any(|l| like(&text(l), &text(right))),
        "ilike" => left.iter().any(|l| like(&text(l).to_lowercase(), &text(right).to_lowercase())),
        "<" => left.iter().any(|l| compare(l, right).is_some_and(std::cmp::Ordering::is_lt)),
        "<=" => left.iter().any(|l| compare(l, right).is_some_and(std::cmp::Ordering::is_le)),
        ">" => left.iter().any(|l| compare(l, right).is_some_and(std::cmp::Ordering::is_gt)),
        ">=" => left.iter().any(|l| compare(l, right).is_some_and(std::cmp::Ordering::is_ge)),
        _ => false,
    }
}

/// Operators that [`selects`] knows.
pub const OPERATORS: [&str; 11] =
    ["=", "!=", "in", "not in", "contains", "like", "ilike", "<", "<=", ">", ">="];

fn lookup(asset: &Asset, left: &str) -> Vec<Value> {
    let key = left.trim_matches('\'');
    let id = format!("{}id", edc::NS);
    if key == "id" || key == "@id" || key == id {
        return vec![Value::String(asset.id.clone())];
    }
    let full = if key.contains(':') { key.to_owned() } else { format!("{}{key}", edc::NS) };
    asset
        .properties
        .get(&full)
        .or_else(|| asset.properties.get(key))
        .or_else(|| asset.private_properties.get(&full))
        .map(|value| vec![value.clone()])
        .unwrap_or_default()
}

fn items(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

fn same(left: &Value, right: &Value) -> bool {
    left == right || text(left) == text(right)
}

fn compare(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (text(left).parse::<f64>(), text(right).parse::<f64>()) {
        (Ok(l), Ok(r)) => l.partial_cmp(&r),
        _ => Some(text(left).cmp(&text(right))),
    }
}

/// SQL LIKE: `%` is any run, `_` any one character.
fn like(text: &str, pattern: &str) -> bool {
    fn matches(text: &[char], pattern: &[char]) -> bool {
        let (mut t, mut p, mut star, mut mark) = (0, 0, None, 0);
        while t < text.len() {
            match pattern.get(p) {
                Some('%') => {
                    star = Some(p);
                    mark = t;
                    p += 1;
                }
                Some(c) if *c == '_' || text.get(t) == Some(c) => {
                    t += 1;
                    p += 1;
                }
                _ => match star {
                    Some(at) => {
                        p = at + 1;
                        mark += 1;
                        t = mark;
                    }
                    None => return false,
                },
            }
        }
        pattern.iter().skip(p).all(|c| *c == '%')
    }
    matches(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ontology::time::Timestamp;
    use serde_json::{Map, json};

    fn check(left: &str, operator: &str, right: Value) -> bool {
        let mut properties = Map::new();
        properties.insert("https://w3id.org/edc/v0.0.1/ns/name".to_owned(), json!("Ship calls"));
        properties.insert("https://w3id.org/edc/v0.0.1/ns/year".to_owned(), json!(2025));
        let asset = Asset {
            id: "a1".to_owned(),
            properties,
            private_properties: Map::new(),
            data_address: Map::new(),
            sha256: None,
            byte_size: None,
            created_at: Timestamp::from_millis(0),
        };
        let criterion =
            Criterion { operand_left: left.to_owned(), operator: operator.to_owned(), operand_right: right };
        holds(&criterion, &asset)
    }

    #[test]
    fn operators_hold_and_do_not() {
        assert!(check("id", "=", json!("a1")));
        assert!(check("https://w3id.org/edc/v0.0.1/ns/id", "in", json!(["a0", "a1"])));
        assert!(!check("id", "not in", json!(["a1"])));
        assert!(check("name", "like", json!("Ship%")));
        assert!(!check("name", "like", json!("ship%")));
        assert!(check("name", "ilike", json!("%CALLS")));
        assert!(check("year", ">=", json!("2025")));
        assert!(!check("year", "<", json!(2025)));
        assert!(!check("missing", "!=", json!("x")), "a missing property never matches");
        assert!(!check("name", "~", json!("x")), "an unknown operator never matches");
    }
}
