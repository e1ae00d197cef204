//! The two listeners.

use crate::config::Config;
use crate::telemetry::Telemetry;
use crate::web::{self, State};
use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServerHandle, Service as _, ServiceRequest, ServiceResponse};
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::Context as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The bound sockets of a participant.
#[derive(Debug)]
pub struct Sockets {
    /// Public.
    pub protocol: TcpListener,
    /// Management.
    pub management: TcpListener,
}

impl Sockets {
    /// Binds both, or neither.
    ///
    /// # Errors
    /// Which address could not be bound.
    pub fn bind(config: &Config) -> anyhow::Result<Self> {
        let listen = |option: &str, address| {
            TcpListener::bind(address).with_context(|| format!("option `{option}`: {address}"))
        };
        Ok(Self {
            protocol: listen("protocol_listen", config.options.protocol_listen)?,
            management: listen("management_listen", config.options.management_listen)?,
        })
    }
}

/// Starts serving on both sockets.
pub(super) fn serve(
    config: &Config,
    sockets: Sockets,
    state: &Data<State>,
) -> anyhow::Result<Vec<ServerHandle>> {
    let protocol = protocol(config, sockets.protocol, state)?;
    let management = management(sockets.management, state)?;
    let handles = vec![protocol.handle(), management.handle()];
    tokio::spawn(protocol);
    tokio::spawn(management);
    Ok(handles)
}

fn protocol(config: &Config, socket: TcpListener, state: &Data<State>) -> anyhow::Result<Server> {
    let shared = state.clone();
    let server = HttpServer::new(move || {
        let telemetry = Arc::clone(&shared.telemetry);
        App::new()
            .app_data(shared.clone())
            .app_data(Data::from(Arc::clone(&shared.plane)))
            .app_data(actix_web::web::PayloadConfig::new(shared.limits.body_bytes))
            .wrap_fn(move |request, service| {
                let watch = Watch::start("protocol", &telemetry, &request);
                let answer = service.call(request);
                async move { answer.await.inspect(|response| watch.done(response)) }
            })
            .configure(web::dsp::configure)
            .configure(web::public::configure)
            .configure(crate::plane::configure)
    })
    .workers(2)
    .tcp_nodelay(true)
    .disable_signals()
    .shutdown_timeout(1)
    .client_request_timeout(Duration::from_secs(20))
    .keep_alive(Duration::from_secs(75))
    .on_connect(crate::plane::track_connection);
    let server = match (&config.options.tls_certificate, &config.options.tls_key) {
        (Some(certificate), Some(key)) => server.listen_rustls_0_23(socket, tls(certificate, key)?)?,
        _ => server.listen(socket)?,
    };
    Ok(server.run())
}

fn management(socket: TcpListener, state: &Data<State>) -> anyhow::Result<Server> {
    let shared = state.clone();
    let server = HttpServer::new(move || {
        let telemetry = Arc::clone(&shared.telemetry);
        App::new()
            .app_data(shared.clone())
            .app_data(actix_web::web::PayloadConfig::new(shared.limits.body_bytes))
            .wrap_fn(move |request, service| {
                let watch = Watch::start("management", &telemetry, &request);
                let answer = service.call(request);
                async move { answer.await.inspect(|response| watch.done(response)) }
            })
            .configure(web::manage::configure)
    })
    .workers(1)
    // Events leave as small writes; none waits for the other side to confirm the one before.
    .tcp_nodelay(true)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(socket)?;
    Ok(server.run())
}

/// One request, from its head to the head of its answer.
struct Watch {
    listener: &'static str,
    telemetry: Arc<Telemetry>,
    began: Instant,
    method: String,
    path: String,
    trace: Option<String>,
}

impl Watch {
    fn start(listener: &'static str, telemetry: &Arc<Telemetry>, request: &ServiceRequest) -> Self {
        let parent = request.headers().get("traceparent").and_then(|v| v.to_str().ok());
        Self {
            listener,
            telemetry: Arc::clone(telemetry),
            began: Instant::now(),
            method: request.method().to_string(),
            path: request.path().to_owned(),
            trace: parent.and_then(crate::telemetry::trace_id).map(str::to_owned),
        }
    }

    fn done<B: MessageBody>(&self, response: &ServiceResponse<B>) {
        let (status, took) = (response.status().as_u16(), self.began.elapsed());
        self.telemetry.request(self.listener, status, took.as_secs_f64());
        tracing::debug!(
            listener = self.listener,
            method = %self.method,
            path = %self.path,
            status,
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            trace = self.trace.as_deref().unwrap_or("-"),
            "request"
        );
    }
}

fn tls(certificate: &Path, key: &Path) -> anyhow::Result<rustls::ServerConfig> {
    use rustls_pki_types::pem::PemObject as _;
    use rustls_pki_types::{CertificateDer, PrivateKeyDer};
    crate::identity::install_crypto();
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("option `tls_certificate`: {}", certificate.display()))?;
    let key =
        PrivateKeyDer::from_pem_file(key).with_context(|| format!("option `tls_key`: {}", key.display()))?;
    rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("option `tls_certificate`: does not fit the key")
}
