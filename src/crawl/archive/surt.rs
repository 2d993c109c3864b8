//! The key that an index of captures is sorted by: a URL turned round, so that a site's pages lie together.
//!
//! Owns the Sort-friendly URI Reordering Transform as the Internet Archive's `surt` package (0.3.1) makes it
//! and replay tools look it up, without its rules for session ids. It knows nothing of records.

use std::fmt::Write as _;

use url::Url;

/// Returns the sort key of `url`: `com,example)/path?a=1&b=2`.
pub(super) fn surt(url: &Url) -> String {
    let path = folded(url.path());
    let mut key = match url.host_str() {
        Some(host) => format!("{}{})", turned(host), port(url)),
        None => format!("{}:", url.scheme()),
    };
    let path = without_doubled_slashes(&path);
    key.push_str(if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        "/"
    });
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        let query = folded(query);
        let mut parameters: Vec<&str> = query.split('&').collect();
        parameters.sort_by(|one, other| one.split('=').cmp(other.split('=')));
        key.push('?');
        key.push_str(&parameters.join("&"));
    }
    key
}

fn turned(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches([']', '.']);
    let mut labels: Vec<&str> = host.split('.').collect();
    let is_www = labels[0]
        .strip_prefix("www")
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if is_www && labels.len() > 1 {
        labels.remove(0);
    }
    labels.reverse();
    labels.join(",")
}

fn port(url: &Url) -> String {
    url.port()
        .map_or_else(String::new, |port| format!(":{port}"))
}

fn without_doubled_slashes(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !text.ends_with('/') {
            text.push(letter);
        }
    }
    text
}

/// Undoes escapes as often as there are any, escapes again what must be, and folds the case.
fn folded(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    loop {
        let unescaped = unescaped(&bytes);
        if unescaped.len() == bytes.len() {
            break;
        }
        bytes = unescaped;
    }
    let mut folded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte <= b' ' || byte >= 0x7f || byte == b'#' || byte == b'%' {
            let _ = write!(folded, "%{byte:02x}");
        } else {
            folded.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    folded
}

fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|byte| char::from(*byte).to_digit(16))
            .map(|digit| digit as u8)
    };
    let mut result = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                result.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                result.push(byte);
                at += 1;
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected keys are what surt 0.3.1 of PyPI gives.
    #[test]
    fn keys_are_those_that_replay_tools_look_up() {
        for (url, expected) in [
            ("http://127.0.0.1:8000/", "1,0,0,127:8000)/"),
            ("http://localhost:80/A/b/", "localhost)/a/b"),
            (
                "http://www.Example.com/a/?b=2&A=1",
                "com,example)/a?a=1&b=2",
            ),
            ("https://www2.example.com:443/", "com,example)/"),
            ("https://example.com:8443/x", "com,example:8443)/x"),
            ("http://example.com/a?", "com,example)/a"),
            (
                "http://example.com/?q=a%20b&z&y=",
                "com,example)/?q=a%20b&y=&z",
            ),
            (
                "http://xn--bcher-kva.example/%C3%A4",
                "example,xn--bcher-kva)/%c3%a4",
            ),
            ("http://[::1]:80/x", "::1)/x"),
            ("http://example.com/?b=1&b=0&a", "com,example)/?a&b=0&b=1"),
            ("http://example.com/p?a=B%2FC", "com,example)/p?a=b/c"),
            ("http://www.com/", "com)/"),
            ("http://example.com/?a=1&&b=2", "com,example)/?&a=1&b=2"),
            (
                "http://example.com/?a=2&a-b=1&a=1",
                "com,example)/?a=1&a=2&a-b=1",
            ),
            ("http://example.com/a//b/", "com,example)/a/b"),
            ("file:///srv/docs/A.html", "file:/srv/docs/a.html"),
        ] {
            assert_eq!(surt(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
