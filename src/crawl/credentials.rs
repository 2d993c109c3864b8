//! What goes with requests to a host that must not be seen elsewhere: headers, passwords, a proxy's log-in.
//!
//! Owns the spelling of the options, which name a variable of the environment and never its value, and the
//! choice of what a URL is sent. It reads no environment: the values are handed in, and nothing here shows
//! them.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use url::Url;

use super::guard::HostRule;
use super::{CrawlSettings, Error};

/// Headers that speak of the connection or belong to this program: set by hand they break the exchange.
const RESERVED: &[&str] = &[
    "connection",
    "content-length",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Values of the environment's variables that a job's settings name. Never stored, never shown.
#[derive(Clone, Default)]
pub struct Secrets(HashMap<String, String>);

impl Secrets {
    /// Takes the values by the names of their variables.
    pub fn new(values: HashMap<String, String>) -> Self {
        Self(values)
    }

    fn of(&self, variable: &str) -> Result<&str, Error> {
        self.0
            .get(variable)
            .map(String::as_str)
            .ok_or_else(|| Error::NoSecret(variable.to_owned()))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets")
    }
}

/// Returns the variables that `settings` name, after a check of the options that name them.
pub fn secret_variables(settings: &CrawlSettings) -> Result<BTreeSet<String>, Error> {
    let mut variables = BTreeSet::new();
    for text in &settings.headers {
        variables.insert(header_rule(text)?.variable);
    }
    for text in &settings.auth {
        variables.insert(auth_rule(text)?.1);
    }
    if let Some(text) = &settings.proxy_auth {
        variables.insert(variable_of(text).ok_or(PROXY_AUTH)?);
    }
    Ok(variables)
}

/// What one job sends to which host.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    of_hosts: Vec<(HostRule, HeaderName, HeaderValue)>,
    /// User name and password for the proxy.
    proxy: Option<ProxyLogin>,
}

/// A log-in that does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ProxyLogin {
    pub(super) user: String,
    pub(super) password: String,
}

impl fmt::Debug for ProxyLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ProxyLogin")
    }
}

impl Credentials {
    pub(super) fn new(settings: &CrawlSettings, secrets: &Secrets) -> Result<Self, Error> {
        let mut of_hosts = Vec::new();
        for text in &settings.headers {
            let rule = header_rule(text)?;
            let value = sensitive(secrets.of(&rule.variable)?, &rule.variable)?;
            of_hosts.push((rule.host, rule.name, value));
        }
        for text in &settings.auth {
            let (host, variable) = auth_rule(text)?;
            let value = authorization(secrets.of(&variable)?, &variable)?;
            of_hosts.push((host, AUTHORIZATION, value));
        }
        let proxy = match &settings.proxy_auth {
            Some(text) => {
                let variable = variable_of(text).ok_or(PROXY_AUTH)?;
                Some(proxy_login(secrets.of(&variable)?, &variable)?)
            }
            None => None,
        };
        Ok(Self { of_hosts, proxy })
    }

    /// Returns the headers for a request to `url`: those of its very host, and of no other.
    pub(super) fn headers_for(
        &self,
        url: &Url,
    ) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.of_hosts
            .iter()
            .filter(|(host, ..)| host.names_exactly(url))
            .map(|(_, name, value)| (name, value))
    }

    pub(super) fn proxy(&self) -> Option<&ProxyLogin> {
        self.proxy.as_ref()
    }
}

const PROXY_AUTH: Error = Error::Setting {
    name: "proxy-auth",
    expected: "env:VARIABLE, a variable that holds user:password",
};

struct HeaderRule {
    host: HostRule,
    name: HeaderName,
    variable: String,
}

/// Reads `HOST=NAME:env:VARIABLE`. What is wrong is not quoted: it may be the secret itself.
fn header_rule(text: &str) -> Result<HeaderRule, Error> {
    let parsed = || {
        let (host, header) = text.split_once('=')?;
        let (name, variable) = header.split_once(':')?;
        let name: HeaderName = name.parse().ok()?;
        Some(HeaderRule {
            host: HostRule::parse(host)?,
            variable: variable_of(variable)?,
            name: (!RESERVED.contains(&name.as_str())).then_some(name)?,
        })
    };
    parsed().ok_or(Error::Setting {
        name: "header",
        expected: "HOST=NAME:env:VARIABLE, with a header that does not concern the connection",
    })
}

/// Reads `HOST=env:VARIABLE`.
fn auth_rule(text: &str) -> Result<(HostRule, String), Error> {
    let parsed = || {
        let (host, variable) = text.split_once('=')?;
        Some((HostRule::parse(host)?, variable_of(variable)?))
    };
    parsed().ok_or(Error::Setting {
        name: "auth",
        expected: "HOST=env:VARIABLE, a variable that holds user:password or 'Bearer TOKEN'",
    })
}

