//! What an acknowledged or refused message means for its process.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::port::{Change, Expect, Outgoing, StoreError, Write};
use crate::record::{Kind, NegotiationRecord, TransferRecord};
use protocol::negotiation::Act as NegotiationAct;
use protocol::role::Role;
use protocol::transfer::Act as TransferAct;
use serde_json::Value;
use std::sync::Arc;

/// The peer took the message. An initial message also tells us the peer's process id.
pub(super) async fn acknowledged(engine: &Arc<Engine>, message: &Outgoing, body: Option<Value>) {
    let text = |name: &str| body.as_ref().and_then(|b| b.get(name)).and_then(Value::as_str);
    let result = match message.kind {
        Kind::Negotiation => learn_negotiation(engine, message, text).await,
        Kind::Transfer => learn_transfer(engine, message, text("providerPid")).await,
        _ => Ok(Change::new()),
    };
    finish(engine, message, result).await;
}

/// The peer refused the message, or it could not be delivered in time. The peer's state decides: when it shows
/// the effect of our message, an earlier attempt had arrived; else the process ends with the reason kept.
pub(super) async fn refused(engine: &Arc<Engine>, message: &Outgoing, reason: &str) {
    tracing::warn!(peer = %message.peer, url = %message.url, %reason, "message refused");
    if message.attempts > 1 && landed(engine, message).await {
        return finish(engine, message, Ok(Change::new())).await;
    }
    let _turn = engine.locks.hold(&message.process).await;
    let result = match message.kind {
        Kind::Negotiation => fail_negotiation(engine, message, reason).await,
        Kind::Transfer => fail_transfer(engine, message, reason).await,
        _ => Ok(Change::new()),
    };
    finish(engine, message, result).await;
}

async fn finish(engine: &Arc<Engine>, message: &Outgoing, change: Result<Change, Fault>) {
    let change = match change {
        Ok(change) => change,
        Err(fault) => {
            tracing::error!(process = %message.process, %fault, "outcome of a delivery not applied");
            Change::new()
        }
    };
    let change = change.and(Write::Dequeue { id: message.id.clone() });
    match engine.commit(change).await {
        // A message that stays queued is delivered again after a restart; receivers know it by its id.
        Ok(()) | Err(StoreError::Missing(..)) => {}
        Err(error) => tracing::warn!(process = %message.process, %error, "a delivered message stays queued"),
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

/// Does the peer's own view of the process show that our message had its effect?
async fn landed(engine: &Engine, message: &Outgoing) -> bool {
    let (base, pid, ours) = match message.kind {
        Kind::Negotiation => match engine.get::<NegotiationRecord>(&message.process).await {
            Ok(r) => {
                (format!("{}/negotiations", r.peer_address), r.peer_pid, r.process.state().name().to_owned())
            }
            Err(_) => return false,
        },
        _ => match engine.get::<TransferRecord>(&message.process).await {
            Ok(r) => {
                (format!("{}/transfers", r.peer_address), r.peer_pid, r.process.state().name().to_owned())
            }
            Err(_) => return false,
        },
    };
    let Some(pid) = pid else { return false };
    let url = format!("{base}/{}", crate::publish::dataset::segment(&pid));
    match engine.ports.peers.get(&message.peer, &url).await {
        Ok(reply) => {
            reply.status == 200
                && reply.body.as_ref().and_then(|b| b.get("state")).and_then(Value::as_str)
                    == Some(ours.as_str())
        }
        Err(_) => false,
    }
}
