//! URLs as the WHATWG URL standard writes them.

use linkify::{LinkFinder, LinkKind};
use serde_json::json;

use super::{Context, Recognizer, RecognizerError, mention};
use crate::model::{EntityType, Mention};

/// Finds URLs that name a scheme or begin with `www.`.
pub(super) struct Urls;

impl Recognizer for Urls {
    fn name(&self) -> &'static str {
        "url"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Url]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
        let found = finder.links(text).filter_map(|link| {
            let (normalized, host, score) = validated(link.as_str())?;
            let span = (link.start(), link.end());
            let parts = (normalized, json!({"host": host}));
            Some(mention(
                self.name(),
                EntityType::Url,
                text,
                span,
                parts,
                score,
            ))
        });
        Ok(found.collect())
    }
}

/// Returns the normal form, the host and how sure it is a URL.
fn validated(written: &str) -> Option<(String, String, f64)> {
    let begins = |prefix: &str| {
        written
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    let (parsed, score) = if ["http://", "https://", "ftp://"].into_iter().any(begins) {
        (url::Url::parse(written).ok()?, 1.0)
    } else if begins("www.") {
        (url::Url::parse(&format!("http://{written}")).ok()?, 0.9)
    } else {
        return None;
    };
    let host = parsed.host_str()?.to_owned();
    let is_name = matches!(parsed.host(), Some(url::Host::Domain(_)));
    // "www.so" and the like are words that were run together.
    if score < 1.0 && (host.matches('.').count() < 2 || !psl::suffix(host.as_bytes())?.is_known()) {
        return None;
    }
    (!is_name || host.contains('.') || host == "localhost").then(|| (parsed.into(), host, score))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_found_and_normalized() {
        let text =
            "See HTTPS://Example.com:443/a/../b?q=ü#f, www.Example.org/p. (http://a.example/x_(y))";
        let found: Vec<_> = Urls
            .find(text, &Context::default())
            .unwrap()
            .into_iter()
            .map(|mention| {
                assert_eq!(mention.surface, text[mention.start..mention.end]);
                mention.normalized
            })
            .collect();
        assert_eq!(
            found,
            [
                "https://example.com/b?q=%C3%BC#f",
                "http://www.example.org/p",
                "http://a.example/x_(y)"
            ]
        );
    }

    #[test]
    fn what_is_no_url_is_left() {
        for text in [
            "e.g.this",
            "http://",
            "https://word",
            "foo.bar",
            "www.so",
            "http://x y",
        ] {
            assert_eq!(Urls.find(text, &Context::default()).unwrap(), [], "{text}");
        }
    }
}
