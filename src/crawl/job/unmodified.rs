//! Pages of which the server said that nothing changed: what is stored of them is read again.
//!
//! Owns the way from such an answer to a page like any other, with its links and directives, so that a
//! crawl that fetches little loses nothing.

use std::sync::Arc;

use super::{Crawl, Error};
use crate::crawl::Attempt;
use crate::crawl::unmodified::again;
use crate::model::{FrontierEntry, PageResult, UriKey, UrlKind};

impl Crawl<'_> {
    /// Tells claimed URLs what is stored of them already.
    pub(super) fn name_versions(&mut self, entries: &mut [FrontierEntry]) -> Result<(), Error> {
        let Some(most) = self.ask_up_to else {
            return Ok(());
        };
        // A sitemap has few bytes beside what it lists, and a reader of its own; an archive is not asked.
        let keys: Vec<UriKey> = entries
            .iter()
            .filter(|entry| entry.kind == UrlKind::Page && entry.locator.is_none())
            .map(|entry| entry.key)
            .collect();
        let mut versions = self.store.stored_versions(&keys, most)?;
        if self.archive.is_some() {
            // A record that says that nothing changed names the one that holds what it means.
            self.store.date_versions(&mut versions)?;
        }
        if !versions.is_empty() {
            for entry in entries {
                entry.stored = versions.remove(&entry.key);
            }
        }
        Ok(())
    }

    /// Sends a page back to the visitor with what is stored of it; without, when that is gone, so that it is
    /// fetched whole.
    pub(super) fn read_again(&mut self, page: PageResult) -> Result<(), Error> {
        let key = page.entry.key;
        let stored = match &page.entry.stored {
            Some(version) => self.store.stored_answer(key, version.body_digest)?,
            None => None,
        };
        let (visitor, sender) = (Arc::clone(&self.visitor), self.sender.clone());
        self.runtime.spawn(async move {
            let attempt = if let Some(stored) = stored {
                let answer = again(&page.facts, stored.headers, stored.body);
                match visitor.read_again(page, answer).await {
                    Some(page) => Attempt::Ended {
                        page: Box::new(page),
                        pause: None,
                    },
                    None => Attempt::Stopped,
                }
            } else {
                let entry = FrontierEntry {
                    stored: None,
                    ..page.entry
                };
                visitor.attempt(entry).await
            };
            // Nobody listens any more once the loop has given up.
            let _ = sender.send((key, attempt));
        });
        Ok(())
    }
}
