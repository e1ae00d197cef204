//! Terms that have a meaning here.

use ontology::{edc, odrl};

/// Both parties must sign the agreement; enforced by the negotiation.
pub(crate) const SIGNED_AGREEMENT: &str = "https://w3id.org/entente/v1/signedAgreement";
/// Claims by name.
pub(crate) const CLAIM_NS: &str = "https://w3id.org/entente/v1/claim#";

/// Actions of the ODRL vocabulary with the action that includes each (ODRL Vocabulary 2.2, section 4.3).
pub(crate) const ACTIONS: [(&str, &str); 41] = [
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
    ("display", "play"),
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
    ("grantUse", "transfer"),
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
];

/// Left operands of the ODRL vocabulary that we evaluate.
pub(crate) const OPERANDS: [&str; 6] =
    ["dateTime", "spatial", "purpose", "recipient", "count", "elapsedTime"];

/// A term as an IRI: names of the ODRL vocabulary and of EDC's are completed, all else stays.
pub(crate) fn full(term: &str) -> String {
    if let Some(name) = term.strip_prefix("odrl:") {
        return format!("{}{name}", odrl::NS);
    }
    if let Some(name) = term.strip_prefix("edc:") {
        return format!("{}{name}", edc::NS);
    }
    if let Some(name) = term.strip_prefix("claim:") {
        return format!("{CLAIM_NS}{name}");
    }
    match term {
        "inForceDate" => format!("{}inForceDate", edc::NS),
        term if term.contains(':') => match term.strip_prefix(edc::NS) {
            // A vocabulary default of the management API may have caught a name of ODRL's.
            Some(name) if OPERANDS.contains(&name) || ACTIONS.iter().any(|(a, _)| *a == name) => {
                format!("{}{name}", odrl::NS)
            }
            _ => term.to_owned(),
        },
        name => format!("{}{name}", odrl::NS),
    }
}

/// The shortest unambiguous name of a term.
pub(crate) fn short(iri: &str) -> &str {
    iri.strip_prefix(odrl::NS).unwrap_or(iri)
}

/// Is `action` the same as, or included in, `whole`?
pub(crate) fn includes(whole: &str, action: &str) -> bool {
    let mut current = short(action);
    let whole = short(whole);
    loop {
        if current == whole {
            return true;
        }
        match ACTIONS.iter().find(|(name, _)| *name == current) {
            Some((_, parent)) if !parent.is_empty() => current = parent,
            _ => return false,
        }
    }
}
