//! The consumer's download.

use super::*;
use crate::plane::download::{Patience, download_with};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const HASTY: Patience =
    Patience { attempts: 3, pause: Duration::from_millis(5), silence: Duration::from_millis(300) };

fn part_of(out: &Path) -> PathBuf {
    part::beside(out, ".part")
}

#[actix_web::test]
async fn sixty_four_mebibytes_arrive() {
    let bench = Bench::new();
    let content = noise(64 * 1024 * 1024);
    bench.grant(bench.file(&content));
    let out = bench.folder.path().join("out");
    let (mut last, mut rising) = ((0, None), true);
    let (address, digest) = (bench.data_address(TOKEN), sha(&content));
    let got = download(&bench.client, &address, &out, Some(&digest), |done, total| {
        rising &= done >= last.0;
        last = (done, total);
    });
    let got = got.await.expect("downloaded");
    assert_eq!(got, Downloaded { bytes: content.len() as u64, sha256: digest.clone() });
    assert!(rising);
    assert_eq!(last, (content.len() as u64, Some(content.len() as u64)));
    assert!(std::fs::read(&out).expect("a file") == content);
    assert!(!part_of(&out).exists());
}

/// Answers one connection after another with these bytes, and returns the requests.
async fn scripted(answers: Vec<Vec<u8>>) -> (DataAddress, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let url = format!("http://{}/x", listener.local_addr().expect("an address"));
    let address = DataAddress::new(ENDPOINT_TYPE).with_endpoint(url).with_property("authorization", TOKEN);
    let requests = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut peer, _) = listener.accept().await.expect("a connection");
            let mut buffer = vec![0; 8192];
            let count = peer.read(&mut buffer).await.expect("a request");
            requests.push(String::from_utf8_lossy(&buffer[..count]).to_ascii_lowercase());
            peer.write_all(&answer).await.expect("sent");
        }
        requests
    });
    (address, requests)
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat()
}

#[actix_web::test]
async fn a_broken_connection_is_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let content = noise(1_000);
    let (address, requests) = scripted(vec![
        answer("200 OK\r\nETag: \"a\"\r\nContent-Length: 1000", &content[..400]),
        answer("503 Service Unavailable\r\nContent-Length: 0", b""),
        answer(
            "206 Partial Content\r\nETag: \"a\"\r\nContent-Range: bytes 400-999/1000\r\nContent-Length: 600",
            &content[400..700],
        ),
        answer(
            "206 Partial Content\r\nETag: \"a\"\r\nContent-Range: bytes 700-999/1000\r\nContent-Length: 300",
            &content[700..],
        ),
    ])
    .await;
    let got = download_with(&client(), &address, &out, None, |_, _| {}, HASTY).await.expect("downloaded");
    assert_eq!(got.sha256, sha(&content));
    assert!(std::fs::read(&out).expect("a file") == content);
    let requests = requests.await.expect("served");
    assert!(!requests[0].contains("range:"));
    assert!(requests[0].contains("authorization: bearer token-1"), "{}", requests[0]);
    for (request, from) in requests[1..].iter().zip([400, 400, 700]) {
        assert!(request.contains(&format!("range: bytes={from}-")), "{request}");
        assert!(request.contains("if-range: \"a\""), "{request}");
    }
}

#[actix_web::test]
async fn changed_content_begins_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let (address, _) = scripted(vec![
        answer("200 OK\r\nETag: \"a\"\r\nContent-Length: 10", b"old"),
        answer("200 OK\r\nETag: \"b\"\r\nContent-Length: 5", b"fresh"),
    ])
    .await;
    let got = download_with(&client(), &address, &out, None, |_, _| {}, HASTY).await.expect("downloaded");
    assert_eq!(got.bytes, 5);
    assert_eq!(std::fs::read_to_string(&out).expect("a file"), "fresh");
}

#[actix_web::test]
async fn a_partial_file_of_an_earlier_call_is_continued() {
    let bench = Bench::new();
    let content = noise(900_000);
    bench.grant(bench.file(&content));
    let out = bench.folder.path().join("out");
    let digest = sha(&content);
    for (kept, served) in [(&content[..500_000], 400_000), (&noise(10)[1..], 899_991 + 900_000)] {
        let before = bench.plane.stats().bytes_served;
        std::fs::write(part_of(&out), kept).expect("written");
        let address = bench.data_address(TOKEN);
        let got =
            download(&bench.client, &address, &out, Some(&digest), |_, _| {}).await.expect("downloaded");
        assert_eq!(got.sha256, digest);
        assert_eq!(bench.plane.stats().bytes_served - before, served);
    }
}

