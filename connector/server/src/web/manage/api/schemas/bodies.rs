//! Bodies in EDC's form.

use super::{body, closed, filled, many, open, text, to};
use crate::web::manage::output::Form;
use engine::publish::selector::OPERATORS;
use serde_json::{Map, Value, json};

/// The schemas of bodies in one form.
pub(super) fn all(form: Form) -> Vec<(&'static str, Value)> {
    let reason = |kind: &str| body(form, kind, &[], json!({"reason": text()}));
    let mut ending = reason("TerminateNegotiation");
    if form == Form::V3
        && let Some(members) = ending.get_mut("properties").and_then(Value::as_object_mut)
    {
        members.insert("@id".to_owned(), text());
    }
    vec![
        ("QuerySpec", query(form)),
        ("CriterionInput", criterion(form)),
        ("AssetInput", asset(form)),
        ("DataAddressInput", data_address(form)),
        ("PolicyDefinitionInput", policy_definition(form)),
        ("PolicyEvaluationPlanRequest", plan(form)),
        ("ContractDefinitionInput", contract_definition(form)),
        ("CatalogRequest", catalogue(form, "CatalogRequest")),
        ("DatasetRequest", catalogue(form, "DatasetRequest")),
        ("CallbackAddressInput", callback(form)),
        ("ContractRequest", negotiation(form)),
        ("TransferRequest", transfer(form)),
        ("TerminateNegotiation", ending),
        ("TerminateTransfer", reason("TerminateTransfer")),
        ("SuspendTransfer", reason("SuspendTransfer")),
        ("SecretInput", body(form, "Secret", &["value"], json!({"@id": filled(), "value": filled()}))),
        ("Handling", handling()),
    ]
}

/// A part of a body: open in v3, closed in v4. Its type may be left out, but not be another.
fn part(form: Form, kind: &str, required: &[&str], properties: &Value) -> Value {
    let mut all = Map::new();
    all.extend(properties.as_object().cloned().unwrap_or_default());
    match form {
        Form::V3 => json!({"type": "object", "required": required, "properties": all}),
        Form::V4 => {
            all.insert("@type".to_owned(), json!({"const": kind}));
            closed(required, Value::Object(all))
        }
    }
}

fn query(form: Form) -> Value {
    let members = json!({
        "offset": {"type": "integer", "minimum": 0, "maximum": i64::MAX},
        "limit": {"type": "integer", "minimum": 1, "maximum": i64::MAX,
            "description": "50 when absent; more than 10000 are left for the next page"},
        "sortOrder": {"enum": ["ASC", "DESC"]},
        "sortField": text(),
        "filterExpression": many(form, &to(form, "CriterionInput")),
    });
    body(form, "QuerySpec", &[], members)
}

fn criterion(form: Form) -> Value {
    let scalar = json!({"type": ["string", "number", "boolean"]});
    let right = json!({"anyOf": [scalar, {"type": "array", "items": scalar}]});
    // Any case will do; the usual two are enough for a list.
    let operators: std::collections::BTreeSet<String> =
        OPERATORS.iter().flat_map(|operator| [(*operator).to_owned(), operator.to_uppercase()]).collect();
    let members = json!({
        "operandLeft": filled(), "operator": {"enum": operators}, "operandRight": right,
    });
    part(form, "Criterion", &["operandLeft", "operator", "operandRight"], &members)
}

fn asset(form: Form) -> Value {
    let members = json!({
        "@id": filled(), "properties": open(), "privateProperties": open(),
        "dataAddress": to(form, "DataAddressInput"),
    });
    body(form, "Asset", &["properties"], members)
}

/// Open: each type of source has members of its own.
fn data_address(form: Form) -> Value {
    let mut members = json!({"type": filled()});
    if let (Form::V4, Some(members)) = (form, members.as_object_mut()) {
        members.insert("@type".to_owned(), json!({"const": "DataAddress"}));
    }
    json!({"type": "object", "required": ["type"], "properties": members,
        "example": {"type": "HttpData", "baseUrl": "https://source.example/data.csv"}})
}

fn policy_definition(form: Form) -> Value {
    let members = json!({"@id": filled(), "policy": to(form, "PolicyInput")});
    body(form, "PolicyDefinition", &["policy"], members)
}

