//! Synthetic sample data, labelled as such, under policies that differ.

use crate::cli::CliError;
use crate::cli::Publication;
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::path::Path;

/// Size of the long sample, on which a transfer can be cut while it runs.
pub(super) const LONG_BYTES: usize = 64 * 1024 * 1024;

const NOTE: &str = "Synthetic sample made by the Entente lab; it describes nothing real.";

/// What a participant publishes in the lab.
pub(super) fn of(slug: &str, folder: &Path) -> Result<Vec<Publication>, CliError> {
    std::fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
    match slug {
        "port" => Ok(vec![
            sample(
                folder,
                "ship-calls",
                "Ship calls (synthetic)",
                "csv",
                &["port", "mobility"],
                &calls(),
                None,
            )?,
            sample(
                folder,
                "berth-plan",
                "Berth plan, next 30 days (synthetic)",
                "csv",
                &["port", "planning"],
                &berths(),
                Some(constrained("spatial", "eq", &json!("https://www.iso.org/obp/ui/#iso:code:3166:BE"))),
            )?,
            long(folder)?,
        ]),
        "meteo" => Ok(vec![
            sample(
                folder,
                "coastal-weather",
                "Coastal weather observations (synthetic)",
                "csv",
                &["weather", "sea"],
                &weather(),
                Some(constrained("purpose", "isAnyOf", &json!(["research", "publicService"]))),
            )?,
            sample(
                folder,
                "storm-alerts",
                "Storm alerts (synthetic)",
                "json",
                &["weather", "alert"],
                &alerts(),
                Some(constrained("spatial", "isPartOf", &json!("EU"))),
            )?,
        ]),
        "ferme" => Ok(vec![sample(
            folder,
            "soil-moisture",
            "Soil moisture by parcel (synthetic)",
            "csv",
            &["agriculture"],
            &soil(),
            Some(constrained("count", "lteq", &json!("5"))),
        )?]),
        other => Ok(vec![sample(
            folder,
            &format!("{other}-indicators"),
            "Monthly indicators (synthetic)",
            "csv",
            &["indicator"],
            &soil(),
            None,
        )?]),
    }
}

/// Permits use under one constraint.
pub(super) fn constrained(left: &str, operator: &str, right: &Value) -> Value {
    json!({
        "@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set",
        "permission": [{"action": "use", "constraint": [
            {"leftOperand": left, "operator": operator, "rightOperand": right},
        ]}],
    })
}

fn failed(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Other(format!("{}: {error}", path.display()))
}

fn sample(
    folder: &Path,
    id: &str,
    title: &str,
    extension: &str,
    keywords: &[&str],
    text: &str,
    policy: Option<Value>,
) -> Result<Publication, CliError> {
    let path = folder.join(format!("{id}.{extension}"));
    std::fs::write(&path, text).map_err(|e| failed(&path, &e))?;
    Ok(publication(id, title, &path, keywords, policy))
}

fn publication(id: &str, title: &str, path: &Path, keywords: &[&str], policy: Option<Value>) -> Publication {
    let mut properties = Map::new();
    properties.insert("name".to_owned(), json!(title));
    properties.insert("description".to_owned(), json!(NOTE));
    properties.insert("keyword".to_owned(), json!(keywords));
    properties.insert("license".to_owned(), json!("https://creativecommons.org/publicdomain/zero/1.0/"));
    let media = crate::cli::media_type(&path.to_string_lossy());
    properties.insert("contenttype".to_owned(), json!(media));
    Publication {
        id: id.to_owned(),
        source: path.to_string_lossy().into_owned(),
        properties,
        policy,
        access: None,
    }
}

fn long(folder: &Path) -> Result<Publication, CliError> {
    let path = folder.join("vessel-tracks.csv");
    let fits = std::fs::metadata(&path).is_ok_and(|m| m.len() == LONG_BYTES as u64);
    if !fits {
        let file = std::fs::File::create(&path).map_err(|e| failed(&path, &e))?;
        let mut out = std::io::BufWriter::with_capacity(1 << 20, file);
        let line = "2026-01-01T00:00:00Z,SYNTHETIC,47.2806,-2.1997,12.4,271\n";
        let block = line.repeat(4096);
        let mut left = LONG_BYTES;
        while left > 0 {
            let part = block.as_bytes().get(..left.min(block.len())).unwrap_or(block.as_bytes());
            out.write_all(part).map_err(|e| failed(&path, &e))?;
            left -= part.len();
        }
        out.flush().map_err(|e| failed(&path, &e))?;
    }
    Ok(publication("vessel-tracks", "Vessel tracks, long (synthetic)", &path, &["port", "mobility"], None))
}

fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).fold(format!("{header}\n"), |mut out, n| {
        out.push_str(&row(n));
        out.push('\n');
        out
    })
}

fn calls() -> String {
    rows("call,ship,arrival,departure,draught_m", 500, |n| {
        let day = n % 28 + 1;
        format!(
            "C{n:04},SYNTHETIC-{:03},2026-01-{day:02}T06:00:00Z,2026-01-{day:02}T18:00:00Z,{}.{}",
            n % 97,
            n % 9 + 4,
            n % 10
        )
    })
}

fn berths() -> String {
    rows("berth,day,booked", 300, |n| format!("B{:02},2026-02-{:02},{}", n % 12, n % 28 + 1, n % 3 == 0))
}

fn weather() -> String {
    rows("station,time,wind_ms,temperature_c", 1000, |n| {
        format!("S{:02},2026-01-{:02}T{:02}:00:00Z,{},{}", n % 7, n % 28 + 1, n % 24, n % 23, n % 15)
    })
}

fn alerts() -> String {
    let alerts: Vec<Value> =
        (0..40).map(|n| json!({"id": format!("A{n}"), "level": n % 4, "synthetic": true})).collect();
    Value::Array(alerts).to_string()
}

fn soil() -> String {
    rows("parcel,date,moisture_percent", 400, |n| {
        format!("P{:03},2026-01-{:02},{}", n % 60, n % 28 + 1, n % 55 + 20)
    })
}
