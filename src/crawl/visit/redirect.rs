//! Where an answer sends a visit on to: another name of the page, or nowhere that can be followed.

use url::Url;

use super::Visitor;
use crate::crawl::fetch::Head;
use crate::crawl::page::Reading;
use crate::crawl::site_files;
use crate::crawl::uri::{is_web, without_secrets};
use crate::model::{DiscoveredLink, FrontierEntry, Reason, UrlKind};

/// Redirects in a row that are followed.
const MOST_REDIRECTS: i64 = 10;

impl Visitor {
    pub(super) fn redirect(&self, url: &Url, entry: &FrontierEntry, head: &Head) -> Reading {
        let Some(location) = head.header("location") else {
            return Reading::failed(
                Reason::MalformedRedirect,
                format!("{} without a Location", head.status_text()),
            );
        };
        let target = match url.join(location) {
            Ok(target) if is_web(&target) => target,
            Ok(target) => {
                let detail = format!("to scheme {:?}", target.scheme());
                return Reading::failed(Reason::MalformedRedirect, detail);
            }
            Err(error) => return Reading::failed(Reason::MalformedRedirect, error.to_string()),
        };
        let found = without_secrets(&target);
        if self.reader.scope.normalize(&target) == entry.uri {
            return Reading::failed(Reason::RedirectLoop, format!("to {found}"));
        }
        if entry.redirects >= MOST_REDIRECTS {
            return Reading::failed(Reason::TooManyRedirects, format!("on to {found}"));
        }
        let redirects = entry.redirects + 1;
        let scope = &self.reader.scope;
        Reading::alias(match entry.kind {
            UrlKind::Sitemap => site_files::moved_sitemap(scope, url, &target, entry),
            UrlKind::Page | UrlKind::LlmsTxt => DiscoveredLink {
                kind: entry.kind,
                ..scope.redirected(&target, &found, entry.depth, redirects)
            },
        })
    }
}
