//! `/assets`.

use super::error::ApiError;
use super::jsonld::{expanded, id, members, node, ns};
use super::output;
use crate::web::State;
use actix_web::web::{self, Data, Path, Payload};
use actix_web::{HttpResponse, Responder};
use engine::port::Clock as _;
use engine::record::{Asset, Kind};
use ontology::jsonld::Node;
use serde_json::{Map, Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/assets", web::post().to(create))
        .route("/assets", web::put().to(update))
        .route("/assets/request", web::post().to(query))
        .route("/assets/{id}", web::get().to(get))
        .route("/assets/{id}", web::delete().to(delete));
}

async fn create(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let asset = measured(&state, read(&expanded(&state, payload).await?)?).await?;
    let asset = state.engine.create_asset(asset).await?;
    Ok(output::created(&asset.id, asset.created_at))
}

async fn update(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let asset = measured(&state, read(&expanded(&state, payload).await?)?).await?;
    state.engine.update_asset(asset).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn query(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Asset).await?;
    let found = state.engine.query::<Asset>(&query).await?;
    Ok(output::list(found.iter().map(write).collect()))
}

async fn get(state: Data<State>, id: Path<String>) -> Result<impl Responder, ApiError> {
    Ok(output::object(write(&state.engine.get::<Asset>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_asset(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An asset from an expanded body.
pub(super) fn read(body: &Value) -> Result<Asset, ApiError> {
    let root = node(body)?;
    let properties = root.first_node(&ns("properties")).ok_or_else(|| {
        let path = ns("properties");
        ApiError::field(&path, format!("mandatory object '{path}' is missing"), Value::Null)
    })?;
    let mut properties = members(&properties);
    properties.remove(&ns("id"));
    let private = root.first_node(&ns("privateProperties")).map(|p| members(&p)).unwrap_or_default();
    let data_address = match root.first_node(&ns("dataAddress")) {
        Some(address) => address_of(&address)?,
        None => Map::new(),
    };
    Ok(Asset {
        id: id(&root)?,
        properties,
        private_properties: private,
        data_address,
        sha256: None,
        byte_size: None,
        created_at: crate::system::SystemClock.now(),
    })
}

fn address_of(node: &Node<'_>) -> Result<Map<String, Value>, ApiError> {
    let found = output::short(&members(node));
    match found.get("type").and_then(Value::as_str) {
        Some(kind) if !kind.trim().is_empty() => Ok(found),
        _ => Err(ApiError::missing(&format!("{}/{}", ns("dataAddress"), ns("type")))),
    }
}

/// Reads a file source once, so that its digest and size are in the catalogue; others when asked to by the
/// property `digest` = `compute` of our vocabulary.
async fn measured(state: &State, mut asset: Asset) -> Result<Asset, ApiError> {
    const DIGEST: &str = "https://w3id.org/entente/v1/digest";
    let asked = asset.properties.remove(DIGEST).is_some_and(|v| v == json!("compute"));
    let path = ns("dataAddress");
    match asset.data_address.get("type").and_then(Value::as_str) {
        Some("File") => {}
        Some("HttpData") => {
            if let Some(url) = asset.data_address.get("baseUrl").and_then(Value::as_str) {
                state.plane.check_url(url).map_err(|reason| {
                    ApiError::field(
                        format!("{path}/{}", ns("baseUrl")),
                        format!("{url} is refused: {reason}"),
                        json!(url),
                    )
                })?;
            }
            if !asked {
                return Ok(asset);
            }
        }
        _ => return Ok(asset),
    }
    let measured = state
        .plane
        .measure(&asset.data_address)
        .await
        .map_err(|e| ApiError::field(path, format!("the source cannot be read: {e}"), Value::Null))?;
    asset.sha256 = Some(measured.sha256);
    asset.byte_size = Some(measured.byte_size);
    Ok(asset)
}

/// An asset in the documented form.
pub(super) fn write(asset: &Asset) -> Value {
    let mut properties = output::short(&asset.properties);
    properties.insert("id".to_owned(), json!(asset.id));
    let mut out = Map::new();
    out.insert("@id".to_owned(), json!(asset.id));
    out.insert("@type".to_owned(), json!("Asset"));
    out.insert("createdAt".to_owned(), json!(asset.created_at.millis()));
    out.insert("properties".to_owned(), Value::Object(properties));
    if !asset.private_properties.is_empty() {
        out.insert("privateProperties".to_owned(), Value::Object(output::short(&asset.private_properties)));
    }
    if !asset.data_address.is_empty() {
        let mut address = Map::new();
        address.insert("@type".to_owned(), json!("DataAddress"));
        address.extend(asset.data_address.clone());
        out.insert("dataAddress".to_owned(), Value::Object(address));
    }
    Value::Object(out)
}
