//! What kind of value a left operand has, and where it is found.

use crate::catena_x::{self, Answer};
use crate::support::Sort;
use crate::terms::{CX_NS, CX_NS_OLD, short};
use ontology::{edc, odrl};

/// The sort of a left operand for decisions. More operands can be judged, when the caller knows their values, than
/// this connector enforces by itself; see [`crate::support`].
pub(crate) fn sort(left: &str) -> Option<Sort> {
    if let Some(sort) = crate::support::sort(left) {
        return Some(sort);
    }
    if let Some(name) = left.strip_prefix(odrl::NS).or_else(|| (!left.contains(':')).then_some(left)) {
        return odrl_sort(name);
    }
    if left.starts_with(CX_NS) || left.starts_with(CX_NS_OLD) {
        // Of the others nobody evaluates the terms of contract: they are neither true nor false.
        return (catena_x::answer(left) == Some(Answer::Claim)).then_some(Sort::Text);
    }
    // A name in another vocabulary has the meaning of the values that the caller gives for it.
    let foreign = left.contains(':') && !left.starts_with(edc::NS) && !left.starts_with("urn:entente:");
    foreign.then_some(Sort::Free)
}

fn odrl_sort(name: &str) -> Option<Sort> {
    Some(match name {
        "timeInterval" => Sort::Interval,
        "meteredTime" => Sort::Metered,
        "event" => Sort::Event,
        "payAmount" => Sort::Paid,
        "version" => Sort::Version,
        "language" => Sort::Language,
        "virtualLocation" => Sort::Location,
        "industry"
        | "product"
        | "media"
        | "fileFormat"
        | "deliveryChannel"
        | "systemDevice"
        | "system"
        | "device"
        | "unitOfCount"
        | "spatialCoordinates"
        | "absoluteSpatialPosition"
        | "relativeSpatialPosition" => Sort::Term,
        "percentage"
        | "resolution"
        | "absoluteSize"
        | "relativeSize"
        | "absolutePosition"
        | "relativePosition"
        | "absoluteTemporalPosition"
        | "relativeTemporalPosition" => Sort::Free,
        // `policyUsage` is a right operand, and `timedCount` was never given a meaning.
        "policyUsage" | "timedCount" => return None,
        // Terms of the namespace that the vocabulary does not have: only the caller can know their values.
        _ => Sort::Free,
    })
}

/// Is this operand judged at a later stage than one without a use, when its value is not known yet?
pub(crate) fn is_dynamic(left: &str) -> bool {
    const DYNAMIC: [&str; 20] = [
        "timeInterval",
        "meteredTime",
        "payAmount",
        "percentage",
        "systemDevice",
        "system",
        "device",
        "virtualLocation",
        "spatialCoordinates",
        "fileFormat",
        "media",
        "language",
        "resolution",
        "deliveryChannel",
        "version",
        "unitOfCount",
        "absoluteSize",
        "relativeSize",
        "event",
        "industry",
    ];
    DYNAMIC.contains(&short(left))
}
