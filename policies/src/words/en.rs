//! English.

use super::Catalogue;
use crate::decide::WhyNot;
use crate::relate::Stage;
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
    set_aside,
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
    narrowed: "where",
    members_of: "members of",
    anyone: "anyone",
    values_at: "what is listed at",
    within_last: "within the last",
    else_also: "; if that is not done in time, you must also",
    remedy: " If it happens nonetheless, you must",
    strategies: [
        "Where a permission and a prohibition meet, the permission prevails.",
        "Where a permission and a prohibition meet, the prohibition prevails.",
        "Where a permission and a prohibition meet, the whole policy is void.",
    ],
    contradicting: "The policy contradicts itself on what prevails, and is void where a permission and a prohibition meet.",
    inherits: "The rules of this policy come on top; without them nothing is permitted:",
    replaced: "The policy is void; this one has replaced it:",
    grants_nothing: "A policy of this kind permits nothing by itself:",
    profile: "Terms of this profile are used:",
    permitted: "It is permitted.",
    permitted_changed: "It is permitted, on data that is changed first:",
    denied: "It is not permitted.",
    void: "A permission and a prohibition both hold.",
    still_to_do: "Still to be done:",
    until: "by",
    may_change: "The answer may change at",
    by_us: "enforced by this connector",
    by_peer: "enforced by the other connector, which has to prove it",
    by_law: "binding by contract only",
    lacking: "this connector lacks",
    stage,
    capability,
    answer,
    lint,
};

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Catalogue => "catalogue",
        Stage::Negotiation => "negotiation",
        Stage::Transfer => "start of the transfer",
        Stage::Stream => "transfer",
    }
}

fn set_aside(issuer: &str, why: WhyNot) -> String {
    let why = match why {
        WhyNot::Untrusted => "does not count, as this issuer is not trusted for it",
        WhyNot::Revoked => "was revoked",
        WhyNot::Suspended => "is suspended",
        WhyNot::Unchecked => "does not count, as it cannot be checked whether it was revoked",
        WhyNot::Early => "is not valid yet",
        WhyNot::Expired => "has expired",
    };
    format!("the credential of {issuer} {why}")
}

fn capability(name: &str) -> &'static str {
    match name {
        "events" => "a source of events",
        "payments" => "proof of payments",
        "consents" => "a record of consents",
        "transforms" => "a means to change data on the way",
        "network" => "the place of the consumer on the network",
        "metadata" => "the metadata of the dataset",
        "collections" => "the members of the collection",
        "credentials" => "a look into credentials",
        "onward" => "a check of onward offers",
        _ => "an attestation of the other connector",
    }
}

fn answer(holds: Option<bool>, because: &str) -> &'static str {
    match (holds, because) {
        (Some(true), "overlap") => "There is a use that both policies permit",
        (Some(true), _) => "Whatever the first policy permits, the second permits too",
        (Some(false), "not-covered") => "The first policy permits more than the second",
        (Some(false), "prohibited") => "The second policy forbids what the first leaves open",
        (Some(false), "duty-missing") => "The second policy demands more than the first",
        (Some(false), "no-overlap") => "No use satisfies both policies",
        (Some(false), _) => "The policies permit no use together",
        (None, "strategy") => {
            "Whether a permission or a prohibition prevails is not the same in both policies"
        }
        (None, _) => "This cannot be decided",
    }
}

fn lint(code: &str) -> &'static str {
    match code {
        "no-permission" => {
            "nothing is permitted, for a policy without permissions permits nothing here; Eclipse EDC reads empty lists of rules as a permission for everybody, so write the permission to use"
        }
        "never" => "the conditions exclude each other, so that this never holds",
        "clash" => "what is allowed or demanded here is forbidden elsewhere in the policy",
        "clash-maybe" => "what is allowed or demanded here may be forbidden elsewhere in the policy",
        "operator" => "the vocabulary does not foresee this operator for this operand",
        "unit" => "an amount of money needs its currency",
        "value" => "the value is not of the datatype that it is said to have",
        "twice" => "the same condition stands here twice",
        "strategies" => "the strategies for conflicts contradict each other",
        "parties" => "an agreement names its assigner and assignee, and an offer its assigner",
        "deprecated" => "the action is deprecated",
        "single" => "a list of one value reads more easily with another operator",
        _ => "this connector does not enforce it",
    }
}

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
        "timeInterval" => "the time since the last use",
        "meteredTime" => "the total time of use",
        "event" => "the moment of the use",
        "percentage" => "the share of the data in per cent",
        "language" => "the language",
        "fileFormat" => "the file format",
        "version" => "the version",
        "industry" => "the industry",
        "media" => "the medium",
        "product" => "the product",
        "resolution" => "the resolution",
        "virtualLocation" => "the place on the network",
        "systemDevice" | "system" | "device" => "the system",
        "spatialCoordinates" => "the position",
        "deliveryChannel" => "the way of delivery",
        "absoluteSize" => "the size",
        "unitOfCount" => "what is counted",
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
        ("lt", Some(Sort::Event)) => "is before",
        ("lteq", Some(Sort::Event)) => "is before the end of",
        ("eq", Some(Sort::Event)) => "is during",
        ("gteq", Some(Sort::Event)) => "is after the start of",
        ("gt", Some(Sort::Event)) => "is after",
        ("eq", Some(Sort::Metered)) => "is at most",
        ("eq", Some(Sort::Interval)) => "is at least",
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
