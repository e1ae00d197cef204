//! The RDF graph, in oxigraph. The only file that names its store.

use crate::graph;
use crate::model::Catalogue;
use crate::query::{self, Answer, Limits, QueryError, Scope};
use oxigraph::sparql::PreparedSparqlQuery;
use oxigraph::store::Store;
use oxrdf::NamedNode;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard};

/// The graph failed.
#[derive(Debug, thiserror::Error)]
#[error("RDF graph: {0}")]
pub struct GraphError(String);

fn failed(error: impl std::fmt::Display) -> GraphError {
    GraphError(error.to_string())
}

/// The projection of catalogues: a named graph for each participant, dataset and offer.
pub struct Graph {
    store: Store,
    /// Graphs by catalogue id, so that a catalogue can be replaced as a whole.
    owned: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// Evaluations that run now.
    running: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").finish_non_exhaustive()
    }
}

impl Graph {
    /// An empty graph in memory.
    ///
    /// # Errors
    /// When the store cannot be made.
    pub fn new() -> Result<Self, GraphError> {
        Ok(Self { store: Store::new().map_err(failed)?, owned: Mutex::default(), running: Arc::default() })
    }

    fn owned(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<String>>> {
        match self.owned.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// Replaces everything of one catalogue in one transaction.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn put_peer(&self, catalogue: &Catalogue) -> Result<(), GraphError> {
        let quads = graph::all(catalogue);
        let mut names = BTreeSet::new();
        for quad in &quads {
            if let oxrdf::GraphName::NamedNode(name) = &quad.graph_name {
                names.insert(name.as_str().to_owned());
            }
        }
        let mut owned = self.owned();
        let mut transaction = self.store.start_transaction().map_err(failed)?;
        for old in owned.get(&catalogue.id).into_iter().flatten() {
            let name = NamedNode::new(old).map_err(failed)?;
            transaction.remove_named_graph(&name).map_err(failed)?;
        }
        for quad in &quads {
            transaction.insert(quad);
        }
        transaction.commit().map_err(failed)?;
        owned.insert(catalogue.id.clone(), names);
        Ok(())
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When the store fails.
    pub fn clear(&self) -> Result<(), GraphError> {
        let mut owned = self.owned();
        self.store.clear().map_err(failed)?;
        owned.clear();
        Ok(())
    }

    /// Number of quads.
    ///
    /// # Errors
    /// When the store fails.
    pub fn len(&self) -> Result<usize, GraphError> {
        self.store.len().map_err(failed)
    }

    /// Is there nothing in it?
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_empty(&self) -> Result<bool, GraphError> {
        self.store.is_empty().map_err(failed)
    }

    /// The graphs of one catalogue.
    #[must_use]
    pub fn graphs(&self, catalogue: &str) -> Vec<String> {
        self.owned().get(catalogue).into_iter().flatten().cloned().collect()
    }

    /// Answers a SPARQL 1.1 query over `scope`.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn query(
        &self,
        text: &str,
        scope: &Scope,
        limits: &Limits,
        accept: Option<&str>,
    ) -> Result<Answer, QueryError> {
        let graphs = match scope {
            Scope::All => self.owned().values().flatten().cloned().collect(),
            Scope::Graphs(graphs) => graphs.clone(),
        };
        let store = self.store.clone();
        let evaluate = move |query: PreparedSparqlQuery| query.on_store(&store).execute();
        query::run(evaluate, text, &graphs, limits, accept, &self.running)
    }
}
