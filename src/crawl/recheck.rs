//! Links of a stored page, parsed again: the evidence that `db check` holds against the frontier.

use serde::Deserialize;
use url::Url;

use super::sitemap_page::{is_unannounced, list};
use super::{CrawlSettings, Error, Media, find_links, normalize};
use crate::model::{UriKey, UrlKind};
use crate::store::LinkCheck;

/// Those settings of a job that its links depend on: reading all for each page takes as long as its list of
/// seeds is long.
#[derive(Deserialize)]
#[serde(default)]
struct Reading {
    sitemaps: bool,
    keep_tracking: bool,
}

impl Default for Reading {
    fn default() -> Self {
        let CrawlSettings {
            sitemaps,
            keep_tracking,
            ..
        } = CrawlSettings::default();
        Self {
            sitemaps,
            keep_tracking,
        }
    }
}

/// Finds the links of a page's stored body and returns their keys in the frontier of the job that
/// fetched it. Links in scope and out of it are there alike, each with its outcome.
pub fn links_again(page: &LinkCheck, body: &[u8]) -> Result<Vec<(UriKey, String)>, Error> {
    let settings = Reading::deserialize(&*page.params).map_err(Error::Settings)?;
    let malformed = |cause| Error::MalformedSeed {
        seed: page.uri.clone(),
        cause,
    };
    let url = Url::parse(&page.uri).map_err(malformed)?;
    let media = Media {
        essence: page.media_type.clone(),
    };
    let is_listing =
        page.kind == UrlKind::Sitemap || (settings.sitemaps && is_unannounced(&url, &media, body));
    let links: Vec<Url> = if is_listing {
        let listed = list(body, &page.charset, &url).links.into_iter();
        listed.map(|(url, _)| url).collect()
    } else if media.is_html() {
        let found = find_links(body, &page.charset, &url, media.syntax())
            .links
            .into_iter();
        found.map(|link| link.url).collect()
    } else {
        Vec::new()
    };
    Ok(links
        .iter()
        .map(|link| {
            let uri = normalize(link, settings.keep_tracking);
            (UriKey::of(&uri), uri)
        })
        .collect())
}