fn plan(form: Form) -> Value {
    let scopes = crate::web::manage::plan::scopes();
    body(form, "PolicyEvaluationPlanRequest", &["policyScope"], json!({"policyScope": {"enum": scopes}}))
}

fn contract_definition(form: Form) -> Value {
    let members = json!({
        "@id": filled(), "accessPolicyId": filled(), "contractPolicyId": filled(),
        "assetsSelector": many(form, &to(form, "CriterionInput")), "handling": to(form, "Handling"),
    });
    body(form, "ContractDefinition", &["accessPolicyId", "contractPolicyId"], members)
}

/// What happens by itself: everything, nothing, or each step.
fn handling() -> Value {
    let mode = json!({"enum": ["automatic", "manual"]});
    let steps = closed(
        &[],
        json!({
            "request": mode, "accepted": mode, "verify": mode, "finalize": mode, "transfer": mode,
            "automaticFor": {"type": "array", "items": text()}, "automaticPolicyId": text(),
        }),
    );
    json!({"anyOf": [mode, steps]})
}

/// v3 needs the protocol; v4 takes the protocol or the profile, and not both.
fn with_protocol(form: Form, kind: &str, required: &[&str], mut members: Value) -> Value {
    let mut required = required.to_vec();
    let known = json!({"enum": crate::web::manage::negotiations::PROTOCOLS});
    if let Some(members) = members.as_object_mut() {
        match form {
            Form::V3 => {
                members.insert("protocol".to_owned(), text());
            }
            Form::V4 => {
                members.insert("protocol".to_owned(), known.clone());
                members.insert("profile".to_owned(), known);
            }
        }
    }
    if form == Form::V3 && kind.starts_with(['T', 'C']) && kind != "CatalogRequest" {
        required.push("protocol");
    }
    let mut out = body(form, kind, &required, members);
    if let (Form::V4, Some(out)) = (form, out.as_object_mut()) {
        out.insert("oneOf".to_owned(), json!([{"required": ["protocol"]}, {"required": ["profile"]}]));
    }
    out
}

fn catalogue(form: Form, kind: &str) -> Value {
    let mut members = json!({"counterPartyAddress": filled(), "counterPartyId": filled()});
    let mut required = vec!["counterPartyAddress"];
    if let Some(members) = members.as_object_mut() {
        members.insert("additionalScopes".to_owned(), many(form, &text()));
        if kind == "DatasetRequest" {
            required.push("@id");
            members.insert("@id".to_owned(), filled());
        } else {
            members.insert("@id".to_owned(), text());
            members.insert("querySpec".to_owned(), query_part(form));
        }
    }
    if form == Form::V4 {
        required.push("counterPartyId");
    }
    with_protocol(form, kind, &required, members)
}

/// A QuerySpec within another body: neither context nor type are asked for again.
fn query_part(form: Form) -> Value {
    let mut inner = query(form);
    if let Some(inner) = inner.as_object_mut() {
        inner.insert("required".to_owned(), json!([]));
        if let Some(members) = inner.get_mut("properties").and_then(Value::as_object_mut) {
            members.shift_remove("@context");
        }
    }
    inner
}

fn callback(form: Form) -> Value {
    let members = json!({
        "uri": filled(), "events": many(form, &text()), "transactional": {"type": "boolean"},
        "authKey": text(), "authCodeId": text(),
    });
    part(form, "CallbackAddress", &["uri", "events"], &members)
}

fn negotiation(form: Form) -> Value {
    let members = json!({
        "counterPartyAddress": filled(), "counterPartyId": filled(), "policy": to(form, "OfferInput"),
        "callbackAddresses": many(form, &to(form, "CallbackAddressInput")), "handling": to(form, "Handling"),
        "https://w3id.org/entente/v1/purpose": many(form, &text()),
    });
    with_protocol(form, "ContractRequest", &["counterPartyAddress", "policy"], members)
}

fn transfer(form: Form) -> Value {
    let members = json!({
        "@id": text(), "counterPartyAddress": filled(), "contractId": filled(), "transferType": filled(),
        "dataDestination": to(form, "DataAddressInput"), "privateProperties": open(),
        "callbackAddresses": many(form, &to(form, "CallbackAddressInput")),
    });
    with_protocol(form, "TransferRequest", &["counterPartyAddress", "contractId", "transferType"], members)
}
