//! The clock and the source of randomness: the only places that read either.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::port::{Clock, Ids};
use ontology::time::Timestamp;
use std::time::UNIX_EPOCH;

/// Wall-clock time of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock port")]
    fn now(&self) -> Timestamp {
        let elapsed = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Random identifiers from the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    /// Version 7: what is new lies together in the indexes of the store. Nothing rests on these being secret.
    fn urn(&self) -> String {
        uuid::Uuid::now_v7().urn().to_string()
    }

    fn token(&self) -> String {
        let (a, b) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let mut bytes = [0_u8; 48];
        // Two UUIDs carry 244 random bits; a third keeps the token above 256.
        let c = uuid::Uuid::new_v4();
        for (slot, byte) in bytes.iter_mut().zip(a.as_bytes().iter().chain(b.as_bytes()).chain(c.as_bytes()))
        {
            *slot = *byte;
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }
}
