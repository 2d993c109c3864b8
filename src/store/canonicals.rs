//! Canonical URLs at the end of a crawl: which stored pages are other names of another stored page.
//!
//! A page that calls another URL its canonical one is an alias only where the content agrees: the same
//! digest, or near by simhash. Otherwise both stay, and a gap says so. It is looked at once, when every URL of
//! the job has its outcome, so that it hangs neither on the order of arrival nor on the engine, and a resume
//! comes to the same end.
//!
//! An alias keeps its source, whose body and history are true of that URL, and is not extracted: its
//! canonical page is. Its links were followed when it was stored. A later crawl that finds it unchanged leaves
//! it so until its own end, when the same question is put again; what was extracted from it before it was an
//! alias stays. Pages that name each other are one: the first by its URI stands.

use serde_json::json;

use super::Store;
use super::error::Result;
use super::frontier::Claims;
use super::gaps::GapOwner;
use super::value::values;
use crate::model::{
    Digest, Event, EventKind, Gap, JobId, Reason, Simhash, SourceId, Stage, Timestamp, UriKey,
};

/// Pages that are looked at in one transaction.
const PAGES_PER_TRANSACTION: i64 = 500;

/// Redirects that are followed from a canonical URL, and pages from one canonical URL to the next.
const LONGEST_CHAIN: usize = 16;

/// A stored page of the job that names another URL as its canonical one.
struct Named {
    key: UriKey,
    uri: String,
    source_group: String,
    outcome: String,
    source: SourceId,
    extractable: bool,
    content: Content,
}

/// A page as it is compared.
#[derive(Clone)]
struct Content {
    uri: String,
    canonical_uri: Option<String>,
    digest: Digest,
    simhash: Option<Simhash>,
}

impl Content {
    /// Returns in how many bits of their simhashes the two differ, 0 when they are the same; `None` when
    /// they cannot be compared.
    fn distance(&self, other: &Self) -> Option<u32> {
        if self.digest == other.digest {
            return Some(0);
        }
        Some(self.simhash?.distance(other.simhash?))
    }
}

impl Store {
    /// Settles the canonical URLs of some pages of a job whose URLs all have an outcome, of those behind `after`
    /// in the order of their keys. Returns the last of them; `None` when all are settled, which they count as for
    /// a worker that was dismissed.
    pub fn settle_canonicals(
        &mut self,
        claims: &Claims,
        after: Option<UriKey>,
        at: Timestamp,
    ) -> Result<Option<UriKey>> {
        let job = claims.job;
        self.transaction("settle_canonicals", |store| {
            if !store.holds_lease(claims.worker)? {
                return Ok(None);
            }
            let pages = store.pages_with_canonical(job, after)?;
            for page in &pages {
                store.settle_canonical(job, page, at)?;
            }
            if pages.is_empty() {
                store.resolve_conflicts(job, at)?;
            }
            Ok(pages.last().map(|page| page.key))
        })
    }

    fn settle_canonical(&mut self, job: JobId, page: &Named, at: Timestamp) -> Result<()> {
        let target = self
            .canonical_of(job, &page.content)?
            .filter(|target| target.uri != page.uri);
        let distance = target
            .as_ref()
            .and_then(|target| page.content.distance(target));
        match target {
            Some(target) if distance.is_some_and(|distance| distance <= Simhash::NEAR) => {
                if self.stands_for_all(job, &page.content, &target)? {
                    self.stand_alone(page)
                } else {
                    self.make_alias(job, page, &target, at)
                }
            }
            Some(target) => {
                self.stand_alone(page)?;
                let owner = GapOwner {
                    what: page.key,
                    uri: &page.uri,
                    source_group: &page.source_group,
                    source: Some(page.source),
                    extraction: None,
                    profile: None,
                };
                let differ = distance.map_or_else(
                    || "the contents differ".to_owned(),
                    |distance| format!("{distance} of 64 bits differ"),
                );
                let detail = format!("{} names {}: {differ}", page.uri, target.uri);
                let gap = Gap::whole(Reason::CanonicalConflict, detail);
                self.open_gap(Stage::Crawl, &owner, &gap, job, at)
            }
            None => self.stand_alone(page),
        }
    }

    /// A page that was an alias and is none any more is to be extracted.
    fn stand_alone(&mut self, page: &Named) -> Result<()> {
        if page.extractable {
            return Ok(());
        }
        self.set_extractable(page.source, true)
    }

    fn make_alias(
        &mut self,
        job: JobId,
        page: &Named,
        target: &Content,
        at: Timestamp,
    ) -> Result<()> {
        let changed = self.engine.execute(
            "UPDATE frontier SET outcome = 'alias', reason = $1, detail = $2, alias_of = $3 \
             WHERE job_id = $4 AND uri_key = $5 AND outcome IN ('new', 'changed', 'unchanged')",
            &values![
                Reason::CanonicalAlias.as_str(),
                &target.uri,
                UriKey::of(&target.uri),
                job,
                page.key,
            ],
        )?;
        if changed != 1 {
            // Another worker of the job was here before.
            return Ok(());
        }
        if page.extractable {
            self.set_extractable(page.source, false)?;
        }
        self.record(&Event {
            kind: EventKind::SourceAliased,
            source_uri: Some(page.uri.clone()),
            payload: json!({
                "job_id": job,
                "target": target.uri,
                "outcome": page.outcome,
                "body_digest": page.content.digest,
                "distance": page.content.distance(target),
            }),
            at,
        })
    }

