//! Reading an expanded node without walking JSON by hand.

use serde_json::{Map, Value};

/// A node object of an expanded document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a>(&'a Map<String, Value>);

impl<'a> Node<'a> {
    /// The node in `value`; `None` for literals, lists and anything that is not an object.
    pub fn new(value: &'a Value) -> Option<Self> {
        let map = value.as_object()?;
        if map.contains_key("@value") || map.contains_key("@list") { None } else { Some(Self(map)) }
    }

    /// Its `@id`.
    pub fn id(&self) -> Option<&'a str> {
        self.0.get("@id")?.as_str()
    }

    /// Its types, as IRIs.
    pub fn types(&self) -> Vec<&'a str> {
        match self.0.get("@type") {
            Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one],
            _ => Vec::new(),
        }
    }

    /// All values of a property; a list gives its items.
    pub fn values(&self, iri: &str) -> &'a [Value] {
        let values = match self.0.get(iri) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        match values {
            [Value::Object(only)] => match only.get("@list") {
                Some(Value::Array(items)) => items,
                _ => values,
            },
            _ => values,
        }
    }

    /// The first value as text: a literal in its text form, or an identifier.
    pub fn first_str(&self, iri: &str) -> Option<String> {
        self.values(iri).iter().find_map(text_of)
    }

    /// The first `@id` among the values.
    pub fn first_id(&self, iri: &str) -> Option<&'a str> {
        self.values(iri).iter().find_map(|v| v.get("@id")?.as_str())
    }

    /// The first node among the values.
    pub fn first_node(&self, iri: &str) -> Option<Node<'a>> {
        self.values(iri).iter().find_map(Node::new)
    }

    /// All nodes among the values.
    pub fn nodes(&self, iri: &str) -> Vec<Node<'a>> {
        self.values(iri).iter().filter_map(Node::new).collect()
    }

    /// The first boolean; the texts `true` and `false` count.
    pub fn first_bool(&self, iri: &str) -> Option<bool> {
        self.values(iri).iter().find_map(|v| match v.get("@value")? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// The first whole number; a text of digits counts.
    pub fn first_i64(&self, iri: &str) -> Option<i64> {
        self.values(iri).iter().find_map(|v| match v.get("@value")? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// Whether the property is present, even if empty.
    pub fn has(&self, iri: &str) -> bool {
        self.0.contains_key(iri)
    }

    /// The properties present, without keywords.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.keys().map(String::as_str).filter(|key| !key.starts_with('@'))
    }

    /// The node as JSON.
    pub fn as_map(&self) -> &'a Map<String, Value> {
        self.0
    }
}

/// Text of an expanded value: the literal, or the `@id`.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value.get("@value") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(other @ (Value::Number(_) | Value::Bool(_))) => Some(other.to_string()),
        _ => value.get("@id")?.as_str().map(str::to_owned),
    }
}
