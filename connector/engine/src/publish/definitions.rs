//! Create, update and delete of what is published. Each change is checked whole before it is stored.

use super::offerable::offerable;
use super::selector;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, Write};
use crate::record::{
    Asset, ContractDefinition, Document, Edr, Kind, NegotiationRecord, PolicyDefinition, Record, Secret,
};
use policies::Policy;
use serde_json::Value;

impl Engine {
    /// Publishes nothing yet, but makes the asset available to contract definitions.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when the id exists; [`Fault::Malformed`] for a property that is public and private.
    pub async fn create_asset(&self, asset: Asset) -> Result<Asset, Fault> {
        check_asset(&asset)?;
        self.save(&asset, Expect::Absent, "asset.created").await?;
        self.rebuild().await?;
        Ok(asset)
    }

    /// Replaces an asset.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when there is none.
    pub async fn update_asset(&self, mut asset: Asset) -> Result<(), Fault> {
        check_asset(&asset)?;
        let (old, version) = self.load_row::<Asset>(&asset.id).await?;
        asset.created_at = old.created_at;
        self.save(&asset, Expect::Version(version), "asset.updated").await?;
        self.rebuild().await
    }

    /// Deletes an asset that no contract was concluded or is being negotiated about.
    ///
    /// # Errors
    /// [`Fault::NotFound`], or [`Fault::Conflict`] when an agreement refers to it.
    pub async fn delete_asset(&self, id: &str) -> Result<(), Fault> {
        self.load_row::<Asset>(id).await?;
        let used = self.by_index::<NegotiationRecord>(None, Some(id)).await?;
        if used
            .iter()
            .any(|(n, _)| n.role == protocol::role::Role::Provider && n.process.agreement().is_some())
        {
            return Err(Fault::Conflict(format!(
                "Asset {id} cannot be deleted as it is referenced by at least one contract agreement"
            )));
        }
        self.remove::<Asset>(id, "asset.deleted").await
    }

    /// Stores a policy. Terms that this connector neither enforces nor knows as contractual are refused.
    ///
    /// # Errors
    /// [`Fault::Malformed`] with the path of the offending term.
    pub async fn create_policy(&self, definition: PolicyDefinition) -> Result<PolicyDefinition, Fault> {
        let definition = checked_policy(definition)?;
        self.save(&definition, Expect::Absent, "policy.definition.created").await?;
        self.rebuild().await?;
        Ok(definition)
    }

    /// Replaces a policy. Agreements keep the terms under which they were concluded.
    ///
    /// # Errors
    /// As [`Engine::create_policy`], and [`Fault::NotFound`].
    pub async fn update_policy(&self, definition: PolicyDefinition) -> Result<(), Fault> {
        let mut definition = checked_policy(definition)?;
        if self.published().definitions.iter().any(|d| d.contract_policy_id == definition.id) {
            offerable(&Policy::parse(&definition.policy)?)?;
        }
        let (old, version) = self.load_row::<PolicyDefinition>(&definition.id).await?;
        definition.created_at = old.created_at;
        self.save(&definition, Expect::Version(version), "policy.definition.updated").await?;
        self.rebuild().await
    }

    /// Deletes a policy that no contract definition uses.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::Conflict`].
    pub async fn delete_policy(&self, id: &str) -> Result<(), Fault> {
        let published = self.published();
        if let Some(user) =
            published.definitions.iter().find(|d| d.access_policy_id == id || d.contract_policy_id == id)
        {
            return Err(Fault::Conflict(format!(
                "PolicyDefinition {id} cannot be deleted as it is used by contract definition {}",
                user.id
            )));
        }
        self.remove::<PolicyDefinition>(id, "policy.definition.deleted").await
    }

    /// Puts assets on offer.
    ///
    /// # Errors
    /// [`Fault::Malformed`] when a policy does not exist or a criterion cannot be evaluated.
    pub async fn create_contract_definition(
        &self,
        definition: ContractDefinition,
    ) -> Result<ContractDefinition, Fault> {
        self.check_definition(&definition)?;
        self.save(&definition, Expect::Absent, "contract.definition.created").await?;
        self.rebuild().await?;
        Ok(definition)
    }

