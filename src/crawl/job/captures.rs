//! The reading of a job's archives: each record becomes a row of its frontier before anything is visited.
//!
//! An archive's own URL is the unit of work: it has no outcome until every record has its row, so a crash
//! in between begins the reading again, and rows that are there stay as they are.

use std::path::PathBuf;

use super::super::archived::{self, Survey};
use super::super::seeds::other_keys;
use super::super::warc::Library;
use super::super::{CrawlSettings, Error, Scope, uri};
use super::watch::Watch;
use crate::model::{
    DiscoveredLink, FetchFacts, FrontierEntry, PageOutcome, PageResult, ProgressUpdate, Reason,
    Timestamp, UriKey,
};
use crate::store::{Claims, Store};

/// Rows written in one transaction: enough to make its cost small, and little to lose to a crash.
const ROWS_PER_TRANSACTION: usize = 1000;

/// Records between two looks whether to stop in the first pass, which writes nothing.
const RECORDS_PER_LOOK: u64 = 1000;

/// Why the reading ended early.
enum Ended {
    Stopped,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Reads the archives of a job whose rows are not all there; on a stop, what is missing is left pending.
pub(super) fn read(
    store: &mut Store,
    claims: &mut Claims,
    settings: &CrawlSettings,
    scope: &Scope,
    watch: &mut Watch<'_>,
    progress: &mut dyn FnMut(ProgressUpdate),
) -> Result<(), Error> {
    let mut pending = Vec::new();
    for path in scope.archives() {
        let key = UriKey::of(&scope.normalize(&super::super::folder::file_url(path)?));
        pending.extend(store.claim_unit(claims, key)?);
    }
    if pending.is_empty() {
        return Ok(());
    }
    let library = Library::new(settings.max_body);
    let mut reading = Reading {
        library: &library,
        store,
        claims,
        watch,
        progress,
        batch: Vec::new(),
        rows: 0,
        looked: 0,
    };
    match reading.read(settings, scope) {
        Ok(()) => reading.finish(pending),
        Err(Ended::Stopped) => Ok(store.release_urls(&pending)?),
        Err(Ended::Failed(error)) => Err(error),
    }
}

struct Reading<'a, 'b> {
    library: &'a Library,
    store: &'a mut Store,
    claims: &'a mut Claims,
    watch: &'a mut Watch<'b>,
    progress: &'a mut dyn FnMut(ProgressUpdate),
    batch: Vec<DiscoveredLink>,
    rows: u64,
    looked: u64,
}

impl Reading<'_, '_> {
    fn read(&mut self, settings: &CrawlSettings, scope: &Scope) -> Result<(), Ended> {
        let library = self.library;
        let archives: Vec<PathBuf> = scope.archives().to_vec();
        let others = other_keys(settings, scope)?;
        let taken = |key: &UriKey| others.contains(key);
        let survey = Survey::of(&archives, library, scope, &taken, &mut || self.look())?;
        self.go_on()?;
        archived::links(&archives, library, scope, &survey, &mut |link| {
            let Some(link) = link else {
                return self.look();
            };
            self.batch.push(link);
            if self.batch.len() >= ROWS_PER_TRANSACTION {
                self.write()?;
            }
            Ok::<(), Ended>(())
        })?;
        self.write()
    }

    fn look(&mut self) -> Result<(), Ended> {
        self.looked += 1;
        if self.looked.is_multiple_of(RECORDS_PER_LOOK) {
            self.go_on()?;
        }
        Ok(())
    }

    fn go_on(&mut self) -> Result<(), Ended> {
        // Before anything is written of it: a row says what is in an archive, not what could not be unpacked.
        if let Some(error) = self.library.failure() {
            return Err(Ended::Failed(error));
        }
        if self.watch.is_stopping(self.store, self.claims)? {
            return Err(Ended::Stopped);
        }
        self.watch.stay_alive(self.store, self.claims)?;
        Ok(())
    }

    fn write(&mut self) -> Result<(), Ended> {
        self.go_on()?;
        let batch = std::mem::take(&mut self.batch);
        let claims = &mut *self.claims;
        self.store.transaction("read_archive", |store| {
            store.add_urls(claims, None, &batch, Timestamp::now())
        })?;
        self.rows += batch.len() as u64;
        (self.progress)(ProgressUpdate {
            done: self.rows,
            failed: 0,
            total: None,
            label: "reading archives",
            job: Some(self.claims.job),
        });
        Ok(())
    }

    fn finish(self, pending: Vec<FrontierEntry>) -> Result<(), Error> {
        let claims = self.claims;
        let pages: Vec<PageResult> = pending.into_iter().map(whole).collect();
        self.store.transaction("store_pages", |store| {
            store.store_pages(claims, &pages).map(|_| ())
        })?;
        Ok(())
    }
}

/// The outcome of an archive as such.
fn whole(entry: FrontierEntry) -> PageResult {
    let group = url::Url::parse(&entry.uri).map(|url| uri::source_group(&url, "/"));
    PageResult {
        source_group: group.unwrap_or_default(),
        entry,
        outcome: PageOutcome::Skipped {
            reason: Reason::Archive,
            detail: String::new(),
        },
        facts: FetchFacts::default(),
        fetched_at: Timestamp::now(),
        discovered: Vec::new(),
        gaps: Vec::new(),
    }
}
