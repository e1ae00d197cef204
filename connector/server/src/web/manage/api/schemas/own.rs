//! Bodies and answers of `/v1`, and what all versions share.

use super::answers;
use super::{closed, date_time as at, filled, open, text};
use crate::web::manage::output::Form;
use serde_json::{Map, Value, json};

/// Their schemas.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Errors", errors()),
        ("Anything", json!({"type": "object"})),
        ("Up", closed(&["status"], json!({"status": {"const": "up"}}))),
        ("Ready", closed(&["status"], json!({"status": {"enum": ["ready", "not ready"]}, "reason": text()}))),
        ("HealthStatus", health()),
        ("Status", status()),
        ("SparqlBody", closed_or_not(&["query"], json!({"query": filled(), "accept": text()}))),
        (
            "ExplainBody",
            closed_or_not(&["policy"], json!({"policy": open(), "lang": {"enum": ["en", "fr"]}})),
        ),
        ("Explanation", explanation()),
        ("SignedAgreement", signed_agreement()),
        ("AgreementCheck", agreement_check()),
        ("CredentialInput", closed(&["credential"], json!({"credential": filled()}))),
        ("Credential", credential()),
        ("Reason", closed_or_not(&[], json!({"reason": text()}))),
        ("Why", closed_or_not(&[], json!({"reason": text(), "code": text()}))),
        ("OfferAct", closed_or_not(&[], json!({"policy": open(), "reason": text(), "code": text()}))),
        ("OpenOffer", open_offer()),
        ("Negotiation", negotiation()),
        ("Transfer", transfer()),
        ("Event", event()),
        (
            "Events",
            closed(
                &["events", "next"],
                json!({
                    "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
                    "next": {"type": "integer", "description": "What to give as `after` for what follows"},
                }),
            ),
        ),
        ("WebhookInput", webhook_in()),
        ("Webhook", webhook()),
        (
            "Replay",
            closed_or_not(
                &["after"],
                json!({"after": {"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX}}),
            ),
        ),
        (
            "DeadLetter",
            closed(
                &["sequence", "attempts", "error", "at", "event"],
                json!({
                    "sequence": {"type": "integer"}, "attempts": {"type": "integer"}, "error": text(), "at": at(),
                    "event": {"$ref": "#/components/schemas/Event"},
                }),
            ),
        ),
    ]
}

/// A body in which further members are let pass.
fn closed_or_not(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties})
}

fn errors() -> Value {
    let kinds = [
        "ValidationFailure",
        "InvalidRequest",
        "AuthenticationFailed",
        "NotAuthorized",
        "ObjectNotFound",
        "ObjectConflict",
        "BadGateway",
        "Unavailable",
        "StorageFull",
        "Unexpected",
    ];
    let entry = closed(
        &["message", "type", "path", "invalidValue"],
        json!({
            "message": text(), "type": {"enum": kinds},
            "path": {"type": ["string", "null"], "description": "IRIs from the root of the body to the field, joined by slashes"},
            "invalidValue": {},
            "legalActions": {"type": "array", "items": text(), "description": "What is possible instead"},
        }),
    );
    json!({"type": "array", "items": entry})
}

fn health() -> Value {
    let failure = closed(&["messages"], json!({"messages": {"type": "array", "items": text()}}));
    let component = closed(
        &["component", "isHealthy"],
        json!({"component": text(), "isHealthy": {"type": "boolean"}, "failure": failure}),
    );
    closed(
        &["componentResults", "isSystemHealthy"],
        json!({"componentResults": {"type": "array", "items": component}, "isSystemHealthy": {"type": "boolean"}}),
    )
}

fn status() -> Value {
    let peer = closed(&["did", "address"], json!({"did": text(), "address": text()}));
    let count = json!({"type": "integer", "minimum": 0});
    closed(
        &["version", "name", "did", "address", "assets", "agreements", "peers"],
        json!({"version": text(), "name": text(), "did": text(), "address": text(), "assets": count,
            "agreements": count, "peers": {"type": "array", "items": peer}}),
    )
}

fn explanation() -> Value {
    let term = closed(&["path", "term", "reason"], json!({"path": text(), "term": text(), "reason": text()}));
    let clause = closed(
        &["path", "class", "enforcer", "stages", "missing", "sentence"],
        json!({"path": text(), "class": text(), "sentence": text(),
            "enforcer": {"enum": ["connector", "peer", "contract"]},
            "stages": {"type": "array", "items": {"enum": ["catalogue", "negotiation", "transfer", "stream"]}},
            "missing": {"type": ["string", "null"], "description": "What it would take for us to enforce it"}}),
    );
    let list = |items: Value| json!({"type": "array", "items": items});
    closed(
        &["sentences", "unsupported", "enforcement"],
        json!({"sentences": list(text()), "unsupported": list(term), "enforcement": list(clause)}),
    )
}

fn role() -> Value {
    json!({"enum": ["consumer", "provider"]})
}

