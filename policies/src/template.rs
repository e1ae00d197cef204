//! Common conditions, ready to be put together.

use crate::model::Policy;
use crate::parse::{PolicyError, wrong};
use ontology::time::{Timestamp, read_duration};
use serde_json::{Value, json};

/// A condition, duty or prohibition as people ask for it. Those of one policy hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// These organisations only, by their identifiers.
    OnlyFor(Vec<String>),
    /// Until an instant.
    Until(Timestamp),
    /// For these purposes only, as IRIs or names.
    Purpose(Vec<String>),
    /// In these countries or regions only, by their codes.
    Within(Vec<String>),
    /// So many uses.
    Uses(u64),
    /// Delete so long after the agreement, as an `xsd:dayTimeDuration`.
    DeleteAfter(String),
    /// Tell the provider of each use.
    Notify,
    /// Name the source.
    Attribution,
    /// Somebody has to approve before the use.
    Approval,
    /// No sharing with others.
    NoOnwardSharing,
}

impl Template {
    /// The policy of some templates together: a set with one permission to use.
    ///
    /// # Errors
    /// [`PolicyError`] when a list is empty, or a value is not what the template asks for.
    pub fn policy(templates: &[Self]) -> Result<Policy, PolicyError> {
        let (mut constraints, mut duties) = (Vec::new(), Vec::new());
        let (mut prohibitions, mut obligations) = (Vec::new(), Vec::new());
        for template in templates {
            match template {
                Self::OnlyFor(parties) => constraints.push(any("recipient", "isAnyOf", parties)?),
                Self::Until(at) => {
                    constraints.push(json!({"leftOperand": "dateTime", "operator": "lt", "rightOperand":
                        {"@value": at.to_rfc3339(), "@type": ontology::xsd::DATE_TIME}}));
                }
                Self::Purpose(purposes) => constraints.push(any("purpose", "isAnyOf", purposes)?),
                Self::Within(places) => {
                    let unknown = places.iter().find(|code| ontology::place::name(code, "en").is_none());
                    if let Some(code) = unknown {
                        return Err(wrong("spatial", format!("{code} is not a country or region")));
                    }
                    constraints.push(any("spatial", "isAnyOf", places)?);
                }
                Self::Uses(count) => {
                    constraints.push(json!({"leftOperand": "count", "operator": "lteq", "rightOperand":
                        {"@value": count.to_string(), "@type": ontology::xsd::INTEGER}}));
                }
                Self::DeleteAfter(period) => {
                    if read_duration(period).is_none() {
                        return Err(wrong("delayPeriod", format!("{period} is not a duration")));
                    }
                    obligations.push(json!({"action": "delete", "constraint": [
                        {"leftOperand": "delayPeriod", "operator": "eq", "rightOperand":
                            {"@value": period, "@type": ontology::xsd::DURATION}}]}));
                }
                Self::Notify => duties.push(json!({"action": "inform"})),
                Self::Attribution => obligations.push(json!({"action": "attribute"})),
                Self::Approval => duties.push(json!({"action": "obtainConsent"})),
                Self::NoOnwardSharing => prohibitions.push(json!({"action": "distribute"})),
            }
        }
        let permission = json!({"action": "use", "constraint": constraints, "duty": duties});
        Policy::parse(&json!({"@type": "Set", "permission": [permission],
            "prohibition": prohibitions, "obligation": obligations}))
    }
}

fn any(left: &str, operator: &str, values: &[String]) -> Result<Value, PolicyError> {
    if values.is_empty() || values.iter().any(|text| text.trim().is_empty()) {
        return Err(wrong(left, "is empty"));
    }
    let value = |text: &String| if text.contains("://") { json!({"@id": text}) } else { json!(text) };
    let values: Vec<Value> = values.iter().map(value).collect();
    Ok(json!({"leftOperand": left, "operator": operator, "rightOperand": values}))
}
