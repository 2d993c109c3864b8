//! How many bodies are read at once, and how many links wait for the job loop: what is read must not grow
//! faster than it is written.

use std::num::NonZero;
use std::thread;

use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::model::PageResult;

/// Links beyond which no other body is read: pages of thousands of links come faster than they are
/// written, and each of them may hold a megabyte of links.
const MOST_WAITING: usize = 16_384;

/// Gives out turns to read, and counts the links of the pages that are read and not yet taken by the job
/// loop.
#[derive(Debug)]
pub(super) struct Backlog {
    waiting: watch::Sender<usize>,
    readers: Semaphore,
}

impl Default for Backlog {
    fn default() -> Self {
        Self {
            waiting: watch::Sender::new(0),
            // More than there are processors would read no faster, and each holds many times its body.
            readers: Semaphore::new(
                thread::available_parallelism()
                    .map_or(2, NonZero::get)
                    .max(2),
            ),
        }
    }
}

impl Backlog {
    /// Waits until there is room for the links of another page. A page's number of links is not known
    /// before it is read, so those that are read at the same time may go beyond it.
    pub(super) async fn room(&self) {
        if *self.waiting.borrow() < MOST_WAITING {
            return;
        }
        let mut waiting = self.waiting.subscribe();
        // The sender is in `self`, so the wait cannot fail.
        let _ = waiting.wait_for(|waiting| *waiting < MOST_WAITING).await;
    }

    /// Waits until a long body may be read on a thread of its own; it may while the permit is held.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let turn = self.readers.acquire().await.ok();
        self.room().await;
        turn
    }

    /// Takes note of a page that is read.
    pub(super) fn add(&self, page: &PageResult) {
        self.count(page.discovered.len());
    }

    fn count(&self, links: usize) {
        self.waiting.send_modify(|waiting| *waiting += links);
    }

    /// Takes note that the job loop has a page.
    pub(super) fn remove(&self, page: &PageResult) {
        self.discount(page.discovered.len());
    }

    fn discount(&self, links: usize) {
        self.waiting
            .send_modify(|waiting| *waiting = waiting.saturating_sub(links));
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn another_page_waits_until_there_is_room() {
        let backlog = Backlog::default();
        let mut context = Context::from_waker(Waker::noop());
        backlog.count(MOST_WAITING - 1);
        assert!(pin!(backlog.room()).poll(&mut context).is_ready());
        backlog.count(4_000);
        let mut waits = pin!(backlog.room());
        assert!(waits.as_mut().poll(&mut context).is_pending());
        backlog.discount(3_999);
        assert!(waits.as_mut().poll(&mut context).is_pending(), "still full");
        backlog.discount(1);
        assert!(waits.as_mut().poll(&mut context).is_ready());
    }
}
