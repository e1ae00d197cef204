//! Bodies and answers of usage control.

use super::{closed, date_time as at, filled, text};
use serde_json::{Value, json};

/// Their schemas.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    let maybe = || json!({"type": ["string", "null"]});
    vec![
        ("Usage", usage()),
        ("DutyDone", closed(&["duty"], json!({"duty": filled(), "evidence": maybe()}))),
        ("DutyName", closed(&["duty"], json!({"duty": filled()}))),
        (
            "PaymentInput",
            closed(
                &["amount", "unit"],
                json!({
                    "id": text(), "unit": filled(), "at": instant(), "reference": maybe(),
                    "amount": {"type": "string", "description": "A positive decimal number, for example 12.50"},
                }),
            ),
        ),
        (
            "ConsentInput",
            closed(
                &["by"],
                json!({"id": text(), "by": filled(), "at": instant(), "until": instant(), "reference": maybe()}),
            ),
        ),
        (
            "PolicyEventInput",
            closed(
                &["event"],
                json!({
                    "id": text(), "start": instant(), "end": instant(), "agreementId": maybe(),
                    "event": filled(),
                }),
            ),
        ),
        ("EventEnd", closed(&[], json!({"at": instant()}))),
        (
            "PolicyEvent",
            closed(
                &["id", "event", "start", "end", "agreementId", "createdAt"],
                json!({"id": text(), "event": text(), "start": at(), "end": nullable(at()), "agreementId": maybe(),
                    "createdAt": at()}),
            ),
        ),
    ]
}

/// An instant in a body, or nothing.
fn instant() -> Value {
    json!({"type": ["string", "null"], "description": "An instant such as 2026-01-31T12:00:00Z"})
}

fn nullable(schema: Value) -> Value {
    json!({"anyOf": [{"type": "null"}, schema]})
}

fn usage() -> Value {
    let maybe = || json!({"type": ["string", "null"]});
    let count = || json!({"type": "integer", "minimum": 0});
    let duty = closed(
        &["duty", "id", "action", "state", "late", "deadline", "since", "evidence"],
        json!({"duty": text(), "id": maybe(), "action": text(),
            "state": {"enum": ["pending", "fulfilled", "violated"]}, "late": {"type": "boolean"},
            "deadline": nullable(at()), "since": at(), "evidence": maybe()}),
    );
    let payment = closed(
        &["id", "amount", "unit", "at", "reference"],
        json!({"id": text(), "amount": text(), "unit": text(), "at": at(), "reference": maybe()}),
    );
    let withdrawn = closed(&["at", "reason"], json!({"at": at(), "reason": text()}));
    let consent = closed(
        &["id", "by", "at", "until", "reference", "withdrawn"],
        json!({"id": text(), "by": text(), "at": at(), "until": nullable(at()), "reference": maybe(),
            "withdrawn": nullable(withdrawn)}),
    );
    let list = |items: Value| json!({"type": "array", "items": items});
    closed(
        &[
            "agreementId",
            "role",
            "counterParty",
            "uses",
            "lastUse",
            "meteredSeconds",
            "duties",
            "payments",
            "consents",
        ],
        json!({"agreementId": text(), "role": {"enum": ["consumer", "provider"]}, "counterParty": text(),
            "uses": count(), "lastUse": nullable(at()), "meteredSeconds": count(), "duties": list(duty),
            "payments": list(payment), "consents": list(consent)}),
    )
}
