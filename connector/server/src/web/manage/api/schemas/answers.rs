//! Answers in EDC's form.

use super::{answer, closed, filled, instant, many, open, text, to};
use crate::web::manage::output::Form;
use serde_json::{Value, json};

/// The schemas of answers in one form.
pub(super) fn all(form: Form) -> Vec<(&'static str, Value)> {
    let mut out = vec![
        (
            "IdResponse",
            answer(form, "IdResponse", &["@id", "createdAt"], json!({"@id": text(), "createdAt": instant()})),
        ),
        ("Asset", asset(form)),
        ("PolicyDefinition", policy_definition(form)),
        ("PolicyValidationResult", validation(form)),
        ("PolicyEvaluationPlan", plan(form)),
        ("ContractDefinition", contract_definition(form)),
        ("Criterion", criterion()),
        ("Catalog", catalogue(form, "Catalog")),
        ("Dataset", catalogue(form, "Dataset")),
        (
            "ContractNegotiation",
            answer(form, "ContractNegotiation", &NEGOTIATION_REQUIRED, negotiation(form)),
        ),
        (
            "NegotiationState",
            answer(form, "NegotiationState", &["state"], json!({"state": negotiation_state()})),
        ),
        ("ContractAgreement", agreement(form)),
        ("TransferProcess", answer(form, "TransferProcess", &TRANSFER_REQUIRED, transfer(form))),
        ("TransferState", answer(form, "TransferState", &["state"], json!({"state": transfer_state()}))),
        (
            "Secret",
            answer(form, "Secret", &["@id", "createdAt"], json!({"@id": text(), "createdAt": instant()})),
        ),
        ("DataPlaneInstance", data_plane(form)),
    ];
    if form == Form::V3 {
        out.push(("EndpointDataReferenceEntry", edr()));
        out.push(("DataAddress", data_address()));
    }
    out
}

/// Members that each negotiation has.
pub(super) const NEGOTIATION_REQUIRED: [&str; 9] = [
    "@id",
    "type",
    "protocol",
    "state",
    "counterPartyId",
    "counterPartyAddress",
    "callbackAddresses",
    "createdAt",
    "stateTimestamp",
];

/// Members that each transfer has.
pub(super) const TRANSFER_REQUIRED: [&str; 9] = [
    "@id",
    "type",
    "state",
    "stateTimestamp",
    "createdAt",
    "callbackAddresses",
    "assetId",
    "contractId",
    "transferType",
];

pub(super) fn negotiation_state() -> Value {
    json!({"enum": ["REQUESTED", "OFFERED", "ACCEPTED", "AGREED", "VERIFIED", "FINALIZED", "TERMINATED"]})
}

pub(super) fn transfer_state() -> Value {
    json!({"enum": ["REQUESTED", "STARTED", "SUSPENDED", "COMPLETED", "TERMINATED"]})
}

fn asset(form: Form) -> Value {
    let properties = json!({"type": "object", "required": ["id"], "properties": {"id": text()}});
    let address = json!({"type": "object", "required": ["@type", "type"],
        "properties": {"@type": {"const": "DataAddress"}, "type": text()}});
    let members = json!({"@id": text(), "createdAt": instant(), "properties": properties,
        "privateProperties": open(), "dataAddress": address});
    answer(form, "Asset", &["@id", "createdAt", "properties"], members)
}

fn policy_definition(form: Form) -> Value {
    let members = json!({"@id": text(), "createdAt": instant(), "policy": to(form, "Policy")});
    answer(form, "PolicyDefinition", &["@id", "createdAt", "policy"], members)
}

fn validation(form: Form) -> Value {
    let members = json!({"isValid": {"type": "boolean"}, "errors": many(form, &text())});
    answer(form, "PolicyValidationResult", &["isValid", "errors"], members)
}

fn plan(form: Form) -> Value {
    let steps = many(form, &open());
    let all = ["preValidators", "permissionSteps", "prohibitionSteps", "obligationSteps", "postValidators"];
    let members: Value =
        all.iter().map(|name| ((*name).to_owned(), steps.clone())).collect::<serde_json::Map<_, _>>().into();
    answer(form, "PolicyEvaluationPlan", &all, members)
}

