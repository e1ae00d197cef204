//! What the messages of the Dataspace Protocol can carry of a policy. ODRL has more: a rule with a target of its own,
//! an action with refinements. A counterparty would refuse such an offer, so we do not make it.

use crate::fault::Fault;
use policies::{Policy, PolicyKind};
use serde_json::{Value, json};

/// Can `policy` stand in an offer (DSP 2025-1, contract schema)? One without a permission is never offered.
///
/// # Errors
/// [`Fault::Malformed`] with the place, as it would be in the offer, and the reason.
pub(crate) fn offerable(policy: &Policy) -> Result<(), Fault> {
    if policy.permissions().is_empty() {
        return Ok(());
    }
    let name = Some("urn:any".to_owned());
    let offer =
        policy.clone().with_parties(name.clone(), PolicyKind::Offer, name.clone(), name.clone(), name);
    sendable(&as_offer(&offer))
}

/// `policy` as an offer stands in a message.
pub(crate) fn as_offer(policy: &Policy) -> Value {
    let mut offer = policy.to_json();
    if let Some(members) = offer.as_object_mut() {
        members.insert("@type".to_owned(), json!("Offer"));
    }
    offer
}

/// Can `offer` be sent as it is?
///
/// # Errors
/// As [`offerable`].
pub(crate) fn sendable(offer: &Value) -> Result<(), Fault> {
    Ok(protocol::message::check_offer(offer)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(policy: &Value) -> Result<(), String> {
        offerable(&Policy::parse(policy).expect("a policy")).map_err(|fault| fault.to_string())
    }

    #[test]
    fn what_a_message_cannot_carry_is_named() {
        let date =
            json!({"leftOperand": "dateTime", "operator": "lt", "rightOperand": "2030-01-01T00:00:00Z"});
        for fine in [
            json!({}),
            json!({"permission": [{"action": "use"}]}),
            json!({"target": "a", "permission": [{"action": "use", "constraint": [date]}]}),
            json!({"permission": [{"action": {"@id": "odrl:use"}, "constraint": [{"and": [date, date]}]}]}),
            json!({"permission": [{"action": "use", "constraint": [
                {"leftOperand": "count", "operator": "lteq", "rightOperand": 5}]}]}),
        ] {
            assert_eq!(of(&fine), Ok(()), "{fine}");
        }
        let (action, target) =
            (json!({"rdf:value": {"@id": "odrl:use"}, "refinement": [date]}), "offer.permission[0].target");
        for (wrong, place) in [
            (json!({"permission": [{"action": "use", "target": "urn:other"}]}), target),
            (
                json!({"permission": [{"action": "use"}], "obligation": [{"action": action}]}),
                "offer.obligation[0].action",
            ),
        ] {
            let told = of(&wrong).expect_err("cannot be sent");
            assert!(told.contains(place), "{wrong}: {told}");
        }
    }
}
