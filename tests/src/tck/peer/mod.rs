//! A small participant of ours on the other side: consumer and provider of negotiations and transfers, over HTTP.
//! It keeps to the protocol, answers an illegal or malformed message with 400, and remembers it as a fault.

pub mod check;
pub mod rules;
mod server;
mod write;

pub use server::Listener;
pub use write::PARTICIPANT;

use super::scenario::{Kind, Move, Role, State};
use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One negotiation or transfer, as the peer sees it.
#[derive(Debug, Clone)]
pub struct Process {
    kind: Kind,
    /// Role of the peer.
    role: Role,
    pid: String,
    their_pid: Option<String>,
    /// Participant id of the connector under test.
    them: String,
    /// Where its messages go.
    address: String,
    /// Dataset, or agreement id.
    subject: String,
    offer_id: String,
    state: State,
    /// States that messages of the connector under test have led to.
    received: Vec<State>,
    /// What it did wrong.
    faults: Vec<String>,
    /// Ids of its messages: one that comes again is answered and has no effect.
    seen: Vec<String>,
    /// A scenario runs on it.
    taken: bool,
    /// Id of the agreement that was received or sent.
    agreement: Option<String>,
}

#[derive(Debug, Default)]
struct Book {
    processes: HashMap<String, Process>,
    /// Messages that belong to no process.
    strays: Vec<String>,
}

/// An id that this process has not used yet.
fn fresh(what: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("urn:tck:{what}:{}:{number}", std::process::id())
}

/// The peer: its processes and how it calls.
#[derive(Debug, Clone)]
pub struct Peer {
    book: Arc<Mutex<Book>>,
    changed: Arc<tokio::sync::Notify>,
    http: reqwest::Client,
    authorization: Option<String>,
    /// Participant id of the connector under test.
    them: String,
    wait: Duration,
    /// Milliseconds until a request of the connector under test is answered.
    answer_after: Arc<AtomicU64>,
}

/// How a new process is to be.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Negotiation or transfer.
    pub kind: Kind,
    /// Dataset, or agreement id.
    pub subject: &'a str,
    /// Offer of a negotiation.
    pub offer_id: &'a str,
    /// Format of a transfer.
    pub format: &'a str,
}

impl Peer {
    /// A peer of the participant `them`, which waits for it as long as `wait`.
    #[must_use]
    pub fn new(them: &str, authorization: Option<&str>, wait: Duration) -> Self {
        Self {
            book: Arc::default(),
            changed: Arc::default(),
            http: crate::client::http(),
            authorization: authorization.map(str::to_owned),
            them: them.to_owned(),
            wait,
            answer_after: Arc::default(),
        }
    }

    /// From now on, requests that open a process are answered only after `pause`.
    pub fn answer_after(&self, pause: Duration) {
        let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        self.answer_after.store(millis, Ordering::Relaxed);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, pid: &str) -> anyhow::Result<Process> {
        self.book().processes.get(pid).cloned().with_context(|| format!("{pid} is unknown to the peer"))
    }

    fn change<T>(&self, pid: &str, change: impl FnOnce(&mut Process) -> T) -> anyhow::Result<T> {
        let result = self.book().processes.get_mut(pid).map(change);
        self.changed.notify_waiters();
        result.with_context(|| format!("{pid} is unknown to the peer"))
    }

    /// Messages that came for no process of the peer's.
    #[must_use]
    pub fn strays(&self) -> Vec<String> {
        self.book().strays.clone()
    }

    /// Id of the agreement of a negotiation.
    #[must_use]
    pub fn agreement(&self, pid: &str) -> Option<String> {
        self.book().processes.get(pid).and_then(|p| p.agreement.clone())
    }

