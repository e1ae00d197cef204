//! QuerySpec: paging, sorting and criteria, mapped to the stored documents.

use super::error::ApiError;
use super::fields;
use super::jsonld::{expand, json, node, ns, optional, required_within, scalar};
use super::output::key;
use crate::web::State;
use actix_web::web::Payload;
use engine::port::Query;
use engine::publish::selector::OPERATORS;
use engine::record::{Criterion, Kind};
use ontology::jsonld::Node;
use serde_json::{Value, json as json_value};

/// Most entries of one page; more are not refused, but left for the next page.
const MOST: u64 = 10_000;

/// EDC's states of a negotiation with their codes.
const NEGOTIATION: [(i64, &str); 15] = [
    (50, "INITIAL"),
    (100, "REQUESTING"),
    (200, "REQUESTED"),
    (300, "OFFERING"),
    (400, "OFFERED"),
    (700, "ACCEPTING"),
    (800, "ACCEPTED"),
    (825, "AGREEING"),
    (850, "AGREED"),
    (1050, "VERIFYING"),
    (1100, "VERIFIED"),
    (1150, "FINALIZING"),
    (1200, "FINALIZED"),
    (1300, "TERMINATING"),
    (1400, "TERMINATED"),
];

/// EDC's states of a transfer with their codes.
const TRANSFER: [(i64, &str); 24] = [
    (100, "INITIAL"),
    (200, "PROVISIONING"),
    (250, "PREPARATION_REQUESTED"),
    (300, "PROVISIONED"),
    (400, "REQUESTING"),
    (500, "REQUESTED"),
    (550, "STARTING"),
    (570, "STARTUP_REQUESTED"),
    (600, "STARTED"),
    (650, "SUSPENDING"),
    (675, "SUSPENDING_REQUESTED"),
    (700, "SUSPENDED"),
    (720, "RESUMING"),
    (722, "RESUMING_REQUESTED"),
    (725, "RESUMED"),
    (750, "COMPLETING"),
    (775, "COMPLETING_REQUESTED"),
    (800, "COMPLETED"),
    (825, "TERMINATING"),
    (840, "TERMINATING_REQUESTED"),
    (850, "TERMINATED"),
    (900, "DEPROVISIONING"),
    (950, "DEPROVISIONING_REQUESTED"),
    (1000, "DEPROVISIONED"),
];

/// The query in a body; an empty body asks for the first page of everything.
pub(super) async fn read(state: &State, payload: Payload, kind: Kind) -> Result<Query, ApiError> {
    match json(state, payload).await? {
        Some(body) => parse(&body, kind),
        None => Ok(Query::default()),
    }
}

/// A QuerySpec on the stored documents of `kind`.
pub(super) fn parse(body: &Value, kind: Kind) -> Result<Query, ApiError> {
    let expanded = expand(body)?;
    let mut query = raw(&node(&expanded)?)?;
    if let Some(field) = &query.sort_field {
        query.sort_field = Some(document_path(kind, field, &ns("sortField"))?);
    }
    let mut filter = Vec::with_capacity(query.filter.len());
    for criterion in query.filter {
        filter.push(stored(kind, criterion)?);
    }
    Ok(Query { filter, ..query })
}

/// A QuerySpec as it was written.
pub(super) fn raw(spec: &Node<'_>) -> Result<Query, ApiError> {
    let offset = number(spec, "offset", 0)?.unwrap_or(0);
    let limit = number(spec, "limit", 1)?.unwrap_or(50).min(MOST);
    let descending = match optional(spec, "sortOrder").as_deref() {
        None | Some("ASC" | "asc") => false,
        Some("DESC" | "desc") => true,
        Some(other) => {
            let path = ns("sortOrder");
            return Err(ApiError::field(path, "must be ASC or DESC", json_value!(other)));
        }
    };
    let filter = criteria(spec, "filterExpression")?;
    Ok(Query { offset, limit, sort_field: optional(spec, "sortField"), descending, filter })
}

