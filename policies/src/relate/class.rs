//! The IDS usage control policy classes, and which of them a condition or a duty is of.

use crate::decide::{InForce, in_force, sort};
use crate::model::{Atomic, Operator};
use crate::support::Sort;
use ontology::gx;
use serde::{Deserialize, Serialize};

/// The IDS usage control policy classes (IDS-G, 21 and 4 later ones), and one for what none of them covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the classes")]
pub enum UsageClass {
    Allow,
    Consumer,
    Connector,
    Application,
    UserRole,
    Location,
    Purpose,
    Event,
    SecurityLevel,
    TimeInterval,
    Duration,
    Count,
    Delete,
    ModifyInTransit,
    ModifyAtRest,
    Log,
    Notify,
    Distribute,
    ArtifactState,
    Sale,
    Rent,
    EnvironmentState,
    ParticipantLocation,
    Consent,
    Classification,
    Anonymize,
    Other,
}

/// The last part of a name, in small letters without signs, as the IDS code lists vary in their spelling.
fn plain(iri: &str) -> String {
    let name = iri.rsplit(['/', '#', ':', '.']).next().unwrap_or(iri);
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

pub(super) fn class_of(a: &Atomic) -> UsageClass {
    let placed = |name: &str| ["countrycode", "countrysubdivisioncode", "legaladdress"].contains(&name);
    match plain(&a.left).as_str() {
        name if a.credential.is_some() || a.left.starts_with(gx::NS) => {
            if placed(name) {
                UsageClass::ParticipantLocation
            } else {
                UsageClass::UserRole
            }
        }
        "connector" | "systemdevice" | "system" | "device" => UsageClass::Connector,
        "application" => UsageClass::Application,
        "role" | "userrole" | "membership" | "businesspartnergroup" => UsageClass::UserRole,
        "recipient" | "businesspartnernumber" => UsageClass::Consumer,
        "spatial" | "spatialcoordinates" | "virtuallocation" | "absolutespatialposition" => {
            UsageClass::Location
        }
        "purpose" | "usagepurpose" => UsageClass::Purpose,
        "event" => UsageClass::Event,
        "securitylevel" => UsageClass::SecurityLevel,
        "artifactstate" => UsageClass::ArtifactState,
        "state" => UsageClass::EnvironmentState,
        "classification" | "dataclassification" => UsageClass::Classification,
        "payamount" if a.unknown.keys().any(|key| plain(key).contains("frequency")) => UsageClass::Rent,
        "payamount" => UsageClass::Sale,
        "count" | "unitofcount" => UsageClass::Count,
        _ => match sort(&a.left) {
            Some(Sort::Instant) => UsageClass::TimeInterval,
            Some(Sort::InForce) => match a.right.first().and_then(|r| in_force(&r.value)) {
                Some(InForce::After(_)) => UsageClass::Duration,
                _ => UsageClass::TimeInterval,
            },
            // A date that may be given as a duration after it has another operator by custom.
            Some(Sort::Duration | Sort::Days | Sort::Interval | Sort::Metered) => UsageClass::Duration,
            _ if a.operator == Operator::IsA => UsageClass::UserRole,
            _ => UsageClass::Other,
        },
    }
}

pub(super) fn duty_class(action: &str, recurring: bool) -> UsageClass {
    match plain(action).as_str() {
        "delete" => UsageClass::Delete,
        "log" => UsageClass::Log,
        "inform" | "notify" => UsageClass::Notify,
        "nextpolicy" => UsageClass::Distribute,
        "compensate" | "pay" if recurring => UsageClass::Rent,
        "compensate" | "pay" => UsageClass::Sale,
        "obtainconsent" => UsageClass::Consent,
        "anonymize" => UsageClass::Anonymize,
        "modify" | "replace" | "drop" | "mask" | "transform" | "pseudonymize" | "watermark" => {
            UsageClass::ModifyInTransit
        }
        _ => UsageClass::Other,
    }
}
