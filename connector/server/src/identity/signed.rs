//! Credentials that somebody issued, as VC-JWT (VCDM 2.0; W3C VC-JOSE-COSE): whose signature is it, and does it hold?

use super::compact::Compact;
use super::did_web::DidWebResolver;
use super::verifier::Verifiers;
use engine::port::TrustError;
use ontology::time::Timestamp;
use protocol::dcp::ASSERTION_METHOD;
use serde_json::Value;

const TYP: [&str; 3] = ["vc+jwt", "vc+ld+json+jwt", "vc+ld+jwt"];
/// Clocks may differ by this much.
const LEEWAY_MS: i64 = 30_000;

/// A credential whose signature holds. Whether its issuer is to be trusted is another question.
#[derive(Debug)]
pub(super) struct Signed {
    /// The credential.
    pub(super) credential: Value,
    /// DID of the issuer, who signed it.
    pub(super) issuer: String,
    /// First instant at which it is valid.
    pub(super) from: Option<Timestamp>,
    /// First instant at which it is no longer valid.
    pub(super) until: Option<Timestamp>,
}

/// Verifies the signature of a credential with a key that its issuer lists for statements.
///
/// # Errors
/// [`TrustError::Unavailable`] when the issuer's DID document cannot be had now; else what is wrong.
pub(super) async fn verify(
    text: &str,
    resolver: &DidWebResolver,
    verifiers: &Verifiers,
) -> Result<Signed, TrustError> {
    let invalid = |reason: String| TrustError::Invalid(reason);
    let jws = Compact::parse(text).map_err(invalid)?;
    media(jws.header("typ"), &TYP).map_err(invalid)?;
    let signed = read(jws.payload.clone()).map_err(invalid)?;
    if let Some(iss) = jws.header("iss").filter(|iss| *iss != signed.issuer) {
        return Err(invalid(format!(
            "its header names {iss} as issuer, and the credential {}",
            signed.issuer
        )));
    }
    let kid = jws.header("kid").ok_or_else(|| invalid("the header names no key".to_owned()))?;
    let (kid, key) = resolver.key(&signed.issuer, Some(kid), &[ASSERTION_METHOD]).await?;
    verifiers
        .get(&kid, &key)
        .and_then(|v| v.verify(jws.header("alg").unwrap_or("none"), jws.input(), &jws.signature))
        .map_err(invalid)?;
    Ok(signed)
}

/// Reads a credential without checking its signature.
///
/// # Errors
/// What is wrong with its form.
pub(super) fn unverified(text: &str) -> Result<Signed, String> {
    let jws = Compact::parse(text)?;
    media(jws.header("typ"), &TYP)?;
    jws.header("kid").ok_or("the header names no key")?;
    read(jws.payload)
}

impl Signed {
    /// Is it valid at `now`?
    ///
    /// # Errors
    /// Why not.
    pub(super) fn current(&self, now: Timestamp) -> Result<(), String> {
        match (self.from, self.until) {
            (Some(from), _) if from.minus(now) > LEEWAY_MS => Err(format!("it is not valid before {from}")),
            (_, Some(until)) if until <= now => Err(format!("it expired at {until}")),
            _ => Ok(()),
        }
    }
}

/// What every credential must say of itself, not yet believed.
fn read(credential: Value) -> Result<Signed, String> {
    let member = |name: &str| credential.get(name);
    if member("vc").is_some() {
        return Err("the credential is wrapped in a vc claim".to_owned());
    }
    let first = member("@context").map(|c| c.get(0).unwrap_or(c)).and_then(Value::as_str);
    if first != Some(ontology::jsonld::CREDENTIALS_V2_CONTEXT) {
        return Err("its first context is not that of the credentials data model 2.0".to_owned());
    }
    if !texts(member("type")).contains(&"VerifiableCredential") {
        return Err("it is not a VerifiableCredential".to_owned());
    }
    let issuer = member("issuer").and_then(|i| i.as_str().or_else(|| i.get("id")?.as_str()));
    let issuer = issuer.ok_or("it has no issuer")?.to_owned();
    let instant = |name: &str| -> Result<Option<Timestamp>, String> {
        let Some(value) = member(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| format!("{name} is not text"))?;
        Timestamp::parse(text).map(Some).map_err(|e| format!("{name}: {e}"))
    };
    let seconds = |name: &str| -> Result<Option<Timestamp>, String> {
        let Some(value) = member(name) else { return Ok(None) };
        let whole = value.as_i64().or_else(|| value.as_f64().map(|f| f as i64));
        whole.map(Timestamp::from_seconds).map(Some).ok_or_else(|| format!("{name} is not a number"))
    };
    // Where the JWT says it too, the narrower of both counts.
    let from = instant("validFrom")?.into_iter().chain(seconds("nbf")?).max();
    let until = instant("validUntil")?.into_iter().chain(seconds("exp")?).min();
    Ok(Signed { issuer, from, until, credential })
}

/// The types of a credential and of its subjects, without the one that all have.
pub(super) fn types(credential: &Value) -> Vec<String> {
    let of = |node: &Value| {
        ["type", "@type"]
            .iter()
            .flat_map(|name| texts(node.get(*name)))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut found = of(credential);
    found.extend(subjects(credential).iter().flat_map(of));
    found.retain(|t| t != "VerifiableCredential");
    found.dedup();
    found
}

/// The subjects of a credential.
pub(super) fn subjects(credential: &Value) -> &[Value] {
    match credential.get("credentialSubject") {
        Some(Value::Array(all)) => all,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

/// Is the `typ` of a header one of `accepted`? `application/` may be left out.
pub(super) fn media(typ: Option<&str>, accepted: &[&str]) -> Result<(), String> {
    let lower = typ.ok_or("it has no typ")?.to_ascii_lowercase();
    let short = lower.strip_prefix("application/").unwrap_or(&lower);
    if accepted.contains(&short) { Ok(()) } else { Err(format!("its typ is {short}")) }
}
