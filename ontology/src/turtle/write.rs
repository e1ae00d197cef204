//! Nodes to text.

use serde_json::{Map, Value};

/// Nesting that is still written as such; an honest document has less.
const MAX_DEPTH: usize = 64;

/// Writes expanded JSON-LD nodes as Turtle with full IRIs. Nodes within nodes come out as blank nodes, or after
/// the one that refers to them when they have an `@id`.
#[must_use]
pub fn write(nodes: &[Value]) -> String {
    let mut out = String::new();
    let mut todo: Vec<(Value, usize)> = nodes.iter().rev().map(|node| (node.clone(), 0)).collect();
    while let Some((node, depth)) = todo.pop() {
        let Some(members) = node.as_object() else { continue };
        let mut later = Vec::new();
        let body = body(members, &mut later, depth);
        if !body.is_empty() {
            let subject = members.get("@id").and_then(Value::as_str).map_or_else(|| "[]".to_owned(), name);
            out.push_str(&format!("{subject}{body} .\n"));
        }
        todo.extend(later.into_iter().rev().map(|node| (node, depth + 1)));
    }
    out
}

fn name(id: &str) -> String {
    if id.starts_with("_:") {
        return id.replace("_::", "_:b");
    }
    let escaped: String = id
        .chars()
        .flat_map(|c| match c {
            '\u{0}'..=' ' | '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\' => {
                format!("\\u{:04X}", c as u32).chars().collect::<Vec<_>>()
            }
            c => vec![c],
        })
        .collect();
    format!("<{escaped}>")
}

fn body(members: &Map<String, Value>, later: &mut Vec<Value>, depth: usize) -> String {
    let mut parts = Vec::new();
    for (key, value) in members {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        let texts: Vec<String> = match key.as_str() {
            "@id" => continue,
            "@type" => values.iter().filter_map(Value::as_str).map(name).collect(),
            _ => values.iter().map(|value| object(value, later, depth + 1)).collect(),
        };
        if !texts.is_empty() {
            let property = if key == "@type" { "a".to_owned() } else { name(key) };
            parts.push(format!(" {property} {}", texts.join(", ")));
        }
    }
    parts.join(" ;")
}

fn object(value: &Value, later: &mut Vec<Value>, depth: usize) -> String {
    let Some(members) = value.as_object() else { return literal(value, None, None) };
    if depth > MAX_DEPTH {
        return "[]".to_owned();
    }
    if let Some(text) = members.get("@value") {
        let part = |key: &str| members.get(key).and_then(Value::as_str);
        return literal(text, part("@type"), part("@language"));
    }
    if let Some(Value::Array(items)) = members.get("@list") {
        let items: Vec<String> = items.iter().map(|item| object(item, later, depth + 1)).collect();
        return format!("({})", items.join(" "));
    }
    match members.get("@id").and_then(Value::as_str) {
        Some(id) => {
            if members.len() > 1 {
                later.push(value.clone());
            }
            name(id)
        }
        None => format!("[{} ]", body(members, later, depth)),
    }
}

fn literal(value: &Value, datatype: Option<&str>, language: Option<&str>) -> String {
    let (text, own) = match value {
        Value::String(text) => (text.clone(), None),
        Value::Bool(flag) => (flag.to_string(), Some(crate::xsd::BOOLEAN)),
        Value::Number(number) if number.is_f64() => (number.to_string(), Some(crate::xsd::DOUBLE)),
        other => (other.to_string(), Some(crate::xsd::INTEGER)),
    };
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t");
    match (language, datatype.or(own)) {
        (Some(language), _) => format!("\"{escaped}\"@{language}"),
        (None, Some(datatype)) => format!("\"{escaped}\"^^{}", name(datatype)),
        (None, None) => format!("\"{escaped}\""),
    }
}
