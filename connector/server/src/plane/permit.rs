//! Who may read what, in memory. A permit is found by the hash of its token.

use super::body::Running;
use super::{lock, unhex};
use engine::port::Grant;
use engine::record::Asset;
use ontology::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::watch;

/// Permits beyond which the expired ones are looked for.
const SWEEP_FROM: usize = 256;

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Denied {
    /// No token, or one that we never issued.
    Unknown,
    /// Its time is over.
    Expired,
    /// It belongs to another transfer.
    OtherTransfer,
    /// The transfer may not run any more.
    Revoked(String),
}

/// What one token opens.
#[derive(Debug)]
pub(super) struct Permit {
    pub(super) transfer: String,
    pub(super) asset: Asset,
    pub(super) lane: Arc<Lane>,
    token: [u8; 32],
    expires: Timestamp,
}

/// The running streams of one transfer; they share its fate.
#[derive(Debug)]
pub(super) struct Lane {
    revoked: watch::Sender<Option<String>>,
    running: Mutex<Vec<Arc<Running>>>,
}

impl Lane {
    fn new() -> Arc<Self> {
        Arc::new(Self { revoked: watch::Sender::new(None), running: Mutex::default() })
    }

    /// Why the transfer was revoked, if it was.
    pub(super) fn verdict(&self) -> Option<String> {
        self.revoked.borrow().clone()
    }

    /// Waits until the transfer is revoked.
    pub(super) async fn revoked(&self) -> String {
        let mut receiver = self.revoked.subscribe();
        let reason = receiver.wait_for(Option::is_some).await.map(|reason| reason.clone());
        reason.ok().flatten().unwrap_or_default()
    }

    /// Adds a stream, unless the transfer was revoked meanwhile.
    pub(super) fn enter(&self, stream: &Arc<Running>) -> Result<(), String> {
        let mut running = lock(&self.running);
        // Checked under the lock that revocation takes next, so no stream slips through.
        if let Some(reason) = self.verdict() {
            return Err(reason);
        }
        running.push(Arc::clone(stream));
        Ok(())
    }

    /// Forgets a stream that ended.
    pub(super) fn leave(&self, stream: &Arc<Running>) {
        lock(&self.running).retain(|other| !Arc::ptr_eq(other, stream));
    }

    fn revoke(&self, reason: &str) -> usize {
        self.revoked.send_replace(Some(reason.to_owned()));
        let streams = std::mem::take(&mut *lock(&self.running));
        streams.iter().filter(|stream| stream.cut()).count()
    }

    fn idle(&self) -> bool {
        lock(&self.running).is_empty()
    }
}

#[derive(Debug, Default)]
struct Tables {
    by_token: HashMap<[u8; 32], Arc<Permit>>,
    /// The current token of each transfer.
    by_transfer: HashMap<String, [u8; 32]>,
    sweep_at: usize,
}

/// All permits.
#[derive(Debug, Default)]
pub(super) struct Permits(RwLock<Tables>);

impl Permits {
    /// Adds or replaces the permit of a transfer. Streams that run on continue.
    pub(super) fn grant(&self, grant: Grant, now: Timestamp) {
        let Some(token) = unhex(&grant.token_sha256) else {
            tracing::error!(transfer = grant.transfer, "a grant without a valid token hash is not used");
            return;
        };
        let mut tables = self.0.write().unwrap_or_else(PoisonError::into_inner);
        tables.sweep(now);
        let previous = tables.by_transfer.insert(grant.transfer.clone(), token);
        let previous = previous.and_then(|token| tables.by_token.remove(&token));
        let lane = previous
            .map(|permit| Arc::clone(&permit.lane))
            .filter(|lane| lane.verdict().is_none())
            .unwrap_or_else(Lane::new);
        let Grant { transfer, asset, expires, .. } = grant;
        tables.by_token.insert(token, Arc::new(Permit { transfer, asset, lane, token, expires }));
    }

    /// Ends a transfer's streams. Its token stays known, so that its holder learns why.
    pub(super) fn revoke(&self, transfer: &str, reason: &str) {
        let lane = {
            let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let permit = tables.by_transfer.get(transfer).and_then(|token| tables.by_token.get(token));
            permit.map(|permit| Arc::clone(&permit.lane))
        };
        if let Some(lane) = lane {
            let cut = lane.revoke(reason);
            tracing::info!(transfer, reason, cut, "data access revoked");
        }
    }

    /// The permit that a token opens for a transfer.
    pub(super) fn check(&self, token: &str, transfer: &str, now: Timestamp) -> Result<Arc<Permit>, Denied> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let permit = {
            let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
            tables.by_token.get(&hash).cloned()
        };
        let permit =
            permit.filter(|permit| openssl::memcmp::eq(&permit.token, &hash)).ok_or(Denied::Unknown)?;
        if permit.transfer != transfer {
            return Err(Denied::OtherTransfer);
        }
        if let Some(reason) = permit.lane.verdict() {
            return Err(Denied::Revoked(reason));
        }
        if permit.expires <= now {
            return Err(Denied::Expired);
        }
        Ok(permit)
    }
}

impl Tables {
    /// Forgets what expired, now and then. A permit with running streams stays, or they could not be cut.
    fn sweep(&mut self, now: Timestamp) {
        if self.by_token.len() < self.sweep_at.max(SWEEP_FROM) {
            return;
        }
        self.by_token.retain(|_, permit| permit.expires > now || !permit.lane.idle());
        let known = &self.by_token;
        self.by_transfer.retain(|_, token| known.contains_key(token));
        self.sweep_at = self.by_token.len().saturating_mul(2);
    }
}

#[cfg(test)]
impl Permits {
    /// Permits kept.
    pub(super) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_token.len()
    }
}
