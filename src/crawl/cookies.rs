//! The cookies of one job, in memory: kept as servers set them, sent where the rules let them (RFC 6265).
//!
//! Owns what is refused: cookies for a public suffix, those that break the rules of their prefix or of
//! `Secure` (draft RFC 6265bis, 5.7), and more than a browser would keep. None is stored, logged or shown.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{PoisonError, RwLock};

use cookie_store::{Cookie, CookieDomain, CookieStore};
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use url::{Host, Url};

/// Bytes of one `Set-Cookie` (RFC 6265, 6.1 asks for at least as many).
const LONGEST: usize = 4096;

/// Cookies of all hosts together (RFC 6265, 6.1): a server must not fill this machine's memory.
const MOST: usize = 3000;

/// Cookies that one answer may set; more have no honest use.
const MOST_OF_AN_ANSWER: usize = 50;

/// Bytes of one `Cookie` header; servers refuse longer heads.
const LONGEST_SENT: usize = 16 * 1024;

/// What tells the cookies of a request from those of another, and not what they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SentCookies(u64);

impl SentCookies {
    pub(super) fn of(header: Option<&HeaderValue>) -> Self {
        header.map_or_else(Self::default, |header| {
            let mut hasher = DefaultHasher::new();
            header.as_bytes().hash(&mut hasher);
            Self(hasher.finish())
        })
    }
}

/// The cookie jar of one job.
#[derive(Default)]
pub(super) struct Cookies {
    jar: RwLock<CookieStore>,
}

impl fmt::Debug for Cookies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Cookies")
    }
}

impl Cookies {
    /// Returns the `Cookie` header for a request to `url`, those with the longest path first.
    pub(super) fn header_for(&self, url: &Url) -> Option<HeaderValue> {
        let jar = self.jar.read().unwrap_or_else(PoisonError::into_inner);
        let mut cookies = jar.matches(url);
        if cookies.is_empty() {
            return None;
        }
        cookies.sort_by_key(|cookie| {
            let path: &str = cookie.path.as_ref();
            (std::cmp::Reverse(path.len()), cookie.name().to_owned())
        });
        let mut text = String::new();
        for cookie in cookies {
            let separator = if text.is_empty() { "" } else { "; " };
            let (name, value) = cookie.name_value();
            if text.len() + separator.len() + name.len() + value.len() < LONGEST_SENT {
                text.extend([separator, name, "=", value]);
            }
        }
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Keeps what an answer from `url` sets.
    pub(super) fn keep(&self, url: &Url, headers: &HeaderMap) {
        let mut set = headers
            .get_all(SET_COOKIE)
            .iter()
            .take(MOST_OF_AN_ANSWER)
            .filter_map(|value| acceptable(value.to_str().ok()?, url))
            .peekable();
        if set.peek().is_none() {
            return;
        }
        let mut jar = self.jar.write().unwrap_or_else(PoisonError::into_inner);
        for cookie in set {
            let is_full = jar.iter_any().count() >= MOST;
            if !is_full
                || jar
                    .matches(url)
                    .iter()
                    .any(|kept| kept.name() == cookie.name())
            {
                // What does not belong to the host is refused by the jar.
                let _ = jar.insert(cookie, url);
            }
        }
    }
}

/// Reads a `Set-Cookie`; none when this program does not accept it.
fn acceptable(text: &str, url: &Url) -> Option<Cookie<'static>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut cookie = Cookie::parse(text.to_owned(), url).ok()?.into_owned();
    if let CookieDomain::Suffix(domain) = &cookie.domain
        && !is_registrable(domain)
    {
        // A public suffix may speak for itself, and for nobody below it.
        cookie.domain = match url.host() {
            Some(Host::Domain(host)) if host != domain => return None,
            _ => CookieDomain::host_only(url).ok()?,
        };
    }
    let is_secure = cookie.secure().unwrap_or(false);
    let is_host_only = matches!(cookie.domain, CookieDomain::HostOnly(_));
    let path: &str = cookie.path.as_ref();
    let name = cookie.name().to_ascii_lowercase();
    let keeps_its_word = (!is_secure || url.scheme() == "https")
        && (!name.starts_with("__secure-") || is_secure)
        && (!name.starts_with("__host-") || (is_secure && is_host_only && path == "/"));
    keeps_its_word.then_some(cookie)
}

