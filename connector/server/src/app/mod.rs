//! Composition: configuration in, running participant out.

mod build;
mod key;
mod listen;

pub use listen::Sockets;

use crate::config::Config;
use crate::web::State;
use anyhow::Context as _;
use engine::Engine;
use std::sync::Arc;
use tokio::sync::watch;

/// A running participant.
pub struct Running {
    /// Its use cases.
    pub engine: Arc<Engine>,
    /// Key of the management listener.
    pub management_key: String,
    servers: Vec<actix_web::dev::ServerHandle>,
    stop: watch::Sender<bool>,
    worker: tokio::task::JoinHandle<()>,
    /// The data folder is ours until this is closed.
    _alone: std::fs::File,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Running {
    /// Stops: listeners first, then the workers. What is queued stays stored.
    pub async fn stop(self) {
        for server in &self.servers {
            server.stop(false).await;
        }
        self.stop.send_replace(true);
        if let Err(error) = self.worker.await {
            tracing::warn!(%error, "the worker did not end in order");
        }
    }
}

/// Starts a participant on sockets that are bound already.
///
/// # Errors
/// What could not be opened or built.
pub async fn start(config: Config, sockets: Sockets) -> anyhow::Result<Running> {
    let built = build::build(&config).await?;
    let state = actix_web::web::Data::new(built.state);
    let engine = Arc::clone(&state.engine);
    engine.load().await.map_err(|fault| anyhow::anyhow!("{fault}")).context("loading what is stored")?;
    // Peers verify it before they talk to us, so it is there before the listeners are.
    state
        .issuer
        .participant(&engine)
        .await
        .map_err(|f| anyhow::anyhow!("{f}"))
        .context("our self-description")?;
    let servers = listen::serve(&config, sockets, &state)?;
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(work(Arc::clone(&engine), Arc::clone(&state), stopped));
    Ok(Running { engine, management_key: built.management_key, servers, stop, worker, _alone: built.alone })
}

/// The engine's own work, and the count of its events.
async fn work(engine: Arc<Engine>, state: Arc<State>, stopped: watch::Receiver<bool>) {
    let mut events = engine.subscribe();
    let counting = async {
        loop {
            match events.recv().await {
                Ok(event) => state.telemetry.event(&event.kind),
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
    };
    tokio::select! {
        () = counting => {}
        () = async { tokio::join!(Arc::clone(&engine).run(stopped.clone()), crate::notify::run(engine, state.http.clone(), stopped)); } => {}
    }
}

/// `entente serve`: runs until Ctrl-C or SIGTERM.
///
/// # Errors
/// What could not be opened or built.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    crate::telemetry::init_logs(&config.options.log, config.options.log_format);
    let sockets = Sockets::bind(&config)?;
    let (did, public) = (config.did.clone(), config.public_url.clone());
    let running = start(config, sockets).await?;
    tracing::info!(%did, %public, "ready");
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}
