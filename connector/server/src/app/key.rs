//! The management key: given, kept from before, or generated and shown once.

use anyhow::Context as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The key for management clients.
#[expect(clippy::print_stdout, reason = "the one place where the new key is shown")]
pub(super) fn obtain(given: Option<&str>, folder: &Path) -> anyhow::Result<String> {
    if let Some(key) = given {
        anyhow::ensure!(!key.trim().is_empty(), "option `management_key`: is blank");
        return Ok(key.to_owned());
    }
    let path = folder.join("management.key");
    match std::fs::read_to_string(&path) {
        Ok(key) if !key.trim().is_empty() => return Ok(key.trim().to_owned()),
        Ok(_) => anyhow::bail!("{}: is empty; delete it to get a new key", path.display()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    }
    let key = engine::port::Ids::token(&crate::system::SystemIds);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| path.display().to_string())?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    println!("management key (shown once, kept in {}): {key}", path.display());
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn generated_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = obtain(None, folder.path()).unwrap();
        assert_eq!(obtain(None, folder.path()).unwrap(), first);
        assert!(first.len() >= 43);
        let mode = std::fs::metadata(folder.path().join("management.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(obtain(Some("given"), folder.path()).unwrap(), "given");
        assert!(obtain(Some(" "), folder.path()).is_err());
    }
}
