//! What an acknowledged or refused message means for its process.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, Outgoing, StoreError, Write};
use crate::record::{Kind, NIL_PID, NegotiationRecord, TransferRecord};
use protocol::negotiation::Act as NegotiationAct;
use protocol::role::Role;
use protocol::transfer::Act as TransferAct;
use serde_json::Value;
use std::sync::Arc;

/// Is the matter of a message over?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// Yes, and the message is no longer stored.
    Recorded,
    /// Yes, but that could not be written down.
    NotRecorded,
    /// No, it is to be tried again.
    Open,
}

/// The peer took the message. An initial message also tells us the peer's process id.
pub(super) async fn acknowledged(engine: &Arc<Engine>, message: &Outgoing, body: Option<Value>) -> Settled {
    let text = |name: &str| body.as_ref().and_then(|b| pid_in(b, name));
    let result = match message.kind {
        Kind::Negotiation => learn_negotiation(engine, message, text).await,
        Kind::Transfer => learn_transfer(engine, message, text("providerPid")).await,
        _ => Ok(Change::new()),
    };
    finish(engine, message, result).await
}

/// The peer refused the message, or it could not be delivered in time. After several attempts an earlier one may
/// have arrived all the same, so the peer's own state decides. The matter stays open while that state cannot be read
/// and there is time left (`last` is false).
pub(super) async fn refused(engine: &Arc<Engine>, message: &Outgoing, reason: &str, last: bool) -> Settled {
    tracing::warn!(peer = %message.peer, url = %message.url, %reason, "message refused");
    if message.attempts > 1 {
        match seen_by_peer(engine, message).await {
            Some(View::Landed) => {
                return finish(engine, message, Ok(Change::new())).await;
            }
            Some(View::Not | View::Over) => {}
            None if last => {}
            None => return Settled::Open,
        }
    }
    let _turn = engine.locks.hold(&message.process).await;
    let result = match message.kind {
        Kind::Negotiation => fail_negotiation(engine, message, reason).await,
        Kind::Transfer => fail_transfer(engine, message, reason).await,
        _ => Ok(Change::new()),
    };
    finish(engine, message, result).await
}

/// A message that the peer does not take, again and again: either side may have moved on meanwhile.
pub(super) async fn stuck(engine: &Arc<Engine>, message: &Outgoing, reason: &str) -> Settled {
    if obsolete(engine, message).await {
        return finish(engine, message, Ok(Change::new())).await;
    }
    match seen_by_peer(engine, message).await {
        Some(View::Landed) => finish(engine, message, Ok(Change::new())).await,
        Some(View::Over) => {
            let reason = format!("the counterparty has ended it; our message: {reason}");
            refused(engine, message, &reason, true).await
        }
        Some(View::Not) | None => Settled::Open,
    }
}

/// Is the process terminated on our side, and the message something else than the news of that? The counterparty
/// knows the process, so nothing is lost.
async fn obsolete(engine: &Engine, message: &Outgoing) -> bool {
    let kind = message.body.get("@type").and_then(Value::as_str).unwrap_or_default();
    let known = match message.kind {
        Kind::Negotiation => engine
            .get::<NegotiationRecord>(&message.process)
            .await
            .is_ok_and(|r| r.peer_pid.is_some() && r.process.state().name() == "TERMINATED"),
        Kind::Transfer => engine
            .get::<TransferRecord>(&message.process)
            .await
            .is_ok_and(|r| r.peer_pid.is_some() && r.process.state().name() == "TERMINATED"),
        _ => false,
    };
    known && !kind.ends_with("TerminationMessage")
}

/// The process id that an answer names. Some name an empty one, or the nil UUID, before they have any.
fn pid_in<'a>(answer: &'a Value, name: &str) -> Option<&'a str> {
    let pid = answer.get(name).and_then(Value::as_str)?;
    Some(pid).filter(|pid| !pid.trim().is_empty() && *pid != NIL_PID)
}

