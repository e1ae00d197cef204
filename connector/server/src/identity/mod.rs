//! Who we are and who others are: keys, DID documents, tokens, credentials, and the HTTP client through which
//! other participants are asked.
//!
//! Nothing that a peer sends is fetched, trusted or decoded before it is bounded, and addresses of this machine
//! and of private networks are out of reach unless the operator allows them.

mod address;
mod authenticate;
mod cache;
mod compact;
pub mod credentials;
mod did_document;
mod did_web;
mod http;
mod issuer;
mod keys;
mod mock;
mod peers;
mod presented;
mod replay;
mod self_description;
mod signed;
mod status;
mod subject;
#[cfg(test)]
mod tests;
mod tls;
mod token;
mod trust;
mod trusted;
mod url_guard;
mod verifier;

pub use authenticate::{AuthFault, Authenticator};
pub use did_document::{did_document, services};
pub use did_web::{DidWebResolver, ResolveFault};
pub use http::{Http, HttpFault};
pub use issuer::Issuer;
pub use keys::{KeyError, KeyPair, OwnKeys};
pub use mock::MockTrust;
pub use peers::HttpPeers;
pub use subject::outline;
pub use tls::{TlsFault, install_crypto, tls_config};
pub use token::TokenIssuer;
pub use trust::HttpTrust;
pub use trusted::TrustedIssuers;
pub use url_guard::{GuardFault, UrlGuard};
pub use verifier::verify_with_jwk;
