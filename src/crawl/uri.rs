//! The one spelling of a URL that its key is made from, and what belongs to one site.
//!
//! Owns normalization, grouping by site and the removal of secrets from URLs. It decides nothing about
//! what is fetched.

use std::fmt::Write as _;

use url::{Host, Position, Url};

/// Query parameters that name the way a reader came and not what is read. A trailing `*` stands for
/// any rest.
const TRACKING: &[&str] = &[
    "_ga",
    "_gl",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "gclsrc",
    "igshid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "mtm_*",
    "oly_anon_id",
    "oly_enc_id",
    "pk_campaign",
    "pk_kwd",
    "twclid",
    "ttclid",
    "utm_*",
    "vero_id",
    "wbraid",
    "yclid",
];

/// Parameters that name a visit: each reader gets another one for the same page.
const SESSIONS: &[&str] = &[
    "aspsessionid*",
    "cfid",
    "cftoken",
    "jsessionid",
    "phpsessid",
];

/// Parameters that name a visit when their value is made up by a machine.
const SESSION_HINTS: &[&str] = &["s", "session", "session_id", "sessionid", "sid", "zenid"];

/// Fewest hexadecimal digits of a value that a machine has made up: a number of a page is shorter.
const SESSION_DIGITS: usize = 32;

/// Returns the normalized text of `url`, under which a page has one key.
///
/// On top of what the WHATWG parser did (case, default port, dot segments): fragment and userinfo go,
/// escapes are upper-case and those of unreserved characters are decoded (RFC 3986, 6.2.2), and tracking
/// parameters and session ids go unless `keep_tracking`. The query stays in order, and an empty query stays apart from
/// none, as both the WHATWG and RFC 3986 have it. A file has neither query nor fragment.
pub fn normalize(url: &Url, keep_tracking: bool) -> String {
    let mut text = String::with_capacity(url.as_str().len());
    text.push_str(url.scheme());
    text.push_str("://");
    text.push_str(&url[Position::BeforeHost..Position::AfterPort]);
    if keep_tracking || url.scheme() == "file" || !url.path().contains(';') {
        push_normalized(&mut text, url.path());
    } else {
        push_path(&mut text, url.path());
    }
    if url.scheme() == "file" {
        return text;
    }
    if let Some(query) = url.query() {
        push_query(&mut text, query, keep_tracking);
    }
    text
}

/// Returns `url` as text without user name and password.
pub fn without_secrets(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() {
        return url.as_str().to_owned();
    }
    let scheme = &url[..Position::BeforeUsername];
    let rest = &url[Position::BeforeHost..];
    format!("{scheme}{rest}")
}

/// Returns a text that may be a seed without user name and password, for a record or a message; a text
/// without them is returned as it is.
///
/// A web URL is recognized in every spelling that its parser accepts (`http:u:p@h`, `HTTP:/u:p@h`,
/// `http:\\u:p@h`). Of what cannot be parsed, all before the last `@` goes: it may be a password that holds
/// a slash.
pub fn redacted(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.has_authority() => {
            let has_secrets = !url.username().is_empty() || url.password().is_some();
            if has_secrets {
                without_secrets(&url)
            } else {
                text.to_owned()
            }
        }
        _ => match text.rfind('@') {
            Some(at) => format!("{}…{}", scheme_of(text), &text[at..]),
            None => text.to_owned(),
        },
    }
}

/// Returns the scheme that a text begins with, colon and slashes included; empty when there is none.
fn scheme_of(text: &str) -> &str {
    let Some((scheme, rest)) = text.split_once(':') else {
        return "";
    };
    let is_scheme = ["http", "https", "ftp", "file"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let slashes = rest.len() - rest.trim_start_matches(['/', '\\']).len();
    if is_scheme {
        &text[..=scheme.len() + slashes]
    } else {
        ""
    }
}

/// Returns the host, with the port when it is not the scheme's default; empty for files.
pub fn authority(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}

/// Returns what groups the sources of one site: the registrable domain, or host and port where there is
/// none (an address, `localhost`, a name under no known suffix); for a file, `folder`.
pub fn source_group(url: &Url, folder: &str) -> String {
    if url.scheme() == "file" {
        return folder.to_owned();
    }
    if let Some(Host::Domain(host)) = url.host()
        && let Some(domain) = psl::domain(host.trim_end_matches('.').as_bytes())
        && domain.suffix().is_known()
        && let Ok(domain) = std::str::from_utf8(domain.as_bytes())
    {
        return domain.to_owned();
    }
    authority(url)
}

/// Says whether two web URLs are on one site: the same host and port, where `http` and `https` and a
/// leading `www.` make no difference.
pub fn same_site(one: &Url, other: &Url) -> bool {
    is_web(one) && is_web(other) && one.port() == other.port() && bare_host(one) == bare_host(other)
}

/// Says whether a host is a suffix under which anybody may have a name.
pub(super) fn is_public_suffix(host: &str) -> bool {
    psl::suffix(host.as_bytes())
        .is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == host.as_bytes())
}

