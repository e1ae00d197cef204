//! Making, signing and checking agreements.
//!
//! The signatures are a JWS in general JSON form over the RFC 8785 bytes of the agreement: first the
//! provider's, then the consumer's.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::TrustError;
use crate::record::AgreementRecord;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ontology::time::Timestamp;
use policies::{Policy, PolicyKind};
use protocol::agreement::Agreement;
use protocol::jws::{GeneralJws, JwsSignature, signing_input};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// `typ` of the protected header.
pub const JWS_TYPE: &str = "entente-agreement+jws";

/// The result of checking one signature.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureCheck {
    /// Who should have signed.
    pub signer: String,
    /// `provider` or `consumer`.
    pub role: String,
    /// Key named by the signature.
    pub kid: Option<String>,
    /// Does it hold?
    pub valid: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// The result of checking an agreement.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgreementCheck {
    /// Both signatures hold.
    pub valid: bool,
    /// Agreement id.
    pub agreement: String,
    /// One entry for each party.
    pub signatures: Vec<SignatureCheck>,
}

impl Engine {
    /// The agreement on `policy` with `consumer`, unsigned.
    pub(crate) fn make_agreement(
        &self,
        policy: &Policy,
        dataset: &str,
        consumer: &str,
        now: Timestamp,
    ) -> Agreement {
        // Peers compare whole seconds; EDC sends them.
        let signed = Timestamp::from_seconds(now.seconds());
        let mut body = policy
            .clone()
            .with_parties(
                Some(self.ports.ids.urn()),
                PolicyKind::Agreement,
                Some(dataset.to_owned()),
                Some(self.did().to_owned()),
                Some(consumer.to_owned()),
            )
            .to_json();
        if let Some(members) = body.as_object_mut() {
            members.insert("timestamp".to_owned(), Value::String(signed.to_rfc3339()));
        }
        Agreement::new(body)
    }

    /// Adds our signature to `agreement`.
    pub(crate) fn sign_agreement(&self, agreement: &mut Agreement) -> Result<(), Fault> {
        let signer = &self.ports.signer;
        let payload = URL_SAFE_NO_PAD.encode(agreement.canonical());
        let header = json!({"alg": signer.algorithm(), "kid": signer.key_id(), "typ": JWS_TYPE});
        let protected = URL_SAFE_NO_PAD.encode(header.to_string());
        let signature = signer.sign(signing_input(&protected, &payload).as_bytes())?;
        let entry = JwsSignature { protected, signature: URL_SAFE_NO_PAD.encode(signature) };
        let mut jws = match agreement.jws() {
            Some(jws) if jws.payload == payload => jws,
            _ => GeneralJws { payload, signatures: Vec::new() },
        };
        jws.signatures.push(entry);
        agreement.set_jws(&jws);
        Ok(())
    }

    /// Checks that `signer` signed `agreement`.
    ///
    /// # Errors
    /// [`TrustError::Invalid`] when there is no such signature or it is wrong.
    pub(crate) async fn check_signature(
        &self,
        agreement: &Agreement,
        signer: &str,
    ) -> Result<String, TrustError> {
        let jws =
            agreement.jws().ok_or_else(|| TrustError::Invalid("the agreement is not signed".to_owned()))?;
        if jws.payload != URL_SAFE_NO_PAD.encode(agreement.canonical()) {
            return Err(TrustError::Invalid("the signatures are over another text".to_owned()));
        }
        let mut last = TrustError::Invalid(format!("no signature of {signer}"));
        for entry in &jws.signatures {
            let Some((kid, alg)) = header_of(entry) else { continue };
            if kid.split('#').next() != Some(signer) {
                continue;
            }
            let Ok(signature) = URL_SAFE_NO_PAD.decode(&entry.signature) else { continue };
            let input = signing_input(&entry.protected, &jws.payload);
            match self.ports.trust.verify(signer, &kid, &alg, input.as_bytes(), &signature).await {
                Ok(()) => return Ok(kid),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Checks both signatures of a stored agreement.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; a signature that does not hold is in the result.
    pub async fn verify_agreement(&self, id: &str) -> Result<AgreementCheck, Fault> {
        let record: AgreementRecord = self.get(id).await?;
        let mut signatures = Vec::new();
        for (role, signer) in
            [("provider", record.agreement.assigner()), ("consumer", record.agreement.assignee())]
        {
            let signer = signer.unwrap_or_default().to_owned();
            let result = self.check_signature(&record.agreement, &signer).await;
            signatures.push(SignatureCheck {
                role: role.to_owned(),
                valid: result.is_ok(),
                reason: result.as_ref().err().map(ToString::to_string),
                kid: result.ok(),
                signer,
            });
        }
        Ok(AgreementCheck { valid: signatures.iter().all(|s| s.valid), agreement: record.id, signatures })
    }
}

fn header_of(entry: &JwsSignature) -> Option<(String, String)> {
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&entry.protected).ok()?).ok()?;
    Some((header.get("kid")?.as_str()?.to_owned(), header.get("alg")?.as_str()?.to_owned()))
}
