//! What a job looks out for between its steps: whether it is to stop, and whether its lease is to be renewed.
//!
//! Every long piece of a job's work goes on in steps with a look in between, whatever it is at.

use std::time::{Duration, Instant};

use crate::model::StopFlag;
use crate::store::{Claims, Result, Store};

/// A third of a lease: two heartbeats may fail before the work counts as left.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Between two looks whether the job is to be cancelled.
const LOOK: Duration = Duration::from_millis(250);

/// The longest between two looks for what others have left: each goes through all that waits.
const LONGEST_BETWEEN: Duration = Duration::from_secs(1);

/// The look-out of one job.
pub(super) struct Watch<'a> {
    stop: &'a StopFlag,
    looked_at: Instant,
    is_cancelled: bool,
    /// `None` before the first, which shows at once whether the lease can be renewed.
    heartbeat_at: Option<Instant>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(stop: &'a StopFlag) -> Self {
        Self {
            stop,
            looked_at: Instant::now(),
            is_cancelled: false,
            heartbeat_at: None,
        }
    }

    /// Says whether the user or another process wants the job to stop.
    pub(super) fn is_stopping(&mut self, store: &mut Store, claims: &Claims) -> Result<bool> {
        if !self.is_cancelled && self.looked_at.elapsed() >= LOOK {
            self.looked_at = Instant::now();
            self.is_cancelled = store.is_cancelling(claims.job)?;
        }
        Ok(self.is_cancelled || self.stop.is_set())
    }

    /// Renews the lease when that is due.
    pub(super) fn stay_alive(&mut self, store: &mut Store, claims: &Claims) -> Result<()> {
        if self.heartbeat_at.is_none_or(|at| at.elapsed() >= HEARTBEAT) {
            store.heartbeat(claims.worker)?;
            self.heartbeat_at = Some(Instant::now());
        }
        Ok(())
    }
}

/// Something that is done less and less often while nothing comes of it.
#[derive(Debug, Default)]
pub(super) struct Seldom {
    /// When it was done last, and how long it is left alone since.
    done: Option<(Instant, Duration)>,
}

impl Seldom {
    /// Says whether it is to be done now, and takes note that it is.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let next = match self.done {
            Some((at, pause)) if now.saturating_duration_since(at) < pause => return false,
            Some((_, pause)) => (pause * 2).min(LONGEST_BETWEEN),
            None => LONGEST_BETWEEN / 16,
        };
        self.done = Some((now, next));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_brings_nothing_is_done_once_a_second_at_last() {
        let (mut seldom, begin) = (Seldom::default(), Instant::now());
        let done = (0..10_000).filter(|millisecond| {
            let now = begin + Duration::from_millis(*millisecond);
            seldom.is_due(now)
        });
        let done: Vec<u64> = done.collect();
        assert_eq!(done[..6], [0, 63, 188, 438, 938, 1938]);
        assert_eq!(done.len(), 5 + 9);
    }
}
