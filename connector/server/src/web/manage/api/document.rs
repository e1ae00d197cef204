//! The table as an OpenAPI 3.1 document.

use super::operation::{Answer, Operation, Version, reference};
use super::schemas;
use serde_json::{Map, Value, json};

/// The document, with the paths of this listener.
pub(in crate::web::manage) fn document() -> Value {
    let operations = super::all();
    let mut paths: Map<String, Value> = Map::new();
    let mut tags: Vec<Value> = Vec::new();
    for operation in &operations {
        let tag = json!({"name": tag(operation)});
        if !tags.contains(&tag) {
            tags.push(tag);
        }
        let path = paths.entry(operation.full_path()).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(operation.method.as_str().to_lowercase(), describe(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Entente management API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What an operator or a program does with its own connector: /v3, /v4 and /v2 as Eclipse \
                EDC has them, /v1 what that API has no place for. Bodies of /v3 and /v2 may take any JSON-LD form; \
                their schemas describe the compact one. Bodies of /v4 are held to their schemas.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {"bearer": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "schemas": Value::Object(schemas::all()),
        },
    })
}

/// The group, with the version where it is not the main one.
fn tag(operation: &Operation) -> String {
    match operation.version {
        Version::V3 => operation.group.to_owned(),
        Version::V2 => format!("{} (v2)", operation.group),
        Version::V4 => format!("{} (v4)", operation.group),
        Version::V1 | Version::Plain => operation.group.to_owned(),
    }
}

fn describe(operation: &Operation) -> Value {
    let mut out = Map::new();
    out.insert("operationId".to_owned(), json!(id(operation)));
    out.insert("tags".to_owned(), json!([tag(operation)]));
    out.insert("summary".to_owned(), json!(operation.summary));
    if operation.version == Version::V2 {
        out.insert("deprecated".to_owned(), json!(true));
    }
    if !operation.version.keyed() {
        out.insert("security".to_owned(), json!([]));
    }
    let parameters = parameters(operation);
    if !parameters.is_empty() {
        out.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if !operation.body.is_empty() {
        let content: Map<String, Value> = operation
            .body
            .iter()
            .map(|(media, schema)| ((*media).to_owned(), content(operation.version, *schema)))
            .collect();
        out.insert(
            "requestBody".to_owned(),
            json!({"required": operation.body_required, "content": content}),
        );
    }
    out.insert("responses".to_owned(), Value::Object(responses(operation)));
    Value::Object(out)
}

fn id(operation: &Operation) -> String {
    let words = operation.full_path().replace(['{', '}'], "").replace(['/', '-', '.'], " ");
    let words: Vec<&str> = words.split_whitespace().collect();
    format!("{}_{}", operation.method.as_str().to_lowercase(), words.join("_"))
}

/// The parameters of path and query.
fn parameters(operation: &Operation) -> Vec<Value> {
    let in_path = operation.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        let schema = if name == "seq" {
            json!({"type": "integer", "minimum": 1, "maximum": i64::MAX})
        } else {
            json!({"type": "string", "minLength": 1})
        };
        Some(json!({"name": name, "in": "path", "required": true, "schema": schema}))
    });
    let in_query = operation.query.iter().map(|(name, schema, about)| {
        json!({"name": name, "in": "query", "required": false, "schema": schema, "description": about})
    });
    in_path.chain(in_query).collect()
}

fn content(version: Version, schema: Option<&str>) -> Value {
    match schema {
        Some(name) => json!({"schema": reference(version, name)}),
        None => json!({"schema": {"type": "string"}}),
    }
}

fn responses(operation: &Operation) -> Map<String, Value> {
    let version = operation.version;
    let json_of = |schema: Value| json!({"application/json": {"schema": schema}});
    let body = match &operation.answer {
        Answer::Nothing => None,
        Answer::Json(name) => Some(json_of(reference(version, name))),
        Answer::List(name) => Some(json_of(json!({"type": "array", "items": reference(version, name)}))),
        Answer::Media(kinds) => Some(Value::Object(
            kinds.iter().map(|(media, schema)| ((*media).to_owned(), content(version, *schema))).collect(),
        )),
    };
    let mut success = json!({"description": if body.is_some() { "Success" } else { "Done" }});
    if let (Some(body), Some(members)) = (body, success.as_object_mut()) {
        members.insert("content".to_owned(), body);
    }
    let mut out = Map::new();
    out.insert(operation.status.to_string(), success);
    for (status, name) in &operation.others {
        let other = json_of(reference(version, name));
        out.insert(status.to_string(), json!({"description": meaning(*status), "content": other}));
    }
    for status in operation.error_statuses() {
        let errors = json_of(json!({"$ref": "#/components/schemas/Errors"}));
        out.insert(status.to_string(), json!({"description": meaning(status), "content": errors}));
    }
    out
}

/// What a status says here.
const fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request is wrong; the entries name the field and the reason",
        401 => "The key is missing or wrong",
        403 => "A policy refuses it",
        404 => "There is no such object",
        406 => "None of the accepted media types can be given",
        409 => "It does not fit the state of things; legalActions says what does",
        413 => "The body is too large",
        502 => "The counterparty failed, or cannot be reached",
        503 => "Not now; the same request may succeed later",
        507 => "The disk is full",
        _ => "A fault of this connector",
    }
}
