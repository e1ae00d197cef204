//! English.

use super::Catalogue;

pub(super) static WORDS: Catalogue = Catalogue {
    action,
    operand,
    operator,
    you_may: "You may",
    you_may_not: "You may not",
    you_must: "You must",
    nothing: "Nothing is permitted.",
    only_if: ", provided that",
    and: " and ",
    or: " or ",
    one_of: "exactly one of these holds:",
    in_order: "these hold, in this order:",
    duty: ", and must then",
    condition: "the condition",
    found: "found:",
    not_known: "cannot be checked, as no such value is known",
    later: "is checked later",
    contractual: "is binding by contract and not observed by this connector",
    holds: "holds",
    fails: "is not met",
    forbidden: "forbidden: ",
    no_permission: "No permission of the policy covers this.",
    lang: "en",
};

fn action(name: &str) -> &str {
    match name {
        "use" => "use the data",
        "read" => "read the data",
        "distribute" => "pass the data on",
        "modify" => "change the data",
        "delete" => "delete the data",
        "log" => "have the use logged",
        "inform" => "have the provider told of the use",
        "attribute" => "name the source",
        "compensate" => "pay for the use",
        "anonymize" => "anonymise the data",
        "sell" => "sell the data",
        "transfer" => "hand the data over",
        "reproduce" => "copy the data",
        "derive" => "make something new from the data",
        other => other,
    }
}

fn operand(name: &str) -> Option<&'static str> {
    Some(match name {
        "dateTime" => "the time",
        "spatial" => "the country of your seat",
        "purpose" => "the purpose",
        "recipient" => "the participant",
        "count" => "the number of uses",
        "elapsedTime" => "the time since the agreement",
        "https://w3id.org/edc/v0.0.1/ns/inForceDate" => "the time",
        crate::terms::SIGNED_AGREEMENT => "an agreement signed by both",
        _ => return None,
    })
}

fn operator(name: &str) -> &'static str {
    match name {
        "eq" => "is",
        "neq" => "is not",
        "lt" => "is before or less than",
        "lteq" => "is at most",
        "gt" => "is after or more than",
        "gteq" => "is at least",
        "isA" => "is a kind of",
        "isPartOf" => "lies in",
        "hasPart" => "contains",
        "isAnyOf" => "is one of",
        "isNoneOf" => "is none of",
        _ => "includes all of",
    }
}
