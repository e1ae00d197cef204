//! Publishing: assets, policies, contract definitions, and the catalogue made of them.

pub mod catalogue;
pub mod dataset;
mod definitions;
pub mod offer_id;
pub(crate) mod offerable;
pub mod selector;

use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::Query;
use crate::record::{Asset, ContractDefinition, PolicyDefinition};
use policies::Policy;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is on offer, parsed once. Replaced as a whole after each change.
#[derive(Debug, Default)]
pub struct Published {
    pub(crate) assets: BTreeMap<String, Asset>,
    pub(crate) policies: BTreeMap<String, Policy>,
    pub(crate) definitions: Vec<ContractDefinition>,
}

impl Engine {
    pub(crate) fn published(&self) -> Arc<Published> {
        match self.published.read() {
            Ok(guard) => Arc::clone(&guard),
            Err(poisoned) => Arc::clone(&poisoned.into_inner()),
        }
    }

    /// Reads the source of truth again and rebuilds the RDF projection from it.
    ///
    /// # Errors
    /// A store failure, or a graph failure.
    pub async fn rebuild(&self) -> Result<(), Fault> {
        let everything = Query { limit: i64::MAX.unsigned_abs(), ..Query::default() };
        let mut next = Published::default();
        for asset in self.query::<Asset>(&everything).await? {
            next.assets.insert(asset.id.clone(), asset);
        }
        for definition in self.query::<PolicyDefinition>(&everything).await? {
            next.policies.insert(definition.id.clone(), Policy::parse(&definition.policy)?);
        }
        next.definitions = self.query::<ContractDefinition>(&everything).await?;
        let next = Arc::new(next);
        match self.published.write() {
            Ok(mut guard) => *guard = Arc::clone(&next),
            Err(poisoned) => *poisoned.into_inner() = Arc::clone(&next),
        }
        self.project(&next)
    }
}