    /// Sends a request: status and body. A client error other than 404 is tried thrice when `patient`, as the kit
    /// does, for connectors that answer so while they are busy.
    ///
    /// # Errors
    /// No answer.
    pub async fn call(
        &self,
        method: &str,
        url: &str,
        body: Option<&Value>,
        patient: bool,
    ) -> anyhow::Result<(u16, Value)> {
        let mut pause = Duration::from_millis(200);
        for attempt in 1.. {
            let mut request = self.http.request(method.parse()?, url).timeout(self.wait);
            if let Some(authorization) = &self.authorization {
                request = request.header("authorization", authorization);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            let response = request.send().await.with_context(|| format!("{method} {url}"))?;
            let status = response.status().as_u16();
            let text = response.text().await.with_context(|| format!("{method} {url}"))?;
            if patient && (400..500).contains(&status) && status != 404 && attempt < 3 {
                tokio::time::sleep(pause).await;
                pause *= 2;
                continue;
            }
            // Where a body matters it is checked; what is no JSON fails then.
            let value = match text.as_str() {
                "" => Value::Null,
                _ => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            };
            return Ok((status, value));
        }
        bail!("{method} {url} was never tried")
    }

    /// Opens a process as consumer, with the provider at `address`; gives the peer's id of it.
    ///
    /// # Errors
    /// Any answer but a process in REQUESTED.
    pub async fn open(&self, opening: Opening<'_>, address: &str, callback: &str) -> anyhow::Result<String> {
        let process = Process {
            kind: opening.kind,
            role: Role::Consumer,
            pid: fresh("process"),
            their_pid: None,
            them: self.them.clone(),
            address: address.to_owned(),
            subject: opening.subject.to_owned(),
            offer_id: opening.offer_id.to_owned(),
            state: State::Requested,
            received: Vec::new(),
            faults: Vec::new(),
            seen: Vec::new(),
            taken: true,
            agreement: None,
        };
        let pid = process.pid.clone();
        let body = process.opening(callback, opening.format);
        self.book().processes.insert(pid.clone(), process);
        let url = format!("{address}/{}/request", folder(opening.kind));
        let (status, answer) = self.call("POST", &url, Some(&body), true).await?;
        ensure!((200..300).contains(&status), "POST {url}: {status} {answer}");
        let theirs = check::text(&answer, "providerPid").context("providerPid is missing")?.to_owned();
        let state =
            check::process(opening.kind, &answer, &pid, &theirs).map_err(anyhow::Error::msg)?.to_owned();
        ensure!(state == "REQUESTED", "the answer to the request shows {state}");
        self.change(&pid, |p| p.their_pid = Some(theirs))?;
        Ok(pid)
    }

    /// Waits for a request of the connector under test on `subject` that no scenario has taken yet.
    ///
    /// # Errors
    /// None came in time.
    pub async fn opened(&self, kind: Kind, subject: &str) -> anyhow::Result<String> {
        self.until(|book| {
            let new = |p: &&mut Process| !p.taken && p.kind == kind && p.subject == subject;
            let found = book.processes.values_mut().find(new)?;
            found.taken = true;
            Some(found.pid.clone())
        })
        .await
        .with_context(|| format!("no request on {subject} came{}", self.told_strays()))
    }

    fn told_strays(&self) -> String {
        let strays = self.strays();
        if strays.is_empty() { String::new() } else { format!("; strays: {}", strays.join("; ")) }
    }

    async fn until<T>(&self, mut found: impl FnMut(&mut Book) -> Option<T>) -> anyhow::Result<T> {
        let deadline = tokio::time::Instant::now() + self.wait;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = found(&mut self.book()) {
                return Ok(found);
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                bail!("waited {:?}", self.wait);
            }
        }
    }