async fn finish(engine: &Arc<Engine>, message: &Outgoing, change: Result<Change, Fault>) -> Settled {
    let change = match change {
        Ok(change) => change,
        Err(fault) => {
            tracing::error!(process = %message.process, %fault, "outcome of a delivery not applied");
            Change::new()
        }
    };
    let dequeue = || Write::Dequeue { id: message.id.clone() };
    let done = match engine.commit(change.and(dequeue())).await {
        // The process is gone, or has gone on; the message is delivered all the same.
        Err(StoreError::Missing(..) | StoreError::Stale(..)) => {
            engine.commit(Change::new().and(dequeue())).await
        }
        done => done,
    };
    match done {
        Ok(()) => Settled::Recorded,
        // It is delivered again later; receivers know it by its id.
        Err(error) => {
            tracing::warn!(process = %message.process, %error, "a delivered message stays queued");
            Settled::NotRecorded
        }
    }
}

async fn learn_negotiation<'a>(
    engine: &Engine,
    message: &Outgoing,
    text: impl Fn(&str) -> Option<&'a str>,
) -> Result<Change, Fault> {
    let (record, _) = engine.load_row::<NegotiationRecord>(&message.process).await?;
    let theirs = match record.role {
        Role::Consumer => "providerPid",
        Role::Provider => "consumerPid",
    };
    let Some(pid) = text(theirs).filter(|_| record.peer_pid.is_none()) else { return Ok(Change::new()) };
    // Written under the lock, at once: the next message needs it for its address.
    let _turn = engine.locks.hold(&message.process).await;
    let (mut record, version) = engine.load_row::<NegotiationRecord>(&message.process).await?;
    if record.peer_pid.is_some() {
        return Ok(Change::new());
    }
    record.peer_pid = Some(pid.to_owned());
    let mut change = Change::new().put(&record, Expect::Version(version))?;
    if record.process.is_terminal() {
        // We ended it before the peer answered.
        change = change.and(engine.termination_of(&record));
    }
    engine.commit(change).await?;
    Ok(Change::new())
}

async fn learn_transfer(engine: &Engine, message: &Outgoing, pid: Option<&str>) -> Result<Change, Fault> {
    let Some(pid) = pid else { return Ok(Change::new()) };
    let (record, _) = engine.load_row::<TransferRecord>(&message.process).await?;
    if record.peer_pid.is_some() {
        return Ok(Change::new());
    }
    let _turn = engine.locks.hold(&message.process).await;
    let (mut record, version) = engine.load_row::<TransferRecord>(&message.process).await?;
    if record.peer_pid.is_none() {
        record.peer_pid = Some(pid.to_owned());
        let mut change = Change::new().put(&record, Expect::Version(version))?;
        if record.process.is_terminal() {
            // We ended it before the peer answered.
            change = change.and(engine.transfer_termination_of(&record));
        }
        engine.commit(change).await?;
    }
    Ok(Change::new())
}

async fn fail_negotiation(engine: &Engine, message: &Outgoing, reason: &str) -> Result<Change, Fault> {
    let (mut record, version) = engine.load_row::<NegotiationRecord>(&message.process).await?;
    if record.process.is_terminal() {
        return Ok(Change::new());
    }
    let act =
        NegotiationAct::Terminate { code: Some("undelivered".to_owned()), reason: vec![reason.to_owned()] };
    let role = record.role;
    engine.advance(&mut record, role, act)?;
    record.error_detail = Some(reason.to_owned());
    engine.keep(&record, Expect::Version(version))
}

async fn fail_transfer(engine: &Engine, message: &Outgoing, reason: &str) -> Result<Change, Fault> {
    let (mut record, version) = engine.load_row::<TransferRecord>(&message.process).await?;
    if record.process.is_terminal() {
        return Ok(Change::new());
    }
    let act =
        TransferAct::Terminate { code: Some("undelivered".to_owned()), reason: vec![reason.to_owned()] };
    let role = record.role;
    engine.move_on(&mut record, role, act)?;
    engine.cut(&record, reason);
    record.error_detail = Some(reason.to_owned());
    engine.keep_transfer(&record, Expect::Version(version))
}

/// What the peer's own view of the process shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// The effect of our message, or of something that comes after it.
    Landed,
    /// It ended, so nothing can arrive any more.
    Over,
    /// None of these.
    Not,
}

