//! Terms that have a meaning here.

use crate::model::Operator;
use ontology::{edc, odrl};

/// Both parties must sign the agreement; enforced by the negotiation.
pub(crate) const SIGNED_AGREEMENT: &str = "https://w3id.org/entente/v1/signedAgreement";
/// Claims by name.
pub(crate) const CLAIM_NS: &str = "https://w3id.org/entente/v1/claim#";

/// Operands of Catena-X.
pub(crate) const CX_NS: &str = "https://w3id.org/catenax/2025/9/policy/";
/// The same before 2025.
pub(crate) const CX_NS_OLD: &str = "https://w3id.org/catenax/policy/";

/// Where names end up that no context explains, so that a misspelt member is noticed and not dropped.
pub(crate) const UNEXPLAINED: &str = "urn:entente:unexplained:";

/// Actions of the ODRL vocabulary with the action that includes each (ODRL Vocabulary 2.2, section 4.3).
pub(crate) const ACTIONS: [(&str, &str); 42] = [
    ("use", ""),
    ("transfer", ""),
    ("aggregate", "use"),
    ("annotate", "use"),
    ("anonymize", "use"),
    ("archive", "use"),
    ("concurrentUse", "use"),
    ("derive", "use"),
    ("digitize", "use"),
    ("distribute", "use"),
    ("execute", "use"),
    ("extract", "reproduce"),
    ("index", "use"),
    ("install", "use"),
    ("modify", "use"),
    ("move", "use"),
    ("play", "use"),
    ("display", "use"),
    ("present", "use"),
    ("print", "use"),
    ("read", "use"),
    ("reproduce", "use"),
    ("stream", "use"),
    ("synchronize", "use"),
    ("textToSpeech", "use"),
    ("transform", "use"),
    ("translate", "use"),
    ("give", "transfer"),
    ("sell", "transfer"),
    ("grantUse", "use"),
    ("acceptTracking", "use"),
    ("attribute", "use"),
    ("compensate", "use"),
    ("delete", "use"),
    ("ensureExclusivity", "use"),
    ("include", "use"),
    ("inform", "use"),
    ("nextPolicy", "use"),
    ("obtainConsent", "use"),
    ("reviewPolicy", "use"),
    ("uninstall", "use"),
    ("watermark", "use"),
];

/// Left operands of the ODRL vocabulary that are evaluated.
pub(crate) const OPERANDS: [&str; 11] = [
    "dateTime",
    "spatial",
    "purpose",
    "recipient",
    "count",
    "elapsedTime",
    "delayPeriod",
    "timeInterval",
    "meteredTime",
    "event",
    "payAmount",
];

/// Left operands of the ODRL vocabulary that can be read, but only the consumer can observe.
const OTHER_OPERANDS: [&str; 25] = [
    "absolutePosition",
    "absoluteSize",
    "absoluteSpatialPosition",
    "absoluteTemporalPosition",
    "deliveryChannel",
    "device",
    "fileFormat",
    "industry",
    "language",
    "media",
    "percentage",
    "policyUsage",
    "product",
    "relativePosition",
    "relativeSize",
    "relativeSpatialPosition",
    "relativeTemporalPosition",
    "resolution",
    "spatialCoordinates",
    "system",
    "systemDevice",
    "timedCount",
    "unitOfCount",
    "version",
    "virtualLocation",
];

/// Is this a left operand of the ODRL vocabulary?
pub(crate) fn is_operand(name: &str) -> bool {
    OPERANDS.contains(&name) || OTHER_OPERANDS.contains(&name)
}

/// Is this an action of the ODRL vocabulary?
pub(crate) fn is_action(name: &str) -> bool {
    ACTIONS.iter().any(|(action, _)| *action == name)
}

/// Duties that the connector itself fulfils by its event log and its messages.
pub(crate) fn is_own_duty(action: &str) -> bool {
    ["log", "inform"].contains(&duty_name(action))
}

/// The name of an action that is a duty. ODRL has no word for logging, so that JSON-LD with EDC's vocabulary puts it
/// there.
pub(crate) fn duty_name(action: &str) -> &str {
    action.strip_prefix(edc::NS).unwrap_or_else(|| short(action))
}

/// A term as an IRI: names of the ODRL vocabulary and of EDC's are completed, all else stays.
pub(crate) fn full(term: &str) -> String {
    let term = term.strip_prefix(UNEXPLAINED).unwrap_or(term);
    for (prefix, ns) in [("odrl:", odrl::NS), ("edc:", edc::NS), ("claim:", CLAIM_NS)] {
        if let Some(name) = term.strip_prefix(prefix) {
            return format!("{ns}{name}");
        }
    }
    if ["https://w3id.org/idsa/code/log", "https://w3id.org/idsa/code/LOG"].contains(&term) {
        return format!("{}log", odrl::NS);
    }
    match term {
        "inForceDate" => edc::IN_FORCE_DATE.to_owned(),
        // EDC writes the action in capitals in places.
        "USE" | "http://www.w3.org/ns/odrl/2/USE" => odrl::USE.to_owned(),
        term if term.contains(':') => match term.strip_prefix(edc::NS) {
            // A vocabulary default of the management API may have caught a name of ODRL's.
            Some(name) if is_operand(name) || is_action(name) || Operator::named(name).is_some() => {
                format!("{}{name}", odrl::NS)
            }
            _ => term.to_owned(),
        },
        name => format!("{}{name}", odrl::NS),
    }
}

/// The shortest unambiguous name of a term.
pub(crate) fn short(iri: &str) -> &str {
    iri.strip_prefix(odrl::NS).or_else(|| iri.strip_prefix(UNEXPLAINED)).unwrap_or(iri)
}

/// Actions that replaced deprecated ones (ODRL Vocabulary 2.2, appendix A.3).
const REPLACED: [(&str, &str); 14] = [
    ("adHocShare", "distribute"),
    ("append", "modify"),
    ("appendTo", "modify"),
    ("attachPolicy", "nextPolicy"),
    ("attachSource", "attribute"),
    ("copy", "reproduce"),
    ("export", "transform"),
    ("lease", "grantUse"),
    ("lend", "grantUse"),
    ("license", "grantUse"),
    ("pay", "compensate"),
    ("preview", "play"),
    ("share", "distribute"),
    ("write", "modify"),
];

/// Names of deprecated actions.
pub(crate) fn deprecated() -> impl Iterator<Item = &'static str> {
    REPLACED.iter().map(|(name, _)| *name)
}

/// The actions right above one, by short name. A deprecated action lies in the one that replaced it.
pub(crate) fn parents(action: &str) -> impl Iterator<Item = &'static str> {
    let above = ACTIONS.iter().find(|(name, parent)| *name == action && !parent.is_empty());
    let replaced = REPLACED.iter().find(|(name, _)| *name == action);
    above.into_iter().chain(replaced).map(|(_, parent)| *parent)
}

/// Is `action` the same as, or included in, `whole`, by the ODRL vocabulary?
pub(crate) fn includes(whole: &str, action: &str) -> bool {
    let (action, whole) = (short(action), short(whole));
    action == whole || parents(action).any(|parent| includes(whole, parent))
}
