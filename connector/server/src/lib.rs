//! Entente: adapters around the engine, and the composition root.
//!
//! This is the only crate that names actix-web, reqwest, josekit and a database driver.

pub mod app;
pub mod cli;
pub mod config;
pub mod identity;
pub mod lab;
pub mod notify;
pub mod plane;
pub mod store;
pub mod system;
pub mod telemetry;
pub mod web;
