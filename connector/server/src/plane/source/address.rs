//! Data addresses as publishers write them.

use crate::plane::SourceError;
use ontology::edc;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Where to look.
pub(super) enum Kind {
    /// A local file.
    File(PathBuf),
    /// An upstream.
    Http(Box<Target>),
}

/// An upstream and how to ask it.
pub(super) struct Target {
    pub(super) url: reqwest::Url,
    pub(super) headers: HeaderMap,
    /// Header for the credential, and where that comes from.
    pub(super) credential: Option<(HeaderName, Credential)>,
}

/// An upstream's credential.
pub(super) enum Credential {
    /// The value itself.
    Value(String),
    /// Alias of a secret.
    Secret(String),
}

/// A member under its short name, or under the name that EDC gives it.
fn text<'a>(address: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let direct = address.get(name);
    let value = direct
        .or_else(|| address.get(&format!("{}{name}", edc::NS)))
        .or_else(|| address.get(&format!("edc:{name}")))?;
    value.as_str().filter(|text| !text.is_empty())
}

/// Whether this plane can serve such an address.
pub(in crate::plane) fn is_known(address: &Map<String, Value>) -> bool {
    matches!(text(address, "type"), Some("File" | "HttpData"))
}

/// Reads a data address.
pub(super) fn read(address: &Map<String, Value>) -> Result<Kind, SourceError> {
    let need =
        |name: &str| text(address, name).ok_or_else(|| SourceError::Address(format!("{name} is missing")));
    match need("type")? {
        "File" => Ok(Kind::File(PathBuf::from(need("path")?))),
        "HttpData" => {
            let method = text(address, "method").unwrap_or("GET");
            if !method.eq_ignore_ascii_case("GET") {
                return Err(SourceError::Address(format!("method {method} is not supported")));
            }
            Ok(Kind::Http(Box::new(Target {
                url: url(need("baseUrl")?, text(address, "path"), text(address, "queryParams"))?,
                headers: headers(address)?,
                credential: credential(address)?,
            })))
        }
        other => Err(SourceError::Address(format!("type {other} is not supported"))),
    }
}

fn url(base: &str, path: Option<&str>, query: Option<&str>) -> Result<reqwest::Url, SourceError> {
    let mut url = reqwest::Url::parse(base)
        .map_err(|error| SourceError::Address(format!("baseUrl is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(SourceError::Address("baseUrl must begin with http or https".to_owned()));
    }
    if let Some(path) = path {
        let joined = format!("{}/{}", url.path().trim_end_matches('/'), path.trim_start_matches('/'));
        url.set_path(&joined);
    }
    if let Some(query) = query {
        let query = query.trim_start_matches('?');
        let joined = url.query().map_or_else(|| query.to_owned(), |first| format!("{first}&{query}"));
        url.set_query(Some(&joined));
    }
    Ok(url)
}

fn headers(address: &Map<String, Value>) -> Result<HeaderMap, SourceError> {
    let mut headers = HeaderMap::new();
    for (key, value) in address {
        let key = key.strip_prefix(edc::NS).or_else(|| key.strip_prefix("edc:")).unwrap_or(key);
        let (Some(name), Some(value)) = (key.strip_prefix("header:"), value.as_str()) else { continue };
        let value = HeaderValue::from_str(value)
            .map_err(|_| SourceError::Address(format!("header {name} has a value that HTTP forbids")))?;
        headers.insert(header_name(name)?, value);
    }
    Ok(headers)
}

fn header_name(name: &str) -> Result<HeaderName, SourceError> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| SourceError::Address(format!("{name} is no header name")))
}

fn credential(address: &Map<String, Value>) -> Result<Option<(HeaderName, Credential)>, SourceError> {
    let value = match (text(address, "secretName"), text(address, "authCode")) {
        (Some(alias), _) => Credential::Secret(alias.to_owned()),
        (None, Some(value)) => Credential::Value(value.to_owned()),
        (None, None) => return Ok(None),
    };
    Ok(Some((header_name(text(address, "authKey").unwrap_or("Authorization"))?, value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(value: Value) -> Result<Kind, SourceError> {
        read(value.as_object().expect("an object"))
    }

    fn target(value: Value) -> Target {
        match parse(value) {
            Ok(Kind::Http(target)) => *target,
            Ok(Kind::File(_)) => panic!("a file"),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn parts_of_the_url_are_joined() {
        let joined = target(json!({
            "type": "HttpData", "baseUrl": "http://host/a/?k=1", "path": "/b c", "queryParams": "?x=2&y=3"
        }));
        assert_eq!(joined.url.as_str(), "http://host/a/b%20c?k=1&x=2&y=3");
        let plain = target(json!({"type": "HttpData", (edc::BASE_URL): "https://host"}));
        assert_eq!(plain.url.as_str(), "https://host/");
    }

    #[test]
    fn headers_and_credentials_are_read() {
        let given = target(json!({
            "type": "HttpData", "baseUrl": "http://h", "header:X-Tenant": "t", "authKey": "X-Key",
            "authCode": "code", "secretName": "alias"
        }));
        assert_eq!(given.headers["x-tenant"], "t");
        let Some((name, Credential::Secret(alias))) = given.credential else { panic!("the secret wins") };
        assert_eq!((name.as_str(), alias.as_str()), ("x-key", "alias"));
    }

    #[test]
    fn faults_are_named() {
        for (address, word) in [
            (json!({}), "type is missing"),
            (json!({"type": "AmazonS3"}), "AmazonS3"),
            (json!({"type": "File"}), "path is missing"),
            (json!({"type": "HttpData"}), "baseUrl is missing"),
            (json!({"type": "HttpData", "baseUrl": "file:///etc"}), "http or https"),
            (json!({"type": "HttpData", "baseUrl": "http://h", "method": "POST"}), "POST"),
            (json!({"type": "HttpData", "baseUrl": "http://h", "header:a b": "c"}), "no header name"),
        ] {
            let error = parse(address).err().expect("a fault").to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
