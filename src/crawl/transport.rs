//! The way to a server: the HTTP client, its trust, its proxy, and what each request carries.
//!
//! Owns the guard at connect time, cookies, credentials and conditions of a request. It reads no body and
//! judges no answer; that is the fetch's and the visit's business.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, COOKIE, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    USER_AGENT,
};
use reqwest::{Client, Proxy, Response};
use rustls::ClientConfig;
use url::{Position, Url};

use super::address::{RefusedAddress, Resolver};
use super::archive::Wire;
use super::cookies::{Cookies, SentCookies};
use super::credentials::{Credentials, ProxyLogin, Secrets};
use super::fetch::{Failure, failure};
use super::guard::Guard;
use super::{CrawlSettings, Error};
use crate::model::{Reason, StoredVersion};

/// Bytes of an answer's headers, as HTTP/2 counts them (RFC 9113, 6.5.2); about what the client takes over
/// HTTP/1.
const MOST_HEADERS: usize = 400 * 1024;

/// Bytes of headers that the client reads over HTTP/2. More than are taken, because of what goes beyond it the
/// client says the same as of a malformed answer: from four times as many on it tells them apart again.
const HTTP2_HEADERS: u32 = 4 * 1024 * 1024;

/// Sends requests under one job's settings.
#[derive(Debug)]
pub(super) struct Transport {
    /// Reaches public addresses only.
    guarded: Client,
    /// For exempt hosts. A client of its own: the resolver sees a name and not the port that the exemption
    /// may be for, and no connection is shared with a URL that is guarded.
    exempt: Option<Client>,
    /// What every request carries, unless it says otherwise.
    headers: HeaderMap,
    guard: Guard,
    is_proxied: bool,
    cookies: Option<Cookies>,
    credentials: Credentials,
}

impl Transport {
    pub(super) fn new(settings: &CrawlSettings, secrets: &Secrets) -> Result<Self, Error> {
        let guard = Guard::new(settings);
        let credentials = Credentials::new(settings, secrets)?;
        let proxy = settings
            .proxy
            .as_deref()
            .map(|text| proxy(text, credentials.proxy()))
            .transpose()?;
        let tls = tls(settings.ca_file.as_deref())?;
        let make = |allow_private| client(settings, tls.clone(), proxy.clone(), allow_private);
        Ok(Self {
            // A proxy may be anywhere: it is the only name that such a client resolves.
            guarded: make(proxy.is_some())?,
            exempt: guard.has_exempt().then(|| make(true)).transpose()?,
            headers: headers(settings),
            guard,
            is_proxied: proxy.is_some(),
            cookies: (!settings.no_cookies).then(Cookies::default),
            credentials,
        })
    }

    /// Sends a request for `url` and waits for the answer's head; of a version that is `stored`, only what
    /// differs from it is asked for. `wire` notes what was sent and what came.
    /// Returns the cookies that went with it as well.
    pub(super) async fn send(
        &self,
        url: &Url,
        stored: Option<&StoredVersion>,
        wire: Option<&mut Wire>,
    ) -> Result<(Response, SentCookies), Failure> {
        self.judge(url).await.map_err(|refused| Failure {
            reason: Reason::AddressRefused,
            detail: refused.to_string(),
        })?;
        let client = match &self.exempt {
            Some(exempt) if self.guard.exempts(url) => exempt,
            _ => &self.guarded,
        };
        let mut request = client.get(without_userinfo(url));
        for (name, value) in stored.into_iter().flat_map(conditions) {
            request = request.header(name, value);
        }
        for (name, value) in self.credentials.headers_for(url) {
            request = request.header(name, value);
        }
        let sent_cookies = self.cookies_for(url);
        if let Some(value) = &sent_cookies {
            request = request.header(COOKIE, value);
        }
        let request = request.build().map_err(failure)?;
        let sent = wire.is_some().then(|| request.headers().clone());
        let response = client.execute(request).await.map_err(failure)?;
        let size = header_size(response.headers());
        if size > MOST_HEADERS {
            return Err(Failure {
                reason: Reason::HeadersTooLarge,
                detail: format!("{size} bytes of headers, limit {MOST_HEADERS}"),
            });
        }
        if let (Some(wire), Some(sent)) = (wire, sent) {
            wire.sent.clone_from(&self.headers);
            wire.sent.extend(sent);
            wire.answered(&response, self.is_proxied);
        }
        if let Some(cookies) = &self.cookies {
            cookies.keep(url, response.headers());
        }
        Ok((response, SentCookies::of(sent_cookies.as_ref())))
    }

    /// Returns what tells the cookies apart that a request for `url` would carry now.
    pub(super) fn cookies_now(&self, url: &Url) -> SentCookies {
        SentCookies::of(self.cookies_for(url).as_ref())
    }

    fn cookies_for(&self, url: &Url) -> Option<HeaderValue> {
        self.cookies.as_ref()?.header_for(url)
    }

    /// Returns the address that answered; behind a proxy that is not the server's.
    pub(super) fn address_of(&self, response: &Response) -> Option<String> {
        let address = response.remote_addr()?;
        (!self.is_proxied).then(|| address.to_string())
    }

