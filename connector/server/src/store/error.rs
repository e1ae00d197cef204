//! Database errors as store errors.

use engine::port::StoreError;

/// SQLITE_FULL, and SQLITE_IOERR when a file may not grow.
const FULL: [&str; 3] = ["13", "778", "266"];

pub(super) fn failed(error: sqlx::Error) -> StoreError {
    if let sqlx::Error::Database(database) = &error
        && database.code().is_some_and(|code| FULL.contains(&code.as_ref()))
    {
        return StoreError::Full;
    }
    StoreError::Failed(error.to_string())
}

pub(super) fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
