//! `/assets`.

use super::api::{Answer, Api};
use super::error::ApiError;
use super::jsonld::{expanded, fresh_id, id, members, node, ns};
use super::output::{self, Form, Members};
use crate::web::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use engine::port::Clock as _;
use engine::record::{Asset, Kind};
use ontology::jsonld::Node;
use serde_json::{Map, Value, json};

/// With the value `compute`, the source is read at publication for its digest and size. A private property, so
/// that it holds for later changes of the asset too.
const DIGEST: &str = "https://w3id.org/entente/v1/digest";

pub(super) fn operations(api: &mut Api) {
    api.group("Assets");
    api.post("/assets", create)
        .about("Create an asset")
        .takes("AssetInput")
        .gives(Answer::Json("IdResponse"))
        .fails(&[409]);
    api.put("/assets", update).about("Change an asset").takes("AssetInput").fails(&[404]);
    api.post("/assets/request", query)
        .about("Assets that match")
        .may_take("QuerySpec")
        .gives(Answer::List("Asset"));
    api.get("/assets/{id}", get).about("One asset").gives(Answer::Json("Asset"));
    api.delete("/assets/{id}", delete).about("Delete an asset").fails(&[409]);
}

async fn create(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let mut asset = read(&expanded(&state, payload).await?)?;
    if asset.id.is_empty() {
        asset.id = fresh_id();
    }
    let asset = state.engine.create_asset(measured(&state, asset).await?).await?;
    Ok(form.created(&asset.id, asset.created_at))
}

async fn update(state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let asset = read(&expanded(&state, payload).await?)?;
    if asset.id.is_empty() {
        return Err(ApiError::missing("@id"));
    }
    // Before a large source is read for nothing.
    state.engine.get::<Asset>(&asset.id).await?;
    state.engine.update_asset(measured(&state, asset).await?).await?;
    Ok(output::done())
}

async fn query(form: Form, state: Data<State>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let query = super::query::read(&state, payload, Kind::Asset).await?;
    let found = state.engine.query::<Asset>(&query).await?;
    Ok(form.list(found.iter().map(|asset| write(form, asset))))
}

async fn get(form: Form, state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(form.object(write(form, &state.engine.get::<Asset>(&id).await?)))
}

async fn delete(state: Data<State>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    state.engine.delete_asset(&id).await?;
    Ok(output::done())
}

/// An asset from an expanded body; its id is empty when the body has none.
pub(super) fn read(body: &Value) -> Result<Asset, ApiError> {
    let root = node(body)?;
    let place = ns("properties");
    let properties = root.first_node(&place).ok_or_else(|| ApiError::missing_object(place))?;
    let mut properties = members(&properties);
    let inner_id = properties.shift_remove(&ns("id"));
    let mut private_properties = members_of(&root, "privateProperties");
    if let Some(asked) = properties.shift_remove(DIGEST) {
        private_properties.insert(DIGEST.to_owned(), asked);
    }
    let id = match id(&root)? {
        Some(id) => id,
        None => inner_id.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    let data_address = match root.first_node(&ns("dataAddress")) {
        Some(address) => address_of(&address)?,
        None => Map::new(),
    };
    let created_at = crate::system::SystemClock.now();
    Ok(Asset { id, properties, private_properties, data_address, sha256: None, byte_size: None, created_at })
}

fn members_of(root: &Node<'_>, term: &str) -> Map<String, Value> {
    root.first_node(&ns(term)).map(|node| members(&node)).unwrap_or_default()
}

fn address_of(node: &Node<'_>) -> Result<Map<String, Value>, ApiError> {
    let found = output::short(&members(node));
    match found.get("type").and_then(Value::as_str) {
        Some(kind) if !kind.trim().is_empty() => Ok(found),
        _ => Err(ApiError::missing(format!("{}/{}", ns("dataAddress"), ns("type")))),
    }
}

/// Checks the source. A file, and any other source that asks for it, is read once for its digest and size.
async fn measured(state: &State, mut asset: Asset) -> Result<Asset, ApiError> {
    let asked = asset.private_properties.get(DIGEST) == Some(&json!("compute"));
    let place = ns("dataAddress");
    match asset.data_address.get("type").and_then(Value::as_str) {
        Some("File") => {}
        Some("HttpData") => {
            if let Some(url) = asset.data_address.get("baseUrl").and_then(Value::as_str) {
                state.plane.check_url(url).map_err(|reason| {
                    let path = format!("{place}/{}", ns("baseUrl"));
                    ApiError::field(path, format!("{url} is refused: {reason}"), json!(url))
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
        .map_err(|e| ApiError::field(place, format!("the source cannot be read: {e}"), Value::Null))?;
    asset.sha256 = Some(measured.sha256);
    asset.byte_size = Some(measured.byte_size);
    Ok(asset)
}

/// An asset in the documented form.
pub(super) fn write(form: Form, asset: &Asset) -> Value {
    let mut properties = output::short(&asset.properties);
    if form == Form::V4 {
        properties = super::plain::properties(properties);
    }
    properties.insert("id".to_owned(), json!(asset.id));
    let some = |members: &Map<String, Value>| (!members.is_empty()).then(|| output::short(members));
    let address = some(&asset.data_address).map(|members| {
        let mut address = Map::new();
        address.insert("@type".to_owned(), json!("DataAddress"));
        address.extend(members);
        address
    });
    Members::new("Asset", Some(&asset.id))
        .with("createdAt", asset.created_at.millis())
        .with("properties", properties)
        .some("privateProperties", some(&asset.private_properties))
        .some("dataAddress", address)
        .into()
}
