//! What a credential says about where its status is: `credentialStatus` (Bitstring Status List 1.0, section 2.1, and
//! the older StatusList2021).

use serde_json::Value;

/// Most entries of one credential.
const MOST_ENTRIES: usize = 8;
/// Widest entry in bits.
const WIDEST: usize = 64;

/// What a set bit means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity) enum Purpose {
    /// Withdrawn for good.
    Revocation,
    /// Withdrawn for now.
    Suspension,
}

impl Purpose {
    /// Its name in the specification.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }
}

/// One place in one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::identity) struct Entry {
    /// URL of the credential that holds the list.
    pub(in crate::identity) list: String,
    /// Which entry of the list, from 0.
    pub(in crate::identity) index: usize,
    /// Bits of one entry.
    pub(in crate::identity) size: usize,
    /// What it is about.
    pub(in crate::identity) purpose: Purpose,
}

/// The entries that decide whether `credential` counts; none when it has no status. Entries for messages and for
/// renewal say nothing about that.
///
/// # Errors
/// An entry that cannot be read or whose purpose is not known, as its status cannot be known then.
pub(in crate::identity) fn entries(credential: &Value) -> Result<Vec<Entry>, String> {
    let listed = match credential.get("credentialStatus") {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    if listed.len() > MOST_ENTRIES {
        return Err(format!("credentialStatus: has more than {MOST_ENTRIES} entries"));
    }
    let read =
        listed.iter().map(|value| entry(value).map_err(|reason| format!("credentialStatus: {reason}")));
    Ok(read.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn entry(value: &Value) -> Result<Option<Entry>, String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    match text("type").ok_or("has no type")? {
        "BitstringStatusListEntry" | "StatusList2021Entry" => {}
        other => return Err(format!("{other} is not a kind of status list that is read here")),
    }
    let purpose = match text("statusPurpose").ok_or("has no statusPurpose")? {
        "revocation" => Purpose::Revocation,
        "suspension" => Purpose::Suspension,
        "message" | "refresh" => return Ok(None),
        other => return Err(format!("the purpose {other} is not known")),
    };
    // The specification wants text; some issuers write a number.
    let index = match value.get("statusListIndex") {
        Some(Value::String(text)) => number(text),
        Some(Value::Number(number)) => number.as_u64().and_then(|n| usize::try_from(n).ok()),
        _ => None,
    };
    let index = index.ok_or("statusListIndex is not a whole number")?;
    let size = match value.get("statusSize") {
        None => 1,
        Some(size) => size.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
    };
    if !(1..=WIDEST).contains(&size) {
        return Err(format!("statusSize is not between 1 and {WIDEST}"));
    }
    let list = text("statusListCredential").ok_or("has no statusListCredential")?.to_owned();
    Ok(Some(Entry { list, index, size, purpose }))
}

/// Digits only: no sign, no space.
fn number(text: &str) -> Option<usize> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_generations_are_read_and_bad_entries_are_named() {
        let good = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": "94567", "statusListCredential": "https://i.example/status/3"});
        let read = |value: &Value| entries(&json!({"credentialStatus": value}));
        let expected = Entry {
            list: "https://i.example/status/3".to_owned(),
            index: 94567,
            size: 1,
            purpose: Purpose::Revocation,
        };
        assert_eq!(read(&good), Ok(vec![expected.clone()]));
        assert_eq!(entries(&json!({})), Ok(Vec::new()));
        let with = |name: &str, value: Value| {
            let mut changed = good.clone();
            changed[name] = value;
            changed
        };
        let older = with("type", json!("StatusList2021Entry"));
        assert_eq!(read(&json!([older, with("statusPurpose", json!("message"))])), Ok(vec![expected]));
        for (name, value, reason) in [
            ("type", json!("RevocationList2020Status"), "is not a kind of status list"),
            ("type", Value::Null, "has no type"),
            ("statusPurpose", json!("vibes"), "the purpose vibes is not known"),
            ("statusListIndex", json!("+1"), "is not a whole number"),
            ("statusListIndex", json!(-1), "is not a whole number"),
            ("statusListIndex", json!("99999999999999999999999"), "is not a whole number"),
            ("statusListIndex", json!(""), "is not a whole number"),
            ("statusSize", json!(0), "statusSize"),
            ("statusSize", json!("1"), "statusSize"),
            ("statusListCredential", Value::Null, "has no statusListCredential"),
        ] {
            let error = read(&with(name, value.clone())).unwrap_err();
            assert!(error.contains(reason), "{name} {value}: {error}");
        }
        assert!(read(&json!(vec![good; 9])).unwrap_err().contains("more than 8"));
        assert!(read(&json!("text")).is_err());
    }
}
