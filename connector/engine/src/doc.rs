//! A stored document as its JSON text.

use crate::port::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// JSON text, shared and never changed: from a record to the database and back no tree of values is built, and to
/// keep one is to count a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc(Arc<str>);

impl Doc {
    /// The text of `record`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be expressed as JSON.
    pub fn of<T: Serialize>(record: &T) -> Result<Self, StoreError> {
        serde_json::to_string(record).map(Self::from).map_err(|e| StoreError::Corrupt(e.to_string()))
    }

    /// The record of this text.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], with where and why.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.0).map_err(|e| StoreError::Corrupt(e.to_string()))
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &Arc<str> {
        &self.0
    }
}

impl From<String> for Doc {
    /// `text` is not looked at before it is read.
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_is_written_is_read() {
        let doc = Doc::of(&json!({"b": 1.50, "a": ["é", null]})).expect("JSON");
        assert_eq!(doc.read::<Value>(), Ok(json!({"b": 1.5, "a": ["é", null]})));
        let broken = Doc::from("{\"a\": 1".to_owned()).read::<Value>();
        assert!(matches!(broken, Err(StoreError::Corrupt(why)) if why.contains("line 1")));
    }
}
