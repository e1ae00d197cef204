//! Where the fields of the API are in the stored documents.

use super::output::key;
use engine::record::Kind;
use ontology::edc;

/// The document path of `field`, or why it is none.
pub(super) fn path(kind: Kind, field: &str) -> Result<String, String> {
    let segments = segments(field)?;
    let names: Vec<String> = segments.iter().map(|s| key(s)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if kind == Kind::Asset {
        return Ok(match names.as_slice() {
            ["id" | "@id"] | ["properties", "id" | "@id"] => "id".to_owned(),
            [name @ ("createdAt" | "sha256" | "byteSize")] => (*name).to_owned(),
            ["dataAddress", rest @ ..] if !rest.is_empty() => format!("dataAddress.{}", quoted(rest)),
            [root @ ("properties" | "privateProperties"), rest @ ..] if !rest.is_empty() => {
                format!("{root}.{}", properties(rest))
            }
            all => format!("properties.{}", properties(all)),
        });
    }
    if let Some(path) = below(kind, &names) {
        return Ok(path);
    }
    let name = names.join(".");
    Ok(match (kind, name.as_str()) {
        (Kind::Negotiation | Kind::Transfer, "id" | "@id") => "pid",
        (Kind::Negotiation | Kind::Transfer, "state") => "process.state",
        (Kind::Negotiation | Kind::Transfer, "type") => "role",
        (Kind::Negotiation | Kind::Transfer, "counterPartyId" | "connectorId") => "peer",
        (Kind::Negotiation | Kind::Transfer, "counterPartyAddress") => "peerAddress",
        (Kind::Negotiation | Kind::Transfer, "correlationId") => "peerPid",
        (Kind::Negotiation | Kind::Transfer, "stateTimestamp") => "updatedAt",
        (Kind::Negotiation, "assetId" | "contractAgreement.assetId" | "contractOffers.assetId") => {
            "datasetId"
        }
        (Kind::Negotiation, "contractAgreementId") => "process.agreement.policy.@id",
        (Kind::Negotiation | Kind::Transfer, "profile") => "protocol",
        (Kind::Transfer | Kind::Edr | Kind::Agreement, "assetId") => "datasetId",
        (Kind::Transfer, "dataRequest.assetId") => "datasetId",
        (Kind::Transfer | Kind::Edr, "contractId" | "contractAgreementId") => "agreementId",
        (Kind::Transfer, "dataRequest.contractId") => "agreementId",
        (Kind::Transfer, "transferType") => "format",
        (Kind::Agreement, "agreementId" | "@id") => "id",
        (Kind::Agreement, "contractSigningDate") => "signedAt",
        (Kind::Agreement, "providerId") => "agreement.policy.assigner",
        (Kind::Agreement, "consumerId") => "agreement.policy.assignee",
        (Kind::Agreement, "contractNegotiationId") => "negotiationPid",
        (Kind::Edr, "transferProcessId" | "id" | "@id") => "transferPid",
        (Kind::Edr, "contractNegotiationId") => "negotiationPid",
        (Kind::Edr, "providerId") => "provider",
        (_, "@id") => "id",
        _ => return Ok(quoted(&names)),
    }
    .to_owned())
}

/// Paths into what a record holds: the terms of its agreement, and lists, of which one entry has to match.
fn below(kind: Kind, names: &[&str]) -> Option<String> {
    match (kind, names) {
        (Kind::Negotiation, ["contractAgreement", rest @ ..]) => {
            let term = match rest {
                ["id" | "@id" | "agreementId"] => "@id",
                ["providerId"] => "assigner",
                ["consumerId"] => "assignee",
                ["policy", rest @ ..] if !rest.is_empty() => {
                    return Some(format!("process.agreement.policy.{}", quoted(rest)));
                }
                _ => return None,
            };
            Some(format!("process.agreement.policy.{term}"))
        }
        (Kind::Agreement, ["policy", rest @ ..]) if !rest.is_empty() => {
            Some(format!("agreement.policy.{}", quoted(rest)))
        }
        (Kind::ContractDefinition, [list @ "assetsSelector", rest @ ..])
        | (Kind::Negotiation | Kind::Transfer, [list @ "callbackAddresses", rest @ ..])
            if !rest.is_empty() =>
        {
            Some(format!("{list}[*].{}", quoted(rest)))
        }
        _ => None,
    }
}

/// Parts between dots; a part in single quotes is one, and so is what is left from a part with a colon on, for
/// IRIs have dots.
fn segments(field: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut rest = Some(field.trim());
    while let Some(text) = rest {
        let part;
        (part, rest) = match text.strip_prefix('\'') {
            Some(open) => {
                let (inside, after) = open.split_once('\'').ok_or("a quote is not closed")?;
                match after.strip_prefix('.') {
                    Some(after) => (inside, Some(after)),
                    None if after.is_empty() => (inside, None),
                    None => return Err("a part in quotes must be followed by a dot".to_owned()),
                }
            }
            None => match text.split_once('.') {
                Some((part, after)) if !part.contains(':') => (part, Some(after)),
                _ => (text, None),
            },
        };
        if part.is_empty() || part.contains(['"', '\'']) {
            return Err("is not a path".to_owned());
        }
        out.push(part.to_owned());
    }
    Ok(out)
}

/// Properties are stored under their IRIs.
fn properties(names: &[&str]) -> String {
    let iris: Vec<String> = names
        .iter()
        .map(|name| {
            if name.contains(':') || name.starts_with('@') {
                (*name).to_owned()
            } else {
                format!("{}{name}", edc::NS)
            }
        })
        .collect();
    quoted(&iris.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A path in which names with dots or colons are literal.
fn quoted(names: &[&str]) -> String {
    // Brackets mean something to the store.
    let quote = |name: &&str| {
        if name.contains(['.', ':', '[', '(']) { format!("'{name}'") } else { (*name).to_owned() }
    };
    names.iter().map(quote).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDC: &str = "https://w3id.org/edc/v0.0.1/ns/";

    #[test]
    fn properties_of_assets_are_found_by_iri() {
        for (field, found) in [
            ("id", "id".to_owned()),
            ("@id", "id".to_owned()),
            (&format!("{EDC}id"), "id".to_owned()),
            (&format!("'{EDC}id'"), "id".to_owned()),
            ("createdAt", "createdAt".to_owned()),
            ("name", format!("properties.'{EDC}name'")),
            (&format!("{EDC}name"), format!("properties.'{EDC}name'")),
            (&format!("'{EDC}a'.'{EDC}b'"), format!("properties.'{EDC}a'.'{EDC}b'")),
            (&format!("properties.'{EDC}name'"), format!("properties.'{EDC}name'")),
            (&format!("privateProperties.'{EDC}k'"), format!("privateProperties.'{EDC}k'")),
            ("http://purl.org/dc/terms/title", "properties.'http://purl.org/dc/terms/title'".to_owned()),
            ("dataAddress.type", "dataAddress.type".to_owned()),
        ] {
            assert_eq!(path(Kind::Asset, field).as_deref(), Ok(found.as_str()), "{field}");
        }
    }

    #[test]
    fn fields_of_processes_are_renamed() {
        for (kind, field, found) in [
            (Kind::Negotiation, "state", "process.state"),
            (Kind::Negotiation, "counterPartyId", "peer"),
            (Kind::Negotiation, "contractAgreement.assetId", "datasetId"),
            (Kind::Negotiation, "contractAgreementId", "process.agreement.policy.@id"),
            (Kind::Negotiation, "contractAgreement.id", "process.agreement.policy.@id"),
            (Kind::Negotiation, "contractAgreement.providerId", "process.agreement.policy.assigner"),
            (Kind::Negotiation, "callbackAddresses.uri", "callbackAddresses[*].uri"),
            (Kind::ContractDefinition, "assetsSelector.operandRight", "assetsSelector[*].operandRight"),
            (Kind::ContractDefinition, "seconds(createdAt)", "'seconds(createdAt)'"),
            (Kind::Agreement, "policy.target", "agreement.policy.target"),
            (Kind::Transfer, "contractId", "agreementId"),
            (Kind::Transfer, "https://w3id.org/edc/v0.0.1/ns/transferType", "format"),
            (Kind::Agreement, "consumerId", "agreement.policy.assignee"),
            (Kind::Agreement, "contractSigningDate", "signedAt"),
            (Kind::Edr, "agreementId", "agreementId"),
            (Kind::Edr, "contractNegotiationId", "negotiationPid"),
            (Kind::ContractDefinition, "accessPolicyId", "accessPolicyId"),
            (Kind::PolicyDefinition, "@id", "id"),
        ] {
            assert_eq!(path(kind, field).as_deref(), Ok(found), "{field}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for bad in ["", "'open", "a..b", "'a'b", "a\"b", "."] {
            assert!(path(Kind::Asset, bad).is_err(), "{bad}");
        }
    }
}
