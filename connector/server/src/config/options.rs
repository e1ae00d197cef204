//! The options of `entente serve`, and the checked configuration made of them.

use super::ConfigError;
use crate::identity::TrustedIssuers;
use crate::telemetry::LogFormat;
use clap::Args;
use engine::KnownPeer;
use std::net::SocketAddr;
use std::path::PathBuf;

/// How participants prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Identity {
    /// Self-issued tokens signed with the key of a did:web (Decentralized Claims Protocol)
    DidWeb,
    /// No proof at all, as the mock identity of Eclipse EDC; for test beds on loopback only
    InsecureMock,
}

/// Options of one participant.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// Configuration file in TOML; its keys are the names of these options
    #[arg(long, env = "ENTENTE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Name of the organisation, as in its self-description
    #[arg(long, env = "ENTENTE_NAME", value_name = "TEXT")]
    pub name: String,

    /// URL under which other participants reach this connector; never taken from requests
    #[arg(long, env = "ENTENTE_PUBLIC_URL", value_name = "URL")]
    pub public_url: String,

    /// Country of the organisation's seat, ISO 3166-1 code
    #[arg(long, env = "ENTENTE_COUNTRY", value_name = "CODE")]
    pub country: Option<String>,

    /// Registration number of the organisation
    #[arg(long, env = "ENTENTE_REGISTRATION", value_name = "TEXT")]
    pub registration: Option<String>,

    /// Address of the public listener: protocol, data, SPARQL, DID document
    #[arg(long, env = "ENTENTE_PROTOCOL_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7081")]
    pub protocol_listen: SocketAddr,

    /// Address of the management listener
    #[arg(long, env = "ENTENTE_MANAGEMENT_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7082")]
    pub management_listen: SocketAddr,

    /// Folder for the database and the keys
    #[arg(long, env = "ENTENTE_DATA_DIR", value_name = "FOLDER", default_value = "entente-data")]
    pub data_dir: PathBuf,

    /// Key that management clients send; generated at first start and printed once when absent
    #[arg(long, env = "ENTENTE_MANAGEMENT_KEY", value_name = "KEY", hide_env_values = true)]
    pub management_key: Option<String>,

    /// Certificate chain in PEM for TLS on the public listener
    #[arg(long, env = "ENTENTE_TLS_CERTIFICATE", value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,

    /// Private key in PEM for TLS on the public listener
    #[arg(long, env = "ENTENTE_TLS_KEY", value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,

    /// Further certificate authorities in PEM to trust when calling peers
    #[arg(long, env = "ENTENTE_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Allow plain HTTP and private addresses of peers; for a machine of one's own only
    #[arg(long, env = "ENTENTE_DEV", num_args = 0..=1, default_missing_value = "true", default_value_t = false, value_name = "BOOL", action = clap::ArgAction::Set)]
    pub dev: bool,

    /// How participants prove who they are; anything but did-web needs dev mode
    #[arg(long, env = "ENTENTE_IDENTITY", value_name = "MODE", value_enum, default_value_t = Identity::DidWeb)]
    pub identity: Identity,

    /// Host name that may resolve to a private address; repeatable
    #[arg(long, env = "ENTENTE_ALLOW_HOST", value_name = "HOST", value_delimiter = ',')]
    pub allow_host: Vec<String>,

    /// Known participant as DID=ADDRESS of its protocol endpoint; repeatable
    #[arg(long, env = "ENTENTE_PEER", value_name = "DID=ADDRESS", value_delimiter = ',')]
    pub peer: Vec<String>,

    /// Issuer whose credentials count, as TYPE=DID, or TYPE=self for what participants may say of themselves; repeatable
    #[arg(long, env = "ENTENTE_TRUSTED_ISSUER", value_name = "TYPE=DID", value_delimiter = ',')]
    pub trusted_issuer: Vec<String>,

    /// Folder below which file sources must lie; none means that any readable file may be published
    #[arg(long, env = "ENTENTE_FILES_ROOT", value_name = "FOLDER")]
    pub files_root: Option<PathBuf>,

    /// Refuse contracts that the counterparty does not sign
    #[arg(long, env = "ENTENTE_REQUIRE_SIGNATURES", num_args = 0..=1, default_missing_value = "true", default_value_t = false, value_name = "BOOL", action = clap::ArgAction::Set)]
    pub require_signatures: bool,

    /// Largest request body in bytes
    #[arg(long, env = "ENTENTE_BODY_LIMIT", value_name = "BYTES", default_value_t = 1_048_576)]
    pub body_limit: usize,

    /// Longest evaluation of a SPARQL query in seconds
    #[arg(long, env = "ENTENTE_SPARQL_SECONDS", value_name = "SECONDS", default_value_t = 5)]
    pub sparql_seconds: u64,

    /// Most rows of a SPARQL answer
    #[arg(long, env = "ENTENTE_SPARQL_ROWS", value_name = "ROWS", default_value_t = 10_000)]
    pub sparql_rows: usize,

    /// How long a message to a peer is retried before its process is terminated, in seconds
    #[arg(long, env = "ENTENTE_DELIVERY_DEADLINE_SECONDS", value_name = "SECONDS", default_value_t = 86_400)]
    pub delivery_deadline_seconds: u32,

    /// How long a transfer may wait for its start before it is terminated, in seconds
    #[arg(long, env = "ENTENTE_TRANSFER_DEADLINE_SECONDS", value_name = "SECONDS", default_value_t = 86_400)]
    pub transfer_deadline_seconds: u32,

    /// How long a data token works, in minutes
    #[arg(long, env = "ENTENTE_TOKEN_MINUTES", value_name = "MINUTES", default_value_t = 10)]
    pub token_minutes: u32,

    /// What to log, e.g. `info` or `warn,engine=debug`
    #[arg(long, env = "ENTENTE_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,

    /// Form of log lines
    #[arg(long, env = "ENTENTE_LOG_FORMAT", value_name = "FORM", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// A configuration that was checked; nothing of it fails later for its form.
