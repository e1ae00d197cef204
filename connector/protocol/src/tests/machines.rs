//! Both machines against a list of transitions written down here once more, by hand.

use super::{agreement, offer};
use crate::agreement::Agreement;
use crate::message::DataAddress;
use crate::negotiation::{self, Negotiation};
use crate::role::Role::{self, Consumer, Provider};
use crate::table::Edge;
use crate::transfer::{self, Transfer};
use serde_json::json;

pub(crate) fn negotiation_act(kind: negotiation::ActKind) -> negotiation::Act {
    use negotiation::{Act, ActKind};
    match kind {
        ActKind::Request => Act::Request { offer: offer() },
        ActKind::Offer => Act::Offer { offer: offer() },
        ActKind::Accept => Act::Accept,
        ActKind::Agree => Act::Agree { agreement: Agreement::new(agreement()) },
        ActKind::Verify => Act::Verify { signature: None },
        ActKind::Finalize => Act::Finalize,
        ActKind::Terminate => Act::Terminate { code: None, reason: vec!["enough".to_owned()] },
    }
}

pub(crate) fn transfer_act(kind: transfer::ActKind) -> Option<transfer::Act> {
    use transfer::{Act, ActKind};
    Some(match kind {
        ActKind::Request => return None,
        ActKind::Start => Act::Start { data_address: None },
        ActKind::Suspend => Act::Suspend { code: None, reason: Vec::new() },
        ActKind::Complete => Act::Complete,
        ActKind::Terminate => Act::Terminate { code: None, reason: Vec::new() },
    })
}

fn negotiation_in(state: negotiation::State) -> Negotiation {
    use negotiation::{ActKind as A, State as S};
    let path: &[(Role, A)] = match state {
        S::Requested => &[],
        S::Offered => &[(Provider, A::Offer)],
        S::Accepted => &[(Provider, A::Offer), (Consumer, A::Accept)],
        S::Agreed => &[(Provider, A::Agree)],
        S::Verified => &[(Provider, A::Agree), (Consumer, A::Verify)],
        S::Finalized => &[(Provider, A::Agree), (Consumer, A::Verify), (Provider, A::Finalize)],
        S::Terminated => &[(Consumer, A::Terminate)],
    };
    let start = Negotiation::open(Consumer, offer());
    let end = path.iter().fold(start, |now, (role, act)| now.apply(*role, negotiation_act(*act)).unwrap());
    assert_eq!(end.state(), state);
    end
}

fn transfer_in(state: transfer::State) -> Transfer {
    use transfer::{ActKind as A, State as S};
    let path: &[(Role, A)] = match state {
        S::Requested => &[],
        S::Started => &[(Provider, A::Start)],
        S::Suspended => &[(Provider, A::Start), (Consumer, A::Suspend)],
        S::Completed => &[(Provider, A::Start), (Consumer, A::Complete)],
        S::Terminated => &[(Consumer, A::Terminate)],
    };
    let start = Transfer::open("HttpData-PULL");
    let end =
        path.iter().fold(start, |now, (role, act)| now.apply(*role, transfer_act(*act).unwrap()).unwrap());
    assert_eq!(end.state(), state);
    end
}

