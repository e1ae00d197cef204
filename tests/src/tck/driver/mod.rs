//! Makes `entente` play its part of the scenarios, as an operator would: it listens to the event stream and gives
//! orders over the management API. The product itself knows nothing of the kit.

mod api;
mod events;
mod hooks;

pub use api::Api;

use super::scenario::{Cue, Kind, Move, State};
use events::Happened;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Default)]
struct Scripts {
    /// By kind of process and dataset or agreement.
    cues: HashMap<(Kind, String), &'static [Cue]>,
    /// How often each process has entered each state.
    entered: HashMap<(String, State), u32>,
    faults: Vec<String>,
}

/// A running driver; it stops when dropped.
#[derive(Debug)]
pub struct Driver {
    api: Api,
    scripts: Arc<Mutex<Scripts>>,
    listening: tokio::task::JoinHandle<()>,
    hooks: hooks::Hooks,
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn lock(scripts: &Mutex<Scripts>) -> MutexGuard<'_, Scripts> {
    scripts.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Driver {
    /// Listens to the connector behind `api`, and acts `delay` after each cue.
    ///
    /// # Errors
    /// The event stream does not open, or no port is free.
    pub async fn start(api: Api, delay: Duration) -> anyhow::Result<Self> {
        let scripts: Arc<Mutex<Scripts>> = Arc::default();
        let stream = events::open(&api, None).await?;
        let listening = tokio::spawn({
            let (api, scripts) = (api.clone(), Arc::clone(&scripts));
            async move {
                let happened = |event| on_event(&api, &scripts, delay, event);
                events::follow(&api, stream, happened).await;
            }
        });
        let hooks = hooks::listen(api.clone())?;
        Ok(Self { api, scripts, listening, hooks })
    }

    /// The management API.
    #[must_use]
    pub const fn api(&self) -> &Api {
        &self.api
    }

    /// Where the hooks listen.
    #[must_use]
    pub const fn hooks(&self) -> SocketAddr {
        self.hooks.address
    }

    /// From now on, processes about `subject` follow `script`.
    pub fn assign(&self, kind: Kind, subject: &str, script: &'static [Cue]) {
        lock(&self.scripts).cues.insert((kind, subject.to_owned()), script);
    }

    /// Orders that the connector refused.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        lock(&self.scripts).faults.clone()
    }
}

fn on_event(api: &Api, scripts: &Arc<Mutex<Scripts>>, delay: Duration, event: Happened) {
    let act = {
        let mut scripts = lock(scripts);
        let entered = scripts.entered.entry((event.pid.clone(), event.state)).or_default();
        *entered += 1;
        let nth = *entered;
        let cues = scripts.cues.get(&(event.kind, event.about)).copied().unwrap_or_default();
        cues.iter().find(|cue| cue.state == event.state && cue.nth == nth).map(|cue| cue.act)
    };
    let Some(act) = act else { return };
    let (api, scripts) = (api.clone(), Arc::clone(scripts));
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        if let Err(error) = order(&api, event.kind, &event.pid, act).await {
            lock(&scripts).faults.push(format!("{act:?} of {} in {}: {error:#}", event.pid, event.state));
        }
    });
}

async fn order(api: &Api, kind: Kind, pid: &str, act: Move) -> anyhow::Result<()> {
    let folder = super::peer::folder(kind);
    let verb = match act {
        Move::Request => "request",
        Move::Offer => "offer",
        Move::Accept => "accept",
        Move::Agree => "agree",
        Move::Verify => "verify",
        Move::Finalize => "finalize",
        Move::Start => "start",
        Move::Suspend => "suspend",
        Move::Complete => "complete",
        Move::Terminate => "terminate",
    };
    let body = match act {
        Move::Suspend | Move::Terminate => serde_json::json!({"reason": "as the scenario says"}),
        _ => serde_json::json!({}),
    };
    let path = format!("/v1/{folder}/{}/{verb}", crate::client::segment(pid));
    api.post(&path, &body).await.map(drop)
}