/// Says whether somebody can own `domain`: it is no public suffix, and no address.
fn is_registrable(domain: &str) -> bool {
    matches!(Host::parse(domain), Ok(Host::Domain(_))) && psl::domain_str(domain).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(set: &[(&str, &str)]) -> Cookies {
        let cookies = Cookies::default();
        for (url, value) in set {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, HeaderValue::from_str(value).unwrap());
            cookies.keep(&Url::parse(url).unwrap(), &headers);
        }
        cookies
    }

    fn sent(cookies: &Cookies, url: &str) -> String {
        let header = cookies.header_for(&Url::parse(url).unwrap());
        header.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_cookie_goes_back_where_the_rules_let_it() {
        let page = "https://www.example.co.uk/shop/cart";
        for (set, url, expected) in [
            ("a=1", "https://www.example.co.uk/shop/", "a=1"),
            ("a=1", "https://www.example.co.uk/", ""),
            ("a=1", "https://sub.www.example.co.uk/shop/", ""),
            ("a=1", "https://example.co.uk/shop/", ""),
            ("a=1; Path=/", "https://www.example.co.uk/", "a=1"),
            ("a=1; Path=/", "http://www.example.co.uk/", "a=1"),
            ("a=1; Path=/; Secure", "http://www.example.co.uk/", ""),
            ("a=1; Path=/; Secure", "https://www.example.co.uk/", "a=1"),
            (
                "a=1; Path=/; Domain=example.co.uk",
                "https://other.example.co.uk/",
                "a=1",
            ),
            (
                "a=1; Path=/; Domain=.example.co.uk",
                "https://example.co.uk/",
                "a=1",
            ),
            ("a=1; Path=/; Domain=co.uk", page, ""),
            ("a=1; Path=/; Domain=other.example", page, ""),
            ("a=1; Path=/; Domain=sub.www.example.co.uk", page, ""),
            ("a=1; Max-Age=0", page, ""),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", page, ""),
            ("a=1; Max-Age=1000", page, "a=1"),
            ("__Host-a=1; Path=/; Secure", page, "__Host-a=1"),
            ("__Host-a=1; Path=/; Secure; Domain=example.co.uk", page, ""),
            ("__Secure-a=1", page, ""),
            ("nonsense", page, ""),
        ] {
            assert_eq!(sent(&jar(&[(page, set)]), url), expected, "{set} to {url}");
        }
    }

    #[test]
    fn plain_http_sets_nothing_secure() {
        assert_eq!(
            sent(&jar(&[("http://e.com/", "a=1; Secure")]), "https://e.com/"),
            ""
        );
    }

    #[test]
    fn the_longest_path_comes_first_and_the_last_value_counts() {
        let cookies = jar(&[
            ("https://e.com/x/y", "b=1; Path=/"),
            ("https://e.com/x/y", "a=2; Path=/x"),
            ("https://e.com/x/y", "b=3; Path=/"),
        ]);
        assert_eq!(sent(&cookies, "https://e.com/x/y"), "a=2; b=3");
        assert_eq!(format!("{cookies:?}"), "Cookies");
    }

    #[test]
    fn a_public_suffix_and_an_address_speak_for_themselves() {
        let set = "a=1; Path=/; Domain=github.io";
        let cookies = jar(&[("https://github.io/", set)]);
        assert_eq!(sent(&cookies, "https://github.io/"), "a=1");
        assert_eq!(sent(&cookies, "https://someone.github.io/"), "");
        let cookies = jar(&[("http://127.0.0.1:81/", "a=1; Path=/")]);
        assert_eq!(sent(&cookies, "http://127.0.0.1:81/"), "a=1");
        assert_eq!(sent(&cookies, "http://127.0.0.2:81/"), "");
    }

    #[test]
    fn no_server_fills_the_memory() {
        let cookies = Cookies::default();
        let url = Url::parse("https://e.com/").unwrap();
        let long = format!("long={}", "x".repeat(LONGEST));
        for answer in 0..100 {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, HeaderValue::from_str(&long).unwrap());
            for number in 0..60 {
                let value = format!("c{answer}-{number}=1");
                headers.append(SET_COOKIE, HeaderValue::from_str(&value).unwrap());
            }
            cookies.keep(&url, &headers);
        }
        assert_eq!(cookies.jar.read().unwrap().iter_any().count(), MOST);
        assert!(!sent(&cookies, "https://e.com/").contains("long="));
    }
}
