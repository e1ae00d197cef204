//! Checking an agreement offline, with nothing but the agreement and the two DID documents.

use super::CliError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::{AgreementCheck, SignatureCheck};
use protocol::agreement::Agreement;
use protocol::dcp::DidDocument;
use protocol::jws::signing_input;
use serde_json::Value;

/// Checks both signatures of `record`, which is what `contract show --json` prints or an agreement with its
/// signature property.
///
/// # Errors
/// [`CliError::Usage`] when the input has another form. A signature that does not hold is in the result.
pub fn offline(record: &Value, documents: &[Value]) -> Result<Value, CliError> {
    let usage = |reason: String| CliError::Usage(reason);
    let agreement: Agreement = match record.get("agreement") {
        Some(inner) => serde_json::from_value(inner.clone())
            .or_else(|_| Agreement::from_wire(inner.clone()).map_err(|e| usage(format!("agreement: {e}"))))?,
        None => Agreement::from_wire(record.clone()).map_err(|e| usage(format!("agreement: {e}")))?,
    };
    let documents: Vec<DidDocument> = documents
        .iter()
        .map(|d| serde_json::from_value(d.clone()).map_err(|e| usage(format!("DID document: {e}"))))
        .collect::<Result<_, _>>()?;
    let signatures = vec![
        check(&agreement, "provider", agreement.assigner(), &documents),
        check(&agreement, "consumer", agreement.assignee(), &documents),
    ];
    let result = AgreementCheck {
        valid: signatures.iter().all(|s| s.valid),
        agreement: agreement.id().to_owned(),
        signatures,
    };
    serde_json::to_value(result).map_err(|e| CliError::Other(e.to_string()))
}

fn check(
    agreement: &Agreement,
    role: &str,
    signer: Option<&str>,
    documents: &[DidDocument],
) -> SignatureCheck {
    let signer = signer.unwrap_or_default().to_owned();
    let result = find(agreement, &signer, documents);
    SignatureCheck {
        role: role.to_owned(),
        valid: result.is_ok(),
        reason: result.as_ref().err().cloned(),
        kid: result.ok(),
        signer,
    }
}

fn find(agreement: &Agreement, signer: &str, documents: &[DidDocument]) -> Result<String, String> {
    let document = documents
        .iter()
        .find(|d| d.id == signer)
        .ok_or_else(|| format!("the DID document of {signer} was not given"))?;
    let jws = agreement.jws().ok_or("the agreement is not signed")?;
    if jws.payload != URL_SAFE_NO_PAD.encode(agreement.canonical()) {
        return Err("the signatures are over another text".to_owned());
    }
    for entry in &jws.signatures {
        let Some(header) = entry.header() else { continue };
        if header.kid.split('#').next() != Some(signer) {
            continue;
        }
        let key = document
            .key(&header.kid, "assertionMethod")
            .ok_or_else(|| format!("{} is not an assertion key of {signer}", header.kid))?;
        let signature = entry.bytes().ok_or("the signature is not base64url")?;
        let input = signing_input(&entry.protected, &jws.payload);
        crate::identity::verify_with_jwk(key, &header.alg, input.as_bytes(), &signature)
            .map_err(|reason| reason.to_string())?;
        return Ok(header.kid);
    }
    Err(format!("there is no signature of {signer}"))
}
