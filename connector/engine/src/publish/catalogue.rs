//! The catalogue as one caller may see it, and its RDF projection.

use super::{Published, dataset, offer_id, selector};
use crate::caller::Caller;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::record::{Asset, ContractDefinition, Kind};
use catalog::{Catalogue, Dataset, Offer, Publisher};
use policies::{Phase, Policy};

/// An offer on the table: which asset, under which terms.
#[derive(Debug, Clone)]
pub(crate) struct Offered {
    pub(crate) definition: ContractDefinition,
    pub(crate) asset: Asset,
    pub(crate) policy: Policy,
}

impl Engine {
    /// The catalogue without datasets.
    pub(crate) fn catalogue_frame(&self) -> Catalogue {
        let settings = &self.settings;
        Catalogue {
            id: format!("{}/catalog", settings.public_url),
            participant_id: self.did().to_owned(),
            title: settings.participant_name.clone(),
            endpoint_url: settings.base_url.clone(),
            service_id: format!("{}#dsp", settings.public_url),
            self_description: Some(format!("{}/credentials/participant", settings.public_url)),
            publisher: Publisher {
                name: settings.participant_name.clone(),
                country: settings.country.clone(),
                registration: settings.registration.clone(),
            },
            datasets: Vec::new(),
        }
    }

    /// The catalogue that `caller` may see (DSP section 5, catalogue request).
    ///
    /// # Errors
    /// When the caller's self-description is invalid or cannot be checked.
    pub async fn catalogue_for(&self, caller: &Caller) -> Result<Catalogue, Fault> {
        let caller = self.known(caller).await?;
        let published = self.published();
        let mut catalogue = self.catalogue_frame();
        catalogue.datasets =
            published.assets.values().filter_map(|a| self.visible(&published, a, &caller)).collect();
        Ok(catalogue)
    }

    /// One dataset, with the frame of its catalogue.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when there is none or the caller may not see it.
    pub async fn dataset_for(&self, caller: &Caller, id: &str) -> Result<(Catalogue, Dataset), Fault> {
        let caller = self.known(caller).await?;
        let published = self.published();
        let asset = published.assets.get(id).ok_or_else(|| Fault::not_found(Kind::Asset, id))?;
        let dataset =
            self.visible(&published, asset, &caller).ok_or_else(|| Fault::not_found(Kind::Asset, id))?;
        Ok((self.catalogue_frame(), dataset))
    }

    /// The dataset of `asset` with the offers that `caller` may see, if any.
    fn visible(&self, published: &Published, asset: &Asset, caller: &Caller) -> Option<Dataset> {
        let offers = self.offers(published, asset, Some(caller));
        (!offers.is_empty()).then(|| self.describe(asset, offers))
    }

    fn describe(&self, asset: &Asset, offers: Vec<Offer>) -> Dataset {
        let formats = self.ports.planes.formats(&asset.data_address);
        dataset::of(asset, &formats, offers, &self.settings.public_url)
    }

    /// The offers for `asset`; all of them when no caller is named.
    fn offers(&self, published: &Published, asset: &Asset, caller: Option<&Caller>) -> Vec<Offer> {
        let mut offers = Vec::new();
        for definition in &published.definitions {
            if !selector::selects(definition, asset) {
                continue;
            }
            let (Some(access), Some(terms)) = (
                published.policies.get(&definition.access_policy_id),
                published.policies.get(&definition.contract_policy_id),
            ) else {
                continue;
            };
            if let Some(caller) = caller {
                let facts = self.facts(Phase::Catalogue, caller, &asset.id, &[]);
                if !self.ask(access, caller, facts).permitted {
                    continue;
                }
            }
            offers
                .push(Offer { id: offer_id::make(&definition.id, &asset.id, terms), policy: terms.clone() });
        }
        offers
    }

    /// Finds an offer by id, as `caller` may see it.
    pub(crate) fn find_offer(&self, caller: &Caller, id: &str) -> Option<Offered> {
        let published = self.published();
        for (definition_id, asset_id) in offer_id::readings(id) {
            let Some(definition) = published.definitions.iter().find(|d| d.id == definition_id) else {
                continue;
            };
            let Some(asset) = published.assets.get(&asset_id) else { continue };
            let (Some(access), Some(terms)) = (
                published.policies.get(&definition.access_policy_id),
                published.policies.get(&definition.contract_policy_id),
            ) else {
                continue;
            };
            if !selector::selects(definition, asset) {
                continue;
            }
            let facts = self.facts(Phase::Catalogue, caller, &asset_id, &[]);
            if self.ask(access, caller, facts).permitted {
                return Some(Offered {
                    definition: definition.clone(),
                    asset: asset.clone(),
                    policy: terms.clone(),
                });
            }
        }
        None
    }

    /// Writes the RDF projection anew.
    pub(crate) fn project(&self, published: &Published) -> Result<(), Fault> {
        let internal = |e: catalog::GraphError| Fault::Internal(e.to_string());
        let mut frame = self.catalogue_frame();
        let datasets: Vec<Dataset> = published
            .assets
            .values()
            .map(|asset| self.describe(asset, self.offers(published, asset, None)))
            .filter(|dataset| !dataset.offers.is_empty())
            .collect();
        frame.datasets = datasets;
        self.graph.put_peer(&frame).map_err(internal)
    }

    /// Graphs that `caller` may query: ours, the datasets it may see, and nothing else.
    pub(crate) async fn scope_for(&self, caller: &Caller) -> Result<Vec<String>, Fault> {
        let caller = self.known(caller).await?;
        let published = self.published();
        let frame = self.catalogue_frame();
        let mut graphs = vec![frame.id.clone()];
        for asset in published.assets.values() {
            let offers = self.offers(&published, asset, Some(&caller));
            if !offers.is_empty() {
                graphs.push(catalog::dataset_graph(&frame.id, &asset.id));
            }
            graphs.extend(offers.iter().map(|o| catalog::offer_graph(&frame.id, &asset.id, &o.id)));
        }
        Ok(graphs)
    }
}