    /// Waits for the `nth` message of the connector under test within a process: it must lead to `state`.
    ///
    /// # Errors
    /// None came, another did, or the connector did something wrong.
    pub async fn wait(&self, pid: &str, nth: usize, state: State) -> anyhow::Result<()> {
        let found = self
            .until(|book| {
                let process = book.processes.get(pid)?;
                let fault = process.faults.first().cloned().map(Err);
                process.received.get(nth).map(|state| Ok(*state)).or(fault)
            })
            .await
            .with_context(|| format!("no message led to {state}"))?;
        match found {
            Ok(found) => ensure!(found == state, "a message led to {found} instead of {state}"),
            Err(fault) => bail!("{fault}"),
        }
        Ok(())
    }

    /// Messages received so far in a process.
    ///
    /// # Errors
    /// There is no such process.
    pub fn received(&self, pid: &str) -> anyhow::Result<usize> {
        Ok(self.get(pid)?.received.len())
    }

    /// What the connector under test did wrong in a process.
    ///
    /// # Errors
    /// There is no such process.
    pub fn faults(&self, pid: &str) -> anyhow::Result<Vec<String>> {
        Ok(self.get(pid)?.faults)
    }

    /// Sends a message that must be accepted.
    ///
    /// # Errors
    /// It is not, or not legal.
    pub async fn send(&self, pid: &str, act: Move) -> anyhow::Result<()> {
        let process = self.get(pid)?;
        let next = rules::next(process.kind, process.role, process.state, act)
            .with_context(|| format!("the scenario does {act:?} in {}", process.state))?;
        let body = process.message(act, &super::now());
        if act == Move::Agree {
            let id = body.pointer("/agreement/@id").and_then(Value::as_str).map(str::to_owned);
            self.change(pid, |p| p.agreement = id)?;
        }
        // The answer to the answer may arrive before this one, so the state is there first.
        self.change(pid, |p| p.state = next)?;
        let (status, answer) = self.post(&process, act, &body, true).await?;
        ensure!((200..300).contains(&status), "{act:?} in {} was answered {status} {answer}", process.state);
        Ok(())
    }

    /// Sends a message that must be refused with a client error other than 404.
    ///
    /// # Errors
    /// It is not.
    pub async fn refused(&self, pid: &str, act: Move) -> anyhow::Result<()> {
        let process = self.get(pid)?;
        let body = process.message(act, &super::now());
        let (status, answer) = self.post(&process, act, &body, false).await?;
        ensure!(
            (400..500).contains(&status) && status != 404,
            "{act:?} in {} should be refused and was answered {status} {answer}",
            process.state
        );
        Ok(())
    }

    async fn post(
        &self,
        process: &Process,
        act: Move,
        body: &Value,
        patient: bool,
    ) -> anyhow::Result<(u16, Value)> {
        let theirs = process.their_pid.as_deref().context("the other side's id is not known")?;
        let url = format!("{}/{}/{theirs}/{}", process.address, folder(process.kind), rules::path(act));
        self.call("POST", &url, Some(body), patient).await
    }

    /// The connector under test shows its side of a process in `state`, at once or within a second.
    ///
    /// # Errors
    /// It shows something else.
    pub async fn shows(&self, pid: &str, state: State) -> anyhow::Result<()> {
        let process = self.get(pid)?;
        let (consumer, provider) = process.pids();
        let theirs = process.their_pid.as_deref().context("the other side's id is not known")?;
        let url = format!("{}/{}/{theirs}", process.address, folder(process.kind));
        let mut shown = String::new();
        for _ in 0..10 {
            let (status, body) = self.call("GET", &url, None, false).await?;
            ensure!(status == 200, "GET {url}: {status} {body}");
            // It may still be reading the answer that tells it our id of the process.
            match check::process(process.kind, &body, consumer, provider) {
                Ok(found) if found == state.name() => return Ok(()),
                Ok(found) => found.clone_into(&mut shown),
                Err(wrong) => shown = wrong,
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("{url} should show {state}: {shown}")
    }
}

/// Folder of a kind of process in the protocol's addresses.
#[must_use]
pub const fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Negotiation => "negotiations",
        Kind::Transfer => "transfers",
    }
}
