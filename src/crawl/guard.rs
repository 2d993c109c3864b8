//! Which hosts a crawl may reach: those at public addresses, and those that the user exempts.
//!
//! Owns the spelling of a host in an option, and the answer for a URL. What a public address is stands in
//! `address`; the connection is `transport`'s.

use std::net::Ipv6Addr;

use tokio::net::lookup_host;
use url::{Host, Url};

use super::address::{RefusedAddress, is_public, literal};
use super::{CrawlSettings, Error};

/// A host as an option names it: a name or an address, with a port or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostRule {
    host: Host<String>,
    port: Option<u16>,
}

impl HostRule {
    /// Reads `example.com`, `example.com:8080`, `10.0.0.5`, `[::1]:80` or `::1`; names are compared as
    /// URLs spell them, without regard to a dot at the end.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            let host = Host::Ipv6(address);
            return Some(Self { host, port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            // The last colon of a bare IPv6 address stands inside its brackets.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (text, None),
        };
        let host = host_without_dot(Host::parse(host).ok()?);
        Some(Self { host, port })
    }

    /// Says whether this names the host of `url`, on the port that is named or else on any.
    pub(super) fn names(&self, url: &Url) -> bool {
        self.is_host_of(url)
            && self
                .port
                .is_none_or(|port| url.port_or_known_default() == Some(port))
    }

    /// Says whether this names the host of `url`, on the port that is named or else on the default one of
    /// the URL's scheme. What is secret must not reach another service of the same host.
    pub(super) fn names_exactly(&self, url: &Url) -> bool {
        self.is_host_of(url)
            && match self.port {
                Some(port) => url.port_or_known_default() == Some(port),
                None => url.port().is_none(),
            }
    }

    fn is_host_of(&self, url: &Url) -> bool {
        url.host()
            .is_some_and(|host| host_without_dot(host.to_owned()) == self.host)
    }
}

/// A name with a dot at its end is the same name (RFC 1034, 3.1).
fn host_without_dot(host: Host<String>) -> Host<String> {
    match host {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_owned()),
        address => address,
    }
}

/// The guard of one crawl against reaching a private network through a public page's links.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    allow_private: bool,
    exempt: Vec<HostRule>,
}

impl Guard {
    /// Reads the settings, whose hosts [`check`] has seen.
    pub(super) fn new(settings: &CrawlSettings) -> Self {
        let rules = settings.allow_hosts.iter();
        Self {
            allow_private: settings.allow_private,
            exempt: rules.filter_map(|text| HostRule::parse(text)).collect(),
        }
    }

    /// Says whether the host of `url` may be reached wherever it is.
    pub(super) fn exempts(&self, url: &Url) -> bool {
        self.allow_private || self.exempt.iter().any(|rule| rule.names(url))
    }

    /// Says whether some host is exempt.
    pub(super) fn has_exempt(&self) -> bool {
        self.allow_private || !self.exempt.is_empty()
    }

    /// Judges a URL by the address that stands in it; a name is for whoever resolves it.
    pub(super) fn judge_literal(&self, url: &Url) -> Result<(), RefusedAddress> {
        match literal(url) {
            Some(address) if !is_public(address) && !self.exempts(url) => {
                Err(RefusedAddress(address))
            }
            _ => Ok(()),
        }
    }

    /// Judges the name in a URL that a proxy is going to resolve. Which of several addresses the proxy takes
    /// is its choice, so a single private one is refused; a name that is unknown here is left to the proxy.
    pub(super) async fn judge_name(&self, url: &Url) -> Result<(), RefusedAddress> {
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        if self.exempts(url) {
            return Ok(());
        }
        let Ok(mut found) = lookup_host((name, 0)).await else {
            return Ok(());
        };
        match found.find(|address| !is_public(address.ip())) {
            Some(private) => Err(RefusedAddress(private.ip())),
            None => Ok(()),
        }
    }
}

/// Checks the hosts that are to be exempt.
pub(super) fn check(settings: &CrawlSettings) -> Result<(), Error> {
    if settings
        .allow_hosts
        .iter()
        .all(|text| HostRule::parse(text).is_some())
    {
        return Ok(());
    }
    Err(Error::Setting {
        name: "allow-host",
        expected: "a host, an address or HOST:PORT",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_rule_names_one_host_in_every_spelling() {
        for (rule, address, any_port, exactly) in [
            ("example.com", "http://EXAMPLE.com./", true, true),
            ("example.com.", "https://example.com/", true, true),
            ("example.com", "http://example.com:8080/", true, false),
            ("example.com", "http://www.example.com/", false, false),
            ("example.com:8080", "http://example.com:8080/", true, true),
            ("example.com:8080", "http://example.com/", false, false),
            ("example.com:443", "https://example.com/", true, true),
            ("example.com:443", "http://example.com/", false, false),
            (
                "BÜCHER.example",
                "http://xn--bcher-kva.example/",
                true,
                true,
            ),
            ("127.1", "http://127.0.0.1/", true, true),
            ("127.0.0.1:80", "http://0x7f000001/", true, true),
            ("127.0.0.1", "http://localhost/", false, false),
            ("::1", "http://[::1]:99/", true, false),
            ("[::1]", "http://[0:0::1]/", true, true),
            ("[::1]:99", "http://[::1]:99/", true, true),
        ] {
            let (rule, address) = (HostRule::parse(rule).unwrap(), url(address));
            assert_eq!(rule.names(&address), any_port, "{rule:?} {address}");
            assert_eq!(rule.names_exactly(&address), exactly, "{rule:?} {address}");
        }
        for text in [
            "",
            "a b",
            "http://e.com",
            "e.com/",
            "e.com:x",
            "e.com:99999",
            "u@e.com",
            "[::1",
        ] {
            assert_eq!(HostRule::parse(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn only_the_named_host_is_exempt() {
        let settings = CrawlSettings {
            allow_hosts: vec!["127.0.0.1:81".to_owned()],
            ..CrawlSettings::default()
        };
        let guard = Guard::new(&settings);
        for (address, allowed) in [
            ("http://127.0.0.1:81/", true),
            ("http://127.0.0.1/", false),
            ("http://127.0.0.2:81/", false),
            ("http://10.0.0.1:81/", false),
            ("http://8.8.8.8/", true),
        ] {
            assert_eq!(
                guard.judge_literal(&url(address)).is_ok(),
                allowed,
                "{address}"
            );
        }
        assert!(guard.judge_name(&url("http://localhost/")).await.is_err());
        assert!(
            guard
                .judge_name(&url("http://nowhere.invalid/"))
                .await
                .is_ok()
        );
    }
}
