//! HTTP: extract, call the engine, respond. No handler knows a state name.

pub mod caller;
pub mod dsp;
pub mod manage;
pub mod public;

use crate::identity::{Authenticator, Http};
use crate::plane::HttpPlane;
use crate::telemetry::Telemetry;
use engine::Engine;
use engine::port::Store;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What every handler shares.
pub struct State {
    /// The use cases.
    pub engine: Arc<Engine>,
    /// Checks callers' tokens.
    pub authenticator: Arc<Authenticator>,
    /// Our DID document, served as it is.
    pub did_document: Value,
    /// Our credentials.
    pub issuer: Arc<crate::identity::Issuer>,
    /// Our data plane.
    pub plane: Arc<HttpPlane>,
    /// Logs, metrics and trace context.
    pub telemetry: Arc<Telemetry>,
    /// Calls to other systems, within the rules for addresses.
    pub http: Http,
    /// For readiness.
    pub store: Arc<dyn Store>,
    /// SHA-256 of the management key; `None` only in dev mode without a key.
    pub management_key_sha256: Option<[u8; 32]>,
    /// Bounds on input and output.
    pub limits: Limits,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// Bounds on input and output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub body_bytes: usize,
    /// Longest SPARQL evaluation.
    pub sparql_time: Duration,
    /// Most SPARQL solutions or triples.
    pub sparql_rows: usize,
    /// Largest SPARQL answer, in bytes.
    pub sparql_bytes: usize,
}

impl Limits {
    /// The limits of a SPARQL query.
    #[must_use]
    pub const fn sparql(&self) -> catalog::Limits {
        catalog::Limits { time: self.sparql_time, rows: self.sparql_rows, bytes: self.sparql_bytes }
    }
}