/// Reads a host as a user names it: a name or an address, with a port where it is not the default one.
pub(super) fn host_url(text: &str) -> Option<Url> {
    if text.contains(['/', '\\', '@', '?', '#']) {
        return None;
    }
    Url::parse(&format!("http://{text}/")).ok()
}

/// Returns a path as it stands in a normalized URL.
pub(super) fn normalized_path(path: &str) -> Option<String> {
    let url = Url::parse("http://host/").ok()?.join(path).ok()?;
    let normalized = Url::parse(&normalize(&url, true)).ok()?;
    Some(normalized.path().to_owned())
}

/// Says whether `url` is fetched over HTTP.
pub fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Returns the host of a web URL without `www.`.
pub(super) fn bare_host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

fn push_query(text: &mut String, query: &str, keep_tracking: bool) {
    if keep_tracking || query.is_empty() {
        text.push('?');
        push_normalized(text, query);
        return;
    }
    let mut separator = '?';
    for parameter in query.split('&') {
        let start = text.len();
        text.push(separator);
        push_normalized(text, parameter);
        // Judged in its one spelling: `%75tm_source` is `utm_source`.
        if is_folded(&text[start + 1..]) {
            text.truncate(start);
        } else {
            separator = '&';
        }
    }
}

/// Says whether a parameter makes no other page.
fn is_folded(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let made_up =
        || value.len() >= SESSION_DIGITS && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_among(name, TRACKING)
        || is_among(name, SESSIONS)
        || (is_among(name, SESSION_HINTS) && made_up())
}

fn is_among(name: &str, patterns: &[&str]) -> bool {
    patterns
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => name
                .get(..prefix.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(prefix)),
            None => name.eq_ignore_ascii_case(pattern),
        })
}

/// Appends a path without the `;jsessionid=…` of its segments.
fn push_path(text: &mut String, path: &str) {
    const NAME: &str = ";jsessionid=";
    let mut rest = path;
    while !rest.is_empty() {
        // A piece is a segment or a parameter of one, with the sign that it begins with.
        let end = rest[1..].find([';', '/']).map_or(rest.len(), |end| end + 1);
        let start = text.len();
        push_normalized(text, &rest[..end]);
        let is_session = text[start..]
            .get(..NAME.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(NAME));
        if is_session {
            text.truncate(start);
        }
        rest = &rest[end..];
    }
}

/// Appends `part` with its percent-escapes in their one spelling.
fn push_normalized(text: &mut String, part: &str) {
    let bytes = part.as_bytes();
    let mut copied = 0;
    // Where the last `%` was appended that begins no escape: an octet decoded right behind it could
    // complete one, and the text would change again when it is normalized again.
    let mut stray = None;
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|&byte| byte == b'%') {
        let percent = at + found;
        text.push_str(&part[copied..percent]);
        let Some(octet) = escaped_octet(&bytes[percent..]) else {
            stray = Some(text.len());
            text.push('%');
            at = percent + 1;
            copied = at;
            continue;
        };
        let after_stray = stray.is_some_and(|stray| text.len() - stray <= 2);
        if is_unreserved(octet) && !after_stray {
            text.push(char::from(octet));
        } else {
            let _ = write!(text, "%{octet:02X}");
        }
        at = percent + 3;
        copied = at;
    }
    text.push_str(&part[copied..]);
}

