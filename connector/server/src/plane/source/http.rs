//! Upstream HTTP: the answer's bytes pass through untouched.

use super::address::{Credential, Target};
use super::{Answer, ByteStream, Content, Known, Sources, decided};
use crate::plane::SourceError;
use crate::plane::range::{Ask, Spec, content_range};
use futures_util::StreamExt;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use reqwest::{Method, StatusCode};

pub(super) async fn open(
    sources: &Sources,
    target: Target,
    known: &Known,
    ask: &Ask,
) -> Result<Answer, SourceError> {
    // With a tag of our own we answer conditions ourselves; without one they are the upstream's.
    let own_tag = known.tag.is_some();
    if own_tag && let Some(answer) = decided(known, ask) {
        return Ok(answer);
    }
    let spec =
        if own_tag { ask.effective_range(known.tag.as_deref()) } else { ask.range.filter(|_| !ask.head) };
    let span = match (spec, known.byte_size) {
        (Some(spec), Some(total)) => match spec.resolve(total) {
            Some(span) => Some(span),
            // Whether it is there can depend on a condition that only the upstream can judge.
            None if own_tag || !ask.is_conditional() => return Ok(Answer::Unsatisfiable(Some(total))),
            None => None,
        },
        _ => None,
    };
    let asked = span.map(|(first, last)| Spec::Between(first, last)).or(spec);
    let response = send(sources, target, asked, ask, own_tag).await?;
    read(response, span, asked.is_some(), known, ask, own_tag)
}

async fn send(
    sources: &Sources,
    target: Target,
    range: Option<Spec>,
    ask: &Ask,
    own_tag: bool,
) -> Result<reqwest::Response, SourceError> {
    (sources.allow_url)(target.url.as_str()).map_err(SourceError::Forbidden)?;
    let mut headers = target.headers;
    // Ranges and digests are about the bytes as published, not about a compressed form of them.
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    if let Some((name, credential)) = target.credential {
        let value = match credential {
            Credential::Value(value) => Some(value),
            Credential::Secret(alias) => (sources.secrets)(&alias).await,
        };
        let value = value
            .ok_or_else(|| SourceError::Address("the secret it names does not exist".to_owned()))
            .and_then(|value| {
                HeaderValue::from_str(&value)
                    .map_err(|_| SourceError::Address("its credential is no header value".to_owned()))
            });
        let mut value = value?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let mut set = |name: HeaderName, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    };
    set(RANGE, range.map(Spec::header).as_deref());
    if !own_tag {
        set(IF_RANGE, ask.if_range.as_deref().filter(|_| range.is_some()));
        set(IF_MATCH, ask.if_match.as_deref());
        set(IF_NONE_MATCH, ask.if_none_match.as_deref());
    }
    let method = if ask.head { Method::HEAD } else { Method::GET };
    let url = target.url.clone();
    let response =
        sources.client.request(method, target.url).headers(headers).send().await.map_err(|error| {
            let error = error.without_url();
            tracing::warn!(%error, "an upstream source cannot be reached");
            SourceError::from_client(&error)
        })?;
    if *response.url() != url {
        return Err(SourceError::Answer("it redirects".to_owned()));
    }
    Ok(response)
}

fn read(
    response: reqwest::Response,
    span: Option<(u64, u64)>,
    ranged: bool,
    known: &Known,
    ask: &Ask,
    own_tag: bool,
) -> Result<Answer, SourceError> {
    let headers = response.headers();
    // Not `content_length()`: that is 0 for an answer to HEAD.
    let length = text(headers, CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    let mut content = Content {
        media_type: text(headers, CONTENT_TYPE),
        encoding: text(headers, CONTENT_ENCODING).filter(|coding| !coding.eq_ignore_ascii_case("identity")),
        tag: text(headers, ETAG),
        ..Content::default()
    };
    match response.status() {
        StatusCode::OK => {
            if let Some(length) = length {
                known.same_size(length)?;
            }
            content.total = length.or(known.byte_size);
            content.length = content.total;
        }
        StatusCode::PARTIAL_CONTENT if ranged => {
            let (first, last, total) = text(headers, CONTENT_RANGE)
                .as_deref()
                .and_then(content_range)
                .ok_or_else(|| SourceError::Answer("a part without its place".to_owned()))?;
            if let Some(total) = total {
                known.same_size(total)?;
            }
            if span.is_some_and(|span| span != (first, last)) {
                return Err(SourceError::Answer("another part than the one asked for".to_owned()));
            }
            content.part = Some((first, last));
            content.total = total.or(known.byte_size);
            content.length = last.checked_sub(first).and_then(|length| length.checked_add(1));
        }
        StatusCode::NOT_MODIFIED if !own_tag && ask.if_none_match.is_some() => {
            return Ok(Answer::NotModified(content.tag));
        }
        StatusCode::PRECONDITION_FAILED if !own_tag && ask.if_match.is_some() => {
            return Ok(Answer::PreconditionFailed);
        }
        StatusCode::RANGE_NOT_SATISFIABLE if ranged && span.is_none() => {
            let total = text(headers, CONTENT_RANGE)
                .and_then(|range| range.trim().strip_prefix("bytes */")?.parse().ok());
            return Ok(Answer::Unsatisfiable(total.or(known.byte_size)));
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            return Err(SourceError::Answer("it is shorter than published".to_owned()));
        }
        // Not every upstream knows HEAD; what was published is the best answer then.
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED if ask.head => {
            content = Content { total: known.byte_size, length: known.byte_size, ..Content::default() };
        }
        status if status.is_redirection() => return Err(SourceError::Answer("it redirects".to_owned())),
        status => return Err(SourceError::Status(status.as_u16())),
    }
    if !ask.head {
        content.stream = Some(pass_through(response));
    }
    Ok(Answer::Content(content))
}

fn pass_through(response: reqwest::Response) -> ByteStream {
    Box::pin(response.bytes_stream().map(|chunk| {
        chunk.map_err(|error| {
            let error = error.without_url();
            tracing::warn!(%error, "an upstream source broke off");
            SourceError::from_client(&error)
        })
    }))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
