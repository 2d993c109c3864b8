//! The host and the group of a link, as texts that all links to a host share.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use url::{Position, Url};

use super::Scope;
use crate::crawl::uri::is_web;

/// Hosts that a thread remembers: those of a page's links are few.
const MOST_HOSTS: usize = 128;

/// Where a URL belongs.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Host and port; empty for files.
    pub(super) host: Arc<str>,
    pub(super) group: Arc<str>,
}

thread_local! {
    /// By host and port, which alone decide about a web URL's group: to find it in the list of public
    /// suffixes costs more than the rest of a link.
    static PLACES: RefCell<HashMap<Arc<str>, Place>> = RefCell::default();
}

impl Scope {
    /// Returns the host of `url` and the group of a source there.
    pub(super) fn place_of(&self, url: &Url) -> Place {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let place = || Place {
            host: host.into(),
            group: self.group_of(url).into(),
        };
        if !is_web(url) {
            return place();
        }
        PLACES.with_borrow_mut(|places| {
            if let Some(known) = places.get(host) {
                return known.clone();
            }
            if places.len() >= MOST_HOSTS {
                places.clear();
            }
            let place = place();
            places.insert(Arc::clone(&place.host), place.clone());
            place
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::CrawlSettings;

    #[test]
    fn a_place_is_the_same_the_second_time() {
        let scope = Scope::new(&CrawlSettings::default(), &[], vec![]).unwrap();
        let place = |url: &str| scope.place_of(&Url::parse(url).unwrap());
        for round in 0..2 {
            for (url, host, group) in [
                (
                    "https://www.example.co.uk/a",
                    "www.example.co.uk",
                    "example.co.uk",
                ),
                (
                    "https://www.example.co.uk:8443/b",
                    "www.example.co.uk:8443",
                    "example.co.uk",
                ),
                ("http://localhost:8080/", "localhost:8080", "localhost:8080"),
                ("http://127.0.0.1/", "127.0.0.1", "127.0.0.1"),
                ("file:///srv/x", "", "/"),
            ] {
                let place = place(url);
                assert_eq!(
                    (&*place.host, &*place.group),
                    (host, group),
                    "{url} {round}"
                );
            }
        }
        let (one, other) = (place("http://a.test/x"), place("https://a.test/y"));
        assert!(Arc::ptr_eq(&one.host, &other.host), "one text for both");
        for number in 0..2 * MOST_HOSTS {
            place(&format!("http://host{number}.test/"));
        }
        assert!(PLACES.with_borrow(HashMap::len) <= MOST_HOSTS);
    }
}
