//! v4: bodies are held to the schemas that the document shows, before anything reads them.
//!
//! The checker knows the keywords that those schemas use, and no others; a test holds it to that.

use super::super::error::ApiError;
use super::super::{jsonld, place};
use super::operation::Version;
use super::schemas;
use crate::web::State;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::{self, Data};
use actix_web::{Error, ResponseError as _};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::pin::Pin;
use std::sync::LazyLock;

static SCHEMAS: LazyLock<Map<String, Value>> = LazyLock::new(schemas::all);

type Checked<B> = Pin<Box<dyn Future<Output = Result<ServiceResponse<EitherBody<B>>, Error>>>>;

/// A middleware that holds the body to the v4 form of `schema`.
pub(super) fn checker<B: MessageBody + 'static>(
    schema: &'static str,
    required: bool,
) -> impl Fn(ServiceRequest, Next<B>) -> Checked<B> + Clone + 'static {
    move |request, next| Box::pin(check(request, next, schema, required))
}

async fn check<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
    schema: &'static str,
    required: bool,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match held(&mut request, schema, required).await {
        Ok(body) => {
            request.set_payload(Payload::from(body));
            Ok(next.call(request).await?.map_into_left_body())
        }
        Err(error) => Ok(request.into_response(error.error_response()).map_into_right_body()),
    }
}

async fn held(request: &mut ServiceRequest, schema: &str, required: bool) -> Result<Bytes, ApiError> {
    let state = request.app_data::<Data<State>>().cloned();
    let state = state.ok_or_else(|| ApiError::bad_request("no state"))?;
    let payload =
        request.extract::<web::Payload>().await.map_err(|e| ApiError::bad_request(e.to_string()))?;
    let bytes = jsonld::bytes(&state, payload).await?.freeze();
    match jsonld::parse(&bytes)? {
        Some(body) => faults(&body, schema)?,
        // White space is neither no body nor JSON.
        None if !bytes.is_empty() => return Err(ApiError::bad_request("the body is blank, not JSON")),
        None if required => return Err(ApiError::bad_request("input json is null")),
        None => {}
    }
    Ok(bytes)
}

/// Everything in `body` that the v4 form of `schema` does not allow.
fn faults(body: &Value, schema: &str) -> Result<(), ApiError> {
    let Some(schema) = SCHEMAS.get(&schemas::name(Version::V4, schema)) else {
        return Err(ApiError::bad_request(format!("there is no schema {schema}")));
    };
    let mut found = Vec::new();
    visit(schema, body, "", &mut found);
    match found.is_empty() {
        true => Ok(()),
        false => Err(ApiError::fields(found)),
    }
}

/// Place, message and value of what is wrong.
type Fault = (String, String, Value);

fn visit(schema: &Value, value: &Value, at: &str, found: &mut Vec<Fault>) {
    let mut wrong = |message: String| found.push((place::of_pointer(at), message, value.clone()));
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or_default();
        match SCHEMAS.get(name) {
            Some(schema) => visit(schema, value, at, found),
            None => wrong(format!("there is no schema {name}")),
        }
        return;
    }
    if let Some(kinds) = schema.get("type")
        && !listed(kinds).any(|kind| kind.as_str().is_some_and(|kind| is(value, kind)))
    {
        let kinds: Vec<&str> = listed(kinds).filter_map(Value::as_str).collect();
        return wrong(format!("must be of type {}", kinds.join(" or ")));
    }
    if let Some(expected) = schema.get("const")
        && expected != value
    {
        return wrong(format!("must be {expected}"));
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        return wrong(format!("must be one of {}", allowed.join(", ")));
    }
    if schema.get("pattern").is_some() && value.as_str().is_some_and(|text| text.trim().is_empty()) {
        wrong("cannot be blank".to_owned());
    }
    if let (Some(least), Some(number)) = (schema.get("minimum").and_then(Value::as_f64), value.as_f64())
        && number < least
    {
        return wrong(format!("must be {least} or more"));
    }
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        alternatives(branches, value, at, found);
    }
    match value {
        Value::Object(members) => object(schema, members, at, found),
        Value::Array(items) => array(schema, value, items, at, found),
        _ => {}
    }
}

