//! Random histories: nothing panics, an end is an end, and both parties see the same.

use super::machines::{negotiation_act, transfer_act};
use super::offer;
use crate::message::{parse_negotiation, parse_transfer};
use crate::negotiation::{self, Negotiation};
use crate::role::Role;
use crate::transfer::{self, Transfer};
use crate::{agreement::Agreement, message as m};
use proptest::prelude::*;
use serde_json::Value;

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL.to_vec())
}

fn negotiation_acts() -> impl Strategy<Value = Vec<(Role, negotiation::ActKind)>> {
    prop::collection::vec((role(), prop::sample::select(negotiation::ActKind::ALL.to_vec())), 0..24)
}

fn transfer_acts() -> impl Strategy<Value = Vec<(Role, transfer::ActKind)>> {
    prop::collection::vec((role(), prop::sample::select(transfer::ActKind::ALL.to_vec())), 0..24)
}

/// The wire message of an act, as the sender writes it.
fn negotiation_wire(act: &negotiation::Act) -> Value {
    use negotiation::Act;
    let (p, c) = (|| "urn:p".to_owned(), || "urn:c".to_owned());
    match act {
        Act::Request { offer } => m::ContractRequestMessage::counter(c(), p(), offer.clone()).to_json(),
        Act::Offer { offer } => m::ContractOfferMessage::reply(p(), c(), offer.clone()).to_json(),
        Act::Accept => m::ContractNegotiationEventMessage::new(p(), c(), m::EventType::Accepted).to_json(),
        Act::Agree { agreement } => m::ContractAgreementMessage::new(p(), c(), agreement.to_wire()).to_json(),
        Act::Verify { .. } => m::ContractAgreementVerificationMessage::new(p(), c()).to_json(),
        Act::Finalize => m::ContractNegotiationEventMessage::new(p(), c(), m::EventType::Finalized).to_json(),
        Act::Terminate { code, reason } => {
            let reason = reason.iter().cloned().map(Value::String).collect();
            m::ContractNegotiationTerminationMessage::new(p(), c(), code.clone(), reason).to_json()
        }
    }
}

fn transfer_wire(act: &transfer::Act) -> Value {
    use transfer::Act;
    let (p, c) = (|| "urn:p".to_owned(), || "urn:c".to_owned());
    let values = |reason: &[String]| reason.iter().cloned().map(Value::String).collect::<Vec<_>>();
    match act {
        Act::Start { data_address } => m::TransferStartMessage::new(p(), c(), data_address.clone()).to_json(),
        Act::Suspend { code, reason } => {
            m::TransferSuspensionMessage::new(p(), c(), code.clone(), values(reason)).to_json()
        }
        Act::Complete => m::TransferCompletionMessage::new(p(), c()).to_json(),
        Act::Terminate { code, reason } => {
            m::TransferTerminationMessage::new(p(), c(), code.clone(), values(reason)).to_json()
        }
    }
}