/// Reads `env:VARIABLE`, a name as POSIX has it (XBD 8.1).
fn variable_of(text: &str) -> Option<String> {
    let name = text.strip_prefix("env:")?;
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let is_name = !name.starts_with(|letter: char| letter.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(is_word);
    is_name.then(|| name.to_owned())
}

fn sensitive(value: &str, variable: &str) -> Result<HeaderValue, Error> {
    let unusable = |_| Error::UnusableSecret {
        variable: variable.to_owned(),
        expected: "visible ASCII in one line",
    };
    let mut value = HeaderValue::from_str(value).map_err(unusable)?;
    // HTTP/2 keeps such a value out of its compression tables, and `Debug` does not show it.
    value.set_sensitive(true);
    Ok(value)
}

/// A whole `Bearer …` or `Basic …` is sent as it is; `user:password` becomes `Basic` (RFC 7617).
fn authorization(secret: &str, variable: &str) -> Result<HeaderValue, Error> {
    let scheme = secret.split(' ').next().unwrap_or_default();
    let is_whole = scheme.len() < secret.len()
        && ["basic", "bearer"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known));
    if is_whole {
        return sensitive(secret, variable);
    }
    if !secret.contains(':') {
        return Err(Error::UnusableSecret {
            variable: variable.to_owned(),
            expected: "user:password, 'Bearer TOKEN' or 'Basic …'",
        });
    }
    sensitive(&format!("Basic {}", base64(secret.as_bytes())), variable)
}

fn proxy_login(secret: &str, variable: &str) -> Result<ProxyLogin, Error> {
    let (user, password) = secret.split_once(':').ok_or(Error::UnusableSecret {
        variable: variable.to_owned(),
        expected: "user:password",
    })?;
    Ok(ProxyLogin {
        user: user.to_owned(),
        password: password.to_owned(),
    })
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(headers: &[&str], auth: &[&str]) -> CrawlSettings {
        CrawlSettings {
            headers: headers.iter().map(|&text| text.to_owned()).collect(),
            auth: auth.iter().map(|&text| text.to_owned()).collect(),
            ..CrawlSettings::default()
        }
    }

    fn secrets() -> Secrets {
        let values = [
            ("KEY", "k-1"),
            ("LOGIN", "ada:s3 cret:x"),
            ("TOKEN", "bearer abc.def"),
            ("LINES", "a\nb"),
            ("WORD", "word"),
        ];
        Secrets::new(
            values
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        )
    }

    #[test]
    fn each_goes_to_its_host_alone() {
        let settings = settings(
            &["a.example=X-Key:env:KEY", "b.example:8443=X-Key:env:KEY"],
            &["a.example=env:LOGIN", "b.example:8443=env:TOKEN"],
        );
        let credentials = Credentials::new(&settings, &secrets()).unwrap();
        let sent = |url: &str| {
            let url = Url::parse(url).unwrap();
            let headers = credentials.headers_for(&url);
            headers
                .map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
                .collect::<Vec<_>>()
        };
        let basic = "authorization=Basic YWRhOnMzIGNyZXQ6eA==";
        assert_eq!(sent("https://a.example/x"), ["x-key=k-1", basic]);
        assert_eq!(sent("http://a.example/x"), ["x-key=k-1", basic]);
        assert_eq!(
            sent("https://b.example:8443/"),
            ["x-key=k-1", "authorization=bearer abc.def"]
        );
        for url in [
            "https://b.example/",
            "https://a.example:8443/",
            "https://x.a.example/",
        ] {
            assert!(sent(url).is_empty(), "{url}");
        }
        let shown = format!("{credentials:?} {:?}", secrets());
        for secret in ["k-1", "s3 cret", "YWRh", "abc.def"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_the_value() {
        for header in [
            "a.example=X-Key:s3cret",
            "a.example=X-Key",
            "=X-Key:env:KEY",
            "a.example=Host:env:KEY",
            "a.example=X Key:env:KEY",
            "a.example=X-Key:env:1KEY",
            "a.example=X-Key:env:",
        ] {
            let error = secret_variables(&settings(&[header], &[]))
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("header must be HOST=NAME:env:VARIABLE"),
                "{error}"
            );
            assert!(!error.contains("s3cret"));
        }
        let error = secret_variables(&settings(&[], &["a.example=ada:s3cret"])).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("auth must be HOST=env:VARIABLE")
        );
        for (auth, expected) in [
            ("a.example=env:MISSING", "the variable MISSING is not set"),
            (
                "a.example=env:LINES",
                "the variable LINES must hold user:password, 'Bearer TOKEN' or 'Basic …'",
            ),
            (
                "a.example=env:WORD",
                "the variable WORD must hold user:password, 'Bearer TOKEN' or 'Basic …'",
            ),
        ] {
            let error = Credentials::new(&settings(&[], &[auth]), &secrets()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let error = Credentials::new(&settings(&["a.example=X:env:LINES"], &[]), &secrets());
        assert_eq!(
            error.unwrap_err().to_string(),
            "the variable LINES must hold visible ASCII in one line"
        );
    }

    #[test]
    fn the_variables_are_listed_once() {
        let settings = CrawlSettings {
            proxy_auth: Some("env:P".to_owned()),
            ..settings(&["a=X:env:A", "b=X:env:A"], &["c=env:C"])
        };
        let names: Vec<_> = secret_variables(&settings).unwrap().into_iter().collect();
        assert_eq!(names, ["A", "C", "P"]);
    }
}
