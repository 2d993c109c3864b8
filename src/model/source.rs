//! Sources: what fetching a URI again showed.

use super::job::words;

words! {
    /// What fetching a source again showed.
    SourceChange {
        /// Stored for the first time.
        New = "new",
        /// Its content differs from what was stored.
        Changed = "changed",
        /// Its content is what was stored.
        Unchanged = "unchanged",
        /// Its content differs, and what is stored was fetched later: that stays.
        Older = "older",
    }
}
