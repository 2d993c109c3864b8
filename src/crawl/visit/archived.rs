//! The visit of a record in an archive: no robots.txt, no turn, no network.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use url::Url;

use super::{Answered, Visitor, note};
use crate::crawl::archived::{self, Locator};
use crate::crawl::fetch::Answer;
use crate::crawl::page::Reading;
use crate::crawl::panics;
use crate::crawl::site_files::{is_llms_txt, of_llms_txt};
use crate::model::{
    DiscoveredLink, FetchFacts, FrontierEntry, LinkDecision, PageOutcome, Reason, Timestamp,
};

impl Visitor {
    /// Visits the capture of `url` at `locator`.
    pub(super) async fn visit_record(
        &self,
        url: &Url,
        entry: &FrontierEntry,
        locator: Locator,
        facts: &mut FetchFacts,
    ) -> Option<Answered> {
        let permit = self.permit().await?;
        facts.locator.clone_from(&entry.locator);
        let words = locator.words();
        let (library, target) = (Arc::clone(&self.library), url.clone());
        let cap = self.reader.settings.max_body;
        let read = spawn_blocking(move || archived::read(&library, &locator, &target, cap)).await;
        drop(permit);
        let captured = match read {
            Ok(Ok(captured)) => captured,
            // The job fails of it, and the record stays to be read.
            Ok(Err(_)) if self.library.failure().is_some() => return None,
            Ok(Err(error)) => {
                let reason = match error.kind() {
                    std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => {
                        Reason::ArchiveDamaged
                    }
                    _ => Reason::FileUnreadable,
                };
                let reading = Reading::failed(reason, format!("{error} ({words})"));
                return Some(Answered::now(reading));
            }
            Err(error) => {
                return Some(Answered {
                    pause: None,
                    reading: panics::unread(error)?,
                    at: Timestamp::now(),
                });
            }
        };
        let answer = Answer {
            head: captured.head,
            body: captured.body,
            end: captured.end,
        };
        note(&answer, facts);
        if !captured.has_status {
            facts.status = None;
        }
        let mut reading = self.read_answer(url, entry, answer).await?;
        // Crawlers ask for one by themselves, and archive that there is none.
        if is_llms_txt(url)
            && matches!(&reading.outcome, PageOutcome::Failed { reason, .. } if *reason == Reason::HttpNotFound)
        {
            reading = of_llms_txt(reading);
        }
        reading.gaps.extend(captured.gaps);
        reading.discovered.iter_mut().for_each(keep_from_network);
        if let PageOutcome::Failed { detail, .. } | PageOutcome::Skipped { detail, .. } =
            &mut reading.outcome
        {
            let space = if detail.is_empty() { "" } else { " " };
            *detail = format!("{detail}{space}({words})");
        }
        Some(Answered {
            pause: None,
            reading,
            at: captured.at,
        })
    }
}

/// What an archived page leads to is in the archive, or in the scope of a seed that is not; otherwise it
/// is not fetched. Where the archive holds it, its row is there already and stays as it is.
///
/// A file that a seed on disk holds has its row, too; none is read because an archive names it.
fn keep_from_network(link: &mut DiscoveredLink) {
    let is_file = link.uri.starts_with("file:");
    let leads_on = link.decision == LinkDecision::Fetch && is_file;
    if leads_on || link.decision == LinkDecision::Skip(Reason::OutOfScope) {
        link.decision = LinkDecision::Skip(Reason::NotArchived);
        // The capture's redirect may be a seed's of depth 0, which nothing else is known to.
        link.detail = link.host.to_string();
    }
}
