//! Requests that run to their end.

use super::*;
use reqwest::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, IF_RANGE,
    RANGE, TRANSFER_ENCODING,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[actix_web::test]
async fn a_file_is_pulled_whole() {
    let bench = Bench::new();
    let content = noise(700_000);
    bench.grant(bench.file(&content));
    let response = bench.get().send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let tag = format!("\"{}\"", sha(&content));
    assert_eq!(response.headers()[ETAG], tag.as_str());
    assert_eq!(response.headers()[CONTENT_TYPE], "text/csv");
    assert_eq!(response.headers()[ACCEPT_RANGES], "bytes");
    assert_eq!(response.headers()[CONTENT_LENGTH], "700000");
    assert!(response.headers().get(TRANSFER_ENCODING).is_none());
    let digest = response.headers()["repr-digest"].to_str().expect("text").to_owned();
    assert!(digest.starts_with("sha-256=:") && digest.ends_with("=:"), "{digest}");
    assert!(response.bytes().await.expect("a body") == content);
    bench.until("ended", |stats| stats.streams_open == 0).await;
    assert_eq!(bench.plane.stats(), Stats { bytes_served: 700_000, streams_open: 0, streams_cut: 0 });

    let bare = bench.client.get(bench.url()).header("Authorization", TOKEN).send().await.expect("an answer");
    assert_eq!(bare.bytes().await.expect("a body").len(), content.len(), "the token without a scheme");
}

#[actix_web::test]
async fn an_empty_file_is_pulled() {
    let bench = Bench::new();
    bench.grant(bench.file(b""));
    let response = bench.get().send().await.expect("an answer");
    assert_eq!(response.headers()[CONTENT_LENGTH], "0");
    assert!(response.bytes().await.expect("a body").is_empty());
    let part = bench.get().header(RANGE, "bytes=0-").send().await.expect("an answer");
    assert_eq!(part.status(), 416);
}

#[actix_web::test]
async fn head_leaves_the_connection_usable() {
    let bench = Bench::new();
    bench.grant(bench.file(b"hello"));
    let mut stream = tokio::net::TcpStream::connect(bench.address).await.expect("connected");
    let request = |method: &str, close: &str| {
        format!(
            "{method} /data/{TRANSFER} HTTP/1.1\r\nHost: h\r\nAuthorization: {TOKEN}\r\nRange: bytes=1-2\r\n{close}\r\n"
        )
    };
    stream.write_all(request("HEAD", "").as_bytes()).await.expect("sent");
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(stream.read_u8().await.expect("a byte")));
    }
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200") && head.contains("content-length: 5"), "{head}");
    stream.write_all(request("GET", "Connection: close\r\n").as_bytes()).await.expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("received");
    let text = text.to_ascii_lowercase();
    let (second, body) = text.split_once("\r\n\r\n").expect("a second head");
    assert!(second.starts_with("http/1.1 206") && second.contains("content-range: bytes 1-2/5"), "{second}");
    assert_eq!(body, "el");
}

#[actix_web::test]
async fn ranges_and_conditions() {
    let bench = Bench::new();
    let content = noise(600_000);
    bench.grant(bench.file(&content));
    let tag = format!("\"{}\"", sha(&content));
    for (range, first, last) in
        [("bytes=0-0", 0, 0), ("bytes=262143-262144", 262_143, 262_144), ("bytes=-10", 599_990, 599_999)]
    {
        let part = bench.get().header(RANGE, range).header(IF_RANGE, &tag).send().await.expect("an answer");
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(part.headers()[CONTENT_RANGE], format!("bytes {first}-{last}/600000").as_str());
        assert!(part.bytes().await.expect("a body") == content[first..=last], "{range}");
    }
    let none = bench.get().header(RANGE, "bytes=600000-").send().await.expect("an answer");
    assert_eq!(none.status(), 416);
    assert_eq!(none.headers()[CONTENT_RANGE], "bytes */600000");
    assert!(reason(none).await.contains("range"));
    for (name, value, status) in [
        (IF_RANGE, "\"other\"", 200),
        (IF_MATCH, "\"other\"", 412),
        (IF_MATCH, tag.as_str(), 206),
        (IF_NONE_MATCH, tag.as_str(), 304),
        (IF_NONE_MATCH, "\"other\"", 206),
    ] {
        let found = bench.get().header(RANGE, "bytes=1-2").header(&name, value).send().await;
        assert_eq!(found.expect("an answer").status(), status, "{name}: {value}");
    }
    let several = bench.get().header(RANGE, "bytes=0-1,4-5").send().await.expect("an answer");
    assert_eq!(several.status(), 200, "several ranges are answered whole");
}