#[derive(Debug, Clone)]
pub struct Config {
    /// What was asked for.
    pub options: ServeOptions,
    /// Public URL without trailing slash.
    pub public_url: String,
    /// Our DID, from the public URL.
    pub did: String,
    /// Known participants.
    pub peers: Vec<KnownPeer>,
    /// Issuers whose credentials count.
    pub trusted_issuers: TrustedIssuers,
}

impl Config {
    /// Checks the options.
    ///
    /// # Errors
    /// The option at fault and why.
    pub fn check(options: ServeOptions) -> Result<Self, ConfigError> {
        let invalid =
            |option: &str, reason: String| ConfigError::Invalid { option: option.to_owned(), reason };
        let url: reqwest::Url =
            options.public_url.parse().map_err(|e| invalid("public_url", format!("is not a URL: {e}")))?;
        let host =
            url.host_str().ok_or_else(|| invalid("public_url", "names no host".to_owned()))?.to_owned();
        match url.scheme() {
            "https" => {}
            "http" if options.dev => {}
            "http" => return Err(invalid("public_url", "must be https outside dev mode".to_owned())),
            other => return Err(invalid("public_url", format!("{other} is not https"))),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("public_url", "must not have a query or fragment".to_owned()));
        }
        if options.dev && !is_loopback(&host) {
            return Err(invalid("dev", format!("is refused with the public address {host}")));
        }
        if options.identity == Identity::InsecureMock {
            if !options.dev {
                return Err(invalid("identity", "insecure-mock needs dev mode".to_owned()));
            }
            if !options.protocol_listen.ip().is_loopback() {
                return Err(invalid(
                    "identity",
                    "insecure-mock is refused when listening beyond loopback".to_owned(),
                ));
            }
        }
        if let Some(code) = &options.country
            && ontology::place::canonical(code).is_none()
        {
            return Err(invalid("country", format!("{code} is not an ISO 3166-1 code")));
        }
        if options.name.trim().is_empty() {
            return Err(invalid("name", "is blank".to_owned()));
        }
        for (option, file) in [
            ("tls_certificate", &options.tls_certificate),
            ("tls_key", &options.tls_key),
            ("ca_file", &options.ca_file),
        ] {
            if let Some(file) = file
                && let Err(error) = std::fs::File::open(file)
            {
                return Err(invalid(option, format!("{}: {error}", file.display())));
            }
        }
        if options.protocol_listen == options.management_listen && options.protocol_listen.port() != 0 {
            return Err(invalid("management_listen", "is the same as protocol_listen".to_owned()));
        }
        let peers = options.peer.iter().map(|text| peer(text)).collect::<Result<_, _>>()?;
        let trusted_issuers = TrustedIssuers::parse(&options.trusted_issuer)
            .map_err(|reason| invalid("trusted_issuer", reason))?;
        let public_url = options.public_url.trim_end_matches('/').to_owned();
        Ok(Self { did: did_of(&url, &host), public_url, peers, trusted_issuers, options })
    }
}

fn peer(text: &str) -> Result<KnownPeer, ConfigError> {
    match text.split_once('=') {
        Some((did, address)) if !did.is_empty() && address.starts_with("http") => {
            Ok(KnownPeer { did: did.to_owned(), address: address.trim_end_matches('/').to_owned() })
        }
        _ => Err(ConfigError::Invalid {
            option: "peer".to_owned(),
            reason: format!("{text:?} is not of the form DID=https://..."),
        }),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// did:web method: host, port with `%3A`, path segments parted by colons.
fn did_of(url: &reqwest::Url, host: &str) -> String {
    let mut did = format!("did:web:{host}");
    if let Some(port) = url.port() {
        did.push_str(&format!("%3A{port}"));
    }
    for segment in url.path().split('/').filter(|s| !s.is_empty()) {
        did.push(':');
        did.push_str(segment);
    }
    did
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dids_follow_the_public_url() {
        for (url, did) in [
            ("https://port.example", "did:web:port.example"),
            ("http://localhost:7001", "did:web:localhost%3A7001"),
            ("https://a.example/b/c/", "did:web:a.example:b:c"),
        ] {
            let parsed: reqwest::Url = url.parse().unwrap();
            assert_eq!(did_of(&parsed, parsed.host_str().unwrap()), did);
        }
    }

    #[test]
    fn peers_need_both_halves() {
        assert!(peer("did:web:a.example=https://a.example/dsp/2025-1").is_ok());
        assert!(peer("https://a.example").is_err());
    }
}
