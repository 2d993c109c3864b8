//! Stored texts that are taken up again: their entities are not all stored, or were found by older recognizers.
//!
//! Reads the stored text, never the body: what was extracted stays as it is.

use super::Extraction;
use crate::model::{ExtractionId, Timestamp, WindowResult, chain_text};
use crate::store::{Committed, Error as StoreError, IncompleteText, commit_halving};

const TEXTS_PER_READ: usize = 64;

impl Extraction<'_> {
    /// Takes up every such text of the job's profile and selection, those first of which a window has failed.
    pub(super) fn complete_texts(&mut self) -> Result<(), StoreError> {
        for failed in [true, false] {
            let mut after = None;
            while !self.is_stopping()? {
                let texts = self.store.incomplete_texts(
                    self.job,
                    &self.reader.profile.name,
                    &self.selection,
                    self.reader.recognizer_digest,
                    (failed, after),
                    TEXTS_PER_READ,
                )?;
                let Some(last) = texts.last() else {
                    break;
                };
                after = Some(last.extraction);
                self.take_up(texts)?;
            }
        }
        Ok(())
    }

    /// Takes up the texts that are named, complete or not.
    pub(super) fn complete_named(&mut self, named: &[ExtractionId]) -> Result<(), StoreError> {
        for some in named.chunks(TEXTS_PER_READ) {
            if self.is_stopping()? {
                return Ok(());
            }
            let texts = self.store.texts_among(some)?;
            self.take_up(texts)?;
        }
        Ok(())
    }

    fn take_up(&mut self, texts: Vec<IncompleteText>) -> Result<(), StoreError> {
        // Read before the transaction begins: nobody waits for a recognizer with the database held.
        let read: Vec<(IncompleteText, Vec<WindowResult>)> = texts
            .into_iter()
            .map(|text| {
                let windows = self.reader.windows(&text);
                (text, windows)
            })
            .collect();
        self.store_texts(&read)?;
        self.beat()
    }

    fn store_texts(
        &mut self,
        read: &[(IncompleteText, Vec<WindowResult>)],
    ) -> Result<(), StoreError> {
        let (digest, job) = (self.reader.recognizer_digest, self.job);
        let at = Timestamp::now();
        let committed = commit_halving(
            self.store,
            "store_mentions",
            read,
            |store, (text, windows)| {
                store.store_text_entities(text, windows.clone(), None, digest, job, at)
            },
        )?;
        for (one, committed) in read.iter().zip(committed) {
            match committed {
                Committed::Stored(complete) => self.counts.texts_completed += i64::from(complete),
                // Another worker has completed or replaced it.
                Committed::ClaimLost => {}
                Committed::Rejected(error) => {
                    let why = chain_text(&error);
                    commit_halving(
                        self.store,
                        "store_mentions",
                        std::slice::from_ref(one),
                        |store, (text, windows)| {
                            let refused = Some(why.clone());
                            store.store_text_entities(
                                text,
                                windows.clone(),
                                refused,
                                digest,
                                job,
                                at,
                            )
                        },
                    )?;
                }
            }
        }
        Ok(())
    }
}
