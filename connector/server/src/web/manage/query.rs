//! QuerySpec: paging, sorting and criteria, mapped to the stored documents.

use super::error::ApiError;
use super::jsonld::{expand, json, node, ns, optional, plain};
use super::output::key;
use crate::web::State;
use actix_web::web::Payload;
use engine::port::Query;
use engine::record::{Criterion, Kind};
use ontology::edc;
use ontology::jsonld::Node;
use serde_json::{Value, json as json_value};

/// Most entries of one page.
const MOST: i64 = 10_000;

/// The query in a body; an empty body asks for the first page of everything.
pub(super) async fn read(state: &State, payload: Payload, kind: Kind) -> Result<Query, ApiError> {
    let Some(body) = json(state, payload).await? else { return Ok(Query::default()) };
    parse(&body, kind)
}

/// A QuerySpec.
pub(super) fn parse(body: &Value, kind: Kind) -> Result<Query, ApiError> {
    let expanded = expand(body)?;
    let spec = node(&expanded)?;
    let number = |term: &str, least: i64, default: i64| -> Result<u64, ApiError> {
        let value = match spec.has(&ns(term)) {
            true => spec.first_i64(&ns(term)).ok_or_else(|| {
                ApiError::field(
                    ns(term),
                    format!("optional value '{}' must be a number", ns(term)),
                    Value::Null,
                )
            })?,
            false => default,
        };
        if value < least {
            let message = format!("optional value '{}' must be greater than {}", ns(term), least - 1);
            return Err(ApiError::field(ns(term), message, json_value!(value)));
        }
        Ok(value.unsigned_abs())
    };
    let (offset, limit) = (number("offset", 0, 0)?, number("limit", 1, 50)?.min(MOST.unsigned_abs()));
    let descending = match optional(&spec, "sortOrder").as_deref() {
        None | Some("ASC") => false,
        Some("DESC") => true,
        Some(other) => {
            return Err(ApiError::field(ns("sortOrder"), "must be ASC or DESC", json_value!(other)));
        }
    };
    let sort_field = optional(&spec, "sortField").map(|field| path(kind, &field));
    let filter = spec
        .nodes(&ns("filterExpression"))
        .iter()
        .map(|c| criterion(c, kind))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Query { offset, limit, sort_field, descending, filter })
}

/// A criterion on the stored documents of `kind`.
fn criterion(node: &Node<'_>, kind: Kind) -> Result<Criterion, ApiError> {
    let mut found = raw_criterion(node)?;
    let left = key(&found.operand_left);
    if left == "state" && matches!(kind, Kind::Negotiation | Kind::Transfer) {
        found.operand_right = states(kind, &found.operand_right);
    }
    if left == "type" && matches!(kind, Kind::Negotiation | Kind::Transfer) {
        found.operand_right = match found.operand_right.as_str() {
            Some("CONSUMER") => json_value!(protocol::role::Role::Consumer),
            Some("PROVIDER") => json_value!(protocol::role::Role::Provider),
            _ => found.operand_right,
        };
    }
    found.operand_left = path(kind, &found.operand_left);
    Ok(found)
}

/// A criterion as it was written.
pub(super) fn raw_criterion(node: &Node<'_>) -> Result<Criterion, ApiError> {
    let right = node.values(&ns("operandRight"));
    let operator = super::jsonld::required(node, "operator")?;
    let listed = ["in", "not in"].contains(&operator.to_lowercase().as_str());
    let operand_right = match right {
        [] => return Err(ApiError::missing(&ns("operandRight"))),
        [one] if !listed => plain(one),
        many => Value::Array(many.iter().map(plain).collect()),
    };
    Ok(Criterion { operand_left: super::jsonld::required(node, "operandLeft")?, operator, operand_right })
}

/// Where a field of the API is in the stored document.
fn path(kind: Kind, field: &str) -> String {
    let name = key(field);
    let name = name.as_str();
    if kind == Kind::Asset {
        return match name {
            "id" | "@id" => "id".to_owned(),
            "createdAt" | "sha256" | "byteSize" => name.to_owned(),
            _ if name.starts_with("privateProperties.") => {
                let rest = name.trim_start_matches("privateProperties.");
                format!("privateProperties.{}", property(rest))
            }
            _ => format!("properties.{}", property(name.trim_start_matches("properties."))),
        };
    }
    let mapped = match (kind, name) {
        (Kind::Negotiation | Kind::Transfer, "id" | "@id") => "pid",
        (Kind::Negotiation | Kind::Transfer, "state") => "process.state",
        (Kind::Negotiation | Kind::Transfer, "type") => "role",
        (Kind::Negotiation | Kind::Transfer, "counterPartyId") => "peer",
        (Kind::Negotiation | Kind::Transfer, "counterPartyAddress") => "peerAddress",
        (Kind::Negotiation | Kind::Transfer, "correlationId") => "peerPid",
        (Kind::Negotiation | Kind::Transfer | Kind::Agreement | Kind::Edr, "assetId") => "datasetId",
        (Kind::Negotiation, "contractAgreement.assetId") => "datasetId",
        (Kind::Transfer | Kind::Edr, "contractId" | "agreementId" | "contractAgreementId") => "agreementId",
        (Kind::Transfer, "transferType") => "format",
        (Kind::Negotiation | Kind::Transfer, "stateTimestamp") => "updatedAt",
        (Kind::Agreement, "agreementId" | "@id") => "id",
        (Kind::Agreement, "contractSigningDate") => "signedAt",
        (Kind::Edr, "transferProcessId" | "id" | "@id") => "transferPid",
        (Kind::Edr, "contractNegotiationId") => "negotiationPid",
        (Kind::Edr, "providerId") => "provider",
        (_, "@id") => "id",
        (_, other) => other,
    };
    mapped.to_owned()
}

/// A property's IRI as one quoted segment.
fn property(name: &str) -> String {
    let bare = name.trim_matches('\'');
    if bare.contains(':') { format!("'{bare}'") } else { format!("'{}{bare}'", edc::NS) }
}

/// EDC's state codes as state names.
fn states(kind: Kind, value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(|v| states(kind, v)).collect()),
        Value::Number(code) => {
            let name = match (kind, code.as_i64()) {
                (Kind::Negotiation, Some(50..=200)) => "REQUESTED",
                (Kind::Negotiation, Some(300..=400)) => "OFFERED",
                (Kind::Negotiation, Some(700..=800)) => "ACCEPTED",
                (Kind::Negotiation, Some(825..=850)) => "AGREED",
                (Kind::Negotiation, Some(1050..=1100)) => "VERIFIED",
                (Kind::Negotiation, Some(1150..=1200)) => "FINALIZED",
                (Kind::Negotiation, Some(1300..=1400)) => "TERMINATED",
                (Kind::Transfer, Some(100..=500)) => "REQUESTED",
                (Kind::Transfer, Some(550..=600)) => "STARTED",
                (Kind::Transfer, Some(650..=725)) => "SUSPENDED",
                (Kind::Transfer, Some(750..=800)) => "COMPLETED",
                (Kind::Transfer, Some(825..=1000)) => "TERMINATED",
                _ => return value.clone(),
            };
            json_value!(name)
        }
        other => other.clone(),
    }
}