/// Returns the octet that `bytes` begins with the escape of.
pub(super) fn escaped_octet(bytes: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    (bytes.first() == Some(&b'%')).then_some(())?;
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

/// Says whether an octet means the same escaped and unescaped (RFC 3986, 2.3).
pub(super) fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal(text: &str) -> String {
        normalize(&Url::parse(text).unwrap(), false)
    }

    #[test]
    fn one_page_has_one_spelling() {
        for (found, expected) in [
            ("HTTP://Example.COM:80", "http://example.com/"),
            ("https://example.com:443/a#b", "https://example.com/a"),
            ("https://example.com:8443/", "https://example.com:8443/"),
            ("http://e.com/a/./b/../c", "http://e.com/a/c"),
            ("http://e.com/%7euser/%c3%a9", "http://e.com/~user/%C3%A9"),
            ("http://e.com/é", "http://e.com/%C3%A9"),
            ("http://e.com/a%2fb", "http://e.com/a%2Fb"),
            ("http://e.com/100%/%zz", "http://e.com/100%/%zz"),
            ("http://e.com/%2%65", "http://e.com/%2%65"),
            ("http://name:secret@e.com/", "http://e.com/"),
            ("http://e.com/?b=2&a=1", "http://e.com/?b=2&a=1"),
            ("http://e.com/?", "http://e.com/?"),
            ("http://e.com/?q=%41+b", "http://e.com/?q=A+b"),
            ("http://e.com/?utm_source=x", "http://e.com/"),
            (
                "http://e.com/?a=1&UTM_medium=y&gclid=z&b=",
                "http://e.com/?a=1&b=",
            ),
            ("http://e.com/?utmost=1", "http://e.com/?utmost=1"),
            ("http://e.com/?%75tm_source=x&a", "http://e.com/?a"),
            (
                "http://e.com/a?x=1&PHPSESSID=abc&y=2",
                "http://e.com/a?x=1&y=2",
            ),
            (
                "http://e.com/a?sid=0123456789abcdef0123456789ABCDEF",
                "http://e.com/a",
            ),
            (
                "http://e.com/a?sid=12345678&s=term",
                "http://e.com/a?sid=12345678&s=term",
            ),
            (
                "http://e.com/a;JSessionID=A1B2.n1;v=2/b?c",
                "http://e.com/a;v=2/b?c",
            ),
            ("http://e.com/a;jsessionid=A1", "http://e.com/a"),
            ("http://e.com/a;v=1", "http://e.com/a;v=1"),
            ("http://müller.example/", "http://xn--mller-kva.example/"),
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://[::FFFF:7f00:1]/", "http://[::ffff:7f00:1]/"),
            ("file:///a%20b/%ff?x#y", "file:///a%20b/%FF"),
            ("file://localhost/a", "file:///a"),
        ] {
            assert_eq!(normal(found), expected, "{found}");
        }
        let kept = Url::parse("http://e.com/?utm_source=x").unwrap();
        assert_eq!(normalize(&kept, true), "http://e.com/?utm_source=x");
    }

    proptest! {
        #[test]
        fn normalizing_twice_changes_nothing(
            path in "([%0-9a-fA-F./?&=*é-]|;|;jsessionid=|phpsessid|%75tm_x=|sid=){0,40}",
        ) {
            let once = normal(&format!("http://e.com/{path}"));
            prop_assert_eq!(normal(&once), once);
        }
    }

    #[test]
    fn secrets_are_taken_out_of_a_url() {
        let url = Url::parse("https://name:secret@example.com/a?b#c").unwrap();
        assert_eq!(without_secrets(&url), "https://example.com/a?b#c");
        let url = Url::parse("https://name@example.com/").unwrap();
        assert_eq!(without_secrets(&url), "https://example.com/");
    }

    #[test]
    fn no_spelling_of_a_seed_keeps_its_password() {
        for (text, expected) in [
            ("http:u:s3cret@host", "http://host/"),
            ("http:/u:s3cret@host/a b", "http://host/a%20b"),
            ("http:///u:s3cret@host", "http://host/"),
            (r"http:\\u:s3cret@host\x", "http://host/x"),
            (r"HTTPS:\u:s3cret@host", "https://host/"),
            ("HTTP://u:s3cret@host/x@y", "http://host/x@y"),
            ("http://u@host", "http://host/"),
            ("http://:s3cret@host", "http://host/"),
            ("ftp:u:s3cret@host/x", "ftp://host/x"),
            // What cannot be parsed.
            ("http://u:s3cret@[::1", "http://…@[::1"),
            ("http:u:s3cret@[::1", "http:…@[::1"),
            ("http:/u:s3cret@host:port/x", "http:/…@host:port/x"),
            (r"HTTP:\\u:s3cret@:80", r"HTTP:\\…@:80"),
            ("http:///v:s3/cret@host", "http:///…@host"),
            ("u_x:s3cret@host", "…@host"),
            ("mailto:a@host", "…@host"),
            // What has none stays as it was typed.
            ("HTTP:host/x@y", "HTTP:host/x@y"),
            ("https://h/?a=u@v", "https://h/?a=u@v"),
            ("a/folder", "a/folder"),
            ("http://[::1", "http://[::1"),
        ] {
            assert_eq!(redacted(text), expected, "{text}");
        }
    }

    #[test]
    fn groups_are_registrable_domains_or_hosts() {
        for (url, group) in [
            ("https://www.shop.example.co.uk/a", "example.co.uk"),
            ("https://someone.github.io/", "someone.github.io"),
            ("http://localhost:8080/", "localhost:8080"),
            ("http://127.0.0.1/", "127.0.0.1"),
            ("http://[::1]:81/", "[::1]:81"),
            ("http://wiki.corp/", "wiki.corp"),
            ("https://com/", "com"),
            ("file:///srv/docs/a.html", "docs"),
        ] {
            assert_eq!(
                source_group(&Url::parse(url).unwrap(), "docs"),
                group,
                "{url}"
            );
        }
    }

    #[test]
    fn a_site_is_host_and_port() {
        let same = |one: &str, other: &str| {
            same_site(&Url::parse(one).unwrap(), &Url::parse(other).unwrap())
        };
        assert!(same("http://example.com/", "https://www.example.com/x"));
        assert!(same("http://example.com:80/", "https://example.com:443/"));
        assert!(!same("http://example.com/", "http://blog.example.com/"));
        assert!(!same("http://example.com/", "http://example.com:8080/"));
        assert!(!same("file:///a", "file:///a"));
    }
}
