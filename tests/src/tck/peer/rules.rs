//! What the protocol allows, written down a second time so that the product's own tables are not the judge.

use crate::tck::scenario::{Kind, Move, Role, State};

/// The state after `sender` makes `act` in `state`; none when the protocol does not allow it.
#[must_use]
pub fn next(kind: Kind, sender: Role, state: State, act: Move) -> Option<State> {
    use Move as M;
    use State as S;
    let terminal = matches!(state, S::Finalized | S::Completed | S::Terminated);
    match (kind, sender, act, state) {
        (_, _, M::Terminate, _) if !terminal => Some(S::Terminated),
        (Kind::Negotiation, Role::Consumer, M::Request, S::Offered) => Some(S::Requested),
        (Kind::Negotiation, Role::Consumer, M::Accept, S::Offered) => Some(S::Accepted),
        (Kind::Negotiation, Role::Consumer, M::Verify, S::Agreed) => Some(S::Verified),
        (Kind::Negotiation, Role::Provider, M::Offer, S::Requested) => Some(S::Offered),
        (Kind::Negotiation, Role::Provider, M::Agree, S::Requested | S::Accepted) => Some(S::Agreed),
        (Kind::Negotiation, Role::Provider, M::Finalize, S::Verified) => Some(S::Finalized),
        (Kind::Transfer, Role::Provider, M::Start, S::Requested)
        | (Kind::Transfer, _, M::Start, S::Suspended) => Some(S::Started),
        (Kind::Transfer, _, M::Suspend, S::Started) => Some(S::Suspended),
        (Kind::Transfer, _, M::Complete, S::Started) => Some(S::Completed),
        _ => None,
    }
}

/// The state that `act` leads to, whatever came before.
#[must_use]
pub const fn target(act: Move) -> State {
    match act {
        Move::Request => State::Requested,
        Move::Offer => State::Offered,
        Move::Accept => State::Accepted,
        Move::Agree => State::Agreed,
        Move::Verify => State::Verified,
        Move::Finalize => State::Finalized,
        Move::Start => State::Started,
        Move::Suspend => State::Suspended,
        Move::Complete => State::Completed,
        Move::Terminate => State::Terminated,
    }
}

/// Path of a message below its process.
#[must_use]
pub const fn path(act: Move) -> &'static str {
    match act {
        Move::Request => "request",
        Move::Offer => "offers",
        Move::Accept | Move::Finalize => "events",
        Move::Agree => "agreement",
        Move::Verify => "agreement/verification",
        Move::Start => "start",
        Move::Suspend => "suspension",
        Move::Complete => "completion",
        Move::Terminate => "termination",
    }
}

/// `@type` of a message.
#[must_use]
pub const fn message_type(kind: Kind, act: Move) -> &'static str {
    match (kind, act) {
        (Kind::Negotiation, Move::Request) => "ContractRequestMessage",
        (_, Move::Request) => "TransferRequestMessage",
        (_, Move::Offer) => "ContractOfferMessage",
        (_, Move::Accept | Move::Finalize) => "ContractNegotiationEventMessage",
        (_, Move::Agree) => "ContractAgreementMessage",
        (_, Move::Verify) => "ContractAgreementVerificationMessage",
        (_, Move::Start) => "TransferStartMessage",
        (_, Move::Suspend) => "TransferSuspensionMessage",
        (_, Move::Complete) => "TransferCompletionMessage",
        (Kind::Negotiation, Move::Terminate) => "ContractNegotiationTerminationMessage",
        (Kind::Transfer, Move::Terminate) => "TransferTerminationMessage",
    }
}

/// What a message with this path and body does; none when they do not belong together.
#[must_use]
pub fn act_of(kind: Kind, path: &str, body: &serde_json::Value) -> Option<Move> {
    const ALL: [Move; 10] = [
        Move::Request,
        Move::Offer,
        Move::Accept,
        Move::Agree,
        Move::Verify,
        Move::Finalize,
        Move::Start,
        Move::Suspend,
        Move::Complete,
        Move::Terminate,
    ];
    let named = body.get("@type").and_then(serde_json::Value::as_str)?;
    let event = body.get("eventType").and_then(serde_json::Value::as_str);
    ALL.into_iter().find(|act| {
        self::path(*act) == path
            && message_type(kind, *act) == named
            && match act {
                Move::Accept => event == Some("ACCEPTED"),
                Move::Finalize => event == Some("FINALIZED"),
                _ => true,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_states_take_nothing_and_only_the_right_side_acts() {
        for state in [State::Finalized, State::Completed, State::Terminated] {
            for role in [Role::Consumer, Role::Provider] {
                assert_eq!(next(Kind::Negotiation, role, state, Move::Terminate), None);
                assert_eq!(next(Kind::Transfer, role, state, Move::Start), None);
            }
        }
        assert_eq!(next(Kind::Negotiation, Role::Consumer, State::Requested, Move::Agree), None);
        assert_eq!(next(Kind::Negotiation, Role::Provider, State::Offered, Move::Agree), None);
        assert_eq!(next(Kind::Transfer, Role::Consumer, State::Requested, Move::Start), None);
        assert_eq!(next(Kind::Transfer, Role::Consumer, State::Suspended, Move::Start), Some(State::Started));
    }

    #[test]
    fn a_message_belongs_to_its_address() {
        let event = serde_json::json!({"@type": "ContractNegotiationEventMessage", "eventType": "FINALIZED"});
        assert_eq!(act_of(Kind::Negotiation, "events", &event), Some(Move::Finalize));
        assert_eq!(act_of(Kind::Negotiation, "termination", &event), None);
        let end = serde_json::json!({"@type": "TransferTerminationMessage"});
        assert_eq!(act_of(Kind::Transfer, "termination", &end), Some(Move::Terminate));
        assert_eq!(act_of(Kind::Transfer, "suspension", &end), None);
    }
}
