//! `--data`: a folder or a Frictionless `datapackage.json` as datasets.

use crate::cli::{CliError, Publication, media_type};
use serde_json::{Map, Value, json};
use std::path::{Component, Path, PathBuf};

/// The datasets of `path`.
///
/// # Errors
/// When the path or the package cannot be read, or a resource is not there.
pub(super) fn load(path: &Path) -> Result<Vec<Publication>, CliError> {
    let usage = |e: std::io::Error| CliError::Usage(format!("{}: {e}", path.display()));
    let path = std::fs::canonicalize(path).map_err(usage)?;
    if path.is_file() {
        return package(&path);
    }
    let descriptor = path.join("datapackage.json");
    if descriptor.is_file() { package(&descriptor) } else { folder(&path) }
}

fn folder(path: &Path) -> Result<Vec<Publication>, CliError> {
    let mut found = Vec::new();
    let failed = |e: std::io::Error| CliError::Usage(format!("{}: {e}", path.display()));
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if !file.is_file() || name.starts_with('.') {
            continue;
        }
        let stem = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let mut properties = Map::new();
        properties.insert("name".to_owned(), json!(stem));
        properties.insert("contenttype".to_owned(), json!(media_type(&name)));
        found.push(Publication {
            id: slug(&name),
            source: file.to_string_lossy().into_owned(),
            properties,
            policy: None,
            access: None,
        });
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    if found.is_empty() {
        return Err(CliError::Usage(format!("{}: has no files", path.display())));
    }
    Ok(found)
}

/// Data Package, version 1 or 2: `resources[]` with `name`, `path`, `title`, `description`, `licenses`,
/// `sources`, `mediatype`; package-level licences and sources hold for resources without their own.
fn package(descriptor: &Path) -> Result<Vec<Publication>, CliError> {
    let wrong = |reason: String| CliError::Usage(format!("{}: {reason}", descriptor.display()));
    let text = std::fs::read(descriptor).map_err(|e| wrong(e.to_string()))?;
    let package: Value = serde_json::from_slice(&text).map_err(|e| wrong(e.to_string()))?;
    let base = descriptor.parent().unwrap_or_else(|| Path::new("."));
    let resources = package
        .get("resources")
        .and_then(Value::as_array)
        .ok_or_else(|| wrong("`resources` is missing".to_owned()))?;
    let mut found = Vec::new();
    for (n, resource) in resources.iter().enumerate() {
        let text = |key: &str| resource.get(key).and_then(Value::as_str).map(str::to_owned);
        let file = match resource.get("path") {
            Some(Value::String(path)) => path.clone(),
            Some(Value::Array(parts)) if parts.len() == 1 => {
                parts.first().and_then(Value::as_str).unwrap_or_default().to_owned()
            }
            Some(Value::Array(_)) => {
                return Err(wrong(format!("resources/{n}/path: several parts are not one dataset")));
            }
            _ => return Err(wrong(format!("resources/{n}/path: is missing; inline data is not a file"))),
        };
        let source = locate(base, &file).map_err(|reason| wrong(format!("resources/{n}/path: {reason}")))?;
        let name = text("name").unwrap_or_else(|| file.clone());
        let mut properties = Map::new();
        properties.insert("name".to_owned(), json!(text("title").unwrap_or_else(|| name.clone())));
        if let Some(description) = text("description") {
            properties.insert("description".to_owned(), json!(description));
        }
        let media = text("mediatype").unwrap_or_else(|| media_type(&file).to_owned());
        properties.insert("contenttype".to_owned(), json!(media));
        let listed =
            |key: &str| resource.get(key).or_else(|| package.get(key)).and_then(Value::as_array).cloned();
        if let Some(license) = listed("licenses").unwrap_or_default().first() {
            let term = ["path", "name", "title"].iter().find_map(|k| license.get(*k).and_then(Value::as_str));
            if let Some(term) = term {
                properties.insert("license".to_owned(), json!(term));
            }
        }
        let sources: Vec<String> = listed("sources")
            .unwrap_or_default()
            .iter()
            .filter_map(|s| ["path", "title"].iter().find_map(|k| s.get(*k).and_then(Value::as_str)))
            .map(str::to_owned)
            .collect();
        if !sources.is_empty() {
            properties.insert("source".to_owned(), json!(sources));
        }
        if let Some(keywords) = resource.get("keywords").or_else(|| package.get("keywords")) {
            properties.insert("keyword".to_owned(), keywords.clone());
        }
        found.push(Publication { id: slug(&name), source, properties, policy: None, access: None });
    }
    Ok(found)
}

/// A resource path is relative, inside the package, or a URL (Data Package specification, "url-or-path").
fn locate(base: &Path, file: &str) -> Result<String, String> {
    if file.starts_with("http://") || file.starts_with("https://") {
        return Ok(file.to_owned());
    }
    let relative = PathBuf::from(file);
    if !relative.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)) {
        return Err(format!("{file} leads out of the package"));
    }
    let direct = base.join(&relative);
    // The package published on npm keeps its files in `data/`, which its paths leave out.
    let nested = base.join("data").join(&relative);
    let path = if direct.is_file() { direct } else { nested };
    let path = std::fs::canonicalize(&path).map_err(|e| format!("{file}: {e}"))?;
    Ok(path.to_string_lossy().into_owned())
}

fn slug(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c.to_ascii_lowercase() } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_keeps_its_metadata_and_its_borders() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csv"), "x\n1\n").unwrap();
        let write =
            |json: Value| std::fs::write(folder.path().join("datapackage.json"), json.to_string()).unwrap();
        write(json!({
            "licenses": [{"name": "ODbL-1.0"}], "keywords": ["k"],
            "resources": [{"name": "A file", "path": "a.csv", "title": "T", "sources": [{"title": "S", "path": "https://s.example"}]}],
        }));
        let found = load(folder.path()).unwrap();
        let first = found.first().unwrap();
        assert_eq!(first.id, "a-file");
        assert_eq!(first.properties.get("license"), Some(&json!("ODbL-1.0")));
        assert_eq!(first.properties.get("source"), Some(&json!(["https://s.example"])));
        assert_eq!(first.properties.get("contenttype"), Some(&json!("text/csv")));
        write(json!({"resources": [{"name": "x", "path": "../secret"}]}));
        assert!(load(folder.path()).unwrap_err().to_string().contains("leads out"));
        write(json!({"resources": [{"name": "x", "path": "missing.csv"}]}));
        assert!(load(folder.path()).is_err());
    }

    #[test]
    fn a_folder_is_one_dataset_for_each_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.json"), "{}").unwrap();
        std::fs::write(folder.path().join(".hidden"), "").unwrap();
        let found = load(folder.path()).unwrap();
        assert_eq!(found.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["b.json"]);
    }
}
