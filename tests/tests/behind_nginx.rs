//! The two organisations of `deploy/config` behind a real nginx, with certificates of a CA made for the test:
//! did:web over https, then the main job.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use conformance::Management;
use conformance::client::segment;
use conformance::ports::free_port;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn run(program: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn certificates(folder: &Path) {
    run(
        "openssl",
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Entente test CA",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ],
        folder,
    );
    for name in ["port", "meteo"] {
        let host = "localhost";
        run(
            "openssl",
            &[
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                &format!("/CN={host}"),
                "-addext",
                &format!("subjectAltName=DNS:{host}"),
                "-keyout",
                &format!("{name}.key"),
                "-out",
                &format!("{name}.csr"),
            ],
            folder,
        );
        run(
            "openssl",
            &[
                "x509",
                "-req",
                "-days",
                "2",
                "-in",
                &format!("{name}.csr"),
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-copy_extensions",
                "copy",
                "-out",
                &format!("{name}.pem"),
            ],
            folder,
        );
    }
}

/// The shipped site, with this test's names, ports and certificates put in.
fn site(name: &str, tls: u16, port: u16, folder: &Path) -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/nginx/entente.conf"))
        .unwrap()
        .replace("listen 443 ssl", &format!("listen 127.0.0.1:{tls} ssl"))
        .replace("/etc/ssl/entente/port.example", &folder.join(name).to_string_lossy())
        .replace("port.example", "localhost")
        .replace("127.0.0.1:7081", &format!("127.0.0.1:{port}"))
}

fn nginx(folder: &Path, sites: [(&str, u16, u16); 2]) -> Process {
    let at = folder.display();
    let mut text = format!(
        "daemon off;\nmaster_process off;\npid {at}/nginx.pid;\nerror_log {at}/nginx.log;\nevents {{}}\nhttp {{\n\
         access_log off;\nclient_body_temp_path {at}/b;\nproxy_temp_path {at}/p;\nfastcgi_temp_path {at}/f;\n\
         uwsgi_temp_path {at}/u;\nscgi_temp_path {at}/s;\n"
    );
    for (name, tls, port) in sites {
        text.push_str(&site(name, tls, port, folder));
    }
    text.push_str("}\n");
    if user_is_root() {
        text.insert_str(0, "user root;\n");
    }
    std::fs::write(folder.join("nginx.conf"), text).unwrap();
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|p| Path::new(p).exists()).unwrap();
    let child = Command::new(program)
        .args(["-c", &folder.join("nginx.conf").to_string_lossy(), "-p", &folder.to_string_lossy()])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let process = Process(child);
    for (_, tls, _) in sites {
        wait(tls, &folder.join("nginx.log"));
    }
    process
}

fn user_is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

fn wait(port: u16, log: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        assert!(Instant::now() < deadline, "port {port} does not open: {text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The shipped configuration, with this test's names, ports and folders put in.
fn serve(name: &str, tls: [u16; 2], port: u16, management: u16, folder: &Path) -> Process {
    let text =
        std::fs::read_to_string(format!("{}/../deploy/config/{name}.toml", env!("CARGO_MANIFEST_DIR")))
            .unwrap();
    let mut text = text
        .replace("%", "")
        .replace("did:web:port.example", &format!("did:web:localhost%3A{}", tls[0]))
        .replace("did:web:meteo.example", &format!("did:web:localhost%3A{}", tls[1]))
        .replace("https://port.example", &format!("https://localhost:{}", tls[0]))
        .replace("https://meteo.example", &format!("https://localhost:{}", tls[1]))
        .replace("127.0.0.1:7081", &format!("127.0.0.1:{port}"))
        .replace("127.0.0.1:7181", &format!("127.0.0.1:{port}"))
        .replace("127.0.0.1:7082", &format!("127.0.0.1:{management}"))
        .replace("127.0.0.1:7182", &format!("127.0.0.1:{management}"))
        .replace(&format!("/var/lib/entente-{name}"), &folder.join(format!("data-{name}")).to_string_lossy())
        .replace(&format!("/srv/{name}"), &folder.join("files").to_string_lossy());
    // The names lead to loopback here, which a connector outside dev mode refuses unless told.
    text.push_str("allow_host = ['localhost']\n");
    text.push_str(&format!("ca_file = '{}'\nmanagement_key = 'k'\n", folder.join("ca.pem").display()));
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, text).unwrap();
    let log = std::fs::File::create(folder.join(format!("{name}.log"))).unwrap();
    let child = Command::new(conformance::binary())
        .args(["serve", "--config", &path.to_string_lossy()])
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let process = Process(child);
    wait(management, &folder.join(format!("{name}.log")));
    process
}

#[tokio::test]
async fn two_organisations_behind_nginx_do_the_main_job_over_https() {
    if !["/usr/sbin/nginx", "/usr/bin/nginx"].iter().any(|p| Path::new(p).exists()) {
        conformance::say("behind_nginx: skipped: nginx is not installed (Debian package nginx-light)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    certificates(at);
    let [tls, other_tls, port, port_management, meteo, meteo_management] =
        std::array::from_fn(|_| free_port());
    let _nginx = nginx(at, [("port", tls, port), ("meteo", other_tls, meteo)]);
    std::fs::create_dir_all(at.join("files")).unwrap();
    std::fs::write(at.join("files/calls.csv"), "ship\nA\n").unwrap();
    let _port = serve("port", [tls, other_tls], port, port_management, at);
    let _meteo = serve("meteo", [tls, other_tls], meteo, meteo_management, at);
    let host = Management::new(&format!("http://127.0.0.1:{port_management}"), "k");
    let guest = Management::new(&format!("http://127.0.0.1:{meteo_management}"), "k");

    host.publish_file("calls", &at.join("files/calls.csv")).await;
    let did = format!("did:web:localhost%3A{tls}");
    let address = format!("https://localhost:{tls}/dsp/2025-1");
    let agreement = guest.agree(&did, &address, "calls", &[]).await;
    let check: Value =
        guest.post(&format!("/v1/agreements/{}/verify", segment(&agreement)), &json!({})).await;
    assert_eq!(check["valid"], true, "{check:#}");
    let transfer = guest.transfer(&address, &agreement).await;
    guest.wait("transferprocesses", &transfer, &["STARTED"]).await;
    let (endpoint, token) = guest.edr(&transfer).await;
    assert!(endpoint.starts_with(&format!("https://localhost:{tls}/")), "{endpoint}");
    // curl trusts the CA and knows the names, as an application of the consumer would.
    let output = Command::new("curl")
        .args(["-sS", "--cacert"])
        .arg(at.join("ca.pem"))
        .args([
            "--resolve",
            &format!("localhost:{tls}:127.0.0.1"),
            "-H",
            &format!("Authorization: Bearer {token}"),
            &endpoint,
        ])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "ship\nA\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (status, answer) = host
        .call(
            "POST",
            "/v3/assets",
            Some(&json!({
                "@context": conformance::client::context(), "@id": "outside", "properties": {"name": "n"},
                "dataAddress": {"type": "File", "path": "/etc/passwd"},
            })),
        )
        .await;
    assert_eq!(status, 400, "a file outside files_root: {answer:#}");
}
