//! Reading another participant's self-description: a Gaia-X LegalPerson credential as VC-JWT (VCDM 2.0;
//! W3C VC-JOSE-COSE; Gaia-X ICAM). It is self-issued, so all that it proves is who says so.

use super::compact::Compact;
use super::verifier::Verifiers;
use engine::port::Participant;
use ontology::jsonld::Node;
use ontology::time::Timestamp;
use ontology::{cred, gx, odrl, schema};
use protocol::dcp::{ASSERTION_METHOD, DidDocument};
use reqwest::Url;
use serde_json::Value;

/// Clocks may differ by this much.
const LEEWAY_MS: i64 = 30_000;
/// Namespaces of the ontology: the moving one, in which claims are named, and the frozen release.
const NAMESPACES: [&str; 2] = [gx::NS, "https://w3id.org/gaia-x/2511#"];
const TYP: [&str; 3] = ["vc+jwt", "vc+ld+json+jwt", "vc+ld+jwt"];
const CTY: [&str; 3] = ["vc", "vc+ld+json", "vc+ld"];

/// A credential whose envelope was checked.
#[derive(Debug)]
pub(super) struct Verified {
    /// The credential.
    pub(super) credential: Value,
    /// First instant at which it is valid.
    pub(super) from: Option<Timestamp>,
    /// When it ends.
    pub(super) until: Option<Timestamp>,
}

/// Checks the envelope of a credential that `document.id` issued.
pub(super) fn verify(
    text: &str,
    document: &DidDocument,
    verifiers: &Verifiers,
    now: Timestamp,
) -> Result<Verified, String> {
    let jws = Compact::parse(text)?;
    media("typ", jws.header("typ"), &TYP)?;
    media("cty", jws.header("cty"), &CTY)?;
    let did = document.id.as_str();
    expect("header iss", jws.header("iss"), did)?;
    let kid = jws.header("kid").ok_or("the header names no key")?;
    let key = document
        .key(kid, ASSERTION_METHOD)
        .ok_or_else(|| format!("{did} does not list {kid} under {ASSERTION_METHOD}"))?;
    let fragment = kid.rsplit_once('#').map_or(kid, |(_, fragment)| fragment);
    verifiers.get(&format!("{did}#{fragment}"), key)?.verify(
        jws.header("alg").unwrap_or("none"),
        jws.input(),
        &jws.signature,
    )?;
    let (from, until) = check(&jws.payload, did, now)?;
    Ok(Verified { credential: jws.payload, from, until })
}

/// When a credential begins and ends.
type Validity = (Option<Timestamp>, Option<Timestamp>);

/// Checks what every credential has but its status, and gives its beginning and end.
fn check(credential: &Value, did: &str, now: Timestamp) -> Result<Validity, String> {
    let member = |name: &str| credential.get(name);
    if member("vc").is_some() {
        return Err("the credential is wrapped in a vc claim".to_owned());
    }
    let first = member("@context").map(|c| c.get(0).unwrap_or(c)).and_then(Value::as_str);
    expect("first context", first, ontology::jsonld::CREDENTIALS_V2_CONTEXT)?;
    if !texts(member("type")).contains(&"VerifiableCredential") {
        return Err("it is not a VerifiableCredential".to_owned());
    }
    expect("issuer", member("issuer").and_then(|i| i.as_str().or_else(|| i.get("id")?.as_str())), did)?;
    let instant = |name: &str| -> Result<Option<Timestamp>, String> {
        let Some(value) = member(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| format!("{name} is not text"))?;
        Timestamp::parse(text).map(Some).map_err(|e| format!("{name}: {e}"))
    };
    let from = instant("validFrom")?;
    if let Some(from) = from
        && from.minus(now) > LEEWAY_MS
    {
        return Err(format!("it is not valid before {from}"));
    }
    let until = instant("validUntil")?;
    match until {
        Some(until) if until <= now => Err(format!("it expired at {until}")),
        until => Ok((from, until)),
    }
}

