//! A second handle on a client's connection, so that revocation does not wait for the client to read.

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use std::any::Any;
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::sync::Arc;
use tokio::net::{TcpSocket, TcpStream};

/// Handle on one client's connection.
#[derive(Debug)]
pub(super) struct Socket(std::net::TcpStream);

impl Socket {
    /// Drops the connection and what the kernel has not delivered yet.
    pub(super) fn abort(&self) {
        // Without lingering, closing the last handle throws the send queue away.
        let discard = self.0.try_clone().and_then(|copy| TcpSocket::from_std_stream(copy).set_zero_linger());
        if let Err(error) = discard.and_then(|()| self.0.shutdown(Shutdown::Both)) {
            tracing::debug!(%error, "the connection was gone already");
        }
    }
}

/// For `HttpServer::on_connect`, with and without TLS: lets a revoked stream end while its client is stalled.
pub fn track_connection(connection: &dyn Any, extensions: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        track(stream, extensions);
    } else if let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() {
        track(stream.get_ref().0, extensions);
    } else {
        tracing::error!("a connection of an unknown kind cannot be tracked");
    }
}

fn track(stream: &TcpStream, extensions: &mut Extensions) {
    match stream.as_fd().try_clone_to_owned() {
        Ok(handle) => {
            extensions.insert(Arc::new(Socket(std::net::TcpStream::from(handle))));
        }
        // Streams on this connection then end with the client's next read.
        Err(error) => tracing::warn!(%error, "a data connection cannot be tracked"),
    }
}
