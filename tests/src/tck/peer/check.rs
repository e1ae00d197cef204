//! Form of what the connector under test sends: plain compact JSON as the protocol's schemas want it.

use crate::tck::scenario::{Kind, Move};
use serde_json::Value;

const CONTEXT: &str = "https://w3id.org/dspace/2025/1/context.jsonld";

/// Text of a member.
#[must_use]
pub fn text<'a>(body: &'a Value, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn want(body: &Value, members: &[&str]) -> Result<(), String> {
    match members.iter().find(|member| text(body, member).is_none()) {
        Some(member) => Err(format!("{member} is missing or no text in {body}")),
        None => Ok(()),
    }
}

/// `@context` and `@type`.
fn head(body: &Value, named: &str) -> Result<(), String> {
    let context = body.get("@context").and_then(Value::as_array);
    if !context.is_some_and(|list| list.iter().any(|one| one == CONTEXT)) {
        return Err(format!("@context is no list with {CONTEXT} in {body}"));
    }
    match text(body, "@type") {
        Some(found) if found == named => Ok(()),
        found => Err(format!("@type is {found:?} and should be {named}")),
    }
}

/// An offer, agreement or other policy: at least one rule, each with an action.
fn policy(policy: &Value, named: &str) -> Result<(), String> {
    want(policy, &["@id"])?;
    if text(policy, "@type") != Some(named) {
        return Err(format!("@type is not {named} in {policy}"));
    }
    let rules: Vec<&Value> = ["permission", "prohibition", "obligation"]
        .iter()
        .filter_map(|kind| policy.get(*kind).and_then(Value::as_array))
        .flatten()
        .collect();
    if rules.is_empty() {
        return Err(format!("there is no rule in {policy}"));
    }
    rules.into_iter().try_for_each(|rule| want(rule, &["action"]))
}

fn offer(body: &Value) -> Result<(), String> {
    let offer = body.get("offer").ok_or("offer is missing")?;
    want(offer, &["target"])?;
    policy(offer, "Offer")
}

/// A message, by its kind; `first` for one that opens a process.
///
/// # Errors
/// What is wrong with it.
pub fn message(kind: Kind, act: Move, first: bool, body: &Value) -> Result<(), String> {
    head(body, super::rules::message_type(kind, act))?;
    match (first, kind) {
        (true, _) => {
            want(body, &["consumerPid", "callbackAddress"])?;
            if body.get("providerPid").is_some() {
                return Err("an initial request has a providerPid".to_owned());
            }
        }
        (false, _) => {
            want(body, &["consumerPid", "providerPid"])?;
            if body.get("callbackAddress").is_some() && act != Move::Agree {
                return Err("a message within a process has a callbackAddress".to_owned());
            }
        }
    }
    match (kind, act) {
        (Kind::Negotiation, Move::Request | Move::Offer) => offer(body),
        (Kind::Transfer, Move::Request) => want(body, &["agreementId", "format"]),
        (_, Move::Agree) => {
            let agreement = body.get("agreement").ok_or("agreement is missing")?;
            want(agreement, &["target", "assigner", "assignee", "timestamp"])?;
            policy(agreement, "Agreement")
        }
        (_, Move::Start) => match body.get("dataAddress") {
            Some(address) if text(address, "@type") != Some("DataAddress") => {
                Err(format!("the data address is none: {address}"))
            }
            Some(address) => want(address, &["endpointType"]),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// A shown process: gives its state.
///
/// # Errors
/// What is wrong with it.
pub fn process<'a>(kind: Kind, body: &'a Value, consumer: &str, provider: &str) -> Result<&'a str, String> {
    head(
        body,
        match kind {
            Kind::Negotiation => "ContractNegotiation",
            Kind::Transfer => "TransferProcess",
        },
    )?;
    for (member, wanted) in [("consumerPid", consumer), ("providerPid", provider)] {
        if text(body, member) != Some(wanted) {
            return Err(format!("{member} is not {wanted} in {body}"));
        }
    }
    text(body, "state").ok_or_else(|| format!("state is missing in {body}"))
}

/// A dataset of a catalogue.
///
/// # Errors
/// What is wrong with it.
pub fn dataset(body: &Value, id: &str) -> Result<(), String> {
    if text(body, "@id") != Some(id) {
        return Err(format!("@id is not {id} in {body}"));
    }
    let offers = body.get("hasPolicy").and_then(Value::as_array).ok_or("hasPolicy is no list")?;
    if offers.is_empty() {
        return Err(format!("{id} has no offer"));
    }
    offers.iter().try_for_each(|one| policy(one, "Offer"))?;
    let places = body.get("distribution").and_then(Value::as_array).filter(|list| !list.is_empty());
    let places = places.ok_or_else(|| format!("{id} has no distribution"))?;
    places.iter().try_for_each(|one| want(one, &["format"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn forms_are_checked() {
        let rule = json!([{"action": "use"}]);
        let good = json!({"@context": [CONTEXT], "@type": "ContractOfferMessage", "providerPid": "p", "consumerPid": "c",
            "offer": {"@type": "Offer", "@id": "o", "target": "d", "permission": rule}});
        assert_eq!(message(Kind::Negotiation, Move::Offer, false, &good), Ok(()));
        for (path, value) in [
            ("/@type", json!(["ContractOfferMessage"])),
            ("/@context", json!(CONTEXT)),
            ("/consumerPid", json!("")),
            ("/offer/target", json!(null)),
            ("/offer/permission", json!([])),
            ("/offer/permission/0/action", json!({})),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(path).unwrap() = value;
            assert!(message(Kind::Negotiation, Move::Offer, false, &bad).is_err(), "{path}");
        }
        let mut bad = good;
        bad["callbackAddress"] = json!("http://127.0.0.1:1");
        assert!(message(Kind::Negotiation, Move::Offer, false, &bad).is_err(), "callback within a process");
    }
}