fn criterion() -> Value {
    closed(
        &["@type", "operandLeft", "operator", "operandRight"],
        json!({"@type": {"const": "Criterion"}, "operandLeft": text(), "operator": text(), "operandRight": {}}),
    )
}

fn contract_definition(form: Form) -> Value {
    let members = json!({
        "@id": text(), "createdAt": instant(), "accessPolicyId": text(), "contractPolicyId": text(),
        "assetsSelector": many(form, &to(form, "Criterion")), "handling": open(),
    });
    let required = ["@id", "createdAt", "accessPolicyId", "contractPolicyId", "assetsSelector"];
    answer(form, "ContractDefinition", &required, members)
}

/// What the peer answered; only its head is ours to promise.
fn catalogue(form: Form, kind: &str) -> Value {
    let context = match form {
        Form::V3 => open(),
        Form::V4 => super::context(form),
    };
    let kind = match form {
        Form::V3 => format!("dcat:{kind}"),
        Form::V4 => kind.to_owned(),
    };
    json!({"type": "object", "required": ["@type", "@context"],
        "properties": {"@id": text(), "@type": {"example": kind}, "@context": context}})
}

pub(super) fn callback(form: Form) -> Value {
    let events = many(form, &text());
    json!({"type": "object", "required": ["@type"],
        "properties": {"@type": {"const": "CallbackAddress"}, "uri": text(), "events": events}})
}

pub(super) fn negotiation(form: Form) -> Value {
    let mut members = json!({
        "@id": text(), "type": {"enum": ["CONSUMER", "PROVIDER"]}, "protocol": text(),
        "state": negotiation_state(), "counterPartyId": text(), "counterPartyAddress": text(),
        "callbackAddresses": many(form, &callback(form)), "createdAt": instant(), "stateTimestamp": instant(),
        "assetId": text(), "contractAgreementId": text(), "correlationId": text(), "errorDetail": text(),
    });
    if let (Form::V4, Some(members)) = (form, members.as_object_mut()) {
        members.insert("profile".to_owned(), text());
    }
    members
}

fn agreement(form: Form) -> Value {
    let members = json!({
        "@id": text(), "agreementId": text(), "assetId": text(), "policy": to(form, "Policy"),
        "contractSigningDate": {"type": "integer", "description": "Seconds since 1970-01-01T00:00Z"},
        "consumerId": text(), "providerId": text(), "claims": open(),
    });
    let required =
        ["@id", "agreementId", "assetId", "policy", "contractSigningDate", "consumerId", "providerId"];
    answer(form, "ContractAgreement", &required, members)
}

pub(super) fn transfer(form: Form) -> Value {
    json!({
        "@id": text(), "type": {"enum": ["CONSUMER", "PROVIDER"]}, "state": transfer_state(),
        "stateTimestamp": instant(), "createdAt": instant(),
        "callbackAddresses": many(form, &callback(form)), "correlationId": text(), "assetId": text(),
        "contractId": text(), "transferType": text(), "errorDetail": text(),
    })
}

fn data_plane(form: Form) -> Value {
    let members = json!({
        "@id": text(), "url": text(), "allowedSourceTypes": {"type": "array", "items": text()},
        "allowedTransferTypes": many(form, &text()), "state": text(),
    });
    answer(
        form,
        "DataPlaneInstance",
        &["@id", "url", "allowedSourceTypes", "allowedTransferTypes", "state"],
        members,
    )
}

fn edr() -> Value {
    let all = ["@id", "providerId", "assetId", "agreementId", "transferProcessId", "contractNegotiationId"];
    let mut members: serde_json::Map<_, _> = all.iter().map(|name| ((*name).to_owned(), text())).collect();
    members.insert("createdAt".to_owned(), instant());
    answer(Form::V3, "EndpointDataReferenceEntry", &all, members.into())
}

fn data_address() -> Value {
    let members = json!({
        "type": filled(), "endpoint": text(), "authType": text(), "endpointType": text(),
        "authorization": text(),
    });
    answer(Form::V3, "DataAddress", &["type", "endpointType"], members)
}
