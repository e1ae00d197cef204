//! A status list, decoded: one or more bits for each credential of an issuer (Bitstring Status List 1.0, sections
//! 2.2 and 3.3).

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read as _;

/// Shortest list: 16 KiB, so that one entry does not tell who is meant.
const LEAST_BYTES: usize = 16 * 1024;
/// Longest list, 16 million entries; what unpacks to more is not a list but an attack.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The bits of a list and what they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::identity) struct StatusList {
    bits: Vec<u8>,
    purposes: Vec<String>,
    /// How long it may be kept, in milliseconds, when the issuer says so.
    pub(super) ttl_ms: Option<i64>,
}

impl StatusList {
    /// The list in a verified credential.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(in crate::identity) fn of(credential: &Value) -> Result<Self, String> {
        let subject = credential.get("credentialSubject").ok_or("it has no subject")?;
        let text = |name: &str| subject.get(name).and_then(Value::as_str);
        let encoded = text("encodedList").ok_or("it has no encodedList")?;
        let bits = match text("type") {
            Some("BitstringStatusList") => {
                unpack(encoded.strip_prefix('u').ok_or("encodedList is not base64url in the multibase form")?)
            }
            Some("StatusList2021") => unpack(encoded),
            _ => return Err("its subject is not a status list".to_owned()),
        }?;
        let purposes = match subject.get("statusPurpose") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => all.iter().filter_map(|p| p.as_str().map(str::to_owned)).collect(),
            _ => return Err("it has no statusPurpose".to_owned()),
        };
        Ok(Self { bits, purposes, ttl_ms: subject.get("ttl").and_then(Value::as_i64) })
    }

    /// Is it about this purpose?
    pub(in crate::identity) fn is_about(&self, purpose: &str) -> bool {
        self.purposes.iter().any(|p| p == purpose)
    }

    /// Is any bit of entry `index` set, where each entry has `size` bits? `None` beyond the end.
    pub(in crate::identity) fn is_set(&self, index: usize, size: usize) -> Option<bool> {
        let first = index.checked_mul(size)?;
        let end = first.checked_add(size)?;
        let mut any = false;
        for place in first..end {
            // The leftmost bit of a byte comes first.
            let byte = self.bits.get(place / 8)?;
            any |= byte & (0x80 >> (place % 8)) != 0;
        }
        Some(any)
    }
}

/// Undoes base64url and gzip, never beyond [`MOST_BYTES`].
fn unpack(text: &str) -> Result<Vec<u8>, String> {
    let packed = URL_SAFE_NO_PAD
        .decode(text)
        .or_else(|_| URL_SAFE.decode(text))
        .map_err(|_| "encodedList is not base64url".to_owned())?;
    let mut bits = Vec::new();
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    GzDecoder::new(packed.as_slice())
        .take(limit)
        .read_to_end(&mut bits)
        .map_err(|e| format!("encodedList cannot be unpacked: {e}"))?;
    match bits.len() {
        0..LEAST_BYTES => Err(format!("the list has fewer than {} entries", LEAST_BYTES * 8)),
        LEAST_BYTES..=MOST_BYTES => Ok(bits),
        _ => Err(format!("the list unpacks to more than {MOST_BYTES} bytes")),
    }
}

/// As an issuer encodes a list.
#[cfg(test)]
pub(in crate::identity) fn pack(bits: &[u8]) -> String {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bits).unwrap();
    format!("u{}", URL_SAFE_NO_PAD.encode(encoder.finish().unwrap()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn credential(encoded: &str) -> Value {
        json!({"credentialSubject":
            {"type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": encoded}})
    }

    #[test]
    fn the_first_entry_is_the_leftmost_bit() {
        let mut bits = vec![0; LEAST_BYTES];
        bits[0] = 0b1000_0001;
        bits[1] = 0b0010_0000;
        let list = StatusList::of(&credential(&pack(&bits))).unwrap();
        let set: Vec<usize> = (0..LEAST_BYTES * 8).filter(|n| list.is_set(*n, 1) == Some(true)).collect();
        assert_eq!(set, [0, 7, 10]);
        assert_eq!(list.is_set(LEAST_BYTES * 8, 1), None);
        assert_eq!(list.is_set(usize::MAX, 1), None);
        // Two bits for each: entries 0, 3 and 5.
        let wide: Vec<usize> = (0..8).filter(|n| list.is_set(*n, 2) == Some(true)).collect();
        assert_eq!(wide, [0, 3, 5]);
        assert!(list.is_about("revocation") && !list.is_about("suspension"));
        // The older form is without the multibase letter.
        let older = json!({"credentialSubject": {"type": "StatusList2021", "statusPurpose": ["suspension"],
            "encodedList": &pack(&bits)[1..], "ttl": 5}});
        let list = StatusList::of(&older).unwrap();
        assert_eq!((list.is_set(7, 1), list.ttl_ms), (Some(true), Some(5)));
    }

    #[test]
    fn bombs_and_short_lists_are_refused() {
        let refused = |encoded: &str| StatusList::of(&credential(encoded)).unwrap_err();
        let bomb = pack(&vec![0; 64 * 1024 * 1024]);
        assert!(bomb.len() < 128 * 1024, "it fits into what is fetched");
        assert!(refused(&bomb).contains("unpacks to more than"));
        assert!(StatusList::of(&credential(&pack(&vec![0; MOST_BYTES]))).is_ok());
        assert!(refused(&pack(&vec![0; MOST_BYTES + 1])).contains("unpacks to more than"));
        assert!(refused(&pack(&vec![0; LEAST_BYTES - 1])).contains("fewer than 131072 entries"));
        assert!(refused("H4sI").contains("multibase"));
        assert!(refused("uH4sI").contains("cannot be unpacked"));
        assert!(refused("u!").contains("not base64url"));
        let whole = pack(&vec![7; LEAST_BYTES]);
        assert!(refused(&whole[..whole.len() - 8]).contains("cannot be unpacked"), "cut off");
        assert!(StatusList::of(&json!({})).is_err());
        assert!(StatusList::of(&json!({"credentialSubject": {"type": "X", "encodedList": ""}})).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_packed_is_read_back(places in proptest::collection::btree_set(0..LEAST_BYTES * 8, 0..200)) {
            let mut bits = vec![0_u8; LEAST_BYTES];
            for place in &places {
                bits[place / 8] |= 0x80 >> (place % 8);
            }
            let list = StatusList::of(&credential(&pack(&bits))).unwrap();
            for place in 0..LEAST_BYTES * 8 {
                prop_assert_eq!(list.is_set(place, 1), Some(places.contains(&place)));
            }
        }

        #[test]
        fn any_text_is_a_list_or_an_error(text in "u?[A-Za-z0-9_=!-]{0,400}", index: usize, size in 0_usize..70) {
            if let Ok(list) = StatusList::of(&credential(&text)) {
                let _known = list.is_set(index, size);
            }
        }

        #[test]
        fn damaged_lists_do_no_harm(at in 0_usize..60, byte: u8, index in 0_usize..200_000) {
            let packed = pack(&vec![0x55; LEAST_BYTES]);
            let mut bytes = URL_SAFE_NO_PAD.decode(&packed[1..]).unwrap();
            if let Some(found) = bytes.get_mut(at) {
                *found = byte;
            }
            if let Ok(list) = StatusList::of(&credential(&format!("u{}", URL_SAFE_NO_PAD.encode(bytes)))) {
                prop_assert!(list.bits.len() <= MOST_BYTES && list.bits.len() >= LEAST_BYTES);
                let _known = list.is_set(index, 1);
            }
        }
    }
}
