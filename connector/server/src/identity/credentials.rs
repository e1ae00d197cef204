//! Our own credentials as VC-JWT: who we are, and what each dataset is (VCDM 2.0; W3C VC-JOSE-COSE; Gaia-X
//! ontology 25.11). Only what is known is stated.

use super::compact;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use catalog::Dataset;
use engine::port::{Signer, TrustError};
use ontology::jsonld::{CREDENTIALS_V2_CONTEXT, GX_CONTEXT};
use ontology::time::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// Media type of a credential.
pub const MEDIA_TYPE: &str = "application/vc+jwt";

/// Media type of a presentation.
pub const PRESENTATION_MEDIA_TYPE: &str = "application/vp+jwt";
/// How long a presentation is valid, in seconds; readers keep it for minutes.
const PRESENTATION_S: i64 = 3_600;

/// A presentation of `credentials` (VC-JWT texts) by the owner of `signer`, signed at `now`.
///
/// # Errors
/// When our key cannot be used.
pub fn presentation(
    signer: &dyn Signer,
    url: &str,
    credentials: &[String],
    now: Timestamp,
) -> Result<String, TrustError> {
    let header = compact::encode(&json!({
        "alg": signer.algorithm(),
        "typ": "vp+jwt",
        "cty": "vp",
        "iss": signer.did(),
        "kid": signer.key_id(),
    }));
    let enveloped = |text: &String| {
        json!({
            "@context": CREDENTIALS_V2_CONTEXT,
            "type": "EnvelopedVerifiableCredential",
            "id": format!("data:{MEDIA_TYPE},{text}"),
        })
    };
    let presentation = json!({
        "@context": [CREDENTIALS_V2_CONTEXT],
        "id": url,
        "type": ["VerifiablePresentation"],
        "holder": signer.did(),
        "iat": now.seconds(),
        "exp": now.seconds().saturating_add(PRESENTATION_S),
        "verifiableCredential": credentials.iter().map(enveloped).collect::<Vec<_>>(),
    });
    compact::sign(signer, &header, &presentation)
}

/// When a credential is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First instant.
    pub from: Timestamp,
    /// First instant at which it is not valid any more.
    pub until: Timestamp,
}

/// What a participant says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegalPerson<'a> {
    /// URL of the credential.
    pub url: &'a str,
    /// Name.
    pub name: &'a str,
    /// ISO 3166-1 code of its seat.
    pub country: Option<&'a str>,
    /// Registration number.
    pub registration: Option<&'a str>,
}

/// The `gx:LegalPerson` credential of the owner of `signer`.
///
/// # Errors
/// When our key cannot be used.
pub fn legal_person(
    signer: &dyn Signer,
    person: &LegalPerson<'_>,
    validity: Validity,
) -> Result<String, TrustError> {
    let mut subject = Map::new();
    subject.insert("id".to_owned(), json!(signer.did()));
    subject.insert("type".to_owned(), json!("gx:LegalPerson"));
    subject.insert("schema:name".to_owned(), json!(person.name));
    if let Some(country) = person.country {
        let code = ontology::place::canonical(country).unwrap_or(country);
        for property in ["gx:legalAddress", "gx:headquartersAddress"] {
            subject.insert(property.to_owned(), json!({"type": "gx:Address", "gx:countryCode": code}));
        }
    }
    if let Some(number) = person.registration {
        let number = json!({
            "id": format!("{}#registration", person.url),
            "type": "gx:LocalRegistrationNumber",
            "gx:local": number,
        });
        subject.insert("gx:registrationNumber".to_owned(), number);
    }
    issue(signer, person.url, "gx:LegalPerson", validity, Value::Object(subject), None)
}

/// The `gx:DataProduct` credential of `dataset`, to be published at `url`.
///
/// # Errors
/// When our key cannot be used.
pub fn data_product(
    signer: &dyn Signer,
    url: &str,
    dataset: &Dataset,
    validity: Validity,
) -> Result<String, TrustError> {
    let title = dataset.title.as_deref().unwrap_or(&dataset.id);
    let launched = dataset.issued.unwrap_or(validity.from);
    let mut subject = Map::new();
    let mut add = |name: &str, value: Value| subject.insert(name.to_owned(), value);
    add("id", json!(format!("{url}#product")));
    add("type", json!("gx:DataProduct"));
    add("gx:digitalServiceOfferingName", json!(title));
    add("gx:digitalServiceOfferingShortDescription", json!(dataset.description.as_deref().unwrap_or(title)));
    add("gx:digitalServiceOfferingIdentifier", json!(identifier(signer.did(), &dataset.id)));
    add("gx:digitalServiceOfferingLaunchDate", json!(launched.to_rfc3339()));
    add("gx:digitalServiceOfferingProvider", json!({"id": signer.did()}));
    if !dataset.keywords.is_empty() {
        add("gx:keyword", json!(dataset.keywords));
    }
    let policies: Vec<String> = dataset.offers.iter().map(|o| o.policy.to_json().to_string()).collect();
    if !policies.is_empty() {
        // The offers are the terms, so they travel inside and their hash can be checked.
        let text = format!("[{}]", policies.join(","));
        let terms = format!("{url}#terms");
        let address = format!("data:application/ld+json;base64,{}", STANDARD.encode(&text));
        add(
            "gx:digitalServiceOfferingTermsAndConditions",
            json!({
                "id": terms,
                "type": ["gx:ServiceTermsAndConditions", "gx:UsageTermsAndConditions", "gx:TermsAndConditions"],
                "gx:url": any_uri(&address),
                "gx:hash": hex(&Sha256::digest(&text)),
            }),
        );
        add("gx:digitalServiceUsageTermsAndConditions", json!({"id": terms}));
        add("gx:digitalServiceUsageDataPolicy", json!({"id": terms}));
    }
    if let Some(license) = license_uri(dataset) {
        add(
            "gx:digitalServiceLegalDocuments",
            json!([{"type": "gx:LegalDocument", "gx:url": any_uri(license)}]),
        );
    }
    add("gx:dataProductDescription", description(dataset, &policies));
    let bytes = dataset.sha256.as_deref().and_then(unhex).map(|digest| named_by_hash(&digest, dataset));
    issue(signer, url, "gx:DataProduct", validity, Value::Object(subject), bytes)
}

