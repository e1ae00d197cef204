//! Credentials that others issued about us, which we present to other participants.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, Query, Write};
use crate::record::{Criterion, Document, Kind};
use serde_json::{Value, json};

/// Ids of held credentials begin so, among those of other documents.
pub const HELD: &str = "held/";
/// Most that are held: what fits into one presentation, and what a reader takes.
pub const MOST_HELD: usize = 32;

impl Engine {
    /// All held credentials, oldest first.
    ///
    /// # Errors
    /// A store failure.
    pub async fn held_credentials(&self) -> Result<Vec<Document>, Fault> {
        let held = Criterion {
            operand_left: "id".to_owned(),
            operator: "like".to_owned(),
            operand_right: json!(format!("{HELD}%")),
        };
        let all = u64::try_from(MOST_HELD).unwrap_or(u64::MAX);
        self.query::<Document>(&Query { limit: all, filter: vec![held], ..Query::default() }).await
    }

    /// Holds a credential from now on; its id begins with [`HELD`]. Holding it again changes nothing.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when there are too many, or a store failure.
    pub async fn hold_credential(&self, document: &Document) -> Result<(), Fault> {
        let held = self.held_credentials().await?;
        if held.iter().any(|known| known.id == document.id) {
            return Ok(());
        }
        if held.len() >= MOST_HELD {
            return Err(Fault::Conflict(format!("{MOST_HELD} credentials are held already")));
        }
        self.save(document, Expect::Any, "credential.held").await
    }

    /// Presents a credential no longer.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when it is not held.
    pub async fn drop_credential(&self, id: &str) -> Result<(), Fault> {
        let id = format!("{HELD}{id}");
        self.load_row::<Document>(&id).await?;
        let event = self.event("credential.dropped", &id, Value::Null);
        let change = Change::new().and(Write::Delete { kind: Kind::Document, id }).and(event);
        Ok(self.commit(change).await?)
    }
}
