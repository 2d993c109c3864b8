//! Panics while a page is visited or read: that page has failed, and nothing else has.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use tokio::task::JoinError;

use super::page::Reading;
use crate::model::Reason;

/// Reads a page on this thread.
pub(super) fn read(read: impl FnOnce() -> Reading) -> Reading {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| panicked(panic.as_ref()))
}

/// Waits for `visit`, or returns the outcome of the page that it panicked on.
pub(super) async fn visited<T>(visit: impl Future<Output = T>) -> Result<T, Reading> {
    let mut visit = pin!(visit);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| visit.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panicked(panic.as_ref()))),
        },
    )
    .await
}

/// Returns the outcome of a page that another thread failed on; `None` when the runtime is going down.
pub(super) fn unread(error: JoinError) -> Option<Reading> {
    let panic = error.try_into_panic().ok()?;
    Some(panicked(panic.as_ref()))
}

fn panicked(panic: &(dyn Any + Send)) -> Reading {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Reading::failed(Reason::CrawlPanicked, message)
}

#[cfg(test)]
mod tests {
    use tokio::task::spawn_blocking;

    use super::*;
    use crate::model::PageOutcome;

    #[tokio::test]
    async fn a_panic_is_a_failed_page() {
        for message in ["plain", "with 1"] {
            let words = message.to_owned();
            let error = spawn_blocking(move || panic!("{words}")).await.unwrap_err();
            for reading in [unread(error).unwrap(), read(|| panic!("{message}"))] {
                match reading.outcome {
                    PageOutcome::Failed { reason, detail } => {
                        assert_eq!((reason, detail.as_str()), (Reason::CrawlPanicked, message));
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}