fn description(dataset: &Dataset, policies: &[String]) -> Value {
    let mut formats: Vec<&str> = dataset.distributions.iter().map(|d| d.format.as_str()).collect();
    formats.dedup();
    let mut description = json!({"type": "gx:DataProductDescription", "dcat:Dataset": [dataset.id]});
    let Some(members) = description.as_object_mut() else { return description };
    if !formats.is_empty() {
        let parameter = json!({
            "type": "gx:DataProductConfigurationParameters",
            "gx:parameterName": "format",
            "gx:parameterDescription": "Format of the transfer",
            "gx:parameterAdmissibleValues": formats,
        });
        members.insert("gx:dataProductConfigurationParameters".to_owned(), json!([parameter]));
    }
    let mut license = Map::new();
    license.insert("type".to_owned(), json!("gx:DataLicense"));
    if let Some(generic) = license_uri(dataset) {
        license.insert("gx:genericLicense".to_owned(), json!([any_uri(generic)]));
    }
    let constraints: Vec<Value> = policies
        .iter()
        .map(|policy| json!({"type": "gx:DataUsageConstraint", "gx:dataUsagePolicy": policy}))
        .collect();
    if !constraints.is_empty() {
        license.insert("gx:dataUsageConstraints".to_owned(), Value::Array(constraints));
    }
    if license.len() > 1 {
        members.insert("gx:dataLicense".to_owned(), Value::Object(license));
    }
    description
}

/// The bytes of the dataset as a related resource (VCDM 2.0, "Integrity of Related Resources"), named by their
/// hash (RFC 6920), because their address is nobody's business before there is a contract.
fn named_by_hash(digest: &[u8], dataset: &Dataset) -> Value {
    let mut resource = json!({
        "id": format!("ni:///sha-256;{}", URL_SAFE_NO_PAD.encode(digest)),
        "digestSRI": format!("sha256-{}", STANDARD.encode(digest)),
    });
    if let (Some(media_type), Some(members)) = (&dataset.media_type, resource.as_object_mut()) {
        members.insert("mediaType".to_owned(), json!(media_type));
    }
    resource
}

/// Signs a credential. It is the payload itself, without a `vc` claim around it.
fn issue(
    signer: &dyn Signer,
    url: &str,
    class: &str,
    validity: Validity,
    subject: Value,
    related: Option<Value>,
) -> Result<String, TrustError> {
    let header = compact::encode(&json!({
        "alg": signer.algorithm(),
        "typ": "vc+jwt",
        "cty": "vc",
        "iss": signer.did(),
        "kid": signer.key_id(),
    }));
    let mut credential = json!({
        "@context": [CREDENTIALS_V2_CONTEXT, GX_CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", class],
        "issuer": signer.did(),
        "validFrom": validity.from.to_rfc3339(),
        "validUntil": validity.until.to_rfc3339(),
        "credentialSubject": subject,
    });
    if let (Some(related), Some(members)) = (related, credential.as_object_mut()) {
        members.insert("relatedResource".to_owned(), json!([related]));
    }
    compact::sign(signer, &header, &credential)
}

/// The licence, when it has an address; the property takes no names.
fn license_uri(dataset: &Dataset) -> Option<&str> {
    dataset.license.as_deref().filter(|text| reqwest::Url::parse(text).is_ok())
}

fn any_uri(uri: &str) -> Value {
    json!({"@value": uri, "@type": "xsd:anyURI"})
}

/// A UUID of version 4 in form, but always the same for the same dataset of the same participant.
fn identifier(did: &str, dataset: &str) -> String {
    let digest = Sha256::digest(format!("{did} {dataset}"));
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|d| char::from_digit(d.into(), 16))
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    (rest.is_empty() && pairs.len() == 32).then(|| pairs.iter().map(|[high, low]| high * 16 + low).collect())
}
