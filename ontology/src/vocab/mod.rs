//! The vocabularies, one module each.

/// Declares `NS` and one documented constant per term.
macro_rules! vocabulary {
    ($ns:literal, $prefix:literal; $($name:ident = $local:literal,)*) => {
        #[doc = concat!("Namespace `", $ns, "`, by custom the prefix `", $prefix, ":`.")]
        pub const NS: &str = $ns;
        $(
            #[doc = concat!("`", $prefix, ":", $local, "`")]
            pub const $name: &str = concat!($ns, $local);
        )*
    };
}

pub mod cred;
pub mod dcat;
pub mod dct;
pub mod dspace;
pub mod edc;
pub mod ent;
pub mod gx;
pub mod odrl;
pub mod ovc;
mod small;

pub use small::{foaf, ids, rdf, rdfs, schema, spdx, vcard, xsd};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_namespace_plus_local_name() {
        assert_eq!(dcat::DATASET, "http://www.w3.org/ns/dcat#dataset");
        assert_eq!(dcat::DATASET_CLASS, "http://www.w3.org/ns/dcat#Dataset");
        assert_eq!(odrl::USE, "http://www.w3.org/ns/odrl/2/use");
        assert_eq!(dspace::PROVIDER_PID, "https://w3id.org/dspace/2025/1/providerPid");
        assert_eq!(edc::IN_FORCE_DATE, "https://w3id.org/edc/v0.0.1/ns/inForceDate");
        assert_eq!(xsd::DATE_TIME, "http://www.w3.org/2001/XMLSchema#dateTime");
    }
}
