//! Named schemas of bodies and answers. Those of EDC's objects exist in two forms: as in v3, where lists of one
//! collapse, and as in v4, where they do not; the names of the second end with `V4`.

mod answers;
mod bodies;
mod own;
mod policy;
mod usage;

use super::super::output::Form;
use super::operation::Version;
use ontology::edc;
use ontology::jsonld::EDC_MANAGEMENT_V2;
use serde_json::{Map, Value, json};

/// The name of a schema as `version` uses it.
pub(super) fn name(version: Version, name: &str) -> String {
    let both = version == Version::V4 && !SHARED.contains(&name);
    if both { format!("{name}V4") } else { name.to_owned() }
}

/// Schemas that are the same in all versions.
const SHARED: [&str; 2] = ["Errors", "Anything"];

/// All schemas under their names.
pub(super) fn all() -> Map<String, Value> {
    let mut out = Map::new();
    for form in [Form::V3, Form::V4] {
        let version = if form == Form::V4 { Version::V4 } else { Version::V3 };
        let forms = answers::all(form).into_iter().chain(bodies::all(form)).chain(policy::all(form));
        out.extend(forms.map(|(term, schema)| (name(version, term), schema)));
    }
    out.extend(usage::all().into_iter().map(|(term, schema)| (term.to_owned(), schema)));
    out.extend(own::all().into_iter().map(|(term, schema)| (term.to_owned(), schema)));
    out
}

/// A reference to a schema in the same form.
fn to(form: Form, term: &str) -> Value {
    super::operation::reference(if form == Form::V4 { Version::V4 } else { Version::V3 }, term)
}

/// An object with these members and no others.
fn closed(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

/// Text with something in it.
fn filled() -> Value {
    json!({"type": "string", "pattern": "\\S"})
}

fn text() -> Value {
    json!({"type": "string"})
}

/// Milliseconds since 1970.
fn instant() -> Value {
    json!({"type": "integer", "description": "Milliseconds since 1970-01-01T00:00Z"})
}

fn date_time() -> Value {
    json!({"type": "string", "description": "RFC 3339"})
}

/// A list; in v3 one entry stands for itself.
fn many(form: Form, item: &Value) -> Value {
    let list = json!({"type": "array", "items": item});
    match form {
        Form::V3 => json!({"anyOf": [list, item]}),
        Form::V4 => list,
    }
}

/// Members of any kind.
fn open() -> Value {
    json!({"type": "object", "additionalProperties": true})
}

/// The context that answers have.
fn context(form: Form) -> Value {
    match form {
        Form::V3 => closed(
            &["@vocab", "edc", "odrl"],
            json!({
                "@vocab": {"const": edc::NS}, "edc": {"const": edc::NS}, "odrl": {"const": ontology::odrl::NS},
            }),
        ),
        Form::V4 => json!({"const": [EDC_MANAGEMENT_V2]}),
    }
}

/// An answer in EDC's form: its members, and the context.
fn answer(form: Form, kind: &str, required: &[&str], properties: Value) -> Value {
    let mut required = required.to_vec();
    required.extend(["@type", "@context"]);
    let mut all = Map::from_iter([("@type".to_owned(), json!({"const": kind}))]);
    all.extend(properties.as_object().cloned().unwrap_or_default());
    all.insert("@context".to_owned(), context(form));
    closed(&required, Value::Object(all))
}

/// A body in EDC's form. In v4 it must have the context and the type, and nothing unknown.
fn body(form: Form, kind: &str, required: &[&str], properties: Value) -> Value {
    let mut required = required.to_vec();
    let mut all = Map::new();
    match form {
        Form::V3 => {
            all.insert("@context".to_owned(), json!({}));
            all.insert("@type".to_owned(), json!({"type": "string", "example": kind}));
        }
        Form::V4 => {
            required.extend(["@context", "@type"]);
            all.insert("@context".to_owned(), context_in());
            all.insert("@type".to_owned(), json!({"const": kind}));
        }
    }
    all.extend(properties.as_object().cloned().unwrap_or_default());
    match form {
        Form::V3 => json!({"type": "object", "required": required, "properties": all}),
        Form::V4 => closed(&required, Value::Object(all)),
    }
}

/// The context of v4 bodies: contexts that are known here, with that of the API among them.
fn context_in() -> Value {
    let known = [
        EDC_MANAGEMENT_V2,
        ontology::jsonld::ODRL_CONTEXT,
        ontology::jsonld::DSPACE_CONTEXT,
        ontology::jsonld::DSPACE_ODRL_CONTEXT,
        ontology::jsonld::EDC_DSPACE_CONTEXT,
    ];
    json!({"type": "array", "items": {"enum": known}, "contains": {"const": EDC_MANAGEMENT_V2}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    match member {
                        Value::String(target) if key == "$ref" => found.push(target.clone()),
                        other => references(other, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_used() {
        let document = super::super::document::document();
        let mut found = Vec::new();
        references(&document, &mut found);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for target in &found {
            let name = target.strip_prefix("#/components/schemas/").unwrap();
            assert!(schemas.contains_key(name), "{target}");
        }
        for name in schemas.keys() {
            assert!(found.iter().any(|target| target.ends_with(&format!("/{name}"))), "{name} is not used");
        }
    }
}
