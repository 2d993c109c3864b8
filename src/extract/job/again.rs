//! What failed, taken up again: the sources and the texts that are named, and nothing else.
//!
//! Which they are is the caller's to say, out of what is recorded as incomplete.

use serde_json::json;

use super::{Error, ExtractEnd, ExtractSettings, Extraction, begin};
use crate::extract::Profile;
use crate::model::{ExtractionId, ProgressUpdate, SourceId, StopFlag};
use crate::store::{Invocation, Selection, Store};

/// What one profile is to read again.
#[derive(Debug, Clone)]
pub struct Again {
    pub profile: Profile,
    /// To be extracted anew.
    pub sources: Vec<SourceId>,
    /// Stored texts whose entities are to be found anew.
    pub texts: Vec<ExtractionId>,
}

/// Takes up what is named, as a new job; each gap that is gone then is resolved by it.
pub fn retry(
    store: &mut Store,
    again: &Again,
    invocation: &Invocation,
    stop: &StopFlag,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<ExtractEnd, Error> {
    let settings = ExtractSettings {
        concurrency: None,
        selection: Selection::default(),
        profile: again.profile.clone(),
    };
    let mut params = settings.params();
    params["retry"] = json!({"sources": again.sources.len(), "texts": again.texts.len()});
    let (job, selected) = begin(store, &params, invocation, |store, job| {
        store.select_named_passes(job, &settings.profile.name, &again.sources)
    })?;
    let mut extraction =
        Extraction::new(store, job, selected, settings, invocation, stop, progress);
    extraction.named = Some(again.texts.clone());
    extraction.run()
}
