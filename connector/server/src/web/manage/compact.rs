//! Policies and catalogues (DSP plain JSON) as clients see them: in v3 ODRL and DCAT terms have their prefixes.

use super::output::{Form, collapse, key, with_this_context};
use ontology::{dcat, dct, dspace, edc, ent, foaf, gx, odrl, ovc, rdf, rdfs, schema, spdx, vcard, xsd};
use serde_json::{Map, Value, json};

/// Prefixes in catalogues, as they come from peers and as they go to clients.
pub(super) const PREFIXES: [(&str, &str); 14] = [
    ("edc", edc::NS),
    ("odrl", odrl::NS),
    ("dcat", dcat::NS),
    ("dct", dct::NS),
    ("dspace", dspace::NS),
    ("spdx", spdx::NS),
    ("foaf", foaf::NS),
    ("gx", gx::NS),
    ("ent", ent::NS),
    ("schema", schema::NS),
    ("vcard", vcard::NS),
    ("xsd", xsd::NS),
    ("rdfs", rdfs::NS),
    ("rdf", rdf::NS),
];

/// The context of catalogues, which use more vocabularies than other objects.
fn context() -> Value {
    let mut context = Map::new();
    context.insert("@vocab".to_owned(), json!(edc::NS));
    context.extend(PREFIXES.iter().map(|(prefix, ns)| ((*prefix).to_owned(), json!(ns))));
    Value::Object(context)
}

/// A policy. Its lists of rules are there even when empty.
pub(super) fn policy(form: Form, value: &Value) -> Value {
    match form {
        Form::V3 => prefixed_policy(value),
        Form::V4 => super::plain::policy(value),
    }
}

fn prefixed_policy(value: &Value) -> Value {
    let mut out = Map::new();
    if let Some(id) = value.get("@id") {
        out.insert("@id".to_owned(), id.clone());
    }
    let kind = value.get("@type").and_then(Value::as_str).unwrap_or("Set");
    out.insert("@type".to_owned(), json!(format!("odrl:{kind}")));
    let rest = value.as_object().into_iter().flatten();
    for (name, member) in rest.filter(|(name, _)| !["@id", "@type", "@context"].contains(&name.as_str())) {
        let (name, member) = odrl_member(name, member);
        out.insert(name, member);
    }
    for term in ["odrl:permission", "odrl:prohibition", "odrl:obligation"] {
        out.entry(term).or_insert_with(|| json!([]));
    }
    Value::Object(out)
}

/// A member of a policy, rule or constraint. Terms that are not ODRL's stay as they are.
fn odrl_member(name: &str, value: &Value) -> (String, Value) {
    let compact = match name {
        "permission" | "prohibition" | "obligation" | "duty" | "constraint" | "refinement"
        | "consequence" | "remedy" | "and" | "or" | "xone" | "andSequence" => many(value, &odrl_object),
        "action" | "leftOperand" | "operator" | "conflict" => many(value, &term),
        "target" | "assigner" | "assignee" | "profile" | "unit" | "source" | "includedIn" | "implies"
        | "attributedParty" | "consentingParty" | "informedParty" | "compensatedParty" | "trackingParty"
        | "trackedParty" | "contractingParty" | "output" => many(value, &reference),
        "@type" if value.as_str().is_some_and(|kind| kind.ends_with("Collection") && !kind.contains(':')) => {
            return (name.to_owned(), json!(format!("odrl:{}", value.as_str().unwrap_or_default())));
        }
        "rightOperand" | "rightOperandReference" | "dataType" | "status" => many(value, &Value::clone),
        // Conditions of the profile hold terms of ODRL too.
        ovc::CONSTRAINT => return (name.to_owned(), many(value, &odrl_object)),
        _ => return (name.to_owned(), value.clone()),
    };
    (format!("odrl:{name}"), compact)
}

fn odrl_object(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| odrl_member(name, member)).collect())
        }
        other => other.clone(),
    }
}

fn many(value: &Value, each: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => collapse(items.iter().map(each).collect()),
        one => each(one),
    }
}

/// A word of the ODRL vocabulary, or an IRI.
fn term(value: &Value) -> Value {
    match value.as_str() {
        // EDC's one operand that has a plain name.
        Some("inForceDate") => json!({"@id": "edc:inForceDate"}),
        Some(text) if !text.contains(':') => json!({"@id": format!("odrl:{text}")}),
        Some(text) => match text.strip_prefix(edc::NS) {
            Some(name) => json!({"@id": format!("edc:{name}")}),
            None => json!({"@id": text}),
        },
        // An action that is narrowed is an object.
        None => odrl_object(value),
    }
}

fn reference(value: &Value) -> Value {
    if value.is_string() { json!({"@id": value}) } else { odrl_object(value) }
}

/// A catalogue or dataset.
pub(super) fn catalogue(form: Form, value: &Value) -> Value {
    match form {
        Form::V3 => with_this_context(dcat_object(value), context()),
        Form::V4 => form.with_context(super::plain::catalogue(value)),
    }
}

fn dcat_object(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let mut out = Map::new();
    for (name, member) in members {
        match name.as_str() {
            "@type" => {
                out.insert("@type".to_owned(), many(member, &dcat_class));
            }
            "dataset" | "catalog" | "service" | "distribution" | "accessService" => {
                out.insert(format!("dcat:{name}"), many(member, &dcat_object));
            }
            "hasPolicy" => {
                out.insert("odrl:hasPolicy".to_owned(), many(member, &prefixed_policy));
            }
            "format" => {
                out.insert("dct:format".to_owned(), reference(member));
            }
            "participantId" => {
                out.insert("dspace:participantId".to_owned(), reference(member));
            }
            "endpointURL" | "endpointDescription" | "servesDataset" => {
                out.insert(format!("dcat:{name}"), member.clone());
            }
            other => {
                out.insert(prefixed(other), nested(member));
            }
        }
    }
    if out.get("@type") == Some(&json!("dcat:Dataset")) {
        // Clients of EDC look here.
        for (alias, name) in [("id", "@id"), ("name", "dct:title"), ("contenttype", "dcat:mediaType")] {
            if let Some(value) = out.get(name).cloned() {
                out.entry(alias).or_insert(value);
            }
        }
    }
    Value::Object(out)
}

fn dcat_class(kind: &Value) -> Value {
    match kind.as_str() {
        Some(name) if !name.is_empty() && !name.contains(':') => json!(format!("dcat:{name}")),
        _ => kind.clone(),
    }
}

fn nested(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(k, v)| (prefixed(k), nested(v))).collect())
        }
        Value::Array(items) => collapse(items.iter().map(nested).collect()),
        other => other.clone(),
    }
}

/// The IRI behind a prefixed name.
pub(super) fn iri(name: &str) -> String {
    let known = name.split_once(':').and_then(|(prefix, local)| {
        PREFIXES.iter().find(|(known, _)| *known == prefix).map(|(_, ns)| format!("{ns}{local}"))
    });
    known.unwrap_or_else(|| name.to_owned())
}

/// The shortest name of a property, whether it has a prefix already or not.
fn prefixed(name: &str) -> String {
    let iri = iri(name);
    let short = key(&iri);
    if short != iri {
        return short;
    }
    PREFIXES
        .iter()
        .find_map(|(prefix, ns)| iri.strip_prefix(ns).map(|term| format!("{prefix}:{term}")))
        .unwrap_or(iri)
}