fn listed(kinds: &Value) -> impl Iterator<Item = &Value> {
    kinds.as_array().map_or(std::slice::from_ref(kinds), Vec::as_slice).iter()
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}

/// At least one branch must hold; the faults of the nearest are told when none does.
fn alternatives(branches: &[Value], value: &Value, at: &str, found: &mut Vec<Fault>) {
    let mut best: Option<Vec<Fault>> = None;
    for branch in branches {
        let mut faults = Vec::new();
        visit(branch, value, at, &mut faults);
        if faults.is_empty() {
            return;
        }
        let depth = |faults: &[Fault]| faults.iter().map(|(place, ..)| place.len()).max();
        if best.as_ref().is_none_or(|best| depth(&faults) > depth(best)) {
            best = Some(faults);
        }
    }
    found.extend(best.unwrap_or_default());
}

fn object(schema: &Value, members: &Map<String, Value>, at: &str, found: &mut Vec<Fault>) {
    let below = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    for name in schema.get("required").into_iter().flat_map(listed).filter_map(Value::as_str) {
        if !members.contains_key(name) {
            let place = place::of_pointer(&below(name));
            found.push((place.clone(), format!("mandatory value '{place}' is missing"), Value::Null));
        }
    }
    // The one use of `oneOf`: exactly one of several members.
    if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
        let names: Vec<&str> = branches
            .iter()
            .flat_map(|branch| branch.get("required").into_iter().flat_map(listed))
            .filter_map(Value::as_str)
            .collect();
        let given = names.iter().filter(|name| members.contains_key(**name)).count();
        if given != 1
            && let Some(first) = names.first()
        {
            let message = format!("exactly one of {} must be there, not {given}", names.join(", "));
            found.push((place::of_pointer(&below(first)), message, Value::Null));
        }
    }
    let known = schema.get("properties").and_then(Value::as_object);
    let rest = schema.get("additionalProperties");
    for (name, member) in members {
        match (known.and_then(|known| known.get(name)), rest) {
            (Some(schema), _) => visit(schema, member, &below(name), found),
            (None, Some(Value::Bool(false))) => {
                let place = place::of_pointer(&below(name));
                found.push((place, format!("{name} is not known here"), member.clone()));
            }
            (None, Some(schema)) => visit(schema, member, &below(name), found),
            (None, None) => {}
        }
    }
}

fn array(schema: &Value, value: &Value, items: &[Value], at: &str, found: &mut Vec<Fault>) {
    if let Some(wanted) = schema.get("contains").and_then(|contains| contains.get("const"))
        && !items.contains(wanted)
    {
        found.push((place::of_pointer(at), format!("must contain {wanted}"), value.clone()));
    }
    if let Some(schema) = schema.get("items") {
        for (n, item) in items.iter().enumerate() {
            visit(schema, item, &format!("{at}/{n}"), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keywords that are checked, and those that only inform.
    const KNOWN: [&str; 17] = [
        "$ref",
        "type",
        "const",
        "enum",
        "pattern",
        "minimum",
        "maximum",
        "anyOf",
        "oneOf",
        "required",
        "properties",
        "additionalProperties",
        "contains",
        "items",
        "description",
        "example",
        "title",
    ];

    fn keywords(schema: &Value, used: &mut Vec<String>) {
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            used.push(keyword.clone());
            match (keyword.as_str(), value) {
                ("properties", Value::Object(members)) => members.values().for_each(|m| keywords(m, used)),
                ("anyOf" | "oneOf", Value::Array(all)) => all.iter().for_each(|one| keywords(one, used)),
                ("items" | "additionalProperties" | "contains", one) => keywords(one, used),
                _ => {}
            }
        }
    }

    #[test]
    fn the_checker_knows_every_keyword_of_the_schemas() {
        for (name, schema) in SCHEMAS.iter() {
            let mut used = Vec::new();
            keywords(schema, &mut used);
            for keyword in used {
                assert!(KNOWN.contains(&keyword.as_str()), "{name}: {keyword}");
            }
        }
    }
}
