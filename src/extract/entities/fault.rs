//! Faults of recognizers that a test build can be told to have: an error, a panic, or no end in time.
//!
//! Compiled into debug builds and builds with the feature `crash-points`; elsewhere nothing is ever met.

#[cfg(any(debug_assertions, feature = "crash-points"))]
mod armed {
    use std::sync::OnceLock;

    use crate::extract::entities::RecognizerError;

    /// What happens, in which window.
    static FAULT: OnceLock<(String, i64)> = OnceLock::new();

    /// Arms `error:k`, `panic:k` or `timeout:k`: window `k` (from 0) of every text fails for every recognizer.
    pub fn arm(specification: &str) {
        let (kind, window) = specification
            .split_once(':')
            .unwrap_or((specification, "0"));
        let _ = FAULT.set((kind.to_owned(), window.parse().unwrap_or_default()));
    }

    #[expect(clippy::panic, reason = "a recognizer that panics is what is tried")]
    pub(in crate::extract::entities) fn meet(
        recognizer: &'static str,
        window: i64,
    ) -> Result<(), RecognizerError> {
        match FAULT.get() {
            Some((kind, at)) if *at == window => match kind.as_str() {
                "panic" => panic!("{recognizer} was told to panic"),
                "timeout" => Err(RecognizerError::TimedOut(recognizer)),
                _ => Err(RecognizerError::Failed(
                    recognizer,
                    "told to fail".to_owned(),
                )),
            },
            _ => Ok(()),
        }
    }
}

#[cfg(not(any(debug_assertions, feature = "crash-points")))]
mod armed {
    use crate::extract::entities::RecognizerError;

    /// Does nothing in a build that is shipped.
    pub fn arm(_specification: &str) {}

    #[expect(
        clippy::unnecessary_wraps,
        reason = "a test build has something to say here"
    )]
    pub(in crate::extract::entities) fn meet(
        _recognizer: &'static str,
        _window: i64,
    ) -> Result<(), RecognizerError> {
        Ok(())
    }
}

pub use armed::arm;
pub(super) use armed::meet;
