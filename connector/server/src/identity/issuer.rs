//! Our own credentials: made when what they say changes, kept as signed, served from the store.

use super::credentials::{LegalPerson, MEDIA_TYPE, Validity, data_product, legal_person, presentation};
use engine::port::{Clock, Signer};
use engine::record::Document;
use engine::{Engine, Fault};
use ontology::time::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Credentials are valid for a year.
const YEAR_MS: i64 = 365 * 24 * 3_600_000;
/// They are made anew a month before that ends.
const MONTH_MS: i64 = 30 * 24 * 3_600_000;

/// Makes and keeps our credentials.
pub struct Issuer {
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").finish_non_exhaustive()
    }
}

impl Issuer {
    /// An issuer that signs with `signer`.
    pub fn new(signer: Arc<dyn Signer>, clock: Arc<dyn Clock>) -> Self {
        Self { signer, clock }
    }

    /// The participant's credential (`gx:LegalPerson`).
    ///
    /// # Errors
    /// A store failure, or a key that cannot be used.
    pub async fn participant(&self, engine: &Engine) -> Result<Document, Fault> {
        let settings = engine.settings();
        let id = "credentials/participant";
        let url = format!("{}/{id}", settings.public_url);
        let source = format!(
            "{url} {} {:?} {:?} {}",
            settings.participant_name,
            settings.country,
            settings.registration,
            self.signer.key_id()
        );
        let person = LegalPerson {
            url: &url,
            name: &settings.participant_name,
            country: settings.country.as_deref(),
            registration: settings.registration.as_deref(),
        };
        self.keep(engine, id, &source, |validity| legal_person(self.signer.as_ref(), &person, validity)).await
    }

    /// The credential of one dataset (`gx:DataProduct`).
    ///
    /// # Errors
    /// A store failure, or a key that cannot be used.
    pub async fn dataset(&self, engine: &Engine, dataset: &catalog::Dataset) -> Result<Document, Fault> {
        let id = format!("credentials/datasets/{}", engine::publish::dataset::segment(&dataset.id));
        let url = format!("{}/{id}", engine.settings().public_url);
        let offers: Vec<String> = dataset.offers.iter().map(|o| o.policy.to_json().to_string()).collect();
        let source =
            format!("{url} {:?} {offers:?}", catalog::Dataset { offers: Vec::new(), ..dataset.clone() });
        // Callers who see different offers get different credentials; each is signed once.
        let terms = Sha256::digest(offers.join("\n"));
        let view: String = terms.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        self.keep(engine, &format!("{id}#{view}"), &source, |validity| {
            data_product(self.signer.as_ref(), &url, dataset, validity)
        })
        .await
    }

    /// The presentation of the credentials that we hold; none when we hold none.
    ///
    /// # Errors
    /// A store failure, or a key that cannot be used.
    pub async fn presentation(&self, engine: &Engine) -> Result<Option<String>, Fault> {
        let held: Vec<String> = engine.held_credentials().await?.into_iter().map(|held| held.body).collect();
        if held.is_empty() {
            return Ok(None);
        }
        let url = format!("{}/credentials/presentation", engine.settings().public_url);
        Ok(Some(presentation(self.signer.as_ref(), &url, &held, self.clock.now())?))
    }

    async fn keep(
        &self,
        engine: &Engine,
        id: &str,
        source: &str,
        make: impl FnOnce(Validity) -> Result<String, engine::port::TrustError>,
    ) -> Result<Document, Fault> {
        let now = self.clock.now();
        let hash =
            Sha256::digest(source.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        match engine.get::<Document>(id).await {
            Ok(kept) if kept.source_hash == hash && now.minus(kept.created_at) < YEAR_MS - MONTH_MS => {
                return Ok(kept);
            }
            Ok(_) | Err(Fault::NotFound { .. }) => {}
            Err(fault) => return Err(fault),
        }
        // Whole seconds, a little in the past, for peers whose clocks differ.
        let from = Timestamp::from_seconds(now.seconds() - 60);
        let body = make(Validity { from, until: from.plus_millis(YEAR_MS) })?;
        let document = Document {
            id: id.to_owned(),
            media_type: MEDIA_TYPE.to_owned(),
            body,
            source_hash: hash,
            created_at: now,
        };
        engine.publish_document(&document).await?;
        Ok(document)
    }
}