/// What a verified LegalPerson credential says about its issuer. `home` is where the issuer's DID document is.
pub(super) fn participant(
    credential: &Value,
    did: &str,
    home: &str,
    url: &str,
) -> Result<Participant, String> {
    let expanded = ontology::jsonld::expand(credential).map_err(|e| e.to_string())?;
    let node = Node::new(&expanded).ok_or("it is not a credential")?;
    let subjects = node.nodes(cred::CREDENTIAL_SUBJECT);
    let [subject] = subjects.as_slice() else {
        return Err("it must have exactly one subject".to_owned());
    };
    let classes = [node.types(), subject.types()].concat();
    if !named(gx::LEGAL_PERSON).any(|class| classes.contains(&class.as_str())) {
        return Err("its subject is not a gx:LegalPerson".to_owned());
    }
    let id = subject.id().ok_or("its subject has no id")?;
    if !is_own(id, did, home) {
        return Err(format!("it is about {id}, not about {did}"));
    }
    let mut found = Participant {
        did: did.to_owned(),
        name: subject.first_str(schema::NAME),
        self_description: Some(url.to_owned()),
        ..bare(did)
    };
    let address = first_node(subject, gx::LEGAL_ADDRESS);
    if let Some(code) = address.and_then(|address| first_str(&address, gx::COUNTRY_CODE)) {
        let code = ontology::place::canonical(&code).map_or(code, str::to_owned);
        // As JSON-LD expands the short form.
        let path = format!("{}.gx:countryCode", gx::LEGAL_ADDRESS);
        for key in ["spatial", odrl::SPATIAL, "gx:legalAddress.gx:countryCode", &path] {
            claim(&mut found, key, &code);
        }
    }
    if let Some(number) = registration(subject) {
        for key in ["gx:registrationNumber", gx::REGISTRATION_NUMBER] {
            claim(&mut found, key, &number);
        }
    }
    if let Some(name) = found.name.clone() {
        for key in ["schema:name", schema::NAME] {
            claim(&mut found, key, &name);
        }
    }
    Ok(found)
}

/// A participant of which nothing but the DID is known.
pub(super) fn bare(did: &str) -> Participant {
    let mut participant = Participant { did: did.to_owned(), ..Participant::default() };
    for key in ["recipient", odrl::RECIPIENT] {
        claim(&mut participant, key, did);
    }
    participant
}

fn claim(participant: &mut Participant, key: &str, value: &str) {
    participant.claims.insert(key.to_owned(), vec![value.to_owned()]);
}

/// Is `id` the DID itself, something of its document, or something on the host of that document?
fn is_own(id: &str, did: &str, home: &str) -> bool {
    let same_origin = || Some(id.parse::<Url>().ok()?.origin() == home.parse::<Url>().ok()?.origin());
    id.split('#').next() == Some(did) || same_origin().unwrap_or(false)
}

fn registration(subject: &Node<'_>) -> Option<String> {
    let number = first_node(subject, gx::REGISTRATION_NUMBER)?;
    [gx::LOCAL, gx::VAT_ID, gx::EORI, gx::EUID, schema::LEI_CODE, schema::TAX_ID]
        .iter()
        .find_map(|kind| first_str(&number, kind))
}

/// The names of a term in every namespace.
fn named(term: &str) -> impl Iterator<Item = String> {
    NAMESPACES.iter().map(move |ns| term.replacen(gx::NS, ns, 1))
}

fn first_node<'a>(node: &Node<'a>, term: &str) -> Option<Node<'a>> {
    named(term).find_map(|term| node.first_node(&term))
}

fn first_str(node: &Node<'_>, term: &str) -> Option<String> {
    named(term).find_map(|term| node.first_str(&term)).filter(|text| !text.trim().is_empty())
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

fn expect(what: &str, found: Option<&str>, wanted: &str) -> Result<(), String> {
    match found {
        Some(found) if found == wanted => Ok(()),
        Some(found) => Err(format!("its {what} is {found}, not {wanted}")),
        None => Err(format!("it has no {what}")),
    }
}

/// Media types in headers may leave out `application/`.
fn media(what: &str, found: Option<&str>, accepted: &[&str]) -> Result<(), String> {
    let lower = found.map(str::to_ascii_lowercase);
    let short = lower.as_deref().map(|text| text.strip_prefix("application/").unwrap_or(text));
    match short {
        Some(short) if accepted.contains(&short) => Ok(()),
        Some(other) => Err(format!("its {what} is {other}")),
        None => Err(format!("it has no {what}")),
    }
}
