//! Visits that run beside the loop: each reports back once, whatever becomes of it.

use std::sync::mpsc::Sender;

use tokio::runtime::Runtime;
use url::Url;

use crate::crawl::{Attempt, Scope, panics};
use crate::model::{FetchFacts, FrontierEntry, PageResult, Timestamp, UriKey};

/// Begins `visit`, the attempt at `entry`, and sends what comes of it. The loop waits for all that is in
/// flight, so that a visit that panics has to be told like any other.
pub(super) fn begin(
    runtime: &Runtime,
    entry: FrontierEntry,
    group_of: impl FnOnce(&str) -> String + Send + 'static,
    sender: Sender<(UriKey, Attempt)>,
    visit: impl Future<Output = Attempt> + Send + 'static,
) {
    runtime.spawn(async move {
        let key = entry.key;
        let attempt = panics::visited(visit).await.unwrap_or_else(|reading| {
            let page = PageResult {
                source_group: group_of(&entry.uri),
                entry,
                outcome: reading.outcome,
                facts: FetchFacts::default(),
                fetched_at: Timestamp::now(),
                discovered: reading.discovered,
                gaps: reading.gaps,
            };
            Attempt::Ended {
                page: Box::new(page),
                pause: None,
            }
        });
        // Nobody listens any more once the loop has given up.
        let _ = sender.send((key, attempt));
    });
}

/// Returns the group of a source at `uri`.
pub(super) fn group_of(scope: &Scope, uri: &str) -> String {
    Url::parse(uri).map_or_else(|_| String::new(), |url| scope.group_of(&url))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;
    use crate::crawl::visit_tests::entry;
    use crate::model::{PageOutcome, Reason};

    /// Longer than any visit below, and shorter than a test may take.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn a_visit_that_panics_reports_back_like_any_other() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let (sender, receiver) = channel();
        let uri = "https://site.test/a";
        let group = |_: &str| "site.test".to_owned();
        // At once, and on a later thread.
        let begins = [false, true];
        for yields in begins {
            begin(&runtime, entry(uri, 0), group, sender.clone(), async move {
                if yields {
                    tokio::task::yield_now().await;
                }
                panic!("no such case")
            });
            let (key, attempt) = receiver.recv_timeout(PATIENCE).unwrap();
            assert_eq!(key, UriKey::of(uri));
            let Attempt::Ended { page, pause: None } = attempt else {
                panic!("{attempt:?}");
            };
            assert_eq!(
                page.outcome,
                PageOutcome::Failed {
                    reason: Reason::CrawlPanicked,
                    detail: "no such case".to_owned()
                }
            );
            assert_eq!(
                (page.entry.uri.as_str(), page.source_group.as_str()),
                (uri, "site.test")
            );
        }
        let stopped = async { Attempt::Stopped };
        begin(&runtime, entry(uri, 0), group, sender, stopped);
        let (_, attempt) = receiver.recv_timeout(PATIENCE).unwrap();
        assert!(matches!(attempt, Attempt::Stopped), "{attempt:?}");
    }
}
