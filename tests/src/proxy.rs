//! A network between two participants that drops, delays and duplicates. Loopback only.
#![expect(clippy::expect_used, reason = "test support fails loudly")]

use crate::chance::Chance;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What happens to requests, each in per cent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// Never forwarded; the connection breaks.
    pub lost: u64,
    /// Forwarded, but the answer is lost.
    pub unanswered: u64,
    /// Forwarded twice; the second answer comes back.
    pub doubled: u64,
    /// Held back for up to 200 ms.
    pub delayed: u64,
}

/// What happened to requests so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// All of them.
    pub requests: AtomicU64,
    /// Those that something happened to.
    pub disturbed: AtomicU64,
}

struct Shared {
    target: String,
    weather: Weather,
    chance: Mutex<Chance>,
    client: reqwest::Client,
    tally: web::Data<Tally>,
}

/// Starts on `port`, in front of `target`; ends with the runtime.
#[must_use]
pub fn start(port: u16, target: &str, weather: Weather, chance: Chance) -> web::Data<Tally> {
    let tally = web::Data::new(Tally::default());
    let shared = web::Data::new(Shared {
        target: target.to_owned(),
        weather,
        chance: Mutex::new(chance),
        client: crate::client::http(),
        tally: tally.clone(),
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .app_data(web::PayloadConfig::new(64 << 20))
            .default_service(web::to(pass))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", port))
    .expect("the proxy's port");
    actix_web::rt::spawn(server.run());
    tally
}

async fn pass(shared: web::Data<Shared>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    shared.tally.requests.fetch_add(1, Ordering::Relaxed);
    let (what, delay) = {
        let mut chance = shared.chance.lock().expect("not poisoned");
        (chance.below(100), chance.below(200))
    };
    let Weather { lost, unanswered, doubled, delayed } = shared.weather;
    if what < lost + unanswered + doubled + delayed {
        shared.tally.disturbed.fetch_add(1, Ordering::Relaxed);
    }
    if what < lost {
        return broken();
    }
    let answer = forward(&shared, &request, &body).await;
    if what < lost + unanswered {
        return broken();
    }
    if what < lost + unanswered + doubled {
        return forward(&shared, &request, &body).await;
    }
    if what < lost + unanswered + doubled + delayed {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    answer
}

/// An answer that ends before it is complete, so that the client sees a broken connection.
fn broken() -> HttpResponse {
    let end = futures_util::stream::once(async {
        Err::<web::Bytes, std::io::Error>(std::io::ErrorKind::ConnectionReset.into())
    });
    HttpResponse::Ok().no_chunking(1_000).streaming(end)
}

async fn forward(shared: &Shared, request: &HttpRequest, body: &web::Bytes) -> HttpResponse {
    let url = format!("{}{}", shared.target, request.uri());
    let method = request.method().as_str().parse().expect("a method");
    let mut sent = shared.client.request(method, url).body(body.clone());
    for name in ["authorization", "content-type", "accept", "traceparent"] {
        if let Some(value) = request.headers().get(name).and_then(|v| v.to_str().ok()) {
            sent = sent.header(name, value);
        }
    }
    let Ok(answer) = sent.send().await else { return broken() };
    let status = StatusCode::from_u16(answer.status().as_u16()).expect("a status");
    let kind = answer.headers().get("content-type").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let Ok(bytes) = answer.bytes().await else { return broken() };
    let mut response = HttpResponse::build(status);
    if let Some(kind) = kind {
        response.content_type(kind);
    }
    response.body(bytes)
}