#[actix_web::test]
async fn tokens_decide() {
    let bench = Bench::new();
    bench.grant(bench.file(b"hello"));
    let with = |token: &str| bench.client.get(bench.url()).bearer_auth(token).send();
    let anonymous = bench.client.get(bench.url()).send().await.expect("an answer");
    assert_eq!(anonymous.status(), 401);
    assert!(anonymous.headers().contains_key("www-authenticate"));
    assert_eq!(with("wrong").await.expect("an answer").status(), 401);
    let elsewhere = format!("http://{}/data/urn:uuid:9", bench.address);
    let other = bench.client.get(elsewhere).bearer_auth(TOKEN).send().await.expect("an answer");
    assert_eq!(other.status(), 404);
    let post = bench.client.post(bench.url()).bearer_auth(TOKEN).send().await.expect("an answer");
    assert_eq!(post.status(), 405);

    bench.clock.0.store(60_000, Ordering::Relaxed);
    let expired = with(TOKEN).await.expect("an answer");
    assert_eq!(expired.status(), 401);
    assert_eq!(reason(expired).await, "the token has expired");

    bench.clock.0.store(0, Ordering::Relaxed);
    bench.plane.revoke(TRANSFER, "the contract ended");
    let revoked = with(TOKEN).await.expect("an answer");
    assert_eq!(revoked.status(), 403);
    assert!(reason(revoked).await.contains("the contract ended"));

    let token_sha256 = sha(b"token-2");
    bench.plane.grant(Grant { token_sha256, ..grant(bench.file(b"hello")) });
    assert_eq!(with("token-2").await.expect("an answer").status(), 200, "resumed with a new token");
    assert_eq!(with(TOKEN).await.expect("an answer").status(), 401, "the old one is gone");
}

#[actix_web::test]
async fn sources_that_are_not_as_published() {
    let bench = Bench::new();
    let path = bench.folder.path().join("data.bin");
    bench.grant(bench.file(b"hello"));
    std::fs::write(&path, "hello, world").expect("written");
    let changed = bench.get().send().await.expect("an answer");
    assert_eq!(changed.status(), 502);
    assert_eq!(reason(changed).await, "the source changed: 5 bytes were published, 12 found");
    std::fs::remove_file(&path).expect("removed");
    let gone = bench.get().send().await.expect("an answer");
    assert_eq!(gone.status(), 502);
    assert_eq!(reason(gone).await, "the source does not exist any more");
    bench.grant(asset(json!({"type": "File", "path": "/etc/hostname"}), None));
    let outside = bench.get().send().await.expect("an answer");
    assert_eq!(outside.status(), 502);
    let reason = reason(outside).await;
    assert!(reason.contains("may not be served") && !reason.contains('/'), "{reason}");
}

#[actix_web::test]
async fn sources_are_measured() {
    let bench = Bench::new();
    let content = noise(600_001);
    let asset = bench.file(&content);
    let measured = bench.plane.measure(&asset.data_address).await.expect("measured");
    assert_eq!(measured, Measured { sha256: sha(&content), byte_size: 600_001 });
    let missing = json!({"type": "File", "path": "nothing"});
    let found = bench.plane.measure(missing.as_object().expect("an object")).await;
    assert_eq!(found, Err(SourceError::Missing));
}
