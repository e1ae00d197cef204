//! Events leave the house: webhooks of our own, and the callback addresses of EDC clients.

mod callback;
mod sign;
mod webhook;

pub(crate) use sign::{checked_secret, fresh_secret};
pub use webhook::deliver_once;

use crate::identity::Http;
use engine::Engine;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Works until `stop`: one task for each webhook, one for all callbacks.
pub async fn run(engine: Arc<Engine>, http: Http, mut stop: watch::Receiver<bool>) {
    let callbacks = tokio::spawn(callback::run(Arc::clone(&engine), http.clone()));
    let mut tasks: HashMap<String, JoinHandle<()>> = HashMap::new();
    let mut notices = engine.subscribe();
    loop {
        restart(&engine, &http, &mut tasks).await;
        loop {
            tokio::select! {
                notice = notices.recv() => match notice {
                    // Subscriptions have changed, or may have while we were slow.
                    Ok(event) if event.kind.starts_with("webhook.") => break,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return end(&callbacks, &tasks),
                },
                _ = stop.changed() => return end(&callbacks, &tasks),
            }
        }
    }
}

/// One task for each subscription that there is, from where it stands.
async fn restart(engine: &Arc<Engine>, http: &Http, tasks: &mut HashMap<String, JoinHandle<()>>) {
    let wanted = match engine.webhooks().await {
        Ok(wanted) => wanted,
        Err(fault) => return tracing::error!(%fault, "webhooks cannot be read"),
    };
    tasks.retain(|id, task| {
        let stays = wanted.iter().any(|w| w.id == *id) && !task.is_finished();
        if !stays {
            task.abort();
        }
        stays
    });
    for webhook in wanted {
        tasks
            .entry(webhook.id.clone())
            .or_insert_with(|| tokio::spawn(webhook::follow(Arc::clone(engine), http.clone(), webhook.id)));
    }
}

fn end(callbacks: &JoinHandle<()>, tasks: &HashMap<String, JoinHandle<()>>) {
    callbacks.abort();
    tasks.values().for_each(JoinHandle::abort);
}
