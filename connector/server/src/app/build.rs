//! Every part, made from the configuration.

use super::key;
use crate::config::{Config, Identity};
use crate::identity::{
    Authenticator, DidWebResolver, Http, HttpPeers, HttpTrust, Issuer, KeyPair, MockTrust, OwnKeys,
    TokenIssuer, UrlGuard, did_document, install_crypto, services, tls_config,
};
use crate::plane::{HttpPlane, HttpPlaneOptions, client_builder};
use crate::store::SqliteStore;
use crate::system::{SystemClock, SystemIds};

use crate::web::dsp::VERSION_PATH;
use crate::web::{Limits, State};
use anyhow::{Context as _, bail};
use engine::port::{Clock, Ids, Planes, Signer, Store, Trust};
use engine::record::{Kind, Secret};
use engine::{Engine, Ports, Settings};
use sha2::{Digest, Sha256};
use std::fs::TryLockError;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What was made.
pub(super) struct Built {
    pub(super) state: State,
    pub(super) management_key: String,
    /// Nobody else works on the same data for as long as this is open.
    pub(super) alone: std::fs::File,
}

pub(super) async fn build(config: &Config) -> anyhow::Result<Built> {
    install_crypto();
    let options = &config.options;
    let folder = &options.data_dir;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("option `data_dir`: {}", folder.display()))?;
    let alone = lock(folder)?;
    let management_key = key::obtain(options.management_key.as_deref(), folder)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);

    let keys = Arc::new(OwnKeys::new(&config.did, KeyPair::load_or_create(&folder.join("signing.pem"))?)?);
    let base_url = format!("{}{VERSION_PATH}", config.public_url);
    let document =
        did_document(&config.did, keys.key_pair(), &services(&config.did, &base_url, &config.public_url));
    let signer: Arc<dyn Signer> = keys;

    let guard = || UrlGuard::new(options.dev, &options.allow_host);
    let http = Http::new(guard(), options.ca_file.as_deref())?;
    let resolver = Arc::new(DidWebResolver::new(http.clone(), Arc::clone(&clock)));
    let mut tokens = TokenIssuer::new(Arc::clone(&signer), Arc::clone(&clock), Arc::clone(&ids));
    let mut authenticator = Authenticator::new(&config.did, Arc::clone(&resolver), Arc::clone(&clock));
    let asked =
        HttpTrust::new(resolver, http.clone(), Arc::clone(&clock)).trusting(config.trusted_issuers.clone());
    let trust: Arc<dyn Trust> = match options.identity {
        Identity::DidWeb => Arc::new(asked),
        Identity::InsecureMock => {
            tracing::warn!("identity is insecure-mock: every caller is believed");
            tokens = tokens.insecure_mock();
            authenticator = authenticator.insecure_mock();
            Arc::new(MockTrust(asked))
        }
    };
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.join("entente.sqlite")).await?);

    let plane = Arc::new(plane(config, &http, &store, &clock)?);
    let planes: Arc<dyn Planes> = Arc::clone(&plane) as Arc<dyn Planes>;
    let ports = Ports {
        store: Arc::clone(&store),
        peers: Arc::new(HttpPeers::new(http.clone(), Arc::new(tokens))),
        trust,
        signer: Arc::clone(&signer),
        planes,
        clock: Arc::clone(&clock),
        ids,
    };
    let engine =
        Engine::new(ports, settings(config, base_url)).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let state = State {
        engine,
        authenticator: Arc::new(authenticator),
        did_document: document,
        issuer: Arc::new(Issuer::new(signer, clock)),
        plane,
        http,
        telemetry: Arc::default(),
        store,
        management_key_sha256: Some(Sha256::digest(management_key.as_bytes()).into()),
        limits: Limits {
            body_bytes: options.body_limit,
            sparql_time: Duration::from_secs(options.sparql_seconds),
            sparql_rows: options.sparql_rows,
            sparql_bytes: 16 << 20,
        },
    };
    Ok(Built { state, management_key, alone })
}

/// Takes the data folder for this process. The system gives it back when the process ends, however it ends, so that
/// what a dead process had claimed is free at once, and what a living one delivers is delivered by it alone.
fn lock(folder: &Path) -> anyhow::Result<std::fs::File> {
    let path = folder.join("entente.lock");
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.with_context(|| format!("option `data_dir`: {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "option `data_dir`: another entente works on {}; give each its own folder, or stop that one",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("option `data_dir`: {} cannot be locked", path.display()))
        }
    }
}

fn settings(config: &Config, base_url: String) -> Settings {
    let options = &config.options;
    Settings {
        base_url,
        public_url: config.public_url.clone(),
        participant_name: options.name.clone(),
        country: options.country.clone(),
        registration: options.registration.clone(),
        delivery_deadline_ms: i64::from(options.delivery_deadline_seconds) * 1_000,
        transfer_deadline_ms: i64::from(options.transfer_deadline_seconds) * 1_000,
        token_ttl_ms: i64::from(options.token_minutes) * 60_000,
        require_signatures: options.require_signatures,
        peers: config.peers.clone(),
    }
}

fn plane(
    config: &Config,
    http: &Http,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<HttpPlane> {
    let options = &config.options;
    let client = client_builder()
        .no_proxy()
        .tls_backend_preconfigured(tls_config(options.ca_file.as_deref())?)
        .dns_resolver(http.dns())
        .build()?;
    let files_root = match &options.files_root {
        Some(folder) => Some(
            std::fs::canonicalize(folder)
                .with_context(|| format!("option `files_root`: {}", folder.display()))?,
        ),
        None => None,
    };
    let (store, guard) = (Arc::clone(store), UrlGuard::new(options.dev, &options.allow_host));
    Ok(HttpPlane::new(HttpPlaneOptions {
        public_url: format!("{}/data", config.public_url),
        client,
        secrets: Arc::new(move |alias: &str| {
            let (store, alias) = (Arc::clone(&store), alias.to_owned());
            Box::pin(async move {
                let row = store.get(Kind::Secret, &alias).await.ok()??;
                row.doc.read::<Secret>().ok().map(|secret| secret.value)
            })
        }),
        clock: Arc::clone(clock),
        files_root,
        allow_url: Arc::new(move |url: &str| guard.check(url).map(drop).map_err(|fault| fault.to_string())),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_data_folder_has_one_process() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        let refused = lock(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("another entente works on"), "{refused}");
        drop(held);
        lock(folder.path()).unwrap();
    }
}
