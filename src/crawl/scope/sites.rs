//! The sites of a crawl's seeds: whether a URL is on one of them.
//!
//! A list of seeds may name a hundred thousand sites, and every link that is found is looked up here.

use std::collections::{BTreeSet, HashMap};

use url::{Host, Url};

use crate::crawl::uri::{bare_host, is_public_suffix};

/// Sites by host, without `www.`, with the ports that are not the scheme's own.
#[derive(Debug, Default)]
pub(super) struct Sites(HashMap<String, BTreeSet<Option<u16>>>);

impl Sites {
    /// Takes in the site of a web URL.
    pub(super) fn add(&mut self, url: &Url) {
        let host = bare_host(url).to_owned();
        self.0.entry(host).or_default().insert(url.port());
    }

    /// Says whether a web URL is on one of the sites.
    pub(super) fn hold(&self, url: &Url) -> bool {
        self.has(bare_host(url), url.port())
    }

    /// Says whether the host of `url` is below that of a site, at the same port: `docs.example.com` is below
    /// `example.com`. A public suffix (`co.uk`, `github.io`) belongs to nobody, and what is below it to many.
    pub(super) fn are_above(&self, url: &Url) -> bool {
        let Some(Host::Domain(host)) = url.host() else {
            return false;
        };
        let mut above = host;
        while let Some((_, rest)) = above.split_once('.') {
            above = rest;
            if self.has(above, url.port()) && !is_public_suffix(above) {
                return true;
            }
        }
        false
    }

    fn has(&self, host: &str, port: Option<u16>) -> bool {
        self.0.get(host).is_some_and(|ports| ports.contains(&port))
    }
}