/// From, act, sender, to: the protocol's diagram, and then what is only taken.
#[test]
fn negotiations_follow_the_diagram_and_nothing_else() {
    use negotiation::{ActKind as A, State as S};
    let diagram = [
        (S::Requested, A::Offer, Provider, S::Offered),
        (S::Requested, A::Agree, Provider, S::Agreed),
        (S::Requested, A::Terminate, Consumer, S::Terminated),
        (S::Requested, A::Terminate, Provider, S::Terminated),
        (S::Offered, A::Request, Consumer, S::Requested),
        (S::Offered, A::Accept, Consumer, S::Accepted),
        (S::Offered, A::Terminate, Consumer, S::Terminated),
        (S::Offered, A::Terminate, Provider, S::Terminated),
        (S::Accepted, A::Agree, Provider, S::Agreed),
        (S::Accepted, A::Terminate, Provider, S::Terminated),
        (S::Agreed, A::Verify, Consumer, S::Verified),
        (S::Agreed, A::Terminate, Consumer, S::Terminated),
        (S::Verified, A::Finalize, Provider, S::Finalized),
        (S::Verified, A::Terminate, Provider, S::Terminated),
    ];
    let taken = [
        (S::Accepted, A::Terminate, Consumer, S::Terminated),
        (S::Agreed, A::Terminate, Provider, S::Terminated),
        (S::Verified, A::Terminate, Consumer, S::Terminated),
    ];
    for state in S::ALL {
        for role in Role::ALL {
            for act in A::ALL {
                let hit = |edge: &&(S, A, Role, S)| (edge.0, edge.1, edge.2) == (state, act, role);
                let sent = diagram.iter().find(hit);
                let to = sent.or_else(|| taken.iter().find(hit)).map(|edge| edge.3);
                assert_eq!(
                    negotiation::legal(state, role).contains(&act),
                    sent.is_some(),
                    "{state} {role} {act}"
                );
                let result = negotiation_in(state).apply(role, negotiation_act(act));
                assert_eq!(result.as_ref().ok().map(Negotiation::state), to, "{state} {role} {act}");
                if let Err(refused) = result {
                    assert_eq!(refused.state, state);
                    assert_eq!(refused.legal, negotiation::legal(state, role));
                    assert!(refused.reason.contains(state.name()) && refused.reason.contains(role.name()));
                }
            }
        }
    }
}

#[test]
fn transfers_follow_the_diagram_and_nothing_else() {
    use transfer::{ActKind as A, State as S};
    let diagram = [
        (S::Requested, A::Start, Provider, S::Started),
        (S::Requested, A::Terminate, Consumer, S::Terminated),
        (S::Requested, A::Terminate, Provider, S::Terminated),
        (S::Started, A::Complete, Consumer, S::Completed),
        (S::Started, A::Complete, Provider, S::Completed),
        (S::Started, A::Suspend, Consumer, S::Suspended),
        (S::Started, A::Suspend, Provider, S::Suspended),
        (S::Started, A::Terminate, Consumer, S::Terminated),
        (S::Started, A::Terminate, Provider, S::Terminated),
        (S::Suspended, A::Start, Consumer, S::Started),
        (S::Suspended, A::Start, Provider, S::Started),
        (S::Suspended, A::Terminate, Consumer, S::Terminated),
        (S::Suspended, A::Terminate, Provider, S::Terminated),
    ];
    for state in S::ALL {
        for role in Role::ALL {
            for kind in A::ALL {
                let hit = |edge: &&(S, A, Role, S)| (edge.0, edge.1, edge.2) == (state, kind, role);
                let to = diagram.iter().find(hit).map(|edge| edge.3);
                assert_eq!(
                    transfer::legal(state, role).contains(&kind),
                    to.is_some(),
                    "{state} {role} {kind}"
                );
                let Some(act) = transfer_act(kind) else { continue };
                let result = transfer_in(state).apply(role, act);
                assert_eq!(result.as_ref().ok().map(Transfer::state), to, "{state} {role} {kind}");
                if let Err(refused) = result {
                    assert_eq!(
                        (refused.state, refused.legal.as_slice()),
                        (state, transfer::legal(state, role))
                    );
                }
            }
        }
    }
}

/// `open` and `is_terminal` do not read the table, so they are held against it.
#[test]
fn openings_and_ends_agree_with_the_tables() {
    let opens = |role: Role| {
        let edge = negotiation::TABLE.iter().find(|e| e.from.is_none() && e.sent_by.allows(role)).unwrap();
        (edge.act, edge.to)
    };
    assert_eq!(opens(Consumer).1, Negotiation::open(Consumer, offer()).state());
    assert_eq!(opens(Provider).1, Negotiation::open(Provider, offer()).state());
    assert_eq!(opens(Consumer).0, negotiation::ActKind::Request);
    assert_eq!(opens(Provider).0, negotiation::ActKind::Offer);
    let opening: Vec<_> = transfer::TABLE.iter().filter(|e| e.from.is_none()).map(|e| e.to).collect();
    assert_eq!(opening, [Transfer::open("x").state()]);
    for state in negotiation::State::ALL {
        assert_eq!(state.is_terminal(), negotiation::TABLE.iter().all(|e| e.from != Some(state)), "{state}");
    }
    for state in transfer::State::ALL {
        assert_eq!(state.is_terminal(), transfer::TABLE.iter().all(|e| e.from != Some(state)), "{state}");
    }
}

