//! Policies, as bodies and as answers.

use super::{closed, filled, many, open, text, to};
use crate::web::manage::output::Form;
use ontology::ovc;
use serde_json::{Map, Value, json};

/// The schemas of policies in one form.
pub(super) fn all(form: Form) -> Vec<(&'static str, Value)> {
    match form {
        // v3 answers have prefixed terms, and its bodies any form.
        Form::V3 => {
            vec![("Policy", answered_v3()), ("PolicyInput", policy_in()), ("OfferInput", policy_in())]
        }
        Form::V4 => vec![
            ("Policy", answered_v4()),
            ("PolicyInput", policy(&["@type"], "Set", &json!({}))),
            (
                "OfferInput",
                policy(
                    &["@type", "@id", "assigner", "target"],
                    "Offer",
                    &json!({"@id": filled(), "assigner": filled(), "target": filled()}),
                ),
            ),
            ("Rule", rule()),
            ("Constraint", constraint()),
        ],
    }
}

fn policy_in() -> Value {
    json!({
        "type": "object",
        "description": "An ODRL policy in any JSON-LD form; without a context its terms are ODRL's",
        "example": {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set",
            "permission": [{"action": "use"}], "prohibition": [], "obligation": []},
    })
}

fn answered_v3() -> Value {
    let rules = many(Form::V3, &open());
    json!({
        "type": "object",
        "required": ["@id", "@type", "odrl:permission", "odrl:prohibition", "odrl:obligation"],
        "properties": {
            "@id": text(), "@type": {"enum": ["odrl:Set", "odrl:Offer", "odrl:Agreement"]},
            "odrl:permission": rules, "odrl:prohibition": rules, "odrl:obligation": rules,
        },
    })
}

fn answered_v4() -> Value {
    let rules = json!({"type": "array", "items": open()});
    json!({
        "type": "object",
        "required": ["@id", "@type", "permission", "prohibition", "obligation"],
        "properties": {
            "@id": text(), "@type": {"enum": ["Set", "Offer", "Agreement"]},
            "permission": rules, "prohibition": rules, "obligation": rules,
        },
    })
}

/// A policy of v4, closed; `more` has what its kind asks for.
fn policy(required: &[&str], kind: &str, more: &Value) -> Value {
    let rules = json!({"type": "array", "items": to(Form::V4, "Rule")});
    let mut all: Map<String, Value> = members(json!({
        "@id": filled(), "@type": {"const": kind}, "@context": {}, "uid": text(),
        "profile": {"type": ["string", "array"]}, "conflict": named(),
        "assigner": text(), "assignee": text(), "target": text(),
        "permission": rules, "prohibition": rules, "obligation": rules,
    }));
    all.extend(members(more.clone()));
    closed(required, Value::Object(all))
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A word of ODRL or an IRI, as text or as reference.
fn named() -> Value {
    json!({"anyOf": [filled(), closed(&["@id"], json!({"@id": filled()}))]})
}

fn rule() -> Value {
    let rules = json!({"type": "array", "items": to(Form::V4, "Rule")});
    let constraints = json!({"type": "array", "items": to(Form::V4, "Constraint")});
    closed(
        &["action"],
        json!({
            "@id": text(), "@type": text(), "uid": text(), "action": {},
            "target": text(), "assigner": text(),
            // Who is meant, by name or by what its credentials say.
            "assignee": {"anyOf": [text(), closed(&[ovc::CONSTRAINT], json!({ovc::CONSTRAINT: constraints}))]},
            ovc::CONSTRAINT: constraints,
            "constraint": constraints, "duty": rules, "remedy": rules, "consequence": rules,
        }),
    )
}

fn constraint() -> Value {
    let constraints = json!({"type": "array", "items": to(Form::V4, "Constraint")});
    closed(
        &[],
        json!({
            "@id": text(), "@type": text(), "uid": text(),
            ovc::LEFT_OPERAND: filled(), ovc::CREDENTIAL_SUBJECT_TYPE: filled(),
            "leftOperand": named(), "operator": named(), "rightOperand": {}, "rightOperandReference": {},
            "dataType": named(), "unit": named(), "status": {},
            "and": constraints, "andSequence": constraints, "or": constraints, "xone": constraints,
        }),
    )
}
