//! The source of truth: SQLite, behind the engine's `Store` port.

mod cache;
mod error;
mod outbox;
mod query;
mod read;
mod sqlite;
pub mod suite;
mod write;
mod writer;

#[cfg(test)]
mod tests;

pub use sqlite::SqliteStore;