proptest! {
    #[test]
    fn negotiations_end_for_good(opener in role(), acts in negotiation_acts()) {
        let mut now = Negotiation::open(opener, offer());
        for (from, kind) in acts {
            let before = now.clone();
            match now.apply(from, negotiation_act(kind)) {
                Ok(next) => {
                    prop_assert!(!before.is_terminal());
                    if next.state() == negotiation::State::Finalized {
                        prop_assert!(next.agreement().is_some());
                    }
                    now = next;
                }
                Err(refused) => {
                    prop_assert_eq!(refused.state, before.state());
                    now = before;
                }
            }
        }
    }

    #[test]
    fn transfers_end_for_good(acts in transfer_acts()) {
        let mut now = Transfer::open("f");
        for (from, kind) in acts {
            let Some(act) = transfer_act(kind) else { continue };
            let before = now.clone();
            match now.apply(from, act) {
                Ok(next) => {
                    prop_assert!(!before.is_terminal());
                    now = next;
                }
                Err(refused) => {
                    prop_assert_eq!(refused.state, before.state());
                    now = before;
                }
            }
        }
    }

    /// Each party keeps its own machine and reads what the other wrote. A sender keeps to the diagram; a
    /// sender that does not is refused, and nothing changes.
    #[test]
    fn two_parties_agree_on_a_negotiation(opener in role(), acts in negotiation_acts()) {
        let mut sides = [Negotiation::open(opener, offer()), Negotiation::open(opener, offer())];
        for (from, kind) in acts {
            let [sender, receiver] = &mut sides;
            let act = negotiation_act(kind);
            let read = parse_negotiation(negotiation_wire(&act)).unwrap();
            prop_assert_eq!(&read.act(), &act);
            if negotiation::legal(sender.state(), from).contains(&kind) {
                *sender = sender.clone().apply(from, act).unwrap();
                *receiver = receiver.clone().apply(from, read.act()).unwrap();
            } else if kind != negotiation::ActKind::Terminate {
                prop_assert!(receiver.clone().apply(from, read.act()).is_err());
            }
            prop_assert_eq!(&sides[0], &sides[1]);
        }
    }

    #[test]
    fn two_parties_agree_on_a_transfer(acts in transfer_acts()) {
        let mut sides = [Transfer::open("f"), Transfer::open("f")];
        for (from, kind) in acts {
            let Some(act) = transfer_act(kind) else { continue };
            let [sender, receiver] = &mut sides;
            let read = parse_transfer(transfer_wire(&act)).unwrap().act().unwrap();
            prop_assert_eq!(&read, &act);
            if transfer::legal(sender.state(), from).contains(&kind) {
                *sender = sender.clone().apply(from, act).unwrap();
                *receiver = receiver.clone().apply(from, read).unwrap();
            } else if kind != transfer::ActKind::Start {
                prop_assert!(receiver.clone().apply(from, read).is_err());
            }
            prop_assert_eq!(&sides[0], &sides[1]);
        }
    }
}

/// The sender that a message implies is the one that the table knows.
#[test]
fn messages_name_their_sender_as_the_table_does() {
    for kind in negotiation::ActKind::ALL {
        let message = parse_negotiation(negotiation_wire(&negotiation_act(kind))).unwrap();
        let sends = |role: Role| negotiation::TABLE.iter().any(|e| e.act == kind && e.sent_by.allows(role));
        let only = match (sends(Role::Consumer), sends(Role::Provider)) {
            (true, false) => Some(Role::Consumer),
            (false, true) => Some(Role::Provider),
            both => {
                assert_eq!(both, (true, true));
                None
            }
        };
        assert_eq!(message.sender(), only, "{kind}");
    }
}

#[test]
fn a_whole_negotiation_by_messages() {
    let (request, offer_back) = (
        m::ContractRequestMessage::initial("urn:c", offer(), "https://c.example/dsp"),
        m::ContractOfferMessage::reply("urn:p", "urn:c", offer()),
    );
    let opened = parse_negotiation(request.to_json()).unwrap();
    assert_eq!((opened.provider_pid(), opened.consumer_pid()), (None, Some("urn:c")));
    let mut now = Negotiation::open(Role::Consumer, request.offer);
    let agreement = Agreement::new(super::agreement());
    let messages = [
        offer_back.to_json(),
        m::ContractNegotiationEventMessage::new("urn:p".into(), "urn:c".into(), m::EventType::Accepted)
            .to_json(),
        m::ContractAgreementMessage::new("urn:p".into(), "urn:c".into(), agreement.to_wire()).to_json(),
        m::ContractAgreementVerificationMessage::new("urn:p".into(), "urn:c".into()).to_json(),
        m::ContractNegotiationEventMessage::new("urn:p".into(), "urn:c".into(), m::EventType::Finalized)
            .to_json(),
    ];
    for message in messages {
        let message = parse_negotiation(message).unwrap();
        assert_eq!((message.provider_pid(), message.consumer_pid()), (Some("urn:p"), Some("urn:c")));
        now = now.apply(message.sender().unwrap(), message.act()).unwrap();
    }
    assert_eq!(now.state(), negotiation::State::Finalized);
    assert_eq!(now.agreement(), Some(&agreement));
}
