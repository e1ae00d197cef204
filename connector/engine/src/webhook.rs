//! Subscriptions of other systems to the event log, and what could not be delivered to them.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, EventFilter, Expect, Index, StoreError, StoredEvent, Write};
use crate::record::{Kind, Record, Secret};
use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most subscriptions of one participant.
const MOST: usize = 100;

/// A subscription. Its secret is kept apart, see [`Webhook::secret_id`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Key.
    pub id: String,
    /// Where events are posted.
    pub url: String,
    /// Beginnings of the wanted types; all when empty.
    #[serde(default)]
    pub types: Vec<String>,
    /// Attempts for one event before it becomes a dead letter.
    pub max_attempts: u32,
    /// Position of the last event that was delivered, became a dead letter, or was not wanted.
    pub cursor: i64,
    /// Created at.
    pub created_at: Timestamp,
}

impl Webhook {
    /// Alias of its signing secret.
    #[must_use]
    pub fn secret_id(id: &str) -> String {
        format!("webhook/{id}")
    }

    /// Does it want events of this type?
    #[must_use]
    pub fn wants(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|prefix| kind.starts_with(prefix))
    }
}

impl Record for Webhook {
    const KIND: Kind = Kind::Webhook;
    fn id(&self) -> &str {
        &self.id
    }
}

/// An event that a subscription did not take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Key: subscription and position.
    pub id: String,
    /// The subscription.
    pub webhook: String,
    /// The event.
    pub event: StoredEvent,
    /// Attempts so far.
    pub attempts: u32,
    /// What went wrong last.
    pub error: String,
    /// When it was given up.
    pub at: Timestamp,
}

impl DeadLetter {
    /// Key of the letter about the event at `seq`.
    #[must_use]
    pub fn key(webhook: &str, seq: i64) -> String {
        format!("{webhook}/{seq}")
    }
}

impl Record for DeadLetter {
    const KIND: Kind = Kind::DeadLetter;
    fn id(&self) -> &str {
        &self.id
    }
    fn index(&self) -> Index {
        Index { parent: Some(self.webhook.clone()), ..Index::default() }
    }
}

impl Engine {
    /// Subscribes; events from now on are posted. Gives the subscription as stored.
    ///
    /// # Errors
    /// [`Fault::Malformed`] for a URL that is refused, [`Fault::Conflict`] when the id exists or there are too many.
    pub async fn create_webhook(&self, mut webhook: Webhook, secret: String) -> Result<Webhook, Fault> {
        self.ports.peers.check_url(&webhook.url).map_err(|e| Fault::malformed("url", e.to_string()))?;
        if self.webhooks().await?.len() >= MOST {
            return Err(Fault::Conflict(format!("there are {MOST} webhooks already")));
        }
        webhook.cursor = self.last_event().await?;
        let secret =
            Secret { id: Webhook::secret_id(&webhook.id), value: secret, created_at: webhook.created_at };
        let change = Change::new().put(&webhook, Expect::Absent)?.put(&secret, Expect::Absent)?.and(
            self.event("webhook.created", &webhook.id, json!({"url": webhook.url, "types": webhook.types})),
        );
        self.commit(change).await?;
        Ok(webhook)
    }

    /// All subscriptions, oldest first.
    ///
    /// # Errors
    /// A store failure.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Fault> {
        Ok(self.by_index::<Webhook>(None, None).await?.into_iter().map(|(webhook, _)| webhook).collect())
    }

    /// Ends a subscription; its dead letters go with it.
    ///
    /// # Errors
    /// [`Fault::NotFound`].
    pub async fn delete_webhook(&self, id: &str) -> Result<(), Fault> {
        let delete = |kind: Kind, id: String| Write::Delete { kind, id };
        let mut change = Change::new()
            .and(delete(Kind::Webhook, id.to_owned()))
            .and(delete(Kind::Secret, Webhook::secret_id(id)));
        for letter in self.dead_letters(id).await? {
            change = change.and(delete(Kind::DeadLetter, letter.id));
        }
        Ok(self.commit(change.and(self.event("webhook.deleted", id, json!(null)))).await?)
    }

    /// Posts everything after `seq` again.
    ///
    /// # Errors
    /// [`Fault::NotFound`].
    pub async fn replay_webhook(&self, id: &str, seq: i64) -> Result<(), Fault> {
        loop {
            let (mut webhook, version) = self.load_row::<Webhook>(id).await?;
            webhook.cursor = seq.max(0);
            let replayed = self.event("webhook.replayed", id, json!({"after": webhook.cursor}));
            match self.commit(Change::new().put(&webhook, Expect::Version(version))?.and(replayed)).await {
                // A delivery moved the position meanwhile; it is about to be moved anyway.
                Err(StoreError::Stale(..)) => {}
                done => return Ok(done?),
            }
        }
    }

    /// The next events for a subscription, and the position up to which nothing else is wanted.
    ///
    /// # Errors
    /// A store failure.
    pub async fn due_for(&self, webhook: &Webhook) -> Result<(Vec<StoredEvent>, i64), Fault> {
        let page = self.events(webhook.cursor, 100, &EventFilter::default()).await?;
        let last = page.last().map_or(webhook.cursor, |e| e.seq);
        Ok((page.into_iter().filter(|e| webhook.wants(&e.event.kind)).collect(), last))
    }

    /// Moves a subscription's position from `from` to `to`, with the letter that was given up, if one was. Says
    /// whether it did: not when somebody set the position meanwhile, or ended the subscription.
    ///
    /// # Errors
    /// A store failure.
    pub async fn advance_webhook(
        &self,
        id: &str,
        from: i64,
        to: i64,
        given_up: Option<DeadLetter>,
    ) -> Result<bool, Fault> {
        let Some((mut webhook, version)) = self.find::<Webhook>(id).await? else { return Ok(false) };
        if webhook.cursor != from {
            return Ok(false);
        }
        webhook.cursor = to;
        let mut change = Change::new().put(&webhook, Expect::Version(version))?;
        if let Some(letter) = given_up {
            change = change.put(&letter, Expect::Any)?;
        }
        match self.commit(change).await {
            Ok(()) => Ok(true),
            Err(StoreError::Stale(..) | StoreError::Missing(..)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// What a subscription did not take, oldest first.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when there is no such subscription.
    pub async fn dead_letters(&self, webhook: &str) -> Result<Vec<DeadLetter>, Fault> {
        self.load_row::<Webhook>(webhook).await?;
        let rows = self.by_index::<DeadLetter>(None, Some(webhook)).await?;
        Ok(rows.into_iter().map(|(letter, _)| letter).collect())
    }

    /// A dead letter was taken after all.
    ///
    /// # Errors
    /// [`Fault::NotFound`].
    pub async fn forget_dead_letter(&self, webhook: &str, seq: i64) -> Result<(), Fault> {
        let id = DeadLetter::key(webhook, seq);
        Ok(self.commit(Change::new().and(Write::Delete { kind: Kind::DeadLetter, id })).await?)
    }
}
