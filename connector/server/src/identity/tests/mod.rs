//! Tests of the parts together, against a small HTTP server on this machine.

mod credentials;
mod did_web;
mod over_tls;
mod peers;
mod presented;
pub(in crate::identity) mod support;
mod token;
mod trust;
