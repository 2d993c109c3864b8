//! A reader thread: one claimed source after the other, body in, extractions and mentions out.
//!
//! Reads no row and writes none; what it claims comes, and what it finds goes, through channels.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

use crate::extract::entities::{Context, PageNames, Recognizer, recognize};
use crate::extract::records::is_of_head;
use crate::extract::{PageInput, Profile, extract_page};
use crate::model::{Digest, ExtractedItem, ExtractionType, Gap, Reason, Timestamp, WindowResult};
use crate::store::{ClaimedPass, ExtractedSource, ExtractedText, IncompleteText, PassState};

/// What every reader thread shares.
pub(super) struct Reader {
    pub(super) profile: Profile,
    pub(super) recognizers: Vec<Box<dyn Recognizer>>,
    pub(super) recognizer_digest: Digest,
}

impl Reader {
    /// Reads what is claimed until nothing more comes.
    pub(super) fn read_all(
        &self,
        claimed: &Mutex<Receiver<ClaimedPass>>,
        to_store: &SyncSender<ExtractedSource>,
    ) {
        loop {
            // A reader that panicked with the lock held has taken nothing out of the channel.
            let next = claimed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            let Ok(pass) = next else { return };
            if to_store.send(self.read(pass)).is_err() {
                return;
            }
        }
    }

    fn read(&self, pass: ClaimedPass) -> ExtractedSource {
        let read = match pass.body() {
            Ok(body) => {
                catch_unwind(AssertUnwindSafe(|| self.texts(&pass, &body))).map_err(|panic| {
                    Gap::whole(Reason::ExtractionPanicked, panic_text(panic.as_ref()))
                })
            }
            Err(error) => Err(Gap::whole(Reason::BodyUnreadable, error.to_string())),
        };
        let (state, texts, gaps) = match read {
            Ok((texts, gaps)) if holds_content(&texts) => (PassState::Done, texts, gaps),
            Ok((texts, gaps)) => (PassState::Empty, texts, gaps),
            Err(gap) => (PassState::Failed, Vec::new(), vec![gap]),
        };
        ExtractedSource {
            claim: pass.claim,
            source: pass.source,
            uri: pass.uri,
            source_group: pass.source_group,
            body_digest: pass.body_digest,
            profile: Arc::clone(&self.profile.name),
            profile_digest: self.profile.digest,
            recognizer_digest: self.recognizer_digest,
            state,
            texts,
            gaps,
            at: Timestamp::now(),
        }
    }

    fn texts(&self, pass: &ClaimedPass, body: &[u8]) -> (Vec<ExtractedText>, Vec<Gap>) {
        let extraction = extract_page(
            &PageInput {
                uri: &pass.uri,
                media_type: &pass.media_type,
                charset: &pass.charset,
                body,
            },
            &self.profile,
        );
        let context = context_of(&extraction.items);
        let texts = extraction
            .items
            .into_iter()
            .map(|item| {
                let windows = recognize(
                    &self.recognizers,
                    item.extraction_type,
                    &item.text,
                    &context,
                );
                ExtractedText {
                    item,
                    windows,
                    refused: None,
                }
            })
            .collect();
        (texts, extraction.gaps)
    }

    /// Takes the entities of a stored text up again.
    pub(super) fn windows(&self, text: &IncompleteText) -> Vec<WindowResult> {
        recognize(
            &self.recognizers,
            text.reads_as(),
            &text.text,
            &context_of(&text.page),
        )
    }
}

/// Returns what a page says of itself that its text is read by, the same when the text is taken up again.
pub fn context_of(page: &[ExtractedItem]) -> Context {
    let mut items = page.iter();
    let metadata = items.find(|item| item.extraction_type == ExtractionType::Metadata);
    let text = |name: &str| metadata.and_then(|item| item.data[name].as_str());
    let region = text("language").and_then(|tag| {
        // A tag's region has two letters (RFC 5646, 2.2.4); what is longer or first is none.
        let mut parts = tag.split(['-', '_']).skip(1);
        parts.find(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
    });
    Context {
        region: region.map(str::to_ascii_uppercase),
        page_date: text("published").and_then(|date| date.get(..10)?.parse().ok()),
        names: PageNames::of(page).map(Arc::new),
        ..Context::default()
    }
}

/// What a page says about itself, alone, is no content.
fn holds_content(texts: &[ExtractedText]) -> bool {
    texts.iter().any(|text| match text.item.extraction_type {
        ExtractionType::Content | ExtractionType::Facts | ExtractionType::Fields => true,
        ExtractionType::Record => !is_of_head(&text.item.data),
        ExtractionType::Metadata => false,
    })
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
