//! `GET` and `HEAD /data/{transfer}`.

use super::HttpPlane;
use super::body::{Body, Running};
use super::permit::{Denied, Permit};
use super::range::{Ask, Spec};
use super::respond;
use super::socket::Socket;
use super::source::{self, Answer, Content, Known};
use actix_web::http::header::{AUTHORIZATION, HeaderName, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE};
use actix_web::http::{Method, Version};
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::Arc;

/// Mounts `/data/{transfer}`. Needs `web::Data<HttpPlane>`, e.g. `Data::from(Arc<HttpPlane>)`, and
/// [`super::track_connection`] at the server.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/data/{transfer}").route(web::get().to(serve)).route(web::head().to(serve)));
}

async fn serve(
    request: HttpRequest,
    transfer: web::Path<String>,
    plane: web::Data<HttpPlane>,
) -> HttpResponse {
    let permit = match authorise(&plane, &request, &transfer) {
        Ok(permit) => permit,
        Err(denied) => return respond::denied(&denied),
    };
    let ask = ask(&request);
    let known = Known::of(&permit.asset);
    // An upstream may take long to answer; revocation does not wait for it.
    let opened = tokio::select! {
        biased;
        reason = permit.lane.revoked() => return respond::denied(&Denied::Revoked(reason)),
        opened = source::open(&plane.sources, &permit.asset.data_address, &known, &ask) => opened,
    };
    match opened {
        Ok(Answer::Content(content)) => deliver(&plane, &request, &permit, &known, content),
        Ok(Answer::NotModified(tag)) => respond::not_modified(tag.as_deref()),
        Ok(Answer::PreconditionFailed) => respond::precondition_failed(),
        Ok(Answer::Unsatisfiable(total)) => respond::unsatisfiable(total),
        Err(error) => {
            tracing::warn!(transfer = permit.transfer, asset = permit.asset.id, %error, "a source fails");
            respond::source_failed(&error)
        }
    }
}

fn authorise(plane: &HttpPlane, request: &HttpRequest, transfer: &str) -> Result<Arc<Permit>, Denied> {
    let header = header(request, AUTHORIZATION).ok_or(Denied::Unknown)?;
    plane.permits.check(token(&header), transfer, plane.clock.now())
}

/// The token of an `Authorization` header; EDC clients send it without a scheme.
fn token(header: &str) -> &str {
    let header = header.trim();
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => header,
    }
}

fn header(request: &HttpRequest, name: HeaderName) -> Option<String> {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn ask(request: &HttpRequest) -> Ask {
    Ask {
        head: request.method() == Method::HEAD,
        range: header(request, RANGE).and_then(|range| Spec::parse(&range)),
        if_match: header(request, IF_MATCH),
        if_none_match: header(request, IF_NONE_MATCH),
        if_range: header(request, IF_RANGE),
    }
}

fn deliver(
    plane: &HttpPlane,
    request: &HttpRequest,
    permit: &Permit,
    known: &Known,
    mut content: Content,
) -> HttpResponse {
    let Some(stream) = content.stream.take() else {
        return respond::head(&permit.asset, known, &content);
    };
    // An HTTP/2 connection carries other streams too; there the source alone is taken away.
    let socket = request.conn_data::<Arc<Socket>>().filter(|_| request.version() < Version::HTTP_2);
    let running = Running::new(stream, socket.cloned(), &plane.counters);
    let body = Body::new(Arc::clone(&running), Arc::clone(&permit.lane), content.length);
    match permit.lane.enter(&running) {
        Ok(()) => respond::content(&permit.asset, known, &content, body),
        Err(reason) => respond::denied(&Denied::Revoked(reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_with_and_without_a_scheme() {
        for header in ["Bearer abc", "bearer  abc", "abc", " abc "] {
            assert_eq!(token(header), "abc", "{header}");
        }
        assert_eq!(token("Basic abc"), "Basic abc");
    }
}
