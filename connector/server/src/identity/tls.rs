//! TLS towards others: rustls with ring, Mozilla's roots, and roots of the operator.

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use std::path::Path;
use std::sync::Arc;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsFault {
    /// The file with certificate authorities cannot be used.
    #[error("certificate authorities in {0}: {1}")]
    Authorities(String, String),
    /// rustls refused its configuration.
    #[error("TLS: {0}")]
    Config(#[from] rustls::Error),
}

/// Makes ring the cryptography of every rustls user in this process. Harmless when repeated.
pub fn install_crypto() {
    if ring::default_provider().install_default().is_err() {
        tracing::debug!("TLS cryptography was chosen before");
    }
}

/// The configuration of TLS clients; `authorities` is a PEM file with roots to trust besides the built-in ones.
///
/// # Errors
/// [`TlsFault::Authorities`] when the file cannot be read or holds no certificate.
pub fn tls_config(authorities: Option<&Path>) -> Result<ClientConfig, TlsFault> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = authorities {
        let fault = |reason: String| TlsFault::Authorities(path.display().to_string(), reason);
        let mut any = false;
        for certificate in CertificateDer::pem_file_iter(path).map_err(|e| fault(e.to_string()))? {
            let certificate = certificate.map_err(|e| fault(e.to_string()))?;
            roots.add(certificate).map_err(|e| fault(e.to_string()))?;
            any = true;
        }
        if !any {
            return Err(fault("holds no certificate".to_owned()));
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_come_from_a_file_or_not_at_all() {
        assert!(tls_config(None).is_ok());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(matches!(tls_config(Some(&path)), Err(TlsFault::Authorities(..))));
        std::fs::write(&path, "no certificate here").unwrap();
        let error = tls_config(Some(&path)).unwrap_err().to_string();
        assert!(error.ends_with("holds no certificate"), "{error}");
    }
}
