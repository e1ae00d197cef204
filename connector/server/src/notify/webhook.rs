//! One webhook: events in order, each until it is taken or given up.

use super::sign::signature;
use crate::identity::Http;
use crate::web::manage::cloud_event;
use engine::port::StoredEvent;
use engine::record::Secret;
use engine::webhook::{DeadLetter, Webhook};
use engine::{Engine, Fault};
use ontology::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// An answer is only looked at for its status.
const MOST_BYTES: usize = 64 * 1024;

/// Follows the log for the subscription `id` until it is gone.
pub(super) async fn follow(engine: Arc<Engine>, http: Http, id: String) {
    let mut notices = engine.subscribe();
    loop {
        // One look at the log answers all the notices so far.
        notices = notices.resubscribe();
        match step(&engine, &http, &id).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(Fault::NotFound { .. }) => return,
            Err(fault) => {
                tracing::warn!(webhook = %id, %fault, "a webhook waits");
                tokio::time::sleep(FIRST_WAIT).await;
                continue;
            }
        }
        // The log says what there is; the notice only that there is something.
        if matches!(notices.recv().await, Err(RecvError::Closed)) {
            return;
        }
    }
}

/// Delivers what is due. Says whether there may be more.
async fn step(engine: &Engine, http: &Http, id: &str) -> Result<bool, Fault> {
    let webhook: Webhook = engine.get(id).await?;
    let (due, last) = engine.due_for(&webhook).await?;
    let mut at = webhook.cursor;
    for event in due {
        let given_up = deliver(engine, http, &webhook, &event).await?;
        if !engine.advance_webhook(id, at, event.seq, given_up).await? {
            // Somebody set the position; begin there.
            return Ok(true);
        }
        at = event.seq;
    }
    if at != last {
        engine.advance_webhook(id, at, last, None).await?;
    }
    Ok(last != webhook.cursor)
}

/// Posts one event until it is taken; else the letter to keep.
async fn deliver(
    engine: &Engine,
    http: &Http,
    webhook: &Webhook,
    event: &StoredEvent,
) -> Result<Option<DeadLetter>, Fault> {
    let mut wait = FIRST_WAIT;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let error = match deliver_once(engine, http, webhook, event).await {
            Ok(()) => return Ok(None),
            Err(error) => error,
        };
        tracing::warn!(webhook = %webhook.id, seq = event.seq, attempts, %error, "a webhook does not take an event");
        if attempts >= webhook.max_attempts {
            return Ok(Some(DeadLetter {
                id: DeadLetter::key(&webhook.id, event.seq),
                webhook: webhook.id.clone(),
                event: event.clone(),
                attempts,
                error,
                at: now(),
            }));
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
        // It may have been ended, or its position set, while we waited; then the letter is not ours to keep.
        engine.get::<Webhook>(&webhook.id).await?;
    }
}

fn now() -> Timestamp {
    use engine::port::Clock as _;
    crate::system::SystemClock.now()
}

/// Posts one event once, signed.
///
/// # Errors
/// Why it was not taken.
pub async fn deliver_once(
    engine: &Engine,
    http: &Http,
    webhook: &Webhook,
    event: &StoredEvent,
) -> Result<(), String> {
    let secret: Secret =
        engine.get(&Webhook::secret_id(&webhook.id)).await.map_err(|fault| fault.to_string())?;
    let body = cloud_event(engine.did(), event).to_string();
    let timestamp = now().seconds();
    let signed = signature(&secret.value, &event.event.id, timestamp, &body)?;
    let answer = http
        .exchange(&webhook.url, MOST_BYTES, |client, url| {
            client
                .post(url)
                .header("content-type", "application/cloudevents+json")
                .header("webhook-id", &event.event.id)
                .header("webhook-timestamp", timestamp)
                .header("webhook-signature", signed)
                .body(body)
        })
        .await
        .map_err(|fault| fault.to_string())?;
    match answer.status {
        200..=299 => Ok(()),
        status => Err(format!("answered {status}")),
    }
}
