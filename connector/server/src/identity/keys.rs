//! Our own key pair: ES256, in a file that only we can read.

use engine::port::{Signer, TrustError};
use josekit::jwk::{Jwk, KeyPair as _};
use josekit::jws::alg::ecdsa::EcdsaJwsSigner;
use josekit::jws::{ES256, JwsSigner as _};
use serde_json::Value;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Why there is no key pair.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("key file {0}: {1}")]
    File(String, std::io::Error),
    /// It holds no P-256 private key.
    #[error("no ES256 private key: {0}")]
    Key(String),
}

/// A P-256 key pair.
pub struct KeyPair {
    pem: Vec<u8>,
    public_jwk: Value,
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPair").field("public_jwk", &self.public_jwk).finish_non_exhaustive()
    }
}

impl KeyPair {
    /// A fresh key pair.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let pair = ES256.generate_key_pair().map_err(|e| KeyError::Key(e.to_string()))?;
        Self::from_pem(pair.to_pem_private_key())
    }

    /// The key pair in `path` (PEM, or JWK); generated and written with mode 0600 when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds something else.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        let fault = |e| KeyError::File(path.display().to_string(), e);
        match fs::read(path) {
            Ok(text) => {
                let mode = fs::metadata(path).map_err(fault)?.permissions().mode();
                if mode & 0o077 != 0 {
                    tracing::warn!(file = %path.display(), mode = format!("{:o}", mode & 0o777), "others can read the private key");
                }
                Self::parse(text)
            }
            Err(e) if e.kind() == ErrorKind::NotFound => {
                let pair = Self::generate()?;
                write_private(path, &pair.pem).map_err(fault)?;
                Ok(pair)
            }
            Err(e) => Err(fault(e)),
        }
    }

    fn parse(text: Vec<u8>) -> Result<Self, KeyError> {
        if !text.trim_ascii_start().starts_with(b"{") {
            return Self::from_pem(text);
        }
        let wrong = |e: josekit::JoseError| KeyError::Key(e.to_string());
        let jwk = Jwk::from_bytes(&text).map_err(wrong)?;
        if jwk.curve() != Some("P-256") {
            return Err(KeyError::Key("the JWK is not on the curve P-256".to_owned()));
        }
        let pair = josekit::jwk::alg::ec::EcKeyPair::from_jwk(&jwk).map_err(wrong)?;
        Self::from_pem(pair.to_pem_private_key())
    }

    fn from_pem(pem: Vec<u8>) -> Result<Self, KeyError> {
        let wrong = |e: josekit::JoseError| KeyError::Key(e.to_string());
        let pair = ES256.key_pair_from_pem(&pem).map_err(wrong)?;
        let public_jwk = Value::Object(pair.to_jwk_public_key().into());
        Ok(Self { pem, public_jwk })
    }

    /// The public key as a JWK, without an id.
    #[must_use]
    pub const fn public_jwk(&self) -> &Value {
        &self.public_jwk
    }
}

/// Writes a file that is whole or absent, and never readable to others.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = path.with_extension("draft");
    match fs::remove_file(&draft) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(folder)?.sync_all()
}

/// Our keys as the engine uses them. The signer object is made once.
#[derive(Debug)]
pub struct OwnKeys {
    did: String,
    key_id: String,
    pair: KeyPair,
    signer: EcdsaJwsSigner,
}

impl OwnKeys {
    /// The key pair as key `#key-1` of `did`.
    ///
    /// # Errors
    /// When no signer can be made of it.
    pub fn new(did: &str, pair: KeyPair) -> Result<Self, KeyError> {
        let signer = ES256.signer_from_pem(&pair.pem).map_err(|e| KeyError::Key(e.to_string()))?;
        Ok(Self { did: did.to_owned(), key_id: key_id(did), pair, signer })
    }

    /// The key pair.
    #[must_use]
    pub const fn key_pair(&self) -> &KeyPair {
        &self.pair
    }
}

/// DID URL of the key of `did`.
pub(super) fn key_id(did: &str) -> String {
    format!("{did}#key-1")
}

impl Signer for OwnKeys {
    fn did(&self) -> &str {
        &self.did
    }

    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn algorithm(&self) -> &'static str {
        "ES256"
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, TrustError> {
        self.signer.sign(input).map_err(|e| TrustError::Unavailable(format!("our key: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::verify_with_jwk;

    #[test]
    fn signatures_are_raw_and_verify_with_the_public_key_only() {
        let keys = OwnKeys::new("did:web:a.example", KeyPair::generate().unwrap()).unwrap();
        let pair = keys.key_pair();
        assert_eq!((keys.did(), keys.key_id()), ("did:web:a.example", "did:web:a.example#key-1"));
        let signature = keys.sign(b"input").unwrap();
        assert_eq!(signature.len(), 64);
        assert_eq!(verify_with_jwk(pair.public_jwk(), keys.algorithm(), b"input", &signature), Ok(()));
        assert!(verify_with_jwk(pair.public_jwk(), "ES256", b"inputs", &signature).is_err());
        let other = KeyPair::generate().unwrap();
        assert!(verify_with_jwk(other.public_jwk(), "ES256", b"input", &signature).is_err());
        assert_eq!(pair.public_jwk().get("d"), None);
        assert!(!format!("{pair:?}").contains("pem"));
    }

    #[test]
    fn the_file_is_made_once_and_is_ours_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("identity.pem");
        let first = KeyPair::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = KeyPair::load_or_create(&path).unwrap();
        assert_eq!(first.public_jwk(), again.public_jwk());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_jwk_file_works_too_and_other_files_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let pair = ES256.generate_key_pair().unwrap();
        fs::write(&path, serde_json::to_vec(pair.to_jwk_key_pair().as_ref()).unwrap()).unwrap();
        let whole = KeyPair::load_or_create(&path).unwrap();
        assert_eq!(whole.public_jwk()["x"], pair.to_jwk_public_key().as_ref()["x"]);
        let wrong = josekit::jws::ES384.generate_key_pair().unwrap();
        for text in [
            b"text".to_vec(),
            Vec::new(),
            wrong.to_pem_private_key(),
            serde_json::to_vec(wrong.to_jwk_key_pair().as_ref()).unwrap(),
            pair.to_pem_public_key(),
        ] {
            fs::write(&path, &text).unwrap();
            let result = KeyPair::load_or_create(&path);
            assert!(matches!(result, Err(KeyError::Key(_))), "{:?}", String::from_utf8_lossy(&text));
        }
        assert!(matches!(KeyPair::load_or_create(folder.path()), Err(KeyError::File(..))));
    }
}