    /// Says whether a page is the one that stands for all of those that name each other in a ring.
    fn stands_for_all(&mut self, job: JobId, page: &Content, target: &Content) -> Result<bool> {
        let mut least = page.uri.clone();
        let mut at = target.clone();
        for _ in 0..LONGEST_CHAIN {
            if at.uri == page.uri {
                return Ok(least == page.uri);
            }
            if at.uri < least {
                least.clone_from(&at.uri);
            }
            match self.canonical_of(job, &at)? {
                Some(next) => at = next,
                None => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Returns the stored page that `page` names as its canonical one, also where that URL redirects to it.
    /// One that asks not to be indexed is none: what it stood for would not be extracted at all. An alias,
    /// which is not extracted either, has another page that is.
    fn canonical_of(&mut self, job: JobId, page: &Content) -> Result<Option<Content>> {
        let Some(named) = &page.canonical_uri else {
            return Ok(None);
        };
        let mut key = UriKey::of(named);
        // A URL that was asked for again has its source under its own key, not under that of its row.
        let mut own = key;
        for _ in 0..LONGEST_CHAIN {
            let mut next: Option<UriKey> = None;
            own = key;
            self.engine.query(
                "SELECT CASE WHEN reason = 'redirect_alias' THEN alias_of END, uri FROM frontier \
                 WHERE job_id = $1 AND uri_key = $2",
                &values![job, key],
                &mut |row| {
                    next = row.get(0)?;
                    own = UriKey::of(&row.get::<String>(1)?);
                    Ok(())
                },
            )?;
            match next {
                Some(next) => key = next,
                None => break,
            }
        }
        let mut found = None;
        self.engine.query(
            "SELECT sources.uri, sources.canonical_uri, sources.body_digest, bodies.simhash \
             FROM sources JOIN bodies ON bodies.digest = sources.body_digest \
             WHERE sources.uri_key = $1 AND (sources.extractable OR 'canonical_alias' = (SELECT \
             frontier.reason FROM frontier WHERE frontier.source_id = sources.id \
             AND frontier.reason IN ('noindex', 'canonical_alias') \
             ORDER BY frontier.job_id DESC LIMIT 1))",
            &values![own],
            &mut |row| {
                found = Some(Content {
                    uri: row.get(0)?,
                    canonical_uri: row.get(1)?,
                    digest: row.get(2)?,
                    simhash: row.get::<Option<i64>>(3)?.map(Simhash::of_signed),
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Reads the next pages to look at; one that asks not to be indexed is not extracted either way, and one
    /// that names itself stays as it is unless it was an alias before.
    fn pages_with_canonical(&mut self, job: JobId, after: Option<UriKey>) -> Result<Vec<Named>> {
        let mut pages = Vec::new();
        self.engine.query(
            "SELECT frontier.uri_key, frontier.uri, frontier.source_group, frontier.outcome, \
             sources.id, sources.extractable, sources.canonical_uri, sources.body_digest, \
             bodies.simhash FROM frontier JOIN sources ON sources.id = frontier.source_id \
             JOIN bodies ON bodies.digest = sources.body_digest WHERE frontier.job_id = $1 \
             AND frontier.outcome IN ('new', 'changed', 'unchanged') \
             AND frontier.reason IS NULL AND sources.canonical_uri IS NOT NULL \
             AND (sources.canonical_uri <> frontier.uri OR NOT sources.extractable) \
             AND (frontier.uri_key > $2 OR $3) ORDER BY frontier.uri_key LIMIT $4",
            &values![job, after, after.is_none(), PAGES_PER_TRANSACTION],
            &mut |row| {
                let uri: String = row.get(1)?;
                pages.push(Named {
                    key: row.get(0)?,
                    uri: uri.clone(),
                    source_group: row.get(2)?,
                    outcome: row.get(3)?,
                    source: row.get(4)?,
                    extractable: row.get(5)?,
                    content: Content {
                        uri,
                        canonical_uri: row.get(6)?,
                        digest: row.get(7)?,
                        simhash: row.get::<Option<i64>>(8)?.map(Simhash::of_signed),
                    },
                });
                Ok(())
            },
        )?;
        Ok(pages)
    }

    /// Resolves the conflicts of pages that the job has stored and that are in none any more.
    fn resolve_conflicts(&mut self, job: JobId, at: Timestamp) -> Result<()> {
        self.engine.execute(
            "UPDATE gaps SET resolved_at = $1, resolved_by_job_id = $2 \
             WHERE reason = 'canonical_conflict' AND resolved_at IS NULL \
             AND job_id IS DISTINCT FROM $2 AND EXISTS (SELECT 1 FROM frontier \
             WHERE frontier.job_id = $2 AND frontier.uri_key = gaps.what \
             AND frontier.outcome IN ('new', 'changed', 'unchanged', 'alias'))",
            &values![at, job],
        )?;
        Ok(())
    }
}
