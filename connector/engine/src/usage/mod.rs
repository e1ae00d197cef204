//! Usage control: what is kept of the uses under an agreement, and what follows from it.
//!
//! One record for each agreement holds counters, the duty ledger, payments and consents. It is written in the same
//! transaction as the use that it meters, guarded by its version, so that any number of uses at once never exceed what
//! was agreed.

mod count;
mod judge;
mod ledger;
mod record;
mod report;
mod terms;

use policies::relate::Capabilities;

/// What this connector can do and knows, for what is said before signing: events, payments and consents are reported
/// to it, and it looks into credentials. It changes no data on the way and knows no collections.
pub const CAN: Capabilities = Capabilities {
    events: true,
    payments: true,
    consents: true,
    credentials: true,
    transforms: false,
    network: false,
    metadata: false,
    collections: false,
    onward: false,
    attestation: false,
};

pub(crate) use count::Turn;
pub(crate) use judge::Answer;
pub use record::{Consent, Duty, Paid, PolicyEvent, UsageRecord, Use};
pub(crate) use terms::TermsCache;
