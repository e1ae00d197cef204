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

pub(crate) use judge::Answer;
pub use record::{Consent, Duty, Paid, PolicyEvent, UsageRecord, Use};
pub(crate) use terms::TermsCache;