fn signed_agreement() -> Value {
    let ended = json!({"anyOf": [{"type": "null"}, closed(&["at", "reason"], json!({"at": at(), "reason": text()}))]});
    closed(
        &["id", "role", "counterParty", "dataset", "inForce", "signedAt", "ended", "agreement"],
        json!({"id": text(), "role": role(), "counterParty": text(), "dataset": text(),
            "inForce": {"type": "boolean"}, "signedAt": at(), "ended": ended, "agreement": open()}),
    )
}

fn agreement_check() -> Value {
    let maybe = json!({"type": ["string", "null"]});
    let signature = closed(
        &["signer", "role", "kid", "valid", "reason"],
        json!({"signer": text(), "role": role(), "kid": maybe, "valid": {"type": "boolean"}, "reason": maybe}),
    );
    closed(
        &["valid", "agreement", "signatures"],
        json!({"valid": {"type": "boolean"}, "agreement": text(),
            "signatures": {"type": "array", "items": signature}}),
    )
}

fn credential() -> Value {
    let instant = json!({"anyOf": [{"type": "null"}, at()]});
    closed(
        &["id", "issuer", "types", "validFrom", "validUntil", "heldSince"],
        json!({"id": text(), "issuer": text(), "types": {"type": "array", "items": text()},
            "validFrom": instant, "validUntil": instant, "heldSince": at()}),
    )
}

fn open_offer() -> Value {
    closed_or_not(
        &["counterPartyId", "counterPartyAddress", "assetId"],
        json!({"counterPartyId": filled(), "counterPartyAddress": filled(), "assetId": filled(),
            "contractDefinitionId": filled(), "policy": open()}),
    )
}

fn legal() -> Value {
    json!({"type": "array", "items": text(), "description": "What the state allows from our side"})
}

/// The members of an object in EDC's form, and more.
fn with(members: Value, required: &[&str], more: Value, more_required: &[&str]) -> Value {
    let mut all: Map<String, Value> = members.as_object().cloned().unwrap_or_default();
    all.insert("@type".to_owned(), text());
    all.extend(more.as_object().cloned().unwrap_or_default());
    closed(&[required, more_required].concat(), Value::Object(all))
}

fn presented() -> Value {
    closed(
        &["issuer", "types", "trusted", "status", "validUntil"],
        json!({"issuer": text(), "types": {"type": "array", "items": text()}, "trusted": {"type": "boolean"},
            "status": {"enum": ["valid", "revoked", "suspended", "unknown"]},
            "validUntil": {"anyOf": [{"type": "null"}, at()]}}),
    )
}

fn negotiation() -> Value {
    let maybe = json!({"type": ["object", "null"]});
    let said = json!({"type": "array", "items": text()});
    let sentences = closed(&["en", "fr"], json!({"en": said, "fr": said}));
    let report = closed(
        &["permitted", "reasons", "sentences"],
        json!({"permitted": {"type": "boolean"}, "reasons": said, "sentences": sentences}),
    );
    let report = json!({"anyOf": [{"type": "null"}, report]});
    let more = json!({
        "role": role(), "datasetId": text(), "offer": maybe, "agreement": maybe,
        "claims": {"type": "object", "additionalProperties": {"type": "array", "items": text()}},
        "credentials": {"type": "array", "items": presented()},
        "purpose": {"type": "array", "items": text()}, "handling": open(),
        "comparison": {"enum": ["same", "within", "wider", "incomparable", null]},
        "report": report, "legalActions": legal(),
    });
    let required = [
        "role",
        "datasetId",
        "claims",
        "credentials",
        "purpose",
        "handling",
        "comparison",
        "report",
        "legalActions",
    ];
    with(answers::negotiation(Form::V3), &answers::NEGOTIATION_REQUIRED, more, &required)
}

fn transfer() -> Value {
    let more = json!({"role": role(), "counterPartyId": text(), "handling": open(), "legalActions": legal()});
    let required = ["role", "counterPartyId", "handling", "legalActions"];
    with(answers::transfer(Form::V3), &answers::TRANSFER_REQUIRED, more, &required)
}

fn event() -> Value {
    closed(
        &["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "sequence", "data"],
        json!({"specversion": {"const": "1.0"}, "id": text(), "source": text(), "type": text(),
            "subject": text(), "time": at(), "datacontenttype": {"const": "application/json"},
            "sequence": text(), "data": {}}),
    )
}

fn webhook_in() -> Value {
    closed(
        &["url"],
        json!({"id": text(), "url": filled(), "types": {"type": "array", "items": text()},
            "maxAttempts": {"type": "integer", "minimum": 1, "maximum": 50}, "secret": text()}),
    )
}

fn webhook() -> Value {
    closed(
        &["id", "url", "types", "maxAttempts", "cursor", "createdAt"],
        json!({"id": text(), "url": text(), "types": {"type": "array", "items": text()},
            "maxAttempts": {"type": "integer"}, "cursor": {"type": "integer"}, "createdAt": at(),
            "secret": {"type": "string", "description": "In the answer to the creation only"}}),
    )
}
