//! Structured logs, metrics and trace context.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::sync::Mutex;

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One line of text for each event.
    Text,
    /// One JSON object for each event.
    Json,
}

/// Starts logging to stderr. Later calls change nothing.
pub fn init_logs(filter: &str, format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second initialisation, as in tests, is harmless.
    drop(match format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    });
}

/// A trace parent (W3C Trace Context) with a new span id, in the given trace when it is valid.
#[must_use]
pub fn child(parent: Option<&str>) -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let span = random.get(..16).unwrap_or("0000000000000001");
    if let Some((trace, flags)) = parent.and_then(split) {
        return format!("00-{trace}-{span}-{flags}");
    }
    let trace = uuid::Uuid::new_v4().simple();
    format!("00-{trace}-{span}-01")
}

/// The trace id of a trace parent.
#[must_use]
pub fn trace_id(parent: &str) -> Option<&str> {
    split(parent).map(|(trace, _)| trace)
}

fn split(parent: &str) -> Option<(&str, &str)> {
    let hex = |text: &str, length: usize| {
        text.len() == length
            && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            && (length == 2 || text.bytes().any(|b| b != b'0'))
    };
    let mut parts = parent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (version == "00" && hex(trace, 32) && hex(span, 16) && hex(flags, 2) && parts.next().is_none())
        .then_some((trace, flags))
}

/// The metrics of one participant.
#[derive(Debug)]
pub struct Telemetry {
    registry: Mutex<Registry>,
    events: Family<Vec<(String, String)>, Counter>,
    requests: Family<Vec<(String, String)>, Counter>,
    duration: Histogram,
    tokens_refused: Counter,
    bytes_served: Gauge,
    streams_open: Gauge,
    streams_cut: Gauge,
}

impl Default for Telemetry {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("entente");
        let events = Family::default();
        let requests = Family::default();
        let duration = Histogram::new(exponential_buckets(0.000_5, 2.0, 14));
        let (tokens_refused, bytes_served) = (Counter::default(), Gauge::default());
        let (streams_open, streams_cut) = (Gauge::default(), Gauge::default());
        registry.register("events", "Events of the engine by kind", events.clone());
        registry.register("http_requests", "Requests by listener and status", requests.clone());
        registry.register("http_request_duration_seconds", "Time to the response's head", duration.clone());
        registry.register("tokens_refused", "Peers' tokens that were not valid", tokens_refused.clone());
        registry.register("data_bytes_served", "Payload bytes sent by the data plane", bytes_served.clone());
        registry.register("data_streams_open", "Running payload streams", streams_open.clone());
        registry.register("data_streams_cut", "Payload streams cut by revocation", streams_cut.clone());
        Self {
            registry: Mutex::new(registry),
            events,
            requests,
            duration,
            tokens_refused,
            bytes_served,
            streams_open,
            streams_cut,
        }
    }
}

impl Telemetry {
    /// An event happened.
    pub fn event(&self, kind: &str) {
        self.events.get_or_create(&vec![("kind".to_owned(), kind.to_owned())]).inc();
    }

    /// A request was answered.
    pub fn request(&self, listener: &str, status: u16, seconds: f64) {
        let labels =
            vec![("listener".to_owned(), listener.to_owned()), ("status".to_owned(), status.to_string())];
        self.requests.get_or_create(&labels).inc();
        self.duration.observe(seconds);
    }

    /// A peer's token was refused.
    pub fn refused_token(&self) {
        self.tokens_refused.inc();
    }

    /// Figures of the data plane, as they are now.
    pub fn plane(&self, bytes: u64, open: u64, cut: u64) {
        self.bytes_served.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.streams_open.set(i64::try_from(open).unwrap_or(i64::MAX));
        self.streams_cut.set(i64::try_from(cut).unwrap_or(i64::MAX));
    }

    /// The OpenMetrics text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        let registry = match self.registry.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        };
        if encode(&mut text, &registry).is_err() {
            text.clear();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_continue_or_begin() {
        let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let next = child(Some(given));
        assert_eq!(trace_id(&next), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert_ne!(next, given);
        for bad in ["", "00-0-0-0", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"] {
            assert!(trace_id(&child(Some(bad))).is_some(), "{bad} begins a new trace");
            assert_eq!(trace_id(bad), None);
        }
    }

    #[test]
    fn metrics_are_rendered() {
        let telemetry = Telemetry::default();
        telemetry.event("contract.negotiation.finalized");
        telemetry.request("protocol", 201, 0.002);
        telemetry.plane(5, 1, 0);
        let text = telemetry.render();
        assert!(text.contains("entente_events_total{kind=\"contract.negotiation.finalized\"} 1"), "{text}");
        assert!(text.contains("entente_data_bytes_served 5"));
    }
}