    async fn judge(&self, url: &Url) -> Result<(), RefusedAddress> {
        self.guard.judge_literal(url)?;
        if self.is_proxied {
            self.guard.judge_name(url).await?;
        }
        Ok(())
    }
}

/// Checks what the settings and their secrets say of the way to a server, before anything is made or fetched.
pub fn check_transport(settings: &CrawlSettings, secrets: &Secrets) -> Result<(), Error> {
    Credentials::new(settings, secrets)?;
    roots(settings.ca_file.as_deref()).map(drop)
}

/// Checks the proxy's address.
pub(super) fn check_proxy(settings: &CrawlSettings) -> Result<(), Error> {
    settings
        .proxy
        .as_deref()
        .map_or(Ok(()), |text| proxy(text, None).map(drop))
}

fn header_size(headers: &HeaderMap) -> usize {
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 32);
    sizes.sum()
}

/// The client would make a log-in of what stands before the host; a found link must not choose one.
fn without_userinfo(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for URLs without a host, which have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The conditions under which a server need not send again what is stored (RFC 9110, 13.1).
fn conditions(stored: &StoredVersion) -> Vec<(reqwest::header::HeaderName, HeaderValue)> {
    let both = [
        (IF_NONE_MATCH, &stored.etag),
        (IF_MODIFIED_SINCE, &stored.last_modified),
    ];
    both.into_iter()
        .filter_map(|(name, value)| Some((name, HeaderValue::from_str(value.as_deref()?).ok()?)))
        .collect()
}

/// Reads the further roots, and sees that they are some.
fn roots(ca_file: Option<&str>) -> Result<Option<Vec<u8>>, Error> {
    let Some(path) = ca_file else { return Ok(None) };
    let pem = std::fs::read(path).map_err(|cause| Error::UnreadableRoots {
        path: path.to_owned(),
        cause,
    })?;
    crate::tls::root_certificates(Some(&pem), true).map_err(|cause| Error::UnusableRoots {
        path: path.to_owned(),
        cause,
    })?;
    Ok(Some(pem))
}

fn tls(ca_file: Option<&str>) -> Result<ClientConfig, Error> {
    let mut tls = crate::tls::client_config(roots(ca_file)?.as_deref(), false)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// Reads `--proxy`. Names of pages are resolved by the proxy in every case, SOCKS included.
fn proxy(text: &str, login: Option<&ProxyLogin>) -> Result<Proxy, Error> {
    let refused = || Error::Setting {
        name: "proxy",
        expected: "http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, without a password \
                   (--proxy-auth names the variable that holds it)",
    };
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.has_host();
    let address = match url.scheme() {
        "http" | "https" if is_plain => text.to_owned(),
        "socks5" | "socks5h" if is_plain => format!("socks5h{}", &url[Position::AfterScheme..]),
        _ => return Err(refused()),
    };
    let proxy = Proxy::all(address).map_err(Error::Client)?;
    Ok(match login {
        Some(login) => proxy.basic_auth(&login.user, &login.password),
        None => proxy,
    })
}

fn headers(settings: &CrawlSettings) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"),
    );
    headers.insert(
        ACCEPT_ENCODING,
        HeaderValue::from_static("gzip, br, zstd, deflate"),
    );
    headers.extend(
        HeaderValue::from_str(&settings.user_agent)
            .ok()
            .map(|value| (USER_AGENT, value)),
    );
    headers
}

fn client(
    settings: &CrawlSettings,
    tls: ClientConfig,
    proxy: Option<Proxy>,
    allow_private: bool,
) -> Result<Client, Error> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .default_headers(headers(settings))
        .redirect(reqwest::redirect::Policy::none())
        // A retry is counted and recorded, so the client makes none of its own.
        .retry(reqwest::retry::never())
        .referer(false)
        .http2_max_header_list_size(HTTP2_HEADERS)
        // A connection that another request no longer waits for is finished in the background, where only
        // this limit ends it.
        .connect_timeout(settings.idle_timeout().max(Duration::from_millis(1)))
        .no_proxy()
        .dns_resolver(Arc::new(Resolver { allow_private }));
    match proxy {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    }
    .build()
    .map_err(Error::Client)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_has_an_address_and_no_password() {
        for text in [
            "http://proxy.example:3128",
            "https://proxy.example",
            "socks5://127.0.0.1:1080",
            "socks5h://[::1]:1080/",
        ] {
            assert!(proxy(text, None).is_ok(), "{text}");
        }
        for text in [
            "http://u:s3cret@proxy.example",
            "http:u:s3cret@proxy.example",
            "ftp://proxy.example",
            "proxy.example:3128",
            "http://proxy.example/path",
            "s3cret",
        ] {
            let error = proxy(text, None).unwrap_err().to_string();
            assert!(
                error.starts_with("proxy must be http://HOST:PORT"),
                "{error}"
            );
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn extra_roots_are_read_or_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roots.pem");
        let read = || roots(path.to_str());
        assert!(
            read()
                .unwrap_err()
                .to_string()
                .starts_with("cannot read the root certificates")
        );
        std::fs::write(&path, "").unwrap();
        let error = read().unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("holds no usable root certificate"),
            "{error}"
        );
        assert_eq!(roots(None).unwrap(), None);
    }
}