    /// Replaces a contract definition.
    ///
    /// # Errors
    /// As [`Engine::create_contract_definition`], and [`Fault::NotFound`].
    pub async fn update_contract_definition(&self, mut definition: ContractDefinition) -> Result<(), Fault> {
        self.check_definition(&definition)?;
        let (old, version) = self.load_row::<ContractDefinition>(&definition.id).await?;
        definition.created_at = old.created_at;
        self.save(&definition, Expect::Version(version), "contract.definition.updated").await?;
        self.rebuild().await
    }

    /// Takes assets off offer; agreements stay.
    ///
    /// # Errors
    /// [`Fault::NotFound`].
    pub async fn delete_contract_definition(&self, id: &str) -> Result<(), Fault> {
        self.remove::<ContractDefinition>(id, "contract.definition.deleted").await
    }

    /// Stores a secret.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when the alias exists.
    pub async fn create_secret(&self, secret: Secret) -> Result<(), Fault> {
        self.save(&secret, Expect::Absent, "secret.created").await
    }

    /// Replaces a secret.
    ///
    /// # Errors
    /// [`Fault::NotFound`].
    pub async fn update_secret(&self, mut secret: Secret) -> Result<(), Fault> {
        let (old, version) = self.load_row::<Secret>(&secret.id).await?;
        secret.created_at = old.created_at;
        self.save(&secret, Expect::Version(version), "secret.updated").await
    }

    /// Deletes a secret.
    ///
    /// # Errors
    /// [`Fault::NotFound`].
    pub async fn delete_secret(&self, id: &str) -> Result<(), Fault> {
        self.remove::<Secret>(id, "secret.deleted").await
    }

    /// Forgets a data address.
    ///
    /// # Errors
    /// [`Fault::NotFound`].
    pub async fn delete_edr(&self, transfer: &str) -> Result<(), Fault> {
        self.remove::<Edr>(transfer, "edr.deleted").await
    }

    /// Stores a published document, in place of an earlier one.
    ///
    /// # Errors
    /// A store failure.
    pub async fn publish_document(&self, document: &Document) -> Result<(), Fault> {
        self.save(document, Expect::Any, "document.published").await
    }

    async fn remove<R: Record>(&self, id: &str, event: &str) -> Result<(), Fault> {
        let change = Change::new().and(Write::Delete { kind: R::KIND, id: id.to_owned() }).and(self.event(
            event,
            id,
            Value::Null,
        ));
        self.commit(change).await?;
        if matches!(R::KIND, Kind::Asset | Kind::PolicyDefinition | Kind::ContractDefinition) {
            self.rebuild().await?;
        }
        Ok(())
    }

    fn check_definition(&self, definition: &ContractDefinition) -> Result<(), Fault> {
        let published = self.published();
        for (field, id) in [
            ("accessPolicyId", &definition.access_policy_id),
            ("contractPolicyId", &definition.contract_policy_id),
        ] {
            let Some(policy) = published.policies.get(id) else {
                return Err(Fault::malformed(field, format!("policy definition {id} does not exist")));
            };
            if field == "contractPolicyId"
                && let Err(fault) = offerable(policy)
            {
                return Err(Fault::malformed(
                    field,
                    format!("policy definition {id} cannot be offered: {fault}"),
                ));
            }
        }
        for criterion in &definition.assets_selector {
            if !selector::OPERATORS.contains(&criterion.operator.to_lowercase().as_str()) {
                return Err(Fault::malformed(
                    "assetsSelector/operator",
                    format!("Operator {} is not supported", criterion.operator),
                ));
            }
        }
        Ok(())
    }
}

fn check_asset(asset: &Asset) -> Result<(), Fault> {
    if asset.id.trim().is_empty() {
        return Err(Fault::malformed("@id", "cannot be blank"));
    }
    if let Some(key) = asset.properties.keys().find(|key| asset.private_properties.contains_key(*key)) {
        return Err(Fault::malformed("properties", format!("{key} is public and private at once")));
    }
    Ok(())
}

fn checked_policy(mut definition: PolicyDefinition) -> Result<PolicyDefinition, Fault> {
    let policy = Policy::parse(&definition.policy)?;
    if let Some(unsupported) = policy.unsupported().into_iter().next() {
        return Err(Fault::malformed(
            format!("policy/{}", unsupported.path),
            format!("{} cannot be enforced: {}", unsupported.term, unsupported.reason),
        ));
    }
    definition.policy = policy.to_json();
    Ok(definition)
}
