//! The left operands of Catena-X (`cx-policy`), by what can answer them. Its own reference connector evaluates many of
//! them to true; here a term of contract is never more than that.

use crate::model::Operator;
use crate::terms::{CX_NS, CX_NS_OLD};

/// What answers an operand of Catena-X.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The clock against a date.
    Date,
    /// The clock against days since the agreement.
    Days,
    /// A claim about the consumer; nothing in this connector gives it yet.
    Claim,
    /// Nobody: it is a term of the contract.
    Contract,
}

const CONTRACT: [&str; 19] = [
    "AffiliatesBpnl",
    "AffiliatesRegion",
    "ConfidentialInformationMeasures",
    "ConfidentialInformationSharing",
    "ContractReference",
    "ContractTermination",
    "DataFrequency",
    "DataUsageEndDefinition",
    "ExclusiveUsage",
    "JurisdictionLocation",
    "JurisdictionLocationReference",
    "Liability",
    "Precedence",
    "UsagePurpose",
    "UsageRestriction",
    "VersionChanges",
    "Warranty",
    "WarrantyDefinition",
    "WarrantyDurationMonths",
];

/// What answers this operand; `None` when it is not one of Catena-X, or one that we do not know.
pub(crate) fn answer(left: &str) -> Option<Answer> {
    let name = left.strip_prefix(CX_NS).or_else(|| left.strip_prefix(CX_NS_OLD))?;
    match name {
        "DataUsageEndDate" | "DataProvisioningEndDate" => Some(Answer::Date),
        "DataUsageEndDurationDays" | "DataProvisioningEndDurationDays" => Some(Answer::Days),
        "Membership" | "FrameworkAgreement" | "BusinessPartnerNumber" | "BusinessPartnerGroup" => {
            Some(Answer::Claim)
        }
        name => CONTRACT.contains(&name).then_some(Answer::Contract),
    }
}

/// How the clock is compared: Catena-X allows `eq` alone for its dates and durations, and means "until then".
pub(crate) fn operator(left: &str, operator: Operator) -> Operator {
    match (operator, answer(left)) {
        (Operator::Eq, Some(Answer::Date | Answer::Days)) => Operator::Lteq,
        _ => operator,
    }
}