#[actix_web::test]
async fn another_digest_leaves_no_file() {
    let bench = Bench::new();
    bench.grant(bench.file(b"hello"));
    let out = bench.folder.path().join("out");
    let promised = sha(b"something else");
    let address = bench.data_address(TOKEN);
    let error =
        download(&bench.client, &address, &out, Some(&promised), |_, _| {}).await.expect_err("refused");
    let DownloadError::Digest { expected, found, kept } = &error else { panic!("{error}") };
    assert_eq!((expected, found), (&promised, &sha(b"hello")));
    let text = error.to_string();
    assert!(text.contains(expected) && text.contains(found), "{text}");
    assert_eq!(std::fs::read(kept).expect("kept"), b"hello");
    assert!(!out.exists() && !part_of(&out).exists());

    // Nobody told the consumer a digest, but the provider states one.
    let mut lying = bench.file(b"hello");
    lying.sha256 = Some(promised.clone());
    bench.grant(lying);
    let error = download(&bench.client, &address, &out, None, |_, _| {}).await.expect_err("refused");
    assert!(matches!(error, DownloadError::Digest { expected, .. } if expected == promised));
}

#[actix_web::test]
async fn refusals_are_not_repeated() {
    let bench = Bench::new();
    bench.grant(bench.file(b"hello"));
    bench.plane.revoke(TRANSFER, "the contract ended");
    let out = bench.folder.path().join("out");
    let address = bench.data_address(TOKEN);
    let error = download(&bench.client, &address, &out, None, |_, _| {}).await.expect_err("refused");
    let DownloadError::Refused { status, reason } = error else { panic!("{error}") };
    assert_eq!(status, 403);
    assert!(reason.contains("the contract ended"), "{reason}");
    assert!(!out.exists());
    // The bearer form, then the bare one.
    let no = || answer("401 Unauthorized\r\nContent-Length: 0", b"");
    let (address, requests) = scripted(vec![no(), no()]).await;
    let error = download_with(&client(), &address, &out, None, |_, _| {}, HASTY).await.expect_err("refused");
    assert!(matches!(error, DownloadError::Refused { status: 401, .. }), "{error}");
    assert!(requests.await.expect("served")[1].contains("authorization: token-1"));
}

#[actix_web::test]
async fn attempts_are_bounded() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    // Without a tag each attempt begins again, and brings nothing new.
    let (address, _) = scripted(vec![answer("200 OK\r\nContent-Length: 10", b"abc"); 9]).await;
    let error = download_with(&client(), &address, &out, None, |_, _| {}, HASTY).await.expect_err("given up");
    let DownloadError::Interrupted { attempts, received, .. } = error else { panic!("{error}") };
    assert_eq!((attempts, received), (3, 3));
    let gone = DataAddress::new(ENDPOINT_TYPE).with_endpoint("http://127.0.0.1:1/x");
    let error = download_with(&client(), &gone, &out, None, |_, _| {}, HASTY).await.expect_err("given up");
    assert!(error.to_string().contains("3 attempts"), "{error}");
    let nowhere = DataAddress::new(ENDPOINT_TYPE);
    let error = download(&client(), &nowhere, &out, None, |_, _| {}).await.expect_err("no endpoint");
    assert!(matches!(error, DownloadError::Address(_)), "{error}");
}

#[actix_web::test]
async fn a_full_disk_is_named() {
    let bench = Bench::new();
    bench.grant(bench.file(&noise(3_000_000)));
    let out = bench.folder.path().join("out");
    std::os::unix::fs::symlink("/dev/full", part_of(&out)).expect("linked");
    let address = bench.data_address(TOKEN);
    let error = download(&bench.client, &address, &out, None, |_, _| {}).await.expect_err("no space");
    assert!(matches!(&error, DownloadError::DiskFull { path, .. } if *path == part_of(&out)), "{error}");
    assert!(error.to_string().contains("the disk is full"));
    let nowhere = bench.folder.path().join("no/such/folder/out");
    let error = download(&bench.client, &address, &nowhere, None, |_, _| {}).await.expect_err("no folder");
    assert!(matches!(error, DownloadError::File { .. }), "{error}");
}
