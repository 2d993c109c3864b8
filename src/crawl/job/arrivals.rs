//! What comes back from the visitor: results to commit, and URLs that go back to the frontier.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::limits::fetches_by_host;
use super::{Crawl, PAGES_PER_TRANSACTION, WAIT};
use crate::crawl::{Attempt, Error};
use crate::model::{Awaited, FrontierEntry, PageOutcome, PageResult, Timestamp};
use crate::store::Postponed;

/// Links of its pages beyond which a transaction takes no other page.
const LINKS_PER_TRANSACTION: usize = 16_384;
/// Pages that are written at once; for fewer the loop waits a moment, because a transaction writes the
/// same pages of its indexes however few rows it has.
const WORTH_A_TRANSACTION: usize = 256;
/// That moment.
const GATHERING: Duration = Duration::from_millis(100);

/// URLs in flight that may all be slow ones while pages come one after the other.
const FEW: usize = 16;

impl Crawl<'_> {
    /// Waits for attempts to end; gives back what is to be asked for again, and returns the rest.
    pub(super) fn wait_for_pages(&mut self) -> Result<Vec<PageResult>, Error> {
        let (mut pages, mut stopped, mut postponed) = (Vec::new(), Vec::new(), Vec::new());
        let mut arrived = self.receiver.recv_timeout(WAIT).ok();
        let begun = Instant::now();
        let mut links = 0;
        while let Some((key, attempt)) = arrived {
            if let Attempt::Ended { page, .. } = &attempt {
                self.visitor.taken(page);
                links += page.discovered.len();
            }
            if let Some((entry, since)) = self.in_flight.remove(&key) {
                match attempt {
                    Attempt::Ended { page, .. } if page.outcome == PageOutcome::Unmodified => {
                        self.in_flight.insert(key, (entry, since));
                        self.read_again(*page)?;
                    }
                    Attempt::Ended { page, pause } => {
                        self.pause(&entry.host, pause);
                        self.queue.returned(&entry.host);
                        self.put_off.remove(key);
                        self.limits.came_back(&entry, page.facts.received());
                        pages.push(*page);
                    }
                    Attempt::Postponed {
                        pause,
                        fetches,
                        received,
                        reason,
                        detail,
                    } => {
                        let awaited = Awaited { reason, detail };
                        self.put_off.add(&entry, awaited.clone());
                        self.limits.came_back(&entry, received);
                        let not_before = Timestamp::now().plus_seconds(pause.as_secs_f64());
                        self.pause(&entry.host, Some(pause));
                        self.queue.returned(&entry.host);
                        postponed.push(Postponed {
                            entry,
                            not_before,
                            fetches,
                            awaited,
                        });
                    }
                    Attempt::Stopped => {
                        self.limits.came_back(&entry, 0);
                        self.queue.returned(&entry.host);
                        stopped.push(entry);
                    }
                }
            }
            if pages.len() >= PAGES_PER_TRANSACTION || links >= LINKS_PER_TRANSACTION {
                break;
            }
            arrived = self.receiver.try_recv().ok();
            if arrived.is_none() && pages.len() < WORTH_A_TRANSACTION && self.is_worth_waiting() {
                let left = GATHERING.saturating_sub(begun.elapsed());
                arrived = self.receiver.recv_timeout(left).ok();
            }
        }
        if !postponed.is_empty() {
            let visits = postponed.iter();
            let counts = fetches_by_host(visits.map(|one| (&one.entry, one.fetches)));
            let at = Timestamp::now();
            self.store.postpone_urls(&postponed, &counts, at)?;
        }
        if !stopped.is_empty() {
            // A failure here leaves the URLs claimed; the next resume takes them over.
            let _ = self.store.release_urls(&stopped);
        }
        Ok(pages)
    }

    /// Says whether pages are likely to come soon: not when the few in flight have been so for longer than the wait
    /// and nothing else is to be claimed before what has come is written.
    fn is_worth_waiting(&self) -> bool {
        let is_slow = |(_, since): &(FrontierEntry, Instant)| since.elapsed() >= GATHERING;
        let is_held_up = self.in_flight.len() <= FEW
            && !self.queue.has_ready()
            && self.in_flight.values().all(is_slow);
        !self.in_flight.is_empty() && !is_held_up
    }

    fn pause(&mut self, host: &str, pause: Option<Duration>) {
        if let Some(pause) = pause {
            self.queue.pause(host, Instant::now() + pause);
        }
    }
}

/// Parts pages into those that each are of another URL, and those that have to be written after them: a URL that
/// is asked for again has an outcome of its own and the same source.
pub(super) fn by_url(pages: Vec<PageResult>) -> (Vec<PageResult>, Vec<PageResult>) {
    let has_own_key = |page: &PageResult| page.entry.locator.is_none();
    if pages.iter().all(has_own_key) {
        return (pages, Vec::new());
    }
    let mut met = HashSet::new();
    pages
        .into_iter()
        .partition(|page| met.insert(page.entry.own_key()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::visit_tests::entry;
    use crate::model::{FetchFacts, Reason};

    #[test]
    fn two_outcomes_of_one_url_are_written_one_after_the_other() {
        let page = |uri: &str, again: Option<u32>| {
            let mut entry = entry(uri, 0);
            if let Some(again) = again {
                entry.key = entry.key.capture(again);
                entry.locator = Some(format!("redirect:{again}"));
            }
            PageResult {
                entry,
                source_group: String::new(),
                outcome: PageOutcome::Skipped {
                    reason: Reason::MediaType,
                    detail: String::new(),
                },
                facts: FetchFacts::default(),
                fetched_at: Timestamp::now(),
                discovered: Vec::new(),
                gaps: Vec::new(),
            }
        };
        let pages = vec![
            page("https://e.test/a", None),
            page("https://e.test/b", None),
            page("https://e.test/a", Some(1)),
            page("https://e.test/a", Some(2)),
            page("https://e.test/c", Some(1)),
        ];
        let keys =
            |pages: &[PageResult]| -> Vec<_> { pages.iter().map(|page| page.entry.key).collect() };
        let all = keys(&pages);
        let (first, later) = by_url(pages);
        assert_eq!(keys(&first), [all[0], all[1], all[4]]);
        let (second, last) = by_url(later);
        assert_eq!((keys(&second), keys(&last)), (vec![all[2]], vec![all[3]]));
    }
}