#[test]
fn whoever_may_send_is_heard() {
    fn heard<S, A>(table: &[Edge<S, A>]) -> bool {
        table.iter().all(|e| Role::ALL.into_iter().all(|r| !e.sent_by.allows(r) || e.taken_from.allows(r)))
    }
    assert!(heard(negotiation::TABLE) && heard(transfer::TABLE));
}

#[test]
fn a_refusal_says_what_is_possible_instead() {
    let refused = negotiation_in(negotiation::State::Offered)
        .apply(Provider, negotiation::Act::Agree { agreement: Agreement::new(agreement()) })
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "ContractAgreementMessage of the provider is not allowed in state OFFERED; allowed: \
         ContractNegotiationTerminationMessage"
    );
    let refused =
        transfer_in(transfer::State::Completed).apply(Provider, transfer::Act::Complete).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "TransferCompletionMessage of the provider is not allowed in state COMPLETED; nothing is allowed from \
         this party now"
    );
}

#[test]
fn the_agreement_stays_with_the_negotiation() {
    use negotiation::{Act, State};
    let jws = json!({"payload": "e30", "signatures": []});
    let agreed = negotiation_in(State::Agreed);
    assert!(agreed.offer().is_none());
    let verified = agreed.clone().apply(Consumer, Act::Verify { signature: Some(jws.clone()) }).unwrap();
    assert_eq!(verified.agreement().and_then(|a| a.signatures.clone()), Some(jws.clone()));
    let finalized = verified.apply(Provider, Act::Finalize).unwrap();
    assert_eq!(finalized.agreement().and_then(|a| a.signatures.clone()), Some(jws));

    let ended =
        agreed.apply(Provider, Act::Terminate { code: Some("c".to_owned()), reason: vec![] }).unwrap();
    let Negotiation::Terminated(ended) = ended else { panic!("not terminated") };
    assert_eq!((ended.by, ended.was, ended.code.as_deref()), (Provider, State::Agreed, Some("c")));
    assert_eq!(ended.agreement.map(|a| a.id().to_owned()).as_deref(), Some("urn:agreement:1"));
}

#[test]
fn a_verification_without_signatures_keeps_those_of_the_agreement() {
    use negotiation::Act;
    let mut signed = Agreement::new(agreement());
    signed.signatures = Some(json!({"payload": "e30", "signatures": []}));
    let verified = Negotiation::open(Consumer, offer())
        .apply(Provider, Act::Agree { agreement: signed.clone() })
        .and_then(|n| n.apply(Consumer, Act::Verify { signature: None }))
        .unwrap();
    assert_eq!(verified.agreement(), Some(&signed));
}

#[test]
fn the_provider_answers_a_resumption_once_with_a_new_address() {
    use transfer::Act;
    let start = |url: &str| Act::Start { data_address: Some(DataAddress::new("t").with_endpoint(url)) };
    let resumed = Transfer::open("f")
        .apply(Provider, start("first"))
        .and_then(|t| t.apply(Consumer, Act::Suspend { code: None, reason: vec![] }))
        .and_then(|t| t.apply(Consumer, Act::Start { data_address: None }))
        .unwrap();
    assert_eq!(resumed.data_address().and_then(DataAddress::url), Some("first"), "the old address is kept");
    assert!(resumed.clone().apply(Consumer, Act::Start { data_address: None }).is_err());
    let answered = resumed.apply(Provider, start("second")).unwrap();
    assert_eq!(answered.data_address().and_then(DataAddress::url), Some("second"));
    let Transfer::Started(now) = &answered else { panic!("not started") };
    assert_eq!((now.starts, now.by), (2, Provider));
    assert!(answered.apply(Provider, start("third")).is_err());
}

#[test]
fn stored_machines_come_back_as_they_were() {
    for state in negotiation::State::ALL {
        let machine = negotiation_in(state);
        let stored = serde_json::to_value(&machine).unwrap();
        assert_eq!(stored.get("state"), Some(&json!(state.name())));
        assert_eq!(serde_json::from_value::<Negotiation>(stored).unwrap(), machine);
    }
    for state in transfer::State::ALL {
        let machine = transfer_in(state);
        let stored = serde_json::to_value(&machine).unwrap();
        assert_eq!(stored.get("state"), Some(&json!(state.name())));
        assert_eq!(serde_json::from_value::<Transfer>(stored).unwrap(), machine);
    }
}
