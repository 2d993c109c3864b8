//! Whether a site has an llms.txt: asked once, after the first page of the site that is a seed or that a seed
//! redirects to. One that is there is a URL of the frontier like any other, and one that is not is none: no
//! site need have one. One that is not soon told is left to its own visit, so that the page is not held up.

use std::time::Duration;

use tokio::time::timeout;
use url::Url;

use super::{Request, Visitor};
use crate::crawl::archive::Trail;
use crate::crawl::fetch::{Answer, Head};
use crate::crawl::media::Media;
use crate::crawl::page::Reading;
use crate::crawl::robots::Known;
use crate::crawl::site_files::as_llms_txt;
use crate::model::{DiscoveredLink, FetchFacts, FrontierEntry, LinkDecision, PageOutcome, UrlKind};

/// Bytes that tell whether it is one.
const ENOUGH: u64 = 64 << 10;

/// How long the page waits for it, the host's delay included.
const PATIENCE: Duration = Duration::from_secs(2);

impl Visitor {
    /// Returns the link to the llms.txt of the site of `url`, of which `reading` came, when it has one and neither
    /// the crawl's scope nor its robots.txt leaves it out.
    pub(super) async fn llms_txt_beside(
        &self,
        url: &Url,
        entry: &FrontierEntry,
        known: Option<&Known>,
        reading: &Reading,
        facts: &mut FetchFacts,
    ) -> Option<DiscoveredLink> {
        let is_stored = matches!(
            reading.outcome,
            PageOutcome::Stored { .. } | PageOutcome::Unmodified
        );
        let is_seed = entry.kind == UrlKind::Page && entry.depth == 0;
        if !(self.reader.settings.llms_txt && is_seed && is_stored) {
            return None;
        }
        let target = url.join("/llms.txt").ok()?;
        let agent = &self.reader.settings.user_agent;
        let (decision, _) = self.reader.scope.decide(&target, 0);
        let is_allowed = decision == LinkDecision::Fetch
            && known.is_none_or(|known| known.decide(agent, &target).allowed);
        let has_try = entry.most_fetches.is_none_or(|most| facts.fetches < most);
        if !(is_allowed && has_try && self.site_files.asks_for_llms_txt(url)) {
            return None;
        }
        let request = Request {
            url: &target,
            stored: None,
            crawl_delay: known.and_then(|known| known.crawl_delay(agent)),
            cap: ENOUGH,
            retries: 0,
        };
        let wanted = |head: &Head| is_promising(head);
        // Of the site and not of the page beside which it is asked for.
        let mut trail = Trail::new(self.recorder.as_ref());
        let exchange = timeout(PATIENCE, self.exchange(request, wanted, &mut trail)).await;
        // One that failed may be there: its own visit asks again, and tells what comes of it.
        let may_be_there = if let Ok(Some(exchange)) = exchange {
            facts.came(facts.received() + exchange.received);
            facts.fetches += exchange.fetches;
            match &exchange.outcome {
                Ok(answer) => is_llms_txt(answer) || is_undecided(answer.head.status),
                Err(_) => true,
            }
        } else {
            // Whether it was sent is not known; a quota counts rather one too many.
            facts.fetches += 1;
            true
        };
        may_be_there.then(|| {
            let scope = &self.reader.scope;
            as_llms_txt(scope.discovered(&target, target.as_str(), 0, 0))
        })
    }
}

/// Says whether a status leaves open what a later request is answered with.
fn is_undecided(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// Says whether a head may be that of an llms.txt: servers answer a page of HTML for what they have not.
fn is_promising(head: &Head) -> bool {
    let (media, _) = Media::of_header(head.header("content-type").unwrap_or_default());
    head.status == 200 && media.is_none_or(|media| is_text(&media))
}

fn is_llms_txt(answer: &Answer) -> bool {
    is_promising(&answer.head) && !answer.body.is_empty() && {
        let is_packed = answer.head.header("content-encoding").is_some();
        is_packed || is_text(&Media::of_content(&answer.body))
    }
}

fn is_text(media: &Media) -> bool {
    media.essence.starts_with("text/") && !media.essence.contains("html") && !media.is_xml()
}
