//! The RDF graph, in oxigraph. The only file that names its store.

use crate::graph;
use crate::model::{Catalogue, Dataset};
use crate::names::{dataset_graph, is_catalogue_id, offers_of};
use crate::query::{self, Answer, Limits, QueryError, Scope};
use oxigraph::sparql::PreparedSparqlQuery;
use oxigraph::store::Store;
use oxrdf::{GraphName, NamedNode, Quad};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard};

/// Most scopes whose view is kept.
const VIEWS: usize = 8;

/// The graph failed, or a catalogue cannot be put into it.
#[derive(Debug, thiserror::Error)]
#[error("RDF graph: {0}")]
pub struct GraphError(String);

fn failed(error: impl std::fmt::Display) -> GraphError {
    GraphError(error.to_string())
}

/// The projection of catalogues: a named graph for each participant, dataset and offer.
pub struct Graph {
    store: Store,
    state: Mutex<State>,
    /// Evaluations that run now.
    running: Arc<AtomicUsize>,
}

#[derive(Default)]
struct State {
    /// Graphs by participant, so that all of one can be replaced, and none can write into another's.
    owned: BTreeMap<String, BTreeSet<String>>,
    /// What scopes see, the latest last. Emptied by each change.
    views: Vec<(Scope, Store)>,
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
        Ok(Self { store: Store::new().map_err(failed)?, state: Mutex::default(), running: Arc::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        match self.state.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// Replaces everything of one participant in one transaction, whatever its catalogue was called before.
    ///
    /// # Errors
    /// As [`Graph::put_dataset`].
    pub fn put_peer(&self, catalogue: &Catalogue) -> Result<(), GraphError> {
        self.replace(catalogue, graph::all(catalogue), |_| true)
    }

    /// Replaces the participant's own graph in one transaction.
    ///
    /// # Errors
    /// As [`Graph::put_dataset`].
    pub fn put_participant(&self, catalogue: &Catalogue) -> Result<(), GraphError> {
        self.replace(catalogue, graph::participant(catalogue), |name| name == catalogue.id)
    }

    /// Replaces one dataset and its offers in one transaction.
    ///
    /// # Errors
    /// When the store fails, when the catalogue's id cannot name a graph, or when a graph of that name belongs
    /// to another participant; then nothing has changed.
    pub fn put_dataset(&self, catalogue: &Catalogue, dataset: &Dataset) -> Result<(), GraphError> {
        let quads = graph::dataset_with_offers(catalogue, dataset);
        self.replace(catalogue, quads, of_dataset(&catalogue.id, &dataset.id))
    }

    /// Removes one dataset and its offers in one transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub fn remove_dataset(&self, catalogue_id: &str, dataset: &str) -> Result<(), GraphError> {
        let mut state = self.state();
        let is_its = of_dataset(catalogue_id, dataset);
        let gone: BTreeSet<String> = state.owned.values().flatten().filter(|n| is_its(n)).cloned().collect();
        self.swap(&gone, &[])?;
        state.owned.values_mut().for_each(|names| names.retain(|name| !gone.contains(name)));
        state.views.clear();
        Ok(())
    }

    fn replace(
        &self,
        catalogue: &Catalogue,
        quads: Vec<Quad>,
        replaces: impl Fn(&str) -> bool,
    ) -> Result<(), GraphError> {
        if !is_catalogue_id(&catalogue.id) {
            return Err(GraphError(format!("`{}` cannot name a graph", catalogue.id)));
        }
        let new: BTreeSet<String> = quads
            .iter()
            .filter_map(|quad| match &quad.graph_name {
                GraphName::NamedNode(name) => Some(name.as_str().to_owned()),
                _ => None,
            })
            .collect();
        let mut state = self.state();
        let others = state.owned.iter().filter(|(owner, _)| **owner != catalogue.participant_id);
        if let Some(taken) = others.flat_map(|(_, names)| names.intersection(&new)).next() {
            return Err(GraphError(format!("`{taken}` belongs to another participant")));
        }
        let names = state.owned.get(&catalogue.participant_id).cloned().unwrap_or_default();
        let (old, mut kept): (BTreeSet<_>, BTreeSet<_>) = names.into_iter().partition(|name| replaces(name));
        self.swap(&old, &quads)?;
        kept.extend(new);
        state.owned.insert(catalogue.participant_id.clone(), kept);
        state.views.clear();
        Ok(())
    }

    fn swap(&self, old: &BTreeSet<String>, new: &[Quad]) -> Result<(), GraphError> {
        let mut transaction = self.store.start_transaction().map_err(failed)?;
        for name in old {
            let name = NamedNode::new(name).map_err(failed)?;
            transaction.remove_named_graph(&name).map_err(failed)?;
        }
        for quad in new {
            transaction.insert(quad);
        }
        transaction.commit().map_err(failed)
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When the store fails.
    pub fn clear(&self) -> Result<(), GraphError> {
        let mut state = self.state();
        self.store.clear().map_err(failed)?;
        *state = State::default();
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

    /// The graphs of a catalogue's datasets and offers.
    #[must_use]
    pub fn dataset_graphs(&self, catalogue_id: &str) -> Vec<String> {
        let prefix = format!("{catalogue_id}#");
        self.state().owned.values().flatten().filter(|name| name.starts_with(&prefix)).cloned().collect()
    }

    /// All quads, sorted; to compare projections.
    #[cfg(test)]
    pub(crate) fn quads(&self) -> Vec<String> {
        let mut quads: Vec<String> = self.store.iter().map(|quad| quad.unwrap().to_string()).collect();
        quads.sort();
        quads
    }

    /// What `scope` sees and nothing else: its graphs, and their union as the default graph. Restricting the
    /// whole store in each query instead costs a look-up per graph for every triple pattern and row.
    fn view(&self, scope: &Scope) -> Result<Store, GraphError> {
        let mut state = self.state();
        if let Some(at) = state.views.iter().position(|(of, _)| of == scope) {
            let found = state.views.remove(at);
            let store = found.1.clone();
            state.views.push(found);
            return Ok(store);
        }
        let view = Store::new().map_err(failed)?;
        let mut transaction = view.start_transaction().map_err(failed)?;
        let mut copy = |name: &String| -> Result<(), GraphError> {
            let Ok(name) = NamedNode::new(name) else { return Ok(()) };
            for quad in self.store.quads_for_pattern(None, None, None, Some(name.as_ref().into())) {
                let mut quad = quad.map_err(failed)?;
                transaction.insert(&quad);
                quad.graph_name = GraphName::DefaultGraph;
                transaction.insert(&quad);
            }
            Ok(())
        };
        match scope {
            Scope::All => state.owned.values().flatten().try_for_each(&mut copy)?,
            Scope::Graphs(names) => names.iter().try_for_each(&mut copy)?,
        }
        transaction.commit().map_err(failed)?;
        if state.views.len() >= VIEWS {
            state.views.remove(0);
        }
        state.views.push((scope.clone(), view.clone()));
        Ok(view)
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
        let view = self.view(scope).map_err(|e| QueryError::Failed(e.to_string()))?;
        let evaluate = move |query: PreparedSparqlQuery| query.on_store(&view).execute();
        query::run(evaluate, text, limits, accept, &self.running)
    }
}

/// Is this the graph of the dataset or of one of its offers?
fn of_dataset(catalogue_id: &str, dataset: &str) -> impl Fn(&str) -> bool + use<> {
    let (own, offers) = (dataset_graph(catalogue_id, dataset), offers_of(catalogue_id, dataset));
    move |name| name == own || name.starts_with(&offers)
}
