//! The Decentralized Claims Protocol: claims of self-issued tokens, DID documents and where they are. Checks
//! are on material that others have fetched and whose signatures others have verified.

mod did_web;
mod document;
mod token;

pub use did_web::{DidFault, did_web_url};
pub use document::{
    ASSERTION_METHOD, AUTHENTICATION, CAPABILITY_INVOCATION, DidDocument, Service, VerificationMethod,
};
pub use token::{SelfIssued, TokenFault};
