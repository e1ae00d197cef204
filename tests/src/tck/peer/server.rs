//! The peer's HTTP side.

use super::{Kind, Move, Peer, Process, Role, State, check, fresh, rules, write};
use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, Json, Path};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A listener of the peer; it stops when dropped.
#[derive(Debug)]
pub struct Listener {
    handle: ServerHandle,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The stop is under way once asked for; the future only tells when it is done.
        drop(self.handle.stop(false));
    }
}

impl Peer {
    /// Serves the peer on `address`.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub fn listen(&self, address: SocketAddr) -> anyhow::Result<Listener> {
        let peer = self.clone();
        let server = HttpServer::new(move || {
            let folder = |kind: Kind| {
                web::scope(super::folder(kind))
                    .app_data(Data::new(kind))
                    .route("/request", web::post().to(first))
                    .route("/{pid}", web::get().to(show))
                    .route("/{pid}/{path:.+}", web::post().to(message))
            };
            App::new()
                .app_data(Data::new(peer.clone()))
                .service(folder(Kind::Negotiation))
                .service(folder(Kind::Transfer))
        })
        .workers(1)
        .disable_signals()
        .bind(address)?;
        let address = server.addrs().first().copied().unwrap_or(address);
        let running = server.run();
        let handle = running.handle();
        tokio::spawn(running);
        Ok(Listener { handle, address })
    }

    fn stray(&self, what: String) {
        self.book().strays.push(what);
        self.changed.notify_waiters();
    }

    /// A request of the connector under test as consumer.
    fn take_first(&self, kind: Kind, body: &Value) -> Result<Process, String> {
        check::message(kind, Move::Request, true, body)?;
        let text = |at: &str| body.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
        let consumer = text("/consumerPid");
        let mut book = self.book();
        let known = |p: &&Process| p.role == Role::Provider && p.their_pid.as_deref() == Some(&consumer);
        if let Some(known) = book.processes.values().find(known) {
            return Ok(known.clone());
        }
        let process = Process {
            kind,
            role: Role::Provider,
            pid: fresh("process"),
            their_pid: Some(consumer),
            them: self.them.clone(),
            address: text("/callbackAddress").trim_end_matches('/').to_owned(),
            subject: match kind {
                Kind::Negotiation => text("/offer/target"),
                Kind::Transfer => text("/agreementId"),
            },
            offer_id: text("/offer/@id"),
            state: State::Requested,
            received: vec![State::Requested],
            faults: Vec::new(),
            seen: Vec::new(),
            taken: false,
            agreement: None,
        };
        book.processes.insert(process.pid.clone(), process.clone());
        Ok(process)
    }

    /// A message of the connector under test within a process.
    fn take(&self, kind: Kind, pid: &str, path: &str, body: &Value) -> Result<(), String> {
        let act = rules::act_of(kind, path, body)
            .ok_or_else(|| format!("the message does not belong to /{path}: {body}"))?;
        check::message(kind, act, false, body)?;
        let mut book = self.book();
        let process = book.processes.get_mut(pid).ok_or_else(|| format!("{pid} is unknown"))?;
        let (own, theirs) = match process.role {
            Role::Consumer => ("consumerPid", "providerPid"),
            Role::Provider => ("providerPid", "consumerPid"),
        };
        let theirs = check::text(body, theirs).unwrap_or_default();
        if check::text(body, own) != Some(pid) || process.their_pid.as_deref().is_some_and(|p| p != theirs) {
            return Err(format!("the message names other processes: {body}"));
        }
        let id = check::text(body, "@id").unwrap_or_default().to_owned();
        if !id.is_empty() && process.seen.contains(&id) {
            return Ok(());
        }
        let next = rules::next(kind, process.role.other(), process.state, act)
            .ok_or_else(|| format!("{act:?} came in {}", process.state))?;
        // It may come before the answer to the request that opened the process.
        process.their_pid = Some(theirs.to_owned());
        process.state = next;
        process.received.push(next);
        process.seen.push(id);
        if let Some(id) = body.pointer("/agreement/@id").and_then(Value::as_str) {
            process.agreement = Some(id.to_owned());
        }
        Ok(())
    }
}

async fn first(peer: Data<Peer>, kind: Data<Kind>, body: Json<Value>) -> HttpResponse {
    match peer.take_first(**kind, &body) {
        Ok(process) => {
            peer.changed.notify_waiters();
            let pause = peer.answer_after.load(Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            HttpResponse::Created().json(process.shown(State::Requested))
        }
        Err(reason) => {
            peer.stray(format!("a request was refused: {reason}"));
            HttpResponse::BadRequest().json(write::error(**kind, &body, &reason))
        }
    }
}

async fn message(
    peer: Data<Peer>,
    kind: Data<Kind>,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> HttpResponse {
    let (pid, path) = path.into_inner();
    match peer.take(**kind, &pid, &path, &body) {
        Ok(()) => {
            peer.changed.notify_waiters();
            match peer.get(&pid) {
                Ok(process) => HttpResponse::Ok().json(process.shown(process.state)),
                Err(_) => HttpResponse::NotFound().finish(),
            }
        }
        Err(reason) => {
            if peer.change(&pid, |p| p.faults.push(reason.clone())).is_err() {
                peer.stray(reason.clone());
            }
            HttpResponse::BadRequest().json(write::error(**kind, &body, &reason))
        }
    }
}

async fn show(peer: Data<Peer>, kind: Data<Kind>, pid: Path<String>) -> HttpResponse {
    match peer.get(&pid) {
        Ok(process) if process.kind == **kind => HttpResponse::Ok().json(process.shown(process.state)),
        _ => HttpResponse::NotFound().finish(),
    }
}
