//! Is a message of ours of the same shape as that of EDC?

use anyhow::ensure;
use serde_json::Value;

/// What ours may have more: members that the protocol has and EDC leaves out, and our signature.
const MORE: [&str; 4] = ["assignee", "code", "endpoint", "https://w3id.org/entente/v1/signature"];
/// What EDC may have more: the id of a process that is that of one of the parties anyway, and its own context.
const EDC_ONLY: [&str; 1] = ["@context"];

/// Every member of theirs is in ours with the same kind of value, and ours has no others.
pub(crate) fn same(ours: &Value, theirs: &Value, at: &str) -> anyhow::Result<()> {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in b {
                if EDC_ONLY.contains(&name.as_str()) {
                    continue;
                }
                let Some(own) = a.get(name) else { anyhow::bail!("{at}/{name} is missing: {ours}") };
                same(own, value, &format!("{at}/{name}"))?;
            }
            for name in a.keys() {
                let known = b.contains_key(name) || MORE.contains(&name.as_str());
                ensure!(known, "{at}/{name} is not in EDC's message: {ours}");
            }
        }
        (Value::Array(a), Value::Array(_)) if at.ends_with("/endpointProperties") => {
            let names = |items: &[Value]| -> Vec<String> {
                let short = |n: &str| n.rsplit('/').next().unwrap_or(n).to_owned();
                items.iter().filter_map(|p| p["name"].as_str().map(short)).collect()
            };
            let (own, edc) = (names(a), names(theirs.as_array().map_or(&[], Vec::as_slice)));
            // The endpoint's type is a member of the address already.
            for name in edc.iter().filter(|n| *n != "endpointType") {
                ensure!(own.contains(name), "{at}: no {name} among {own:?}");
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            ensure!(a.len() == b.len(), "{at}: {} items, EDC has {}", a.len(), b.len());
            for (n, (own, value)) in a.iter().zip(b).enumerate() {
                same(own, value, &format!("{at}/{n}"))?;
            }
        }
        (Value::String(a), Value::String(b)) => {
            // Types and states are the same words; ids and texts differ.
            ensure!(!at.ends_with("/@type") || a == b, "{at}: {a} and not {b}");
            ensure!(!at.ends_with("/eventType") || a == b, "{at}: {a} and not {b}");
            ensure!(a.is_empty() == b.is_empty(), "{at}: {a:?} and {b:?}");
        }
        _ => ensure!(
            std::mem::discriminant(ours) == std::mem::discriminant(theirs),
            "{at}: {ours} and EDC has {theirs}"
        ),
    }
    Ok(())
}
