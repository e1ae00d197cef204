//! A peer that is only a listener: it keeps what it receives, and answers as it is told. Loopback only.
#![expect(clippy::expect_used, reason = "test support fails loudly")]

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What came in.
#[derive(Debug, Clone)]
pub struct Received {
    /// HTTP method.
    pub method: String,
    /// Path with the query.
    pub path: String,
    /// The `Authorization` header.
    pub authorization: String,
    /// The body, if it was JSON.
    pub body: Value,
    /// When it came.
    pub at: Instant,
}

/// What goes out.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body; null is an empty one.
    pub body: Value,
}

impl Answer {
    /// An answer.
    #[must_use]
    pub const fn new(status: u16, body: Value) -> Self {
        Self { status, body }
    }
}

type Rule = Box<dyn FnMut(&Received) -> Answer + Send>;

struct Shared {
    received: Mutex<Vec<Received>>,
    rule: Mutex<Rule>,
}

/// A running listener; it ends with its process.
#[derive(Clone)]
pub struct Listener {
    port: u16,
    shared: Arc<Shared>,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Listener {
    /// Starts on a free port and answers by `rule`.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start(rule: impl FnMut(&Received) -> Answer + Send + 'static) -> Self {
        let shared = Arc::new(Shared { received: Mutex::new(Vec::new()), rule: Mutex::new(Box::new(rule)) });
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = socket.local_addr().expect("its address").port();
        let data = web::Data::from(Arc::clone(&shared));
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(data.clone())
                        .app_data(web::PayloadConfig::new(16 << 20))
                        .default_service(web::to(take))
                })
                .workers(1)
                .disable_signals()
                .listen(socket)
                .expect("the port is ours");
                server.run().await
            })
        });
        Self { port, shared }
    }

    /// Its root.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Answers by another rule from now on.
    ///
    /// # Panics
    /// When a rule has panicked.
    pub fn rule(&self, rule: impl FnMut(&Received) -> Answer + Send + 'static) {
        *self.shared.rule.lock().expect("no rule panics") = Box::new(rule);
    }

    /// All that came in, in order.
    ///
    /// # Panics
    /// When a rule has panicked.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().expect("no rule panics").clone()
    }

    /// Waits for the first request after the first `skip` ones that `wanted` wants; gives its place and itself.
    ///
    /// # Errors
    /// What came instead, after 15 seconds.
    pub async fn wait(
        &self,
        skip: usize,
        wanted: impl Fn(&Received) -> bool,
    ) -> anyhow::Result<(usize, Received)> {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let received = self.received();
            if let Some((place, found)) = received.iter().enumerate().skip(skip).find(|(_, r)| wanted(r)) {
                return Ok((place, found.clone()));
            }
            if Instant::now() > deadline {
                let lines: Vec<String> =
                    received.iter().skip(skip).map(|r| format!("{} {}", r.method, r.path)).collect();
                anyhow::bail!("what was awaited did not come; but {lines:?}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn take(shared: web::Data<Shared>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let received = Received {
        method: request.method().to_string(),
        path: request.uri().to_string(),
        authorization: request
            .headers()
            .get("authorization")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        at: Instant::now(),
    };
    let answer = {
        let mut rule = shared.rule.lock().expect("no rule panics");
        let answer = (*rule)(&received);
        shared.received.lock().expect("no rule panics").push(received);
        answer
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::IM_A_TEAPOT);
    let mut response = HttpResponse::build(status);
    if answer.body.is_null() {
        response.content_type("application/json").finish()
    } else {
        response.json(answer.body)
    }
}