/// Reads the peer's state; `None` when that is not possible.
async fn seen_by_peer(engine: &Engine, message: &Outgoing) -> Option<View> {
    let (base, pid) = match message.kind {
        Kind::Negotiation => {
            let record = engine.get::<NegotiationRecord>(&message.process).await.ok()?;
            (format!("{}/negotiations", record.peer_address), record.peer_pid)
        }
        _ => {
            let record = engine.get::<TransferRecord>(&message.process).await.ok()?;
            (format!("{}/transfers", record.peer_address), record.peer_pid)
        }
    };
    // An initial message can be repeated without harm, so a refusal of the last one is its answer.
    let Some(pid) = pid else { return Some(View::Not) };
    let url = format!("{base}/{}", crate::publish::dataset::segment(&pid));
    let reply = engine.ports.peers.get(&message.peer, &url).await.ok()?;
    match (reply.status, reply.body.as_ref().and_then(|b| b.get("state")).and_then(Value::as_str)) {
        (200, Some(state)) => Some(view(&message.body, state)),
        // It does not know the process, so nothing can have arrived.
        (404, _) => Some(View::Not),
        _ => None,
    }
}

/// Does `state` show that `message` arrived?
fn view(message: &Value, state: &str) -> View {
    const NEGOTIATION: [&str; 6] = ["REQUESTED", "OFFERED", "ACCEPTED", "AGREED", "VERIFIED", "FINALIZED"];
    let kind = message.get("@type").and_then(Value::as_str).unwrap_or_default();
    let aim = match (kind, message.get("eventType").and_then(Value::as_str)) {
        ("ContractRequestMessage", _) => "REQUESTED",
        ("ContractOfferMessage", _) => "OFFERED",
        ("ContractAgreementMessage", _) => "AGREED",
        ("ContractAgreementVerificationMessage", _) => "VERIFIED",
        (_, Some(event)) => event,
        ("TransferStartMessage", _) => "STARTED",
        ("TransferSuspensionMessage", _) => "SUSPENDED",
        ("TransferCompletionMessage", _) => "COMPLETED",
        _ => "TERMINATED",
    };
    let rank = |name: &str| NEGOTIATION.iter().position(|n| *n == name);
    let landed = match (rank(aim), rank(state)) {
        // Requests and offers take turns; only the same state shows the newest of them.
        (Some(aim @ 0..=1), Some(found)) => found == aim || found > 1,
        (Some(aim), Some(found)) => found >= aim,
        _ => aim == state,
    };
    match state {
        _ if landed => View::Landed,
        "TERMINATED" | "COMPLETED" => View::Over,
        _ => View::Not,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_without_a_process_id_names_none() {
        let pid = |pid: Value| pid_in(&json!({"providerPid": pid}), "providerPid").map(str::to_owned);
        assert_eq!(pid(json!("urn:uuid:1")), Some("urn:uuid:1".to_owned()));
        for none in [json!(""), json!(" "), json!(NIL_PID), json!(null), json!(7)] {
            assert_eq!(pid(none.clone()), None, "{none}");
        }
        assert_eq!(pid_in(&json!({}), "providerPid"), None);
    }

    #[test]
    fn later_states_show_that_a_message_arrived() {
        let message = |kind: &str| json!({"@type": kind});
        let finalized = json!({"@type": "ContractNegotiationEventMessage", "eventType": "FINALIZED"});
        for (message, state, expected) in [
            (message("ContractAgreementVerificationMessage"), "FINALIZED", View::Landed),
            (message("ContractAgreementVerificationMessage"), "AGREED", View::Not),
            (message("ContractAgreementVerificationMessage"), "TERMINATED", View::Over),
            (message("ContractRequestMessage"), "OFFERED", View::Not),
            (message("ContractRequestMessage"), "AGREED", View::Landed),
            (message("ContractOfferMessage"), "REQUESTED", View::Not),
            (finalized, "VERIFIED", View::Not),
            (message("ContractNegotiationTerminationMessage"), "TERMINATED", View::Landed),
            (message("TransferStartMessage"), "STARTED", View::Landed),
            (message("TransferStartMessage"), "REQUESTED", View::Not),
            (message("TransferTerminationMessage"), "COMPLETED", View::Over),
        ] {
            assert_eq!(view(&message, state), expected, "{message} {state}");
        }
    }
}
