//! The DCAT catalogue: model, RDF projection with SPARQL, and the Dataspace Protocol's JSON form.

mod graph;
mod guard;
mod model;
mod names;
pub mod parse;
mod query;
pub mod render;
mod store;

#[cfg(test)]
mod tests;

pub use model::{Catalogue, Dataset, Distribution, Offer, Publisher};
pub use names::{dataset_graph, offer_graph};
pub use query::{Answer, Limits, QueryError, Scope};
pub use store::{Graph, GraphError};
