//! The official Dataspace Protocol kit against a real `entente` process, and the same scenarios without a JDK.
//!
//! - [`scenario`]: the scenarios as data, for both.
//! - [`settings`]: the kit's own settings file, which is all that a judge needs to know of a connector.
//! - [`driver`]: makes `entente` play its part, through its event stream and its management API.
//! - [`peer`] and [`twin`]: our own other side, and a run of the scenarios with it.
//! - [`kit`] and [`gate`]: a run of the official kit, and what a run must show.
//! - [`bed`]: all of it around one process.

pub mod bed;
pub mod driver;
pub mod gate;
pub mod kit;
pub mod peer;
pub mod scenario;
pub mod seed;
pub mod settings;
pub mod twin;

/// Current time in RFC 3339, from the product's clock.
fn now() -> String {
    use engine::port::Clock as _;
    connector::system::SystemClock.now().to_rfc3339()
}

/// Prefixes of the names of the tests that `ENTENTE_TCK_ONLY` asks for, e.g. `CN:01,TP_C`; none means all.
#[must_use]
pub fn only() -> Vec<String> {
    let asked = std::env::var("ENTENTE_TCK_ONLY").unwrap_or_default();
    asked.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
