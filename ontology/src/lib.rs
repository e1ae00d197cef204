//! What words mean here: vocabulary terms, offline JSON-LD, instants, places,
//! purposes and industries.
//!
//! Pure: no clock, no network, no files at run time. Contexts and tables are compiled in.
//!
//! Each vocabulary module has `NS` and one constant per term, named after the term in upper snake case
//! (`dcat::ENDPOINT_URL`). Where a class and a property differ only by their first letter, the property keeps
//! the plain name and the class ends in `_CLASS` (`dcat::DATASET`, `dcat::DATASET_CLASS`).

pub mod jsonld;
pub mod place;
pub mod taxonomy;
pub mod time;
pub mod turtle;
mod vocab;

pub use vocab::{
    cred, dcat, dct, dspace, edc, ent, foaf, gx, ids, odrl, ovc, rdf, rdfs, schema, spdx, vcard, xsd,
};
