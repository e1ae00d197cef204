//! The event stream: server-sent events with CloudEvents in them.

use super::Api;
use crate::tck::scenario::{Kind, State};
use anyhow::Context as _;
use futures_util::StreamExt as _;
use serde_json::Value;
use std::time::Duration;

/// A process has entered a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happened {
    pub(super) kind: Kind,
    pub(super) pid: String,
    pub(super) state: State,
    /// Dataset of a negotiation, agreement of a transfer.
    pub(super) about: String,
}

/// Opens the stream, after an event or from now on.
pub(super) async fn open(api: &Api, after: Option<&str>) -> anyhow::Result<reqwest::Response> {
    let mut request = api
        .http
        .get(format!("{}/v1/events", api.base))
        .header("x-api-key", &api.key)
        .header("accept", "text/event-stream");
    if let Some(id) = after {
        request = request.header("last-event-id", id);
    }
    Ok(request.send().await.context("the event stream")?.error_for_status()?)
}

/// Tells what happens, and resumes a stream that ends, until the connector is gone.
pub(super) async fn follow(api: &Api, first: reqwest::Response, mut tell: impl FnMut(Happened)) {
    let (mut response, mut last) = (first, None::<String>);
    loop {
        let mut stream = Box::pin(response.bytes_stream());
        let mut buffer = Vec::new();
        while let Some(Ok(bytes)) = stream.next().await {
            buffer.extend_from_slice(&bytes);
            while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                let rest = buffer.split_off(end + 2);
                let frame = std::mem::replace(&mut buffer, rest);
                let (id, happened) = read(&String::from_utf8_lossy(&frame));
                last = id.or(last);
                happened.into_iter().for_each(&mut tell);
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        match open(api, last.as_deref()).await {
            Ok(again) => response = again,
            Err(_) => return,
        }
    }
}

/// The id of a frame, and what it tells about a process.
fn read(frame: &str) -> (Option<String>, Option<Happened>) {
    let field = |name: &str| {
        frame.lines().find_map(|line| line.strip_prefix(name)).map(|v| v.strip_prefix(' ').unwrap_or(v))
    };
    let event = field("data:").and_then(|data| serde_json::from_str::<Value>(data).ok());
    (field("id:").map(str::to_owned), event.as_ref().and_then(process))
}

fn process(event: &Value) -> Option<Happened> {
    let text = |at: &str| event.pointer(at).and_then(Value::as_str);
    let (kind, name, about) = match text("/type")?.rsplit_once('.')? {
        ("contract.negotiation", name) => (Kind::Negotiation, name, "/data/datasetId"),
        ("transfer.process", name) => (Kind::Transfer, name, "/data/agreementId"),
        _ => return None,
    };
    let state = match name {
        "requested" => State::Requested,
        "offered" => State::Offered,
        "accepted" => State::Accepted,
        "agreed" => State::Agreed,
        "verified" => State::Verified,
        "finalized" => State::Finalized,
        "started" => State::Started,
        "suspended" => State::Suspended,
        "completed" => State::Completed,
        "terminated" => State::Terminated,
        _ => return None,
    };
    Some(Happened { kind, state, pid: text("/subject")?.to_owned(), about: text(about)?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read() {
        let data = r#"{"type":"transfer.process.started","subject":"p","data":{"agreementId":"a"}}"#;
        let (id, happened) = read(&format!("id: 7\nevent: x\ndata: {data}\n\n"));
        assert_eq!(id.as_deref(), Some("7"));
        let wanted =
            Happened { kind: Kind::Transfer, pid: "p".into(), state: State::Started, about: "a".into() };
        assert_eq!(happened, Some(wanted));
        assert_eq!(read(": beat\n\n"), (None, None));
        assert_eq!(read("id: 8\ndata: {\"type\":\"asset.created\",\"subject\":\"a\"}\n\n").1, None);
    }
}
