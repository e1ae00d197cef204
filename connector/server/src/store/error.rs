//! Database errors as store errors.

use engine::port::StoreError;
use std::io::ErrorKind;

/// SQLITE_FULL (which is ENOSPC too), and SQLITE_IOERR_WRITE and SQLITE_IOERR_SHMSIZE, which stand for a quota or
/// size limit that lets a file, or the shared memory beside it, not grow.
const FULL: [&str; 3] = ["13", "778", "4874"];

pub(super) fn failed(error: sqlx::Error) -> StoreError {
    let full = match &error {
        sqlx::Error::Database(database) => database.code().is_some_and(|code| FULL.contains(&code.as_ref())),
        sqlx::Error::Io(io) => {
            matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
        }
        _ => false,
    };
    if full { StoreError::Full } else { StoreError::Failed(error.to_string()) }
}

pub(super) fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
