//! The operations of the management API as one table: what is mounted is what the OpenAPI document says.
//!
//! Each module of resources adds its operations to an [`Api`]. From that list both the routes and the document
//! are made, so neither can have an operation that the other lacks.

mod document;
mod mount;
mod operation;
mod page;
mod schemas;
mod strict;

pub(super) use mount::configure;
use operation::Operation;
pub(in crate::web) use operation::{Answer, Api, Version};

#[cfg(test)]
pub(super) use document::document;

/// Every operation, in the order of the document.
fn all() -> Vec<Operation> {
    [Version::V3, Version::V4, Version::V1, Version::V2, Version::Plain].into_iter().flat_map(of).collect()
}

/// The operations of one version.
fn of(version: Version) -> Vec<Operation> {
    let mut api = Api::new(version);
    match version {
        Version::V3 => {
            super::assets::operations(&mut api);
            common(&mut api);
            super::edrs::operations(&mut api);
            super::secrets::operations(&mut api);
            super::dataplanes::operations(&mut api);
        }
        Version::V4 => {
            super::assets::operations(&mut api);
            common(&mut api);
            super::secrets::operations(&mut api);
            super::dataplanes::operations(&mut api);
        }
        Version::V2 => common(&mut api),
        Version::V1 => super::own::operations(&mut api),
        Version::Plain => {
            crate::web::public::health_operations(&mut api);
            page::operations(&mut api);
        }
    }
    api.into_operations()
}

/// What the versions of EDC's API have in common.
fn common(api: &mut Api) {
    super::policies::operations(api);
    super::contract_definitions::operations(api);
    super::catalog::operations(api);
    super::negotiations::operations(api);
    super::agreements::operations(api);
    super::transfers::operations(api);
}
