//! Laws of the URL key: normalization says the same thing twice, and what it drops makes no difference.

use toolkit::crawl::{normalize, redacted, same_site, source_group};
use toolkit::model::UriKey;
use url::Url;

use super::first_line;

/// The first line is a URL; the second, if there is one, a link on its page.
pub fn url_keys(data: &[u8]) {
    let (first, second) = first_line(data);
    let text = String::from_utf8_lossy(first);
    let shown = redacted(&text);
    let Ok(page) = Url::parse(&text) else {
        return;
    };
    if page.password().is_some()
        && let Ok(shown) = Url::parse(&shown)
    {
        assert_eq!(shown.password(), None, "{shown}");
    }
    let link = page.join(&String::from_utf8_lossy(second));
    for url in std::iter::once(&page).chain(link.as_ref()) {
        if matches!(url.scheme(), "http" | "https" | "file") {
            a_key_is_stable(url);
            what_is_dropped_makes_no_difference(url);
        }
    }
    if let Ok(link) = &link {
        assert_eq!(same_site(&page, link), same_site(link, &page));
    }
    let _ = source_group(&page, "folder");
}

fn a_key_is_stable(url: &Url) {
    for keep_tracking in [false, true] {
        let text = normalize(url, keep_tracking);
        let again = Url::parse(&text);
        let again = again.unwrap_or_else(|error| panic!("{text:?} is no URL any more: {error}"));
        let twice = normalize(&again, keep_tracking);
        assert_eq!(text, twice, "of {url}");
        assert_eq!(UriKey::of(&text), UriKey::of(&twice));
        assert!(!text.contains('#'), "{text}");
        assert_eq!(
            normalize(&again, false),
            normalize(url, false),
            "folding tracking parameters later or at once, of {url}"
        );
    }
}

fn what_is_dropped_makes_no_difference(url: &Url) {
    let mut other = url.clone();
    other.set_fragment(Some("part"));
    if url.scheme() != "file" {
        assert_eq!(other.set_username("name"), Ok(()));
        assert_eq!(other.set_password(Some("low-tide")), Ok(()));
    }
    assert_eq!(normalize(url, false), normalize(&other, false));
    assert!(url.scheme() == "file" || same_site(url, &other));
    assert_eq!(source_group(url, "folder"), source_group(&other, "folder"));
}
