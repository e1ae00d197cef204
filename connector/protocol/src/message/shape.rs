//! The shape of offers and agreements in messages (contract schema). What the terms mean is for `policies`.

use super::Malformed;
use super::check::Object;
use ontology::time::Timestamp;
use serde_json::Value;

const OPERATORS: [&str; 13] = [
    "eq",
    "gt",
    "gteq",
    "lteq",
    "lt",
    "neq",
    "hasPart",
    "isA",
    "isAllOf",
    "isAnyOf",
    "isNoneOf",
    "isPartOf",
    "term-lteq",
];
const LOGICAL: [&str; 4] = ["and", "andSequence", "or", "xone"];
const ATOMIC: [&str; 3] = ["leftOperand", "operator", "rightOperand"];
/// Constraints inside constraints; far beyond what people write.
const DEEPEST: usize = 32;

/// A `MessageOffer` at `path`.
pub(crate) fn offer(value: &Value, path: &str, needs_target: bool) -> Result<(), Malformed> {
    let offer = Object::at(value, path)?;
    offer.exactly("@type", "Offer")?;
    if needs_target {
        offer.text("target")?;
    }
    for name in ["target", "assigner", "assignee"] {
        offer.optional_text(name)?;
    }
    policy(&offer)
}

/// An `Agreement` at `path`.
pub(crate) fn agreement(value: &Value, path: &str) -> Result<(), Malformed> {
    let agreement = Object::at(value, path)?;
    agreement.exactly("@type", "Agreement")?;
    for name in ["target", "assigner", "assignee"] {
        agreement.text(name)?;
    }
    if let Some(timestamp) = agreement.optional_text("timestamp")?
        && (!timestamp.contains('T') || Timestamp::parse(timestamp).is_err())
    {
        return Err(agreement.fault("timestamp", "must be an xsd:dateTime"));
    }
    policy(&agreement)
}

fn policy(policy: &Object<'_>) -> Result<(), Malformed> {
    policy.text("@id")?;
    if policy.has("profile") && policy.optional_text("profile").is_err() {
        let profiles = policy.items("profile", 0)?;
        if !profiles.iter().all(Value::is_string) {
            return Err(policy.fault("profile", "must be a string or an array of strings"));
        }
    }
    if !policy.has("permission") && !policy.has("prohibition") {
        return Err(policy.fault("permission", "is missing, and there is no prohibition either"));
    }
    for name in ["permission", "prohibition", "obligation"] {
        for (index, value) in policy.items(name, 1)?.iter().enumerate() {
            rule(&Object::at(value, format!("{}[{index}]", policy.path_of(name)))?)?;
        }
    }
    Ok(())
}

fn rule(rule: &Object<'_>) -> Result<(), Malformed> {
    if rule.has("target") {
        return Err(rule.fault("target", "is not allowed on a rule; the policy has the target"));
    }
    rule.text("action")?;
    constraints(rule, "constraint", DEEPEST)
}

fn constraints(parent: &Object<'_>, name: &str, depth: usize) -> Result<(), Malformed> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(parent.fault(name, "is nested too deeply"));
    };
    for (index, value) in parent.items(name, 0)?.iter().enumerate() {
        let constraint = Object::at(value, format!("{}[{index}]", parent.path_of(name)))?;
        let mut operators = LOGICAL.into_iter().filter(|operator| constraint.has(operator));
        match (operators.next(), operators.next()) {
            (None, _) => atomic(&constraint)?,
            (Some(operator), None) => {
                if let Some(member) = ATOMIC.into_iter().find(|member| constraint.has(member)) {
                    return Err(constraint.fault(member, format!("is not allowed beside {operator}")));
                }
                constraints(&constraint, operator, depth)?;
            }
            (Some(first), Some(second)) => {
                return Err(constraint.fault(second, format!("is not allowed beside {first}")));
            }
        }
    }
    Ok(())
}

fn atomic(constraint: &Object<'_>) -> Result<(), Malformed> {
    constraint.text("leftOperand")?;
    constraint.one_of("operator", &OPERATORS)?;
    match constraint.required("rightOperand")? {
        Value::String(_) | Value::Object(_) | Value::Array(_) => Ok(()),
        _ => Err(constraint.fault("rightOperand", "must be a string, an object or an array")),
    }
}
