//! Users and passwords in the URLs of a head.
//!
//! A site may send back the log-in that it was asked with: whoever reads the archive must not get it. All else
//! of a value stays byte for byte, and so does every body, which is evidence.

use url::Url;

use crate::crawl::uri::{redacted, without_secrets};

/// Headers that hold URLs among other things.
const WITH_URLS: &[&str] = &["content-location", "link", "refresh"];

/// Returns a header's value without users and passwords, where it names some; `url` is what was asked for.
pub(super) fn without_users(name: &str, value: &[u8], url: &Url) -> Option<Vec<u8>> {
    let safe = match name {
        "location" => location(value, url),
        name if WITH_URLS.contains(&name) => of_each_url(value),
        _ => return None,
    };
    (safe != value).then_some(safe)
}

fn location(value: &[u8], url: &Url) -> Vec<u8> {
    let written = String::from_utf8_lossy(value);
    let safe = match url.join(&written) {
        Ok(target) if !target.username().is_empty() || target.password().is_some() => {
            without_secrets(&target)
        }
        Ok(_) => return value.to_vec(),
        Err(_) => redacted(&written),
    };
    if safe == written {
        value.to_vec()
    } else {
        safe.into_bytes()
    }
}

fn of_each_url(value: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = authority_at(rest) {
        let (before, behind) = rest.split_at(at);
        kept.extend_from_slice(before);
        let ends = |byte: &u8| b"/\\?#<>\"".contains(byte) || byte.is_ascii_whitespace();
        let end = behind.iter().position(ends).unwrap_or(behind.len());
        let authority = &behind[..end];
        let user = authority.iter().rposition(|&byte| byte == b'@');
        kept.extend_from_slice(&authority[user.map_or(0, |at| at + 1)..]);
        rest = &behind[end..];
    }
    kept.extend_from_slice(rest);
    kept
}

/// Returns where the authority of a URL begins: behind a web scheme, whose slashes may be missing as parsers
/// have it, or behind two slashes.
fn authority_at(value: &[u8]) -> Option<usize> {
    let is_slash = |byte: u8| matches!(byte, b'/' | b'\\');
    let at = (0..value.len()).find_map(|at| {
        let rest = &value[at..];
        let begins = |word: &[u8]| {
            rest.get(..word.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(word))
        };
        [b"https:".as_slice(), b"http:"]
            .into_iter()
            .find(|scheme| begins(scheme))
            .map(|scheme| at + scheme.len())
            .or_else(|| {
                let is_relative =
                    matches!(rest, [one, two, ..] if is_slash(*one) && is_slash(*two));
                is_relative.then_some(at + 2)
            })
    })?;
    let slashes = value[at..].iter().take_while(|&&byte| is_slash(byte));
    Some(at + slashes.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_go_and_all_else_stays() {
        let url = Url::parse("http://e.com/").unwrap();
        for (name, value, expected) in [
            ("location", "http://u:p@e.com/b", Some("http://e.com/b")),
            ("location", "/b?mail=u@e.com", None),
            (
                "link",
                "<http://u:p@e.com/a>; rel=next, <https://v@f.com>; rel=\"prev\"",
                Some("<http://e.com/a>; rel=next, <https://f.com>; rel=\"prev\""),
            ),
            ("link", "</a@b>; rel=next, <mailto:u@e.com>", None),
            ("link", "<//u:p,@e.com?x=@>", Some("<//e.com?x=@>")),
            ("link", "<http:u:p@e.com>", Some("<http:e.com>")),
            (
                "refresh",
                "5; URL=HTTP:\\\\u:p@q@e.com/?to=http://v@f.com",
                Some("5; URL=HTTP:\\\\e.com/?to=http://f.com"),
            ),
            ("refresh", "5", None),
            ("content-location", "http://u@e.com/", Some("http://e.com/")),
            ("x-powered-by", "http://u:p@e.com/", None),
        ] {
            let seen = without_users(name, value.as_bytes(), &url);
            let expected = expected.map(|text| text.as_bytes().to_vec());
            assert_eq!(seen, expected, "{name}: {value}");
        }
    }
}
