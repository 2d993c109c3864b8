//! The exchanges of one visit on their way into the archive, one after the other, as they end.
//!
//! Compresses on threads that may take their time. A visit that is given up leaves its exchanges all the
//! same: they happened.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use url::Url;

use super::{Captured, PageNotes, Recorder, Wire};
use crate::crawl::fetch::{Answer, BodyEnd, Failure};
use crate::model::{PageOutcome, PageResult, Reason, StoredVersion, Timestamp};

/// The exchanges of one visit; empty, and free of cost, when no archive is written.
#[derive(Debug)]
pub(in crate::crawl) struct Trail {
    recorder: Option<Arc<Recorder>>,
    captured: Vec<Captured>,
}

impl Trail {
    pub(in crate::crawl) fn new(recorder: Option<&Arc<Recorder>>) -> Self {
        Self {
            recorder: recorder.cloned(),
            captured: Vec::new(),
        }
    }

    /// Begins to note an exchange, when one is to be noted.
    pub(in crate::crawl) fn wire(
        &self,
        url: &Url,
        at: Timestamp,
        stored: Option<&StoredVersion>,
    ) -> Option<Wire> {
        self.recorder.is_some().then(|| Wire::new(url, at, stored))
    }

    /// Takes an exchange that has ended, and gives its outcome back.
    pub(in crate::crawl) async fn add(
        &mut self,
        wire: Option<Wire>,
        outcome: Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        let (Some(recorder), Some(mut wire)) = (&self.recorder, wire) else {
            return outcome;
        };
        if wire.answer.is_none() {
            return outcome;
        }
        wire.ended();
        let recorder = Arc::clone(recorder);
        let made = spawn_blocking(move || {
            let captured = match &outcome {
                Ok(answer) => recorder.exchange(&wire, &answer.body, &answer.end),
                Err(failure) => {
                    recorder.exchange(&wire, &[], &BodyEnd::Broken(failure.detail.clone()))
                }
            };
            (outcome, recorder.or_fail(captured).flatten())
        });
        match made.await {
            Ok((outcome, captured)) => {
                self.captured.extend(captured);
                outcome
            }
            Err(error) => Err(Failure {
                reason: Reason::CrawlPanicked,
                detail: error.to_string(),
            }),
        }
    }

    /// Takes a file that was read.
    pub(in crate::crawl) fn add_file(&mut self, captured: Option<Captured>) {
        self.captured.extend(captured);
    }

    /// Hands the exchanges over as those of `page`.
    pub(in crate::crawl) fn finish(mut self, page: &PageResult) {
        let Some(recorder) = self.recorder.take() else {
            return;
        };
        let charset = match &page.outcome {
            PageOutcome::Stored { charset, .. } => charset.as_deref(),
            _ => None,
        };
        let notes = PageNotes {
            entry: &page.entry,
            robots: page.facts.robots.as_ref(),
            charset,
        };
        let captured = std::mem::take(&mut self.captured);
        recorder.or_fail(recorder.hold_page(captured, &notes));
    }
}

impl Drop for Trail {
    fn drop(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            let captured = std::mem::take(&mut self.captured);
            recorder.or_fail(recorder.hold_others(captured));
        }
    }
}
