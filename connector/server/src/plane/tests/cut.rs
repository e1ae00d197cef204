//! Revocation of running streams.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SIZE: usize = 64 * 1024 * 1024;
/// The most that loopback sockets and actix buffer for a client that does not read.
const BUFFERED: u64 = 24 * 1024 * 1024;
const SOON: Duration = Duration::from_millis(100);

/// A client that sends its request and reads one byte.
async fn stalled(bench: &Bench) -> TcpStream {
    let mut stream = TcpStream::connect(bench.address).await.expect("connected");
    let request =
        format!("GET /data/{TRANSFER} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    assert_eq!(stream.read_u8().await.expect("a byte"), b'H');
    stream
}

/// Waits until the plane hands out no more bytes.
async fn quiet(bench: &Bench) -> u64 {
    let mut last = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let now = bench.plane.stats().bytes_served;
        if now > 0 && now == last {
            return now;
        }
        last = now;
    }
}

#[actix_web::test]
async fn a_stalled_client_bounds_memory_and_is_cut() {
    let bench = Bench::new();
    bench.grant(bench.file(&noise(SIZE)));
    let mut stream = stalled(&bench).await;
    let served = quiet(&bench).await;
    assert!(served < BUFFERED, "{served} bytes were read ahead for a client that does not read");
    assert_eq!(bench.plane.stats().streams_open, 1);

    let begin = Instant::now();
    bench.plane.revoke(TRANSFER, "test");
    bench.until("cut", |stats| stats.streams_open == 0).await;
    assert_eq!(bench.plane.stats().streams_cut, 1);
    let end = loop {
        match stream.read(&mut [0; 65_536]).await {
            Ok(0) => break "closed".to_owned(),
            Ok(_) => {}
            Err(error) => break error.to_string(),
        }
    };
    assert!(begin.elapsed() < SOON, "{end} after {:?}", begin.elapsed());
    assert_eq!(bench.plane.stats().bytes_served, served, "nothing was handed out after the cut");
    let again = bench.get().send().await.expect("an answer");
    assert_eq!(again.status(), 403);
}

#[actix_web::test]
async fn a_stalled_client_of_tls_is_cut_too() {
    use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
    use std::io::{Read as _, Write as _};
    let bench = Bench::with(Some(own_tls()));
    bench.grant(bench.file(&noise(SIZE)));
    let address = bench.address;
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let client = tokio::task::spawn_blocking(move || {
        let mut connector = SslConnector::builder(SslMethod::tls_client()).expect("TLS");
        connector.set_verify(SslVerifyMode::NONE);
        let socket = std::net::TcpStream::connect(address).expect("connected");
        let mut stream = connector.build().connect("localhost", socket).expect("a handshake");
        let request =
            format!("GET /data/{TRANSFER} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        assert_eq!(stream.read(&mut [0; 1]).expect("a byte"), 1);
        wait.recv().expect("told to go on");
        let begin = Instant::now();
        let mut rest = 0;
        // An error or an early end; either way no more comes.
        while let Ok(count @ 1..) = stream.read(&mut [0; 65_536]) {
            rest += count;
        }
        (rest, begin.elapsed())
    });
    let served = quiet(&bench).await;
    bench.plane.revoke(TRANSFER, "test");
    bench.until("cut", |stats| stats.streams_open == 0).await;
    go.send(()).expect("the client waits");
    let (rest, took) = client.await.expect("the client ends");
    assert!(took < SOON, "{rest} bytes in {took:?} after the cut");
    assert!(rest < SIZE / 2, "{rest} bytes came after the cut");
    assert_eq!(bench.plane.stats().bytes_served, served);
}

#[actix_web::test]
async fn a_reading_client_is_cut_mid_stream() {
    let bench = Bench::new();
    bench.grant(bench.file(&noise(SIZE)));
    let mut response = bench.get().send().await.expect("an answer");
    let mut received = 0;
    while received < 1_000_000 {
        received += response.chunk().await.expect("a chunk").expect("more").len();
    }
    let begin = Instant::now();
    bench.plane.revoke(TRANSFER, "test");
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received += chunk.len(),
            Ok(None) => panic!("the stream looked complete after {received} bytes"),
            Err(error) => break error,
        }
    };
    assert!(begin.elapsed() < SOON, "{error} after {:?}", begin.elapsed());
    assert!(received < SIZE);
}

#[actix_web::test]
async fn streams_survive_expiry_and_a_new_token_but_not_revocation() {
    let bench = Bench::new();
    bench.grant(bench.file(&noise(SIZE)));
    let mut response = bench.get().send().await.expect("an answer");
    response.chunk().await.expect("a chunk");
    bench.clock.0.store(60_000, Ordering::Relaxed);
    bench.plane.grant(Grant {
        token_sha256: sha(b"token-2"),
        expires: Timestamp::from_millis(90_000),
        ..grant(bench.file(&noise(SIZE)))
    });
    for _ in 0..50 {
        assert!(response.chunk().await.expect("a chunk").is_some());
    }
    bench.plane.revoke(TRANSFER, "test");
    assert_eq!(bench.plane.stats().streams_cut, 1);
    while let Ok(chunk) = response.chunk().await {
        assert!(chunk.is_some(), "the stream looked complete");
    }
}

/// An upstream that sends `head` and then nothing.
async fn silent_upstream(head: &'static str) -> (String, TcpListener, &'static str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    (format!("http://{}", listener.local_addr().expect("an address")), listener, head)
}

#[actix_web::test]
async fn stalled_sources_are_cut() {
    let partial = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc";
    for (head, status) in [(partial, Some(200)), ("", None)] {
        let bench = Bench::new();
        let (url, listener, head) = silent_upstream(head).await;
        bench.grant(asset(json!({"type": "HttpData", "baseUrl": url}), None));
        let upstream = tokio::spawn(async move {
            let (mut peer, _) = listener.accept().await.expect("a connection");
            assert!(peer.read(&mut [0; 4096]).await.expect("a request") > 0);
            peer.write_all(head.as_bytes()).await.expect("sent");
            // Ends when the plane lets go of the source.
            peer.read(&mut [0; 16]).await.map_or(0, |count| count)
        });
        let plane = Arc::clone(&bench.plane);
        let revoked = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let begin = Instant::now();
            plane.revoke(TRANSFER, "test");
            begin
        });
        let sent = bench.get().send().await;
        match status {
            Some(status) => {
                let response = sent.expect("an answer");
                assert_eq!(response.status(), status);
                assert!(response.bytes().await.is_err(), "the stream is cut");
            }
            None => {
                let response = sent.expect("an answer");
                assert_eq!(response.status(), 403);
                assert!(reason(response).await.contains("test"));
            }
        }
        let begin = revoked.await.expect("revoked");
        assert_eq!(upstream.await.expect("ended"), 0);
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    }
}
