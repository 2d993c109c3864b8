//! Named points around every commit at which a test build can be told to abort, as a power cut would.
//!
//! Compiled into debug builds and builds with the feature `crash-points`; elsewhere `reached` is empty.

/// Every kind of transaction; `begun`, `before_commit` and `after_commit` follow each name.
pub const TRANSACTIONS: &[&str] = &[
    "create_job",
    "resume_job",
    "claim_urls",
    "release_urls",
    "store_pages",
    "store_archive",
    "close_frontier",
    "read_archive",
    "claim_passes",
    "store_extractions",
    "store_mentions",
    "settle_canonicals",
    "index_texts",
    "end_job",
    "delete_job",
    "merge_entities",
    "record_export",
    "drop_bodies",
    "erase_source",
    "heartbeat",
];

/// The places within a transaction.
pub const PLACES: &[&str] = &["begun", "before_commit", "after_commit"];

#[cfg(any(debug_assertions, feature = "crash-points"))]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static POINT: OnceLock<(String, AtomicU64)> = OnceLock::new();

    /// Arms `transaction.place:n`: the n-th time that it is reached, the process aborts.
    pub fn arm(specification: &str) {
        let (name, count) = specification
            .split_once(':')
            .unwrap_or((specification, "1"));
        let count = count.parse().unwrap_or(1).max(1);
        let _ = POINT.set((name.to_owned(), AtomicU64::new(count)));
    }

    pub(in crate::store) fn reached(transaction: &str, place: &str) {
        debug_assert!(super::TRANSACTIONS.contains(&transaction), "{transaction}");
        let Some((name, left)) = POINT.get() else {
            return;
        };
        let here = name
            .strip_suffix(place)
            .and_then(|rest| rest.strip_suffix('.'));
        if here == Some(transaction) && left.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::abort();
        }
    }
}

#[cfg(not(any(debug_assertions, feature = "crash-points")))]
mod armed {
    /// Does nothing in a build that is shipped.
    pub fn arm(_specification: &str) {}

    pub(in crate::store) fn reached(_transaction: &str, _place: &str) {}
}

pub use armed::arm;
pub(super) use armed::reached;