fn number(spec: &Node<'_>, term: &str, least: i64) -> Result<Option<u64>, ApiError> {
    let path = ns(term);
    let Some(given) = spec.values(&path).first() else { return Ok(None) };
    match spec.first_i64(&path) {
        Some(value) if value >= least => Ok(Some(value.unsigned_abs())),
        Some(value) => {
            let message = format!("optional value '{path}' must be greater than {}", least - 1);
            Err(ApiError::field(path, message, json_value!(value)))
        }
        None => {
            let message = format!("optional value '{path}' must be a whole number");
            Err(ApiError::field(path, message, scalar(given)))
        }
    }
}

/// The criteria under `term`, as they were written.
pub(super) fn criteria(parent: &Node<'_>, term: &str) -> Result<Vec<Criterion>, ApiError> {
    parent.nodes(&ns(term)).iter().map(|node| criterion(node, &ns(term))).collect()
}

fn criterion(node: &Node<'_>, place: &str) -> Result<Criterion, ApiError> {
    let within = |term: &str| format!("{place}/{}", ns(term));
    let [operand_left, operator] = required_within(place, node, ["operandLeft", "operator"])?;
    let lower = operator.to_lowercase();
    if !OPERATORS.contains(&lower.as_str()) {
        let message = format!("Operator {operator} is not supported");
        return Err(ApiError::field(within("operator"), message, json_value!(operator)));
    }
    let listed = ["in", "not in"].contains(&lower.as_str());
    let operand_right = match node.values(&ns("operandRight")) {
        [] => return Err(ApiError::missing(within("operandRight"))),
        [one] if !listed => scalar(one),
        many if listed => many.iter().map(scalar).collect(),
        many => {
            let message = format!("{operator} compares with one value");
            return Err(ApiError::field(within("operandRight"), message, many.iter().map(scalar).collect()));
        }
    };
    Ok(Criterion { operand_left, operator, operand_right })
}

/// The criterion on the stored documents of `kind` that holds when `criterion` does.
fn stored(kind: Kind, criterion: Criterion) -> Result<Criterion, ApiError> {
    let place = format!("{}/{}", ns("filterExpression"), ns("operandLeft"));
    let path = document_path(kind, &criterion.operand_left, &place)?;
    let process = matches!(kind, Kind::Negotiation | Kind::Transfer);
    let Criterion { operator, operand_right, .. } = criterion;
    let (operator, operand_right) = match key(&criterion.operand_left).as_str() {
        "state" if process => in_states(kind, operator, operand_right),
        "type" if process => (operator, each(&operand_right, &role)),
        _ => (operator, operand_right),
    };
    // The one date that clients see in seconds.
    let seconds = kind == Kind::Agreement && path == "signedAt";
    let operand_left = if seconds { format!("seconds({path})") } else { path };
    Ok(Criterion { operand_left, operator, operand_right })
}

fn document_path(kind: Kind, field: &str, place: &str) -> Result<String, ApiError> {
    fields::path(kind, field).map_err(|reason| {
        ApiError::field(place, format!("{field} cannot be looked up: {reason}"), json_value!(field))
    })
}

fn each(value: &Value, map: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(map).collect(),
        one => map(one),
    }
}

/// Roles are stored in small letters; patterns too are written as the answers have them.
fn role(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| json_value!(text.to_lowercase()))
}

/// Codes as names. We pass through no state that only EDC has, so nothing is ever found in one.
fn in_states(kind: Kind, operator: String, right: Value) -> (String, Value) {
    let states: &[(i64, &str)] = if kind == Kind::Negotiation { &NEGOTIATION } else { &TRANSFER };
    let code = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let compare: Option<fn(&i64, &i64) -> bool> = match operator.as_str() {
        "<" => Some(i64::lt),
        "<=" => Some(i64::le),
        ">" => Some(i64::gt),
        ">=" => Some(i64::ge),
        _ => None,
    };
    if let (Some(compare), Some(bound)) = (compare, code(&right)) {
        let names = states.iter().filter(|(at, _)| compare(at, &bound)).map(|(_, name)| *name);
        return ("in".to_owned(), names.collect());
    }
    let name = |value: &Value| match code(value) {
        Some(wanted) => states
            .iter()
            .find(|(at, _)| *at == wanted)
            .map_or_else(|| value.clone(), |(_, name)| json_value!(name)),
        None => value.clone(),
    };
    let right = each(&right, &name);
    (operator, right)
}
