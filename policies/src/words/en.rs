//! English.

use super::Catalogue;
use crate::support::Sort;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) static WORDS: Catalogue = Catalogue {
    lang: "en",
    action,
    operand,
    operator,
    instant,
    units: [("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")],
    after_agreement: "after the agreement",
    before_agreement: "before the agreement",
    signed: "both parties have signed the agreement",
    claim: |name| format!("the field {name} of your credential"),
    you_may: "You may",
    you_may_not: "You may not",
    you_must: "You must",
    nothing: "Nothing is permitted.",
    only_for: "only for",
    about: "about",
    only_if: ", provided that",
    when: ", when",
    and: " and ",
    between: " and ",
    or: " or ",
    one_of: "exactly one of these holds:",
    in_order: "these hold, in this order:",
    duty: ", and must then",
    not_understood: "This connector does not understand",
    condition: "the condition",
    quotes: ("“", "”"),
    found: "found:",
    not_known: "cannot be checked, as no such value is known",
    not_decided: "cannot be decided",
    later: "is checked later",
    contractual: "is binding by contract and not observed by this connector",
    by_connector: "is done by this connector",
    undone: "must come before the use, and this connector cannot see whether it was done",
    before_use: "must come before the use",
    holds: "holds",
    fails: "is not met",
    forbidden: "forbidden: ",
    is_forbidden: "is forbidden",
    too_many: "too many hold of which only one may: ",
    no_permission: "No permission of the policy covers this.",
};

fn action(name: &str) -> Option<&'static str> {
    Some(match name {
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
        "aggregate" => "combine the data with other data",
        "archive" => "archive the data",
        "sell" => "sell the data",
        "transfer" => "hand the data over",
        "reproduce" => "copy the data",
        "extract" => "extract parts of the data",
        "display" => "display the data",
        "print" => "print the data",
        "stream" => "stream the data",
        "derive" => "make something new from the data",
        "translate" => "translate the data",
        "index" => "index the data",
        "grantUse" => "let others use the data",
        "nextPolicy" => "pass the data on only under the policy named",
        "obtainConsent" => "obtain consent",
        "reviewPolicy" => "have the policy reviewed",
        "acceptTracking" => "accept that the use is tracked",
        "ensureExclusivity" => "keep the use exclusive",
        _ => return None,
    })
}

fn operand(name: &str) -> Option<&'static str> {
    Some(match name {
        "dateTime" | ontology::edc::IN_FORCE_DATE => "the time",
        "spatial" => "the country of your seat",
        "purpose" => "the purpose",
        "recipient" | "assignee" => "the participant",
        "target" => "the dataset",
        "count" => "the number of uses",
        "elapsedTime" | "delayPeriod" => "the time since the agreement",
        "payAmount" => "the amount paid",
        crate::terms::SIGNED_AGREEMENT => "an agreement signed by both",
        _ => return None,
    })
}

fn operator(sort: Option<Sort>, name: &str) -> &'static str {
    match (name, sort) {
        ("lt", Some(Sort::Instant | Sort::InForce)) => "is before",
        ("lteq", Some(Sort::Instant | Sort::InForce)) => "is not after",
        ("gt", Some(Sort::Instant | Sort::InForce)) => "is after",
        ("gteq", Some(Sort::Instant | Sort::InForce)) => "is not before",
        ("eq", _) => "is",
        ("neq", _) => "is not",
        ("lt", _) => "is less than",
        ("lteq", _) => "is at most",
        ("gt", _) => "is more than",
        ("gteq", _) => "is at least",
        ("isA", _) => "is a kind of",
        ("isPartOf", Some(Sort::Place)) => "is in this area:",
        ("isPartOf", _) => "is part of",
        ("hasPart", _) => "contains",
        ("isAnyOf", _) => "is one of",
        ("isNoneOf", _) => "is none of",
        _ => "includes all of",
    }
}

fn instant(year: &str, month: usize, day: u32, time: &str) -> String {
    let month = month.checked_sub(1).and_then(|m| MONTHS.get(m)).unwrap_or(&"");
    format!("{day} {month} {year}, {time} UTC")
}
