//! Which URLs of others we contact. Peers hand us callback addresses, DIDs and service endpoints; none of them
//! may lead into our own network.

use super::address::is_public;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Why an address is not contacted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuardFault {
    /// No absolute URL.
    #[error("it is not an absolute URL: {0}")]
    Url(String),
    /// Another scheme than https.
    #[error("{0} is not https")]
    Scheme(String),
    /// A user name or password inside the URL.
    #[error("it carries user information")]
    UserInfo,
    /// No host.
    #[error("it names no host")]
    NoHost,
    /// A literal address that is not public.
    #[error("{0} is not a public address")]
    Address(IpAddr),
    /// A name of this machine, or one that leads to no public address.
    #[error("{0} has no public address")]
    Name(String),
}

/// The rules: https to public addresses, with exceptions that the operator makes.
#[derive(Debug, Clone, Default)]
pub struct UrlGuard {
    dev: bool,
    allow: Vec<String>,
}

impl UrlGuard {
    /// With `dev`, plain HTTP and every address are allowed. Hosts in `allow` may have private addresses.
    #[must_use]
    pub fn new(dev: bool, allow: &[String]) -> Self {
        let allow = allow.iter().map(|host| bare(host.trim())).filter(|host| !host.is_empty()).collect();
        Self { dev, allow }
    }

    /// Is this development mode?
    #[must_use]
    pub const fn dev(&self) -> bool {
        self.dev
    }

    /// Judges a URL by its text. What its host resolves to is judged when a connection is made.
    ///
    /// # Errors
    /// The first [`GuardFault`].
    pub fn check(&self, url: &str) -> Result<Url, GuardFault> {
        let url: Url = url.parse().map_err(|e| GuardFault::Url(format!("{e}")))?;
        match url.scheme() {
            "https" => {}
            "http" if self.dev => {}
            other => return Err(GuardFault::Scheme(other.to_owned())),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(GuardFault::UserInfo);
        }
        // The parser has brought decimal, octal and hexadecimal forms of IPv4 addresses into the usual one.
        let host = bare(url.host_str().ok_or(GuardFault::NoHost)?);
        match host.parse::<IpAddr>() {
            Ok(ip) if !self.permits(&host, ip) => Err(GuardFault::Address(ip)),
            Err(_) if is_local_name(&host) && !self.excepted(&host) => Err(GuardFault::Name(host)),
            _ => Ok(url),
        }
    }

    /// May `host` be contacted at `ip`?
    #[must_use]
    pub fn permits(&self, host: &str, ip: IpAddr) -> bool {
        is_public(ip) || self.excepted(&bare(host))
    }

    fn excepted(&self, bare: &str) -> bool {
        self.dev || self.allow.iter().any(|allowed| allowed == bare)
    }
}

/// Lower case, without brackets or the dot of the root.
fn bare(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

fn is_local_name(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// Resolves names to the addresses that the guard permits. The connection is made to one of exactly these, so a
/// name that changes its answer between check and use gains nothing.
#[derive(Debug, Clone)]
pub(super) struct GuardedDns(pub(super) Arc<UrlGuard>);

impl Resolve for GuardedDns {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await?;
            let permitted: Vec<SocketAddr> = found.filter(|a| guard.permits(host, a.ip())).collect();
            if permitted.is_empty() {
                return Err(GuardFault::Name(host.to_owned()).into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_public_hosts() {
        let guard = UrlGuard::new(false, &[]);
        for url in [
            "https://example.org/dsp",
            "https://example.org:8443",
            "https://1.1.1.1/",
            "https://[2606:4700::1]/",
        ] {
            assert!(guard.check(url).is_ok(), "{url}");
        }
        assert_eq!(guard.check("http://example.org"), Err(GuardFault::Scheme("http".to_owned())));
        assert_eq!(guard.check("file:///etc/passwd"), Err(GuardFault::Scheme("file".to_owned())));
        assert_eq!(guard.check("https://a:b@example.org"), Err(GuardFault::UserInfo));
        assert!(matches!(guard.check("/dsp"), Err(GuardFault::Url(_))));
        assert!(matches!(guard.check("https://"), Err(GuardFault::Url(_))));
    }

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        let guard = UrlGuard::new(false, &[]);
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0/",
            "https://10.1.2.3:8080/x",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[fd00:ec2::254]/",
            "https://[fe80::1]/",
        ] {
            assert!(matches!(guard.check(url), Err(GuardFault::Address(_))), "{url}");
        }
        for url in ["https://localhost/", "https://LOCALHOST./", "https://a.localhost:8443/"] {
            assert!(matches!(guard.check(url), Err(GuardFault::Name(_))), "{url}");
        }
    }

    #[test]
    fn the_operator_can_make_exceptions() {
        let guard =
            UrlGuard::new(false, &["Peer.Internal".to_owned(), "10.0.0.7".to_owned(), "[::1]".to_owned()]);
        let private = "10.0.0.9".parse().unwrap();
        assert!(guard.permits("peer.internal", private) && guard.permits("peer.internal.", private));
        assert!(!guard.permits("other.internal", private));
        assert!(guard.check("https://10.0.0.7/").is_ok() && guard.check("https://[::1]/").is_ok());
        assert!(guard.check("https://10.0.0.8/").is_err());
        // Still no plain HTTP.
        assert!(guard.check("http://10.0.0.7/").is_err());
        let dev = UrlGuard::new(true, &[]);
        assert!(dev.check("http://localhost:7081/2025-1").is_ok() && dev.check("http://10.0.0.8/").is_ok());
        assert!(dev.check("ftp://localhost/").is_err());
    }

    #[tokio::test]
    async fn names_are_resolved_to_permitted_addresses_only() {
        let resolve = |guard: UrlGuard| GuardedDns(Arc::new(guard)).resolve("localhost".parse().unwrap());
        let refused = resolve(UrlGuard::new(false, &[])).await.err().unwrap();
        assert_eq!(refused.downcast_ref(), Some(&GuardFault::Name("localhost".to_owned())));
        let open = resolve(UrlGuard::new(false, &["localhost".to_owned()])).await.unwrap();
        assert!(open.count() > 0);
    }
}
